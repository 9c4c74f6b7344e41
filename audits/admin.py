"""Audits, findings and reports, for operators to look up."""

from django.contrib import admin

from audits.models import (
    Attendance,
    Audit,
    AuditMember,
    AuditReport,
    CheckIn,
    ChecklistAnswer,
    Finding,
    FindingAnswer,
    Objection,
    PlanItem,
)
from foundation.admin_base import ReadOnlyAdmin, RowsInline

PARTIES = ("enterprise__name_zh", "enterprise__name_en", "body__name_zh", "body__name_en")


class MemberRows(RowsInline):
    model = AuditMember
    fields = ["user", "role", "no_conflict", "declared_at"]


class PlanRows(RowsInline):
    model = PlanItem
    fields = ["day", "starts_at", "ends_at", "activity", "department", "clauses", "member",
              "remote"]  # fmt: skip


class ObjectionRows(RowsInline):
    model = Objection
    fields = ["reason", "raised_by", "created_at", "answer", "answered_by", "answered_at"]


class CheckInRows(RowsInline):
    model = CheckIn
    fields = ["meeting", "user", "created_at", "device_time", "distance_m", "anomalies",
              "accepted_by"]  # fmt: skip


class AttendanceRows(RowsInline):
    model = Attendance
    fields = ["meeting", "name", "of_team", "function"]


class FindingRows(RowsInline):
    model = Finding
    fields = ["number", "status", "grade", "clause", "title", "due_on"]
    show_change_link = True


class ChecklistRows(RowsInline):
    model = ChecklistAnswer
    fields = ["question", "earlier", "department", "verdict", "note", "answered_by", "created_at"]


@admin.register(Audit)
class AuditAdmin(ReadOnlyAdmin):
    date_hierarchy = "starts_on"
    act_page = "audits:audit_do"
    hidden = ("sample", "plan_snapshot")
    list_display = ["number", "status", "kind", "enterprise", "body", "starts_on", "ends_on",
                    "mode"]  # fmt: skip
    list_filter = ["status", "kind", "mode", "starts_on",
                   ("body", admin.RelatedOnlyFieldListFilter)]  # fmt: skip
    list_select_related = ["enterprise", "body"]
    search_fields = ["number", "case__number", *PARTIES]
    uuid_fields = ("case_id", "enterprise_id", "body_id")
    inlines = [MemberRows, PlanRows, ObjectionRows, CheckInRows, AttendanceRows, FindingRows,
               ChecklistRows]  # fmt: skip


class AnswerRows(RowsInline):
    model = FindingAnswer
    fields = ["round", "stage", "sent_by", "sent_at", "judged_by", "judged_at", "accepted"]


@admin.register(Finding)
class FindingAdmin(ReadOnlyAdmin):
    date_hierarchy = "due_on"
    act_page = "audits:finding_do"
    list_display = ["number", "audit", "status", "grade", "clause", "title", "due_on", "closed_at"]
    list_filter = ["status", "grade", "due_on"]
    list_select_related = ["audit", "clause"]
    search_fields = ["audit__number", "number", "title", "statement"]
    uuid_fields = ("audit_id",)
    inlines = [AnswerRows]


@admin.register(AuditReport)
class AuditReportAdmin(ReadOnlyAdmin):
    seen_through = "audit"
    hidden = ("snapshot",)
    list_display = ["audit", "version", "recommendation", "submitted_by", "submitted_at",
                    "reviewed_by", "reviewed_at"]  # fmt: skip
    list_filter = ["recommendation", "submitted_at", "reviewed_at"]
    list_select_related = ["audit", "submitted_by", "reviewed_by"]
    search_fields = ["audit__number", "summary"]
    uuid_fields = ("audit_id",)
