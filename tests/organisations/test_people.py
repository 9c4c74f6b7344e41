"""Who belongs to an organisation: invited, joined, left, removed, handed over, replaced."""

import re
from email import message_from_bytes
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from foundation import notices
from foundation.models import Job, JournalEntry, Notice, RefusedAddress, StoredFile, Upload
from organisations.enums import Role
from organisations.models import Handover, Invitation, Membership
from organisations.notices import TEAM
from organisations.services import invitations, teams
from tests.certification.applications import pdf
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

NEW = "chen.wei@newcomer.example"
JOIN = {"name": "陈薇", "password": "tong-tian-2026-lu"}


def address(cast, name, *rest, organisation=None):
    found = organisation or cast.enterprise
    return reverse(f"organisations:{name}", args=[found.pk, *rest])


def invite(cast, run_jobs, *, email=NEW, roles=("member",), by="owner", organisation=None):
    """Invite somebody through the page and return the link of the mail."""
    found = organisation or cast.enterprise
    client = cast.client(Client(), by)
    facts = {"email": email, "roles": list(roles)}
    answer = client.post(address(cast, "invite", organisation=found), facts)
    assert answer.status_code == 302
    return link(run_jobs)


def link(run_jobs):
    run_jobs()
    return re.search(r"http://\S+?(/invitations/\S+)", mail.outbox[-1].body).group(1)


def roles_of(user, organisation) -> set[str]:
    rows = Membership.objects.current().filter(user=user, organisation=organisation)
    return set(rows.values_list("role", flat=True))


def verbs() -> list[str]:
    rows = JournalEntry.objects.filter(verb__startswith="organisation.").order_by("pk")
    return [verb.partition(".")[2] for verb in rows.values_list("verb", flat=True)]


def test_a_newcomer_joins_with_a_name_and_a_password(cast, run_jobs):
    path = invite(cast, run_jobs, roles=["owner", "member"])
    assert mail.outbox[-1].to == [NEW]
    assert "Owner, Member" in mail.outbox[-1].body or "Member, Owner" in mail.outbox[-1].body
    client = Client()
    answer = client.post(path, JOIN, follow=True)
    assert answer.redirect_chain[-1][0] == "/desk/"
    user = User.objects.get(email=NEW)
    assert (user.name, user.check_password(JOIN["password"])) == ("陈薇", True)
    assert roles_of(user, cast.enterprise) == {"owner", "member"}
    assert EmailAddress.objects.get(user=user).verified
    assert client.session["acting_as"] == str(cast.enterprise.pk)
    assert verbs()[-2:] == ["invited", "joined"]
    assert (
        Notice.objects.get(recipient=cast.owner, kind="organisations.joined").params["person"]
        == "陈薇"
    )


def test_only_the_hash_of_the_link_is_kept(cast, run_jobs):
    token = invite(cast, run_jobs).rstrip("/").rpartition("/")[2]
    row = Invitation.objects.get()
    assert row.token_hash == invitations.hash_of(token)
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM foundation_job")
        assert token not in str(cursor.fetchall())


def test_a_link_is_good_once(cast, run_jobs):
    path = invite(cast, run_jobs)
    Client().post(path, JOIN)
    page = Client().get(path)
    assert page.status_code == 410
    assert "It was accepted already" in page.content.decode()
    assert Client().post(path, JOIN).status_code == 410


def test_a_link_is_good_for_seven_days(cast, run_jobs):
    with time_machine.travel("2026-11-20T10:00:00+08:00", tick=False) as clock:
        path = invite(cast, run_jobs)
        clock.shift(7 * 86400 - 1)
        assert Client().get(path).status_code == 200
        clock.shift(2)
        page = Client().get(path)
        assert page.status_code == 410
        assert "Ask 沈若溪 to send it again" in page.content.decode()
        row = Invitation.objects.get()
        client = cast.client(Client(), "owner")
        client.post(address(cast, "invitation_again", row.pk))
        assert Client().get(link(run_jobs)).status_code == 200
        assert Client().get(path).status_code == 410


def test_what_is_withdrawn_opens_nothing(cast, run_jobs):
    path = invite(cast, run_jobs)
    client = cast.client(Client(), "owner")
    row = Invitation.objects.get()
    client.post(address(cast, "invitation_withdraw", row.pk))
    page = Client().post(path, JOIN)
    assert page.status_code == 410
    assert "It was withdrawn" in page.content.decode()
    assert not User.objects.filter(email=NEW).exists()
    for name in ("invitation_again", "invitation_withdraw"):
        text = client.post(address(cast, name, row.pk), follow=True).content.decode()
        assert "answered or withdrawn meanwhile" in text


@pytest.mark.parametrize("token", ["x", "a" * 43, "%00", "陈"])
def test_an_unknown_link_says_what_to_do(client, cast, token):
    page = client.get(f"/invitations/{token}/")
    assert page.status_code == 410
    assert "Open the link of the newest mail" in page.content.decode()


def test_an_existing_person_signs_in_and_accepts(cast, run_jobs):
    path = invite(cast, run_jobs, email=cast.rival_owner.email.upper())
    client = Client()
    assert "Sign in with it, then accept" in client.get(path).content.decode()
    assert client.post(path, JOIN).status_code == 200
    facts = {"login": cast.rival_owner.email, "password": PASSWORD, "next": path}
    assert client.post(reverse("account_login"), facts)["Location"] == path
    assert "Accept the invitation" in client.get(path).content.decode()
    assert roles_of(cast.rival_owner, cast.enterprise) == set()
    assert client.post(path)["Location"] == "/desk/"
    assert roles_of(cast.rival_owner, cast.enterprise) == {"member"}


@pytest.mark.parametrize("person", ["member", "rival_manager", "operator"])
def test_somebody_else_is_told_kindly_and_gets_nothing(client, cast, run_jobs, person):
    path = invite(cast, run_jobs)
    cast.client(client, person)
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 200
        assert "this invitation is for another address" in answer.content.decode()
    assert Invitation.objects.get().is_open


def test_an_unproved_address_of_somebody_accepts_nothing(client, cast, run_jobs):
    path = invite(cast, run_jobs)
    EmailAddress.objects.create(user=cast.rival_owner, email=NEW, verified=False)
    cast.client(client, "rival_owner").post(path)
    assert roles_of(cast.rival_owner, cast.enterprise) == set()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "1234567890123"}, "password"),
        ({"password": "password1234"}, "password"),
        ({"password": NEW}, "password"),
        ({"name": ""}, "name"),
        ({"name": "陈\u202e薇"}, "name"),
    ],
)
def test_a_bad_answer_keeps_the_invitation(client, cast, run_jobs, change, field):
    path = invite(cast, run_jobs)
    page = client.post(path, JOIN | change)
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {field})
    assert Invitation.objects.get().is_open


def test_a_failed_mail_is_sent_again_with_a_link_that_works(cast, run_jobs, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    client = cast.client(Client(), "owner")
    client.post(address(cast, "invite"), {"email": NEW, "roles": ["member"]})
    run_jobs()
    assert Invitation.objects.get().sent_round == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    client.post(address(cast, "invitation_again", Invitation.objects.get().pk))
    assert Client().get(link(run_jobs)).status_code == 200
    assert len(mail.outbox) == 1


def posted(cast, run_jobs, name):
    """Invite an address of the far server; return the job and the words the page shows of it."""
    client = cast.client(Client(), "owner")
    facts = {"email": f"{name}@far.example", "roles": ["member"]}
    assert client.post(address(cast, "invite"), facts).status_code == 302
    run_jobs()
    page = client.get(address(cast, "people")).content.decode()
    words = ("Not sent yet", "Could not be delivered")
    return Job.objects.get(), [word for word in words if word in page]


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("gone", "AddressRefusedError: 550 5.1.1 No such user here"),
        ("plain", "AddressRefusedError: 550 No such user"),
        ("relay", "MailRefusedError: 554 5.7.1 Relay access denied"),
        ("odd", "MailRefusedError: 554 5.6.0 Message refused"),
    ],
)
def test_an_invitation_refused_for_good_is_tried_once_and_said(
    cast, run_jobs, mail_server, name, error
):
    job, shown = posted(cast, run_jobs, name)
    assert (job.state, job.attempts, job.error) == ("failed", 1, error)
    assert shown == ["Could not be delivered"]
    assert mail_server.asked == [f"{name}@far.example"]
    assert not RefusedAddress.objects.exists()


def test_an_invitation_that_waits_for_the_server_says_so(cast, run_jobs, mail_server):
    job, shown = posted(cast, run_jobs, "later")
    assert (job.state, job.attempts, shown) == ("queued", 1, ["Not sent yet"])


def test_an_invitation_that_went_out_says_nothing_and_is_marked_as_automatic(
    cast, run_jobs, mail_server
):
    job, shown = posted(cast, run_jobs, "chen")
    assert (job.state, shown) == ("done", [])
    ((recipient, data),) = mail_server.taken
    head = message_from_bytes(data)
    host = urlsplit(settings.BASE_URL).hostname
    assert (recipient, head["Auto-Submitted"]) == ("chen@far.example", "auto-generated")
    assert head["Message-ID"].endswith(f"@{host}>")


def test_each_attempt_is_a_mail_of_its_own_since_its_link_is(cast, run_jobs):
    invite(cast, run_jobs)
    client = cast.client(Client(), "owner")
    client.post(address(cast, "invitation_again", Invitation.objects.get().pk))
    run_jobs()
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 2


def test_what_is_sent_again_after_a_refusal_waits_anew(cast, run_jobs, mail_server):
    posted(cast, run_jobs, "gone")
    client = cast.client(Client(), "owner")
    client.post(address(cast, "invitation_again", Invitation.objects.get().pk))
    page = client.get(address(cast, "people")).content.decode()
    assert ("Not sent yet" in page, "Could not be delivered" in page) == (True, False)
    mail_server.answers.clear()
    run_jobs()
    page = client.get(address(cast, "people")).content.decode()
    assert ("Not sent yet" in page, "Could not be delivered" in page) == (False, False)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"email": "no", "roles": ["member"]}, "email"),
        ({"email": NEW, "roles": []}, "roles"),
        ({"email": NEW, "roles": ["certifier"]}, "roles"),
        ({"email": "member@demo.example", "roles": ["member"]}, "email"),
    ],
)
def test_what_cannot_be_invited(client, cast, facts, field):
    page = cast.client(client, "owner").post(address(cast, "invite"), facts)
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {field})
    assert not Invitation.objects.exists()


def test_the_page_tells_nobody_whether_an_address_has_an_account(client, cast):
    cast.client(client, "owner")
    pages = [
        client.post(address(cast, "invite"), {"email": e, "roles": ["member"]}, follow=True)
        for e in (NEW, cast.rival_owner.email, cast.operator.email)
    ]
    assert [page.redirect_chain[-1][0] for page in pages] == [address(cast, "people")] * 3


def test_a_newer_invitation_replaces_the_older(cast, run_jobs):
    older = invite(cast, run_jobs)
    newer = invite(cast, run_jobs, roles=["owner"])
    assert [Client().get(path).status_code for path in (older, newer)] == [410, 200]


@pytest.mark.parametrize("person", ["member", "rival_owner", "manager", "inspector"])
def test_only_those_who_run_it_invite(client, cast, person):
    answer = cast.client(client, person).post(
        address(cast, "invite"), {"email": NEW, "roles": ["member"]}
    )
    assert answer.status_code in (403, 404)
    assert not Invitation.objects.exists()


def test_too_many_invitations_wait(client, cast, run_jobs):
    cast.client(client, "owner")
    for number in range(40):
        facts = {"email": f"x{number}@newcomer.example", "roles": ["member"]}
        assert client.post(address(cast, "invite"), facts).status_code == 302
    page = client.post(address(cast, "invite"), {"email": NEW, "roles": ["member"]})
    assert page.status_code == 429
    assert NEW in page.content.decode()


def test_a_member_leaves(client, cast):
    cast.client(client, "member")
    assert "Leave Ningbo" in client.get(address(cast, "leave")).content.decode()
    assert client.post(address(cast, "leave"))["Location"] == "/desk/"
    assert roles_of(cast.member, cast.enterprise) == set()
    assert client.get(cast.enterprise.get_absolute_url()).status_code == 404
    assert not Notice.objects.filter(kind="organisations.removed").exists()


def test_the_last_who_runs_it_stays(client, cast):
    page = cast.client(client, "owner").post(address(cast, "leave"))
    assert page.status_code == 422
    assert "the last Owner. Hand over" in page.content.decode()
    assert roles_of(cast.owner, cast.enterprise) == {"owner"}


def test_somebody_inactive_does_not_count_as_running_it(cast):
    Membership.objects.create(user=cast.member, organisation=cast.enterprise, role=Role.OWNER)
    User.objects.filter(pk=cast.member.pk).update(is_active=False)
    with pytest.raises(ValidationError, match="last"):
        teams.end_person(actor=cast.actor("owner"), organisation=cast.enterprise, user=cast.owner)


def test_a_colleague_is_removed_with_all_roles_and_told(client, cast):
    Membership.objects.create(user=cast.reviewer, organisation=cast.body, role=Role.PLANNER)
    path = address(cast, "remove", cast.reviewer.pk, organisation=cast.body)
    cast.client(client, "manager").post(path)
    assert roles_of(cast.reviewer, cast.body) == set()
    assert Notice.objects.get(recipient=cast.reviewer).kind == "organisations.removed"
    assert verbs()[-2:] == ["member_ended", "member_ended"]
    assert client.post(path).status_code == 404


def test_the_mail_of_a_dismissal_says_why_it_cannot_be_switched_off(client, cast, run_jobs):
    cast.client(client, "owner").post(address(cast, "remove", cast.member.pk))
    run_jobs()
    (message,) = mail.outbox
    assert message.to == [cast.member.email]
    assert (
        "This e-mail cannot be switched off: "
        "You must know who acts for your organisation, and whether you do."
    ) in message.body


def test_what_ends_or_passes_on_a_role_has_a_reason_of_its_own():
    team = {name for name, kind in notices.KINDS.items() if kind.required is TEAM}
    assert team == {
        "organisations.removed",
        "organisations.handover_offered",
        "organisations.handed_over",
        "organisations.replacement_began",
    }


def test_handing_over_is_offered_and_accepted(client, cast):
    cast.client(client, "owner")
    page = client.post(address(cast, "handover"), {"person": cast.member.pk})
    assert page.context["form"].errors.keys() == {"password"}
    facts = {"person": cast.member.pk, "password": PASSWORD}
    client.post(address(cast, "handover"), facts)
    row = Handover.objects.get()
    assert roles_of(cast.member, cast.enterprise) == {"member"}
    other = cast.client(Client(), "member")
    assert "wants to hand over to you: Owner" in other.get(address(cast, "people")).content.decode()
    other.post(address(cast, "handover_answer", row.pk), {"answer": "accept"})
    assert roles_of(cast.member, cast.enterprise) == {"member", "owner"}
    assert roles_of(cast.owner, cast.enterprise) == {"member"}
    again = other.post(address(cast, "handover_answer", row.pk), {"answer": "accept"}, follow=True)
    assert "This offer is over" in again.content.decode()
    assert verbs() == ["handover_offered", "handed_over", "member_ended"]


@pytest.mark.parametrize(("person", "answer"), [("member", "decline"), ("owner", "withdraw")])
def test_an_offer_is_declined_or_taken_back(client, cast, person, answer):
    teams.offer_handover(actor=cast.actor("owner"), organisation=cast.enterprise, user=cast.member)
    row = Handover.objects.get()
    cast.client(client, person)
    client.post(address(cast, "handover_answer", row.pk), {"answer": answer})
    assert not Handover.objects.get().is_open
    client.post(address(cast, "handover_answer", row.pk), {"answer": "accept"})
    assert roles_of(cast.owner, cast.enterprise) == {"owner"}


def test_nobody_accepts_what_was_offered_to_somebody_else(cast):
    row = teams.offer_handover(
        actor=cast.actor("owner"), organisation=cast.enterprise, user=cast.member
    )
    for name in ("owner", "rival_owner"):
        with pytest.raises(ValidationError, match="somebody else"):
            teams.answer_handover(actor=cast.actor(name), handover=row, accepts=True)


def test_handing_over_and_replacing_need_a_confirmed_person(cast):
    unproved = teams.actor_in(cast.owner, cast.enterprise)
    with pytest.raises(PermissionDenied, match="Confirm first"):
        teams.offer_handover(actor=unproved, organisation=cast.enterprise, user=cast.member)


def replace(cast, client, **changes):
    facts = {"email": NEW, "reason": "The owner died.", "evidence": pdf("letter.pdf")}
    return client.post(address(cast, "replace"), facts | changes)


def test_an_operator_replaces_an_owner_who_is_gone(client, cast, run_jobs):
    cast.client(client, "operator")
    assert replace(cast, client).context["form"].errors.keys() == {"password"}
    assert replace(cast, client, password=PASSWORD).status_code == 302
    entry = JournalEntry.objects.get(verb="organisation.replacement_began")
    assert entry.data.keys() == {"person", "reason", "sha256"}
    assert Notice.objects.get(recipient=cast.owner).kind == "organisations.replacement_began"
    run_jobs()
    (path,) = [
        found.group(1)
        for message in mail.outbox
        if (found := re.search(r"http://\S+?(/invitations/\S+)", message.body))
    ]
    assert roles_of(cast.owner, cast.enterprise) == {"owner"}
    Client().post(path, JOIN)
    assert roles_of(User.objects.get(email=NEW), cast.enterprise) == {"owner"}
    assert roles_of(cast.owner, cast.enterprise) == set()


def test_a_wrong_password_keeps_the_evidence(client, cast):
    cast.client(client, "operator")
    page = replace(cast, client, password="wrong")
    assert page.context["form"].errors.keys() == {"password"}
    row = Upload.objects.get()
    assert f'name="evidence-ready" value="{row.pk}" checked' in page.content.decode()
    facts = {"email": NEW, "reason": "The owner died.", "evidence-ready": str(row.pk)}
    answer = client.post(address(cast, "replace"), facts | {"password": PASSWORD})
    assert answer.status_code == 302
    entry = JournalEntry.objects.get(verb="organisation.replacement_began")
    assert entry.data["sha256"] == StoredFile.objects.get(name="letter.pdf").sha256


def test_the_evidence_is_the_operators_alone(client, cast):
    cast.client(client, "operator")
    replace(cast, client, password=PASSWORD)
    stored = StoredFile.objects.get(name="letter.pdf")
    path = reverse("foundation:file", args=[stored.pk])
    answer = client.get(path)
    assert (answer.status_code, b"".join(answer.streaming_content)[:5]) == (200, b"%PDF-")
    assert cast.client(client, "owner").get(path).status_code == 404


@pytest.mark.parametrize("person", ["owner", "manager", "supervisor"])
def test_nobody_but_an_operator_replaces(client, cast, person):
    assert replace(cast, cast.client(client, person)).status_code == 403


@pytest.mark.parametrize("person", ["member", "operator"])
def test_the_page_of_people(client, cast, run_jobs, person):
    invite(cast, run_jobs)
    page = cast.client(client, person).get(address(cast, "people")).content.decode()
    assert cast.owner.email in page
    assert (NEW in page) == (person == "operator")
    assert "Send again" not in page


def test_strangers_and_authorities_see_no_people(client, cast):
    for person in ("rival_owner", "manager", "supervisor"):
        assert cast.client(client, person).get(address(cast, "people")).status_code == 404


def test_the_page_asks_as_often_for_one_person_as_for_three(client, cast, run_jobs):
    cast.client(client, "owner")
    counts = []
    for number in range(3):
        user = User.objects.create_user(f"p{number}@demo.example", name=f"P {number}")
        Membership.objects.create(user=user, organisation=cast.enterprise, role=Role.MEMBER)
        invitations.invite(
            actor=cast.actor("owner"),
            organisation=cast.enterprise,
            email=f"q{number}@demo.example",
            roles=["member"],
        )
        with CaptureQueriesContext(connection) as asked:
            client.get(address(cast, "people"))
        counts.append(len(asked))
    assert counts[0] == counts[2]
