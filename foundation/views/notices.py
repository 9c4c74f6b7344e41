from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from foundation import notices
from foundation.access import SIGNED_IN, needs
from foundation.models import Notice

PER_PAGE = 30


@require_safe
@needs(SIGNED_IN)
def notice_list(request):
    """List what this person was told, newest first."""
    rows = Notice.objects.visible_to(request.actor)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for notice in page:
        notice.title, notice.body = notices.texts(notice)
    return render(request, "foundation/notices.html", {"page": page})


@require_POST
@needs(SIGNED_IN)
def notice_open(request, pk):
    """Mark a notice as read and go where it points."""
    notice = get_object_or_404(Notice.objects.visible_to(request.actor), pk=pk)
    notices.mark_read(notice)
    local = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if notice.url and local else "foundation:notices")


@require_POST
@needs(SIGNED_IN)
def notices_read(request):
    """Mark everything as read."""
    for notice in Notice.objects.visible_to(request.actor).filter(read_at=None):
        notices.mark_read(notice)
    return redirect("foundation:notices")
