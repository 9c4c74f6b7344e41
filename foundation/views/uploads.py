"""Uploads in pieces: tus 1.0 core with creation and termination (tus.io/protocols).

``POST`` begins one or finds the one that was begun, ``HEAD`` tells how far it is, ``PATCH`` adds a
piece where it ends, ``DELETE`` forgets it. The key in the metadata names the file on the person's
device.
"""

import base64
import binascii
import hashlib

from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from foundation import throttle, uploads
from foundation.access import SIGNED_IN, needs
from foundation.models import Upload

VERSION = "1.0.0"
BEGUN_A_MINUTE = 60
PIECE_TYPE = "application/offset+octet-stream"


def _answer(status: int, row: Upload | None = None, message: str = "", **headers) -> HttpResponse:
    response = JsonResponse({"message": message}, status=status) if message else HttpResponse(
        status=status
    )  # fmt: skip
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    if row is not None:
        response["Upload-Offset"] = row.received
        response["Upload-Length"] = row.size
    for name, value in headers.items():
        response[name] = value
    return response


def _metadata(request) -> dict[str, str]:
    """Return the pairs of the header, whose values are base64. Raises ValueError."""
    pairs = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        name, _blank, value = pair.strip().partition(" ")
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError(name) from error
    return pairs


@require_POST
@needs(SIGNED_IN)
def begin(request):
    """Begin an upload, or find the one this person began for the same file."""
    key = str(request.actor.user.pk)
    if not throttle.allow(request, "upload", amount=BEGUN_A_MINUTE, seconds=60, key=key):
        return _answer(429, message=_("Too many uploads at once. Wait a minute."))
    length = request.headers.get("Upload-Length", "")
    try:
        facts = _metadata(request)
        size = int(length) if length.isascii() and length.isdecimal() else -1
        name, mark = facts["filename"], facts["key"]
    except (ValueError, KeyError):
        size = -1
    if size < 0:
        return _answer(400, message=_("This upload cannot be read."))
    try:
        row = uploads.begin(
            actor=request.actor,
            key=hashlib.sha256(mark.encode()).hexdigest(),
            name=name,
            size=size,
        )
    except ValidationError as refusal:
        return _answer(413, message=" ".join(refusal.messages))
    return _answer(201, row, Location=reverse("foundation:upload", args=[row.pk]))


@require_http_methods(["HEAD", "PATCH", "DELETE"])
@needs(SIGNED_IN)
def upload(request, pk):
    """Tell how far an upload is, add a piece, or forget it; another person's does not exist."""
    row = get_object_or_404(Upload.objects.visible_to(request.actor), pk=pk)
    if request.method == "HEAD":
        return _answer(200, row)
    if request.method == "DELETE":
        uploads.cancel(row)
        return _answer(204)
    return _add(request, row)


def _add(request, row) -> HttpResponse:
    offset = request.headers.get("Upload-Offset", "")
    if request.content_type != PIECE_TYPE:
        return _answer(415, row)
    if not (offset.isascii() and offset.isdecimal()):
        return _answer(400, row)
    if int(request.headers.get("Content-Length") or 0) > uploads.PIECE:
        return _answer(413, row)
    try:
        piece = request.body
    except UnreadablePostError:
        return _answer(400, row)
    try:
        row = uploads.receive(row, int(offset), piece)
    except Upload.DoesNotExist:
        raise Http404 from None
    except uploads.OffsetError:
        row.refresh_from_db()
        return _answer(409, row)
    return _answer(204, row)
