from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from foundation import files
from foundation.access import SIGNED_IN, needs
from foundation.models import StoredFile


@require_safe
@needs(SIGNED_IN)
def download(request, pk):
    """Serve a file to whoever may read what it hangs on; a foreign file does not exist."""
    file = get_object_or_404(StoredFile.objects.prefetch_related("attachments"), pk=pk)
    if not files.may_read(request.actor, file):
        raise Http404
    return serve(file)


def serve(file: StoredFile) -> FileResponse:
    """Answer with the bytes as an attachment that no browser interprets."""
    response = FileResponse(file.path.open("rb"), content_type=file.content_type)
    response["Content-Length"] = file.size
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
