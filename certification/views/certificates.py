"""The register of certificates, the page of one, its documents, and the acts on it."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from certification import appeals, art
from certification.enums import CertificateStatus, ProposalStatus, RevisionStatus
from certification.flows.certificates import CERTIFICATE_FLOW, IN_FORCE
from certification.flows.proposals import PROPOSAL_FLOW
from certification.forms.certificates import FORMS, DismissForm
from certification.hints import report_url
from certification.models import Certificate, CertificateRevision, Proposal
from certification.models.proposals import NAMES_IT
from certification.queries import certificates as queries
from certification.queries.changes import to_revise
from certification.queries.complaints import with_appeals
from certification.rights import DECIDER
from certification.services import certificates as services
from certification.services.certificate_content import verify_url
from certification.services.changes import may_report
from certification.services.issuing import RENDER
from certification.services.periods import restorable_until
from certification.services.transfers import under_way
from foundation.access import needs
from foundation.formatting import day
from foundation.models import Job
from foundation.vectors import svg
from foundation.views.transitions import TransitionView
from organisations.enums import Role
from organisations.rights import ACTS

QR_SIZE = 40


def _certificate(request, pk) -> Certificate:
    return get_object_or_404(queries.register(request.actor), pk=pk)


@require_safe
@needs(ACTS)
def certificate(request, pk):
    """The page of a certificate, the same for all its parties."""
    found = _certificate(request, pk)
    actor = request.actor
    revisions = list(found.revisions.select_related("file"))
    shown = next((row for row in revisions if row.status == RevisionStatus.ISSUED), revisions[-1])
    acts = CERTIFICATE_FLOW.actions_for(found, actor)
    context = {
        "certificate": found,
        "revision": shown,
        "content": shown.content,
        "revisions": revisions,
        "in_force": found.status in IN_FORCE,
        "published": found.status != CertificateStatus.ISSUING,
        "public_url": verify_url(found.code),
        "qr": svg(art.qr_inks(verify_url(found.code), 0, 0, QR_SIZE), QR_SIZE, QR_SIZE, ids="qr"),
        "rosette": art.rosette(shown.digest),
        "fingerprint": art.fingerprint_text(shown.digest),
        "jobs": _jobs(actor, revisions),
        "events": _events(found),
        "decisions": with_appeals(
            found.decisions.select_related("decided_by"), actor, appeals.is_against
        ),
        "acts": acts,
        "cancel": _act(acts, "cancel"),
        "plan_reinstatement": _act(acts, "plan_reinstatement"),
        "restorable_until": restorable_until(found.case, found.expires_on)
        if found.status == CertificateStatus.EXPIRED
        else None,
        "proposals": proposals_of(found, actor),
        "changes": to_revise(found),
        "report_url": report_url(found.case) if may_report(found.case, actor) else "",
        "refusal": _refusal(actor, found),
    }
    return render(request, "certification/certificate.html", context)


def _act(acts, action):
    """Return an act that can be taken now, or None."""
    return next((a for a in acts if a.transition.action == action and not a.blockers), None)


def proposals_of(found, actor) -> list[dict]:
    """Return the open proposals on a certificate that the actor sees, with what can be done."""
    rows = Proposal.objects.visible_to(actor).filter(certificate=found, status=ProposalStatus.OPEN)
    return [
        {
            "proposal": row,
            "acts": [act for act in PROPOSAL_FLOW.actions_for(row, actor) if not act.blockers],
            "decides": bool(DECIDER(actor, row)),
        }
        for row in rows.select_related(
            "certificate__case", "certificate__enterprise", "certificate__body"
        )
    ]


def _refusal(actor, found) -> str:
    """Say to a certifier why he or she may not act on this certificate."""
    if not actor.holds(Role.CERTIFIER, found.body_id):
        return ""
    return DECIDER(actor, found).reason


def _jobs(actor, revisions) -> list[Job]:
    """Return the jobs that make revisions still being issued, as far as the actor sees them."""
    waiting = [row.pk for row in revisions if row.status == RevisionStatus.ISSUING]
    if not waiting:
        return []
    rows = Job.objects.visible_to(actor).filter(kind=RENDER, subject_id__in=waiting)
    return list(rows.order_by("created_at"))


def _events(found) -> list[dict]:
    """Return the public history as lines of the timeline."""
    tags = CERTIFICATE_FLOW.tags
    lines = []
    for event in found.events.all():
        changed = event.before != event.after
        state = event.get_after_display()
        note = [event.get_cause_display()] if changed else [state]
        if event.until:
            note.append(_("until %(date)s at most") % {"date": day(event.until)})
        if event.revision:
            note.append(_("revision %(number)s") % {"number": event.revision})
        lines.append(
            {
                "at": event.on,
                "text": state if changed else event.get_cause_display(),
                "kind": tags[event.after],
                "note": " · ".join(str(part) for part in note),
            }
        )
    return lines


@require_safe
@needs(ACTS)
def certificate_document(request, pk, revision=None):
    """Download the certificate; a copy that no longer counts carries its status across."""
    found = _certificate(request, pk)
    chosen = None
    if revision is not None:
        rows = CertificateRevision.objects.filter(certificate=found).select_related("file")
        chosen = get_object_or_404(rows, revision=revision)
    try:
        document = services.document(found, chosen)
    except LookupError:
        raise Http404 from None
    response = HttpResponse(document.data, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(True, document.name)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


@method_decorator(needs(ACTS), name="dispatch")
class ProposalTransition(TransitionView):
    """Dismiss a proposed suspension or withdrawal."""

    flow = PROPOSAL_FLOW
    forms = {"dismiss": DismissForm}
    template_name = "certification/proposal_dismiss.html"

    def get_object(self):
        rows = Proposal.objects.visible_to(self.request.actor).select_related(
            "certificate__case", "certificate__enterprise", "certificate__body"
        )
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        """Say whether the same limit was dismissed before, by whom and why."""
        same = Proposal.objects.filter(**{name: getattr(obj, name) for name in NAMES_IT})
        rows = same.filter(status=ProposalStatus.DISMISSED).exclude(dismissed_by=None)
        return {"dismissed": rows.select_related("dismissed_by").order_by("created_at")}


@method_decorator(needs(ACTS), name="dispatch")
class CertificateTransition(TransitionView):
    """Suspend, reinstate, reduce, correct, withdraw or cancel; or ask for the cancellation."""

    flow = CERTIFICATE_FLOW
    forms = FORMS
    template_name = "certification/certificate_confirm.html"

    def get_object(self):
        return _certificate(self.request, self.kwargs["pk"])

    def get_context(self, obj, transition):
        """Say who is told and what the public sees."""
        return {
            "cancel_url": obj.get_absolute_url(),
            "transfer": transition.action in {"suspend", "withdraw"} and under_way(obj),
            "today": timezone.localdate(),
            "host": settings.BASE_URL.partition("://")[2],
        }
