from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from foundation import undo as undoing
from foundation.access import SIGNED_IN, needs, page_of_ours


@require_POST
@needs(SIGNED_IN)
def undo(request):
    """Take back what was just done, and return to the page."""
    back = page_of_ours(request, request.POST.get("next", ""), otherwise="/")
    try:
        undoing.take_back(request.actor, request.POST.get("token", ""))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    else:
        messages.success(request, _("Undone."))
    return redirect(back)
