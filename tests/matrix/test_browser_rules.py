"""What every address tells a browser, what looking changes, and what needs a token of ours."""

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from foundation.access import every_url
from tests.leaks.test_cells import Writes

PEOPLE = ("anonymous", "owner", "manager", "operator")
# Addresses that programs and readers without a session post to; each says why in its view.
WITHOUT_TOKEN = {"preferences/", "unsubscribe/<str:token>/"}


def plain_addresses() -> list[str]:
    """Return every address without a part that names a record."""
    return [f"/{path}" for path, _right in every_url() if not set("<^(") & set(path)]


def callbacks(patterns=None, prefix=""):
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path, entry.callback
        else:
            yield from callbacks(entry.url_patterns, path)


@pytest.mark.parametrize("person", PEOPLE)
def test_every_answer_is_strict_and_of_no_use_to_another_site(cast, client, person):
    cast.client(client, person)
    wrong, asked = [], 0
    for address in [*plain_addresses(), "/nothing/here/"]:
        answer = client.get(address, headers={"Origin": "https://evil.example.org"})
        rules = answer.headers.get("Content-Security-Policy", "").split("; ")
        asked += 1
        if "default-src 'none'" not in rules or "unsafe" in str(rules):
            wrong.append((address, answer.status_code, "policy"))
        if answer.headers.get("X-Content-Type-Options") != "nosniff":
            wrong.append((address, answer.status_code, "type"))
        if "Access-Control-Allow-Origin" in answer.headers:
            wrong.append((address, answer.status_code, "origin"))
    assert wrong == []
    assert asked > 100


@pytest.mark.parametrize("person", PEOPLE)
def test_looking_changes_nothing(cast, client, person):
    cast.client(client, person)
    changed = {}
    for address in plain_addresses():
        writes = Writes()
        with transaction.atomic():
            with connection.execute_wrapper(writes):
                client.get(address)
            transaction.set_rollback(True)
        if writes.found:
            changed[address] = writes.found
    assert changed == {}


def test_reviewed_addresses_alone_take_a_post_without_a_token():
    exempt = {path for path, view in callbacks() if getattr(view, "csrf_exempt", False)}
    assert exempt == WITHOUT_TOKEN


def test_post_without_a_token_is_refused_everywhere_else(cast):
    client = cast.client(Client(enforce_csrf_checks=True), "owner")
    wanted = [path for path in plain_addresses() if path.removeprefix("/") not in WITHOUT_TOKEN]
    answers = {address: client.post(address).status_code for address in wanted}
    assert {address: code for address, code in answers.items() if code not in {403, 405}} == {}
