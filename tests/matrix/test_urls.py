"""Every address declares its right, and the declarations are those reviewed in rights.py."""

import pytest
from django.urls import URLPattern, get_resolver

from foundation.access import declared_right, every_url
from tests.matrix.rights import ADMIN_FOR_DESKS, DOORS, RIGHTS
from tests.people import PEOPLE

ADMIN = "admin/"
DESK = "operator or desk of a body"


def test_every_address_declares_the_right_it_was_reviewed_for():
    # In pairs: an address that stands twice has the same right both times.
    declared = {(p, right) for p, right in every_url() if not p.startswith(ADMIN)}
    assert declared == set(RIGHTS.items())
    assert None not in RIGHTS.values()


def declared_rights(patterns=None, namespace="") -> dict:
    """Return every right that some address declares, by its name."""
    found = {}
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(entry, URLPattern):
            right = declared_right(entry.callback, f"{namespace}{entry.name or ''}")
            found |= {right.name: right} if right else {}
        else:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            found |= declared_rights(entry.url_patterns, inner)
    return found


def test_every_right_opens_its_door_to_the_same_people(cast):
    actors = {person: cast.actor(person) for person in (*PEOPLE, "anonymous")}
    opened = {
        name: {person for person, actor in actors.items() if right(actor)}
        for name, right in declared_rights().items()
    }
    assert opened == DOORS


def test_the_admin_opens_to_the_desk_of_a_body_what_was_reviewed():
    rights = {p: right for p, right in every_url() if p.startswith(ADMIN)}
    # None: Django's own redirects, which the middleware refuses; public: the way to sign in.
    assert set(rights.values()) == {"operator", DESK, "public", None}
    assert [p for p, right in rights.items() if right == "public"] == ["admin/login/"]
    opened = {p for p, right in rights.items() if right == DESK and "app_label" not in p}
    assert opened == {ADMIN, "admin/jsi18n/"} | {
        f"{ADMIN}{model}/{page}"
        for model in ADMIN_FOR_DESKS
        for page in ("", "<path:object_id>/change/", "<path:object_id>/history/")
    }


@pytest.mark.parametrize("person", [p for p in PEOPLE if p != "operator"])
def test_nobody_enters_more_of_the_admin(client, cast, person):
    cast.client(client, person)
    for p, right in every_url():
        closed = right == "operator" or (right == DESK and person not in DOORS[DESK])
        if p.startswith(ADMIN) and closed and "<" not in p:
            assert client.get(f"/{p}").status_code == 403, p


@pytest.mark.parametrize("person", sorted({*PEOPLE, "anonymous"}))
def test_nobody_passes_a_door_that_is_another_s(client, cast, person):
    cast.client(client, person)
    closed = [p for p, right in RIGHTS.items() if "<" not in p and person not in DOORS[right]]
    answers = {p: client.get(f"/{p}").status_code for p in closed}
    # A program is asked for its key, whoever's cookie it sends.
    expected = dict.fromkeys(closed, 302 if person == "anonymous" else 403)
    expected |= {p: 401 for p in closed if p.startswith("api/")}
    assert answers == expected


@pytest.mark.urls("tests.matrix.undeclared_urls")
@pytest.mark.parametrize("person", ["anonymous", "owner", "operator"])
def test_a_view_that_declares_nothing_is_closed(client, cast, person):
    assert cast.client(client, person).get("/undeclared/").status_code == 403


@pytest.mark.urls("tests.matrix.undeclared_urls")
def test_the_walk_finds_a_view_that_declares_nothing():
    found = [p for p, right in every_url() if right is None and not p.startswith(ADMIN)]
    assert found == ["undeclared/"]
