"""Addresses of schemes."""

from django.urls import path

from schemes.views import approvals, competence

_APPROVALS = "bodies/<uuid:pk>/approvals/"
_COMPETENCE = "organisations/<uuid:pk>/competence/"

app_name = "schemes"
urlpatterns = [
    path(_APPROVALS, approvals.approval_list, name="approvals"),
    path(f"{_APPROVALS}export/", approvals.approval_export, name="approvals_export"),
    path(f"{_APPROVALS}record/", approvals.approval_new, name="approval_record"),
    path(f"{_APPROVALS}<uuid:approval_pk>/", approvals.approval, name="approval"),
    path(f"{_APPROVALS}<uuid:approval_pk>/renew/", approvals.approval_new, name="approval_renew"),
    path(f"{_APPROVALS}<uuid:approval_pk>/end/", approvals.approval_over, name="approval_end"),
    path(_COMPETENCE, competence.competence_list, name="competence"),
    path(f"{_COMPETENCE}export/", competence.competence_export, name="competence_export"),
    path(f"{_COMPETENCE}record/", competence.competence_new, name="competence_record"),
    path(f"{_COMPETENCE}<uuid:competence_pk>/", competence.competence, name="competence_item"),
    path(
        f"{_COMPETENCE}<uuid:competence_pk>/renew/",
        competence.competence_new,
        name="competence_renew",
    ),
    path(
        f"{_COMPETENCE}<uuid:competence_pk>/end/",
        competence.competence_over,
        name="competence_end",
    ),
]
