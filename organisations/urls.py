from django.urls import path

from foundation.views.lists import list_paths
from organisations.lists.bodies import BODIES
from organisations.lists.vault import FILES
from organisations.queries import LOGO, SIGNATURE
from organisations.views import api, keys, organisations, people, registration, vault

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
    *list_paths(FILES, "files/"),
    path("files/add/", vault.add, name="file_add"),
    path("files/<uuid:pk>/about/", vault.about, name="file_about"),
    path("files/<uuid:pk>/version/", vault.version, name="file_version"),
    path("files/<uuid:pk>/describe/", vault.describe, name="file_describe"),
    path("files/<uuid:pk>/end/", vault.end, name="file_end"),
    path(
        "files/<uuid:pk>/uses/<uuid:attachment>/",
        vault.use_current,
        name="file_use_current",
    ),
    path("accounts/name/", registration.own_name, name="own_name"),
    *list_paths(BODIES, "bodies/"),
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
    path("organisations/<uuid:pk>/people/", people.people, name="people"),
    path("organisations/<uuid:pk>/people/invite/", people.invite, name="invite"),
    path("organisations/<uuid:pk>/people/leave/", people.leave, name="leave"),
    path("organisations/<uuid:pk>/people/hand-over/", people.handover, name="handover"),
    path("organisations/<uuid:pk>/people/replace/", people.replace, name="replace"),
    path("organisations/<uuid:pk>/people/<int:user_pk>/remove/", people.remove, name="remove"),
    path(
        "organisations/<uuid:pk>/invitations/<uuid:invitation_pk>/again/",
        people.invitation_again,
        name="invitation_again",
    ),
    path(
        "organisations/<uuid:pk>/invitations/<uuid:invitation_pk>/withdraw/",
        people.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path(
        "organisations/<uuid:pk>/handovers/<uuid:handover_pk>/",
        people.handover_answer,
        name="handover_answer",
    ),
    path("accounts/security/keys/", keys.keys, name="keys"),
    path("accounts/security/keys/new/", keys.key_new, name="key_new"),
    path("accounts/security/keys/<uuid:pk>/end/", keys.key_end, name="key_end"),
    path("api/v1/me", api.me, name="api_me"),
    path("invitations/<str:token>/", people.invitation, name="invitation"),
    path(
        "organisations/<uuid:pk>/members/<uuid:member_pk>/end/",
        organisations.member_end,
        name="member_end",
    ),
]
