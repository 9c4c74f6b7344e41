"""The decision desk of a case, and the acts on it."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from certification import appeals
from certification.documents.certificate import NoGlyphError, render_certificate
from certification.enums import CaseStatus, DecisionKind
from certification.flows.cases import CASE_FLOW
from certification.flows.special import PURPOSES
from certification.forms.decisions import FORMS
from certification.queries import decisions as queries
from certification.queries.complaints import with_appeals
from certification.rights import DECIDER
from certification.services import issuing
from certification.services.decisions import due_decision
from foundation import timeline
from foundation.access import needs
from foundation.views.transitions import TransitionView
from foundation.workflow import Blocker
from organisations.enums import Role
from organisations.rights import BODY_DESK

_ACTIONS = {
    DecisionKind.GRANT: "grant",
    DecisionKind.MAINTAIN: "maintain",
    DecisionKind.RENEW: "renew",
    DecisionKind.EXTEND: "extend",
}
# Decisions that do not fit what the audits call for stay out of the way.
_POSITIVE = frozenset(_ACTIONS.values())
_OF_THE_PROGRAMME = frozenset({*PURPOSES, "drop_special", "drop_short_notice"})
STORY = 12


def _case(request, pk):
    return get_object_or_404(queries.cases(request.actor), pk=pk)


def _acts(case, actor):
    """Return (the act that is due or None, the others) as far as the actor may take them."""
    due = _ACTIONS[due_decision(case)]
    available = CASE_FLOW.actions_for(case, actor)
    main = next((act for act in available if act.transition.action == due), None)
    others = [
        act
        for act in available
        if act is not main and act.transition.action not in _POSITIVE and not act.blockers
    ]
    return main, others


def _drafts(case) -> list[dict]:
    """Return what would be issued today, with the dates as dates."""
    return [
        draft
        | {
            "starts": date.fromisoformat(draft["dates"]["effective_on"]),
            "ends": date.fromisoformat(draft["dates"]["expires_on"]),
        }
        for draft in issuing.previews(case, timezone.localdate())
    ]


@require_safe
@needs(BODY_DESK)
def decision(request, pk):
    """Show everything a decision rests on, and what still stands in its way."""
    case = _case(request, pk)
    waiting = case.status == CaseStatus.DECIDING
    main, others = _acts(case, request.actor)
    context = {
        "case": case,
        "waiting": waiting,
        "main": main,
        "others": others,
        "blockers": main.blockers if main else [],
        "access": DECIDER(request.actor, case),
        "is_certifier": request.actor.holds(Role.CERTIFIER, case.body_id),
        "reports": queries.reports(case),
        "involved": queries.involved(case),
        "drafts": _drafts(case) if waiting else [],
        "decisions": with_appeals(case.decisions.all(), request.actor, appeals.is_against),
        "certificates": case.certificates.all(),
        "history": timeline.of(case, request.actor, STORY),
    }
    return render(request, "certification/decision.html", context)


@require_safe
@needs(BODY_DESK)
def draft(request, pk, position):
    """Show a certificate as it would be issued today, marked as a draft."""
    case = _case(request, pk)
    if case.status != CaseStatus.DECIDING:
        raise Http404
    drafts = issuing.previews(case, timezone.localdate(), pictures=True)
    if not 0 < position <= len(drafts):
        raise Http404
    try:
        data = render_certificate(drafts[position - 1])
    except NoGlyphError as error:
        context = {"case": case, "blockers": [_unprintable(case, error)]}
        return render(request, "certification/decision_unprintable.html", context, status=409)
    response = HttpResponse(data, content_type="application/pdf")
    name = f"{case.number}-draft-{position}.pdf"
    response["Content-Disposition"] = content_disposition_header(False, name)
    response["Cache-Control"] = "private, no-store"
    return response


def _unprintable(case, error: NoGlyphError) -> Blocker:
    return Blocker(
        _("No font can print these characters: %(characters)s.")
        % {"characters": " ".join(error.characters)},
        case.application.get_absolute_url(),
    )


@method_decorator(needs(BODY_DESK), name="dispatch")
class CaseTransition(TransitionView):
    """Decide on a case, ask for more, answer, or stop it."""

    flow = CASE_FLOW
    forms = FORMS
    template_name = "certification/decision_confirm.html"

    def get_object(self):
        return _case(self.request, self.kwargs["pk"])

    def success_url(self, obj):
        if self.kwargs["action"] in _OF_THE_PROGRAMME:
            return obj.get_absolute_url()
        return reverse("certification:decision", args=[obj.pk])

    def get_context(self, obj, transition):
        """Say who is told and what becomes public."""
        issues = transition.action in {"grant", "renew", "extend"}
        return {
            "cancel_url": self.success_url(obj),
            "issues": issues,
            "drafts": _drafts(obj) if issues else [],
        }
