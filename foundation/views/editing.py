from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from foundation import editing
from foundation.access import SIGNED_IN, needs


@require_POST
@never_cache
@needs(SIGNED_IN)
def open_page(request):
    """Note that the reader has a page open, and answer with who else has."""
    try:
        place = editing.place_of(request.user, request.POST.get("place", ""))
    except editing.StrangePlaceError as error:
        raise PermissionDenied(_("This page was not shown to you.")) from error
    editing.note(request.user, place)
    names = editing.others(request.user, place)
    return render(request, "components/together_names.html", {"names": names})
