"""Addresses of certification."""

app_name = "certification"
urlpatterns: list = []
