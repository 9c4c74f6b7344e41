from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from audits import calendar
from audits.checks.days import deviation_of
from audits.checks.timetable import WHOLE
from audits.enums import AuditStatus
from audits.flows.audits import AUDIT_FLOW
from audits.flows.days import DAYS_TRANSITIONS
from audits.flows.findings import FINDING_FLOW
from audits.forms.transitions import (
    AnswerObjectionForm,
    CloseForm,
    DeclareForm,
    ExplainForm,
    FewerDaysForm,
    ObjectForm,
    OpenForm,
    ProposeForm,
    ReviewForm,
)
from audits.queries import pages
from audits.rights import LEAD, ON_TEAM, PLANS
from audits.services.planning import PLANNING
from audits.services.reports import WRITABLE as REPORT_WRITABLE
from audits.services.timetable import WRITABLE as TIMETABLE_WRITABLE
from foundation.access import needs
from foundation.models import Job
from foundation.models.base import subject_type
from foundation.models.jobs import JobState
from foundation.views.transitions import TransitionView
from organisations.enums import Kind
from organisations.rights import ACTS, PLANNER

RECENT = 8


@require_safe
@needs(ACTS)
def audit(request, pk):
    """The page of an audit, the same for all its parties."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    actor = request.actor
    opened = found.opened_at is not None
    findings = pages.findings_of(found, actor) if opened else []
    available = AUDIT_FLOW.actions_for(found, actor)
    primary = next((row for row in available if row.transition.is_awaited(found)), None)
    history = pages.history_of(found.journal_thread, actor, [found, *findings])
    whole = "history" in request.GET
    objections = found.objections.select_related("raised_by", "answered_by")
    context = {
        "audit": found,
        "deviation": deviation_of(found),
        "steps": pages.steps(found),
        "primary": primary,
        "others": [row for row in available if row is not primary],
        "waiting_findings": _to_answer(findings, actor),
        "next_words": pages.NEXT[found.status],
        "tools": _tools(found, actor),
        "team": pages.team_of(found),
        "timetable": pages.timetable_of(found),
        "findings": findings,
        "meetings": pages.meetings_of(found) if opened else (),
        "documents": pages.documents_of(found, actor) if found.plan_snapshot else (),
        "jobs": _jobs(found, actor) if found.plan_snapshot else (),
        "objections": objections if found.proposed_at else (),
        "for_client": actor.kind == Kind.ENTERPRISE,
        "for_body": actor.organisation_id == found.body_id,
        "has_checklist": opened and actor.kind != Kind.ENTERPRISE,
        "has_calendar": found.starts_on is not None,
        "unsettled": found.proposed_at is not None and found.status in PLANNING,
        "whole": found.kind in WHOLE,
        "entries": history if whole else history[:RECENT],
        "hidden": 0 if whole else max(len(history) - RECENT, 0),
    }
    return render(request, "audits/audit.html", context)


def _tools(audit, actor) -> set[str]:
    """Name the working pages this actor may open now, besides the acts of the flow."""
    tools = set()
    if audit.status in PLANNING and PLANNER(actor, audit):
        tools.add("planning")
    if audit.starts_on and audit.status in TIMETABLE_WRITABLE and PLANS(actor, audit):
        tools.add("timetable")
    if audit.status == AuditStatus.IN_PROGRESS and ON_TEAM(actor, audit):
        tools.add("finding")
    if audit.status in REPORT_WRITABLE and LEAD(actor, audit):
        tools.add("report")
    return tools


def _jobs(audit, actor):
    """Return the documents being made, or not made, for those who can do something about it."""
    rows = Job.objects.visible_to(actor).filter(
        subject_type=subject_type(audit), subject_id=audit.pk, kind__startswith="audits."
    )
    return list(rows.exclude(state=JobState.DONE))


def _to_answer(findings, actor):
    """Return the findings the actor is expected to act on now, the most urgent first."""
    mine = [
        finding
        for finding in findings
        if any(
            finding.status in row.sources and row.right(actor, finding) and row.is_awaited(finding)
            for row in FINDING_FLOW.transitions
        )
    ]
    return sorted(mine, key=lambda finding: (finding.due_on is None, finding.due_on))


@require_safe
@needs(ACTS)
def calendar_file(request, pk):
    """Serve one audit as a calendar file in the reader's language."""
    found = get_object_or_404(pages.audit_rows(request.actor), pk=pk)
    if found.starts_on is None:
        raise Http404
    response = HttpResponse(
        calendar.calendar_of(found), content_type=f"{calendar.CONTENT_TYPE}; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{calendar.file_name(found)}"'
    response["Cache-Control"] = "private, no-store"
    return response


@method_decorator(needs(ACTS), name="dispatch")
class AuditDo(TransitionView):
    """The acts on an audit."""

    flow = AUDIT_FLOW
    forms = {
        "declare": DeclareForm,
        "propose": ProposeForm,
        "object": ObjectForm,
        "answer_objection": AnswerObjectionForm,
        "open": OpenForm,
        "close_meeting": CloseForm,
        "explain_check_in": ExplainForm,
        "accept_report": ReviewForm,
        "approve_fewer_days": FewerDaysForm,
        "return_fewer_days": FewerDaysForm,
    }
    template_name = "audits/audit_do.html"

    def get_object(self):
        return get_object_or_404(pages.audit_rows(self.request.actor), pk=self.kwargs["pk"])

    def get_context(self, obj, transition):
        shown = {"propose", "announce", "confirm", "object", "declare", "answer_objection"}
        fixes = transition.action in {"confirm", "announce"}
        findings = transition.action == "close_meeting"
        return {
            "team": pages.team_of(obj) if transition.action in shown else (),
            "timetable": pages.timetable_of(obj) if fixes else (),
            "findings": pages.findings_of(obj, self.request.actor) if findings else (),
            "objections": obj.objections.filter(answered_at=None),
            "fewer_days": transition in DAYS_TRANSITIONS,
        }
