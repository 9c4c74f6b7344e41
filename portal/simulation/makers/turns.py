"""Turns of life: changes reported and followed up, audits besides the regular ones."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from certification.enums import REPORTED_KINDS, ApplicationKind, ChangeKind, SpecialPurpose
from certification.models import Case
from certification.services import changes
from certification.services.programme import is_under_way
from foundation.workflow import REASON
from organisations.actors import actor_in
from portal.simulation.registry import NotNowError, maker, pastime, spoiler

# Of the enterprises, those that have something to report on a working day.
_REPORTS = 1 / 400


def _time() -> dict:
    """Return a day of audit within the next months."""
    today = timezone.localdate()
    window = {"window_from": today, "window_to": today + timedelta(days=90)}
    return {"days": Decimal("1.0")} | window


@pastime
def report_a_change(world):
    """Now and then something changes at an enterprise that is certified."""
    for client in world.clients:
        if not world.chance.happens(_REPORTS):
            continue
        actor = actor_in(client.owner, client.organisation)
        for case in Case.objects.filter(enterprise=client.organisation).order_by("number"):
            if changes.may_report(case, actor):
                changes.report(
                    case=case,
                    actor=actor,
                    kind=world.chance.choice(list(REPORTED_KINDS)),
                    description="Something changed.",
                    takes_effect_on=timezone.localdate(),
                )


@maker("change", "no_consequence")
def no_consequence(world, change, actor):
    return {REASON: "It touches nothing that is certified."}


@maker("change", "ask", weight=0.3)
def ask(world, change, actor):
    return {REASON: "Since when?"}


@maker("change", "answer")
def answer(world, change, actor):
    return {"answer": "Since the first of the month."}


@maker("change", "hand_over", weight=0.4)
def hand_over(world, change, actor):
    certificates = changes.certificates_in_force(change.case)
    if change.kind == ChangeKind.MERGER:
        return {"certificates": certificates, REASON: "The holder goes up in another."}
    if not certificates:
        raise NotNowError
    return {"certificates": certificates, REASON: "The printed facts change."}


@maker("change", "decline", weight=0.2)
def decline(world, change, actor):
    return {REASON: "Nothing of it is printed."}


@maker("change", "plan_audit", weight=0.2)
def plan_audit(world, change, actor):
    return _time() | {REASON: "It has to be seen on site."}


@maker("change", "need_application", weight=0.2)
def need_application(world, change, actor):
    return {"application_kind": ApplicationKind.EXTENSION, REASON: "The scope grows."}


@maker("change", "begin_application")
def begin_application(world, change, actor):
    return {}


@maker("change", "withdraw", weight=0.05)
def withdraw(world, change, actor):
    return {REASON: "It does not take place."}


@maker("case", "plan_special", "plan_short_notice", weight=0.02)
def plan_special(world, case, actor):
    """Plan one, unless one is to come already."""
    if any(case.programme.special_to_come(short_notice=row).exists() for row in (True, False)):
        raise NotNowError
    return _time() | {"purpose": SpecialPurpose.COMPLAINT, REASON: "To look into a complaint."}


@maker("certificate", "plan_reinstatement", weight=0.2)
def plan_reinstatement(world, certificate, actor):
    return _time() | {REASON: "To verify that the cause is gone."}


@spoiler("case", "plan_special", "plan_short_notice")
@spoiler("certificate", "plan_reinstatement")
@spoiler("change", "plan_audit")
def in_the_past(world, obj, actor, data):
    return data | {"window_from": timezone.localdate() - timedelta(days=1)}


def _to_drop(case, *, short_notice):
    rows = case.programme.special_to_come(short_notice=short_notice).order_by("created_at")
    item = next((row for row in rows if not is_under_way(row)), None)
    if item is None:
        raise NotNowError
    return {"item": item, REASON: "It is not needed any more."}


@maker("case", "drop_special", weight=0.02)
def drop_special(world, case, actor):
    return _to_drop(case, short_notice=False)


@maker("case", "drop_short_notice", weight=0.02)
def drop_short_notice(world, case, actor):
    return _to_drop(case, short_notice=True)


@maker("case", "reconsider")
def reconsider(world, case, actor):
    return {}
