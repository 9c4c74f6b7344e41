"""What people are told of approvals and competence, and how their history reads."""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import register
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

timeline.register("approval_recorded", _("Approval recorded"))
timeline.register("approval_changed", _("Approval changed"))
timeline.register("approval_ended", _("Last day of the approval set"))
timeline.register("competence_recorded", _("Competence recorded"))
timeline.register("competence_changed", _("Competence changed"))
timeline.register("competence_ended", _("Last day of the competence set"))
