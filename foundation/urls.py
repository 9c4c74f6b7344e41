"""Addresses of foundation."""

from django.urls import path

from foundation.views.preferences import preferences

app_name = "foundation"
urlpatterns: list = [
    path("preferences/", preferences, name="preferences"),
]
