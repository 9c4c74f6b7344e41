"""Addresses of audits."""

from django.urls import path

from audits.lists.absences import ABSENCES
from audits.lists.audits import AUDITS, FINDINGS, PROGRAMME
from audits.lists.planning import DESK
from audits.lists.schedules import SCHEDULES
from audits.views import (
    absences,
    answers,
    audits,
    calendar,
    checklists,
    desk,
    findings,
    planning,
    reports,
    schedules,
    timetable,
)
from foundation.views.lists import list_paths

app_name = "audits"
urlpatterns = [
    *list_paths(AUDITS, "audits/"),
    *list_paths(PROGRAMME, "audits/to-plan/"),
    path("audits/to-plan/<uuid:pk>/start/", planning.start, name="start"),
    path("audits/<uuid:pk>/", audits.audit, name="audit"),
    path("audits/<uuid:pk>/do/<slug:action>/", audits.AuditDo.as_view(), name="audit_do"),
    path("audits/<uuid:pk>/calendar.ics", audits.calendar_file, name="calendar"),
    path("audits/<uuid:pk>/planning/", planning.planning, name="planning"),
    path("audits/<uuid:pk>/team/add/", planning.team_add, name="team_add"),
    path(
        "audits/<uuid:pk>/team/<uuid:member_pk>/remove/", planning.team_remove, name="team_remove"
    ),
    path("audits/<uuid:pk>/timetable/", timetable.timetable, name="timetable"),
    path("audits/<uuid:pk>/timetable/suggest/", timetable.suggestion, name="timetable_suggest"),
    path("audits/<uuid:pk>/checklist/", checklists.checklist, name="checklist"),
    path(
        "audits/<uuid:pk>/checklist/<uuid:item_pk>/",
        checklists.checklist_item,
        name="checklist_item",
    ),
    path(
        "audits/<uuid:pk>/checklist/<uuid:item_pk>/place/",
        checklists.checklist_place,
        name="checklist_place",
    ),
    path("audits/<uuid:pk>/report/", reports.report, name="report"),
    path("audits/<uuid:pk>/report/versions/", reports.versions, name="report_versions"),
    path("audits/<uuid:pk>/findings/new/", findings.note, name="finding_new"),
    *list_paths(DESK, "planning/"),
    *list_paths(SCHEDULES, "planning/drafts/"),
    path("planning/calendar/", calendar.calendar, name="people_calendar"),
    path("planning/drafts/new/", schedules.schedule_new, name="schedule_new"),
    path("planning/drafts/<uuid:pk>/", schedules.schedule, name="schedule"),
    path("planning/drafts/<uuid:pk>/again/", schedules.again, name="schedule_again"),
    path("planning/drafts/<uuid:pk>/stop/", schedules.stop, name="schedule_stop"),
    path("planning/drafts/<uuid:pk>/rows/", schedules.rows, name="schedule_rows"),
    path("planning/<uuid:pk>/propose/", desk.propose, name="team_propose"),
    *list_paths(ABSENCES, "absences/"),
    path("absences/new/", absences.absence_new, name="absence_new"),
    path("absences/<uuid:pk>/withdraw/", absences.absence_withdraw, name="absence_withdraw"),
    *list_paths(FINDINGS, "findings/"),
    path("findings/<uuid:pk>/", findings.finding, name="finding"),
    path("findings/<uuid:pk>/edit/", findings.edit, name="finding_edit"),
    path("findings/<uuid:pk>/strike-out/", findings.strike_out, name="finding_strike_out"),
    path("findings/<uuid:pk>/answer/", answers.answer, name="answer"),
    path("findings/<uuid:pk>/answer/<uuid:kept_pk>/settle/", answers.settle, name="answer_settle"),
    path(
        "findings/<uuid:pk>/files/<uuid:attachment_pk>/remove/",
        findings.file_remove,
        name="finding_file_remove",
    ),
    path("findings/<uuid:pk>/do/<slug:action>/", findings.FindingDo.as_view(), name="finding_do"),
]
