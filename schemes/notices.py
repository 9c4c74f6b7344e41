"""What people are told of approvals and competence, and how their history reads."""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import WORK, register
from organisations.notices import BODIES, PEOPLE

register(
    "schemes.approval_recorded",
    title=_("Your body is approved: %(scheme)s"),
    body=_("Approval %(reference)s holds from %(day)s. It was recorded by the operator."),
    group=BODIES,
)
register(
    "schemes.approval_ended",
    title=_("An approval of your body ends: %(scheme)s"),
    body=_("The last day of approval %(reference)s is %(day)s. From the day after, applications "
           "for this scheme can no longer be accepted under it."),
    group=BODIES,
)  # fmt: skip
register(
    "schemes.competence_recorded",
    title=_("Your competence is recorded: %(scheme)s"),
    body=_("%(body)s recorded you as %(role)s until %(until)s."),
    group=PEOPLE,
)
register(
    "schemes.competence_ended",
    title=_("A competence of yours ends: %(scheme)s"),
    body=_("The last day on which %(body)s counts you as %(role)s is %(until)s."),
    group=PEOPLE,
)
register(
    "schemes.approval_ending",
    title=_("An approval of your body ends on %(date)s: %(scheme)s"),
    body=_("%(left)s. Have approval %(reference)s renewed before; without one no certificate for "
           "this scheme can be granted."),
    group=BODIES,
)  # fmt: skip
register(
    "schemes.competence_ending",
    title=_("A competence ends on %(date)s: %(scheme)s"),
    body=_("%(left)s. %(body)s counts %(person)s as %(role)s until then."),
    group=PEOPLE,
)

register(
    "schemes.competence_proposed",
    title=_("%(person)s proposes a competence: %(scheme)s"),
    body=_("As %(role)s until %(until)s. Look at the proof, then approve or return it."),
    group=WORK,
)
register(
    "schemes.competence_approved",
    title=_("Your competence is approved: %(scheme)s"),
    body=_("%(body)s counts you as %(role)s until %(until)s."),
    group=PEOPLE,
)
register(
    "schemes.competence_returned",
    title=_("Your proposed competence is returned: %(scheme)s"),
    body=_("%(reason)s"),
    group=PEOPLE,
)
register(
    "schemes.competence_suspended",
    title=_("A competence of yours is suspended: %(scheme)s"),
    body=_("%(body)s does not count you as %(role)s for now. %(reason)s"),
    group=PEOPLE,
)
register(
    "schemes.competence_reinstated",
    title=_("A competence of yours is reinstated: %(scheme)s"),
    body=_("%(body)s counts you as %(role)s again, until %(until)s. %(reason)s"),
    group=PEOPLE,
)
register(
    "schemes.competence_withdrawn",
    title=_("A competence of yours is withdrawn: %(scheme)s"),
    body=_("%(body)s does not count you as %(role)s any more. %(reason)s"),
    group=PEOPLE,
)
register(
    "schemes.registration_ending",
    title=_("A registration ends on %(date)s: %(title)s"),
    body=_("%(left)s. The registration of %(person)s has to be renewed and recorded before."),
    group=PEOPLE,
)
register(
    "schemes.employment_ending",
    title=_("An employment ends on %(date)s: %(person)s"),
    body=_("%(left)s. Record how it goes on."),
    group=PEOPLE,
)
register(
    "schemes.evaluation_due",
    title=_("An evaluation at work is due by %(date)s: %(person)s"),
    body=_("%(left)s. A body watches how its auditors perform, on site too."),
    group=PEOPLE,
)
register(
    "schemes.hours_missing",
    title=_("Hours of professional development are missing: %(person)s"),
    body=_("%(held)s of %(wanted)s hours are recorded for this year. %(left)s."),
    group=PEOPLE,
)
register(
    "schemes.interests_due",
    title=_("Confirm your declared interests by %(date)s"),
    body=_("%(left)s. Say that nothing has changed, or declare what has."),
    group=PEOPLE,
)
register(
    "schemes.interest_recorded",
    title=_("An interest of yours was recorded: %(enterprise)s"),
    body=_("%(by)s recorded it. It keeps you from auditing and judging there for a time."),
    group=PEOPLE,
)
register(
    "schemes.interest_ended",
    title=_("%(person)s: an interest has ended"),
    body=_("%(enterprise)s: the last day is %(day)s. The period of the rules begins."),
    group=PEOPLE,
)

timeline.register("approval_recorded", _("Approval recorded"))
timeline.register("approval_changed", _("Approval changed"))
timeline.register("approval_ended", _("Last day of the approval set"))
timeline.register("approval_narrow", _("Approval made narrower"))
timeline.register("approval_suspend", _("Approval suspended"))
timeline.register("approval_reinstate", _("Approval reinstated"))
timeline.register("approval_withdraw", _("Approval withdrawn"))
timeline.register("competence_recorded", _("Competence recorded"))
timeline.register("competence_changed", _("Competence changed"))
timeline.register("competence_ended", _("Last day of the competence set"))
timeline.register("competence_proposed", _("Competence proposed by the person"))
timeline.register("entry.recorded", _("Entry recorded"))
timeline.register("entry.struck", _("Entry struck off"))
timeline.register("interest.declared", _("Interest declared"))
timeline.register("interest.corrected", _("Interest corrected by an operator"))
timeline.register("interest.ended", _("Last day of the interest set"))
timeline.register("interests.confirmed", _("Declared interests confirmed"))
