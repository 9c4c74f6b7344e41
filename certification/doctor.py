"""What the doctor asks about certification: numbers, certificates, what is written ahead."""

from collections import Counter, defaultdict
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from certification.documents.certificate import content_digest
from certification.enums import (
    CaseStatus,
    CertificateStatus,
    ComplaintKind,
    DecisionKind,
    MergerStatus,
    RevisionStatus,
)
from certification.models import (
    Application,
    ApplicationVersion,
    AuditOutcome,
    Case,
    Certificate,
    CertificateRevision,
    ChangeReport,
    Complaint,
    Decision,
    Merger,
    Offer,
)
from certification.models import Counter as NumberSeries
from certification.models.complaints import UNDECIDED
from certification.services import issuing, programme
from certification.services.outcomes import count_appeals
from foundation import jobs
from foundation.canonical import digest
from foundation.checkup import WARNING, Finding, check, name_of
from foundation.models import Job
from foundation.models.files import FileState
from foundation.models.jobs import JobState
from organisations.models import Organisation
from organisations.patterns import serial_in
from schemes.queries import book_of

PORTAL = "portal"
PATIENCE = timedelta(minutes=10)


def _lost():
    return _("Compare with the last good backup: a record was lost, or a counter was changed.")


def _series(name: str, last: int, serials: list[int], record: str):
    """Yield what is wrong with the numbers of one series that counts up to ``last``."""
    counts = Counter(serials)
    for missing in sorted(set(range(1, last + 1)) - counts.keys()):
        text = _("Number %(n)s of the series %(name)s does not exist.")
        yield Finding(text % {"n": missing, "name": name}, _lost(), record)
    for number in sorted(one for one, count in counts.items() if count > 1):
        text = _("Number %(n)s of the series %(name)s was given twice.")
        yield Finding(text % {"n": number, "name": name}, _lost(), record)
    top = max(serials, default=0)
    if top > last:
        text = _("The series %(name)s has number %(top)s, and its counter stands at %(last)s.")
        yield Finding(text % {"name": name, "top": top, "last": last}, _lost(), record)


@check(
    "numbers.portal",
    gettext_lazy(
        "The numbers of applications, cases, reported changes, mergers, complaints and appeals "
        "have no gap and no duplicate."
    ),
)
def portal_numbers():
    """Compare the numbers of each year with their counter."""
    complaints = Complaint.objects.all()
    for series, rows in (
        ("A", Application.objects.exclude(number="")),
        ("C", Case.objects.all()),
        ("M", ChangeReport.objects.all()),
        ("MG", Merger.objects.all()),
        ("CP", complaints.filter(kind=ComplaintKind.COMPLAINT)),
        ("AP", complaints.filter(kind=ComplaintKind.APPEAL)),
    ):
        given = defaultdict(list)
        for number in rows.order_by().values_list("number", flat=True).iterator():
            _letter, year, serial = number.split("-")
            given[int(year)].append(int(serial))
        counters = NumberSeries.objects.filter(scope=PORTAL, series=series)
        last = dict(counters.values_list("year", "last"))
        for year in sorted(given.keys() | last.keys()):
            name = f"{series}-{year}"
            yield from _series(name, last.get(year, 0), given[year], f"counter {name}")


@check(
    "numbers.certificates",
    gettext_lazy("The numbers of certificates have no gap and no duplicate."),
)
def certificate_numbers():
    """Compare the certificates of each body, scheme and year with their counter."""
    given = defaultdict(list)
    names = {}
    rows = Certificate.objects.order_by().values_list(
        "body_id", "body__name_en", "body__body_profile__number_pattern", "scheme__code",
        "first_issued_on", "number",
    )  # fmt: skip
    for body, name, pattern, scheme, on, number in rows.iterator():
        given[str(body), scheme, on.year].append(serial_in(pattern, number))
        names[str(body)] = name
    counters = NumberSeries.objects.exclude(scope=PORTAL).exclude(year=0)
    last = {(row.scope, row.series, row.year): row.last for row in counters}
    for key in sorted(given.keys() | last.keys()):
        body, scheme, year = key
        name = f"{names.get(body, body)} {scheme} {year}"
        record = f"counter {body} {scheme} {year}"
        if None not in given[key]:
            yield from _series(name, last.get(key, 0), given[key], record)
        elif len(given[key]) != last.get(key, 0):
            # The body has changed its pattern since: the serials cannot be read, only counted.
            text = _(
                "The series %(name)s has %(count)s certificates, and its counter says %(last)s."
            )
            facts = {"name": name, "count": len(given[key]), "last": last.get(key, 0)}
            yield Finding(text % facts, _lost(), record)


_COUNTED = (
    (CertificateRevision, "certificate", "revision"),
    (Offer, "application", "version"),
    (ApplicationVersion, "application", "version"),
)


@check(
    "numbers.versions",
    gettext_lazy("Revisions, offers and versions of an application count 1, 2, 3 without a gap."),
)
def versions():
    """Compare the first, the last and the count of what is numbered within one record."""
    for model, parent, column in _COUNTED:
        groups = (
            model._base_manager.order_by()
            .values(parent)
            .annotate(count=Count("pk"), low=Min(column), top=Max(column))
            .exclude(low=1, top=F("count"))
        )
        for row in groups:
            yield Finding(
                _("%(kind)s %(low)s to %(top)s are %(count)s.")
                % {**row, "kind": model._meta.verbose_name_plural},
                _lost(),
                f"certification.{parent} {row[parent]}",
            )


@check(
    "certificates.revisions", gettext_lazy("Every published certificate has one revision in force.")
)
def revisions():
    """Compare the state of certificates with the revisions in force."""
    rows = Certificate.objects.annotate(
        current=Count("revisions", filter=Q(revisions__status=RevisionStatus.ISSUED))
    )
    issuing_ones = Q(status=CertificateStatus.ISSUING)
    wrong = rows.filter((issuing_ones & ~Q(current=0)) | (~issuing_ones & ~Q(current=1)))
    for row in wrong.iterator():
        yield Finding(
            _("Certificate %(number)s is “%(status)s” and has %(count)s revisions in force.")
            % {"number": row.number, "status": row.get_status_display(), "count": row.current},
            _("Read its journal; something wrote past the workflow."),
            name_of(row),
        )


@check("certificates.files", gettext_lazy("Every issued revision has its document, with a hash."))
def issued_files():
    """Find issued revisions without bytes that can be vouched for."""
    rows = CertificateRevision.objects.exclude(status=RevisionStatus.ISSUING)
    bad = Q(file=None) | Q(file__sha256="") | ~Q(file__state=FileState.STORED)
    for row in rows.filter(bad).select_related("certificate").iterator():
        yield Finding(
            _("%(revision)s is issued and has no stored document with a hash.") % {"revision": row},
            _("Put the bytes of a backup in its place."),
            name_of(row),
        )


@check(
    "certificates.content",
    gettext_lazy("What was frozen is unchanged: certificates and submitted applications."),
    slow=True,
)
def frozen():
    """Recompute the digest of everything that was written ahead or submitted."""
    for row in CertificateRevision.objects.select_related("certificate").iterator():
        number = row.certificate.number
        if row.digest != content_digest(row.content) or row.content["number"] != number:
            yield _changed(row)
    for row in ApplicationVersion.objects.select_related("application").iterator():
        if row.sha256 != digest(row.snapshot):
            yield _changed(row)


def _changed(row):
    return Finding(
        _("The content of %(record)s is not what was frozen.") % {"record": row},
        _("Compare with the last good backup, and find out who reached the database."),
        name_of(row),
    )


def _ask_for_document(revision):
    jobs.enqueue(issuing.RENDER, key=f"render:{revision.pk}", subject=revision)


@check("certificates.issuing", gettext_lazy("What is written ahead is being issued."))
def being_issued():
    """Find revisions that nobody will issue, or that wait for long."""
    about = Job.objects.filter(kind=issuing.RENDER, subject_id=OuterRef("pk"))
    rows = CertificateRevision.objects.filter(status=RevisionStatus.ISSUING)
    rows = rows.annotate(job=Subquery(about.values("state")[:1])).select_related("certificate")
    limit = timezone.now() - PATIENCE
    for row in rows.iterator():
        if row.job is None:
            yield Finding(
                _("Nobody is issuing %(revision)s.") % {"revision": row},
                _("The doctor can ask for its document again, under the same number."),
                name_of(row),
                repair=partial(_ask_for_document, row),
            )
        elif row.job in (JobState.FAILED, JobState.DONE):
            yield Finding(
                _("%(revision)s was not issued, and its job is over.") % {"revision": row},
                _("Remove the cause, then try its job again on the page of the job."),
                name_of(row),
            )
        elif row.created_at < limit:
            yield Finding(
                _("%(revision)s is being issued since %(at)s.")
                % {"revision": row, "at": row.created_at.isoformat(timespec="seconds")},
                _("Start the scheduler and a worker; see that the broker answers."),
                name_of(row),
                WARNING,
            )


@check("decisions.effects", gettext_lazy("No decision rests twice on one cycle of a case."))
def decided_once():
    """Find first certifications and renewals of one cycle that were decided more than once."""
    kinds = (DecisionKind.GRANT, DecisionKind.RENEW)
    twice = (
        Decision.objects.filter(kind__in=kinds)
        .order_by()
        .values("case", "case__number", "cycle", "kind")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    for row in twice:
        yield Finding(
            _("Case %(number)s was decided %(count)s times in cycle %(cycle)s.")
            % {"number": row["case__number"], "count": row["count"], "cycle": row["cycle"]},
            _("Read its journal; something decided past the workflow."),
            f"certification.case {row['case']}",
        )


@check(
    "programme.windows",
    gettext_lazy("Every audit to come has the window that the rules and the decision give."),
)
def windows():
    """Count the windows of the programmes again, and compare their end with the certificates."""
    books = {}
    issuing_now = set(
        CertificateRevision.objects.filter(status=RevisionStatus.ISSUING).values_list(
            "certificate__case", flat=True
        )
    )
    rows = Case.objects.filter(status__in=(CaseStatus.CERTIFIED, CaseStatus.DECIDING))
    rows = rows.exclude(cycle_starts_on=None).select_related("rule_set")
    for case in rows.prefetch_related("programme", "certificates").iterator(chunk_size=500):
        cycle = programme.cycle_of(case)
        ends = {certificate.expires_on for certificate in case.certificates.all()}
        if cycle is None or (case.pk not in issuing_now and cycle.expires_on not in ends):
            yield Finding(
                _("The cycle of case %(number)s does not end with a certificate of it.")
                % {"number": case.number},
                _("Read its journal; something changed its programme past the services."),
                name_of(case),
            )
            continue
        if case.rule_set_id not in books:
            books[case.rule_set_id] = book_of(case.rule_set)
        for item, found in programme.misplaced(case, books[case.rule_set_id]).items():
            yield Finding(
                _("%(audit)s is planned until %(kept)s, and the rules give %(counted)s.")
                % {"audit": item, "kept": item.window_to, "counted": found.on},
                _("The doctor can count it again."),
                name_of(item),
                repair=partial(programme.put_right, item, found),
            )


@check("outcomes.appeals", gettext_lazy("What a case counts of open appeals is what there is."))
def outcomes_count_appeals():
    """Count the undecided appeals against findings again and compare with what decisions read."""
    undecided = Complaint.objects.filter(kind=ComplaintKind.APPEAL, status__in=UNDECIDED)
    by_audit = undecided.exclude(audit_id=None).order_by().values("audit_id")
    there = dict(by_audit.annotate(count=Count("pk")).values_list("audit_id", "count"))
    rows = AuditOutcome.objects.filter(Q(open_appeals__gt=0) | Q(audit_id__in=there))
    for row in rows.select_related("case"):
        found = there.get(row.audit_id, 0)
        if row.open_appeals != found:
            yield Finding(
                _("Case %(number)s counts %(kept)s open appeals, and there are %(found)s.")
                % {"number": row.case.number, "kept": row.open_appeals, "found": found},
                _("The doctor can count them anew."),
                name_of(row),
                repair=partial(_count_appeals, row.audit_id),
            )


@transaction.atomic
def _count_appeals(audit_id):
    count_appeals(audit_id)


@check(
    "mergers.parties",
    gettext_lazy("Who merged into whom, and who holds a case and its certificates, agrees."),
)
def mergers_agree():
    """Compare the enterprises with their mergers, and the certificates with their cases."""
    words = _("Read its journal; something changed it past the workflow.")
    for row in Certificate.objects.exclude(enterprise=F("case__enterprise")).order_by("number"):
        text = _("Certificate %(number)s and its case name different holders.")
        yield Finding(text % {"number": row.number}, words, name_of(row))
    agreed = Merger.objects.filter(
        absorbed=OuterRef("pk"),
        absorbing=OuterRef("successor"),
        status__in=(MergerStatus.AGREED, MergerStatus.DONE),
    )
    rows = Organisation.objects.exclude(successor=None).exclude(Exists(agreed))
    for row in rows.order_by("pk"):
        text = _("%(name)s merges into another enterprise without an agreed merger.")
        yield Finding(text % {"name": row.name}, words, name_of(row))
    forgotten = Merger.objects.filter(
        Q(status=MergerStatus.AGREED, absorbed__ended_on__isnull=False)
        | Q(status=MergerStatus.DONE, absorbed__ended_on=None)
        | Q(status__in=(MergerStatus.AGREED, MergerStatus.DONE), absorbed__successor=None)
    )
    for row in forgotten.order_by("number"):
        text = _("Merger %(number)s and the enterprise that ends with it stand differently.")
        yield Finding(text % {"number": row.number}, words, name_of(row))
