"""Keep what happens to accounts, and tell people what they should know at once."""

import logging

from django.db import transaction
from django.urls import reverse

from accounts import devices
from accounts.enums import Happening
from accounts.models import AccountEvent
from foundation.notices import notify

logger = logging.getLogger(__name__)


def record(request, user, kind: Happening, *, detail: str = "", browser: str = "") -> AccountEvent:
    """Keep one event of an account; ``user`` None stands for an address that nobody has.

    The log gets its kind, never what was typed.
    """
    event = AccountEvent.objects.create(
        user=user,
        kind=kind,
        address=devices.address_of(request),
        device=devices.device_of(request),
        browser=browser or devices.browser_of(request),
        detail=detail[:200],
    )
    failed = kind in (Happening.REFUSED, Happening.CODE_REFUSED)
    logger.log(
        logging.WARNING if failed else logging.INFO,
        "account event %s of person %s",
        kind.value,
        user.pk if user else "-",
    )
    return event


@transaction.atomic
def record_sign_in(request, user, response) -> None:
    """Keep a sign-in, and write to the person when the browser was never here before.

    The first sign-in of all tells nobody anything.
    """
    earlier = AccountEvent.objects.filter(user=user, kind=Happening.SIGNED_IN)
    browser = devices.browser_of(request)
    is_new = earlier.exists() and not (browser and earlier.filter(browser=browser).exists())
    if not browser:
        browser = devices.mark(response)
    event = record(request, user, Happening.SIGNED_IN, browser=browser)
    if is_new:
        notify(
            "accounts.new_device",
            to=[user],
            url=reverse("accounts:security"),
            device=event.device or "–",
            address=event.address or "–",
        )
