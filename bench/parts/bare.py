"""An ordinary Django list: ListView, Django's own middleware, a signed-in person, one template."""

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
PAGE = engines["django"].from_string(
    "<!doctype html><title>{{ page_obj.paginator.count }} rows</title>"
    "<p>{{ user.name }}</p><table>{% for cells in object_list %}<tr>"
    "{% for cell in cells %}<td>{% if forloop.first %}<a href='/{{ cell }}/'>{{ cell }}</a>"
    "{% else %}{{ cell }}{% endif %}</td>{% endfor %}</tr>{% endfor %}</table>"
    "<p>Page {{ page_obj.number }} of {{ page_obj.paginator.num_pages }}</p>"
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

    def render_to_response(self, context, **options):
        return HttpResponse(PAGE.render(context, self.request))


def visitor(user, rows, columns):
    """Return a function that fetches the bare list of these rows as this person or as anyone."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    view = Rows.as_view(queryset=rows.values_list(*columns))
    view = login_required(view) if user is not None else view

    def visit():
        VIEWS["present"] = view
        return client.get("/").content

    with override_settings(MIDDLEWARE=MIDDLEWARE):
        visit()  # the client keeps the middleware it begins with
    return visit
