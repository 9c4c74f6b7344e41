"""Issuing is written ahead: whatever breaks, there is one number, one document and one mail."""

import hashlib
import json
import re
import string
import subprocess

import pytest
from django.conf import settings
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from certification.documents.certificate import content_digest
from certification.enums import CertificateStatus, Part, RevisionStatus
from certification.flows.cases import CASE_FLOW
from certification.jobs.certificates import put_in_force
from certification.models import (
    Case,
    Certificate,
    CertificateRevision,
    Counter,
    Decision,
    Involvement,
)
from certification.services import issuing
from certification.services.numbers import next_number
from foundation import files, jobs
from foundation.canonical import canonical
from foundation.models import Job, JournalEntry, Notice, StoredFile
from foundation.models.jobs import JobState
from foundation.workflow import StaleState, WrongState, perform
from organisations.models import Site
from tests.certification.casework import (
    PDF,
    act,
    certified,
    deciding_case,
    granted_case,
    pdf_text,
    put_all_in_force,
)


def breaking(table, event, message="the disk is full", code="raise_exception"):
    """Let the database refuse one kind of statement on a table, until it is mended again.

    ``code`` is PostgreSQL's name of the error; SQLite has but one for what a trigger refuses.
    """
    name = f"break_{table}"[:50]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'; END $$"
            )
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
        else:
            cursor.execute(
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
            )
    return name


def mending(name, table):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
            cursor.execute(f"DROP FUNCTION {name}()")
        else:
            cursor.execute(f"DROP TRIGGER {name}")


def render_job(case):
    return Job.objects.get(
        kind=issuing.RENDER, subject_id=case.certificates.get().revisions.get().pk
    )


def standing(case):
    """Return everything that issuing makes true, as numbers and words."""
    certificate = case.certificates.get()
    return {
        "certificate": certificate.status,
        "revisions": list(certificate.revisions.values_list("revision", "status")),
        "files": StoredFile.objects.filter(generated=True).count(),
        "events": certificate.events.count(),
        "notices": Notice.objects.filter(kind="certificate.issued").count(),
        "mails": Job.objects.filter(kind="foundation.mail_notice", subject_id__in=Notice.objects
                                    .filter(kind="certificate.issued").values("pk")).count(),
    }  # fmt: skip


WAITING = {
    "certificate": CertificateStatus.ISSUING,
    "revisions": [(1, RevisionStatus.ISSUING)],
    "files": 0,
    "events": 0,
    "notices": 0,
    "mails": 0,
}
ISSUED = {
    "certificate": CertificateStatus.VALID,
    "revisions": [(1, RevisionStatus.ISSUED)],
    "files": 1,
    "events": 1,
    "notices": 2,
    "mails": 2,
}


# The whole way.


def test_a_grant_becomes_a_document_of_the_frozen_content(cast):
    case = granted_case(cast)
    assert standing(case) == WAITING
    jobs.run_due()
    assert standing(case) == ISSUED
    certificate = case.certificates.get()
    revision = certificate.current_revision
    data = files.read(revision.file)
    text = pdf_text(data)
    assert certificate.number in text
    assert cast.enterprise.name_zh in text
    assert hashlib.sha256(data).hexdigest() == revision.file.sha256
    assert revision.made_with.startswith("weasyprint ")
    assert render_job(case).state == JobState.DONE
    told = [message for message in mail.outbox if certificate.number in message.subject]
    assert {message.to[0] for message in told} == {cast.owner.email, cast.member.email}
    assert len(told) == 2


def test_the_content_attached_to_the_document_is_the_canonical_one(cast, tmp_path):
    case = granted_case(cast)
    jobs.run_due()
    revision = case.certificates.get().current_revision
    (tmp_path / "c.pdf").write_bytes(files.read(revision.file))
    subprocess.run(
        ["pdfdetach", "-save", "1", "-o", "certificate.json", "c.pdf"], cwd=tmp_path, check=True
    )
    attached = (tmp_path / "certificate.json").read_bytes()
    assert attached == canonical(revision.content)
    assert hashlib.sha256(attached).hexdigest() == revision.digest


def test_the_public_sees_only_what_is_issued(cast):
    case = granted_case(cast)
    assert Certificate.objects.published().count() == 0
    put_all_in_force(case)
    assert Certificate.objects.published().count() == 1


# The frozen content.


def test_the_content_is_frozen_when_it_is_decided(cast):
    case = granted_case(cast)
    cast.enterprise.name_zh = "改名有限公司"
    cast.enterprise.save(update_fields=["name_zh"])
    put_all_in_force(case)
    certificate = case.certificates.get()
    assert certificate.holder_zh == "宁波蓝海精密机械有限公司"
    assert certificate.current_revision.content["holder"]["name_zh"] == certificate.holder_zh


def test_the_content_names_everything_a_certificate_must_say(cast):
    case = granted_case(cast)
    certificate = case.certificates.get()
    content = certificate.revisions.get().content
    today = timezone.localdate().isoformat()
    assert content["number"] == certificate.number
    assert content["verify_url"] == f"{settings.BASE_URL}/c/{certificate.code}/"
    assert content["holder"]["identifier"] == cast.enterprise.identifier
    assert content["standard"] == {"iso": "ISO 9001:2015", "gb": "GB/T 19001-2016"}
    assert content["dates"] == {
        "first_issued_on": today,
        "effective_on": today,
        "issued_on": today,
        "expires_on": certificate.expires_on.isoformat(),
        "decided_on": today,
    }
    assert content["issuer"]["approval_number"] == "CNCA-R-0000-034"
    assert content["issuer"]["accreditation"] == "CNAS C000-M"
    assert [site["name_en"] for site in content["sites"]] == ["Headquarters"]
    assert content["revisions"] == [
        {
            "revision": 1,
            "issued_on": today,
            "reason_zh": "首次发证",
            "reason_en": "First issue",
        }
    ]


def test_the_digest_is_that_of_the_canonical_content(cast):
    revision = granted_case(cast).certificates.get().revisions.get()
    stored = json.loads(json.dumps(revision.content))
    assert revision.digest == hashlib.sha256(canonical(stored)).hexdigest()
    assert revision.digest == content_digest(stored)


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (CertificateRevision, {"content": {"number": "other"}}),
        (CertificateRevision, {"digest": "0" * 64}),
        (CertificateRevision, {"revision": 7}),
        (Certificate, {"number": "034 26 Q 99999 R0 S"}),
        (Certificate, {"code": "OTHER"}),
    ],
)
def test_the_database_keeps_number_address_and_content(cast, model, change):
    granted_case(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**change)


def test_the_database_keeps_the_issued_file(cast):
    certified(cast)
    other = files.write_document(PDF, "other.pdf")
    with pytest.raises(DatabaseError), transaction.atomic():
        CertificateRevision.objects.update(file=other)


def test_a_code_has_at_least_100_bits_of_unambiguous_signs():
    codes = [issuing.new_code() for _ in range(1000)]
    assert len(set(codes)) == 1000
    signs = set("".join(codes))
    assert signs == set(issuing.ALPHABET)
    assert not signs & set("01IO" + string.ascii_lowercase)
    assert len(set(issuing.ALPHABET)) ** issuing.CODE_LENGTH >= 2**100
    assert {len(code) for code in codes} == {issuing.CODE_LENGTH}


@pytest.mark.parametrize(("people", "letter"), [(299, "S"), (300, "M"), (999, "M"), (1000, "L")])
def test_the_size_in_a_number_follows_the_people_at_the_sites(cast, people, letter):
    Site.objects.filter(organisation=cast.enterprise).update(day_shift=people)
    assert granted_case(cast).certificates.get().number.endswith(f"R0 {letter}")


# Numbers.


@pytest.mark.django_db(transaction=True)
def test_no_number_is_taken_outside_a_transaction():
    with pytest.raises(transaction.TransactionManagementError):
        next_number(scope="portal", series="T", year=2026)
    assert Counter.objects.filter(series="T").count() == 0


def test_numbers_count_by_body_scheme_and_year(cast):
    granted_case(cast, schemes=("QMS", "EMS"))
    granted_case(cast)
    year = timezone.localdate().year
    rows = Counter.objects.exclude(scope="portal").order_by("series")
    assert list(rows.values_list("scope", "series", "year", "last")) == [
        (str(cast.body.pk), "EMS", year, 1),
        (str(cast.body.pk), "QMS", year, 2),
    ]


GRANT = (
    ("certification_decision", "INSERT"),
    ("certification_auditoutcome", "UPDATE"),
    ("certification_evaluation", "INSERT"),
    ("certification_programmeitem", "UPDATE"),
    ("certification_counter", "UPDATE"),
    ("certification_certificate", "INSERT"),
    ("certification_certificaterevision", "INSERT"),
    ("foundation_job", "INSERT"),
    ("foundation_journalentry", "INSERT"),
    ("foundation_journalchain", "UPDATE"),
)


@pytest.mark.parametrize(("table", "event"), GRANT)
def test_a_grant_that_breaks_anywhere_leaves_nothing_and_takes_no_number(cast, table, event):
    case = deciding_case(cast)
    before = JournalEntry.objects.count()
    name = breaking(table, event)
    with pytest.raises(DatabaseError):
        perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    mending(name, table)
    case.refresh_from_db()
    assert case.status == "deciding"
    assert (Decision.objects.count(), Certificate.objects.count()) == (0, 0)
    assert JournalEntry.objects.count() == before
    perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    assert " Q 00001 R0 " in case.certificates.get().number


# Crash points of issuing.

STATEMENTS = (
    ("foundation_storedfile", "INSERT"),
    ("foundation_storedfile", "UPDATE"),
    ("certification_certificaterevision", "UPDATE"),
    ("certification_certificate", "UPDATE"),
    ("certification_certificateevent", "INSERT"),
    ("foundation_notice", "INSERT"),
    ("foundation_job", "INSERT"),
    ("foundation_journalentry", "INSERT"),
    ("foundation_journalchain", "UPDATE"),
)


@pytest.mark.parametrize(("table", "event"), STATEMENTS)
def test_issuing_that_breaks_at_any_statement_is_taken_up_again(cast, table, event):
    case = granted_case(cast)
    number = case.certificates.get().number
    revision = CertificateRevision.objects.get()
    name = breaking(table, event)
    with pytest.raises(DatabaseError):
        put_in_force(revision, PDF)
    mending(name, table)
    assert standing(case) == WAITING
    put_in_force(CertificateRevision.objects.get(), PDF)
    assert standing(case) == ISSUED
    assert case.certificates.get().number == number


def test_a_job_that_breaks_fails_in_the_open_and_can_be_tried_again(cast):
    case = granted_case(cast)
    name = breaking("certification_certificateevent", "INSERT")
    jobs.run_due()
    mending(name, "certification_certificateevent")
    job = render_job(case)
    assert job.state == JobState.FAILED
    assert "the disk is full" in job.error
    assert standing(case) == WAITING
    told = Notice.objects.filter(kind="certificate.not_issued")
    assert set(told.values_list("recipient", flat=True)) == {cast.certifier.pk, cast.manager.pk}
    assert {row.params["error"] for row in told} == {job.error}
    assert jobs.retry(job) is True
    jobs.run_due()
    assert standing(case) == ISSUED


def test_a_full_file_system_only_delays(cast, settings, tmp_path):
    case = granted_case(cast)
    good, settings.FILES_DIR = settings.FILES_DIR, tmp_path / "no-folder"
    (tmp_path / "no-folder").write_text("a file where the folder should be")
    job = render_job(case)
    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert standing(case) == WAITING
    settings.FILES_DIR = good
    Job.objects.filter(pk=job.pk).update(run_at=timezone.now())
    jobs.run_due()
    assert standing(case) == ISSUED


def test_a_worker_that_died_is_replaced_when_its_lease_runs_out(cast):
    case = granted_case(cast)
    job = render_job(case)
    past = timezone.now() - jobs.LEASE
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, leased_until=past)
    jobs.run_due()
    assert standing(case) == ISSUED


def test_issuing_twice_changes_nothing(cast):
    case = granted_case(cast)
    jobs.run_due()
    job = render_job(case)
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    jobs.run_due()
    assert standing(case) == ISSUED


def test_of_two_workers_on_one_revision_the_second_changes_nothing(cast):
    case = granted_case(cast)
    first = CertificateRevision.objects.get()
    second = CertificateRevision.objects.get()
    put_in_force(first, PDF)
    with pytest.raises((StaleState, WrongState)):
        put_in_force(second, PDF)
    assert standing(case) == ISSUED


def test_bytes_without_a_row_are_swept_and_issued_ones_are_kept(cast):
    case = granted_case(cast)
    name = breaking("certification_certificateevent", "INSERT")
    with pytest.raises(DatabaseError):
        put_in_force(CertificateRevision.objects.get(), PDF)
    mending(name, "certification_certificateevent")
    put_in_force(CertificateRevision.objects.get(), PDF)
    files.sweep(timezone.now() + files.PENDING_FOR * 2)
    assert files.read(case.certificates.get().current_revision.file) == PDF
    kept = [path for path in settings.FILES_DIR.glob("*/*") if path.read_bytes() == PDF]
    assert len(kept) == 1


def test_the_next_revision_breaks_without_harm_to_the_present_one(cast):
    certificate = certified(cast)
    act(cast, certificate, "correct", holder={"name_en": "Lanhai Gears Ltd."})
    revision = certificate.revisions.get(revision=2)
    name = breaking("certification_certificateevent", "INSERT")
    with pytest.raises(DatabaseError):
        put_in_force(revision, PDF)
    mending(name, "certification_certificateevent")
    assert list(certificate.revisions.order_by("revision").values_list("status", flat=True)) == [
        RevisionStatus.ISSUED,
        RevisionStatus.ISSUING,
    ]
    put_in_force(certificate.revisions.get(revision=2), PDF)
    assert list(certificate.revisions.order_by("revision").values_list("status", flat=True)) == [
        RevisionStatus.SUPERSEDED,
        RevisionStatus.ISSUED,
    ]


def test_a_character_without_a_glyph_stops_the_issue_visibly(cast):
    case = deciding_case(cast)
    perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")
    revision = CertificateRevision.objects.get()
    content = revision.content | {"scope_en": "Gears \U0001f600"}
    # As if a font had lost a character between the decision and the document.
    CertificateRevision.objects.filter(pk=revision.pk)._raw_delete("default")
    CertificateRevision.objects.create(
        pk=revision.pk,
        certificate=revision.certificate,
        revision=1,
        content=content,
        digest=content_digest(content),
        reason=revision.reason,
        issued_on=revision.issued_on,
    )
    jobs.run_due()
    job = render_job(case)
    assert job.state == JobState.FAILED
    assert "\U0001f600" in job.error
    assert standing(case) == WAITING


def test_file_names_hold_nothing_but_plain_signs(cast):
    certificate = certified(cast)
    assert re.fullmatch(r"[A-Za-z0-9.\-]+-R1\.pdf", certificate.current_revision.file.name)


def test_people_of_the_case_stay_involved_after_the_grant(cast):
    case = granted_case(cast)
    rows = Involvement.objects.filter(case=Case.objects.get(pk=case.pk))
    assert set(rows.values_list("part", flat=True)) == {Part.AUDIT, Part.REVIEW}
