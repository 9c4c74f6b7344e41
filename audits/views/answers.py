from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from audits.checks.findings import (
    EVIDENCE,
    PART_OF,
    answer_blockers,
    draft_of,
    evidence_blockers,
)
from audits.enums import AnswerStage
from audits.flows.findings import FINDING_FLOW
from audits.forms.fields import keep
from audits.forms.findings import AnswerForm
from audits.models import KeptText
from audits.queries import pages
from audits.services import findings as services
from foundation import editing, files
from foundation.access import needs
from foundation.formatting import clock
from organisations.rights import ENTERPRISE, IN_ENTERPRISE


def answerable(request, pk):
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
    found, draft = answerable(request, pk)
    form = AnswerForm(request.POST or None, request.FILES or None, instance=draft)
    form.offer_files(request.actor)
    if request.method == "POST":
        valid = form.is_valid()
        if request.headers.get("X-Autosave"):
            return _autosave(request, found, form)
        if valid:
            saved = _save(request, found, form, form.parts())
            editing.tell(request)
            if saved.kept:
                return redirect(f"{reverse('audits:answer', args=[pk])}#both")
            plan = draft.stage == AnswerStage.PLAN
            return redirect(
                "audits:finding_do", pk=pk, action="answer" if plan else "submit_evidence"
            )
    rounds = pages.rounds_of(found, request.actor)
    is_plan = draft.stage == AnswerStage.PLAN
    check = answer_blockers if is_plan else evidence_blockers
    context = {
        "finding": found,
        "form": form,
        "draft": draft,
        "both": _both(draft),
        "can_ask": not FINDING_FLOW.transition("ask_extension").blockers(found, request.actor),
        "blockers": list(check(found, request.actor, None)),
        "evidence": list(files.attachments_of(found, EVIDENCE)),
        "own_files": [
            row for entry in rounds if entry["answer"].sent_at is None for row in entry["files"]
        ],
        "rounds": [entry for entry in rounds if entry["answer"].sent_at is not None],
    }
    return render(request, "audits/answer.html", context, status=422 if form.errors else 200)


def _both(draft) -> list[dict]:
    """Return the parts that two people wrote at once, with both texts."""
    rows = KeptText.objects.filter(answer=draft.pk, settled_at=None).select_related("written_by")
    return [
        {
            "kept": row,
            "number": PART_OF.get(row.part, 5),
            "standing": services.part_of(draft, row.part),
            "by": draft.revisions.get(row.part, {}).get("by", ""),
            "at": draft.revisions.get(row.part, {}).get("at", ""),
        }
        for row in rows
    ]


def _save(request, found, form, parts):
    uploads = keep(form.cleaned_data.get("evidence_files") or (), request.actor)
    return services.save_answer(
        finding=found, actor=request.actor, evidence_files=uploads, seen=form.seen(), **parts
    )


def _autosave(request, found, form):
    """Keep the changed parts; say of each who wrote it, and where a colleague was quicker."""
    names = [name for name in request.POST.getlist("_changed") if name in PART_OF]
    saved = services.save_answer(
        finding=found, actor=request.actor, seen=form.seen(), **form.parts(names)
    )
    mine = [name for name in names if name not in saved.kept]
    at = clock(saved.changed_at)
    answered = {
        "saved_at": saved.changed_at.isoformat(),
        "errors": form.errors,
        "fields": {f"rev_{name}": services.revision_of(saved, name) for name in mine},
        "parts": {
            PART_OF[name]: _("Saved at %(time)s by %(person)s")
            % {"time": at, "person": request.user.name}
            for name in mine
        },
    }
    if saved.kept:
        name = saved.kept[0]
        answered["notice"] = _(
            "%(person)s changed part %(part)s too. Reload to see both texts."
        ) % {
            "person": saved.revisions.get(name, {}).get("by", ""),
            "part": PART_OF[name],
        }
    return JsonResponse(answered)


@require_POST
@needs(IN_ENTERPRISE)
def settle(request, pk, kept_pk):
    """Choose which of two texts of a part is sent."""
    found, _draft = answerable(request, pk)
    kept = get_object_or_404(KeptText, pk=kept_pk, answer__finding=found)
    services.settle_text(finding=found, actor=request.actor, kept=kept, take="take" in request.POST)
    return redirect("audits:answer", pk=pk)
