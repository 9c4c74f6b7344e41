"""Offers and contracts: amounts, the frozen text of an offer, its documents, the signature."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils import timezone

from certification.enums import Part
from certification.models import Application, Offer, Signature
from certification.queries.review import current_calculation, current_offer, facts_of
from certification.services.audit_time import sample_facts
from certification.services.cases import open_case, record_involvement
from certification.services.review import reviewers_of
from foundation import files, jobs
from foundation.canonical import plain

CENT = Decimal("0.01")
OFFER, CONTRACT = "offer", "contract"
CURRENCIES = ("CNY", "EUR", "USD")


@dataclass(frozen=True)
class FeeLine:
    """One position of an offer; the amount is the product, to the cent."""

    zh: str
    en: str
    quantity: Decimal
    unit_price: Decimal

    @property
    def amount(self) -> Decimal:
        return (self.quantity * self.unit_price).quantize(CENT, ROUND_HALF_UP)

    def as_data(self) -> dict:
        """Return the line as it is kept: decimals as text."""
        return {
            "zh": self.zh,
            "en": self.en,
            "quantity": format(self.quantity.normalize(), "f"),
            "unit_price": str(self.unit_price.quantize(CENT)),
            "amount": str(self.amount),
        }


def total_of(lines: list[FeeLine]) -> Decimal:
    """Return the sum of the lines, to the cent."""
    return sum((line.amount for line in lines), start=Decimal("0.00"))


def valid_until(application: Application) -> date:
    """Return until when an offer made today stays open, as the rule set proposes."""
    limit = facts_of(application).rules.limit("offer_validity_days")
    return limit.last_day(timezone.localdate())


def usual_lines(application: Application) -> list[dict]:
    """Return the positions a manager begins with: the last offer's, else the usual ones."""
    offer = current_offer(application)
    if offer is not None:
        return offer.lines
    calculation = current_calculation(application)
    days = format(calculation.total_days.normalize(), "f") if calculation else ""
    return [
        {"zh": "申请受理与评审", "en": "Application and review", "quantity": "1"},
        {"zh": "审核（人日）", "en": "Audit (days)", "quantity": days},
        {"zh": "审定与证书", "en": "Decision and certificate", "quantity": "1"},
    ]


def usual_terms(application: Application) -> str:
    """Return the terms of the body's last offer, so that nobody types them again."""
    last = Offer.objects.filter(application__body=application.body).order_by("-created_at").first()
    return last.terms if last is not None else ""


def make_offer(
    *, application: Application, lines: list[FeeLine], terms: str, valid_until: date,
    currency: str, actor,
) -> Offer:  # fmt: skip
    """Write the next version of the offer and ask for its document.

    Part of the transition that offers; it replaces an outstanding or expired version.
    """
    calculation = current_calculation(application)
    offer = Offer(
        application=application,
        version=application.offers.count() + 1,
        calculation=calculation,
        lines=[line.as_data() for line in lines],
        currency=currency,
        total=total_of(lines),
        terms=terms,
        valid_until=valid_until,
        made_by=actor.user,
    )
    offer.snapshot = snapshot(offer)
    offer.save(force_insert=True)
    jobs.enqueue("certification.render_offer", key=f"offer:{offer.pk}", subject=offer, actor=actor)
    return offer


def snapshot(offer: Offer) -> dict:
    """Return everything the offer says, in both languages, as plain data."""
    application = offer.application
    calculation = offer.calculation
    return plain(
        {
            "languages": _languages(application.enterprise),
            "application": application.number,
            "kind": application.kind,
            "version": offer.version,
            "offered_on": timezone.localdate(),
            "valid_until": offer.valid_until,
            "enterprise": _party(application.enterprise),
            "body": _party(application.body) | _approval(application.body),
            "schemes": [_scheme(row) for row in _schemes(application)],
            "scope": {"zh": application.scope_zh, "en": application.scope_en},
            "sites": [_site(row.site) for row in application.sites.select_related("site")],
            "audit_time": calculation.result | {"sha256": calculation.sha256},
            "time_approved_on": _approved_on(calculation),
            "sample": sample_facts(calculation.inputs, str(application.enterprise.country)),
            "lines": offer.lines,
            "currency": offer.currency,
            "total": str(offer.total),
            "terms": offer.terms,
            "made_by": offer.made_by.name,
        }
    )


def _approved_on(calculation):
    """Return when a second person approved less time than the tables give, or None."""
    return timezone.localdate(calculation.judged_at) if calculation.approved else None


def _languages(enterprise) -> list[str]:
    """Return the order in which both languages stand: Chinese first in China."""
    return ["zh", "en"] if str(enterprise.country) == "CN" else ["en", "zh"]


def _party(organisation) -> dict:
    return {
        "zh": organisation.name_zh,
        "en": organisation.name_en,
        "identifier": organisation.identifier,
        "address_zh": organisation.address_zh,
        "address_en": organisation.address_en,
        "representative": organisation.legal_representative,
    }


def _approval(body) -> dict:
    profile = body.body_profile
    return {
        "approval": profile.approval_number,
        "accreditation": " ".join(
            filter(None, (profile.accreditation_body, profile.accreditation_number))
        ),
    }


def _schemes(application):
    return application.schemes.select_related("scheme", "edition").prefetch_related("areas")


def _scheme(row) -> dict:
    titles = {entry["key"]: entry for entry in row.scheme.categories}
    category = titles.get(row.category, {})
    return {
        "code": row.scheme.code,
        "zh": row.scheme.title_zh,
        "en": row.scheme.title_en,
        "standard": row.edition.designations(timezone.localdate()),
        "category_zh": category.get("title_zh", ""),
        "category_en": category.get("title_en", ""),
        "areas": [
            {"code": area.code, "zh": area.title_zh, "en": area.title_en}
            for area in row.areas.all()
        ],
    }


def _site(site) -> dict:
    return {
        "zh": site.name_zh,
        "en": site.name_en,
        "address_zh": site.address_zh,
        "address_en": site.address_en,
        "people": site.headcount,
        "central": site.is_central,
    }


@transaction.atomic
def keep_document(offer: Offer, data: bytes) -> bool:
    """Keep the PDF of an offer, once; return False when it has one already."""
    row = Offer.objects.select_for_update().get(pk=offer.pk)
    if row.file_id is not None:
        return False
    application = row.application
    name = f"{application.number}-offer-{row.version}.pdf"
    file = files.write_document(data, name, organisation_id=application.body_id)
    files.attach(file, row, OFFER)
    row.file = file
    row.save(update_fields=["file", "changed_at"])
    return True


@transaction.atomic
def keep_contract(offer: Offer, data: bytes) -> bool:
    """Keep the PDF of the signed contract beside the offer, once."""
    row = Offer.objects.select_for_update().get(pk=offer.pk)
    if contract_of(row) is not None:
        return False
    application = row.application
    name = f"{application.number}-contract.pdf"
    file = files.write_document(data, name, organisation_id=application.body_id)
    files.attach(file, row, CONTRACT)
    return True


def contract_of(offer: Offer):
    """Return the stored contract of a signed offer, or None while it is being made."""
    row = files.attachments_of(offer, CONTRACT).first()
    return row.file if row is not None else None


def same_name(typed: str, user) -> bool:
    """Tell whether somebody typed the own name: spaces, letter case and width do not matter."""
    return _loosely(typed) in {_loosely(user.name), _loosely(user.name_latin)} - {""}


def _loosely(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def sign(*, application: Application, name: str, sha256: str, address, actor) -> Signature:
    """Record the signature under the current offer and open the case of the contract.

    Part of the transition that signs; its guards have compared the hash and the name.
    """
    offer = current_offer(application)
    signature = Signature.objects.create(
        offer=offer, signed_by=actor.user, name_typed=name, sha256=sha256, address=address
    )
    case = open_case(application=application, offer=offer, actor=actor)
    for user in reviewers_of(application):
        record_involvement(case=case, user=user, part=Part.REVIEW)
    jobs.enqueue(
        "certification.render_contract", key=f"contract:{offer.pk}", subject=offer, actor=actor
    )
    return signature
