"""What a person was told, and what is sent by e-mail."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation import notices, refusals, unsubscribe
from foundation.access import SIGNED_IN, needs, page_of_ours, public
from foundation.models import Notice
from foundation.notice_forms import NoticeForm

PER_PAGE = 30


@require_safe
@needs(SIGNED_IN)
def notice_list(request):
    """List what this person was told, newest first; by group, or the unread alone."""
    rows = Notice.objects.visible_to(request.actor)
    group = notices.GROUPS.get(request.GET.get("group", ""))
    if group is not None:
        rows = rows.filter(kind__in=notices.kinds_of(group))
    unread = "unread" in request.GET
    if unread:
        rows = rows.filter(read_at=None)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for notice in page:
        notice.title, notice.body = notices.texts(notice)
    context = {
        "page": page,
        "groups": [row for row in _groups(request.actor) if row != notices.DUE],
        "group": group,
        "unread": unread,
    }
    return render(request, "foundation/notices.html", context)


def _groups(actor):
    return notices.groups_for(organisation.kind for organisation in actor.memberships)


@require_POST
@needs(SIGNED_IN)
def notice_open(request, pk):
    """Mark a notice as read and go where it points."""
    notice = get_object_or_404(Notice.objects.visible_to(request.actor), pk=pk)
    notices.mark_read(Notice.objects.filter(pk=notice.pk))
    local = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if notice.url and local else "foundation:notices")


@require_POST
@needs(SIGNED_IN)
def notice_read(request, pk):
    """Mark one notice as read and stay on the list."""
    notice = get_object_or_404(Notice.objects.visible_to(request.actor), pk=pk)
    notices.mark_read(Notice.objects.filter(pk=notice.pk))
    return _back(request)


@require_POST
@needs(SIGNED_IN)
def notices_read(request):
    """Mark everything as read."""
    notices.mark_read(Notice.objects.visible_to(request.actor))
    return _back(request)


def _back(request):
    page = page_of_ours(request, request.POST.get("next", ""), otherwise="")
    return HttpResponseRedirect(page) if page else redirect("foundation:notices")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(SIGNED_IN)
def notice_settings(request):
    """Choose per group when e-mails come; the portal keeps every notice in any case."""
    form = NoticeForm(request.POST or None, user=request.user, groups=_groups(request.actor))
    if form.is_bound and form.is_valid():
        notices.choose(user=request.user, levels=form.cleaned_data)
        messages.success(request, _("Your choice is saved."))
        return redirect("foundation:notice_settings")
    status = 422 if form.is_bound else 200
    return render(request, "foundation/notice_settings.html", {"form": form}, status=status)


@require_POST
@needs(SIGNED_IN)
def address_works(request):
    """Write to one's own address again after the server there had refused our mail."""
    if refusals.clear(request.user):
        messages.success(request, _("E-mails go to your address again."))
    return _back(request)


# Mail programs post here on their own: without a session, without a token of ours (RFC 8058 3.1).
# The signed address is the proof, and all it can do is end e-mails that may be ended.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@public
def end_mails(request, token):
    """End the e-mails of one group; a GET only asks, because programs fetch links ahead."""
    try:
        user, group = unsubscribe.read(token)
    except unsubscribe.UnreadableTokenError:
        return render(request, "foundation/unsubscribe.html", status=404)
    with translation.override(user.language):
        if request.method == "POST":
            notices.stop(user=user, group=group.key)
        context = {"group": group, "email": user.email, "done": request.method == "POST"}
        return render(request, "foundation/unsubscribe.html", context)
