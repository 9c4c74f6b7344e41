"""What people are told of approvals and competence, and how their history reads."""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import register

register(
    "schemes.approval_recorded",
    title=_("Your body is approved: %(scheme)s"),
    body=_("Approval %(reference)s holds from %(day)s. It was recorded by the operator."),
)
register(
    "schemes.approval_ended",
    title=_("An approval of your body ends: %(scheme)s"),
    body=_("The last day of approval %(reference)s is %(day)s. From the day after, applications "
           "for this scheme can no longer be accepted under it."),
)  # fmt: skip
register(
    "schemes.competence_recorded",
    title=_("Your competence is recorded: %(scheme)s"),
    body=_("%(body)s recorded you as %(role)s until %(until)s."),
)
register(
    "schemes.competence_ended",
    title=_("A competence of yours ends: %(scheme)s"),
    body=_("The last day on which %(body)s counts you as %(role)s is %(until)s."),
)

timeline.register("approval_recorded", _("recorded the approval"))
timeline.register("approval_changed", _("changed the approval"))
timeline.register("approval_ended", _("set the last day of the approval"))
timeline.register("competence_recorded", _("recorded the competence"))
timeline.register("competence_changed", _("changed the competence"))
timeline.register("competence_ended", _("set the last day of the competence"))
