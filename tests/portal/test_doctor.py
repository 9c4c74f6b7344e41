"""Each planted fault is named, it alone; the doctor cures what it may and says what it may not."""

import datetime as dt
import json
import os
import uuid
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audits.enums import Grade
from certification.enums import AuditKind, RevisionStatus
from certification.flows.cases import CASE_FLOW
from certification.models import (
    Application,
    ApplicationVersion,
    AuditOutcome,
    Case,
    Certificate,
    CertificateRevision,
    Counter,
)
from certification.services import issuing
from foundation import checkup, files, jobs, journal, notices, refusals, triggers
from foundation.models import (
    Attachment,
    Job,
    JournalChain,
    JournalEntry,
    Notice,
    RefusedAddress,
    StoredFile,
)
from foundation.models.jobs import JobState
from foundation.workflow import perform
from organisations.patterns import serial_in
from portal import checks
from tests.audits.auditwork import nonconformity
from tests.certification.casework import PDF, certified, deciding_case


@pytest.fixture(autouse=True)
def _settings_of_tests(monkeypatch):
    """The databases of tests give up surviving a power cut for speed."""
    monkeypatch.setattr(checks, "PROMISES", {connection.vendor: {}})


def found(**options) -> set[tuple[str, str]]:
    """Return (check, record) of everything that is wrong."""
    return {(check.name, row.record) for check, row in checkup.examine(**options).findings()}


@pytest.fixture
def planted(cast):
    """Return a function: what is found more than in a healthy portal with one certificate."""
    certificate = certified(cast)
    jobs.run_due()
    # The helpers of the tests begin with an application that nobody sent.
    healthy = found()
    assert {name for name, _record in healthy} == {"journal.statuses"}
    return certificate, lambda **options: found(**options) - healthy


def name(obj):
    return checkup.name_of(obj)


def besides_queues(found):
    """Leave out the rows of waiting work, which follow what the workflow writes."""
    return {row for row in found if row[0] != "work.queues"}


def unguarded(statement, *values):
    with triggers.suspended(connection), connection.cursor() as cursor:
        cursor.execute(statement, values)


# The journal.


def test_a_status_changed_past_the_workflow(planted):
    certificate, wrong = planted
    Case.objects.update(status="ended")
    assert besides_queues(wrong()) == {("journal.statuses", name(certificate.case))}


def test_a_step_that_the_journal_does_not_tell_of(planted, cast):
    certificate, wrong = planted
    Certificate.objects.update(status="suspended", suspended_until=timezone.localdate())
    journal.record(
        Certificate.objects.get(), "certificate.withdraw", cast.actor("certifier"),
        before="suspended", after="withdrawn",
    )  # fmt: skip
    Certificate.objects.update(status="withdrawn")
    assert besides_queues(wrong()) == {("journal.steps", name(certificate))}


def test_a_step_that_no_workflow_knows(planted, cast):
    certificate, wrong = planted
    journal.record(
        certificate, "certificate.gild", cast.actor("certifier"), before="valid", after="valid"
    )
    assert wrong() == {("journal.verbs", "certification.certificate")}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE foundation_journalentry SET user_name = 'Somebody' WHERE number = 1",
        "DELETE FROM foundation_journalchain",
    ],
)
def test_a_changed_journal(planted, statement):
    _certificate, wrong = planted
    unguarded(statement)
    assert {check for check, _record in wrong()} == {"journal.chains"}


def test_a_journal_whose_end_was_cut_off_with_its_head(planted):
    _certificate, wrong = planted
    last = JournalEntry.objects.order_by("pk").last()
    before = JournalEntry.objects.get(chain=last.chain, number=last.number - 1)
    unguarded("DELETE FROM foundation_journalentry WHERE id = %s", last.pk)
    JournalChain.objects.filter(name=last.chain).update(number=before.number, hash=before.hash)
    # The chain is whole again; what the entry told of still happened.
    record = f"{last.subject_type} {last.subject_id}"
    assert wrong() == {("journal.statuses", record)}


def test_a_clock_before_the_last_entry(planted):
    _certificate, wrong = planted
    later = timezone.now() + dt.timedelta(days=2)
    unguarded("UPDATE foundation_journalentry SET at = %s WHERE number = 1", later)
    assert ("journal.clock", "") in wrong()


# Numbers.


def test_a_lost_application_and_a_lost_case(planted):
    _certificate, wrong = planted
    year = timezone.localdate().year
    Counter.objects.filter(scope="portal").update(last=F("last") + 1)
    assert wrong() == {
        ("numbers.portal", f"counter A-{year}"),
        ("numbers.portal", f"counter C-{year}"),
    }


def test_a_lost_certificate_number(planted, cast):
    _certificate, wrong = planted
    year = timezone.localdate().year
    rows = Counter.objects.filter(scope=str(cast.body.pk), series="QMS")
    rows.update(last=2)
    record = f"counter {cast.body.pk} QMS {year}"
    assert wrong() == {("numbers.certificates", record)}
    rows.update(last=0)
    assert wrong() == {("numbers.certificates", record)}
    # A body that changed its pattern in the middle of a year: only the count can be compared.
    type(cast.body.body_profile).objects.update(number_pattern="{yy}-{letter}-{serial}")
    assert wrong() == {("numbers.certificates", record)}
    rows.update(last=1)
    assert wrong() == set()


@pytest.mark.parametrize(
    ("pattern", "number", "serial"),
    [
        ("{short} {yy} {letter} {serial:05} R{cycle} {size}", "034 26 Q 00017 R0 M", 17),
        ("{letter}{yyyy}{serial}", "Q2026100000", 100000),
        ("{short} {yy} {letter} {serial:05} R{cycle} {size}", "Q-2026-17", None),
    ],
)
def test_a_serial_is_read_from_a_number(pattern, number, serial):
    assert serial_in(pattern, number) == serial


def test_a_gap_in_the_revisions(planted):
    certificate, wrong = planted
    unguarded("UPDATE certification_certificaterevision SET revision = 2")
    assert ("numbers.versions", name(certificate)) in wrong()


def test_a_lost_audit(planted):
    certificate, wrong = planted
    Counter.objects.create(scope=str(certificate.case_id), series="audit", year=0, last=1)
    assert wrong() == {("numbers.audits", name(certificate.case))}


def test_findings_a_case_miscounts_are_counted_again(planted, cast):
    _certificate, wrong = planted
    nonconformity(cast, Grade.MAJOR)
    outcome = AuditOutcome.objects.get(open_majors=1)
    healthy = wrong()
    AuditOutcome.objects.filter(pk=outcome.pk).update(open_majors=0, minors_without_plan=2)
    assert wrong() - healthy == {("outcomes.findings", name(outcome))}
    assert wrong(repair=True) - healthy == set()
    outcome.refresh_from_db()
    assert (outcome.open_majors, outcome.minors_without_plan) == (1, 0)


# Certificates.


def test_a_certificate_without_a_revision_in_force(planted):
    certificate, wrong = planted
    CertificateRevision.objects.update(status=RevisionStatus.SUPERSEDED)
    assert wrong() == {
        ("certificates.revisions", name(certificate)),
        ("journal.statuses", name(certificate.revisions.get())),
    }


def test_a_window_that_the_rules_do_not_give_is_counted_again(planted):
    certificate, wrong = planted
    item = certificate.case.programme.get(kind=AuditKind.SURVEILLANCE_1)
    kept = item.window_to
    item.window_to += dt.timedelta(days=30)
    item.save(update_fields=["window_to"])
    assert besides_queues(wrong()) == {("programme.windows", name(item))}
    assert besides_queues(wrong(repair=True)) == set()
    item.refresh_from_db()
    assert item.window_to == kept


@pytest.mark.parametrize("change", ["moved", "emptied"])
def test_a_cycle_that_ends_with_no_certificate(planted, change):
    certificate, wrong = planted
    item = certificate.case.programme.get(kind=AuditKind.RECERTIFICATION)
    item.window_to = item.window_to + dt.timedelta(days=30) if change == "moved" else None
    item.save(update_fields=["window_to"])
    assert besides_queues(wrong()) == {("programme.windows", name(certificate.case))}


def test_an_issued_revision_without_a_hash(planted):
    certificate, wrong = planted
    StoredFile.objects.update(sha256="")
    revision = certificate.revisions.get()
    assert wrong() == {
        ("certificates.files", name(revision)),
        ("files.unchanged", name(revision.file)),
    }


def test_frozen_content_that_was_changed(planted):
    certificate, wrong = planted
    revision = certificate.revisions.get()
    content = json.dumps(revision.content | {"scope_en": "Everything"})
    unguarded("UPDATE certification_certificaterevision SET content = %s", content)
    assert wrong() == {("certificates.content", name(revision))}
    assert wrong(quick=True) == set()


def test_a_submitted_application_that_was_changed(planted, cast):
    _certificate, wrong = planted
    version = ApplicationVersion.objects.create(
        application=Application.objects.get(), version=1, snapshot={"scope": "x"},
        sha256="0" * 64, submitted_by=cast.owner,
    )  # fmt: skip
    assert wrong() == {("certificates.content", name(version))}


def test_issuing_that_nobody_does_is_asked_for_again(planted, cast):
    _certificate, wrong = planted
    case = deciding_case(cast)
    before = wrong()
    perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    revision = CertificateRevision.objects.get(status=RevisionStatus.ISSUING)
    waiting = wrong() - before
    Job.objects.filter(kind=issuing.RENDER, subject_id=revision.pk).delete()
    lost = {("certificates.issuing", name(revision))}
    assert wrong() & lost == lost
    assert waiting & lost == set()
    report = checkup.examine(repair=True)
    assert [row.record for _check, row in report.findings() if row.record == name(revision)] == []
    assert Job.objects.get(kind=issuing.RENDER, subject_id=revision.pk).state == JobState.QUEUED
    Job.objects.filter(kind=issuing.RENDER).update(state=JobState.FAILED, error="no glyph")
    assert wrong() & lost == lost


# Files.


def test_a_changed_a_shortened_and_a_missing_file(planted):
    certificate, wrong = planted
    file = certificate.current_revision.file
    file.path.write_bytes(PDF[:-1] + b"X")
    assert wrong() == {("files.unchanged", name(file))}
    assert wrong(quick=True) == set()
    file.path.write_bytes(PDF[:-1])
    assert wrong() == {("files.unchanged", name(file)), ("files.there", name(file))}
    later = files.write_document(PDF, "later.pdf")
    files.attach(later, certificate, "plan")
    file.path.unlink()
    assert wrong() == {("files.there", name(file))}
    report = checkup.examine(repair=True)
    assert ("files.there", name(file)) in {(c.name, row.record) for c, row in report.findings()}


def test_an_upload_that_never_finished_and_bytes_without_a_row_are_removed(planted, settings):
    _certificate, wrong = planted
    row = StoredFile.objects.create(name="a.pdf", storage_name="aa/pending")
    StoredFile.objects.filter(pk=row.pk).update(created_at=timezone.now() - dt.timedelta(days=1))
    orphan = settings.FILES_DIR / "aa" / "orphan"
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x")
    assert wrong() == {("files.pending", name(row))}
    assert checkup.examine().is_sound() is False
    long_ago = (timezone.now() - 2 * files.PENDING_FOR).timestamp()
    os.utime(orphan, (long_ago, long_ago))
    assert wrong() == {("files.pending", name(row)), ("files.orphans", "aa/orphan")}
    checkup.examine(repair=True)
    assert wrong() == set()
    assert not orphan.exists()


def test_a_document_twice_and_one_of_nobody(planted, cast):
    certificate, wrong = planted
    loose = files.write_document(PDF, "loose.pdf")
    assert wrong() == {("files.used", name(loose))}
    files.attach(loose, certificate, "plan")
    files.attach(files.write_document(PDF, "loose.pdf"), certificate, "plan")
    assert wrong() == {("files.once", name(certificate))}


def test_a_file_and_a_job_about_nothing(planted, cast):
    certificate, wrong = planted
    file = certificate.current_revision.file
    hanging = Attachment.objects.create(
        file=file, subject_type="certification.case", subject_id=uuid.uuid4(), label="x"
    )
    assert wrong() == {("files.subjects", name(hanging))}
    hanging.delete()
    job = Job.objects.create(
        kind=issuing.RENDER, key="k", subject_type="certification.certificaterevision",
        subject_id=uuid.uuid4(), run_at=timezone.now() + dt.timedelta(days=1),
    )  # fmt: skip
    assert wrong() == {("jobs.subjects", name(job))}


# Jobs and notices.


def test_jobs_that_failed_hang_or_wait(planted):
    _certificate, wrong = planted
    now = timezone.now()
    facts = {"kind": "foundation.mail_notice", "run_at": now - dt.timedelta(hours=1)}
    failed = Job.objects.create(key="1", state=JobState.FAILED, error="no", **facts)
    late = Job.objects.create(key="2", **facts)
    left = Job.objects.create(
        key="3", state=JobState.RUNNING, leased_until=now - dt.timedelta(hours=1), **facts
    )
    unknown = Job.objects.create(kind="nobody.knows", key="4", run_at=now + dt.timedelta(hours=1))
    assert wrong() == {
        ("jobs.failed", name(failed)),
        ("jobs.late", name(late)),
        ("jobs.leases", name(left)),
        ("jobs.known", name(unknown)),
    }


def test_work_that_waits_for_a_moment_is_a_fault_in_a_strict_examination_alone(planted):
    Job.objects.create(kind="foundation.mail_notice", key="1", run_at=timezone.now())
    report = checkup.examine()
    levels = [row.level for check, row in report.findings() if check.name == "jobs.late"]
    assert levels == [checkup.WARNING]


def test_a_notice_without_a_mail_gets_one(planted, cast, mailoutbox):
    certificate, wrong = planted
    [notice] = notices.notify(
        "certificate.revised", to=[cast.owner], obj=certificate, number="1", revision=2
    )
    Job.objects.filter(subject_id=notice.pk).delete()
    assert wrong() == {("notices.mails", name(notice))}
    checkup.examine(repair=True)
    assert {check for check, _record in wrong()} == {"jobs.late"}
    jobs.run_due()
    assert wrong() == set()
    Notice.objects.filter(pk=notice.pk).update(mailed_at=None)
    assert wrong() == {("notices.mails", name(notice))}
    # An address that refused our mail gets none, and needs none for what was before it took it.
    refusals.mark(cast.owner.email, code="550", reason="no such user")
    assert wrong() == set()
    RefusedAddress.objects.update(cleared_at=timezone.now())
    assert wrong() == set()
    RefusedAddress.objects.all().delete()
    assert wrong() == {("notices.mails", name(notice))}
    User.objects.filter(pk=cast.owner.pk).update(is_active=False)
    assert ("notices.mails", name(notice)) not in wrong()


# The database.


def test_a_missing_trigger(planted):
    _certificate, wrong = planted
    [trigger, *_others] = sorted(triggers._DECLARED)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP FUNCTION {trigger}() CASCADE")
            assert ("database.triggers", trigger) in wrong()
        else:
            cursor.execute(f"DROP TRIGGER {trigger}_update")
            assert wrong() == {("database.triggers", f"{trigger}_update")}


def test_a_database_of_another_release_is_not_asked_further(planted):
    [leaf] = MigrationLoader(connection).graph.leaf_nodes("accounts")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = %s AND name = %s", leaf)
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('audits', '9999_x', %s)",
            [timezone.now()],
        )
    report = checkup.examine()
    assert [result.check.name for result in report.results] == ["database.migrations"]
    texts = [row.text for _check, row in report.findings()]
    assert len(texts) == 2
    assert "audits.9999_x" in texts[1]


def test_a_database_that_may_lose_work(planted, monkeypatch):
    _certificate, wrong = planted
    question = "SHOW fsync" if connection.vendor == "postgresql" else "PRAGMA synchronous"
    monkeypatch.setattr(checks, "PROMISES", {connection.vendor: {question: {"never"}}})
    assert wrong() == {("database.durable", "")}


# The command.


def run(*arguments):
    out = StringIO()
    try:
        call_command("doctor", *arguments, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def test_the_command_ends_with_1_when_something_is_wrong(db):
    assert run("--strict")[0] == 0
    job = Job.objects.create(kind="foundation.mail_notice", key="1", run_at=timezone.now())
    assert run()[0] == 0
    status, text = run("--strict")
    assert (status, name(job) in text) == (1, True)
    status, text = run("--strict", "--json")
    facts = json.loads(text)
    [late] = [row for row in facts["checks"] if row["findings"]]
    assert (status, facts["sound"], late["name"]) == (1, False, "jobs.late")


def test_every_check_says_what_holds(db):
    assert all(str(check.meaning).endswith(".") for check in checkup.CHECKS.values())
    assert len(checkup.CHECKS) == len(checkup.examine().results)
    assert run("--quick", "-v2")[1].count("ok  ") == len(
        [check for check in checkup.CHECKS.values() if not check.slow]
    )


def test_the_number_of_questions_does_not_grow_with_the_rows(cast):
    counts = []
    for _more in range(3):
        certified(cast)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            checkup.examine()
        counts.append(len(asked))
    assert counts[1] == counts[2]
