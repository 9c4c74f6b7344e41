from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audits.checks.findings import EVIDENCE, advice_in, draft_of, incomplete
from audits.enums import AnswerStage, AuditStatus, FindingStatus
from audits.flows.findings import FINDING_FLOW
from audits.forms.fields import keep
from audits.forms.findings import AnswerForm, FindingForm
from audits.forms.transitions import NameJudgeForm, ReviewForm
from audits.queries import pages
from audits.queries.judges import can_be_disputed
from audits.rights import ON_TEAM
from audits.services import findings as services
from certification.queries.complaints import with_appeals
from foundation import editing, files
from foundation.access import needs
from foundation.models import Attachment
from foundation.models.base import subject_type
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import ACTS, ENTERPRISE, IN_ENTERPRISE


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


@needs(ON_TEAM)
def note(request, pk):
    """Note a finding during the audit."""
    audit = _auditing(request, pk)
    form = FindingForm(request.POST or None, request.FILES or None, audit=audit)
    form.offer_files(request.actor)
    if request.method == "POST" and form.is_valid():
        uploads = keep(form.cleaned_data["evidence_files"], request.actor)
        found = services.note_finding(
            audit=audit, actor=request.actor, evidence_files=uploads, **form.facts()
        )
        messages.success(request, _("%(number)s is saved.") % {"number": found.number})
        _hint_at_advice(request, found)
        return redirect(f"{audit.get_absolute_url()}#findings")
    context = {"audit": audit, "form": form}
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


def _answerable(request, pk):
    """Return the finding and the draft of its answer, or say why it cannot be answered now."""
    found = get_object_or_404(pages.finding_rows(request.actor), pk=pk)
    access = ENTERPRISE(request.actor, found)
    if not access:
        raise PermissionDenied(access.reason)
    if found.status not in services.ANSWERABLE:
        raise PermissionDenied(
            _("There is nothing to answer now: the finding is “%(state)s”.")
            % {"state": found.get_status_display()}
        )
    return found, draft_of(found) or services.begin_answer(found)


@needs(IN_ENTERPRISE)
def answer(request, pk):
    """Answer a finding in five parts; each is kept as it is typed."""
    found, draft = _answerable(request, pk)
    form = AnswerForm(request.POST or None, request.FILES or None, instance=draft)
    form.offer_files(request.actor)
    if request.method == "POST":
        valid = form.is_valid()
        if request.headers.get("X-Autosave"):
            return _autosave(request, found, form)
        if valid:
            _save(request, found, form, form.parts())
            editing.tell(request)
            plan = draft.stage == AnswerStage.PLAN
            return redirect(
                "audits:finding_do", pk=pk, action="answer" if plan else "submit_evidence"
            )
    rounds = pages.rounds_of(found, request.actor)
    context = {
        "finding": found,
        "form": form,
        "draft": draft,
        "evidence": list(files.attachments_of(found, EVIDENCE)),
        "own_files": [
            row for entry in rounds if entry["answer"].sent_at is None for row in entry["files"]
        ],
        "rounds": [entry for entry in rounds if entry["answer"].sent_at is not None],
    }
    return render(request, "audits/answer.html", context, status=422 if form.errors else 200)


def _save(request, found, form, parts):
    uploads = keep(form.cleaned_data.get("evidence_files") or (), request.actor)
    return services.save_answer(finding=found, actor=request.actor, evidence_files=uploads, **parts)


def _autosave(request, found, form):
    names = request.POST.getlist("_changed")
    saved = services.save_answer(finding=found, actor=request.actor, **form.parts(names))
    return JsonResponse({"saved_at": saved.changed_at.isoformat(), "errors": form.errors})


@require_POST
@needs(ACTS)
def file_remove(request, pk, attachment_pk):
    """Take a file off a draft: the enterprise's answer, or a finding not yet shown."""
    found = get_object_or_404(pages.finding_rows(request.actor), pk=pk)
    if request.actor.kind == Kind.ENTERPRISE:
        found, draft = _answerable(request, pk)
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
    forms = {"accept_plan": ReviewForm, "verify": ReviewForm, "name_judge": NameJudgeForm}
    template_name = "audits/finding_do.html"

    def get_object(self):
        return get_object_or_404(pages.finding_rows(self.request.actor), pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        rounds = pages.rounds_of(obj, self.request.actor)
        return {"finding": obj, "rounds": rounds[:1], "earlier": rounds[1:]}
