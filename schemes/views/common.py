"""What the pages of approvals and of competence share."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils import timezone

from organisations.models import Organisation
from schemes.forms.records import EndForm
from schemes.lists import body_seen


def body_of(request, pk) -> Organisation:
    """Return a certification body that the actor may see, or answer 404."""
    return body_seen(request.actor, pk)


def require(access) -> None:
    """Answer 403 with the reason unless access is granted."""
    if not access:
        raise PermissionDenied(access.reason)


def refused_or_new(request, template, context):
    """Show a page with a form: 422 when what was sent cannot be used."""
    status = 422 if context["form"].is_bound else 200
    return render(request, template, context, status=status)


def end_form(request, first, last) -> EndForm:
    return EndForm(request.POST or None, first=first, last=last)


def lasts(last) -> bool:
    """Tell whether a validity is not over yet."""
    return last is None or last >= timezone.localdate()
