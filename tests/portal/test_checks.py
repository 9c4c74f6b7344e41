"""A database that may lose acknowledged work is refused."""

import pytest
from django.db import connection

from portal.checks import PROMISES, commits_are_durable

KEPT_IN_TESTS = {"postgresql": "SHOW synchronous_commit", "sqlite": "PRAGMA journal_mode"}


@pytest.mark.django_db
def test_each_broken_promise_is_an_error(monkeypatch):
    question = KEPT_IN_TESTS[connection.vendor]
    promise = PROMISES[connection.vendor][question]
    monkeypatch.setitem(PROMISES, connection.vendor, {question: promise})
    assert commits_are_durable(None, databases=["default"]) == []
    monkeypatch.setitem(PROMISES, connection.vendor, {question: {"otherwise"}})
    errors = commits_are_durable(None, databases=["default"])
    assert [(error.id, error.hint) for error in errors] == [
        ("portal.E001", "It must be otherwise.")
    ]


def test_no_database_is_asked_unless_it_is_named():
    assert commits_are_durable(None) == []
