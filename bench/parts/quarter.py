"""A quarter of a large certification body, made up from a seed: audits, people, places."""

import random
from datetime import date, timedelta

from audits.schedule.problem import Person, Problem, Skill, Task
from foundation.calendar import is_working_day

# Cities with the weight of their industry; latitude, longitude.
CITIES = (
    ((31.23, 121.47), 9), ((39.90, 116.40), 6), ((23.13, 113.26), 8), ((22.54, 114.06), 8),
    ((30.27, 120.15), 7), ((29.87, 121.54), 6), ((31.30, 120.58), 8), ((32.06, 118.80), 5),
    ((36.07, 120.38), 5), ((30.59, 114.30), 5), ((30.57, 104.07), 5), ((29.56, 106.55), 4),
    ((34.34, 108.94), 3), ((38.91, 121.61), 3), ((28.00, 120.70), 4), ((24.48, 118.09), 3),
)  # fmt: skip
SCHEMES = (("QMS", 10), ("EMS", 5), ("OHSMS", 5), ("ISMS", 1))
AREAS = tuple(f"{number:02}" for number in range(1, 40))
BEGINS = date(2027, 4, 1)
DAYS = 91


def quarter(seed: int, *, audits: int = 500, people: int = 60) -> Problem:
    """Return a quarter with official holidays and make-up days, leave and earlier bookings."""
    chance = random.Random(seed)  # noqa: S311 -- no secret
    days = tuple(is_working_day(BEGINS + timedelta(days=n)) for n in range(DAYS))
    weights = [16 - min(n % 13, 12) for n in range(len(AREAS))]
    team = tuple(_person(chance, n, weights, days) for n in range(people))
    tasks: list[Task] = []
    while len(tasks) < audits:
        tasks += _case(chance, len(tasks), weights, team)
    return Problem(BEGINS, days, tuple(tasks[:audits]), team)


def _often(chance, share: float) -> bool:
    return chance.random() < share


def _city(chance) -> tuple[float, float]:
    places, weights = zip(*CITIES, strict=True)
    latitude, longitude = chance.choices(places, weights)[0]
    return latitude + chance.gauss(0, 0.25), longitude + chance.gauss(0, 0.25)


def _areas(chance, weights, count) -> frozenset[str]:
    found: set[str] = set()
    while len(found) < count:
        found.add(chance.choices(AREAS, weights)[0])
    return frozenset(found)


def _person(chance, number, weights, days) -> Person:
    schemes = {"QMS"} | {name for name, weight in SCHEMES[1:] if _often(chance, 0.12 * weight)}
    leads = _often(chance, 0.6)
    areas = _areas(chance, weights, chance.randint(8, 18))
    languages = frozenset({"zh"} | ({"en"} if _often(chance, 0.25) else set()))
    busy: set[int] = set()
    for _leave in range(chance.randint(0, 2)):
        start = chance.randrange(DAYS)
        busy.update(range(start, min(DAYS, start + chance.randint(1, 9))))
    for _booking in range(chance.randint(0, 3)):
        start = chance.randrange(DAYS)
        busy.update(range(start, min(DAYS, start + chance.randint(1, 3))))
    ends = DAYS if _often(chance, 0.95) else chance.randrange(20, DAYS)
    return Person(
        f"p{number:02}",
        _city(chance),
        tuple(Skill(name, leads, areas, languages, 0, ends) for name in sorted(schemes)),
        frozenset(busy),
        on_site={BEGINS.year: chance.randint(35, 120)},
        certificates=chance.randint(8, 50),
    )


def _case(chance, number, weights, team) -> list[Task]:
    """One audit of an enterprise, or its two stages."""
    names, popular = zip(*SCHEMES, strict=True)
    schemes = {chance.choices(names, popular)[0]}
    if _often(chance, 0.35):
        schemes |= {"QMS", chance.choice(("EMS", "OHSMS"))}
    areas = _areas(chance, weights, 1 if _often(chance, 0.8) else 2)
    facts = {
        "case": f"c{number:03}",
        "schemes": frozenset(schemes),
        "needs": frozenset((scheme, area) for scheme in schemes for area in areas),
        "language": "zh" if _often(chance, 0.94) else "en",
        "place": _city(chance),
        "refused": {
            person.key: "belonged to this enterprise" for person in team if _often(chance, 0.015)
        },
        "certificates": len(schemes),
    }
    work = chance.choice((2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10)) + 2 * (len(schemes) - 1)
    if _often(chance, 0.18):
        first = chance.randrange(0, 30)
        one = Task(f"a{number:03}-1", first=first, last=first + 40, half_days=2,
                   **{**facts, "certificates": 0})  # fmt: skip
        two = Task(f"a{number:03}-2", first=first + 10, last=DAYS - 1, half_days=work,
                   after=one.key, **facts)  # fmt: skip
        return [one, two]
    first = chance.randrange(-20, DAYS - 14)
    last = min(DAYS - 1, first + chance.choice((21, 30, 45, 60)))
    return [Task(f"a{number:03}", first=max(0, first), last=max(last, 13), half_days=work, **facts)]
