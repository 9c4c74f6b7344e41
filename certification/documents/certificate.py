"""The certificate: frozen facts to context to HTML to bytes, each step pure.

The same snapshot gives the same bytes in every process. The content digest is the SHA-256 of the
snapshot's canonical JSON, and exactly that JSON is attached to the PDF, so that anyone can
compute it again. What is only true of one copy, such as a status it is stamped with, is no part
of the snapshot.
"""

import dataclasses
import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

from django.template.loader import render_to_string

from certification import art
from certification.documents import fit
from certification.documents.fit import MM, WIDTH, Face
from certification.documents.words import (
    IDENTIFIER_KINDS,
    LABELS,
    STAMPS,
    STATUS_WORDS,
    TAGS,
    Pair,
    Part,
    day,
    pair,
)
from foundation import glyphs
from foundation.canonical import canonical, digest
from foundation.pdf import Attached, html_to_forms, html_to_pdf
from foundation.pdf_forms import PageForm
from foundation.vectors import Form, Ink, form, move

TEMPLATE = "certification/pdf/certificate.html"
PLATES = "certification/pdf/plates.html"
STYLESHEETS = ("base.css", "certificate.css")
SPECIMEN_COLOUR, STAMP_COLOUR = "#F7EDED", "#F1D6D4"


class Signatory(TypedDict):
    """Who signs for the body."""

    name_zh: str
    name_en: str
    title_zh: str
    title_en: str


class Issuer(TypedDict):
    """The certification body; ``logo`` and ``signature`` are `data:` images (PNG, JPEG) or None.

    ``accreditation`` is how the accreditation reads, such as `CNAS C000-M`, or empty.
    """

    name_zh: str
    name_en: str
    approval_number: str
    accreditation: str
    address: str
    logo: str | None
    signature: str | None
    signatory: Signatory


class Scheme(TypedDict):
    """The scheme; the titles are those of the certificate (`质量管理体系认证证书`)."""

    code: str
    title_zh: str
    title_en: str


class Standard(TypedDict):
    """The edition: ISO designation, and the national one or empty."""

    iso: str
    gb: str


class Holder(TypedDict):
    """The certified organisation. ``identifier_kind`` is `uscc` or `other`."""

    name_zh: str
    name_en: str
    identifier: str
    identifier_kind: str
    address_zh: str
    address_en: str


class Dates(TypedDict):
    """ISO dates. The effective date is never before the decision (ISO/IEC 17021-1 8.2.2)."""

    first_issued_on: str
    effective_on: str
    issued_on: str
    expires_on: str
    decided_on: str


class Site(TypedDict):
    """A site and what the certificate covers there."""

    name_zh: str
    name_en: str
    address_zh: str
    address_en: str
    scope_zh: str
    scope_en: str


class Revision(TypedDict):
    """An edition of this certificate and why it was made."""

    revision: int
    issued_on: str
    reason_zh: str
    reason_en: str


class StatusWord(TypedDict):
    """What a status shown online means, in the words of the day of issue."""

    status: str
    zh: str
    en: str
    meaning_zh: str
    meaning_en: str


class Snapshot(TypedDict):
    """Everything a certificate says, as JSON knows it. Texts may be empty, never None.

    Of every pair in Chinese and English one may be empty. ``languages`` is the order in which
    both are set, `["zh", "en"]` or `["en", "zh"]`. ``draft`` and ``specimen`` are written across
    the page. ``digest`` may stand beside the facts and is not part of them.
    """

    number: str
    code: str
    revision: int
    verify_url: str
    issuer: Issuer
    scheme: Scheme
    standard: Standard
    holder: Holder
    scope_zh: str
    scope_en: str
    exclusions: str
    technical_areas: str
    dates: Dates
    sites: list[Site]
    revisions: list[Revision]
    status_words: NotRequired[list[StatusWord]]
    specimen: bool
    draft: NotRequired[bool]
    languages: list[str]
    digest: NotRequired[str]


@dataclass(frozen=True)
class Stamp:
    """What a copy of a certificate that no longer counts is stamped with.

    ``status`` is `suspended`, `withdrawn`, `cancelled`, `expired` or `superseded`; ``since`` its
    first day; ``copied_on`` the day the copy is made.
    """

    status: str
    since: date
    copied_on: date


class NoGlyphError(Exception):
    """The certificate holds characters that no font of ours draws; it must not be issued."""

    def __init__(self, characters: list[str]):
        super().__init__("No font draws " + " ".join(characters))
        self.characters = characters


def facts_of(snapshot: Snapshot) -> dict:
    """Return what is hashed: the snapshot without its digest."""
    return {key: value for key, value in snapshot.items() if key != "digest"}


def content_digest(snapshot: Snapshot) -> str:
    """Return the SHA-256 of the snapshot's facts in canonical JSON, as hexadecimal."""
    return digest(facts_of(snapshot))


def missing_glyphs(snapshot: Snapshot) -> list[str]:
    """Return the characters of the snapshot that cannot be printed, each once."""
    return glyphs.missing("".join(_texts(facts_of(snapshot))))


def render_certificate(snapshot: Snapshot, stamp: Stamp | None = None) -> bytes:
    """Return the certificate as PDF/A-3 with its facts attached as `certificate.json`.

    Raises NoGlyphError when a character cannot be printed, and what html_to_pdf raises.
    """
    if characters := missing_glyphs(snapshot):
        raise NoGlyphError(characters)
    context = build_context(snapshot, stamp)
    issued = datetime.fromisoformat(snapshot["dates"]["issued_on"]).replace(tzinfo=UTC)
    facts = Attached(
        name="certificate.json",
        content=canonical(facts_of(snapshot)),
        description="The facts of this certificate, canonical JSON",
        at=issued,
    )
    front, annex, meanings = plates(build_plates(context))
    ground, every = build_art(snapshot, context, stamp)
    return html_to_pdf(
        build_html(context),
        stylesheets=STYLESHEETS,
        backdrops=[[*ground, front], [*every, annex]],
        drawings={"meanings": meanings},
        attachments=[facts],
    )


def build_html(context: dict, *, whole: bool = False) -> str:
    """Return the page of a context: what varies, or with the plates in place the whole."""
    return render_to_string(TEMPLATE, {**context, "whole": whole})


def build_plates(context: dict) -> str:
    """Return the pages with what is the same on every certificate of a body."""
    return render_to_string(PLATES, context)


@functools.lru_cache(maxsize=64)
def plates(html: str) -> list[PageForm]:
    """Return the plates, laid out once in a process."""
    return html_to_forms(html, stylesheets=STYLESHEETS)


def build_context(snapshot: Snapshot, stamp: Stamp | None = None) -> dict:
    """Return what the templates show: texts in both languages, in order, with their sizes."""
    languages = snapshot["languages"]
    words = {key: pair(zh, en, languages) for key, (zh, en) in LABELS.items()}
    content = content_digest(snapshot)
    context = {
        "snapshot": snapshot,
        "languages": languages,
        "words": words,
        "digest": content,
        "fingerprint": art.fingerprint_text(content),
        "host": urlsplit(snapshot["verify_url"]).netloc,
        "stamp": _stamp(stamp, languages),
        "caution": _caution(snapshot, words),
        "dates": _dates(snapshot["dates"], words, languages),
        **_issuer(snapshot["issuer"], words, languages),
        **_holder(snapshot, languages),
        **_annex(snapshot, languages),
    }
    context["language"] = TAGS[languages[0]]
    context["main"] = languages[0]
    return {**context, **_fitted(context)}


def _issuer(issuer: Issuer, words: dict[str, Pair], languages: list[str]) -> dict:
    signatory = issuer["signatory"]
    national = "CNCA" in issuer["approval_number"].upper()
    return {
        "issuer": issuer,
        "issuer_name": pair(issuer["name_zh"], issuer["name_en"], languages),
        "signatory": pair(signatory["name_zh"], signatory["name_en"], languages),
        "signatory_title": pair(signatory["title_zh"], signatory["title_en"], languages),
        "legal": words["legal_national" if national else "legal"],
    }


def _holder(snapshot: Snapshot, languages: list[str]) -> dict:
    holder, scheme, standard = snapshot["holder"], snapshot["scheme"], snapshot["standard"]
    return {
        "title": pair(scheme["title_zh"], scheme["title_en"], languages),
        "name": pair(holder["name_zh"], holder["name_en"], languages),
        "identifier_kind": pair(*IDENTIFIER_KINDS[holder["identifier_kind"]], languages),
        "addresses": _addresses(pair(holder["address_zh"], holder["address_en"], languages)),
        "standard": " / ".join(filter(None, (standard["gb"], standard["iso"]))),
        "scope": pair(snapshot["scope_zh"], snapshot["scope_en"], languages),
        "notes": [_sites_note(len(snapshot["sites"]), languages)] if snapshot["sites"] else [],
    }


def _annex(snapshot: Snapshot, languages: list[str]) -> dict:
    return {
        "sites": [_site(site, languages) for site in snapshot["sites"]],
        "revisions": [
            {
                "revision": revision["revision"],
                "date": day(revision["issued_on"], languages),
                "reason": pair(revision["reason_zh"], revision["reason_en"], languages),
            }
            for revision in snapshot["revisions"]
        ],
        "meanings": _meanings(snapshot.get("status_words", STATUS_WORDS), languages),
    }


def _fitted(context: dict) -> dict:
    """Return the sizes, and what is stated in the annex because the first page has no room."""
    words, stamped = context["words"], context["stamp"] is not None
    face = Face(
        title=context["title"],
        name=context["name"],
        meta=(context["identifier_kind"], *context["addresses"]),
        standard=context["standard"],
        scope=context["scope"],
        notes=len(context["notes"]),
    )
    room = fit.ROOM - (5.6 * MM if stamped else 0)
    in_annex = {"scope": fit.belongs_in_annex(face.scope), "address": False}
    if in_annex["scope"]:
        face = dataclasses.replace(face, scope=words["scope_in_annex"])
    fitted = fit.fit(face, room)
    if fitted.height > room and not in_annex["scope"]:
        in_annex["scope"] = True
        face = dataclasses.replace(face, scope=words["scope_in_annex"])
        fitted = fit.fit(face, room)
    if fitted.height > room:
        in_annex["address"] = True
        face = dataclasses.replace(face, meta=face.meta[:1])
        fitted = fit.fit(face, room)
    scope = face.scope
    label = glyphs.advance(words["code"].first.text, "Portal Sans Regular") * 8 / MM
    return {
        "in_annex": in_annex,
        "height": fitted.height,
        "front_scope": [part for part in (scope.first, scope.second) if part],
        "sizes": {
            **fitted.sizes,
            "top": "9.6mm" if stamped else "4mm",
            "code": f"{37.4 + label + 1.4:.2f}mm",
        },
        "plate_sizes": _issuer_sizes(context["issuer"]),
    }


def build_art(
    snapshot: Snapshot, context: dict, stamp: Stamp | None = None
) -> tuple[list[Form], list[Form]]:
    """Return the drawings under the first page, and under every page of the annex."""
    every = form(every_inks(snapshot, stamp), art.WIDTH, art.HEIGHT)
    said = f"{snapshot['verify_url']} · {context['fingerprint']}"
    front = form(front_inks(snapshot, context["digest"]), art.WIDTH, art.HEIGHT, said=said)
    return [art.front_ground(), every, front], [art.annex_ground(), every]


def front_inks(snapshot: Snapshot, content: str) -> list[Ink]:
    """Return what is drawn on the first page alone: fingerprint, QR code, place of the seal."""
    pale = (art.PALE_CELADON, art.PALE_BLUE)
    return [
        *art.rosette_inks(content, move(47, 78, 2.9), colours=pale, width=0.06),
        *art.qr_inks(snapshot["verify_url"], 22, 201.6, 31),
        *art.rosette_inks(content, move(160, 202.4, 23 / 40)),
        *art.seal_place(),
    ]


def every_inks(snapshot: Snapshot, stamp: Stamp | None = None) -> list[Ink]:
    """Return what is drawn on every page: micro-text, a word across, the body's emblem."""
    issuer = snapshot["issuer"]
    name = issuer["name_en"] or issuer["name_zh"]
    inks = art.microtext(f"{name.upper()[:48]} · {snapshot['number']} · R{snapshot['revision']} · ")
    if stamp:
        inks = [*art.word_across(" ".join(STAMPS[stamp.status]), STAMP_COLOUR), *inks]
    elif snapshot.get("draft"):
        inks = [*art.word_across("草稿 DRAFT", SPECIMEN_COLOUR), *inks]
    elif snapshot["specimen"]:
        inks = [*art.word_across("样本 SPECIMEN", SPECIMEN_COLOUR), *inks]
    if not issuer["logo"]:
        inks = [*inks, *art.emblem(name, 25, 22.5, 13.5)]
    return inks


def _texts(value) -> list[str]:
    if isinstance(value, dict):
        return [
            text
            for key, item in value.items()
            if key not in ("logo", "signature")
            for text in _texts(item)
        ]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) else []


def _addresses(address: Pair) -> list[Pair]:
    """Return an address in one line when both languages fit into it, else in one each."""
    if not address:
        return []
    if address.second is None:
        return [address]
    both = f"{address.first.text} · {address.second.text}"
    if glyphs.advance(both, "Portal Serif Regular") * fit.META[0] <= WIDTH:
        return [Pair(Part(both, address.first.language))]
    return [Pair(address.first), Pair(address.second)]


def _issuer_sizes(issuer: Issuer) -> dict[str, str]:
    """Return the sizes at which the body's names fit into the head, long ones in two lines."""
    sizes = {}
    for key, text, size, least in (
        ("issuer", issuer["name_zh"] or issuer["name_en"], 12.2, 8.5),
        ("issuer2", issuer["name_en"], 8.0, 6.5),
    ):
        fitting = fit.one_line(text, "Portal Sans Bold", size, 76 * MM, 0.04)
        sizes[key] = f"{max(fitting, least):.2f}pt"
    return sizes


def _sites_note(count: int, languages: list[str]) -> Pair:
    return pair(
        f"覆盖 {count} 个场所，见附件",
        f"{count} site{'' if count == 1 else 's'} covered, see annex",
        languages,
    )


def _dates(dates: Dates, words: dict[str, Pair], languages: list[str]) -> list[tuple[Pair, Pair]]:
    together = dates["effective_on"] == dates["issued_on"]
    shown = [("first_issued", "first_issued_on")]
    if together:
        shown.append(("issued_effective", "issued_on"))
    else:
        shown += [("issued", "issued_on"), ("effective", "effective_on")]
    shown.append(("expires", "expires_on"))
    return [(words[label], day(dates[key], languages)) for label, key in shown]


def _site(site: Site, languages: list[str]) -> dict[str, Pair]:
    return {
        key: pair(site[f"{key}_zh"], site[f"{key}_en"], languages)
        for key in ("name", "address", "scope")
    }


def _meanings(status_words: list[StatusWord], languages: list[str]) -> list[list[dict]]:
    """Return the meanings in rows of two."""
    cells = [
        {
            "status": row["status"],
            "word": pair(row["zh"], row["en"], languages),
            "meaning": pair(row["meaning_zh"], row["meaning_en"], languages),
        }
        for row in status_words
    ]
    return [cells[index : index + 2] for index in range(0, len(cells), 2)]


def _stamp(stamp: Stamp | None, languages: list[str]) -> dict | None:
    if stamp is None:
        return None
    zh, en = STAMPS[stamp.status]
    since, copied = (
        day(stamp.since.isoformat(), ["zh", "en"]),
        day(stamp.copied_on.isoformat(), ["zh", "en"]),
    )
    return {
        "word": pair(zh, en, languages),
        "text": pair(
            f"自{since.first}起；本副本制于{copied.first}，以在线记录为准",
            f"since {since.second}; copy made on {copied.second}, the online record decides",
            languages,
        ),
    }


def _caution(snapshot: Snapshot, words: dict[str, Pair]) -> Pair | None:
    if snapshot.get("draft"):
        return words["draft"]
    return words["specimen"] if snapshot["specimen"] else None
