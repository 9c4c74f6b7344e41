"""The register of certificates, the page of one, its documents, and the acts on it."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from certification import art
from certification.enums import CertificateStatus, RevisionStatus
from certification.flows.certificates import CERTIFICATE_FLOW, IN_FORCE
from certification.forms.certificates import FORMS
from certification.models import Certificate, CertificateRevision
from certification.queries import certificates as queries
from certification.rights import DECIDER
from certification.services import certificates as services
from certification.services.certificate_content import verify_url
from certification.services.issuing import RENDER
from certification.services.periods import restorable_until
from certification.views.signing import SigningView
from foundation.access import needs
from foundation.exports import csv_response
from foundation.formatting import day
from foundation.models import Job
from foundation.tables import Column, with_query
from foundation.vectors import svg
from organisations.enums import Kind, Role
from organisations.rights import ACTS

PER_PAGE = 50
QR_SIZE = 40
_NUMBER = Column(
    _("Certificate"), template="certification/cells/certificate.html", sort="number", main=True
)
_HOLDER = Column(_("Holder"), template="certification/cells/certificate_holder.html")
_BODY = Column(_("Certification body"), field="body.name")
_STATUS = Column(_("Status"), template="certification/cells/certificate_status.html")
_ENDS = Column(_("Ends"), template="certification/cells/certificate_ends.html", sort="expires_on")


def _columns(actor):
    """Leave out what is the same in every row of this reader."""
    if actor.kind == Kind.ENTERPRISE:
        return (_NUMBER, _BODY, _STATUS, _ENDS)
    if actor.kind == Kind.BODY:
        return (_NUMBER, _HOLDER, _STATUS, _ENDS)
    return (_NUMBER, _HOLDER, _BODY, _STATUS, _ENDS)


def _views(request, chosen: str) -> list[dict]:
    counts = queries.counts(request.actor)
    return [
        {
            "label": label,
            "url": with_query(request.GET, view=name or None, status=None, page=None),
            "current": name == chosen,
            "count": counts[name],
            "hot": name in queries.HOT and counts[name],
        }
        for name, (label, _condition) in queries.VIEWS.items()
    ]


@require_safe
@needs(ACTS)
def certificate_list(request):
    """List the certificates the actor may see, filtered by the address."""
    wanted = queries.Filter.from_query(request.GET)
    rows = wanted.apply(queries.register(request.actor))
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "columns": _columns(request.actor),
        "views": _views(request, wanted.view),
        "wanted": wanted,
        "statuses": CertificateStatus.choices,
        "schemes": queries.schemes(),
    }
    return render(request, "certification/certificate_list.html", context)


@require_safe
@needs(ACTS)
def certificate_export(request):
    """Export exactly what the register shows, all pages of it."""
    rows = queries.Filter.from_query(request.GET).apply(queries.register(request.actor))
    header = (
        _("Certificate number"),
        _("Status"),
        _("Name in Chinese"),
        _("Name in English"),
        _("Identifier"),
        _("Scheme"),
        _("Standard"),
        _("Scope in Chinese"),
        _("Scope in English"),
        _("Certification body"),
        _("First issued"),
        _("Effective from"),
        _("Printed expiry"),
        _("Suspended until"),
        _("Public page"),
    )
    lines = (
        (
            row.number,
            row.get_status_display(),
            row.holder_zh,
            row.holder_en,
            row.holder_identifier,
            row.scheme.code,
            row.edition.designation,
            row.scope_zh,
            row.scope_en,
            row.body.name,
            row.first_issued_on,
            row.effective_on,
            row.expires_on,
            row.suspended_until,
            verify_url(row.code) if row.status != CertificateStatus.ISSUING else "",
        )
        for row in rows.iterator()
    )
    return csv_response("certificates", header, lines)


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
        "decisions": found.decisions.select_related("decided_by"),
        "acts": acts,
        "cancel": next((act for act in acts if act.transition.action == "cancel"), None),
        "restorable_until": restorable_until(found.case, found.expires_on)
        if found.status == CertificateStatus.EXPIRED
        else None,
        "refusal": _refusal(actor, found),
    }
    return render(request, "certification/certificate.html", context)


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
class CertificateTransition(SigningView):
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
            "today": timezone.localdate(),
            "host": settings.BASE_URL.partition("://")[2],
        }
