"""Certificates and proposals: suspended, reinstated, reduced, corrected, withdrawn, given up."""

from datetime import timedelta

from django.utils import timezone

from certification.enums import Cause, DecisionKind, Ground
from certification.flows.certificates import SUSPENSION_CAUSES, WITHDRAWAL_CAUSES
from certification.services.issuing import last_revision
from certification.services.periods import dismissed_until, suspension_ends_by
from foundation.calendar import add_months
from foundation.workflow import REASON
from portal.simulation.registry import NotNowError, maker, spoiler


@maker("certificate", "request_cancellation", weight=0.05)
def ask_cancellation(world, certificate, actor):
    return {REASON: "We give the business up."}


@maker("certificate", "retract_cancellation", weight=0.2)
def retract(world, certificate, actor):
    return {}


@maker("certificate", "suspend", weight=0.15)
def suspend(world, certificate, actor):
    """Suspend for some weeks, or as long as the rules let."""
    latest = suspension_ends_by(certificate)
    until = min(latest, timezone.localdate() + timedelta(days=world.chance.choice((30, 60, 400))))
    if until <= timezone.localdate():
        raise NotNowError
    cause = world.chance.choice(SUSPENSION_CAUSES)
    return {"cause": cause, "until": until, REASON: "To be put right."}


@spoiler("certificate", "suspend")
def for_too_long(world, certificate, actor, data):
    return data | {"until": max(add_months(timezone.localdate(), 13), data["until"])}


@spoiler("certificate", "suspend", "withdraw")
def for_a_wrong_cause(world, certificate, actor, data):
    return data | {"cause": Cause.RENEWAL}


@maker("certificate", "reinstate")
def reinstate(world, certificate, actor):
    return {REASON: "Put right and verified."}


@maker("certificate", "reduce", weight=0.08)
def reduce(world, certificate, actor):
    """Strike the last word of the scope."""
    content = last_revision(certificate).content
    words = content["scope_en"].split()
    if len(words) < 3:  # noqa: PLR2004 -- something has to be left
        raise NotNowError
    return {
        "scope_en": " ".join(words[:-1]),
        "scope_zh": content["scope_zh"][:-1] or content["scope_zh"],
        REASON: "A line was closed.",
    }


@maker("certificate", "correct", weight=0.08)
def correct(world, certificate, actor):
    content = last_revision(certificate).content
    return {
        "holder": {"address_en": f"{world.chance.randint(1, 99)} New Road"},
        "scope_zh": content["scope_zh"],
        "scope_en": content["scope_en"],
        REASON: "The street was renumbered.",
    }


@spoiler("certificate", "reduce", "correct")
def to_the_same(world, certificate, actor, data):
    content = last_revision(certificate).content
    return {
        "scope_en": content["scope_en"],
        "scope_zh": content["scope_zh"],
        REASON: data[REASON],
    }


@maker("certificate", "withdraw", weight=0.03)
def withdraw(world, certificate, actor):
    return {"cause": world.chance.choice(WITHDRAWAL_CAUSES), REASON: "Not put right."}


@maker("certificate", "cancel", weight=0.02)
def cancel(world, certificate, actor):
    """End it because the holder wished so."""
    if certificate.cancellation_requested_at is None and world.chance.happens(0.9):
        raise NotNowError
    return {REASON: "At the holder's wish."}


@maker("proposal", "dismiss")
def dismiss(world, proposal, actor):
    """Dismiss it, or do what is proposed, or leave it to the rule."""
    if world.chance.happens(0.35) and proposal.ground != Ground.SUSPENSION:
        until = dismissed_until(proposal.certificate)
        return {REASON: "The audit was held, its report is on the way.", "not_before": until}
    certificate = proposal.certificate
    if proposal.kind == DecisionKind.SUSPEND:
        world.act(certificate, "suspend", actor)
    elif proposal.kind == DecisionKind.CANCEL:
        world.act(certificate, "cancel", actor)
    else:
        world.act(certificate, "reinstate" if world.chance.happens(0.6) else "withdraw", actor)
    raise NotNowError
