"""Which clauses an audit planned and which it looked at, by standard and by site."""

from dataclasses import dataclass

from audits.checks.clauses import in_order
from audits.checks.timetable import (
    clause_numbers,
    clauses_of,
    coverage,
    due_clauses,
    uncovered,
)
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
    clauses = clauses_of(audit)
    missing = coverage(audit, list(audit.plan.all()), clauses).missing
    found = []
    for edition, numbers in clauses.items():
        owed = due_clauses(audit, numbers)
        lacking = uncovered(_seen_in(items, edition), owed)
        every = _leaves(owed)
        lost = [n for n in every if any(n == w or n.startswith(f"{w}.") for w in lacking)]
        unplanned = missing.get(edition, [])
        found.append(Covered(edition, len(every), len(every) - len(lost), unplanned, lacking))
    return found


def by_site(audit, items) -> list[dict]:
    """Return for each site of a multi-site audit what is planned there and what was looked at.

    Nothing for an audit of one site: it is where everything happens.
    """
    sites = list(audit.sites.all())
    if not sites[1:]:
        return []
    planned: dict = {}
    for line in audit.plan.filter(activity=Activity.AUDIT).exclude(clauses=""):
        planned.setdefault(line.site_id, []).extend(clause_numbers(line.clauses)[0])
    seen: dict = {}
    for item in items:
        if item.site is not None and item.verdict in LOOKED_AT:
            numbers = [n for _edition, named in item.clauses for n in named]
            seen.setdefault(item.site.pk, []).extend(numbers)
    return [
        {
            "site": site,
            "planned": sorted(set(planned.get(site.pk, ())), key=in_order),
            "seen": sorted(set(seen.get(site.pk, ())), key=in_order),
        }
        for site in sites
    ]


def gaps(covered) -> dict:
    """Return what nobody looked at, as {edition: [number, …]}."""
    return {row.edition: row.unseen for row in covered if row.unseen}
