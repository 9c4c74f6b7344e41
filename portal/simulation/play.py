"""Play one simulation in an empty database."""

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, timedelta

from django.core.management import call_command

from foundation import jobs, logs
from organisations.models import Organisation
from portal.simulation import documents
from portal.simulation.chance import Chance, repeatable
from portal.simulation.clock import MORNING, Clock
from portal.simulation.parties import enrol
from portal.simulation.world import START, World

YEAR = 365.25


@contextmanager
def simulated(*, seed: int, enterprises: int, bodies: int = 1, every: int = 50, start=START):
    """Give a world of a seed at its first morning; its clock stands until it is played.

    ``every`` is how many documents there are to one that is really rendered.
    """
    if Organisation.objects.exists():
        raise ValueError("A simulation wants an empty database.")
    chance = Chance(seed)
    with logs.quiet(), documents.sampled(every) as count, repeatable(seed), Clock(start) as clock:
        clock.go(MORNING)
        call_command("sync_schemes", verbosity=0)
        cast = enrol(chance, enterprises=enterprises, bodies=bodies)
        jobs.run_due()
        world = World(seed=seed, cast=cast, clock=clock, chance=chance)
        world.documents = count
        yield world


def last_day(years: float, start: date = START) -> date:
    """Return the day after the last of a simulation of some years."""
    return start + timedelta(days=round(years * YEAR))


def play(*, years: float, until: date | None = None, tell: Callable = lambda day: None, **facts):
    """Play a simulation to its end and return its world."""
    with simulated(**facts) as world:
        world.play(until or last_day(years), tell)
    return world
