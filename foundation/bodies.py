"""How large a whole request may be, refused before any of it is kept."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# What a form sends beside its files.
BESIDE = 10 * 1024**2


class BodyLimit(FileUploadHandler):
    """Stand before the handlers that keep files, and let no endless body reach them."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 -- Django's words
        """Refuse by the announced length. Raises RequestDataTooBig, which is answered with 400."""
        if content_length > settings.LARGE_FILE_LIMIT + BESIDE:
            raise RequestDataTooBig(f"a body of {content_length} bytes")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
