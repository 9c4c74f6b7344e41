"""Our account pages; those of the library that we use stand in accounts/library_urls.py."""

from django.urls import path

from accounts.views import connections, factors, security, sessions

app_name = "accounts"
urlpatterns = [
    path("security/", security.security, name="security"),
    path("security/second-factor/", factors.second_factor, name="second_factor"),
    path("login/with/<slug:provider>/", connections.provider_start, name="provider_start"),
    path(
        "login/with/<slug:provider>/callback/",
        connections.provider_callback,
        name="provider_callback",
    ),
    path("login/connect/", connections.connect, name="connect"),
    path("security/connections/<uuid:pk>/end/", connections.disconnect, name="disconnect"),
    path("security/history/", sessions.history, name="history"),
    path("security/sessions/end/", sessions.end_others, name="sessions_end"),
    path("security/sessions/<uuid:pk>/end/", sessions.end, name="session_end"),
    path("security/passkeys/options/", factors.passkey_options, name="passkey_options"),
]
