"""What people are told about organisations and their teams.

Required are decisions on the admission of a body, the word that somebody may now sign in, and what
ends or passes on who acts for an organisation.
"""

from django.utils.translation import gettext_lazy as _

from foundation import timeline
from foundation.notices import Group, Required, register, register_group
from organisations.enums import Kind

ADMISSION = Required(
    _("Refused, suspended and reinstated admission"),
    _("Without admission a body may not certify."),
)
ENTRY = Required(
    _("New roles"),
    _("It tells you how to sign in."),
)
TEAM = Required(
    _("Roles that end or pass to others"),
    _("You must know who acts for your organisation, and whether you do."),
)

BODIES = register_group(
    Group(
        "admission",
        _("Admission and approvals of your body"),
        _("What your body may certify, and until when."),
        parties=frozenset({Kind.BODY}),
        position=75,
    )
)
PEOPLE = register_group(
    Group(
        "organisation",
        _("People and roles"),
        _("Roles, competence and new registrations."),
        position=80,
    )
)

register(
    "organisations.body_registered",
    title=_("A certification body asks for admission: %(name)s"),
    body=_("Check its approval and accreditation, then approve or refuse it."),
    group=PEOPLE,
)
register(
    "organisations.body_approved",
    title=_("%(name)s is admitted"),
    body=_("Applications can now be sent to you. Complete your approvals, team and competence."),
    group=BODIES,
)
register(
    "organisations.body_refused",
    title=_("%(name)s is not admitted"),
    body=_("%(reason)s"),
    group=BODIES,
    required=ADMISSION,
)
register(
    "organisations.body_suspended",
    title=_("The admission of %(name)s is suspended"),
    body=_("%(reason)s Until it is reinstated you cannot accept applications or decide."),
    group=BODIES,
    required=ADMISSION,
)
register(
    "organisations.body_reinstated",
    title=_("The admission of %(name)s is reinstated"),
    body=_("You can accept applications and decide again."),
    group=BODIES,
    required=ADMISSION,
)
register(
    "organisations.member_added",
    title=_("You now act for %(name)s"),
    body=_("You were given the role %(role)s. If you have no password yet, ask for one with "
           "“Forgot your password?” on the sign-in page."),
    group=PEOPLE,
    required=ENTRY,
)  # fmt: skip
register(
    "organisations.joined",
    title=_("%(person)s now acts for %(name)s"),
    body=_("The invitation was accepted."),
    group=PEOPLE,
)
register(
    "organisations.removed",
    title=_("You do not act for %(name)s any more"),
    body=_("Your roles there were ended. Ask those who run the organisation if it is a mistake."),
    group=PEOPLE,
    required=TEAM,
)
register(
    "organisations.handover_offered",
    title=_("%(person)s wants to hand %(name)s over to you"),
    body=_("Accept or decline within seven days."),
    group=PEOPLE,
    required=TEAM,
)
register(
    "organisations.handed_over",
    title=_("%(person)s has taken over %(name)s"),
    body=_("Your own role in running it has ended."),
    group=PEOPLE,
    required=TEAM,
)
register(
    "organisations.replacement_began",
    title=_("Somebody else is to run %(name)s"),
    body=_("An operator of the portal invited %(person)s to take your place, because you could "
           "not be reached. Is this wrong? Tell us at once."),
    group=PEOPLE,
    required=TEAM,
)  # fmt: skip

timeline.register("organisation.registered", _("Organisation registered"))
timeline.register("organisation.changed", _("Facts of the organisation changed"))
timeline.register("organisation.site_saved", _("Site saved"))
timeline.register("organisation.site_ended", _("Site taken out of use"))
timeline.register("organisation.member_added", _("Member added"))
timeline.register("organisation.member_ended", _("Membership ended"))
timeline.register("organisation.member_renamed", _("Name of a member changed"))
timeline.register("organisation.invited", _("Person invited"))
timeline.register("organisation.invitation_withdrawn", _("Invitation withdrawn"))
timeline.register("organisation.joined", _("Invitation accepted"))
timeline.register("organisation.handover_offered", _("Handover offered"))
timeline.register("organisation.handed_over", _("Organisation handed over"))
timeline.register("organisation.replacement_began", _("Replacement of who runs it began"))
timeline.register("organisation.file_stored", _("File stored"))
timeline.register("file.stored", _("File stored"))
timeline.register("file.version", _("Newer version stored"))
timeline.register("file.described", _("Name or description changed"))
timeline.register("file.moved", _("Record uses this version now"))
timeline.register("file.ended", _("Taken out of use"))
timeline.register("file.removed", _("Version removed"))
timeline.register("listing_recorded", _("Listing recorded"))
timeline.register("listing_changed", _("Listing changed"))
