"""Read-only: nothing is written until a person has looked at what does not fit.

The sign is a file in the folder of the stored files, which every process of an installation
shares; looking at it costs no question to the database.
"""

import json
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from foundation.durable import write_whole

NAME = "read-only.json"
READING = ("GET", "HEAD", "OPTIONS")
# Whoever has to look at the records must get in, and read them in the own language.
OPEN = frozenset({"account_login", "account_logout", "mfa_authenticate", "set_language"})


def _path() -> Path:
    return Path(settings.FILES_DIR) / NAME


def is_on() -> bool:
    """Tell whether the portal may only be read."""
    return _path().exists()


def reasons() -> list[str]:
    """Return why the portal may only be read; an empty list means that it works."""
    try:
        return json.loads(_path().read_text(encoding="utf-8"))["reasons"]
    except FileNotFoundError:
        return []


def begin(why: list[str], *, anew: bool = False) -> None:
    """Let nothing be written from now on; what was said before stays unless it begins anew."""
    said = [] if anew else reasons()
    text = {"since": timezone.now().isoformat(), "reasons": [*said, *map(str, why)]}
    write_whole(_path(), json.dumps(text, ensure_ascii=False, indent=1).encode())


def end() -> None:
    """Let the portal work again."""
    _path().unlink(missing_ok=True)


class ReadOnlyMiddleware:
    """Answer every write with a page that says so, while the portal may only be read."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method in READING or not is_on():
            return None
        if request.resolver_match.view_name in OPEN:
            return None
        page = render_to_string(
            "read_only.html",
            {"portal_name": settings.PORTAL_NAME, "request_id": getattr(request, "id", "")},
        )
        return HttpResponse(page, status=503, headers={"Retry-After": "600"})
