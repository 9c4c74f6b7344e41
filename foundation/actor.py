"""Who acts: one person, in one organisation, with the roles held there."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """The party behind every request, transition and journal entry.

    ``organisation`` is the one organisation the person acts for now, ``roles`` are those held
    in it, ``memberships`` the organisations the person could switch to. ``system`` names the
    automatic process when no person acts.
    """

    user: Any = None
    organisation: Any = None
    roles: frozenset[str] = frozenset()
    memberships: tuple = field(default=(), compare=False)
    system: str = ""

    @property
    def is_authenticated(self) -> bool:
        return self.user is not None

    @property
    def is_operator(self) -> bool:
        """Staff of the platform, acting for no organisation."""
        return self.user is not None and self.user.is_staff

    @property
    def organisation_id(self) -> UUID | None:
        return self.organisation.pk if self.organisation is not None else None

    @property
    def kind(self) -> str:
        """The kind of organisation acted for, empty when there is none."""
        return self.organisation.kind if self.organisation is not None else ""

    @property
    def name(self) -> str:
        return self.user.name if self.user is not None else self.system

    def holds(self, role: str, organisation_id) -> bool:
        """Tell whether the actor acts for this organisation in this role now."""
        return (
            organisation_id is not None
            and self.organisation_id == organisation_id
            and role in self.roles
        )


ANONYMOUS = Actor()
SYSTEM = Actor(system="portal")
