"""A clock that is wrong, and days on which much goes wrong."""

from tests.faults.processes import other_database
from tests.faults.trial import fault


def _elsewhere(trial, what):
    """Run one story of tests.faults.clock on a database of its own: its journal lies in time."""
    place = trial.site.folder / f"clock-{what}"
    place.mkdir(exist_ok=True)
    environment = trial.site.environment(direct=True) | {
        "PORTAL_DATA_DIR": str(place),
        "STORAGE_URL": f"file://{place / 'files'}",
        "EMAIL_URL": "dummymail://",
    }
    del environment["REDIS_URL"]
    if trial.site.cluster:
        environment["DATABASE_URL"] = other_database(trial.site, f"clock_{what}")
    said = trial.elsewhere("tests.faults.clock", environment, what)
    trial.problems += said["problems"]
    trial.note(said.get("note", ""))
    return 1


@fault("clock 400 days ahead")
def ahead(trial):
    """What has run out is refused and expires; nothing else does."""
    return _elsewhere(trial, "ahead")


@fault("clock 2 days back")
def back(trial):
    """The alarm is raised; numbers and chains go on in order."""
    return _elsewhere(trial, "back")


@fault("leap day")
def leap_day(trial):
    """Decisions on 29 February."""
    return _elsewhere(trial, "leap")


@fault("midnight of the new year")
def midnight(trial):
    """Decisions in the last and the first second of a year."""
    return _elsewhere(trial, "midnight")
