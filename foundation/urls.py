"""Addresses of foundation."""

from django.urls import path

from foundation.views import files, jobs, notices
from foundation.views.preferences import preferences

app_name = "foundation"
urlpatterns = [
    path("preferences/", preferences, name="preferences"),
    path("files/<uuid:pk>/", files.download, name="file"),
    path("jobs/", jobs.job_list, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.job_status, name="job"),
    path("jobs/<uuid:pk>/retry/", jobs.job_retry, name="job_retry"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("notices/<uuid:pk>/open/", notices.notice_open, name="notice_open"),
]
