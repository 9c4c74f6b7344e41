"""The offer and the signed contract: frozen facts to sections to PDF, each step pure.

The same snapshot gives the same bytes in every process. The digest printed on both documents is
the SHA-256 of the snapshot's canonical JSON, which is attached, so that anyone can compute it
again. The contract repeats the offer word for word and adds the block of the signature.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certification.documents.words import day, pair
from certification.enums import ApplicationKind
from foundation.canonical import canonical, digest
from foundation.documents import Column, Lines, Section, Signature, render_document
from foundation.pdf import Attached

_UNITS = {"days": ("人日", "days"), "persons": ("人", "persons"), "hours": ("小时", "hours")}
_CLIENT = pgettext_lazy("contract", "Client")
_CLOSING = _(
    "The client signs this offer online; it then is the contract, recorded with the SHA-256 "
    "of this very file, the name typed and the time."
)
_SIGNED = _(
    "The signatory proved again who signs, by password, code or passkey, and typed the full name "
    "under the document with this SHA-256."
)
_BREAK = mark_safe("<br>")


def offer_pdf(offer) -> bytes:
    """Return the document of an offer. Raises what render_document raises."""
    return _pdf(offer.snapshot, None)


def contract_pdf(offer) -> bytes:
    """Return the signed contract. Raises what render_document raises."""
    return _pdf(offer.snapshot, signature_facts(offer))


def signature_facts(offer) -> dict:
    """Return who signed which bytes, when and from where, as plain data."""
    signature = offer.signature
    local = timezone.localtime(signature.created_at)
    return {
        "name": signature.name_typed,
        "account": signature.signed_by.name,
        "at": f"{local:%Y-%m-%d %H:%M:%S %z}",
        "date": f"{local:%Y-%m-%d}",
        "address": signature.address or "",
        "sha256": signature.sha256,
    }


def _pdf(snapshot: dict, signature: dict | None) -> bytes:
    made_on = date.fromisoformat(signature["date"] if signature else snapshot["offered_on"])
    facts = Attached(
        name="contract.json" if signature else "offer.json",
        content=canonical(snapshot | ({"signature": signature} if signature else {})),
        description="The facts of this document, canonical JSON",
        at=datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC),
    )
    language = "zh-hans" if snapshot["languages"][0] == "zh" else "en"
    context = build_context(snapshot, signature) | {"issued_on": made_on}
    return render_document(context=context, language=language, attachments=[facts])


def build_context(snapshot: dict, signature: dict | None = None) -> dict:
    """Return what the document shows; texts of the parties stand in both languages."""
    languages, body = snapshot["languages"], snapshot["body"]
    facts = [
        (_CLIENT, _names(snapshot["enterprise"], languages)),
        (_("Kind"), _translated(ApplicationKind(snapshot["kind"]).label, languages)),
        (_("Date of the offer"), day(snapshot["offered_on"], languages)),
    ]
    if signature is None:
        facts.append((_("Open until"), day(snapshot["valid_until"], languages)))
    sections = [
        _parties(snapshot, languages),
        _subject(snapshot, languages),
        _audit_time(snapshot, languages),
        _fees(snapshot, languages),
    ]
    if snapshot["terms"]:
        sections.append(Section(_("Terms"), paragraphs=snapshot["terms"].split("\n")))
    if signature is not None:
        sections.append(_signature(signature, languages))
    return {
        "issuer": {"name_zh": body["zh"], "name_en": body["en"], "address": body["address_zh"]},
        "title": _("Certification contract") if signature else _("Offer for certification"),
        "reference": f"{snapshot['application']} / {snapshot['version']}",
        "facts": facts,
        "sections": sections,
        "signatures": _signed_lines(snapshot, signature, languages) if signature else [],
        "closing": "" if signature else _translated(_CLOSING, languages),
        "digest": digest(snapshot),
    }


def _translated(label, languages: list[str]):
    """Write a word of the portal in both languages."""
    words = {}
    for language, tag in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(tag):
            words[language] = str(label)
    return pair(words["zh"], words["en"], languages)


def _names(party: dict, languages: list[str]):
    return pair(party["zh"], party["en"], languages)


def _stack(*parts):
    """Put parts below each other; empty ones leave no line."""
    return format_html_join(_BREAK, "{}", ((part,) for part in parts if part))


def _parties(snapshot: dict, languages: list[str]) -> Section:
    body, enterprise = snapshot["body"], snapshot["enterprise"]
    facts = [
        (
            label,
            _stack(
                _names(party, languages),
                pair(party["address_zh"], party["address_en"], languages),
                party["identifier"],
                party["representative"],
            ),
        )
        for label, party in ((_("Certification body"), body), (_CLIENT, enterprise))
    ]
    approval = " · ".join(filter(None, (body["approval"], body["accreditation"])))
    facts.insert(1, (_("Approval and accreditation"), approval))
    return Section(_("Parties"), facts=facts)


def _subject(snapshot: dict, languages: list[str]) -> Section:
    facts = []
    for row in snapshot["schemes"]:
        areas = [
            format_html("{} {}", area["code"], pair(area["zh"], area["en"], languages))
            for area in row["areas"]
        ]
        category = pair(row["category_zh"], row["category_en"], languages)
        title = pair(row["zh"], row["en"], languages)
        facts.append((_("Standard"), _stack(row["standard"], title, category, *areas)))
    scope = snapshot["scope"]
    order = [scope[language] for language in languages]
    facts.append((_("Scope"), _stack(*order)))
    for site in snapshot["sites"]:
        name = format_html("{} ({})", _names(site, languages), _people(site["people"], languages))
        address = pair(site["address_zh"], site["address_en"], languages)
        facts.append((_("Site"), _stack(name, address)))
    return Section(_("Subject"), facts=facts)


def _people(count: int, languages: list[str]):
    return pair(f"{count}人", f"{count} people", languages)


def _audit_time(snapshot: dict, languages: list[str]) -> Section:
    time, sample = snapshot["audit_time"], snapshot["sample"]
    columns = (
        Column(_("Step")),
        Column(_("Basis"), width=25),
        Column(pgettext_lazy("figure", "Before"), figures=True, width=15),
        Column(pgettext_lazy("figure", "After"), figures=True, width=15),
    )
    rows = [
        (
            _stack(
                pair(line["label_zh"], line["label_en"], languages),
                " · ".join(filter(None, (line["scheme"], line["site"]))),
                pair(line["note_zh"], line["note_en"], languages),
            ),
            line["source"] or line["edition"],
            line["before"],
            _figure(line["after"], line["unit"], languages),
        )
        for line in time["lines"]
    ]
    totals = [
        (
            _translated(_("Audit time in total"), languages),
            "",
            "",
            _figure(time["total"], "days", languages),
        )
    ]
    totals += [
        (
            pair(line["label_zh"], line["label_en"], languages),
            "",
            "",
            _figure(line["after"], line["unit"], languages),
        )
        for line in time["shares"]
    ]
    return Section(
        _("Audit time and how it was computed"),
        facts=[
            *(_sample(sample, languages) if sample else ()),
            *_approval(snapshot, languages),
        ],
        lines=Lines(columns, rows, totals),
    )


def _sample(sample: dict, languages: list[str]) -> list[tuple]:
    drawn = _stack(*(pair(site["zh"], site["en"], languages) for site in sample["sites"]))
    return [
        (_("Sites of the sample"), drawn),
        (_("Why the sites can be sampled"), sample["reason"]),
        (_("Seed of the draw"), sample["seed"]),
    ]


def _approval(snapshot: dict, languages: list[str]) -> list[tuple]:
    """Say when a second person agreed to less time; offers of before do not say."""
    on = snapshot.get("time_approved_on")
    label = _("Reductions approved by a second person of the body")
    return [(label, day(on, languages))] if on else []


def _figure(value: str, unit: str, languages: list[str]):
    return format_html("{} {}", value, pair(*_UNITS[unit], languages[:1]))


def _fees(snapshot: dict, languages: list[str]) -> Section:
    columns = (
        Column(_("Position")),
        Column(_("Quantity"), figures=True, width=10),
        Column(_("Unit price"), figures=True, width=20),
        Column(_("Amount"), figures=True, width=20),
    )
    rows = [
        (
            pair(line["zh"], line["en"], languages),
            line["quantity"],
            _money(line["unit_price"]),
            _money(line["amount"]),
        )
        for line in snapshot["lines"]
    ]
    total = f"{snapshot['currency']} {_money(snapshot['total'])}"
    return Section(
        _("Fees"), lines=Lines(columns, rows, [(_translated(_("Total"), languages), "", "", total)])
    )


def _money(amount: str) -> str:
    return f"{Decimal(amount):,.2f}"


def _signature(signature: dict, languages: list[str]) -> Section:
    facts = [
        (_("Name typed"), signature["name"]),
        (_("Name of the account"), signature["account"]),
        (_("Signed at"), signature["at"]),
        (_("Network address"), signature["address"]),
        (_("SHA-256 of the offer that was signed"), signature["sha256"]),
    ]
    return Section(
        _("Signature"),
        paragraphs=[_translated(_SIGNED, languages)],
        facts=[(label, value) for label, value in facts if value],
        new_page=True,
    )


def _signed_lines(snapshot: dict, signature: dict, languages: list[str]) -> list[Signature]:
    return [
        Signature(_("For the client"), signature["name"], str(signature["at"])),
        Signature(
            _("For the certification body"),
            snapshot["made_by"],
            day(snapshot["offered_on"], languages),
        ),
    ]
