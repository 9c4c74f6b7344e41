"""The dates of certification somebody is reminded of: what, until which state, whom.

How many days before stands in the rule sets (schemes/data/rules), with edition and source.
"""

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import TruncDate

from certification.enums import ApplicationStatus, CertificateStatus, ChangeStatus, MergerStatus
from certification.flows.certificates import IN_FORCE
from certification.models import (
    Application,
    Certificate,
    ChangeReport,
    Complaint,
    Merger,
    MonthlyReport,
    Offer,
    ReviewRequest,
)
from certification.models.applications import WITH_REVIEWER
from certification.queries.complaints import missed_limit
from certification.services import complaint_telling, merger_telling
from certification.services.changes import DESK, facts_of
from certification.services.telling import tell_body, tell_holder
from foundation.formatting import money
from foundation.notices import in_both, notify
from foundation.reminders import Reminder, register
from organisations.enums import Role
from schemes.queries.reminders import by_country, by_rule_set

_PARTIES = ("enterprise", "body")


# The way from a record to what says by which rules it is reminded of.
OF_CASE = "case__rule_set"
_COUNTRY = "enterprise__country"


def _tell_about(kind, application, people, url="", **facts):
    notify(
        kind,
        to=people,
        obj=application,
        url=url or application.get_absolute_url(),
        number=application.number,
        enterprise_zh=application.enterprise.name_zh,
        enterprise_en=application.enterprise.name_en,
        body_zh=application.body.name_zh,
        body_en=application.body.name_en,
        **facts,
    )


def _expiring():
    rows = Certificate.objects.filter(status__in=IN_FORCE)
    return rows.select_related(*_PARTIES, "case")


def _tell_of_expiry(certificate, facts):
    tell_holder("certificate.expiring", certificate, **facts)
    tell_body("certificate.expiring", certificate, Role.PLANNER, **facts)


def _suspended():
    rows = Certificate.objects.filter(status=CertificateStatus.SUSPENDED)
    return rows.select_related(*_PARTIES, "case")


def _tell_of_suspension(certificate, facts):
    tell_holder("certificate.suspension_ends", certificate, **facts)
    people = (Role.CERTIFIER, Role.MANAGER)
    tell_body("certificate.suspension_ending", certificate, *people, **facts)


def _to_transfer():
    rows = Certificate.objects.filter(status__in=IN_FORCE, transferred_on=None)
    return rows.exclude(transfer_by=None).select_related(*_PARTIES, "case")


def _tell_of_transfer(certificate, facts):
    tell_holder("certificate.transfer_due", certificate, **facts)


def _reports():
    rows = MonthlyReport.objects.filter(handed_in_on=None)
    return rows.select_related("body")


def _tell_of_report(report, facts):
    kind = in_both("kind", lambda row: row.get_kind_display(), report)
    people = report.body.people(Role.MANAGER)
    url = report.get_absolute_url()
    month = f"{report.month:%Y-%m}"
    notify("report.due", to=people, obj=report, url=url, month=month, **kind, **facts)


def _open_offers():
    later = Offer.objects.filter(
        application=OuterRef("application"), version__gt=OuterRef("version")
    )
    rows = Offer.objects.filter(application__status=ApplicationStatus.OFFERED)
    rows = rows.exclude(Exists(later)).exclude(file=None)
    return rows.select_related("application__enterprise", "application__body")


def _tell_of_offer(offer, facts):
    people = offer.application.enterprise.people(Role.OWNER)
    facts = facts | in_both("total", lambda sum_: money(sum_, offer.currency), offer.total)
    url = offer.get_absolute_url()
    _tell_about("offer.expiring", offer.application, people, url, **facts)


def _in_review():
    rows = Application.objects.filter(status__in=WITH_REVIEWER)
    return rows.select_related(*_PARTIES, "reviewer")


def _tell_of_review(application, facts):
    reviewer = application.reviewer
    people = [reviewer] if reviewer else application.body.people(Role.REVIEWER)
    _tell_about("application.review_due", application, people, **facts)


def _returned():
    rows = Application.objects.filter(status=ApplicationStatus.RETURNED)
    sent = ReviewRequest.objects.filter(application=OuterRef("pk")).exclude(sent_at=None)
    rows = rows.annotate(
        returned_on=TruncDate(Subquery(sent.order_by("-sent_at").values("sent_at")[:1]))
    )
    return rows.select_related(*_PARTIES)


def _tell_of_questions(application, facts):
    people = application.enterprise.people(Role.OWNER, Role.MEMBER)
    _tell_about("application.waiting", application, people, **facts)


def _open_complaints():
    rows = Complaint.objects.open().exclude(due_on=None)
    return rows.select_related("body", "enterprise", "handler")


def _tell_of_complaint(complaint, facts):
    """Tell who has to act and the managers; and who complained, once a promise was missed."""
    people = [*complaint.body.people(Role.MANAGER), complaint.handler]
    complaint_telling.tell("complaint.due", complaint, dict.fromkeys(people), **facts)
    if missed_limit(complaint) is not None and complaint.authority_id is None:
        complaint_telling.tell_complainant("late", complaint)


def _to_assess():
    rows = ChangeReport.objects.filter(status=ChangeStatus.REPORTED)
    return rows.select_related("case__enterprise", "case__body")


def _tell_of_change(change, facts):
    tell_body("change.due", change.case, *DESK, **facts_of(change), **facts)


def _to_confirm():
    rows = Merger.objects.filter(status=MergerStatus.PROPOSED)
    return rows.select_related("absorbed", "absorbing", "reporter")


def _tell_of_merger(merger, facts):
    due = {f"due_{tag}": facts.pop(f"date_{tag}") for tag in ("zh", "en")}
    merger_telling.tell("merger.due", merger, merger.other, **due, **facts)


register(
    Reminder(
        key="complaint.due",
        rows=_open_complaints,
        date="due_on",
        steps=by_country(
            "body__country",
            before="complaint_reminder_working_days",
            after="complaint_overdue_reminder_working_days",
        ),
        tell=_tell_of_complaint,
    )
)
register(
    Reminder(
        key="change.due",
        rows=_to_assess,
        date="assess_by",
        steps=by_rule_set(
            OF_CASE,
            before="change_reminder_working_days",
            after="change_overdue_reminder_working_days",
        ),
        tell=_tell_of_change,
    )
)
register(
    Reminder(
        key="merger.due",
        rows=_to_confirm,
        date="confirm_by",
        steps=by_country("reporter__country", before="merger_reminder_working_days"),
        tell=_tell_of_merger,
    )
)
register(
    Reminder(
        key="certificate.expiring",
        rows=_expiring,
        date="expires_on",
        steps=by_rule_set(OF_CASE, before="reminder_days"),
        tell=_tell_of_expiry,
    )
)
register(
    Reminder(
        key="certificate.suspension_ending",
        rows=_suspended,
        date="suspended_until",
        steps=by_rule_set(OF_CASE, before="suspension_reminder_days"),
        tell=_tell_of_suspension,
    )
)
register(
    Reminder(
        key="certificate.transfer_due",
        rows=_to_transfer,
        date="transfer_by",
        steps=by_rule_set(OF_CASE, before="reminder_days"),
        tell=_tell_of_transfer,
    )
)
register(
    Reminder(
        key="report.due",
        rows=_reports,
        date="due_on",
        steps=by_country("body__country", before="report_reminder_working_days"),
        tell=_tell_of_report,
    )
)
register(
    Reminder(
        key="offer.expiring",
        rows=_open_offers,
        date="valid_until",
        steps=by_country(
            "application__enterprise__country",
            before="offer_reminder_working_days",
        ),
        tell=_tell_of_offer,
    )
)
register(
    Reminder(
        key="application.review_due",
        rows=_in_review,
        date="review_due_on",
        steps=by_country(
            _COUNTRY,
            before="review_reminder_working_days",
            after="review_overdue_reminder_working_days",
        ),
        tell=_tell_of_review,
    )
)
register(
    Reminder(
        key="application.waiting",
        rows=_returned,
        date="returned_on",
        steps=by_country(_COUNTRY, after="returned_reminder_working_days"),
        tell=_tell_of_questions,
    )
)
