"""Declare what ties a person to an enterprise, and confirm that nothing is missing."""

from collections.abc import Callable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from foundation import journal
from foundation.actor import Actor
from foundation.calendar import add_months
from foundation.formatting import day
from foundation.notices import in_both, notify
from foundation.workflow import NotAllowed
from organisations.identifiers import clean_identifier
from organisations.models import Membership
from schemes.models import Declaration, Interest
from schemes.queries.people import managers_of
from schemes.queries.rules import rule_book_for
from schemes.rights import DECLARES

# What apps above do when somebody turns out to be barred: see ``listener``.
Listener = Callable[[Interest, Actor], None]
LISTENERS: list[Listener] = []


def listener(function: Listener) -> Listener:
    """Register what happens when an interest is declared: open work of the person is looked at."""
    LISTENERS.append(function)
    return function


def _allow(access) -> None:
    if not access:
        raise NotAllowed(access.reason)


def _check(began_on: date, ended_on: date | None) -> None:
    if ended_on and ended_on < began_on:
        raise ValidationError({"ended_on": _("The last day lies before the first.")})
    if ended_on and ended_on > timezone.localdate():
        raise ValidationError({"ended_on": _("Set the last day once it is over.")})


@transaction.atomic
def interest_declare(
    *,
    actor: Actor,
    user,
    country: str,
    identifier: str,
    name: str,
    kind: str,
    began_on: date,
    ended_on: date | None = None,
    text: str = "",
) -> Interest:
    """Keep an interest of a person; whatever it touches is told to those who plan and review.

    Raises NotAllowed, and ValidationError for an identifier or dates that cannot be.
    """
    interest = Interest(
        user=user,
        country=country,
        identifier=clean_identifier(country, identifier),
        name=name,
        kind=kind,
        began_on=began_on,
        ended_on=ended_on,
        text=text,
        declared_by=actor.user,
    )
    _allow(DECLARES(actor, interest))
    _check(began_on, ended_on)
    interest.full_clean()
    interest.save()
    # Who recorded it tells for whom the person works besides: that stays in the body.
    own = user == actor.user
    journal.record(
        interest,
        "interest.declared",
        actor,
        {"kind": kind},
        internal_to=None if own else actor.organisation_id,
    )
    if not own:
        _tell_person(interest, actor)
    for told in LISTENERS:
        told(interest, actor)
    return interest


def _tell_person(interest: Interest, actor: Actor) -> None:
    notify(
        "schemes.interest_recorded",
        to=[interest.user],
        obj=interest,
        url=interest.get_absolute_url(),
        enterprise=interest.name,
        by=actor.name,
    )


@transaction.atomic
def interest_end(*, actor: Actor, interest: Interest, ended_on: date) -> Interest:
    """Set the last day of an interest that goes on. Raises NotAllowed, ValidationError."""
    _allow(DECLARES(actor, interest))
    _check(interest.began_on, ended_on)
    # An end that was set stays: moved back by hand it would free the person by a keystroke.
    rows = Interest.objects.filter(pk=interest.pk, ended_on=None)
    if not rows.update(ended_on=ended_on, changed_at=timezone.now()):
        raise ValidationError(_("This interest has its last day already."))
    interest.refresh_from_db()
    journal.record(
        interest,
        "interest.ended",
        actor,
        {"ended_on": ended_on.isoformat()},
        internal_to=None if interest.user == actor.user else actor.organisation_id,
    )
    notify(
        "schemes.interest_ended",
        to=[one for one in managers_of(interest.user) if one != actor.user],
        obj=interest,
        url=interest.get_absolute_url(),
        person=interest.user.name,
        enterprise=interest.name,
        **in_both("day", day, ended_on),
    )
    return interest


def declaration_of(user) -> Declaration:
    """Return the declaration of a person; the first confirmation is due at once."""
    found, _created = Declaration.objects.get_or_create(
        user=user, defaults={"due_on": timezone.localdate()}
    )
    return found


def _months(user, today: date) -> int:
    """Return how often a person confirms: as often as the strictest of the bodies has to ask."""
    rows = Membership.objects.current().filter(user=user).select_related("organisation")
    countries = {str(row.organisation.country) for row in rows} or {""}
    books = [rule_book_for(country, today) for country in countries]
    return min(int(book.number("interest_confirmation_months")) for book in books)


@transaction.atomic
def interests_confirm(*, actor: Actor) -> Declaration:
    """Keep the actor's word that the declared interests are complete. Raises NotAllowed."""
    _allow(DECLARES(actor, Interest(user=actor.user)))
    declaration, today = declaration_of(actor.user), timezone.localdate()
    declaration.confirmed_at = timezone.now()
    declaration.due_on = add_months(today, _months(actor.user, today))
    declaration.save(update_fields=["confirmed_at", "due_on", "changed_at"])
    journal.record(declaration, "interests.confirmed", actor)
    return declaration
