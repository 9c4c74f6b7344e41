"""Bring the catalogue's rows in the database in line with its data files."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import models, transaction
from django.utils import timezone

from schemes.models import (
    AuditTimeBand,
    AuditTimeFactor,
    ChecklistQuestion,
    Clause,
    Rule,
    RuleSet,
    Scheme,
    StandardEdition,
    TechnicalArea,
)
from schemes.services.catalogue_files import DATA, FileProblem, read


class CatalogueError(Exception):
    """The data files are wrong; ``problems`` names every place."""

    def __init__(self, problems: list[FileProblem]):
        self.problems = problems
        super().__init__("\n".join(str(problem) for problem in problems))


@dataclass(frozen=True)
class Changes:
    """How many rows of one kind were added, changed and ended."""

    model: type[models.Model]
    added: int
    changed: int
    ended: int

    @property
    def total(self) -> int:
        return self.added + self.changed + self.ended


# Kind of row, its model, the fields that identify a row, and where its references point.
_ORDER: tuple[tuple[str, type[models.Model], tuple[str, ...], dict], ...] = (
    ("schemes", Scheme, ("code",), {}),
    ("areas", TechnicalArea, ("code",), {}),
    ("editions", StandardEdition, ("key",), {"scheme": (Scheme, "code")}),
    ("clauses", Clause, ("edition_id", "number"), {"edition": (StandardEdition, "key")}),
    ("questions", ChecklistQuestion, ("key", "version"), {}),
    ("rule_sets", RuleSet, ("key",), {}),
    (
        "rules",
        Rule,
        ("rule_set_id", "key", "scheme_id"),
        {"rule_set": (RuleSet, "key"), "scheme": (Scheme, "code")},
    ),
    (
        "bands",
        AuditTimeBand,
        ("table", "scheme_id", "category", "personnel_from"),
        {"scheme": (Scheme, "code")},
    ),
    ("factors", AuditTimeFactor, ("scheme_id", "key"), {"scheme": (Scheme, "code")}),
)


def sync(folder: Path = DATA, *, today: date | None = None, check: bool = False) -> list[Changes]:
    """Load the data files in one transaction and return what changed, kind by kind.

    A row that is no longer in the files ends the day before ``today``; it is never deleted, for
    old cases point to it. With ``check`` the changes are counted and undone.
    Raises CatalogueError with every problem of the files, before anything is written.
    """
    catalogue, problems = read(folder)
    if problems:
        raise CatalogueError(problems)
    day = today or timezone.localdate()
    with transaction.atomic():
        changes = [
            _sync_model(model, identity, _resolved(getattr(catalogue, kind), references), day)
            for kind, model, identity, references in _ORDER
        ]
        if check:
            transaction.set_rollback(True)
    return changes


def _resolved(rows: list[dict], references: dict) -> list[dict]:
    """Replace the natural keys of references by the keys of the rows they name."""
    for name, (model, key) in references.items():
        ids = dict(model.objects.values_list(key, "pk"))
        for row in rows:
            named = row.pop(name)
            row[f"{name}_id"] = ids[named] if named is not None else None
    return rows


def _sync_model(model, identity: tuple, rows: list[dict], today: date) -> Changes:
    existing = {tuple(getattr(row, name) for name in identity): row for row in model.objects.all()}
    added, changed, fields = [], [], set()
    for values in rows:
        row = existing.pop(tuple(values[name] for name in identity), None)
        if row is None:
            added.append(model(**values))
            continue
        different = {name for name, value in values.items() if getattr(row, name) != value}
        if different:
            for name in different:
                setattr(row, name, values[name])
            fields |= different
            changed.append(row)
    ended = [row for row in existing.values() if row.valid_to is None or row.valid_to >= today]
    for row in ended:
        row.valid_to = max(today, row.valid_from) - timedelta(days=1)
    model.objects.bulk_create(added)
    if changed:
        model.objects.bulk_update(changed, sorted(fields), batch_size=100)
    if ended:
        model.objects.bulk_update(ended, ["valid_to"], batch_size=100)
    return Changes(model, len(added), len(changed), len(ended))
