"""Read the catalogue's data files: structure by JSON Schema, then meaning across files.

Every problem is collected with its file and line; nothing here touches the database.
"""

import csv
import json
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from schemes.yaml_lines import line_at, load

DATA = Path(__file__).resolve().parent.parent / "data"
_KINDS = (
    "schemes",
    "technical_areas",
    "clauses",
    "checklist",
    "rule_terms",
    "rule_set",
    "audit_time",
)
_EVERY = "*"
_DECIMAL = re.compile(r"^[0-9]+(\.[0-9]+)?$")
_TYPES: dict[str, type] = {"flag": bool, "choice": str}
_LISTED = ("days", "working_days", "count")
_SHARE = re.compile(r"^[1-9][0-9]*/[1-9][0-9]*$")


@dataclass(frozen=True, order=True)
class FileProblem:
    """What is wrong, and where a person finds it."""

    file: str
    line: int
    message: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Catalogue:
    """Rows by kind, as field values; a reference names its target's natural key."""

    schemes: list[dict] = field(default_factory=list)
    areas: list[dict] = field(default_factory=list)
    editions: list[dict] = field(default_factory=list)
    clauses: list[dict] = field(default_factory=list)
    questions: list[dict] = field(default_factory=list)
    rule_sets: list[dict] = field(default_factory=list)
    rules: list[dict] = field(default_factory=list)
    bands: list[dict] = field(default_factory=list)
    factors: list[dict] = field(default_factory=list)


@dataclass
class _Document:
    file: str
    data: Any
    problems: list[FileProblem]

    def wrong(self, message: str, *path) -> None:
        self.problems.append(FileProblem(self.file, line_at(self.data, path), message))

    def day(self, holder, key: str, *path) -> date | None:
        text = holder.get(key)
        if text is None:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.wrong(f"{text} is not a date", *path, key)
            return None

    def period(self, holder, *path) -> dict:
        """Return valid_from and valid_to, complaining when they are in the wrong order."""
        first, last = self.day(holder, "valid_from", *path), self.day(holder, "valid_to", *path)
        if first and last and last < first:
            self.wrong("valid_to is before valid_from", *path, "valid_to")
        return {"valid_from": first, "valid_to": last}


def read(folder: Path = DATA) -> tuple[Catalogue, list[FileProblem]]:
    """Return the rows and all problems, sorted by file and line; use the rows only without any."""
    problems: list[FileProblem] = []
    documents = _documents(folder, problems)
    reader = _Reader(folder, problems, complete=not problems)
    for kind in _KINDS:
        for document in documents:
            if document.data["kind"] == kind:
                getattr(reader, f"read_{kind}")(document)
    return reader.catalogue, sorted(set(problems))


def _documents(folder: Path, problems: list[FileProblem]) -> list[_Document]:
    """Load every file and keep those whose structure is right."""
    schema = json.loads((DATA / "schema.json").read_text(encoding="utf-8"))
    kept = []
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).as_posix()
        try:
            document = _Document(name, load(path), problems)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            problems.append(FileProblem(name, line, str(error.problem or error.context)))
            continue
        if _is_well_formed(document, schema):
            kept.append(document)
    return kept


def _is_well_formed(document: _Document, schema: dict) -> bool:
    kind = document.data.get("kind") if isinstance(document.data, dict) else None
    if kind not in _KINDS:
        document.wrong(f"kind must be one of {', '.join(_KINDS)}", "kind")
        return False
    validator = Draft202012Validator({"$ref": f"#/$defs/{kind}", "$defs": schema["$defs"]})
    errors = list(validator.iter_errors(document.data))
    for error in errors:
        where = ".".join(str(step) for step in error.absolute_path)
        document.wrong(f"{where}: {error.message}" if where else error.message, *error.path)
    return not errors


def _titles(title: dict, name: str = "title") -> dict:
    return {f"{name}_en": title["en"], f"{name}_zh": title["zh"]}


class _Reader:
    """Turns documents into rows; ``complete`` says that missing references are real ones."""

    def __init__(self, folder: Path, problems: list[FileProblem], *, complete: bool):
        self.folder = folder
        self.problems = problems
        self.complete = complete
        self.catalogue = Catalogue()
        self.categories: dict[str, set[str]] = {}
        self.terms: dict[str, dict] = {}
        self.seen: set[tuple] = set()
        self.columns: list[dict] = []

    def once(self, document: _Document, thing: tuple, *path) -> None:
        if thing in self.seen:
            document.wrong(f"{' '.join(str(part) for part in thing)} stands twice", *path)
        self.seen.add(thing)

    def known(self, document: _Document, what: str, key: str, keys, *path) -> None:
        if self.complete and key not in keys:
            document.wrong(f"there is no {what} {key}", *path)

    def read_schemes(self, document: _Document) -> None:
        for index, row in enumerate(document.data["schemes"]):
            path = ("schemes", index)
            code = row["code"]
            self.once(document, ("scheme", code), *path, "code")
            categories = row.get("categories", [])
            self.categories[code] = {entry["key"] for entry in categories}
            self.catalogue.schemes.append(
                {
                    "code": code,
                    "letter": row["letter"],
                    **_titles(row["title"]),
                    **_titles(row["certificate_title"], "certificate_title"),
                    "categories": [
                        {"key": entry["key"], **_titles(entry["title"])} for entry in categories
                    ],
                    "position": len(self.catalogue.schemes) + 1,
                    **document.period(row, *path),
                }
            )
            self._read_editions(document, row, path)

    def _read_editions(self, document: _Document, scheme, path) -> None:
        for index, row in enumerate(scheme["editions"]):
            here = (*path, "editions", index)
            self.once(document, ("edition", row["key"]), *here, "key")
            self.catalogue.editions.append(
                {
                    "key": row["key"],
                    "scheme": scheme["code"],
                    "designation": row["designation"],
                    "designation_cn": row.get("designation_cn", ""),
                    "designation_cn_from": document.day(row, "designation_cn_from", *here),
                    "amendment": row.get("amendment", ""),
                    "source": row.get("source", ""),
                    **_titles(row["title"]),
                    **document.period(row, *here),
                }
            )

    def read_technical_areas(self, document: _Document) -> None:
        period = document.period(document.data)
        for index, row in enumerate(document.data["areas"]):
            self.once(document, ("technical area", row["code"]), "areas", index, "code")
            self.catalogue.areas.append(
                {
                    "code": row["code"],
                    "nace": row["nace"],
                    "position": len(self.catalogue.areas) + 1,
                    **_titles(row["title"]),
                    **period,
                }
            )

    def read_clauses(self, document: _Document) -> None:
        key = document.data["edition"]
        editions = {row["key"]: row for row in self.catalogue.editions}
        self.known(document, "edition", key, editions, "edition")
        edition = editions.get(key, {})
        for index, row in enumerate(document.data["clauses"]):
            number = row["number"]
            self.once(document, ("clause", key, number), "clauses", index, "number")
            self.catalogue.clauses.append(
                {
                    "edition": key,
                    "number": number,
                    "position": index + 1,
                    **_titles(row["title"]),
                    "valid_from": edition.get("valid_from"),
                    "valid_to": edition.get("valid_to"),
                }
            )

    def read_checklist(self, document: _Document) -> None:
        data = document.data
        thing = ("checklist", data["key"], f"version {data['version']}")
        self.once(document, thing, "key")
        period = document.period(data)
        for index, row in enumerate(data["questions"]):
            path = ("questions", index)
            self.once(document, ("question", row["key"], f"version {data['version']}"), *path)
            self.catalogue.questions.append(
                {
                    "checklist": data["key"],
                    "version": data["version"],
                    "key": row["key"],
                    "only": row.get("only", []),
                    "clauses": self._clauses_of(document, row["clauses"], (*path, "clauses")),
                    "text_en": row["ask"]["en"],
                    "text_zh": row["ask"]["zh"],
                    "source": data["source"],
                    "position": len(self.catalogue.questions) + 1,
                    **period,
                }
            )

    def _clauses_of(self, document: _Document, named: dict, path) -> dict[str, list[str]]:
        """Return the clauses of a question by edition; ``*`` means each edition that has one."""
        known: dict[str, set[str]] = {row["key"]: set() for row in self.catalogue.editions}
        for clause in self.catalogue.clauses:
            known.setdefault(clause["edition"], set()).add(clause["number"])
        found = {}
        for edition, numbers in known.items():
            wanted = named.get(edition) or [n for n in named.get(_EVERY, ()) if _has(numbers, n)]
            if wanted:
                found[edition] = list(wanted)
        for edition, numbers in named.items():
            if edition == _EVERY:
                for number in numbers:
                    if self.complete and not any(_has(all_, number) for all_ in known.values()):
                        document.wrong(f"no edition has clause {number}", *path, edition)
                continue
            self.known(document, "edition", edition, known, *path, edition)
            for number in numbers:
                if self.complete and edition in known and not _has(known[edition], number):
                    document.wrong(f"{edition} has no clause {number}", *path, edition)
        return found

    def read_rule_terms(self, document: _Document) -> None:
        for index, row in enumerate(document.data["terms"]):
            self.once(document, ("rule term", row["key"]), "terms", index, "key")
            self.terms[row["key"]] = {"position": len(self.terms) + 1, **row}

    def read_rule_set(self, document: _Document) -> None:
        data = document.data
        self.once(document, ("rule set", data["key"]), "key")
        period = document.period(data)
        row = {name: data[name] for name in ("key", "edition", "country")}
        row |= {**_titles(data["title"]), **period}
        if _overlaps(
            row, [other for other in self.catalogue.rule_sets if _same_country(row, other)]
        ):
            document.wrong("another rule set of this country holds at the same time", "valid_from")
        self.catalogue.rule_sets.append(row)
        general = {rule["key"] for rule in data["rules"] if "scheme" not in rule}
        missing = [key for key in self.terms if key not in general]
        if self.complete and missing:
            document.wrong(f"no value for {', '.join(missing)}", "rules")
        for index in range(len(data["rules"])):
            self._read_rule(document, index, period)

    def _read_rule(self, document: _Document, index: int, period: dict) -> None:
        path = ("rules", index)
        row = document.data["rules"][index]
        scheme = row.get("scheme")
        thing = ("rule", document.data["key"], row["key"], scheme or "for all schemes")
        self.once(document, thing, *path, "key")
        self.known(document, "rule term", row["key"], self.terms, *path, "key")
        if scheme:
            self.known(document, "scheme", scheme, self.categories, *path, "scheme")
        term = self.terms.get(row["key"])
        if term is None:
            return
        if not _fits(term["unit"], row["value"]):
            document.wrong(f"{row['value']!r} is no value in {term['unit']}", *path, "value")
        if (term["unit"] == "working_days") != ("calendar" in row):
            document.wrong("a calendar belongs to a limit in working days", *path)
        self.catalogue.rules.append(
            {
                "rule_set": document.data["key"],
                "key": row["key"],
                "scheme": scheme,
                "value": row["value"],
                "unit": term["unit"],
                "calendar": row.get("calendar", ""),
                "source": row["source"],
                "position": term["position"],
                **_titles(term["title"]),
                **period,
            }
        )

    def read_audit_time(self, document: _Document) -> None:
        for index, table in enumerate(document.data["tables"]):
            path = ("tables", index)
            self.once(document, ("table", table["key"]), *path, "key")
            period = document.period(table, *path)
            for column, target in table["columns"].items():
                self._check_column(document, target, period, (*path, "columns", column))
            figures = self.folder / table["file"]
            if figures.is_file():
                self._read_bands(table, _bands(figures, table["columns"]), period)
            else:
                document.wrong(f"there is no file {table['file']}", *path, "file")
        self._read_factors(document)

    def _check_column(self, document: _Document, target, period: dict, path) -> None:
        scheme, category = target["scheme"], target.get("category", "")
        self.known(document, "scheme", scheme, self.categories, *path, "scheme")
        allowed = self.categories.get(scheme, set()) or {""}
        if scheme in self.categories and category not in allowed:
            document.wrong(f"{scheme} has no category {category!r}", *path)
        column = {"of": (scheme, category), **period}
        if _overlaps(column, [other for other in self.columns if other["of"] == column["of"]]):
            document.wrong(f"another table holds for {scheme} at the same time", *path)
        self.columns.append(column)

    def _read_bands(self, table, rows, period: dict) -> None:
        for row in rows:
            if isinstance(row, FileProblem):
                self.problems.append(row)
                continue
            band = {"table": table["key"], "edition": table["edition"], **row, **period}
            band["source"] = table["source"]
            self.catalogue.bands.append(band)

    def _read_factors(self, document: _Document) -> None:
        period = {"valid_from": document.day(document.data, "valid_from"), "valid_to": None}
        for index, row in enumerate(document.data["factors"]):
            path = ("factors", index)
            low, high = row["usual"]
            signed_right = low >= 0 if row["direction"] == "plus" else high <= 0
            if low > high or not signed_right:
                document.wrong("the usual range contradicts the direction", *path, "usual")
            for position, code in enumerate(row["schemes"]):
                here = (*path, "schemes", position)
                self.known(document, "scheme", code, self.categories, *here)
                self.once(document, ("factor", code, row["key"]), *here)
                self.catalogue.factors.append(
                    {
                        "scheme": code,
                        "key": row["key"],
                        "direction": row["direction"],
                        "usual_min": Decimal(low),
                        "usual_max": Decimal(high),
                        "source": row["source"],
                        "position": index + 1,
                        **_titles(row["title"]),
                        **period,
                    }
                )


def _has(numbers: set[str], number: str) -> bool:
    """Tell whether an edition has a clause, itself or something below it."""
    return any(one == number or one.startswith(f"{number}.") for one in numbers)


def _bands(path: Path, columns: dict):
    """Yield a row per band and column of a table file, or the problem in its place."""
    with path.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(lines)
        missing = {"personnel_from", "personnel_to", *columns} - set(table.fieldnames or ())
        if missing:
            yield FileProblem(path.name, 1, f"no column {', '.join(sorted(missing))}")
            return
        expected = 1
        for row in table:
            try:
                first, last = int(row["personnel_from"]), int(row["personnel_to"])
                days = {column: Decimal(row[column]) for column in columns}
            except (ValueError, TypeError, InvalidOperation):
                yield FileProblem(path.name, table.line_num, "a figure is missing or no number")
                continue
            if first != expected or last < first:
                message = f"the band must begin at {expected} and not end before it begins"
                yield FileProblem(path.name, table.line_num, message)
            if any(figure <= 0 for figure in days.values()):
                yield FileProblem(path.name, table.line_num, "days must be more than 0")
            expected = last + 1
            for column, target in columns.items():
                yield {
                    "scheme": target["scheme"],
                    "category": target.get("category", ""),
                    "personnel_from": first,
                    "personnel_to": last,
                    "days": days[column],
                }


def _fits(unit: str, value) -> bool:
    """Tell whether a rule's value is of its unit; no value means no such limit."""
    if value is None:
        return True
    if unit in _TYPES:
        return isinstance(value, _TYPES[unit])
    if unit == "share":
        return bool(_SHARE.match(str(value)))
    if isinstance(value, list):
        return unit in _LISTED and all(type(item) is int and item > 0 for item in value)
    if isinstance(value, str):
        return bool(_DECIMAL.match(value))
    return type(value) is int and value >= 0


def _overlaps(row: dict, others: list[dict]) -> bool:
    return any(
        (other["valid_to"] or date.max) >= (row["valid_from"] or date.max)
        and (row["valid_to"] or date.max) >= (other["valid_from"] or date.max)
        for other in others
    )


def _same_country(row: dict, other: dict) -> bool:
    return row["country"] == other["country"]
