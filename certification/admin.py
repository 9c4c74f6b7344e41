"""Applications, cases, decisions and certificates, for operators to look up."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from certification.models import (
    Application,
    ApplicationReview,
    ApplicationScheme,
    ApplicationSite,
    ApplicationVersion,
    ApprovalChange,
    AuditOutcome,
    AuditTimeCalculation,
    Case,
    Certificate,
    CertificateEvent,
    CertificateRevision,
    ChangeReport,
    Complaint,
    ComplaintEntry,
    Counter,
    Decision,
    Evaluation,
    FormerHolder,
    Involvement,
    Merger,
    Offer,
    ProgrammeItem,
    Proposal,
    ReviewRequest,
    Signature,
)
from foundation.admin_base import ReadOnlyAdmin, RowsInline
from foundation.templatetags.portal_ui import digest

BODY = ("body", admin.RelatedOnlyFieldListFilter)
SCHEME = ("scheme", admin.RelatedOnlyFieldListFilter)
PARTIES = ("enterprise__name_zh", "enterprise__name_en", "enterprise__identifier", "body__name_zh",
           "body__name_en")  # fmt: skip


class SchemeRows(RowsInline):
    model = ApplicationScheme
    fields = ["scheme", "edition", "areas", "category"]


class SiteRows(RowsInline):
    model = ApplicationSite
    fields = ["site"]


class VersionRows(RowsInline):
    model = ApplicationVersion
    fields = ["version", "submitted_by", "created_at", "sha256"]


class RequestRows(RowsInline):
    model = ReviewRequest
    fields = ["field", "reason", "asked_by", "version", "sent_at"]


class CalculationRows(RowsInline):
    model = AuditTimeCalculation
    fields = ["total_days", "stage_1_days", "stage_2_days", "computed_by", "created_at"]
    show_change_link = True


class OfferRows(RowsInline):
    model = Offer
    fields = ["version", "total", "currency", "valid_until", "made_by", "file"]
    show_change_link = True


@admin.register(Application)
class ApplicationAdmin(ReadOnlyAdmin):
    date_hierarchy = "created_at"
    act_page = "certification:application_do"
    hidden = ("edits",)
    list_display = ["__str__", "status", "kind", "enterprise", "body", "submitted_at", "created_at"]
    list_filter = ["status", "kind", "submitted_at", BODY,
                   ("schemes__scheme", admin.RelatedOnlyFieldListFilter)]  # fmt: skip
    list_select_related = ["enterprise", "body"]
    search_fields = ["number", *PARTIES]
    uuid_fields = ("enterprise_id", "body_id", "case_id")
    story = True
    inlines = [SchemeRows, SiteRows, VersionRows, RequestRows, CalculationRows, OfferRows]


@admin.register(ApplicationReview)
class ApplicationReviewAdmin(ReadOnlyAdmin):
    list_display = ["application", "reviewer", "no_conflict", "created_at", "changed_at"]
    list_filter = ["no_conflict", "created_at"]
    list_select_related = ["application", "reviewer"]
    search_fields = ["application__number", "reviewer__name"]
    uuid_fields = ("application_id",)


@admin.register(AuditTimeCalculation)
class AuditTimeCalculationAdmin(ReadOnlyAdmin):
    hidden = ("inputs", "result")
    list_display = ["application", "total_days", "stage_1_days", "stage_2_days", "computed_by",
                    "created_at"]  # fmt: skip
    list_filter = ["created_at"]
    list_select_related = ["application", "computed_by"]
    search_fields = ["application__number", "computed_by__name"]
    uuid_fields = ("application_id",)


class SignatureRows(RowsInline):
    model = Signature
    fields = ["signed_by", "name_typed", "created_at", "sha256", "address"]


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    hidden = ("lines", "snapshot")
    list_display = ["application", "version", "total", "currency", "valid_until", "made_by",
                    "created_at"]  # fmt: skip
    list_filter = ["currency", "valid_until", "created_at"]
    list_select_related = ["application", "made_by"]
    search_fields = ["application__number", "made_by__name"]
    uuid_fields = ("application_id",)
    inlines = [SignatureRows]


class ProgrammeRows(RowsInline):
    model = ProgrammeItem
    fields = ["cycle", "kind", "window_from", "window_to", "days", "on_site_days", "done_on"]


class InvolvementRows(RowsInline):
    model = Involvement
    fields = ["cycle", "user", "part", "created_at"]


class OutcomeRows(RowsInline):
    model = AuditOutcome
    fields = ["cycle", "kind", "recommendation", "report_reviewed", "last_day", "decision"]


class DecisionRows(RowsInline):
    model = Decision
    fields = ["kind", "certificate", "decided_by", "decided_on", "cause"]
    show_change_link = True


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    date_hierarchy = "created_at"
    act_page = "certification:case_do"
    list_display = ["number", "status", "enterprise", "body", "cycle", "created_at"]
    list_filter = ["status", "created_at", BODY]
    list_select_related = ["enterprise", "body"]
    search_fields = ["number", *PARTIES]
    uuid_fields = ("thread", "enterprise_id", "body_id")
    story = True
    inlines = [ProgrammeRows, InvolvementRows, OutcomeRows, DecisionRows]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    date_hierarchy = "decided_on"
    hidden = ("facts",)
    list_display = ["case", "kind", "certificate", "decided_by", "decided_on", "cause"]
    list_filter = ["kind", "decided_on", "cause"]
    list_select_related = ["case", "certificate", "decided_by"]
    search_fields = ["case__number", "certificate__number", "decided_by__name", "reason"]
    uuid_fields = ("case_id", "certificate_id")


class RevisionRows(RowsInline):
    model = CertificateRevision
    fields = ["revision", "status", "issued_on", "reason", "digest", "file"]
    show_change_link = True


class EventRows(RowsInline):
    model = CertificateEvent
    fields = ["on", "before", "after", "cause", "revision", "until"]


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    date_hierarchy = "expires_on"
    act_page = "certification:certificate_do"
    list_display = ["number", "status", "holder", "body", "scheme", "effective_on", "expires_on"]
    list_filter = ["status", "expires_on", "is_reduced", SCHEME, BODY]
    list_select_related = ["body", "scheme"]
    search_fields = ["number", "number_key", "code", "holder_zh", "holder_en", "holder_identifier"]
    uuid_fields = ("case_id", "enterprise_id", "body_id")
    inlines = [RevisionRows, EventRows]

    @admin.display(description=_("holder"), ordering="holder_zh")
    def holder(self, obj):
        return obj.holder


@admin.register(CertificateRevision)
class CertificateRevisionAdmin(ReadOnlyAdmin):
    seen_through = "certificate"
    hidden = ("content",)
    list_display = ["certificate", "revision", "status", "issued_on", "reason", "fingerprint"]
    list_filter = ["status", "reason", "issued_on"]
    list_select_related = ["certificate"]
    search_fields = ["certificate__number", "digest"]
    uuid_fields = ("certificate_id",)

    @admin.display(description=_("fingerprint"))
    def fingerprint(self, obj):
        return digest(obj.digest)


@admin.register(CertificateEvent)
class CertificateEventAdmin(ReadOnlyAdmin):
    date_hierarchy = "on"
    seen_through = "certificate"
    list_display = ["on", "certificate", "before", "after", "cause", "until"]
    list_filter = ["after", "cause", "on"]
    list_select_related = ["certificate"]
    search_fields = ["certificate__number", "certificate__holder_zh", "certificate__holder_en"]
    uuid_fields = ("certificate_id",)


@admin.register(Proposal)
class ProposalAdmin(ReadOnlyAdmin):
    act_page = "certification:proposal_do"
    list_display = ["certificate", "kind", "ground", "missed_on", "due_on", "automatic", "status"]
    list_filter = ["status", "ground", "kind", "automatic", "due_on"]
    list_select_related = ["certificate"]
    search_fields = ["certificate__number", "about", "dismissal"]
    uuid_fields = ("certificate_id",)


@admin.register(Complaint)
class ComplaintAdmin(ReadOnlyAdmin):
    """Without who complained: that is for who handles it."""

    act_page = "certification:complaint_do"
    date_hierarchy = "created_at"
    hidden = ("name", "email")
    list_display = ["number", "kind", "about", "body", "status", "due_on", "escalated_at"]
    list_filter = ["status", "kind", "about", "conclusion", "due_on", BODY]
    list_select_related = ["body"]
    search_fields = ["number", "body__name_zh", "body__name_en", "case__number"]
    uuid_fields = ("body_id", "case_id", "matter_id")


@admin.register(ComplaintEntry)
class ComplaintEntryAdmin(ReadOnlyAdmin):
    seen_through = "complaint"
    list_display = ["complaint", "kind", "author", "created_at"]
    list_filter = ["kind", "created_at"]
    list_select_related = ["complaint", "author"]
    search_fields = ["complaint__number"]
    uuid_fields = ("complaint_id",)


@admin.register(ChangeReport)
class ChangeReportAdmin(ReadOnlyAdmin):
    act_page = "certification:change_do"
    list_display = ["number", "case", "kind", "status", "takes_effect_on", "assess_by"]
    list_filter = ["status", "kind", "assess_by"]
    list_select_related = ["case"]
    search_fields = ["number", "case__number", "description"]
    uuid_fields = ("case_id",)


@admin.register(Merger)
class MergerAdmin(ReadOnlyAdmin):
    act_page = "certification:merger_do"
    date_hierarchy = "created_at"
    list_display = ["number", "absorbed", "absorbing", "status", "takes_effect_on", "confirm_by"]
    list_filter = ["status", "takes_effect_on"]
    list_select_related = ["absorbed", "absorbing"]
    search_fields = [
        "number",
        "absorbed__name_zh",
        "absorbed__name_en",
        "absorbing__name_zh",
        "absorbing__name_en",
    ]
    uuid_fields = ("absorbed_id", "absorbing_id")


@admin.register(FormerHolder)
class FormerHolderAdmin(ReadOnlyAdmin):
    seen_through = "case"
    list_display = ["case", "enterprise", "until", "merger"]
    list_filter = ["until"]
    list_select_related = ["case", "enterprise", "merger"]
    search_fields = ["case__number", "name_zh", "name_en", "identifier"]
    uuid_fields = ("case_id", "enterprise_id")


@admin.register(ApprovalChange)
class ApprovalChangeAdmin(ReadOnlyAdmin):
    act_page = "certification:approval_change_do"
    date_hierarchy = "takes_effect_on"
    list_display = ["reference", "body", "kind", "status", "cause", "takes_effect_on"]
    list_filter = ["status", "kind", "cause"]
    list_select_related = ["body"]
    search_fields = ["reference", "reason", "body__name_zh", "body__name_en"]
    uuid_fields = ("body_id",)


@admin.register(Evaluation)
class EvaluationAdmin(ReadOnlyAdmin):
    act_page = "certification:evaluation_do"
    list_display = ["case", "moment", "status", "mean", "given_by", "given_at", "replied_at"]
    list_filter = ["status", "moment", "given_at"]
    list_select_related = ["case", "given_by"]
    search_fields = ["case__number", "comment", "reply"]
    uuid_fields = ("case_id", "subject_id")


@admin.register(Counter)
class CounterAdmin(ReadOnlyAdmin):
    list_display = ["scope", "series", "year", "last"]
    list_filter = ["year"]
    search_fields = ["scope", "series"]
    ordering = ["scope", "series", "-year"]
