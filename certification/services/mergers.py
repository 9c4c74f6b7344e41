"""Two enterprises agree that one goes up in the other, and what follows for their certifications.

Nobody takes over what is another's by a claim: nothing moves before both owners have said yes, and
each case passes over only when a certifier of its body decides so.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from certification.enums import (
    LIVE,
    OPEN_CHANGES,
    OPEN_MERGERS,
    ApplicationStatus,
    ChangeKind,
    ComplaintKind,
    MergerStatus,
)
from certification.models import Application, Case, ChangeReport, Complaint, Merger
from certification.services import changes
from certification.services.merger_telling import tell
from certification.services.numbers import next_number
from foundation import files, journal
from foundation.workflow import NotAllowed, WrongState
from organisations.enums import Kind, Role
from organisations.models import Organisation
from organisations.services.organisations import save_site
from schemes.queries import rule_book_for

REPORTED = "merger.report"
EVIDENCE = "merger"
OVER = (
    ApplicationStatus.DRAFT,
    ApplicationStatus.SIGNED,
    ApplicationStatus.DECLINED,
    ApplicationStatus.REJECTED,
    ApplicationStatus.CANCELLED,
)


def enterprise_with(country: str, identifier: str) -> Organisation | None:
    """Return the enterprise registered under exactly this identifier, or None."""
    rows = Organisation.objects.filter(kind=Kind.ENTERPRISE, country=country)
    return rows.filter(identifier=identifier).first()


def lock(*organisations) -> None:
    """Let nobody else merge any of these enterprises until the commit."""
    keys = [row.pk for row in organisations]
    list(Organisation.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def hindrances(absorbed, absorbing, *, besides=None) -> list[str]:
    """Say why one enterprise cannot go up in the other now.

    ``besides`` is the merger that is asked about, which does not stand in its own way.
    """
    rows = Merger.objects.filter(status__in=OPEN_MERGERS)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    pair = Organisation.objects.filter(pk__in=[absorbed.pk, absorbing.pk])
    found = [
        _("%(name)s merges, or has merged, already.") % {"name": row.name}
        for row in pair.exclude(successor=None).order_by("pk")
    ]
    if rows.filter(absorbed=absorbed).exists() and absorbed.successor_id is None:
        text = _("A merger in which %(name)s ends is reported already.")
        found.append(text % {"name": absorbed.name})
    if rows.filter(absorbed=absorbing, absorbing=absorbed).exists():
        text = _("The opposite is reported already: that %(name)s goes up in the other.")
        found.append(text % {"name": absorbing.name})
    agreed = rows.filter(status=MergerStatus.AGREED, absorbing=absorbed)
    if agreed.exists():
        text = _("Another enterprise is just merging into %(name)s: complete that first.")
        found.append(text % {"name": absorbed.name})
    return found


@transaction.atomic
def report(*, actor, absorbed, absorbing, description: str, takes_effect_on, uploads) -> Merger:
    """Report a merger for one of its two sides; the other is asked to confirm.

    Raises NotAllowed for others than an owner of one side, WrongState when either cannot merge.
    """
    own = actor.organisation
    if not actor.holds(Role.OWNER, own and own.pk) or own.pk not in (absorbed.pk, absorbing.pk):
        raise NotAllowed(_("Only an owner of one of the two enterprises reports their merger."))
    lock(absorbed, absorbing)
    if problems := hindrances(absorbed, absorbing):
        raise WrongState(" ".join(problems))
    today = timezone.localdate()
    limit = rule_book_for(str(own.country), today).limit("merger_agreement_working_days")
    merger = Merger.objects.create(
        number=f"MG-{today.year}-{next_number(scope='portal', series='MG', year=today.year):04}",
        absorbed=absorbed,
        absorbing=absorbing,
        reporter=own,
        description=description,
        takes_effect_on=takes_effect_on,
        confirm_by=limit.last_day(today),
        reported_by=actor.user,
    )
    for upload in uploads:
        files.attach(files.store(upload, actor=actor), merger, EVIDENCE)
    facts = {"number": merger.number, "description": description}
    journal.record(merger, REPORTED, actor, facts, after=merger.status)
    tell("merger.asked", merger, merger.other)
    return merger


def ask_bodies(merger: Merger, actor, reporter) -> int:
    """Report the merger to the body of every case of the enterprise that ends; return how many.

    May run any number of times: a case that has an open report gets no second one.
    """
    open_ones = ChangeReport.objects.filter(merger=merger, status__in=OPEN_CHANGES)
    rows = Case.objects.filter(enterprise=merger.absorbed, status__in=LIVE)
    cases = list(rows.exclude(pk__in=open_ones.values("case")).order_by("number"))
    evidence = list(files.attachments_of(merger, EVIDENCE))
    for case in cases:
        change = changes.write(
            case=case,
            kind=ChangeKind.MERGER,
            description=merger.description,
            takes_effect_on=merger.takes_effect_on,
            reported_by=reporter,
            merger=merger,
        )
        for row in evidence:
            files.attach(row.file, change, changes.EVIDENCE)
        changes.announce(change, actor)
    return len(cases)


def left_over(merger: Merger) -> list[tuple[str, object]]:
    """Return what of the enterprise that ends is not settled: its words, and the record."""
    former = merger.absorbed_id
    cases = Case.objects.filter(enterprise=former, status__in=LIVE)
    applications = Application.objects.filter(enterprise=former).exclude(status__in=OVER)
    appeals = Complaint.objects.open().filter(kind=ComplaintKind.APPEAL, enterprise=former)
    return [
        (words % {"number": row.number}, row)
        for words, rows in (
            (_("Case %(number)s"), cases),
            (_("Application %(number)s"), applications),
            (_("Appeal %(number)s"), appeals),
        )
        for row in rows.order_by("number")
    ]


def end_absorbed(merger: Merger, actor) -> None:
    """Let the enterprise end whose last case was settled; its sites go on with the other."""
    former, holder = merger.absorbed, merger.absorbing
    former.ended_on = timezone.localdate()
    former.save(update_fields=["ended_on", "changed_at"])
    journal.record(former, "organisation.merged", actor, {"number": merger.number})
    facts = {"organisation": holder, "is_central": False}
    for site in former.sites.filter(active=True):
        save_site(actor=actor, organisation=holder, facts=facts, site=site)
