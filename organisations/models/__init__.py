from organisations.models.bodies import BodyProfile
from organisations.models.invitations import Handover, Invitation
from organisations.models.keys import ApiKey
from organisations.models.listings import DishonestyListing
from organisations.models.memberships import Membership
from organisations.models.organisations import Organisation
from organisations.models.sites import Site

__all__ = [
    "ApiKey",
    "BodyProfile",
    "DishonestyListing",
    "Handover",
    "Invitation",
    "Membership",
    "Organisation",
    "Site",
]
