"""Addresses of schemes."""

from django.urls import path

from foundation.views.lists import list_paths
from schemes.lists import APPROVALS, COMPETENCE
from schemes.views import approvals, competence

_APPROVALS = "bodies/<uuid:pk>/approvals/"
_COMPETENCE = "organisations/<uuid:pk>/competence/"

app_name = "schemes"
urlpatterns = [
    *list_paths(APPROVALS, _APPROVALS),
    path(f"{_APPROVALS}record/", approvals.approval_new, name="approval_record"),
    path(f"{_APPROVALS}<uuid:approval_pk>/", approvals.approval, name="approval"),
    path(f"{_APPROVALS}<uuid:approval_pk>/renew/", approvals.approval_new, name="approval_renew"),
    path(f"{_APPROVALS}<uuid:approval_pk>/end/", approvals.approval_over, name="approval_end"),
    *list_paths(COMPETENCE, _COMPETENCE),
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
