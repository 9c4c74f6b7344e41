import pytest
from django.db import DatabaseError, connection, transaction

from foundation import journal, triggers
from foundation.models import JournalChain, JournalEntry


@pytest.fixture
def chain(cast):
    """Three entries about one enterprise, in the portal's chain; returns its name."""
    for verb in ("trial.one", "trial.two", "trial.three"):
        entry = journal.record(cast.enterprise, verb, cast.actor("owner"), {"名": "值"})
    return entry.chain


def test_record_chains_entries_by_hash(cast, chain):
    first, second, third = JournalEntry.objects.filter(chain=chain).order_by("number")
    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert (first.previous_hash, second.previous_hash) == ("", first.hash)
    assert JournalChain.objects.get(name=chain).hash == third.hash
    assert (third.user_name, third.organisation_zh) == (cast.owner.name, cast.enterprise.name_zh)


def test_verify_finds_a_whole_chain_whole(chain):
    assert journal.verify(chain) == []


@pytest.mark.parametrize("statement", ["UPDATE foundation_journalentry SET verb = 'x'",
                                       "DELETE FROM foundation_journalentry"])  # fmt: skip
def test_the_database_refuses_to_change_the_journal(chain, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert JournalEntry.objects.filter(chain=chain).count() == 3


def test_the_model_refuses_to_change_the_journal(chain):
    with pytest.raises(TypeError):
        JournalEntry.objects.filter(chain=chain).update(verb="x")
    with pytest.raises(TypeError):
        JournalEntry.objects.filter(chain=chain).delete()
    with pytest.raises(TypeError):
        JournalEntry.objects.get(number=1, chain=chain).delete()


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE foundation_journalentry SET verb = 'forged' WHERE number = 2", "was changed"),
        ("DELETE FROM foundation_journalentry WHERE number = 2", "is missing"),
        ("DELETE FROM foundation_journalentry WHERE number = 3", "head does not match"),
    ],
)
def test_verify_names_a_tampering_behind_the_triggers(chain, statement, problem):
    with triggers.suspended(connection), connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(problem in line for line in journal.verify(chain))


def test_internal_entries_are_seen_by_their_organisation_alone(cast):
    obj = cast.enterprise
    journal.record(obj, "trial.open", cast.actor("reviewer"))
    journal.record(obj, "trial.internal", cast.actor("reviewer"), internal_to=cast.body.pk)

    def seen(name):
        entries = journal.history(obj.journal_thread, cast.actor(name))
        return [entry.verb for entry in entries]

    assert seen("manager") == ["trial.internal", "trial.open"]
    assert seen("owner") == ["trial.open"]
    assert seen("rival_manager") == ["trial.open"]
    assert seen("operator") == ["trial.internal", "trial.open"]
