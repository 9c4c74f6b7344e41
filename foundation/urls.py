"""Addresses of foundation."""

from django.urls import path

from foundation.lists.own import JOBS
from foundation.views import editing, files, jobs, list_work, notices, uploads
from foundation.views.lists import list_paths
from foundation.views.preferences import preferences
from foundation.views.undo import undo

app_name = "foundation"
urlpatterns = [
    path("views/<str:key>/save/", list_work.save_view, name="view_save"),
    path("views/<str:key>/", list_work.manage_views, name="views"),
    path("saved-views/<uuid:pk>/", list_work.change_view, name="view_change"),
    path("saved-views/<uuid:pk>/raise/", list_work.raise_view, name="view_raise"),
    path("saved-views/<uuid:pk>/remove/", list_work.remove_view, name="view_remove"),
    path("lists/<str:key>/bulk/", list_work.bulk, name="bulk"),
    path("bulk/<uuid:pk>/", list_work.bulk_run, name="bulk_run"),
    path("exports/<uuid:pk>/", list_work.export, name="export"),
    path("open-page/", editing.open_page, name="open_page"),
    path("undo/", undo, name="undo"),
    path("preferences/", preferences, name="preferences"),
    path("files/<uuid:pk>/", files.download, name="file"),
    *list_paths(JOBS, "jobs/"),
    path("files/<uuid:pk>/view/", files.view, name="file_view"),
    path("files/<uuid:pk>/pages/<int:number>/", files.page, name="file_page"),
    path("files/uploads/", uploads.begin, name="uploads"),
    path("files/uploads/<uuid:pk>/", uploads.upload, name="upload"),
    path("jobs/<uuid:pk>/", jobs.job_status, name="job"),
    path("jobs/<uuid:pk>/retry/", jobs.job_retry, name="job_retry"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/read/", notices.notices_read, name="notices_read"),
    path("notices/address-works/", notices.address_works, name="address_works"),
    path("notices/settings/", notices.notice_settings, name="notice_settings"),
    path("notices/<uuid:pk>/open/", notices.notice_open, name="notice_open"),
    path("notices/<uuid:pk>/read/", notices.notice_read, name="notice_read"),
    path("unsubscribe/<str:token>/", notices.end_mails, name="unsubscribe"),
]
