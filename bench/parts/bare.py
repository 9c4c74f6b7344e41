"""Ordinary Django lists: ListView, Django's own middleware, a signed-in person, one template.

The same rows and columns twice: as tuples of values, the least that Django can do, and as model
objects, as a ListView shows them that nobody has thought about.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.template import engines
from django.test import Client, override_settings
from django.urls import path
from django.views.generic import ListView

ROWS = 50
# As django-admin startproject writes them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "parts.bare.Addresses",
]
PAGE = (
    "<!doctype html><title>{{ page_obj.paginator.count }} rows</title>"
    "<p>{{ user.name }}</p><table>{% for row in object_list %}<tr>"
    "CELLS</tr>{% endfor %}</table>"
    "<p>Page {{ page_obj.number }} of {{ page_obj.paginator.num_pages }}</p>"
)
VALUES = (
    "{% for cell in row %}<td>{% if forloop.first %}<a href='/{{ cell }}/'>{{ cell }}</a>"
    "{% else %}{{ cell }}{% endif %}</td>{% endfor %}"
)
VIEWS: dict[str, object] = {}


class Addresses:
    """Use the addresses of this module."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.urlconf = __name__
        return self.get_response(request)


def present(request):
    """Show the list that is measured now."""
    return VIEWS["present"](request)


urlpatterns = [path("", present)]


class Rows(ListView):
    paginate_by = ROWS
    page: Any = None

    def render_to_response(self, context, **options):
        return HttpResponse(self.page.render(context, self.request))


def of_values(rows, columns):
    """Return the view that shows tuples of values."""
    page = engines["django"].from_string(PAGE.replace("CELLS", VALUES))
    return Rows.as_view(queryset=rows.values_list(*columns), page=page)


def of_objects(rows, columns):
    """Return the view that shows model objects, with what they refer to in the same query."""
    first, *others = (f"{{{{ row.{path.replace('__', '.')} }}}}" for path in columns)
    cells = f"<td><a href='/{{{{ row.pk }}}}/'>{first}</a></td>"
    cells += "".join(f"<td>{value}</td>" for value in others)
    related = {path.rpartition("__")[0] for path in columns if "__" in path}
    page = engines["django"].from_string(PAGE.replace("CELLS", cells))
    return Rows.as_view(queryset=rows.select_related(*related) if related else rows, page=page)


def visitor(user, view):
    """Return a function that fetches a bare list as this person or as anyone."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    view = login_required(view) if user is not None else view

    def visit():
        VIEWS["present"] = view
        return client.get("/").content

    with override_settings(MIDDLEWARE=MIDDLEWARE):
        visit()  # the client keeps the middleware it begins with
    return visit
