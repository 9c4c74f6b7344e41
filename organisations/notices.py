"""What people are told about organisations and their teams."""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import register

register(
    "organisations.body_registered",
    title=_("A certification body asks for admission: %(name)s"),
    body=_("Check its approval and accreditation, then approve or refuse it."),
)
register(
    "organisations.body_approved",
    title=_("%(name)s is admitted"),
    body=_("Applications can now be sent to you. Complete your approvals, team and competence."),
)
register(
    "organisations.body_refused",
    title=_("%(name)s is not admitted"),
    body=_("%(reason)s"),
)
register(
    "organisations.body_suspended",
    title=_("The admission of %(name)s is suspended"),
    body=_("%(reason)s Until it is reinstated you cannot accept applications or decide."),
)
register(
    "organisations.body_reinstated",
    title=_("The admission of %(name)s is reinstated"),
    body=_("You can accept applications and decide again."),
)
register(
    "organisations.member_added",
    title=_("You now act for %(name)s"),
    body=_("You were given the role %(role)s. If you have no password yet, ask for one with "
           "“Forgot your password?” on the sign-in page."),
)  # fmt: skip

timeline.register("organisation.registered", _("Organisation registered"))
timeline.register("organisation.changed", _("Facts of the organisation changed"))
timeline.register("organisation.site_saved", _("Site saved"))
timeline.register("organisation.site_ended", _("Site taken out of use"))
timeline.register("organisation.member_added", _("Member added"))
timeline.register("organisation.member_ended", _("Membership ended"))
timeline.register("organisation.member_renamed", _("Name of a member changed"))
timeline.register("organisation.file_stored", _("File stored"))
timeline.register("listing_recorded", _("Listing recorded"))
timeline.register("listing_changed", _("Listing changed"))
