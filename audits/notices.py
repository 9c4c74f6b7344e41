"""What people are told about audits and findings."""

from django.utils.translation import gettext_lazy as _

from audits import calendar
from audits.models import Audit
from foundation.notices import register


def _calendar(notice):
    """Return the audit as a calendar file in the recipient's language."""
    audit = Audit._base_manager.select_related("case", "enterprise").get(pk=notice.subject_id)
    yield calendar.file_name(audit), calendar.calendar_of(audit), calendar.CONTENT_TYPE


register(
    "audits.declare",
    title=_("Declare your interests for audit %(number)s"),
    body=_(
        "You are to be on the team that audits %(client)s: say whether anything stands against it."
    ),
)
register(
    "audits.conflict",
    title=_("%(person)s has a conflict of interest"),
    body=_("For audit %(number)s of %(client)s somebody else is needed."),
)
register(
    "audits.proposed",
    title=_("Dates and team for audit %(number)s"),
    body=_("%(body)s proposes the dates and the team. Look at both, then confirm them or object."),
)
register(
    "audits.timetable",
    title=_("The timetable of audit %(number)s is there"),
    body=_("You can now confirm the audit, or object to its dates or team."),
)
register(
    "audits.objected",
    title=_("Objection to audit %(number)s"),
    body=_("%(client)s objects: %(reason)s"),
)
register(
    "audits.objection_answered",
    title=_("Your objection to audit %(number)s is answered"),
    body=_("%(body)s answers: %(answer)s"),
)
register(
    "audits.confirmed",
    title=_("Audit %(number)s is confirmed"),
    body=_("%(body)s audits %(client)s as agreed; the appointment is attached for your calendar."),
    attach=_calendar,
)
register(
    "audits.cancelled",
    title=_("Audit %(number)s is cancelled"),
    body=_("The appointment leaves your calendar with the attached file. Reason: %(reason)s"),
    attach=_calendar,
)
register(
    "audits.back_in_planning",
    title=_("Audit %(number)s is being planned anew"),
    body=_("The confirmed dates no longer hold. Reason: %(reason)s"),
)
register(
    "audits.closed",
    title=_("Audit %(number)s: the findings"),
    body=_("The audit has ended. Nonconformities to answer: %(count)s."),
)
register(
    "audits.report_to_review",
    title=_("Report of audit %(number)s to review"),
    body=_("The report on %(client)s was submitted. Somebody outside the team reviews it."),
)
register(
    "audits.report_returned",
    title=_("Report of audit %(number)s came back"),
    body=_("The review asks for changes: %(reason)s"),
)
register(
    "audits.report_accepted",
    title=_("The report of audit %(number)s is ready"),
    body=_("The report passed the review. You can download it from the page of the audit."),
)
register(
    "audits.aborted",
    title=_("Audit %(number)s was broken off"),
    body=_("Reason: %(reason)s"),
)
register(
    "audits.answered",
    title=_("%(finding)s of audit %(number)s: answer to judge"),
    body=_("%(client)s sent its answer on “%(title)s”."),
)
register(
    "audits.evidence_sent",
    title=_("%(finding)s of audit %(number)s: evidence to verify"),
    body=_("%(client)s sent evidence on “%(title)s”."),
)
register(
    "audits.plan_accepted",
    title=_("%(finding)s: your plan is accepted"),
    body=_("Carry it out and send the evidence on “%(title)s”."),
)
register(
    "audits.answer_rejected",
    title=_("%(finding)s: please answer again"),
    body=_("The auditor does not accept the answer on “%(title)s”: %(reason)s"),
)
register(
    "audits.finding_closed",
    title=_("%(finding)s is closed"),
    body=_("The auditor verified what you did about “%(title)s”."),
)
