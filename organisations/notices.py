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
    "organisations.body_decided",
    title=_("Your certification body: %(status)s"),
    body=_("%(reason)s"),
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
timeline.register("organisation.file_stored", _("File stored"))
timeline.register("listing_recorded", _("Listing recorded"))
timeline.register("listing_changed", _("Listing changed"))
