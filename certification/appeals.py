"""What an enterprise can appeal against (ISO/IEC 17021-1:2015 9.7): declared by whoever knows it.

A kind of matter is found through the actor and says what it belongs to. What an upheld appeal
changes by itself is said with it; a decision is never changed, somebody decides anew.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from certification.enums import About, ApplicationStatus, DecisionKind
from certification.models import Application, Complaint, Decision

AGAINST = (
    DecisionKind.REFUSE,
    DecisionKind.REDUCE,
    DecisionKind.SUSPEND,
    DecisionKind.WITHDRAW,
)


@dataclass(frozen=True)
class Matter:
    """What an appeal is against, as its complaint keeps it."""

    about: str
    key: UUID
    label: str
    url: str
    enterprise: Any
    body: Any
    case: Any = None
    application: Any = None
    certificate: Any = None
    kind: str = ""
    audit_id: UUID | None = None


@dataclass(frozen=True)
class Kind:
    """``find`` returns the matter with a key as far as an actor may appeal, or None; ``follow``
    does what an appeal that was found right changes by itself."""

    find: Callable[[Any, UUID], Matter | None]
    follow: Callable[[Complaint, Any], None] | None = None


KINDS: dict[str, Kind] = {}


def register(about: str, find, follow=None) -> None:
    """Declare a kind of matter that can be appealed against."""
    KINDS[about] = Kind(find, follow)


def is_against(decision: Decision) -> bool:
    """Tell whether a decision took something from the enterprise."""
    return decision.kind in AGAINST


def find(about: str, key: UUID, actor) -> Matter | None:
    """Return what an actor wants to appeal against, or None when there is no such thing."""
    kind = KINDS.get(about)
    return kind.find(actor, key) if kind else None


def follow(complaint: Complaint, actor) -> None:
    """Do what an upheld appeal changes by itself; called inside its decision."""
    kind = KINDS.get(complaint.about)
    if complaint.is_appeal and complaint.was_upheld and kind and kind.follow:
        kind.follow(complaint, actor)


def _decision(actor, key):
    rows = Decision.objects.visible_to(actor).filter(kind__in=AGAINST)
    row = rows.select_related("case__enterprise", "case__body", "certificate").filter(pk=key)
    found = row.first()
    if found is None:
        return None
    about = found.certificate or found.case
    return Matter(
        About.DECISION,
        found.pk,
        str(about),
        about.get_absolute_url(),
        found.case.enterprise,
        found.case.body,
        case=found.case,
        certificate=found.certificate,
        kind=found.kind,
    )


def _application(actor, key):
    rows = Application.objects.visible_to(actor).filter(status=ApplicationStatus.DECLINED)
    found = rows.select_related("enterprise", "body", "case").filter(pk=key).first()
    if found is None:
        return None
    return Matter(
        About.APPLICATION,
        found.pk,
        found.number,
        found.get_absolute_url(),
        found.enterprise,
        found.body,
        case=found.case,
        application=found,
    )


register(About.DECISION, _decision)
register(About.APPLICATION, _application)
