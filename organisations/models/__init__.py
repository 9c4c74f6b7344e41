from organisations.models.bodies import BodyProfile
from organisations.models.listings import DishonestyListing
from organisations.models.memberships import Membership
from organisations.models.organisations import Organisation
from organisations.models.sites import Site

__all__ = ["BodyProfile", "DishonestyListing", "Membership", "Organisation", "Site"]
