"""Statements that fail, processes that die in the middle, bits that flip, backups of other days."""

import json
import os
import shutil
import sys
import time
from contextlib import suppress
from pathlib import Path

from django.db import connection, connections

from certification.enums import RevisionStatus
from certification.models import Certificate, CertificateRevision
from certification.services import issuing
from foundation import anchor, checkup, jobs, triggers
from foundation.models import Job, JournalEntry, StoredFile
from foundation.models.jobs import JobState
from tests.certification.test_issuing import GRANT, STATEMENTS, breaking, mending
from tests.faults import world
from tests.faults.load import AwayError, Certifier
from tests.faults.processes import other_database
from tests.faults.trial import fault

_RETRIED = 60


def _grant(trial, case, patience=_RETRIED):
    person = Certifier(trial.site.port, trial.cast.certifier, trial.ledger)
    end = time.monotonic() + patience
    while True:
        try:
            person._grant(str(case.pk))
        except AwayError as error:
            if str(error) != "429" or time.monotonic() > end:
                raise
        else:
            trial.ledger.grants.append(str(case.pk))
            return


def _render_job(case):
    revisions = CertificateRevision.objects.filter(certificate__case=case)
    return Job.objects.filter(kind=issuing.RENDER, subject_id__in=revisions.values("pk"))


def _wait_for(check):
    end = time.monotonic() + _RETRIED
    while not (found := check()) and time.monotonic() < end:
        time.sleep(0.1)
    return found


@fault("each statement of issuing fails", quick=("sqlite",))
def statements(trial):
    """A trigger refuses one statement after the other: of the decision, then of the issuing."""
    chosen = [*((*row, "deciding") for row in GRANT), *((*row, "issuing") for row in STATEMENTS)]
    chosen = trial.pick(full=chosen, normal=chosen, quick=[chosen[5], chosen[-5]])
    for table, event, when in chosen:
        [case] = world.cases(trial.cast, 1)
        if when == "deciding":
            _broken_decision(trial, case, table, event)
        else:
            _broken_issue(trial, case, table, event)
        trial.drain()
    return len(chosen)


def _broken_decision(trial, case, table, event):
    name = breaking(table, event)
    try:
        with suppress(AwayError):
            _grant(trial, case)
            trial.problems.append(f"{event} on {table}: decided all the same")
    finally:
        mending(name, table)
    case.refresh_from_db()
    gone = not Certificate.objects.filter(case=case).exists()
    trial.demand(case.status == "deciding" and gone, f"{event} on {table}: half a decision")
    _grant(trial, case)


def _broken_issue(trial, case, table, event):
    # The decision needs the same tables: it is taken while nobody works, then the table breaks.
    os.killpg(trial.site.worker.pid, 9)
    trial.site.worker.wait()
    _grant(trial, case)
    name = breaking(table, event)
    trial.site.start_worker()
    try:
        _wait_for(lambda: _render_job(case).exclude(error="").exists())
        waiting = CertificateRevision.objects.filter(certificate__case=case, status="issuing")
        trial.demand(waiting.exists(), f"{event} on {table}: issued all the same")
    finally:
        mending(name, table)
    for row in Job.objects.filter(state=JobState.FAILED):
        jobs.retry(row)


@fault("killed at each step of issuing", quick=("postgresql",))
def crash_points(trial):
    """A process issues a certificate and dies before its first, second, third … step."""
    first, step = trial.pick(full=(1, 1), normal=(1, 1), quick=(20, 40))
    [case] = world.cases(trial.cast, 1)
    os.killpg(trial.site.worker.pid, 9)
    trial.site.beat.terminate()
    _grant(trial, case)
    number = Certificate.objects.get(case=case).number
    connections.close_all()
    job = _render_job(case).get()
    connections.close_all()
    said = trial.elsewhere(
        "tests.faults.crash", trial.site.environment(direct=True), job.pk, first, step
    )
    trial.problems += said["problems"]
    trial.demand(Certificate.objects.get(case=case).number == number, "the number has changed")
    documents = StoredFile.objects.filter(generated=True, name__startswith=number.replace(" ", "-"))
    trial.demand(documents.count() == 1, f"{documents.count()} documents")
    return said.get("crashes", 0)


@fault("flipped bit: document, upload, journal", quick=("postgresql",))
def flips(trial):
    """One bit of each is changed: the doctor names it, and nobody gets the changed bytes."""
    with trial.load(cases=1):
        trial.wait(4)
    trial.drain()
    connections.close_all()
    revision = CertificateRevision.objects.filter(status=RevisionStatus.ISSUED).last()
    upload = StoredFile.objects.filter(generated=False).last()
    for file in (revision.file, upload):
        whole = file.path.read_bytes()
        file.path.write_bytes(whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:])
        named = {(c.name, row.record) for c, row in checkup.examine().findings()}
        trial.demand(named == {("files.unchanged", checkup.name_of(file))}, f"found {named}")
        if file.generated:
            _not_vouched_for(trial, revision)
        file.path.write_bytes(whole)
    entry = JournalEntry.objects.order_by("-pk")[3]
    for name in ("Somebody else", entry.user_name):
        with triggers.suspended(connection), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE foundation_journalentry SET user_name = %s WHERE id = %s", [name, entry.pk]
            )
        named = {c.name for c, _row in checkup.examine().findings()}
        wanted = {"journal.chains"} if name != entry.user_name else set()
        trial.demand(named == wanted, f"found {named}")
    return 3


def _not_vouched_for(trial, revision):
    person = Certifier(trial.site.port, trial.cast.certifier, trial.ledger)
    code = revision.certificate.code
    for path in (f"/c/{code}/certificate.pdf", f"/c/{code}/"):
        try:
            status, _address, _text = person.ask("GET", path)
        except AwayError as error:
            trial.demand("503" in str(error), f"{path}: {error}")
            trial.ledger.refused -= 1
            continue
        trial.demand(status == 302, f"{path} vouches")


@fault("backup under load, restored elsewhere", quick=("sqlite",))
def backup(trial):
    """Back up while people work, restore in a new place: all that was acknowledged is there."""
    folder = trial.site.folder
    shutil.rmtree(folder / "backups", ignore_errors=True)
    with trial.load(cases=5, pause=0.05):
        trial.wait(trial.pick(full=30, normal=15, quick=3))
        known = trial.ledger.plain()
        made = trial.site.manage("backup", folder / "backups", check=False)
        trial.demand(made.returncode == 0, made.stdout + made.stderr)
    (folder / "known.json").write_text(json.dumps(known))
    environment = _new_place(trial, "restored")
    done = trial.site.manage(
        "restore", folder / "backups", "--not-older-than", "10m",
        check=False, environment=environment,
    )  # fmt: skip
    trial.demand(done.returncode == 0, done.stdout + done.stderr)
    said = trial.elsewhere("tests.faults.look", environment, folder / "known.json")
    trial.problems += said["problems"]
    told = trial.site.manage("doctor", "--strict", check=False, environment=environment)
    trial.demand(told.returncode == 0, told.stdout[-800:] + told.stderr[-800:])
    trial.note(f"{said.get('acknowledged')} acknowledged before it, looked for in the new place")
    return 1


def _new_place(trial, name: str) -> dict:
    place = trial.site.folder / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    environment = trial.site.environment(direct=True) | {
        "PORTAL_DATA_DIR": str(place),
        "STORAGE_URL": f"file://{place / 'files'}",
        "EMAIL_URL": "dummymail://",
    }
    del environment["REDIS_URL"]
    if trial.site.cluster:
        environment["DATABASE_URL"] = other_database(trial.site, name)
    return environment


@fault("yesterday's database, today's files; the reverse")
def two_days(trial):
    """Restore a backup, put the other half of today beside it: named as such, read-only."""
    folder = trial.site.folder
    shutil.rmtree(folder / "backups", ignore_errors=True)
    with trial.load(cases=3):
        trial.wait(2)
        trial.site.manage("backup", folder / "backups")
        trial.wait(3)
    trial.drain()
    anchor.write(by_hand=True)
    old = _new_place(trial, "old")
    done = trial.site.manage("restore", folder / "backups", check=False, environment=old)
    trial.demand(done.returncode == 0, done.stdout + done.stderr)
    old_files = Path(trial.site.folder / "old" / "files")
    live = trial.site.environment(direct=True)
    today = {"STORAGE_URL": f"file://{_copied(trial.site.files, folder / 'files-of-today')}"}
    yesterday = {"STORAGE_URL": f"file://{old_files}"}
    for environment, words in (
        (old | today, "The database is older than the files"),
        (live | yesterday, "The files are older than the database"),
    ):
        told = trial.site.manage("doctor", "--quick", check=False, environment=environment)
        named = told.returncode == 1 and words in told.stdout
        trial.demand(named, f"not named: {words}: {told.stdout[-800:]}{told.stderr[-800:]}")
        hold = "import django; django.setup()\nfrom foundation import standstill\n"
        hold += "from portal.backup.restoring import hold_if_of_two_days\nhold_if_of_two_days()\n"
        hold += "print(standstill.is_on()); standstill.end()"
        told = _python(environment, hold)
        trial.demand(told == "True", f"not read-only: {told}")
    return 2


def _copied(source: Path, target: Path) -> Path:
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.copytree(source, target))


def _python(environment, code) -> str:
    import subprocess

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    return done.stdout.strip() or done.stderr[-800:]
