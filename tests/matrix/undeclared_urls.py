"""The addresses of the portal and one more, whose view declares no right."""

from django.http import HttpResponse
from django.urls import path

from portal.urls import urlpatterns as declared


def undeclared(request):
    return HttpResponse("open")


urlpatterns = [path("undeclared/", undeclared), *declared]
