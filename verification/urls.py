"""Addresses of verification."""

app_name = "verification"
urlpatterns: list = []
