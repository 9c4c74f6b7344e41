"""Address × method × person on a played case: equality with the reviewed table cells.txt.

Every request is sent without data and taken back afterwards, so that each cell meets the same
case. What is refused must write nothing at all. ``PORTAL_CELLS_TO=file`` writes the answers of
today in the form of the table, to be read before they replace it.
"""

import os
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from tests.leaks.test_strangers import addresses
from tests.people import PEOPLE

TABLE = Path(__file__).with_name("cells.txt")
EVERYBODY = (*PEOPLE, "anonymous")
REFUSED = {401, 403, 404, 405, "sign in"}
# What is kept of every request, whoever asks.
_KEPT_ANYWAY = ("django_session", "accounts_signinsession")
_WRITE = {"INSERT", "UPDATE", "DELETE"}


class Writes:
    """Collect the statements of a block that change a row."""

    def __init__(self):
        self.found = []

    def __call__(self, execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        changed = sql.split(None, 1)[0].upper() in _WRITE and context["cursor"].rowcount
        if changed and not any(table in sql for table in _KEPT_ANYWAY):
            self.found.append(sql[:80])
        return answer


def ask(client, method, address) -> tuple[int | str, list[str]]:
    """Return the answer and what was written for it; the database is as before afterwards."""
    writes = Writes()
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            answer = getattr(client, method)(address)
            if answer.streaming:
                b"".join(answer.streaming_content)
        transaction.set_rollback(True)
    to_sign_in = answer.headers.get("Location", "").startswith("/accounts/login/")
    return "sign in" if to_sign_in else answer.status_code, writes.found


def line_of(pattern, method, answers: dict) -> str:
    """Write the answers to one kind of request; those that most people get come last."""
    kinds = sorted({*answers.values()}, key=lambda kind: (_people(answers, kind), str(kind)))
    told = [
        f"{kind}: {' '.join(p for p in EVERYBODY if answers[p] == kind)}" for kind in kinds[:-1]
    ]
    most = f"{kinds[-1]}: {'others' if told else 'all'}"
    return " | ".join([f"{method:4} /{pattern}", *told, most])


def _people(answers, kind) -> int:
    return sum(answer == kind for answer in answers.values())


def test_every_cell_answers_as_reviewed(client, cast, world, settings):
    settings.BROKER = False  # with one /readyz would ask for the worker, which tests do without
    first = {}
    for pattern, address in addresses(world, cast):
        first.setdefault(pattern, address)
    answers, written = {}, []
    for person in EVERYBODY:
        cast.client(client, person)
        for pattern, address in first.items():
            cache.clear()  # how often the others asked must not count
            for method in ("get", "post"):
                answer, writes = ask(client, method, address)
                answers.setdefault((pattern, method), {})[person] = answer
                if writes and answer in REFUSED:
                    written.append((pattern, method, person, writes))
    lines = [line_of(*cell, people) for cell, people in answers.items()]
    if place := os.environ.get("PORTAL_CELLS_TO"):
        Path(place).write_text("\n".join([*lines, ""]))
    assert written == []
    assert lines == TABLE.read_text().splitlines()


@pytest.mark.parametrize("method", ["get", "post"])
def test_somebody_who_was_shut_out_reaches_no_page_that_asks_for_a_right(
    client, cast, world, method
):
    cast.client(client, "manager")
    cast.manager.is_active = False
    cast.manager.save(update_fields=["is_active"])
    cells = {
        line.split(" | ")[0].split(" /")[1]
        for line in TABLE.read_text().splitlines()
        if line.startswith(method) and "sign in: anonymous" in line
    }
    opened = [
        pattern
        for pattern, address in addresses(world, cast)
        if pattern in cells and ask(client, method, address)[0] != "sign in"
    ]
    assert opened == []
    assert len(cells) > 100
