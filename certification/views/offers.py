"""Offers for both sides: made by a manager, read, signed or rejected by an owner."""

from decimal import Decimal
from functools import partial

from allauth.account.adapter import get_adapter
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.offers import OfferForm, SignForm
from certification.models import Application, Offer
from certification.queries.review import current_calculation, current_offer
from certification.services import offers as services
from certification.views.applications import SEES
from foundation.access import needs
from foundation.formatting import money
from foundation.models import Job
from foundation.models.base import in_language
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import MANAGER, OWNER

_S = ApplicationStatus


@require_safe
@needs(SEES)
def offer(request, pk):
    """Show one version of an offer to whoever may see it, with the acts that are left.

    Asked by a script for the region of its documents, answer with that region alone.
    """
    rows = Offer.objects.visible_to(request.actor).select_related(
        "application__enterprise", "application__body", "calculation", "file", "made_by"
    )
    found = get_object_or_404(rows, pk=pk)
    context = _context(request, found)
    if request.headers.get("X-Poll") == "1":
        return render(request, "certification/offer_documents.html", context)
    return render(request, "certification/offer.html", context)


def _context(request, found: Offer) -> dict:
    application = found.application
    newest = current_offer(application)
    is_current = newest.pk == found.pk
    signature = getattr(found, "signature", None)
    wanted = ("sign", "reject", "offer")
    actions = APPLICATION_FLOW.actions_for(application, request.actor) if is_current else []
    acts = [entry for entry in actions if entry.transition.action in wanted]
    contract = services.contract_of(found) if signature else None
    return {
        "offer": found,
        "application": application,
        "is_current": is_current,
        "newest": newest,
        "versions": application.offers.order_by("-version"),
        "signature": signature,
        "contract": contract,
        "acts": acts,
        "standing": _standing(found, application, is_current),
        "for_enterprise": request.actor.kind == Kind.ENTERPRISE,
        "is_making": found.file is None or (signature is not None and contract is None),
        "failed_job": _failed_job(request.actor, found),
        "lines": [_line(line, found.currency) for line in found.lines],
        "days": _days(found.calculation),
        "next_steps": _next_steps(application, is_current and not found.is_expired),
        "may_sign": any(entry.transition.action == "sign" for entry in acts),
    }


def _line(line: dict, currency: str) -> dict:
    return {
        "text": in_language(line["zh"], line["en"]),
        "quantity": line["quantity"],
        "unit_price": money(Decimal(line["unit_price"]), currency),
        "amount": money(Decimal(line["amount"]), currency),
    }


def _days(calculation) -> str:
    return format(calculation.total_days.normalize(), "f")


def _next_steps(application, is_open: bool) -> list[dict]:
    """Return what happens next, as long as the offer leads anywhere."""
    if application.status == _S.SIGNED:
        return [
            {
                "title": _("The body plans the audits"),
                "text": _("It proposes dates and a team; you may object or confirm."),
            }
        ]
    if application.status != _S.OFFERED or not is_open:
        return []
    return [
        {
            "title": _("The owner signs online"),
            "text": _("With the own name, under the SHA-256 of the document, confirmed anew."),
        },
        {
            "title": _("The case opens"),
            "text": _("Stage 1, stage 2 and the audits of three years are planned from it."),
        },
        {
            "title": _("The body proposes dates and a team"),
            "text": _("You may object to people or dates before you confirm."),
        },
    ]


def _standing(found, application, is_current) -> tuple[str, str]:
    """Return status kind and word of one version of an offer."""
    if not is_current:
        return "cancelled", _("Replaced")
    if application.status == _S.SIGNED:
        return "valid", _("Signed")
    if application.status == _S.REJECTED:
        return "withdrawn", _("Rejected")
    if application.status == _S.CANCELLED:
        return "cancelled", _("Application withdrawn")
    if found.is_expired:
        return "expired", _("Expired")
    return "waiting", _("Open for signature")


def _failed_job(actor, found):
    """Return the job of this offer that failed, for who asked for it and may try again."""
    rows = Job.objects.visible_to(actor).filter(subject_id=found.pk, state="failed")
    return rows.order_by("-created_at").first()


class _ApplicationActView(TransitionView):
    flow = APPLICATION_FLOW

    def get_object(self):
        rows = Application.objects.visible_to(self.request.actor)
        related = rows.select_related("enterprise", "body", "reviewer")
        return get_object_or_404(related, pk=self.kwargs["pk"])

    def success_url(self, obj):
        """Lead to the newest offer, which says what happens next."""
        newest = current_offer(obj)
        return newest.get_absolute_url() if newest else obj.get_absolute_url()


@method_decorator(needs(MANAGER), name="dispatch")
class OfferMakeView(_ApplicationActView):
    """Write an offer; the same form computes the sums on the way."""

    forms = {"offer": OfferForm}
    templates = {"offer": "certification/offer_make.html"}

    def handle(self, obj, transition):
        """Compute without sending when that is what the button says."""
        # htmx sends the last button pressed along with a change: it only ever asks for the sum.
        sends = "send" in self.request.POST and not self.request.htmx
        if self.request.method != "POST" or sends:
            return super().handle(obj, transition)
        data = self.request.POST.copy()
        if "more" in data:
            total = data.get("lines-TOTAL_FORMS", "")
            data["lines-TOTAL_FORMS"] = str(int(total) + 1) if total.isdigit() else total
        form = OfferForm(data, obj=obj, actor=self.request.actor, transition=transition)
        form.is_valid()
        form.is_preview = True
        if self.request.htmx:
            return render(self.request, "certification/offer_sum.html", {"form": form})
        return self.show(obj, transition, form, transition.blockers(obj, self.request.actor))

    def get_context(self, obj, transition):
        calculation = current_calculation(obj)
        return {"calculation": calculation, "days": _days(calculation) if calculation else ""}


@method_decorator(needs(OWNER), name="dispatch")
class OfferAnswerView(_ApplicationActView):
    """Sign or reject."""

    forms = {"sign": SignForm}
    templates = {
        "sign": "certification/offer_sign.html",
        "reject": "certification/offer_reject.html",
    }

    def handle(self, obj, transition):
        """Give the signature the network address it comes from."""
        address = get_adapter().get_client_ip(self.request)
        self.forms = self.forms | {"sign": partial(SignForm, address=address)}
        return super().handle(obj, transition)

    def get_context(self, obj, transition):
        newest = current_offer(obj)
        return {"offer": newest, "cancel_url": self.success_url(obj)}
