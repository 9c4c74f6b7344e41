"""What people are told about audits and findings.

Required are the proposal of an audit, to whose team and dates the client may object
(ISO/IEC 17021-1:2015 9.2.3), and nonconformities with what becomes of the answers
(ISO/IEC 17021-1:2015 9.4.9, 9.4.10), because limits begin with them.
"""

from django.utils.translation import gettext_lazy as _

from audits import calendar
from audits.models import Audit
from certification.notices.groups import NEWS
from foundation.notices import WORK, Group, Required, register, register_group
from organisations.enums import Kind

PROPOSED = Required(
    _("Proposed audits and answers to objections"),
    _("The client must know who audits and when, and may object."),
)
FOUND = Required(
    _("New nonconformities, rejected answers and their limits"),
    _("A nonconformity must be answered within its limit."),
)

AUDITS = register_group(
    Group(
        "audits",
        _("Audits"),
        _("Dates, team and timetable, and when they change."),
        parties=frozenset({Kind.ENTERPRISE, Kind.BODY}),
        position=30,
    )
)
FINDINGS = register_group(
    Group(
        "findings",
        _("Nonconformities"),
        _("What was found, and what became of your answers."),
        parties=frozenset({Kind.ENTERPRISE}),
        position=40,
    )
)


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
    group=WORK,
)
register(
    "audits.days_to_approve",
    title=_("Audit %(number)s: fewer audit days to approve"),
    body=_(
        "%(client)s: %(planned)s of %(days)s computed days are planned. The reason: %(reason)s "
        "Approve it or send it back; until then nothing is proposed."
    ),
    group=WORK,
)
register(
    "audits.days_approved",
    title=_("Audit %(number)s: the fewer audit days are approved"),
    body=_("%(client)s: %(planned)s of %(days)s computed days may be planned. %(reason)s"),
    group=WORK,
)
register(
    "audits.days_sent_back",
    title=_("Audit %(number)s: the fewer audit days were sent back"),
    body=_(
        "%(client)s: %(planned)s of %(days)s computed days are not approved. The reason: "
        "%(reason)s Plan more days, or ask anew with a better reason."
    ),
    group=WORK,
)
register(
    "audits.conflict",
    title=_("%(person)s has a conflict of interest"),
    body=_("For audit %(number)s of %(client)s somebody else is needed."),
    group=WORK,
)
register(
    "audits.conflict_late",
    title=_("%(person)s of the team of audit %(number)s declared an interest"),
    body=_("%(client)s: the audit is under way or held. Decide whether it can stand."),
    group=WORK,
)
register(
    "audits.proposed",
    title=_("Dates and team for audit %(number)s"),
    body=_("%(body)s proposes the dates and the team. Look at both, then confirm them or object."),
    group=AUDITS,
    required=PROPOSED,
)
register(
    "audits.timetable",
    title=_("The timetable of audit %(number)s is there"),
    body=_("You can now confirm the audit, or object to its dates or team."),
    group=AUDITS,
)
register(
    "audits.absent",
    title=_("%(person)s is not available for audit %(number)s"),
    body=_(
        "Not available on %(days)s, on which the audit of %(client)s counts on this person. Look "
        "for somebody else, or for other days."
    ),
    group=WORK,
)
register(
    "audits.objected",
    title=_("Objection to audit %(number)s"),
    body=_("%(client)s objects: %(reason)s"),
    group=WORK,
)
register(
    "audits.objection_answered",
    title=_("Your objection to audit %(number)s is answered"),
    body=_("%(body)s answers: %(answer)s"),
    group=AUDITS,
    required=PROPOSED,
)
register(
    "audits.confirmed",
    title=_("Audit %(number)s is confirmed"),
    body=_("%(body)s audits %(client)s as agreed; the appointment is attached for your calendar."),
    attach=_calendar,
    group=AUDITS,
)
register(
    "audits.announced",
    title=_("Audit %(number)s is announced"),
    body=_(
        "%(body)s audits %(client)s at short notice; the appointment is attached for your "
        "calendar. %(reason)s"
    ),
    attach=_calendar,
    group=AUDITS,
    required=PROPOSED,
)
register(
    "audits.cancelled",
    title=_("Audit %(number)s is cancelled"),
    body=_("The appointment leaves your calendar with the attached file. Reason: %(reason)s"),
    attach=_calendar,
    group=AUDITS,
)
register(
    "audits.back_in_planning",
    title=_("Audit %(number)s is being planned anew"),
    body=_("The confirmed dates no longer hold. Reason: %(reason)s"),
    group=AUDITS,
)
register(
    "audits.closed",
    title=_("Audit %(number)s: the findings"),
    body=_("The audit has ended. Nonconformities to answer: %(count)s."),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.report_to_review",
    title=_("Report of audit %(number)s to review"),
    body=_("The report on %(client)s was submitted. Somebody outside the team reviews it."),
    group=WORK,
)
register(
    "audits.report_returned",
    title=_("Report of audit %(number)s came back"),
    body=_("The review asks for changes: %(reason)s"),
    group=WORK,
)
register(
    "audits.report_accepted",
    title=_("The report of audit %(number)s is ready"),
    body=_("The report passed the review. You can download it from the page of the audit."),
    group=NEWS,
)
register(
    "audits.aborted",
    title=_("Audit %(number)s was broken off"),
    body=_("Reason: %(reason)s"),
    group=AUDITS,
)
register(
    "audits.answered",
    title=_("%(finding)s of audit %(number)s: answer to judge"),
    body=_("%(client)s sent its answer on “%(title)s”."),
    group=WORK,
)
register(
    "audits.judge",
    title=_("%(finding)s of audit %(number)s is yours to judge"),
    body=_("You are to judge what %(client)s answers on “%(title)s”."),
    group=WORK,
)
register(
    "audits.evidence_sent",
    title=_("%(finding)s of audit %(number)s: evidence to verify"),
    body=_("%(client)s sent evidence on “%(title)s”."),
    group=WORK,
)
register(
    "audits.plan_accepted",
    title=_("%(finding)s: your plan is accepted"),
    body=_("Carry it out and send the evidence on “%(title)s”."),
    group=FINDINGS,
)
register(
    "audits.answer_rejected",
    title=_("%(finding)s: please answer again"),
    body=_("The auditor does not accept the answer on “%(title)s”: %(reason)s"),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.finding_closed",
    title=_("%(finding)s is closed"),
    body=_("The auditor verified what you did about “%(title)s”."),
    group=FINDINGS,
)
register(
    "audits.finding_due",
    title=_("%(finding)s of audit %(number)s: your turn until %(date)s"),
    body=_("%(left)s. “%(title)s” waits for your answer or your evidence."),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.extension_asked",
    title=_("%(finding)s: %(client)s asks for more time"),
    body=_("Until %(date)s, for “%(title)s” of audit %(number)s."),
    group=WORK,
)
register(
    "audits.extension_waiting",
    title=_("%(finding)s: %(client)s waits for an answer about more time"),
    body=_("The limit of “%(title)s” of audit %(number)s is %(date)s. %(left)s."),
    group=WORK,
)
register(
    "audits.extension_granted",
    title=_("%(finding)s: more time until %(date)s"),
    body=_("%(body)s granted it for “%(title)s” of audit %(number)s."),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.extension_refused",
    title=_("%(finding)s: no more time"),
    body=_("The limit of “%(title)s” stays %(date)s: %(reason)s"),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.finding_escalated",
    title=_("%(finding)s of audit %(number)s is a major nonconformity now"),
    body=_(
        "“%(title)s” was not resolved within its limit. It has to be verified before the next "
        "decision; the new limit is %(date)s."
    ),
    group=FINDINGS,
    required=FOUND,
)
register(
    "audits.finding_escalated_here",
    title=_("%(finding)s of audit %(number)s is a major nonconformity now"),
    body=_("%(client)s did not resolve “%(title)s” within its limit. The new limit is %(date)s."),
    group=WORK,
)
register(
    "audits.unconfirmed",
    title=_("Audit %(number)s begins on %(date)s and is not confirmed"),
    body=_("%(left)s. Confirm the dates and the team of %(body)s, or object to them."),
    group=AUDITS,
    required=PROPOSED,
)
register(
    "audits.soon",
    title=_("Audit %(number)s begins on %(date)s"),
    body=_("%(left)s. %(body)s audits %(client)s."),
    group=AUDITS,
)
register(
    "finding.reminder",
    title=_("Reminder: finding %(number)s waits for your answer"),
    body=_("%(body)s asks you to answer this finding. Its page says what is expected until when."),
    group=FINDINGS,
)
