"""What happens to every request before anything else: its method, its name, its log lines."""

import logging
import re
import secrets
import time
from contextvars import ContextVar

from django.http import HttpResponseNotAllowed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
REQUEST_ID = ContextVar("request_id", default="-")
ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")


class KnownMethodsMiddleware:
    """Refuse TRACE, which would echo cookies, and words that are no method at all."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in METHODS:
            return self.get_response(request)
        return HttpResponseNotAllowed(METHODS)


class RequestIdMiddleware:
    """Take the id a trusted front end sent, or make one; send it back as X-Request-ID."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        sent = request.headers.get("X-Request-ID", "")
        request.id = sent if ACCEPTED.fullmatch(sent) else secrets.token_hex(8)
        token = REQUEST_ID.set(request.id)
        try:
            response = self.get_response(request)
        finally:
            REQUEST_ID.reset(token)
        response["X-Request-ID"] = request.id
        return response


class LineFormatter(logging.Formatter):
    """One line for each record, in UTC: what people typed cannot forge a second one."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record):
        """Return the record with its request id, line ends written as signs."""
        record.request_id = REQUEST_ID.get()
        message = super().format(record)
        return message.replace("\r", "\\r").replace("\n", "\\n")
