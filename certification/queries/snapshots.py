"""What an application says: as plain facts to keep, as rows to read, as differences to judge.

A snapshot has one key for each question of ``certification.questions``, in both languages where
there are two, so that it reads the same in twenty years without any other row.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification.enums import (
    ApplicationKind,
    AuditLanguage,
    DocumentKind,
    IntegrationLevel,
    PreviousStatus,
)
from certification.models import Application
from certification.queries.dossiers import Dossier, dossier_of
from certification.questions import ANSWERS, LABELS, STEPS, is_asked
from foundation.canonical import plain
from foundation.formatting import day, is_chinese, month
from foundation.models.base import in_language

FORMAT = 1
_SITE_FACTS = (
    "name_zh",
    "name_en",
    "address_zh",
    "address_en",
    "region",
    "latitude",
    "longitude",
    "is_central",
    "activities_zh",
    "activities_en",
    "day_shift",
    "second_shift",
    "night_shift",
    "part_time",
    "part_time_hours",
    "repetitive",
)


def snapshot_of(application: Application, dossier: Dossier | None = None) -> dict:
    """Return every answer of an application with the facts it rests on, as plain JSON."""
    dossier = dossier or dossier_of(application)
    facts = {name: getattr(application, name) for name in ANSWERS if name != "body"}
    facts |= _organisation(dossier)
    facts |= {
        "format": FORMAT,
        "body": _party(dossier.body) if dossier.body else None,
        "schemes": [_scheme(row, dossier.today) for row in dossier.schemes],
        "areas": [_area(area) for area in dossier.areas],
        "sites": [_site(site) for site in dossier.sites],
        "documents": [_file(row) for row in dossier.documents],
    }
    facts |= {name: None for name in ANSWERS if not is_asked(name, facts)}
    return plain(facts)


def _party(organisation) -> dict:
    return {"id": organisation.pk, "zh": organisation.name_zh, "en": organisation.name_en}


def _organisation(dossier: Dossier) -> dict:
    enterprise = dossier.enterprise
    return {
        "enterprise": enterprise.pk,
        "name": {"zh": enterprise.name_zh, "en": enterprise.name_en},
        "country": str(enterprise.country),
        "identifier": enterprise.identifier,
        "address": {"zh": enterprise.address_zh, "en": enterprise.address_en},
        "region": enterprise.region,
        "legal_representative": enterprise.legal_representative,
        "licence": [_file(row) for row in dossier.licences],
        "licence_valid_until": enterprise.licence_valid_until,
    }


def _scheme(row, today: date) -> dict:
    return {
        "code": row.scheme.code,
        "edition": row.edition.key,
        "designation": row.edition.designations(today),
        "zh": row.scheme.title_zh,
        "en": row.scheme.title_en,
    }


def _area(area) -> dict:
    return {"code": area.code, "zh": area.title_zh, "en": area.title_en}


def _site(site) -> dict:
    return {"id": site.pk} | {name: getattr(site, name) for name in _SITE_FACTS}


def _file(attachment) -> dict:
    file = attachment.file
    return {
        "id": file.pk,
        "label": attachment.label,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
    }


@dataclass(frozen=True)
class Row:
    """One fact in words; ``files`` are named by identifier, ``key`` tells it from all others."""

    key: str
    field: str
    label: Any
    value: Any = ""
    sub: Any = ""
    files: tuple = ()

    @property
    def text(self) -> str:
        """The whole value in words, files by name and fingerprint."""
        names = [f"{row['name']} ({row['sha256'][:8]})" for row in self.files]
        return _comma().join(filter(None, [str(self.value), str(self.sub), *names]))


@dataclass(frozen=True)
class Section:
    """The facts of one step, in the order of its questions."""

    step: Any
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Change:
    """One fact that differs between two snapshots; an empty side was not provided."""

    label: Any
    before: str
    after: str
    field: str = ""


def sections(snapshot: dict) -> list[Section]:
    """Return a snapshot in words of the reader's language, step by step."""
    return [
        Section(step, [row for name in step.fields for row in _rows(name, snapshot)])
        for step in STEPS
    ]


def differences(before: dict, after: dict) -> list[Change]:
    """Return field by field what differs between two snapshots, in the order of the questions."""
    old, new = _by_key(before), _by_key(after)
    keys = list(new) + [key for key in old if key not in new]
    order = {name: position for position, name in enumerate(LABELS)}
    changes = []
    for key in keys:
        sides = [rows[key].text if key in rows else "" for rows in (old, new)]
        row = new.get(key) or old[key]
        if sides[0] != sides[1]:
            changes.append(Change(row.label, sides[0], sides[1], row.field))
    return sorted(changes, key=lambda change: order[change.field])


def _by_key(snapshot: dict) -> dict[str, Row]:
    return {row.key: row for section in sections(snapshot) for row in section.rows}


def _rows(name: str, snapshot: dict) -> list[Row]:
    if name in _MANY:
        return _MANY[name](snapshot)
    if name not in snapshot or not is_asked(name, snapshot):
        return []
    return [Row(name, name, LABELS[name], _words(name, snapshot[name]))]


def _day(value: str) -> str:
    return day(date.fromisoformat(value))


def _languages(codes: list[str]) -> str:
    return _comma().join(str(AuditLanguage(code).label) for code in codes)


_WORDS = {
    "kind": lambda value: str(ApplicationKind(value).label),
    "integration": lambda value: str(IntegrationLevel(value).label),
    "previous_status": lambda value: str(PreviousStatus(value).label),
    "languages": _languages,
    "wished_month": lambda value: month(date.fromisoformat(value)),
    "name": lambda value: _both(**value),
    "address": lambda value: _both(**value),
    "licence_valid_until": _day,
    "system_since": _day,
    "internal_audit_on": _day,
    "management_review_on": _day,
    "consultancy_until": _day,
    "previous_expires_on": _day,
    "withdrawn_on": _day,
    "previous_body_lost_on": _day,
}


def _words(name: str, value) -> str:
    """Return one value in the reader's words; empty for no answer."""
    if value in (None, "", []):
        return _("Long-term") if name == "licence_valid_until" else ""
    if name in _WORDS:
        return _WORDS[name](value)
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return str(value)


def _comma() -> str:
    return "、" if is_chinese() else ", "


def _both(zh: str, en: str) -> str:
    """Return a text in both languages, the reader's first."""
    return " · ".join(filter(None, (zh, en) if is_chinese() else (en, zh)))


def _scheme_rows(snapshot: dict) -> list[Row]:
    names = _comma().join(row["designation"] for row in snapshot["schemes"])
    return [Row("schemes", "schemes", LABELS["schemes"], names)]


def _area_rows(snapshot: dict) -> list[Row]:
    names = [f"{row['code']} {in_language(row['zh'], row['en'])}" for row in snapshot["areas"]]
    separator = "；" if is_chinese() else "; "
    return [Row("areas", "areas", LABELS["areas"], separator.join(names))]


def _body_rows(snapshot: dict) -> list[Row]:
    body = snapshot["body"]
    name = _both(body["zh"], body["en"]) if body else ""
    return [Row("body", "body", LABELS["body"], name)]


def _licence_rows(snapshot: dict) -> list[Row]:
    return [Row("licence", "licence", LABELS["licence"], files=tuple(snapshot["licence"]))]


def _site_rows(snapshot: dict) -> list[Row]:
    rows = []
    for site in snapshot["sites"]:
        key, name = f"site:{site['id']}", in_language(site["name_zh"], site["name_en"])
        names = _both(site["name_zh"], site["name_en"])
        if site["is_central"]:
            names = _("%(site)s (central function)") % {"site": names}
        address = _both(site["address_zh"], site["address_en"])
        doing = _both(site["activities_zh"], site["activities_en"])
        rows += [
            Row(key, "sites", _("Site"), names, address),
            Row(f"{key}:people", "sites", _("%(site)s: people") % {"site": name}, _people(site)),
            Row(f"{key}:doing", "sites", _("%(site)s: activities") % {"site": name}, doing),
        ]
    return rows or [Row("sites", "sites", LABELS["sites"])]


def _people(site: dict) -> str:
    full_time = site["day_shift"] + site["second_shift"] + site["night_shift"]
    parts = [
        _("%(total)s (day %(day)s, second shift %(second)s, night %(night)s)")
        % {
            "total": ngettext("%(count)s person", "%(count)s people", full_time)
            % {"count": full_time},
            "day": site["day_shift"],
            "second": site["second_shift"],
            "night": site["night_shift"],
        }
    ]
    if site["part_time"]:
        parts.append(
            _("%(count)s part-time at %(hours)s hours a week")
            % {"count": site["part_time"], "hours": site["part_time_hours"]}
        )
    if site["repetitive"]:
        parts.append(_("%(count)s in identical simple work") % {"count": site["repetitive"]})
    return _comma().join(parts)


def _document_rows(snapshot: dict) -> list[Row]:
    rows = []
    for kind in DocumentKind:
        found = tuple(row for row in snapshot["documents"] if row["label"] == kind)
        if found:
            rows.append(Row(f"documents:{kind}", "documents", kind.label, files=found))
    return rows or [Row("documents", "documents", LABELS["documents"])]


_MANY = {
    "schemes": _scheme_rows,
    "areas": _area_rows,
    "body": _body_rows,
    "licence": _licence_rows,
    "sites": _site_rows,
    "documents": _document_rows,
}
