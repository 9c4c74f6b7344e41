"""Addresses of schemes."""

from django.urls import path

from foundation.views.lists import list_paths
from schemes.lists import APPROVALS, COMPETENCE, COVER
from schemes.views import approvals, competence, profiles

_APPROVALS = "bodies/<uuid:pk>/approvals/"
_COMPETENCE = "organisations/<uuid:pk>/competence/"
_PEOPLE = f"{_COMPETENCE}people/"

app_name = "schemes"
urlpatterns = [
    *list_paths(APPROVALS, _APPROVALS),
    path(f"{_APPROVALS}record/", approvals.approval_new, name="approval_record"),
    path(f"{_APPROVALS}<uuid:approval_pk>/", approvals.approval, name="approval"),
    path(f"{_APPROVALS}<uuid:approval_pk>/renew/", approvals.approval_new, name="approval_renew"),
    path(f"{_APPROVALS}<uuid:approval_pk>/end/", approvals.approval_over, name="approval_end"),
    *list_paths(COMPETENCE, _COMPETENCE),
    path(f"{_COMPETENCE}areas/", competence.cover_on, name="cover_on"),
    *list_paths(COVER, f"{_COMPETENCE}areas/<slug:as_of>/"),
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
    path(f"{_COMPETENCE}propose/", profiles.competence_propose, name="competence_propose"),
    path(f"{_COMPETENCE}confirm/", profiles.confirm_interests, name="interests_confirm"),
    path(f"{_PEOPLE}<int:user_pk>/", profiles.profile, name="profile"),
    path(f"{_PEOPLE}<int:user_pk>/interests/new/", profiles.interest_new, name="interest_new"),
    path(f"{_PEOPLE}<int:user_pk>/<slug:kind>/new/", profiles.entry_new, name="entry_new"),
    path("entries/<uuid:pk>/", profiles.entry, name="entry"),
    path("entries/<uuid:pk>/strike-off/", profiles.entry_strike, name="entry_strike"),
    path("interests/<uuid:pk>/", profiles.interest, name="interest"),
    path("competence/<uuid:pk>/change/", profiles.competence_change, name="competence_change"),
    path(
        "competence/<uuid:pk>/do/<slug:action>/",
        profiles.CompetenceDo.as_view(),
        name="competence_do",
    ),
]
