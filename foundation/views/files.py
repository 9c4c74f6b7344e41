"""Files as downloads and as pictures, each handed out after asking who may read it."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from foundation import files, preview, throttle
from foundation.access import SIGNED_IN, needs
from foundation.models import StoredFile

PICTURES_A_MINUTE = 200
_LOCKED = "default-src 'none'; sandbox"


def _file(request, pk) -> StoredFile:
    """Fetch a file the actor knows of; a foreign one does not exist."""
    file = get_object_or_404(StoredFile.objects.prefetch_related("attachments"), pk=pk)
    if not files.knows_of(request.actor, file):
        raise Http404
    return file


def _held(request, file) -> HttpResponse:
    """Say why a file is kept back."""
    return render(request, "foundation/file_held.html", {"file": file}, status=409)


@require_safe
@needs(SIGNED_IN)
def download(request, pk):
    """Serve a file to whoever may read what it hangs on."""
    file = _file(request, pk)
    if not files.may_read(request.actor, file):
        return _held(request, file)
    return serve(file, held_back=files.is_ones_own(request.actor, file))


def serve(file: StoredFile, *, held_back: bool = False) -> FileResponse:
    """Answer with the bytes as an attachment that no browser interprets.

    Raises DamagedError when they are not the bytes that were stored, HeldBackError when the virus
    scanner has not let them go.
    """
    handle = files.open_checked(file, held_back=held_back)
    response = FileResponse(handle, content_type=file.content_type)
    response["Content-Length"] = file.size
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["Content-Security-Policy"] = _LOCKED
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@needs(SIGNED_IN)
def view(request, pk):
    """Show a file page by page, with a download beside it."""
    file = _file(request, pk)
    if not file.is_released:
        return _held(request, file)
    context = {"file": file, "pages": [], "count": 0}
    if file.has_preview:
        try:
            count = preview.pages(file)
        except preview.NoPreviewError:
            count = 0
        first = _first(request.GET.get("from", ""), count)
        last = min(first + preview.AT_ONCE - 1, count)
        words = preview.words(file, first, last) if count else []
        context |= {
            "count": count,
            "first": first,
            "last": last,
            "pages": [
                {"number": n, "words": text} for n, text in enumerate(words, first) if n <= last
            ],
            "before": max(first - preview.AT_ONCE, 1) if first > 1 else None,
            "after": last + 1 if last < count else None,
        }
    return render(request, "foundation/file_view.html", context)


def _first(asked: str, count: int) -> int:
    """Return the page to begin with, one for anything that is no page."""
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1  # noqa: PLR2004 -- no document has more
    return number if 1 <= number <= count else 1


@require_safe
@needs(SIGNED_IN)
def page(request, pk, number):
    """Serve the picture of one page."""
    file = _file(request, pk)
    if not file.has_preview or number < 1:
        raise Http404
    key = str(request.actor.user.pk)
    if not throttle.allow(request, "preview", amount=PICTURES_A_MINUTE, seconds=60, key=key):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    try:
        data, content_type = preview.page(file, number)
    except preview.NoPreviewError:
        raise Http404 from None
    response = HttpResponse(data, content_type=content_type)
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = _LOCKED
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
