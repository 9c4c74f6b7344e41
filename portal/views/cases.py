from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audits.queries import clock as audits_clock
from certification.hints import report_url
from certification.models import Case
from certification.queries import clock as certification_clock
from certification.queries.changes import changes
from certification.services.changes import may_report
from foundation import timeline
from foundation.access import needs
from foundation.calendar import calendar_of
from foundation.exports import csv_response
from organisations.enums import Role
from organisations.rights import ACTS, BODY_DESK
from portal import tracking

RECENT = 8


@require_safe
@needs(ACTS)
def case(request, pk):
    """The page of a case, the same for all its parties: status, what to do, what comes next."""
    rows = Case.objects.visible_to(request.actor).select_related("enterprise", "body", "rule_set")
    found = get_object_or_404(rows, pk=pk)
    story = tracking.story_of(found, request.actor)
    entries = tracking.history(found, request.actor)
    steps = tracking.steps(story, entries, request.actor)
    whole = "history" in request.GET
    on_desk = BODY_DESK(request.actor, found)
    acts = tracking.case_actions(found, request.actor)
    context = {
        "case": found,
        "story": story,
        "steps": steps,
        "step": next((n for n, s in enumerate(steps, 1) if s["state"] == tracking.NOW), len(steps)),
        "next_steps": tracking.what_next(story, request.actor),
        "entries": timeline.lines(entries if whole else entries[:RECENT]),
        "hidden": 0 if whole else max(len(entries) - RECENT, 0),
        "appointment": tracking.next_appointment(story),
        "contacts": tracking.contacts(story),
        "documents": tracking.documents(story, request.actor),
        "complaints": tracking.complaints(found, request.actor),
        "appealable": [row for row in story.decisions if row.may_appeal],
        "evaluation": tracking.evaluation_asked(story, request.actor),
        "actions": [act for act in acts if act.transition.awaited],
        "others": [act for act in acts if not act.transition.awaited],
        "changes": changes(request.actor).filter(case=found)[:RECENT],
        "report_url": report_url(found) if may_report(found, request.actor) else "",
        "on_desk": on_desk,
        "client_people": found.enterprise.people(Role.OWNER, Role.MEMBER) if on_desk else (),
    }
    return render(request, "portal/case.html", context)


@require_safe
@needs(ACTS)
def clock(request, pk):
    """Show the parties every date of a case, its rule, and how it was counted; or as a sheet."""
    rows = Case.objects.visible_to(request.actor).select_related("enterprise", "body", "rule_set")
    found = get_object_or_404(rows, pk=pk)
    entries = [
        *certification_clock.entries_of(found, request.actor),
        *audits_clock.entries_of(found, request.actor),
    ]
    entries.sort(key=lambda entry: (entry.on, entry.about))
    if request.GET.get("format") == "csv":
        return csv_response(f"{found.number}-dates", _heads(), [_line(entry) for entry in entries])
    context = {
        "case": found,
        "open": [entry for entry in entries if entry.met_on is None],
        "met": [entry for entry in entries if entry.met_on is not None],
        "calendar": calendar_of(found.enterprise.country),
    }
    return render(request, "portal/clock.html", context)


def _heads() -> list[str]:
    return [
        _("What"), _("Number"), _("Last day"), _("Done on"), _("How it is counted"), _("Rule"),
        _("Source"), _("Who acts"),
    ]  # fmt: skip


def _line(entry) -> tuple:
    return (
        entry.title, entry.about, entry.on, entry.met_on or "", entry.counted, entry.rule,
        entry.source, entry.who,
    )  # fmt: skip
