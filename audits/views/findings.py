from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.checks.findings import EVIDENCE, advice_in, incomplete
from audits.enums import AuditStatus, FindingStatus, Grade
from audits.flows.findings import FINDING_FLOW
from audits.forms.fields import keep
from audits.forms.findings import FindingForm
from audits.forms.transitions import (
    AcceptPlanForm,
    AskExtensionForm,
    GrantExtensionForm,
    NameJudgeForm,
    VerifyForm,
)
from audits.queries import checklists, pages
from audits.queries.judges import can_be_disputed
from audits.rights import ON_TEAM
from audits.services import findings as services
from audits.views.answers import answerable
from certification.queries.complaints import with_appeals
from foundation import files
from foundation.access import needs
from foundation.models import Attachment
from foundation.models.base import subject_type
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import ACTS, ENTERPRISE
from schemes.models import Clause


@require_safe
@needs(ACTS)
def finding(request, pk):
    """The page of a finding, the same for all its parties."""
    found = get_object_or_404(pages.finding_rows(request.actor), pk=pk)
    actor = request.actor
    with_appeals([found], actor, can_be_disputed)
    available = FINDING_FLOW.actions_for(found, actor)
    context = {
        "finding": found,
        "evidence": list(files.attachments_of(found, EVIDENCE)),
        "rounds": pages.rounds_of(found, actor),
        "available": [row for row in available if row.transition.is_awaited(found)],
        "others": [row for row in available if not row.transition.is_awaited(found)],
        "can_answer": found.status in services.ANSWERABLE and ENTERPRISE(actor, found),
        "can_edit": found.status == FindingStatus.NOTED and ON_TEAM(actor, found),
        "lacking": incomplete(found) if found.shown_at is None else (),
        "for_client": actor.kind == Kind.ENTERPRISE,
        "extensions": list(found.extensions.select_related("asked_by", "answered_by")),
        "entries": pages.history_of(found.journal_thread, actor, [found]),
    }
    return render(request, "audits/finding.html", context)


def _auditing(request, pk):
    """Return the audit, or say why this person may not note findings now."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    access = ON_TEAM(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status != AuditStatus.IN_PROGRESS:
        raise PermissionDenied(_("Findings are noted while the audit is in progress."))
    return found


def _hint_at_advice(request, found) -> None:
    """Say kindly when a finding sounds like advice (ISO/IEC 17021-1:2015 9.4.5.3)."""
    word = advice_in(f"{found.title} {found.requirement} {found.statement} {found.evidence}")
    if word and found.is_nonconformity:
        messages.warning(
            request,
            _("“%(word)s” sounds like a solution. The cause and the cure are the enterprise’s.")
            % {"word": word},
        )


def _item_of(request, audit):
    """Return the item of the checklist that a finding comes from, or None."""
    wanted = request.GET.get("item", "")
    if not wanted:
        return None
    for item in checklists.items_of(audit):
        if str(item.key) == wanted:
            return item
    raise Http404


def _places(item, audit) -> dict:
    """Return where a finding was made and from which item, besides what the form asks."""
    sites = list(audit.sites.all())
    only = sites[0] if len(sites) == 1 else None
    return {"site": item.site if item else only, "item": item.key if item else None}


def _taken_over(item, audit) -> dict:
    """Return what the checklist says already, so that nobody types it again."""
    clause = None
    for edition, numbers in item.clauses:
        clause = clause or Clause.objects.filter(edition=edition, number=numbers[0]).first()
    return {
        "grade": item.verdict if item.verdict in Grade.values else "",
        "clause": clause,
        "site": item.site,
        "department": item.department,
        "evidence": item.last.note if item.last else "",
    }


@needs(ON_TEAM)
def note(request, pk):
    """Note a finding during the audit."""
    audit = _auditing(request, pk)
    item = _item_of(request, audit)
    initial = _taken_over(item, audit) if item else {}
    form = FindingForm(request.POST or None, request.FILES or None, audit=audit, initial=initial)
    form.offer_files(request.actor)
    if request.method == "POST" and form.is_valid():
        uploads = keep(form.cleaned_data["evidence_files"], request.actor)
        if item:
            uploads += [row.file for row in checklists.files_of([item]).get(item.key, [])]
        facts = _places(item, audit) | form.facts()
        found = services.note_finding(
            audit=audit, actor=request.actor, evidence_files=uploads, **facts
        )
        messages.success(request, _("%(number)s is saved.") % {"number": found.number})
        _hint_at_advice(request, found)
        if item:
            return redirect("audits:checklist_item", pk=audit.pk, item_pk=item.key)
        return redirect(f"{audit.get_absolute_url()}#findings")
    context = {"audit": audit, "form": form, "item": item}
    return render(request, "audits/finding_form.html", context, status=422 if form.errors else 200)


def _noted(request, pk):
    """Return a finding that the enterprise has not seen, or say why it cannot be changed."""
    found = get_object_or_404(pages.finding_rows(request.actor), pk=pk)
    access = ON_TEAM(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status != FindingStatus.NOTED or found.audit.status != AuditStatus.IN_PROGRESS:
        raise PermissionDenied(_("The enterprise has seen this finding; it stays as it is."))
    return found


@needs(ON_TEAM)
def edit(request, pk):
    """Change a finding that the enterprise has not seen yet."""
    found = _noted(request, pk)
    form = FindingForm(
        request.POST or None, request.FILES or None, instance=found, audit=found.audit
    )
    form.offer_files(request.actor)
    if request.method == "POST" and form.is_valid():
        uploads = keep(form.cleaned_data["evidence_files"], request.actor)
        changed = services.change_finding(
            finding=found, actor=request.actor, evidence_files=uploads, **form.facts()
        )
        messages.success(request, _("%(number)s is saved.") % {"number": changed.number})
        _hint_at_advice(request, changed)
        return redirect("audits:finding", pk=pk)
    context = {
        "audit": found.audit,
        "finding": found,
        "form": form,
        "evidence": list(files.attachments_of(found, EVIDENCE)),
    }
    return render(request, "audits/finding_form.html", context, status=422 if form.errors else 200)


@require_POST
@needs(ON_TEAM)
def strike_out(request, pk):
    """Strike out a finding that the enterprise has not seen."""
    found = _noted(request, pk)
    services.drop_finding(finding=found, actor=request.actor)
    messages.success(request, _("%(number)s is struck out.") % {"number": found.number})
    return redirect("audits:audit", pk=found.audit_id)


@require_POST
@needs(ACTS)
def file_remove(request, pk, attachment_pk):
    """Take a file off a draft: the enterprise's answer, or a finding not yet shown."""
    found = get_object_or_404(pages.finding_rows(request.actor), pk=pk)
    if request.actor.kind == Kind.ENTERPRISE:
        found, draft = answerable(request, pk)
        subject, back = draft, "audits:answer"
    else:
        subject, back = _noted(request, pk), "audits:finding_edit"
    attachment = get_object_or_404(
        Attachment,
        pk=attachment_pk,
        subject_type=subject_type(subject),
        subject_id=subject.pk,
        label=EVIDENCE,
    )
    services.drop_file(finding=found, actor=request.actor, attachment=attachment)
    return redirect(back, pk=pk)


@method_decorator(needs(ACTS), name="dispatch")
class FindingDo(TransitionView):
    """The acts on a finding: send an answer, judge it."""

    flow = FINDING_FLOW
    forms = {
        "accept_plan": AcceptPlanForm,
        "verify": VerifyForm,
        "name_judge": NameJudgeForm,
        "ask_extension": AskExtensionForm,
        "grant_extension": GrantExtensionForm,
    }
    template_name = "audits/finding_do.html"

    def get_object(self):
        return get_object_or_404(pages.finding_rows(self.request.actor), pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        rounds = pages.rounds_of(obj, self.request.actor)
        return {"finding": obj, "rounds": rounds[:1], "earlier": rounds[1:]}
