"""Faults planted in guards, one by one: the simulation finds each, and none where all guards hold.

A small world is played until it has certificates. From there it goes on in processes of its own,
two for each fault: people make the mistake that the guard is there for, once with the guard and
once without. With it nothing may be wrong; without it the invariant named has to say so, from
rows and journal alone. The seed is fixed. Writes var/bench/planted.json.
"""

import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "script")]
RESULT = CHECKOUT / "var" / "bench" / "planted.json"
SEED, CLIENTS, PACE = 7, 3, 0.2
# Days until there are certificates, and those in which somebody else gets one.
GROWING, ON_THE_WAY = 80, 85


@dataclass(frozen=True)
class Plant:
    """A mistake people make, the guard against it, and what has to be found without the guard."""

    name: str
    invariant: str
    days: int
    habit: Callable
    fault: Callable


def dependent_decider():
    """Whoever took part in the cycle decides: neither right nor database say no."""
    from django.db import connection  # noqa: PLC0415 -- needs Django

    from certification.rights import CERTIFIER, DECIDER  # noqa: PLC0415 -- needs Django

    def habit(world):
        desk = world.desks[0]
        involved = {desk.reviewer.pk, *(user.pk for user in desk.auditors)}

        def whoever(actors):
            return min(actors, key=lambda actor: (actor.user.pk not in involved, actor.user.pk))

        world.whoever = whoever

    def fault():
        DECIDER._test = CERTIFIER._test  # noqa: SLF001 -- the right without independence
        connection.cursor().execute("DROP TRIGGER portal_decision_independent_insert")

    return Plant(
        "who took part decides", "whoever decides is a certifier", ON_THE_WAY, habit, fault
    )


def open_major():
    """A decision passes over majors that nobody closed."""
    from audits.enums import Grade  # noqa: PLC0415 -- needs Django
    from certification.flows import guards  # noqa: PLC0415
    from certification.flows.cases import CASE_FLOW  # noqa: PLC0415
    from portal.simulation.makers import audits  # noqa: PLC0415

    def habit(world):
        audits._found = lambda world, audit: [Grade.MAJOR]  # noqa: SLF001 -- what is noted
        nobody_answers()

    def fault():
        without(CASE_FLOW, guards.majors_are_closed)

    name = "no decision in favour passes over an open major"
    return Plant("a major is open", name, ON_THE_WAY, habit, fault)


def minor_without_plan():
    """A decision passes over minors whose plan nobody accepted."""
    from audits.enums import Grade  # noqa: PLC0415 -- needs Django
    from certification.flows import guards  # noqa: PLC0415
    from certification.flows.cases import CASE_FLOW  # noqa: PLC0415
    from portal.simulation.makers import audits  # noqa: PLC0415

    def habit(world):
        audits._found = lambda world, audit: [Grade.MINOR]  # noqa: SLF001 -- what is noted
        nobody_answers()

    def fault():
        without(CASE_FLOW, guards.minors_have_plans)

    name = "no decision in favour rests on a report nobody reviewed, or on minors without a plan"
    return Plant("a minor has no plan", name, ON_THE_WAY, habit, fault)


def endless_suspension():
    """A certificate is suspended for longer than half a year."""
    from certification.flows.certificates import CERTIFICATE_FLOW  # noqa: PLC0415 -- needs Django
    from foundation.calendar import add_months  # noqa: PLC0415

    def habit(world):
        for_certain("certificate", "suspend", lambda: {"until": add_months(today(), 13)})
        each_day(suspend_one)

    def fault():
        guard = CERTIFICATE_FLOW.transition("suspend").guards[1]
        without(CERTIFICATE_FLOW, guard)

    return Plant("a suspension is too long", "no suspension is set for longer", 4, habit, fault)


def ended_suspension():
    """What is to be decided at the end of a suspension is waved away."""
    from certification.flows.proposals import PROPOSAL_FLOW, may_be_dismissed  # noqa: PLC0415

    def habit(world):
        week = {"until": today() + timedelta(days=7), "cause": "obligations"}
        for_certain("certificate", "suspend", lambda: week)
        never("certificate", "reinstate", "withdraw", "cancel")
        dismiss = {"reason": "It will be looked at later."}
        tomorrow = timedelta(days=1)
        instead("proposal", "dismiss", lambda: dismiss | {"not_before": today() + tomorrow})
        suspend_one(world)

    def fault():
        without(PROPOSAL_FLOW, may_be_dismissed)

    name = "a suspension that ended is put before a certifier"
    return Plant("the end of a suspension is missed", name, 25, habit, fault)


def dependent_handler():
    """A complaint is given to somebody who took part in the matter."""
    from certification.enums import About  # noqa: PLC0415 -- needs Django
    from certification.flows.complaint_acts import handler_is_independent  # noqa: PLC0415
    from certification.flows.complaints import COMPLAINT_FLOW  # noqa: PLC0415
    from certification.models import Certificate  # noqa: PLC0415
    from certification.queries.complaints import involved  # noqa: PLC0415
    from certification.services.complaints import Filing, file_complaint  # noqa: PLC0415
    from portal.simulation.makers import complaints  # noqa: PLC0415

    def one_who_took_part(world, complaint):
        people = complaint.body.people("auditor")
        return next(user for user in people if user.pk in involved(complaint))

    def habit(world):
        complaints._independent = one_who_took_part  # noqa: SLF001 -- whom they choose
        held = Certificate.objects.published().order_by("number").first()
        about = {"about": About.HOLDER, "body": held.body, "certificate": held}
        file_complaint(Filing(**about, text="The goods did not conform."), language="en")

    def fault():
        without(COMPLAINT_FLOW, handler_is_independent)

    name = "whoever handles or decides a complaint took no part"
    return Plant("who took part handles a complaint", name, 25, habit, fault)


def endless_extension():
    """More time is granted for a finding than the rules let."""
    from audits.enums import Grade  # noqa: PLC0415 -- needs Django
    from audits.flows import extensions  # noqa: PLC0415
    from audits.flows.findings import FINDING_FLOW  # noqa: PLC0415
    from foundation.workflow import perform  # noqa: PLC0415
    from portal.simulation.makers import audits  # noqa: PLC0415

    def ask(world, finding, actor):
        on = finding.due_on + timedelta(days=200)
        perform(
            FINDING_FLOW, finding, "ask_extension", actor, proposed_on=on, reason="It takes time."
        )
        raise later()

    def habit(world):
        audits._found = lambda world, audit: [Grade.MINOR]  # noqa: SLF001 -- what is noted
        instead("finding", "answer", None, make=ask)
        never("finding", "refuse_extension")

    def fault():
        without(FINDING_FLOW, extensions.may_ask)
        without(FINDING_FLOW, extensions.may_grant)

    name = "no more time is granted for a finding"
    return Plant("too much time is granted", name, ON_THE_WAY, habit, fault)


PLANTS = (
    dependent_decider,
    open_major,
    minor_without_plan,
    endless_suspension,
    ended_suspension,
    dependent_handler,
    endless_extension,
)


# What people do


def today() -> date:
    from django.utils import timezone  # noqa: PLC0415 -- needs Django

    return timezone.localdate()


def later():
    from portal.simulation.registry import NotNowError  # noqa: PLC0415 -- needs Django

    return NotNowError()


def without(flow, guard) -> None:
    """Take a guard off every action of a workflow; an error when it is nowhere."""
    found = [row for row in flow.transitions if guard in row.guards]
    if not found:
        raise LookupError(f"{flow.name} has no such guard")
    for row in found:
        left = tuple(other for other in row.guards if other is not guard)
        object.__setattr__(row, "guards", left)


def instead(flow, action, facts, *, make=None) -> None:
    """Let people take an action with other data than usual."""
    from dataclasses import replace  # noqa: PLC0415

    from portal.simulation.registry import MAKERS  # noqa: PLC0415 -- needs Django

    usual = MAKERS[flow, action]
    MAKERS[flow, action] = replace(usual, make=make or (lambda world, obj, actor: facts()))


def for_certain(flow, action, facts) -> None:
    """Let people take an action as usual, these data apart."""
    from portal.simulation.registry import MAKERS  # noqa: PLC0415 -- needs Django

    usual = MAKERS[flow, action].make
    instead(flow, action, None, make=lambda world, obj, actor: usual(world, obj, actor) | facts())


def never(flow, *actions) -> None:
    """Let nobody take these actions."""

    def not_now(world, obj, actor):
        raise later()

    for action in actions:
        instead(flow, action, None, make=not_now)


def nobody_answers() -> None:
    """Let enterprises leave their nonconformities unanswered."""
    never("finding", "answer", "ask_extension")


def each_day(act) -> None:
    from portal.simulation.registry import PASTIMES  # noqa: PLC0415 -- needs Django

    PASTIMES.append(act)


def suspend_one(world) -> None:
    """Let a certifier suspend the first certificate that is valid."""
    from certification.models import Certificate  # noqa: PLC0415 -- needs Django

    held = Certificate.objects.filter(status="valid").order_by("number").first()
    if held is not None:
        world.insist(held, "suspend")


# The processes


def main():
    """Play the worlds; print and keep what was found."""
    if "--inner" in sys.argv:
        inside(sys.argv[sys.argv.index("--inner") + 1])
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from portal.simulation.scratch import scratch  # noqa: PLC0415 -- needs the path above

    os.environ.pop("DATABASE_URL", None)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    with scratch() as environment:
        command = [sys.executable, __file__, "--inner", str(RESULT)]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


def inside(result: str) -> None:
    """Play the world up to its certificates, then go on with each plant, with and without it."""
    import django  # noqa: PLC0415 -- in the process with scratch data alone

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    from portal.simulation.play import simulated  # noqa: PLC0415
    from portal.simulation.scratch import is_scratch  # noqa: PLC0415
    from portal.simulation.world import START  # noqa: PLC0415

    if not is_scratch():
        raise SystemExit("This runs on data of its own; leave --inner away.")
    quick()
    call_command("migrate", verbosity=0)
    begin, rows = perf_counter(), []
    with simulated(seed=SEED, enterprises=CLIENTS, every=1000, pace=PACE) as world:
        world.curiosity = 0
        late = world.clients[-1].organisation.pk
        world.applies_on[late] = date.max
        world.play(START + timedelta(days=GROWING))
        if world.faults:
            raise SystemExit("\n".join(map(str, world.faults)))
        print(f"{GROWING} days in {perf_counter() - begin:.0f} s; from there:", flush=True)
        world.applies_on[late] = world.clock.day
        for make in PLANTS:
            rows.append(judged(make(), world))
            print(line_of(rows[-1]), flush=True)
    Path(result).write_text(json.dumps(rows, indent=1))
    raise SystemExit(0 if all(row["found"] and row["clean"] for row in rows) else 1)


def judged(plant: Plant, world) -> dict:
    """Go on in two processes; return what both found."""
    begin = perf_counter()
    guarded, broken = ([*going_on(plant, world, planted=planted)] for planted in (False, True))
    right = [text for name, text in broken if name.startswith(plant.invariant)]
    return {
        "plant": plant.name,
        "clean": not guarded,
        "found": bool(right),
        "said": right[0] if right else "",
        "others": sorted({name for name, _text in broken if not name.startswith(plant.invariant)}),
        "guarded": [text for _name, text in guarded],
        "seconds": round(perf_counter() - begin, 1),
    }


def line_of(row: dict) -> str:
    """Return one row for a terminal."""
    verdict = "found" if row["found"] and row["clean"] else "NOT AS IT SHOULD BE"
    lines = [f"{verdict}: {row['plant']} ({row['seconds']} s)", *row["said"].splitlines()[:2]]
    if not row["clean"]:
        lines += ["with the guard there was:", *row["guarded"]]
    return "\n    ".join(lines)


def going_on(plant: Plant, world, *, planted: bool) -> list[tuple[str, str]]:
    """Go on in a process of its own with a copy of the database; return the faults it finds."""
    from django.db import connections  # noqa: PLC0415 -- needs Django

    connections.close_all()
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=child, args=(plant, world, planted, theirs))
    process.start()
    theirs.close()
    with suppress(EOFError):
        found = ours.recv()
        process.join()
        return found
    process.join()
    raise SystemExit(f"The process of “{plant.name}” died.")


def child(plant: Plant, world, planted: bool, pipe) -> None:
    """Change people's habits, take the guard away if asked, play on."""
    from django.db import connections  # noqa: PLC0415 -- needs Django

    from portal.simulation import acting  # noqa: PLC0415
    from portal.simulation import world as worlds  # noqa: PLC0415

    settings = connections["default"].settings_dict
    own = Path(f"{settings['NAME']}-{os.getpid()}")
    shutil.copy(settings["NAME"], own)
    settings["NAME"] = str(own)
    quick()
    worlds.MOST_FAULTS = 3
    # Mistakes are made in earnest here, not tried and taken back.
    acting._MISTAKES = acting._STRANGERS = 0  # noqa: SLF001
    if planted:
        plant.fault()
    plant.habit(world)
    world.play(world.clock.day + timedelta(days=plant.days))
    pipe.send([(fault.invariant, str(fault)) for fault in world.faults])
    pipe.close()
    connections.close_all()
    own.unlink()


def quick() -> None:
    """Nobody needs these rows after a power cut."""
    from django.db import connection  # noqa: PLC0415 -- needs Django

    connection.cursor().execute("PRAGMA synchronous=OFF")


if __name__ == "__main__":
    main()
