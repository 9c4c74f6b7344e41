"""Without a second factor no signed-in page opens to those who need one: the whole URL table."""

import uuid

import pytest
from django.urls import reverse

from foundation.access import every_url
from organisations.middleware import ON_THE_WAY
from tests.matrix.rights import RIGHTS

FREE = {
    "accounts/security/second-factor/",
    "accounts/security/app/",
    "accounts/security/passkeys/add/",
    "accounts/security/recovery-codes/",
    "accounts/reauthenticate/",
}
VALUES = {
    "<uuid:": str(uuid.UUID(int=7)),
    "<int:": "7",
    "<slug:": "x",
    "<str:": "x",
    "<path:": "x",
}


def address_of(pattern: str) -> str:
    """Fill an address with values of the right type; nothing needs to exist behind it."""
    parts = []
    for part in pattern.split("/"):
        value = next((v for start, v in VALUES.items() if part.startswith(start)), part)
        parts.append(value)
    return "/" + "/".join(parts)


def test_the_exceptions_are_those_that_were_reviewed():
    opened = {reverse(name) for name in ON_THE_WAY}
    assert opened == {f"/{pattern}" for pattern in FREE}


@pytest.mark.parametrize("person", ["planner", "supervisor", "operator"])
def test_every_signed_in_page_leads_to_the_set_up(client, cast, settings, person):
    settings.SECOND_FACTOR = "required"
    cast.client(client, person)
    closed = [p for p, right in RIGHTS.items() if right != "public" and p not in FREE]
    closed = [p for p in closed if not p.startswith("api/")]
    closed += [p for p, right in every_url() if p.startswith("admin/") and right == "operator"]
    wrong = []
    for pattern in closed:
        for method in (client.get, client.post):
            answer = method(address_of(pattern))
            led = answer.headers.get("Location", "").startswith(reverse("accounts:second_factor"))
            if answer.status_code != 302 or not led:
                wrong.append((method.__name__, pattern, answer.status_code))
    assert wrong == []
    assert len(closed) > 150
