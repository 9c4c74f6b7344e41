"""A backup made while people work is restored elsewhere, compared, and trusted only if it fits."""

import json
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from certification.models import Certificate
from foundation import anchor, checkup, files, jobs, journal, standstill, triggers
from foundation.models import Job, JournalChain, Restoration, StoredFile
from foundation.models.jobs import JobState
from foundation.tasks import run_job
from portal.backup import engines, manifest
from portal.management.commands.restore import age
from tests.certification.casework import PDF, certified
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    """A folder of files that holds what this test has stored and nothing else."""
    settings.FILES_DIR = tmp_path / "files"
    settings.FILES_DIR.mkdir()


@pytest.fixture
def working(transactional_db, cast):
    """A portal with one certificate."""
    certified(cast)
    jobs.run_due()
    # The helpers of the tests begin with records that no journal tells of.
    return cast


def backup(folder, *arguments):
    out = StringIO()
    call_command("backup", str(folder), *arguments, stdout=out)
    return manifest.complete_ones(folder)[-1], out.getvalue()


@pytest.fixture
def elsewhere(environment, tmp_path):
    """An empty installation of the same kind; ``run`` runs a command of manage.py there."""
    data = tmp_path / "elsewhere"
    data.mkdir()
    name = str(data / "portal.sqlite3")
    if connection.vendor == "postgresql":
        name = "restored_here"
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
            cursor.execute(f"CREATE DATABASE {name}")
    here = environment | {"PORTAL_TEST_DATA_DIR": str(data), "PORTAL_TEST_DATABASE": name}

    def run(*arguments):
        command = [sys.executable, "manage.py", *map(str, arguments)]
        done = subprocess.run(
            command, cwd=ROOT, env=here, capture_output=True, text=True, check=False
        )
        return SimpleNamespace(status=done.returncode, text=done.stdout + done.stderr)

    yield SimpleNamespace(run=run, data=data, environment=here)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def python(elsewhere, code):
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}"]
    done = subprocess.run(
        command, cwd=ROOT, env=elsewhere.environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.servers
def test_everything_is_there_after_a_restore(working, elsewhere, tmp_path):
    long_ago = timezone.now() - timedelta(days=1)
    Job.objects.create(kind="foundation.mail_notice", key="late", run_at=long_ago)
    made, _text = backup(tmp_path / "backups")
    # What is done after the backup is not in it, and does not confuse it.
    files.write_document(PDF, "later.pdf")
    facts = manifest.read(made)
    assert sorted(path.name for path in made.iterdir()) == sorted(
        ["files", "manifest.json", facts["dump"]["name"]]
    )
    aside = elsewhere.data / "portal.sqlite3.damaged"
    aside.write_bytes(b"What an operator has set aside.")
    done = elsewhere.run("restore", tmp_path / "backups", "--not-older-than", "1h")
    assert aside.exists()
    # The cast is no installation that people have made: some statuses have no journal.
    assert "journal.statuses" in done.text
    # That nobody works there yet says nothing of the records.
    assert "jobs.late" not in done.text
    lines = [
        line for line in done.text.splitlines() if line.startswith(("tables", "numbers", "ch"))
    ]
    assert lines == []
    number = Certificate.objects.get().number
    assert python(elsewhere, "from certification.models import Certificate as C\n"
                             "print(C.objects.get().number)") == number  # fmt: skip
    assert (elsewhere.data / "files" / "read-only.json").exists()
    accepted = elsewhere.run("restore", "--accept", "The cast has no history.")
    assert accepted.status == 0, accepted.text
    assert not (elsewhere.data / "files" / "read-only.json").exists()
    assert python(elsewhere, "from foundation.models import JournalEntry as J\n"
        "print(J.objects.get(verb='restoration.accepted').data['reason'])"
    ) == "The cast has no history."  # fmt: skip
    again = elsewhere.run("restore", tmp_path / "backups")
    assert (again.status, "not empty" in again.text) == (1, True)


LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_who_copies_or_reads_everything_is_not_hurried(tmp_path):
    """Pages have limits of time; PostgreSQL would end what waits for pg_dump or for files."""
    for moment in (engines.copied(tmp_path), checkup.one_moment()):
        with short_limits(), moment:
            assert limits() == (["0", "0"] if connection.vendor == "postgresql" else [])


@contextmanager
def short_limits():
    """Let the database hurry this process as it does a page, where it can."""
    names = LIMITS if connection.vendor == "postgresql" else ()
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SET {name} = '7s'")
        assert limits() == ["7s" for _name in names]
        yield
        for name in names:
            cursor.execute(f"RESET {name}")


def limits() -> list[str]:
    """Return the limits of time under which the database works for this process."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in LIMITS]


@pytest.mark.django_db(transaction=True)
def test_the_next_backup_copies_only_what_is_new(working, tmp_path):
    first, text = backup(tmp_path / "b")
    count = StoredFile.objects.count()
    assert f"{count} files copied, 0 linked" in text
    renamed = first.rename(first.with_name("2020-01-01T000000Z"))
    files.write_document(PDF, "new.pdf")
    _second, text = backup(tmp_path / "b")
    assert f"1 files copied, {count} linked" in text
    third_parent = tmp_path / "b"
    [*_old, newest] = manifest.complete_ones(third_parent)
    newest.rename(newest.with_name("2020-01-02T000000Z"))
    _third, text = backup(tmp_path / "b", "--keep", "2")
    assert "1 old backups removed" in text
    assert not renamed.exists()
    assert len(manifest.complete_ones(tmp_path / "b")) == 2
    # The links of what is kept do not need what was removed.
    call_command("restore", str(tmp_path / "b"), "--check", stdout=StringIO())


def test_a_backup_that_was_cut_short_is_none(working, tmp_path):
    made, _text = backup(tmp_path / "b")
    half = made.rename(made.with_name(".unfinished-2020-01-01T000000Z"))
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", str(tmp_path / "b"))
    made, _text = backup(tmp_path / "b")
    assert not half.exists()
    (made / "manifest.json").unlink()
    with pytest.raises(CommandError, match="no finished backup"):
        call_command("restore", str(tmp_path / "b"))


def test_a_backup_says_when_a_stored_file_is_not_whole(working, tmp_path):
    StoredFile.objects.first().path.write_bytes(b"changed")
    gone = files.write_document(PDF, "gone.pdf")
    gone.path.unlink()
    with pytest.raises(CommandError) as told:
        backup(tmp_path / "b")
    assert "is not what was stored" in str(told.value)
    assert f"{gone.storage_name} is missing" in str(told.value)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_was_not_whole_is_copied_anew_by_the_next_backup(working, tmp_path):
    file = StoredFile.objects.first()
    whole = file.path.read_bytes()
    file.path.write_bytes(b"changed")
    for number in (1, 2):
        with pytest.raises(CommandError, match=f"{file.storage_name} is not what was stored"):
            backup(tmp_path / "b")
        [*_old, newest] = manifest.complete_ones(tmp_path / "b")
        newest.rename(newest.with_name(f"2020-01-0{number}T000000Z"))
    file.path.write_bytes(whole)
    made, _text = backup(tmp_path / "b")
    assert (made / "files" / file.storage_name).read_bytes() == whole
    call_command("restore", str(tmp_path / "b"), "--check", stdout=StringIO())


def test_a_changed_backup_is_not_restored(working, tmp_path):
    made, _text = backup(tmp_path / "b")
    facts = manifest.read(made)
    for name in (facts["dump"]["name"], f"files/{next(iter(facts['files']))}"):
        whole = (made / name).read_bytes()
        (made / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(CommandError, match=f"{name} is not the one"):
            call_command("restore", str(made), "--check", stdout=StringIO())
        (made / name).write_bytes(whole)
    text = (made / "manifest.json").read_text()
    for change, answer in (
        ({"engine": "other"}, "is of other"),
        ({"migrations": ["certification.9999_later"]}, "another release"),
    ):
        (made / "manifest.json").write_text(json.dumps(facts | change))
        with pytest.raises(CommandError, match=answer):
            call_command("restore", str(made), "--check", stdout=StringIO())
    (made / "manifest.json").write_text(text)
    with pytest.raises(CommandError, match="at most 0:00:00"):
        call_command("restore", str(made), "--check", "--not-older-than", "0m", stdout=StringIO())


def test_nothing_is_restored_over_what_is_there(working, tmp_path):
    made, _text = backup(tmp_path / "b")
    with pytest.raises(CommandError, match="database is not empty"):
        call_command("restore", str(made), stdout=StringIO())
    assert not standstill.is_on()


@pytest.mark.parametrize(("text", "time"), [("90m", timedelta(minutes=90)), ("7d", timedelta(7))])
def test_ages_are_read(text, time):
    assert age(text) == time


# Read-only.


def test_a_read_only_portal_can_be_read_and_not_written(client, cast):
    standstill.begin(["Something does not fit."])
    assert "nothing can be saved" in client.get("/help/").content.decode()
    cast.client(client, "owner")
    answer = client.post("/organisations/register/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "600")
    assert "was not saved" in answer.content.decode()
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/readyz").json()["read_only"] is True
    standstill.end()
    assert client.post("/organisations/register/").status_code != 503
    assert "nothing can be saved" not in client.get("/help/").content.decode()


def test_no_job_runs_while_the_portal_is_read_only(db):
    due = timezone.now()
    job = Job.objects.create(kind="foundation.mail_notice", key="1", run_at=due)
    standstill.begin(["Something does not fit."])
    run_job(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)


# Database and files of two days.


def test_a_database_of_yesterday_with_files_of_today_is_named(
    cast, client, settings, django_capture_on_commit_callbacks
):
    settings.BROKER = False
    journal.record(cast.enterprise, "trial.one", cast.actor("owner"))
    assert anchor.write() == []
    chain = JournalChain.objects.get()
    with triggers.suspended(connection), connection.cursor() as cursor:
        cursor.execute("DELETE FROM foundation_journalentry")
    JournalChain.objects.update(number=0, hash="")
    [problem] = anchor.mismatches()
    assert problem.startswith(f"The database is older than the files: chain {chain.name}")
    assert client.get("/readyz").json()["failed"] == ["age"]
    # The evidence is not overwritten.
    assert anchor.write() == [problem]
    with django_capture_on_commit_callbacks(execute=True):
        call_command("restore", "--accept", "A trial without consequences.", stdout=StringIO())
    assert anchor.mismatches() == []
    assert Restoration.objects.get().reason == "A trial without consequences."
    with pytest.raises(CommandError, match="Nothing waits"):
        call_command("restore", "--accept", "A trial without consequences.")


def test_a_journal_written_anew_is_named(cast):
    journal.record(cast.enterprise, "trial.one", cast.actor("owner"))
    facts = {"at": "2026-01-01T00:00:00+00:00", "heads": anchor.heads()}
    [name] = facts["heads"]
    facts["heads"][name][1] = "0" * 64
    (files.settings.FILES_DIR / anchor.NAME).write_text(json.dumps(facts))
    assert anchor.mismatches()[0].startswith("The journal was written anew: entry 1")


def test_files_of_yesterday_with_a_database_of_today_are_named(cast):
    old = files.write_document(PDF, "old.pdf")
    new = [files.write_document(PDF, f"{n}.pdf") for n in range(2)]
    assert anchor.mismatches() == []
    for file in new:
        file.path.unlink()
    [problem] = anchor.mismatches()
    assert problem.startswith("The files are older than the database")
    assert problem.endswith("2 or more.")
    # One file that is lost among others is no older folder.
    new[0].path.write_bytes(PDF)
    new[1].path.write_bytes(PDF)
    old.path.unlink()
    assert anchor.mismatches() == []
