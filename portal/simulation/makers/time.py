"""Less audit time than computed: approved or sent back by a second person."""

from decimal import Decimal

from audits.checks.days import deviation_of
from audits.services import planning
from certification.queries.review import facts_of
from foundation.workflow import REASON
from portal.simulation.registry import NotNowError, maker, spoiler

_LESS = Decimal("0.5")


@maker("application", "approve_time")
def approve_time(world, application, actor):
    return {"seen": facts_of(application).calculation.sha256, REASON: "Every reason holds."}


@maker("application", "return_time", weight=0.3)
def return_time(world, application, actor):
    return {"seen": facts_of(application).calculation.sha256, REASON: "Not so much less."}


@maker("audit", "ask_fewer_days", weight=0.05)
def ask_fewer_days(world, audit, actor):
    """Plan half a day less where there is more than one, and ask."""
    if audit.days <= 2 * _LESS or deviation_of(audit) is not None:
        raise NotNowError
    planning.change_planning(
        audit=audit,
        actor=actor,
        days_planned=audit.days - _LESS,
        days_reason="One process stands still.",
    )
    return {}


@maker("audit", "approve_fewer_days")
def approve_fewer_days(world, audit, actor):
    return {"seen": str(deviation_of(audit).pk), REASON: "The reason holds."}


@maker("audit", "return_fewer_days", weight=0.3)
def return_fewer_days(world, audit, actor):
    return {"seen": str(deviation_of(audit).pk), REASON: "It is needed elsewhere."}


@spoiler("application", "approve_time")
@spoiler("audit", "approve_fewer_days")
def something_else(world, obj, actor, data):
    return data | {"seen": "0" * 64}
