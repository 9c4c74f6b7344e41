"""The audit time of an application, line by line, for both sides."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View

from certification.enums import ApplicationStatus
from certification.flows.applications import APPLICATION_FLOW
from certification.forms.audit_time import AuditTimeForms, fresh_inputs
from certification.models import AuditTimeCalculation
from certification.rights import ASSIGNED_REVIEWER
from certification.services import audit_time as services
from certification.views.applications import SEES
from certification.views.review import fetch
from certification.views.review_page import page_url
from foundation.access import needs
from foundation.models.base import in_language
from foundation.workflow import Incomplete, perform
from organisations.enums import Kind
from schemes.services.audit_time import readable


@method_decorator(needs(SEES), name="dispatch")
class AuditTimeView(View):
    """Read the audit time; its reviewer computes it while the review is in hand.

    A POST computes; with ``use`` it keeps the result. An htmx request gets the receipt alone.
    """

    def get(self, request, pk, action=""):
        """Show the inputs to the reviewer, and the kept calculation to everybody else."""
        application = fetch(request, pk)
        if not _in_hand(application, request.actor):
            return self._kept(application)
        inputs = fresh_inputs(application)
        return self._calculator(application, inputs, AuditTimeForms(application, inputs))

    def post(self, request, pk, action=""):
        """Compute anew, and keep the result if that is what the button says."""
        application = fetch(request, pk)
        if not _in_hand(application, request.actor):
            raise PermissionDenied(_("Only the reviewer computes the audit time, in the review."))
        before = fresh_inputs(application)
        forms = AuditTimeForms(application, before, request.POST)
        if not forms.is_valid():
            return self._calculator(application, before, forms, invalid=True)
        inputs = forms.inputs()
        # htmx sends the last button pressed along with a change: it only ever asks for the receipt.
        if "use" not in request.POST or request.htmx:
            return self._calculator(application, inputs, AuditTimeForms(application, inputs))
        try:
            perform(APPLICATION_FLOW, application, "set_time", request.actor, inputs=inputs)
        except Incomplete as refusal:
            again = AuditTimeForms(application, inputs)
            return self._calculator(application, inputs, again, blockers=refusal.blockers)
        messages.success(request, APPLICATION_FLOW.transition("set_time").done)
        return redirect(page_url(application, "audit_time"))

    def _calculator(self, application, inputs, forms, *, invalid=False, blockers=()):
        result = readable(services.compute(application, inputs).as_data()) if not invalid else None
        if result:
            forms.open_where_needed(result)
        context = {
            "application": application,
            "forms": forms,
            "invalid": invalid,
            "blockers": blockers,
            "in_hand": True,
            **_receipt(application, inputs, result),
        }
        if self.request.htmx:
            return render(self.request, "certification/audit_time_receipt.html", context)
        status = 422 if invalid else 409 if blockers else 200
        return render(self.request, "certification/audit_time.html", context, status=status)

    def _kept(self, application):
        rows = AuditTimeCalculation.objects.visible_to(self.request.actor)
        rows = rows.filter(application=application).select_related("computed_by")
        calculation = rows.order_by("-created_at").first()
        if calculation is None and self.request.actor.kind == Kind.ENTERPRISE:
            raise Http404
        inputs = calculation.inputs if calculation else None
        result = readable(calculation.result) if calculation else None
        context = {
            "application": application,
            "calculation": calculation,
            "in_hand": False,
            "show_maker": self.request.actor.kind == Kind.BODY,
            **_receipt(application, inputs, result),
        }
        return render(self.request, "certification/audit_time.html", context)


def _in_hand(application, actor) -> bool:
    in_review = application.status == ApplicationStatus.IN_REVIEW
    return in_review and bool(ASSIGNED_REVIEWER(actor, application))


def _receipt(application, inputs, result) -> dict:
    """Return what the receipt shows: the lines, grouped by scheme and site in their order."""
    if result is None:
        return {"result": None, "groups": []}
    sample = services.sample_facts(application, inputs)
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
