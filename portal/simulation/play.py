"""Play one simulation in an empty database."""

from contextlib import contextmanager
from datetime import date, timedelta

from django.core.management import call_command

from foundation import jobs, logs
from organisations.models import Organisation
from portal.simulation import documents
from portal.simulation.chance import Chance, repeatable
from portal.simulation.clock import MORNING, Clock
from portal.simulation.parties import enrol
from portal.simulation.world import START, USUAL, World
from schemes.queries import remembered

YEAR = 365.25


@contextmanager
def simulated(*, seed: int, enterprises: int, bodies: int = 1, every: int = 50, pace=USUAL):
    """Give a world of a seed at its first morning; its clock stands until it is played.

    ``every`` is how many documents there are to one that is really rendered, ``pace`` how many
    days people usually let a piece of work lie.
    """
    if Organisation.objects.exists():
        raise ValueError("A simulation wants an empty database.")
    chance = Chance(seed)
    call_command("sync_schemes", verbosity=0)
    with (
        logs.quiet(),
        remembered(),
        documents.sampled(every) as count,
        repeatable(seed),
        Clock(START) as clock,
    ):
        clock.go(MORNING)
        cast = enrol(chance, enterprises=enterprises, bodies=bodies)
        jobs.run_due()
        world = World(seed=seed, cast=cast, clock=clock, chance=chance, pace=pace)
        world.documents = count
        yield world


def last_day(years: float) -> date:
    """Return the day after the last of a simulation of some years."""
    return START + timedelta(days=round(years * YEAR))
