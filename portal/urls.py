"""Every address; each app declares its own below its namespace."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from foundation.views.lists import list_paths
from portal import health, metrics
from portal.lists.cases import CASES
from portal.lists.work import WORK
from portal.views import cases, dates, desk, figures, landing, pages, personal, search, status

admin.autodiscover()
# Django's own login page would go past the limits and the second factor of ours.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("desk/", desk.desk, name="desk"),
    *list_paths(CASES, "cases/"),
    *list_paths(WORK, "work/"),
    path("cases/<uuid:pk>/", cases.case, name="case"),
    path("cases/<uuid:pk>/clock/", cases.clock, name="case_clock"),
    path("dates/", dates.own_dates, name="own_dates"),
    path("dates/address/", dates.dates_address, name="dates_address"),
    path("calendar/<str:token>.ics", dates.calendar_feed, name="calendar_feed"),
    path("status/", status.status, name="status"),
    path("figures/", figures.own_figures, name="figures"),
    path("figures/count/", figures.figures_renew, name="figures_renew"),
    path("figures/<slug:name>/<slug:extension>/", figures.figures_file, name="figures_file"),
    path("search/", search.search, name="search"),
    path("status/erasures/", personal.erasures, name="erasures"),
    path("status/erasures/<uuid:pk>/", personal.erasure_decide, name="erasure_decide"),
    path("my-data/", personal.personal_data, name="personal_data"),
    path("my-data/copy/", personal.copy_ask, name="copy_ask"),
    path("my-data/copy/<uuid:pk>/", personal.copy_fetch, name="copy_fetch"),
    path("my-data/erasure/", personal.erasure_ask, name="erasure_ask"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("i18n/setlang/", set_language, name="set_language"),
    path("help/", pages.guide, name="help"),
    path("complaints-and-appeals/", pages.complaints_and_appeals, name="complaints_and_appeals"),
    path("impartiality/", pages.impartiality, name="impartiality"),
    path("privacy/", pages.privacy, name="privacy"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("accounts.library_urls")),
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
