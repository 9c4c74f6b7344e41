"""Addresses of schemes."""

app_name = "schemes"
urlpatterns: list = []
