"""Who acts: one person, in one organisation, with the roles held there."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """The party behind every request, transition and journal entry.

    ``organisation`` is the one organisation the person acts for now, ``roles`` are those held
    in it, ``memberships`` the organisations the person could switch to. ``system`` names the
    automatic process when no person acts; ``oversees`` tells who sees all work of the
    organisation, ``is_confined`` who sees of it only what is assigned to or done by this person.
    ``confirmed`` tells that the person proved within the last minutes who he or she is, as acts
    need that somebody answers for in person. ``scopes`` and ``key`` stand for a program that acts
    with a key of the person: it reads, and ``roles`` are cut to its scopes.
    """

    user: Any = None
    organisation: Any = None
    roles: frozenset[str] = frozenset()
    memberships: tuple = field(default=(), compare=False)
    system: str = ""
    oversees: bool = False
    is_confined: bool = False
    confirmed: bool = field(default=False, compare=False)
    scopes: frozenset[str] | None = None
    key: Any = field(default=None, compare=False)

    def as_confirmed(self) -> "Actor":
        """Return the same actor after he or she proved again who it is."""
        return replace(self, confirmed=True)

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


def again(user, organisation_id) -> Actor:
    """Return the actor for a person who asked for something earlier, with the roles held now.

    Raises LookupError when the person does not act for that organisation any more, or at all.
    """
    return import_string(settings.ACTOR_AGAIN)(user, organisation_id)
