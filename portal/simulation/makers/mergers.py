"""Enterprises that merge: reported by one, answered by the other, carried over by the bodies."""

from datetime import date

from django.utils import timezone

from certification.enums import LIVE
from certification.models import Case
from certification.services import mergers
from foundation.workflow import REASON
from organisations.actors import actor_in
from portal.demo.papers import paper
from portal.simulation.registry import NotNowError, maker, pastime

_MERGERS_A_YEAR = 12 / 250
# Nobody answers some of the reports, so that they lapse.
_SILENT = 0.15


@pastime
def merge(world):
    """Now and then an enterprise that is on its way goes up in another one."""
    if not world.chance.happens(_MERGERS_A_YEAR):
        return
    live = set(Case.objects.filter(status__in=LIVE).values_list("enterprise", flat=True))
    several = [client for client in world.clients if client.organisation.pk in live]
    if len(several) < 2:  # noqa: PLR2004 -- it takes two
        return
    ends, goes_on = world.chance.sample(several, 2)
    for client in (ends, goes_on):
        client.organisation.refresh_from_db()
    reporter = world.chance.choice([ends, goes_on])
    if mergers.hindrances(ends.organisation, goes_on.organisation):
        return
    mergers.report(
        actor=actor_in(reporter.owner, reporter.organisation),
        absorbed=ends.organisation,
        absorbing=goes_on.organisation,
        description="Both decided to merge.",
        takes_effect_on=timezone.localdate(),
        uploads=[paper("registration", "Notice of the merger")],
    )


@maker("merger", "confirm")
def confirm(world, merger, actor):
    if world.once((merger.pk, "silent"), lambda: world.chance.happens(_SILENT)):
        raise NotNowError
    world.applies_on[merger.absorbed_id] = date.max
    return {}


@maker("merger", "refuse", weight=0.2)
def refuse(world, merger, actor):
    if world.once((merger.pk, "silent"), lambda: world.chance.happens(_SILENT)):
        raise NotNowError
    return {REASON: "We know nothing of it."}


@maker("merger", "withdraw", weight=0.1)
def withdraw(world, merger, actor):
    return {REASON: "It was reported by mistake."}


@maker("merger", "call_off", weight=0.05)
def call_off(world, merger, actor):
    world.applies_on[merger.absorbed_id] = timezone.localdate()
    return {REASON: "The owners decided otherwise."}


@maker("change", "carry_over")
def carry_over(world, change, actor):
    return {REASON: "The system goes on under the new holder."}
