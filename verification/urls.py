from django.urls import path

from verification import views

app_name = "verification"
urlpatterns = [
    path("verify/", views.verify, name="verify"),
    path("c/<str:code>/", views.certificate, name="certificate"),
    path("c/<str:code>/certificate.pdf", views.certificate_pdf, name="pdf"),
    path("c/<str:code>/check-record.pdf", views.check_record, name="record"),
    path("c/<str:code>.json", views.certificate_json, name="json"),
    path("directory/", views.directory, name="directory"),
    path("directory/export/", views.directory_export, name="directory_export"),
    path("directory/bodies/<uuid:pk>/", views.body, name="body"),
    path("directory/organisations/<uuid:pk>/", views.holder, name="holder"),
]
