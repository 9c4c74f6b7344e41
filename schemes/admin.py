"""The catalogue to look at, approvals and competence to keep."""

from django.contrib import admin

from foundation.admin_base import JournaledAdmin, ReadOnlyAdmin
from schemes.models import (
    AuditTimeBand,
    AuditTimeFactor,
    BodyApproval,
    ChecklistQuestion,
    Clause,
    Competence,
    Declaration,
    Entry,
    Interest,
    Rule,
    RuleSet,
    Scheme,
    StandardEdition,
    TechnicalArea,
)


class CatalogueAdmin(ReadOnlyAdmin):
    """Rows come from the data files by ``sync_schemes``; here they are read."""


@admin.register(Scheme)
class SchemeAdmin(CatalogueAdmin):
    list_display = ["code", "title_en", "title_zh", "letter", "valid_from", "valid_to"]
    search_fields = ["code", "title_en", "title_zh"]


@admin.register(StandardEdition)
class StandardEditionAdmin(CatalogueAdmin):
    list_display = [
        "designation",
        "designation_cn",
        "amendment",
        "scheme",
        "valid_from",
        "valid_to",
    ]
    list_filter = ["scheme"]
    list_select_related = ["scheme"]
    search_fields = ["designation", "designation_cn", "title_en", "title_zh"]


@admin.register(Clause)
class ClauseAdmin(CatalogueAdmin):
    list_display = ["edition", "number", "title_en", "title_zh"]
    list_display_links = ["number"]
    list_filter = ["edition"]
    list_select_related = ["edition"]
    search_fields = ["number", "title_en", "title_zh"]


@admin.register(ChecklistQuestion)
class ChecklistQuestionAdmin(CatalogueAdmin):
    list_display = ["key", "checklist", "version", "text_en", "text_zh", "valid_from", "valid_to"]
    list_filter = ["checklist", "version"]
    search_fields = ["key", "text_en", "text_zh"]


@admin.register(TechnicalArea)
class TechnicalAreaAdmin(CatalogueAdmin):
    list_display = ["code", "title_en", "title_zh", "nace"]
    search_fields = ["code", "title_en", "title_zh", "nace"]


@admin.register(RuleSet)
class RuleSetAdmin(CatalogueAdmin):
    list_display = ["key", "edition", "country", "valid_from", "valid_to"]
    list_filter = ["country"]
    search_fields = ["key", "edition", "title_en", "title_zh"]


@admin.register(Rule)
class RuleAdmin(CatalogueAdmin):
    list_display = ["rule_set", "key", "title_en", "value", "unit", "scheme", "source"]
    list_display_links = ["key"]
    list_filter = ["rule_set", "unit", "scheme"]
    list_select_related = ["rule_set", "scheme"]
    search_fields = ["key", "title_en", "title_zh", "source"]


@admin.register(AuditTimeBand)
class AuditTimeBandAdmin(CatalogueAdmin):
    list_display = ["scheme", "category", "personnel_from", "personnel_to", "days", "edition"]
    list_filter = ["scheme", "category", "edition"]
    list_select_related = ["scheme"]
    search_fields = ["table", "edition"]


@admin.register(AuditTimeFactor)
class AuditTimeFactorAdmin(CatalogueAdmin):
    list_display = ["scheme", "title_en", "title_zh", "direction", "usual_min", "usual_max"]
    list_display_links = ["title_en"]
    list_filter = ["scheme", "direction"]
    list_select_related = ["scheme"]
    search_fields = ["key", "title_en", "title_zh"]


def _facts(row) -> dict:
    return {"scheme": row.scheme.code, "areas": sorted(area.code for area in row.areas.all())}


@admin.register(BodyApproval)
class BodyApprovalAdmin(JournaledAdmin):
    verbs = ("approval_recorded", "approval_changed")
    list_display = ["reference", "body", "scheme", "accreditation", "valid_from", "valid_to"]
    list_filter = ["scheme"]
    list_select_related = ["body", "scheme"]
    search_fields = ["reference", "accreditation", "body__name_zh", "body__name_en"]
    autocomplete_fields = ["areas", "body"]
    readonly_fields = ["standing", "order"]  # an order sets them, with the version it begins
    uuid_fields = ("body_id",)

    def facts(self, row) -> dict:
        return _facts(row)


@admin.register(Competence)
class CompetenceAdmin(JournaledAdmin):
    """Recorded on the body's own page, which knows its people; here a slip is corrected."""

    act_page = "schemes:competence_do"
    verbs = ("competence_recorded", "competence_changed")
    list_display = ["user", "body", "scheme", "role", "status", "valid_until"]
    list_filter = ["status", "scheme", "role"]
    list_select_related = ["user", "body", "scheme"]
    search_fields = ["user__name", "user__email", "registration_number", "body__name_zh"]
    autocomplete_fields = ["areas"]
    readonly_fields = ["user", "body", "scheme", "role", "status", "support"]
    uuid_fields = ("body_id",)

    def has_add_permission(self, request, obj=None):
        return False

    def facts(self, row) -> dict:
        return _facts(row)


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ["user", "kind", "title", "issuer", "first_day", "last_day", "struck_at"]
    list_filter = ["kind", "result", "engagement", "first_day"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "title", "issuer", "number"]
    uuid_fields = ("body_id",)


@admin.register(Interest)
class InterestAdmin(JournaledAdmin):
    """Declared by the person or a manager; here a slip is corrected."""

    verbs = ("interest.declared", "interest.corrected")
    list_display = ["user", "kind", "name", "identifier", "began_on", "ended_on"]
    list_filter = ["kind", "began_on"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email", "name", "identifier"]
    readonly_fields = ["user", "declared_by"]

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Declaration)
class DeclarationAdmin(ReadOnlyAdmin):
    list_display = ["user", "confirmed_at", "due_on"]
    list_filter = ["due_on"]
    list_select_related = ["user"]
    search_fields = ["user__name", "user__email"]
