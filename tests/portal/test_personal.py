"""Personal data: what goes after its time, what a copy holds, what an erasure leaves."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.enums import Happening
from accounts.models import AccountEvent, Connection, SignInSession, User
from audits.models import Absence
from certification.enums import ComplaintStatus
from certification.models import Complaint
from foundation import jobs, journal, notices, refusals
from foundation.models import (
    CalendarFeed,
    DataRequest,
    Digest,
    Job,
    JournalEntry,
    Notice,
    RefusedAddress,
    RetentionRun,
    StoredFile,
)
from foundation.models.jobs import JobState
from foundation.models.privacy import Wish
from organisations.enums import Role
from organisations.models import ApiKey, Invitation, Membership
from organisations.services import invitations
from portal import digests, feeds
from portal.personal import copies, erasure, retention
from tests.certification import complaintwork
from tests.people import PASSWORD


def ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture(autouse=True)
def _told():
    notices.KINDS["trial.told"] = notices.Kind("Told", "Something", notices.WORK)
    yield
    del notices.KINDS["trial.told"]


def tell(user):
    return notices.notify("trial.told", to=[user])[0]


@pytest.fixture
def aged(cast, run_jobs, tmp_path):
    """Plant one row of each kind whose time is over, and one that is a day younger."""
    for days, name in ((0, "young"), (2, "old")):
        event = AccountEvent.objects.create(user=cast.owner, kind=Happening.SIGNED_IN)
        AccountEvent.objects.filter(pk=event.pk).update(created_at=ago(364 + days))
        notice = tell(cast.owner)
        run_jobs()
        Notice.objects.filter(pk=notice.pk).update(read_at=ago(364 + days), created_at=ago(400))
        job = jobs.enqueue("tests.append", key=name, payload={"path": str(tmp_path / "lines")})
        Job.objects.filter(pk=job.pk).update(state=JobState.DONE, done_at=ago(89 + days))
        user = User.objects.create_user(f"{name}@demo.example", name=name)
        User.objects.filter(pk=user.pk).update(date_joined=ago(29 + days))
        digest = Digest.objects.create(recipient=cast.owner, day=ago(days).date())
        Digest.objects.filter(pk=digest.pk).update(created_at=ago(29 + days))
        Absence.objects.create(
            user=cast.auditor,
            body=cast.body,
            entered_by=cast.auditor,
            starts_on=ago(90 + days).date(),
            ends_on=ago(89 + days).date(),
        )
        complaint = complaintwork.filed(cast)
        Complaint.objects.filter(pk=complaint.pk).update(
            status=ComplaintStatus.CLOSED, ended_at=ago(364 + days)
        )
        Notice.objects.filter(kind__startswith="complaint").delete()
    Session.objects.create(session_key="over", session_data="", expire_date=ago(1))
    Session.objects.create(session_key="open", session_data="", expire_date=ago(-1))
    for key in ("over", "open"):
        SignInSession.objects.create(user=cast.owner, session_key=key, seen_at=ago(1))
    Job.objects.filter(kind="foundation.mail_notice").update(done_at=ago(10))


def test_only_what_is_older_than_the_table_says_is_removed(aged, cast):
    before = retention.apply(dry_run=True)
    assert before == {
        "accounts": 1, "account_events": 1, "notices": 1, "digests": 1, "jobs": 1, "exports": 0,
        "sessions": 2, "absences": 1, "complainants": 1,
    }  # fmt: skip
    assert Notice.objects.count() == 2
    assert retention.apply() == before
    assert (Notice.objects.count(), AccountEvent.objects.count()) == (1, 1)
    assert Digest.objects.get().created_at > ago(30)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    assert list(SignInSession.objects.values_list("session_key", flat=True)) == ["open"]
    assert not User.objects.filter(name="old").exists()
    assert User.objects.filter(name="young").exists()
    assert not Job.objects.filter(key="old").exists()
    assert Absence.objects.count() == 1
    assert sorted(Complaint.objects.values_list("name", flat=True)) == ["", "Ma Xiaoming"]


def test_what_was_removed_is_journaled_in_sum_and_removed_once(aged):
    retention.apply()
    entry = JournalEntry.objects.get(verb="retention.applied")
    assert entry.data["notices"] == 1
    assert entry.data["edition"] == retention.table()[0]
    assert set(retention.apply().values()) == {0}
    assert RetentionRun.objects.count() == 1
    assert journal.verify(entry.chain) == []


def test_records_of_certification_are_never_removed_by_age(world, cast):
    """Everything of the case stays, however old it is; the file of a list is only a copy."""
    tables = [type(row) for row in (world.application, world.case, world.finding)]
    tables += [type(world.certificate), StoredFile, JournalEntry, Membership]
    before = {table: table._base_manager.count() for table in tables}
    retention.apply(now=timezone.now() + timedelta(days=3650))
    after = {table: table._base_manager.count() for table in tables}
    assert after == before | {
        JournalEntry: before[JournalEntry] + 1,
        StoredFile: before[StoredFile] - 1,
    }


def test_every_rule_with_days_removes_something_and_no_other():
    _edition, rules = retention.table()
    assert {row.rule for row in retention.REMOVALS} == {
        rule.key for rule in rules if rule.days is not None
    }
    assert all(rule.source and rule.names["zh"] and rule.names["en"] for rule in rules)


def test_a_digest_that_waits_for_its_mail_stays(cast):
    digest = Digest.objects.create(recipient=cast.owner, day=ago(40).date())
    Digest.objects.filter(pk=digest.pk).update(created_at=ago(40))
    jobs.enqueue(digests.MAIL, key="digest", subject=digest)
    assert retention.apply()["digests"] == 0
    Job.objects.update(state=JobState.DONE, done_at=ago(1))
    assert retention.apply()["digests"] == 1


def test_command_says_what_would_go_and_touches_nothing(aged, capsys):
    call_command("apply_retention", dry_run=True)
    assert "notices: 1 would go" in capsys.readouterr().out
    assert Notice.objects.count() == 2
    call_command("apply_retention")
    assert "notices: 1 removed" in capsys.readouterr().out


# A copy


def unpacked(response):
    data = b"".join(response.streaming_content)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist()}


def test_copy_is_made_by_a_job_and_fetched_by_its_person_alone(cast, client, run_jobs):
    cast.client(client, "owner")
    client.post("/my-data/copy/")
    client.post("/my-data/copy/")
    assert DataRequest.objects.count() == 1
    run_jobs()
    request = DataRequest.objects.get()
    assert Notice.objects.filter(kind=copies.READY, recipient=cast.owner).count() == 1
    address = f"/my-data/copy/{request.pk}/"
    assert address in client.get("/my-data/").content.decode()
    found = unpacked(client.get(address))
    assert found["person.json"][0]["email"] == cast.owner.email
    assert [row["role"] for row in found["roles.json"]] == [Role.OWNER]
    for person in ("member", "rival_owner", "operator"):
        assert cast.client(client, person).get(address).status_code == 404
    assert cast.client(client, "anonymous").get(address).status_code == 302


def test_copy_that_could_not_be_made_is_tried_again_when_asked_for(cast, client, run_jobs):
    cast.client(client, "owner").post("/my-data/copy/")
    Job.objects.filter(kind=copies.MAKE).update(state=JobState.FAILED, error="OSError: full")
    client.post("/my-data/copy/")
    run_jobs()
    request = DataRequest.objects.get()
    assert unpacked(client.get(f"/my-data/copy/{request.pk}/"))["person.json"]


def open_doors(user, organisation):
    """Give a person a connected sign-in and a key."""
    Connection.objects.create(user=user, provider="x", issuer="x", subject="somebody")
    ApiKey.objects.create(
        user=user, organisation=organisation, name="Archive", prefix="cpk_1",
        secret_hash="CANARYHASH", scopes=["identity"], expires_at=ago(-1),
    )  # fmt: skip


def test_copy_holds_no_secret_and_nothing_of_anybody_else(cast, world, run_jobs):
    open_doors(cast.owner, cast.enterprise)
    contents = copies.contents(cast.owner)
    text = json.dumps(contents, default=str, ensure_ascii=False)
    assert cast.owner.password not in text
    assert "CANARYHASH" not in text
    assert [len(contents[name]) for name in ("connected-sign-ins", "api-keys")] == [1, 1]
    assert "CANARY竞争" not in text
    assert "CANARYINTERNAL" not in text
    journal_of = JournalEntry.objects.filter(user=cast.owner)
    assert len(contents["journal"]) == journal_of.count() > 0
    assert {row["name"] for row in contents["files"]} == set(
        StoredFile.objects.filter(uploaded_by=cast.owner).values_list("name", flat=True)
    )


def test_link_of_a_copy_expires_and_the_copy_goes(cast, client, run_jobs):
    cast.client(client, "owner")
    client.post("/my-data/copy/")
    run_jobs()
    request = DataRequest.objects.get()
    DataRequest.objects.update(expires_at=ago(0), created_at=ago(8))
    assert client.get(f"/my-data/copy/{request.pk}/").status_code == 404
    assert retention.apply()["exports"] == 1
    assert not DataRequest.objects.exists()
    assert not StoredFile.objects.filter(pk=request.file_id).exists()


# Erasure


def wish_of(cast, client, person):
    cast.client(client, person)
    client.post("/my-data/erasure/", {"sure": "1"})
    return DataRequest.objects.get(wish=Wish.ERASURE)


def test_wish_needs_a_tick_and_may_be_taken_back(cast, client):
    cast.client(client, "member")
    client.post("/my-data/erasure/")
    assert not DataRequest.objects.exists()
    wish_of(cast, client, "member")
    client.post("/my-data/erasure/", {"sure": "1"})
    assert DataRequest.objects.count() == 1
    assert Notice.objects.filter(kind=erasure.ASKED, recipient=cast.operator).count() == 1
    client.post("/my-data/erasure/", {"withdraw": "1"})
    assert not DataRequest.objects.open_erasures().exists()
    assert User.objects.get(pk=cast.member.pk).is_active


def test_wish_says_by_when_it_is_decided(cast, client):
    request = wish_of(cast, client, "member")
    asked = datetime(2026, 9, 28, 2, 0, tzinfo=UTC)  # the week of the national day follows
    DataRequest.objects.filter(pk=request.pk).update(created_at=asked)
    assert '<time datetime="2026-10-23">23 October' in client.get("/my-data/").content.decode()
    cast.client(client, "operator")
    page = client.get("/status/erasures/").content.decode()
    assert '<time datetime="2026-10-23">23 October' in page


def test_erasure_leaves_the_records_and_nothing_else(cast, world, client, run_jobs):
    person = cast.auditor2
    tell(person)
    sent = Digest.objects.create(
        recipient=person, day=ago(1).date(), mailed_at=ago(1), mailed_to=person.email
    )
    waiting = Digest.objects.create(recipient=person, day=ago(0).date())
    failed = jobs.enqueue(digests.MAIL, key="failed", subject=sent)
    Job.objects.filter(pk=failed.pk).update(state=JobState.FAILED, error=f"554 {person.email}")
    jobs.enqueue(digests.MAIL, key="waiting", subject=waiting)
    open_doors(person, cast.body)
    feeds.renew(person)
    refusals.mark(person.email, code="550", reason="no such mailbox")
    browser = Client()
    browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    entries = JournalEntry.objects.filter(user=person).count()
    request = wish_of(cast, client, "auditor2")
    cast.client(client, "operator")
    page = client.get(f"/status/erasures/{request.pk}/").content.decode()
    assert "Journal entries, with the name at the time" in page
    assert client.post(f"/status/erasures/{request.pk}/").status_code == 302
    gone = User.objects.get(pk=person.pk)
    assert (gone.is_active, gone.name, gone.has_usable_password()) == (False, "–", False)
    assert gone.email.endswith("@erased.invalid")
    for rows in (
        EmailAddress.objects.filter(user=person),
        SignInSession.objects.filter(user=person),
        Connection.objects.filter(user=person),
        ApiKey.objects.filter(user=person),
        Notice.objects.filter(recipient=person),
        Digest.objects.filter(recipient=person),
        Job.objects.filter(kind=digests.MAIL),
        CalendarFeed.objects.filter(user=person),
        RefusedAddress.objects.filter(address=person.email),
        Membership.objects.filter(user=person, ended_at=None),
    ):
        assert not rows.exists()
    # Records of certification keep who did what.
    kept = JournalEntry.objects.filter(user=person)
    assert kept.count() == entries + 1
    assert set(kept.values_list("user_name", flat=True)) == {"周牧野"}
    assert journal.verify(kept.first().chain) == []
    entry = JournalEntry.objects.get(verb="personal.erased")
    assert (entry.user, entry.data["kept"]["Records of competence"]) == (
        cast.operator,
        person.competences.count() if hasattr(person, "competences") else 3,
    )
    assert "周牧野" not in json.dumps(entry.data, ensure_ascii=False)
    # Nobody gets in any more, and the address is free.
    assert browser.get("/desk/").status_code == 302
    again = {"login": person.email, "password": PASSWORD}
    assert Client().post("/accounts/login/", again).status_code == 200
    assert not User.objects.filter(email=person.email).exists()
    run_jobs()
    assert not Job.objects.filter(state=JobState.FAILED).exists()


def test_erasure_takes_the_address_out_of_invitations(cast, client, run_jobs):
    person, other = cast.auditor2, "somebody.else@demo.example"
    owner = {"actor": cast.actor("owner"), "organisation": cast.enterprise, "roles": ["member"]}
    accepted = invitations.invite(email=person.email, **owner)
    invitations.accept(invitation=accepted, user=person)
    Membership.objects.filter(user=person, organisation=cast.enterprise).delete()
    unanswered = invitations.invite(email=person.email, **owner)
    kept = invitations.invite(email=other, **owner)
    EmailAddress.objects.create(user=person, email=other, verified=False)
    request = wish_of(cast, client, "auditor2")
    cast.client(client, "operator").post(f"/status/erasures/{request.pk}/")
    rows = {row.pk: (row.email, row.is_open) for row in Invitation.objects.all()}
    assert rows == {accepted.pk: ("", False), unanswered.pk: ("", False), kept.pk: (other, True)}
    about = Job.objects.filter(kind="organisations.mail_invitation")
    assert [row.subject_id for row in about] == [kept.pk]
    run_jobs()
    assert not Job.objects.filter(state=JobState.FAILED).exists()


def test_last_owner_is_not_erased_before_somebody_else_is(cast, client):
    cast.client(client, "owner")
    assert "would have no Owner any more" in client.get("/my-data/").content.decode()
    request = erasure.ask(actor=cast.actor("owner"))
    cast.client(client, "operator")
    page = client.post(f"/status/erasures/{request.pk}/")
    assert (page.status_code, User.objects.get(pk=cast.owner.pk).is_active) == (422, True)
    Membership.objects.create(user=cast.member, organisation=cast.enterprise, role=Role.OWNER)
    assert client.post(f"/status/erasures/{request.pk}/").status_code == 302


def test_decline_says_why_and_is_final(cast, client):
    request = wish_of(cast, client, "member")
    cast.client(client, "operator")
    address = f"/status/erasures/{request.pk}/"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "A case is open."}).status_code == 302
    assert client.post(address).status_code == 403
    cast.client(client, "member")
    assert "A case is open." in client.get("/my-data/").content.decode()
    assert JournalEntry.objects.filter(verb="personal.erasure_declined").count() == 1


@pytest.mark.parametrize("person", ["owner", "manager", "supervisor"])
def test_only_operators_decide(cast, client, person):
    request = wish_of(cast, client, "member")
    cast.client(client, person)
    assert client.get("/status/erasures/").status_code == 403
    assert client.post(f"/status/erasures/{request.pk}/").status_code == 403


def test_privacy_page_tells_the_table(client, db):
    page = client.get("/privacy/").content.decode()
    for rule in retention.table()[1]:
        assert rule.names["en"] in page
        assert rule.source in page
