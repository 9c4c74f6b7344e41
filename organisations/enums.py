from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    ENTERPRISE = "enterprise", _("Enterprise")
    BODY = "body", _("Certification body")
    LABORATORY = "laboratory", _("Laboratory")
    AUTHORITY = "authority", _("Authority")


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")
    REVIEWER = "reviewer", _("Reviewer")
    PLANNER = "planner", _("Planner")
    AUDITOR = "auditor", _("Auditor")
    CERTIFIER = "certifier", _("Certifier")
    SUPERVISOR = "supervisor", _("Supervisor")
    INSPECTOR = "inspector", _("Inspector")


ROLES_OF = {
    Kind.ENTERPRISE: (Role.OWNER, Role.MEMBER),
    Kind.BODY: (Role.MANAGER, Role.REVIEWER, Role.PLANNER, Role.AUDITOR, Role.CERTIFIER),
    Kind.LABORATORY: (Role.MANAGER, Role.MEMBER),
    Kind.AUTHORITY: (Role.SUPERVISOR, Role.INSPECTOR),
}

# Who in a body sees all its cases; an auditor sees those he or she is assigned to.
DESK_ROLES = frozenset({Role.MANAGER, Role.REVIEWER, Role.PLANNER, Role.CERTIFIER})


class BodyStatus(models.TextChoices):
    REGISTERED = "registered", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    SUSPENDED = "suspended", _("Suspended")
