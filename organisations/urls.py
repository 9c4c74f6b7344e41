from django.urls import path

from organisations.queries import LOGO, SIGNATURE
from organisations.views import organisations, registration

app_name = "organisations"
urlpatterns = [
    path("organisations/register/", registration.register, name="register"),
    path(
        "organisations/register/enterprise/",
        registration.register_as_enterprise,
        name="register_enterprise",
    ),
    path("organisations/register/body/", registration.register_as_body, name="register_body"),
    path("organisations/act-as/", registration.act_as, name="act_as"),
    path("organisations/own/", registration.own, name="own"),
    path("accounts/name/", registration.own_name, name="own_name"),
    path("bodies/", organisations.bodies, name="bodies"),
    path(
        "bodies/<uuid:pk>/do/<slug:action>/",
        organisations.BodyTransitionView.as_view(),
        name="body_do",
    ),
    path("organisations/<uuid:pk>/", organisations.organisation, name="organisation"),
    path("organisations/<uuid:pk>/edit/", organisations.edit, name="edit"),
    path("organisations/<uuid:pk>/profile/", organisations.edit_profile, name="profile"),
    path("organisations/<uuid:pk>/licence/", organisations.licence, name="licence"),
    *(
        path(
            f"organisations/<uuid:pk>/{label}/",
            organisations.picture,
            {"label": label},
            name=label,
        )
        for label in (LOGO, SIGNATURE)
    ),
    path("organisations/<uuid:pk>/sites/add/", organisations.site, name="site_add"),
    path("organisations/<uuid:pk>/sites/<uuid:site_pk>/", organisations.site, name="site"),
    path(
        "organisations/<uuid:pk>/sites/<uuid:site_pk>/end/",
        organisations.site_end,
        name="site_end",
    ),
    path("organisations/<uuid:pk>/members/add/", organisations.member_add, name="member_add"),
    path(
        "organisations/<uuid:pk>/members/<uuid:member_pk>/end/",
        organisations.member_end,
        name="member_end",
    ),
]
