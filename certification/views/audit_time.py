"""The audit time of an application, line by line, for both sides; and what it would be if.

The pages share one calculator: a POST computes, an htmx request gets the receipt alone.
"""

from types import SimpleNamespace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.audit_time import AuditTimeForms, as_of_today, fresh_inputs, rows_of
from certification.forms.review import TimeForm
from certification.forms.what_if import WhatIfForm
from certification.models import AuditTimeCalculation
from certification.queries.review import facts_of
from certification.rights import ASSIGNED_REVIEWER
from certification.services import audit_time as services
from certification.views.applications import SEES
from certification.views.review import fetch
from certification.views.review_page import page_url
from foundation import throttle
from foundation.access import needs, public
from foundation.models.base import in_language
from foundation.views.transitions import TransitionView
from foundation.workflow import Incomplete, perform
from organisations.enums import Kind
from organisations.rights import BODY_DESK
from schemes.services.audit_time import readable

TIME_ACTIONS = ("approve_time", "return_time")
A_MINUTE = 60
QUESTIONS_A_MINUTE = 60


class Calculator(View):
    """Forms at the left, the running sum at the right; nothing is kept.

    A concrete view says of which schemes, in which country, and with which page around it.
    """

    template_name = "certification/what_if.html"
    keeps = False

    def show(self, rows, country, inputs, *, data=None, blockers=(), **facts):
        """Return the page for these inputs, or what is wrong with the posted ``data``."""
        forms = AuditTimeForms(rows, inputs, data)
        invalid = data is not None and not forms.is_valid()
        if data is not None and not invalid:
            inputs = forms.inputs()
            forms = AuditTimeForms(rows, inputs)
        result = None
        if not invalid:
            result = readable(services.compute(inputs, country).as_data())
            forms.open_where_needed(result)
        context = {
            "forms": forms,
            "invalid": invalid,
            "blockers": blockers,
            "in_hand": True,
            "keeps": self.keeps,
            **receipt(inputs, country, result),
            **facts,
        }
        if self.request.htmx:
            return render(self.request, "certification/audit_time_receipt.html", context)
        status = 422 if invalid else 409 if blockers else 200
        return render(self.request, self.template_name, context, status=status)


@method_decorator(needs(SEES), name="dispatch")
class AuditTimeView(Calculator):
    """Read the audit time; its reviewer computes it while the review is in hand.

    With ``use`` a POST keeps the result.
    """

    template_name = "certification/audit_time.html"
    keeps = True

    def get(self, request, pk, action=""):
        """Show the inputs to the reviewer, and the kept calculation to everybody else."""
        application = fetch(request, pk)
        if not _in_hand(application, request.actor):
            return self._kept(application)
        return self._page(application, fresh_inputs(application))

    def post(self, request, pk, action=""):
        """Compute anew, and keep the result if that is what the button says."""
        application = fetch(request, pk)
        if not _in_hand(application, request.actor):
            raise PermissionDenied(_("Only the reviewer computes the audit time, in the review."))
        before = fresh_inputs(application)
        forms = AuditTimeForms(rows_of(application), before, request.POST)
        # htmx sends the last button pressed along with a change: it only ever asks for the receipt.
        if "use" not in request.POST or request.htmx or not forms.is_valid():
            return self._page(application, before, data=request.POST)
        inputs = forms.inputs()
        try:
            perform(APPLICATION_FLOW, application, "set_time", request.actor, inputs=inputs)
        except Incomplete as refusal:
            return self._page(application, inputs, blockers=refusal.blockers)
        waits = facts_of(application).calculation.waits
        if waits:
            words = _("Kept. It is less than the tables give: a second person approves it first.")
        else:
            words = APPLICATION_FLOW.transition("set_time").done
        messages.success(request, words)
        return redirect(page_url(application, "audit_time"))

    def _page(self, application, inputs, **facts):
        rows, country = rows_of(application), str(application.enterprise.country)
        kept = kept_calculation(self.request.actor, application)
        return self.show(
            rows, country, inputs, application=application, calculation=kept, show_maker=True,
            **facts,
        )  # fmt: skip

    def _kept(self, application):
        calculation = kept_calculation(self.request.actor, application)
        if calculation is None and self.request.actor.kind == Kind.ENTERPRISE:
            raise Http404
        inputs = calculation.inputs if calculation else None
        result = readable(calculation.result) if calculation else None
        context = {
            "application": application,
            "calculation": calculation,
            "in_hand": False,
            "show_maker": self.request.actor.kind == Kind.BODY,
            "acts": [
                entry.transition
                for entry in APPLICATION_FLOW.actions_for(application, self.request.actor)
                if entry.transition.action in TIME_ACTIONS
            ],
            **receipt(inputs, str(application.enterprise.country), result),
        }
        return render(self.request, self.template_name, context)


@method_decorator(needs(BODY_DESK), name="dispatch")
class TimeApprovalView(TransitionView):
    """A second person approves less audit time than the tables give, or sends it back."""

    flow = APPLICATION_FLOW
    forms = {"approve_time": TimeForm, "return_time": TimeForm}
    template_name = "certification/audit_time_approve.html"

    def get_object(self):
        return fetch(self.request, self.kwargs["pk"])

    def success_url(self, obj):
        return page_url_of(obj)

    def get_context(self, obj, transition):
        calculation = facts_of(obj).calculation
        result = readable(calculation.result)
        return {
            "application": obj,
            "calculation": calculation,
            "reductions": services.reductions(result),
        }


@method_decorator(needs(SEES), name="dispatch")
class WhatIfView(Calculator):
    """What would the audit time of this application be with other figures? Nothing is kept."""

    def get(self, request, pk):
        """Begin with the figures that were kept."""
        return self._page(pk)

    def post(self, request, pk):
        """Compute with other figures."""
        return self._page(pk, data=request.POST)

    def _page(self, pk, **facts):
        application = fetch(self.request, pk)
        calculation = kept_calculation(self.request.actor, application)
        if calculation is None:
            raise Http404
        rows = rows_of(application)
        inputs = as_of_today(calculation.inputs, rows)
        if not inputs["schemes"]:
            raise Http404
        return self.show(
            rows,
            str(application.enterprise.country),
            inputs,
            application=application,
            back=page_url_of(application),
            kept=calculation.total_days,
            **facts,
        )


@method_decorator(public, name="dispatch")
class EstimateView(Calculator):
    """How long would an audit take? For anyone, before there is an application."""

    def get(self, request):
        """Ask for standards, sites and people; then show the sum with all its factors."""
        asked = WhatIfForm(request.GET or None)
        if not asked.is_valid():
            status = 422 if asked.is_bound else 200
            context = {"form": asked}
            return render(request, "certification/estimate.html", context, status=status)
        return self._page(asked)

    def post(self, request):
        """Compute with other figures; the address keeps what was asked first."""
        asked = WhatIfForm(request.GET)
        if not asked.is_valid():
            return redirect("certification:estimate")
        return self._page(asked, data=request.POST)

    def _page(self, asked, **facts):
        if not throttle.allow(
            self.request, "estimate", amount=QUESTIONS_A_MINUTE, seconds=A_MINUTE
        ):
            return HttpResponse(
                _("That was a lot in a short time. Please wait a minute."),
                status=429,
                headers={"Retry-After": str(A_MINUTE)},
            )
        editions = asked.editions()
        rows = [SimpleNamespace(scheme=row.scheme, edition=row) for row in editions]
        inputs = services.imagined_inputs(
            [row.scheme for row in editions],
            sites=asked.cleaned_data["sites"],
            people=asked.cleaned_data["people"],
        )
        country = asked.cleaned_data["country"]
        return self.show(rows, country, inputs, back=reverse("certification:estimate"), **facts)


def kept_calculation(actor, application):
    """Return the calculation in use, as far as the actor sees it, or None."""
    rows = AuditTimeCalculation.objects.visible_to(actor)
    rows = rows.filter(application=application).select_related("computed_by", "judged_by")
    return rows.order_by("-created_at").first()


def page_url_of(application) -> str:
    return reverse("certification:audit_time", args=[application.pk])


def _in_hand(application, actor) -> bool:
    in_review = application.status == ApplicationStatus.IN_REVIEW
    return in_review and bool(ASSIGNED_REVIEWER(actor, application))


def receipt(inputs, country, result) -> dict:
    """Return what the receipt shows: the lines, grouped by scheme and site in their order."""
    if result is None:
        return {"result": None, "groups": []}
    sample = services.sample_facts(inputs, country)
    if sample:
        sample["names"] = [in_language(site["zh"], site["en"]) for site in sample["sites"]]
    names = {services.site_name(site): site for site in inputs["sites"]}
    groups = []
    for line in result["lines"]:
        place = (line["scheme"], line["site"])
        if not groups or groups[-1]["place"] != place:
            site = names.get(line["site"])
            groups.append(
                {
                    "place": place,
                    "scheme": line["scheme"],
                    "site": services.local_name(site) if site else line["site"],
                    "lines": [],
                }
            )
        groups[-1]["lines"].append(line)
    return {"result": result, "groups": groups, "sample": sample}
