"""Addresses of foundation."""

app_name = "foundation"
urlpatterns: list = []
