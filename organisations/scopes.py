"""What a key for programs may do: a declared table, from which an actor's roles are cut."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from foundation.access import ALLOWED, Denied, Right
from organisations.enums import DESK_ROLES, Role


@dataclass(frozen=True)
class Scope:
    """One thing a key may do; ``roles`` are those it keeps of the roles its person holds."""

    name: str
    title: Any
    text: Any
    roles: frozenset[str] = frozenset()


_ENTERPRISE = frozenset({Role.OWNER, Role.MEMBER})
_AUTHORITY = frozenset({Role.SUPERVISOR, Role.INSPECTOR})
SCOPES = {
    scope.name: scope
    for scope in (
        Scope("identity", _("Identity"), _("Name the key, its person and organisation.")),
        Scope(
            "applications:read",
            _("Read applications"),
            _("Applications, offers and contracts that you see."),
            _ENTERPRISE | DESK_ROLES,
        ),
        Scope(
            "audits:read",
            _("Read audits"),
            _("Audits, findings and reports that you see."),
            _ENTERPRISE | DESK_ROLES | {Role.AUDITOR} | _AUTHORITY,
        ),
        Scope(
            "certificates:read",
            _("Read certificates"),
            _("Cases and certificates that you see."),
            _ENTERPRISE | DESK_ROLES | _AUTHORITY,
        ),
    )
}


def cut(roles, scopes) -> frozenset[str]:
    """Return the roles that are left of a person's within some scopes."""
    kept = frozenset().union(*(SCOPES[name].roles for name in scopes if name in SCOPES))
    return frozenset(roles) & kept


def scoped(name: str) -> Right:
    """Return the right of a program whose key has a scope; people have their pages."""
    scope = SCOPES[name]

    def test(actor, obj):
        if actor.scopes is not None and scope.name in actor.scopes:
            return ALLOWED
        return Denied(_("The key lacks the scope %(scope)s.") % {"scope": scope.name})

    return Right(f"key with the scope {name}", test)
