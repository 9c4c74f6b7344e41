"""Which clauses an audit planned and which it looked at, by standard and by site."""

from dataclasses import dataclass

from audits.checks.timetable import clauses_of, coverage, due_clauses, uncovered
from audits.enums import LOOKED_AT, Activity


@dataclass(frozen=True)
class Covered:
    """One standard of an audit: what has to be looked at, what nobody planned or looked at.

    ``required`` counts the clauses that this audit owes; ``unplanned`` and ``unseen`` name those
    that are missing, the shortest way to say it.
    """

    edition: object
    required: int
    seen: int
    unplanned: list
    unseen: list


def _leaves(numbers) -> list:
    return [n for n in numbers if not any(m.startswith(f"{n}.") for m in numbers)]


def _seen_in(items, edition) -> list:
    """Return the clauses that somebody looked at, as the questions name them."""
    return [
        number
        for item in items
        if item.verdict in LOOKED_AT
        for one, numbers in item.clauses
        if one == edition
        for number in numbers
    ]


def audited_of(audit, items) -> list[Covered]:
    """Compare the clauses an audit owes with its timetable and with its checklist."""
    lines = list(audit.plan.all())
    missing = coverage(audit, lines).missing
    found = []
    for edition, numbers in clauses_of(audit).items():
        owed = due_clauses(audit, numbers)
        lacking = uncovered(_seen_in(items, edition), owed)
        every = _leaves(owed)
        lost = [n for n in every if any(n == w or n.startswith(f"{w}.") for w in lacking)]
        unplanned = missing.get(edition, [])
        found.append(Covered(edition, len(every), len(every) - len(lost), unplanned, lacking))
    return found


def by_site(audit, items) -> list[tuple]:
    """Return for each site the clauses planned there and those looked at, in order of sites."""
    lines = audit.plan.filter(activity=Activity.AUDIT)
    planned: dict = {}
    for line in lines:
        planned.setdefault(line.site_id, []).append(line.clauses)
    found = []
    for site in audit.sites.all():
        here = [item for item in items if item.site == site]
        seen = {edition: _seen_in(here, edition) for edition in audit.editions.all()}
        words = {
            edition: sorted(set(numbers), key=numbers.index)
            for edition, numbers in seen.items()
            if numbers
        }
        found.append((site, [text for text in planned.get(site.pk, []) if text], words))
    return found


def gaps(audit, items) -> dict:
    """Return what nobody looked at, as {edition: [number, …]}."""
    return {row.edition: row.unseen for row in audited_of(audit, items) if row.unseen}
