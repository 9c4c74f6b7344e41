"""The documents of offers and contracts, made after the act that asks for them."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from certification.documents.offer import contract_pdf, offer_pdf
from certification.models import Offer
from certification.services import offers
from foundation.formatting import day, money
from foundation.jobs import job
from foundation.notices import in_both, notify
from organisations.enums import Role


def _offer(row) -> Offer:
    related = ("application__enterprise", "application__body", "signature__signed_by")
    return Offer.objects.select_related(*related).get(pk=row.subject_id)


@job("certification.render_offer", title=_("Make the offer"), retry_for=(OSError,))
def render_offer(row):
    """Make the PDF of an offer and tell the owners that it can be signed."""
    offer = _offer(row)
    if offer.file_id is not None:
        return
    data = offer_pdf(offer)
    with transaction.atomic():
        if offers.keep_document(offer, data):
            _tell_owners(offer)


def _tell_owners(offer: Offer) -> None:
    application = offer.application
    notify(
        "offer.made",
        to=application.enterprise.people(Role.OWNER),
        obj=application,
        url=offer.get_absolute_url(),
        number=application.number,
        body_zh=application.body.name_zh,
        body_en=application.body.name_en,
        **in_both("until", day, offer.valid_until),
        **in_both("total", partial(money, currency=offer.currency), offer.total),
    )


@job("certification.render_contract", title=_("Make the signed contract"), retry_for=(OSError,))
def render_contract(row):
    """Make the signed contract: the offer's text with the block of the signature."""
    offer = _offer(row)
    if offers.contract_of(offer) is None:
        offers.keep_contract(offer, contract_pdf(offer))
