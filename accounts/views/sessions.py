"""Where a person is signed in, and what happened to the account."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import AccountEvent, SignInSession
from accounts.services import sessions
from foundation.access import SIGNED_IN, needs
from foundation.tables import Column

PER_PAGE = 50
COLUMNS = (
    Column(gettext_lazy("Event"), template="accounts/cells/event.html", main=True),
    Column(gettext_lazy("When"), template="accounts/cells/when.html"),
    Column(gettext_lazy("Device"), template="accounts/cells/device.html"),
    Column(gettext_lazy("Network address"), field="address"),
)


@require_safe
@needs(SIGNED_IN)
def history(request):
    """List the sign-ins and changes of one's own account, newest first."""
    rows = AccountEvent.objects.filter(user=request.user)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/history.html", {"page": page, "columns": COLUMNS})


@require_POST
@needs(SIGNED_IN)
def end(request, pk):
    """End one of one's own sessions; one's present one is ended by signing out."""
    row = get_object_or_404(SignInSession.objects.filter(user=request.user), pk=pk)
    if row.session_key == request.session.session_key:
        return redirect("account_logout")
    sessions.end(request, row)
    messages.success(request, _("The session is ended."))
    return redirect("accounts:security")


@require_POST
@needs(SIGNED_IN)
def end_others(request):
    """End all of one's sessions but this one."""
    count = sessions.end_others(request)
    words = ngettext("%(n)s session is ended.", "%(n)s sessions are ended.", count)
    messages.success(request, words % {"n": count})
    return redirect("accounts:security")
