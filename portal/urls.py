"""Every address; each app declares its own below its namespace."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from portal import health
from portal.views import cases, desk, landing, pages

admin.autodiscover()
# Django's own login page would go past the limits and the second factor of ours.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("desk/", desk.desk, name="desk"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/export/", cases.case_export, name="cases_export"),
    path("cases/<uuid:pk>/", cases.case, name="case"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("help/", pages.guide, name="help"),
    path("complaints-and-appeals/", pages.complaints_and_appeals, name="complaints_and_appeals"),
    path("impartiality/", pages.impartiality, name="impartiality"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("", include("organisations.urls")),
    path("", include("schemes.urls")),
    path("", include("certification.urls")),
    path("", include("audits.urls")),
    path("", include("verification.urls")),
    path("", include("foundation.urls")),
]

handler500 = "portal.errors.server_error"
