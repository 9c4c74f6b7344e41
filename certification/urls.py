"""Addresses of certification."""

from django.urls import path

from certification.lists.applications import APPLICATIONS
from certification.lists.approvals import AFFECTED, APPROVAL_CHANGES
from certification.lists.certificates import CERTIFICATES
from certification.lists.changes import CHANGES
from certification.lists.complaints import COMPLAINTS
from certification.lists.decisions import DECISIONS
from certification.lists.evaluations import EVALUATIONS
from certification.lists.mergers import MERGERS
from certification.views import (
    application_steps,
    applications,
    approvals,
    audit_time,
    certificates,
    changes,
    complaint_public,
    complaints,
    decisions,
    evaluations,
    mergers,
    offers,
    reports,
    review,
)
from foundation.views.lists import list_paths

app_name = "certification"
# Acts on an application that have a page of their own.
ACTS = {
    **dict.fromkeys(review.ACTIONS, review.ReviewActionView),
    "set_time": audit_time.AuditTimeView,
    **dict.fromkeys(audit_time.TIME_ACTIONS, audit_time.TimeApprovalView),
    "offer": offers.OfferMakeView,
    "sign": offers.OfferAnswerView,
    "reject": offers.OfferAnswerView,
}

urlpatterns = [
    *list_paths(APPLICATIONS, "applications/"),
    path("applications/new/", application_steps.application_new, name="application_new"),
    path("applications/<uuid:pk>/", applications.application, name="application"),
    path(
        "applications/<uuid:pk>/steps/<slug:slug>/",
        application_steps.application_step,
        name="application_step",
    ),
    path(
        "applications/<uuid:pk>/sites/add/",
        application_steps.site_add,
        name="application_site_add",
    ),
    path(
        "applications/<uuid:pk>/documents/<uuid:attachment>/remove/",
        application_steps.document_remove,
        name="application_document_remove",
    ),
    path("applications/<uuid:pk>/check/", applications.application_check, name="application_check"),
    path(
        "applications/<uuid:pk>/receipt/",
        applications.application_receipt,
        name="application_receipt",
    ),
    path(
        "applications/<uuid:pk>/versions/<int:version>/copy/",
        applications.application_copy,
        name="application_copy",
    ),
    path("applications/<uuid:pk>/review/", review.review, name="review"),
    path(
        "applications/<uuid:pk>/review/points/<slug:criterion>/",
        review.review_verdict,
        name="review_verdict",
    ),
    path("applications/<uuid:pk>/review/ask/", review.review_ask, name="review_ask"),
    path(
        "applications/<uuid:pk>/review/ask/<uuid:question>/remove/",
        review.review_ask_remove,
        name="review_ask_remove",
    ),
    path(
        "applications/<uuid:pk>/audit-time/",
        audit_time.AuditTimeView.as_view(),
        name="audit_time",
    ),
    path(
        "applications/<uuid:pk>/audit-time/what-if/",
        audit_time.WhatIfView.as_view(),
        name="what_if",
    ),
    path("audit-time/", audit_time.EstimateView.as_view(), name="estimate"),
    path("applications/offers/<uuid:pk>/", offers.offer, name="offer"),
    *(
        path(
            f"applications/<uuid:pk>/do/{action}/",
            view.as_view(),
            {"action": action},
            name=f"application_{action}",
        )
        for action, view in ACTS.items()
    ),
    # The page of any act that has none of its own above.
    path(
        "applications/<uuid:pk>/do/<slug:action>/",
        applications.ApplicationTransitionView.as_view(),
        name="application_do",
    ),
    path("cases/<uuid:pk>/decision/", decisions.decision, name="decision"),
    path("cases/<uuid:pk>/decision/draft/<int:position>/", decisions.draft, name="decision_draft"),
    path("cases/<uuid:pk>/do/<slug:action>/", decisions.CaseTransition.as_view(), name="case_do"),
    *list_paths(DECISIONS, "decisions/"),
    *list_paths(CERTIFICATES, "certificates/"),
    path("certificates/<uuid:pk>/", certificates.certificate, name="certificate"),
    path(
        "certificates/<uuid:pk>/document/",
        certificates.certificate_document,
        name="certificate_document",
    ),
    path(
        "certificates/<uuid:pk>/document/<int:revision>/",
        certificates.certificate_document,
        name="certificate_revision",
    ),
    path(
        "certificates/<uuid:pk>/do/<slug:action>/",
        certificates.CertificateTransition.as_view(),
        name="certificate_do",
    ),
    path(
        "proposals/<uuid:pk>/do/<slug:action>/",
        certificates.ProposalTransition.as_view(),
        name="proposal_do",
    ),
    *list_paths(COMPLAINTS, "complaints/"),
    path("complaints/new/", complaint_public.complaint_new, name="complaint_new"),
    path("complaints/track/<str:token>/", complaint_public.track, name="track"),
    path(
        "complaints/track/<str:token>/receipt.pdf",
        complaint_public.track_receipt,
        name="track_receipt",
    ),
    path(
        "complaints/track/<str:token>/do/<slug:action>/",
        complaint_public.TrackTransition.as_view(),
        name="track_do",
    ),
    path("complaints/<uuid:pk>/", complaints.complaint, name="complaint"),
    path("complaints/<uuid:pk>/file.zip", complaints.complaint_file, name="complaint_file"),
    path(
        "complaints/<uuid:pk>/do/<slug:action>/",
        complaints.ComplaintTransition.as_view(),
        name="complaint_do",
    ),
    path("appeals/new/<slug:about>/<uuid:pk>/", complaints.appeal_new, name="appeal_new"),
    path("cases/<uuid:pk>/changes/new/", changes.change_new, name="change_new"),
    path("mergers/new/", mergers.merger_new, name="merger_new"),
    *list_paths(MERGERS, "mergers/"),
    path("mergers/<uuid:pk>/", mergers.merger, name="merger"),
    path(
        "mergers/<uuid:pk>/do/<slug:action>/",
        mergers.MergerTransition.as_view(),
        name="merger_do",
    ),
    *list_paths(CHANGES, "changes/"),
    path("changes/<uuid:pk>/", changes.change, name="change"),
    path(
        "changes/<uuid:pk>/do/<slug:action>/",
        changes.ChangeTransition.as_view(),
        name="change_do",
    ),
    *list_paths(APPROVAL_CHANGES, "bodies/<uuid:pk>/approval-changes/"),
    path(
        "bodies/<uuid:pk>/approval-changes/new/",
        approvals.approval_change_new,
        name="approval_change_new",
    ),
    *list_paths(AFFECTED, "approval-changes/<uuid:pk>/"),
    path(
        "approval-changes/<uuid:pk>/do/<slug:action>/",
        approvals.ApprovalChangeTransition.as_view(),
        name="approval_change_do",
    ),
    path("reports/", reports.reports, name="reports"),
    path("reports/<uuid:pk>/", reports.report, name="report"),
    path("reports/<uuid:pk>/make/", reports.report_make, name="report_make"),
    path("reports/<uuid:pk>/hand-in/", reports.report_hand_in, name="report_hand_in"),
    path(
        "reports/<uuid:pk>/files/<int:number>/<slug:extension>/",
        reports.report_file,
        name="report_file",
    ),
    *list_paths(EVALUATIONS, "evaluations/"),
    path("evaluations/<uuid:pk>/", evaluations.evaluation, name="evaluation"),
    path(
        "evaluations/<uuid:pk>/do/<slug:action>/",
        evaluations.EvaluationTransition.as_view(),
        name="evaluation_do",
    ),
]
