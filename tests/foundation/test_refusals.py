"""Mail that does not arrive: seen, shown, not tried in vain, and set right again."""

import io
import mailbox
from email.message import EmailMessage

import pytest
from django.core.management import CommandError, call_command

from foundation import jobs, refusals
from foundation.models import Job, Notice, RefusedAddress
from tests.foundation.test_notices import REQUIRED, tell
from tests.matrix import objects

REASON = "550 5.1.1 No such user here"


def moved(user, name):
    user.email = f"{name}@far.example"
    user.save(update_fields=["email"])
    return user


def marks() -> list[tuple]:
    rows = RefusedAddress.objects.filter(cleared_at=None)
    return [(row.address, row.code) for row in rows]


def the_job():
    return Job.objects.get(kind="foundation.mail_notice")


def test_a_mail_is_taken_by_a_real_server(cast, mail_server):
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    ((recipient, data),) = mail_server.taken
    assert recipient == "owner@demo.example"
    assert b"Content-Type: text/html" in data
    assert marks() == []


@pytest.mark.parametrize("name", ["gone", "plain", "full"])
def test_an_address_that_takes_no_mail_is_marked_and_not_tried_again(cast, mail_server, name):
    moved(cast.owner, name)
    (notice,) = tell(REQUIRED, cast.owner)
    jobs.run_due()
    assert marks() == [(f"{name}@far.example", mail_server.answers[name][:3])]
    assert (the_job().state, the_job().attempts) == ("done", 1)
    notice.refresh_from_db()
    assert (notice.mailed_at, notice.mailed_to) == (None, "")
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    assert mail_server.asked == [f"{name}@far.example"]


def test_a_refusal_that_passes_is_tried_again(cast, mail_server):
    moved(cast.owner, "later")
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    assert (the_job().state, the_job().attempts, marks()) == ("queued", 1, [])
    mail_server.answers.clear()
    Job.objects.update(run_at=the_job().created_at)
    jobs.run_due()
    assert (the_job().state, len(mail_server.taken)) == ("done", 1)


@pytest.mark.parametrize(
    ("name", "words"), [("relay", "Relay access denied"), ("odd", "Message refused")]
)
def test_a_refusal_that_is_not_the_addresss_fault_fails_in_the_open(cast, mail_server, name, words):
    moved(cast.owner, name)
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    assert (the_job().state, the_job().attempts, marks()) == ("failed", 1, [])
    assert words in the_job().error


def test_one_refused_address_does_not_keep_mail_from_others(cast, mail_server):
    moved(cast.owner, "gone")
    tell(REQUIRED, cast.owner, cast.member)
    jobs.run_due()
    assert [recipient for recipient, _data in mail_server.taken] == ["member@demo.example"]


def test_the_person_is_told_and_can_set_it_right(client, cast, mail_server):
    moved(cast.owner, "gone")
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    cast.client(client, "owner")
    for page in ("/desk/", "/notices/", "/notices/settings/"):
        text = client.get(page).content.decode()
        assert "Our e-mails do not reach you" in text
        assert REASON in text
    mail_server.answers.clear()
    answer = client.post("/notices/address-works/", {"next": "/desk/"}, follow=True)
    assert "Our e-mails do not reach you" not in answer.content.decode()
    jobs.run_due()
    assert [recipient for recipient, _data in mail_server.taken] == ["gone@far.example"]
    client.post("/notices/address-works/")
    jobs.run_due()
    assert len(mail_server.taken) == 1


def test_another_address_is_written_to_at_once(client, cast, mail_server):
    moved(cast.owner, "gone")
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    moved(cast.owner, "new")
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    assert mail_server.asked == ["gone@far.example", "new@far.example"]
    page = cast.client(client, "owner").get("/desk/").content.decode()
    assert "Our e-mails do not reach you" not in page


def test_colleagues_and_the_body_see_whom_mail_does_not_reach(client, cast):
    refusals.mark(cast.owner.email, code="550", reason=REASON)
    case = objects.case(cast)
    application = case.applications.get()
    words = "E-mails do not get through:"
    pages = {
        "member": [
            f"/organisations/{cast.enterprise.pk}/",
            f"/organisations/{cast.enterprise.pk}/people/",
        ],
        "manager": [f"/cases/{case.pk}/", f"/applications/{application.pk}/"],
    }
    for person, addresses in pages.items():
        cast.client(client, person)
        for address in addresses:
            text = client.get(address).content.decode()
            assert words in text, address
            assert "owner@demo.example" in text
    cast.client(client, "auditor")
    assert words not in client.get(f"/cases/{case.pk}/").content.decode()
    cast.client(client, "rival_manager")
    own = client.get(f"/organisations/{cast.rival_body.pk}/").content.decode()
    assert words not in own


# Delivery reports

REPORT = """\
Reporting-MTA: dns; mx.far.example

Final-Recipient: rfc822; owner@demo.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 <owner@demo.example>: unknown user
"""


def report(message_id, *, action="failed", status="5.1.1", headers_only=False) -> bytes:
    """Write a delivery report as mail servers do (RFC 3464)."""
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    head = f"Message-ID: {message_id}\nSubject: Something\n"
    lines = [
        "From: MAILER-DAEMON@mx.far.example",
        "Subject: Undelivered Mail Returned to Sender",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"',
        "",
        "--B",
        "Content-Type: text/plain",
        "",
        "I am sorry.",
        "--B",
        "Content-Type: message/delivery-status",
        "",
        REPORT.format(action=action, status=status),
        "--B",
        f"Content-Type: {kind}",
        "",
        head,
        "--B--",
        "",
    ]
    return "\n".join(lines).encode()


@pytest.fixture
def notice(cast):
    """A notice that went out by e-mail."""
    (found,) = tell(REQUIRED, cast.owner)
    jobs.run_due()
    return Notice.objects.get(pk=found.pk)


def read(source) -> str:
    out = io.StringIO()
    call_command("read_bounces", str(source), stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("headers_only", [False, True])
def test_a_report_on_our_mail_marks_its_address(notice, tmp_path, headers_only):
    file = tmp_path / "report"
    file.write_bytes(report(f"<{notice.pk}@localhost>", headers_only=headers_only))
    assert read(file).startswith("1 addresses marked, 0 known already, 0 other")
    assert marks() == [("owner@demo.example", "5.1.1")]
    assert "unknown user" in RefusedAddress.objects.get().reason
    assert read(file).startswith("0 addresses marked, 1 known already, 0 other")


@pytest.mark.parametrize(
    "facts",
    [
        {"action": "delayed", "status": "4.4.1"},
        {"action": "failed", "status": "4.4.7"},
        {"action": "failed", "status": "5.7.1"},
        {"action": "delivered", "status": "2.0.0"},
    ],
)
def test_a_report_of_anything_else_marks_nothing(notice, tmp_path, facts):
    (tmp_path / "report").write_bytes(report(f"<{notice.pk}@localhost>", **facts))
    assert read(tmp_path / "report").startswith("0 addresses marked, 0 known already, 1 other")
    assert marks() == []


def test_a_forged_report_marks_nothing(notice, tmp_path):
    forged = [
        report("<00000000-0000-4000-8000-000000000000@localhost>"),
        report(f"<{notice.pk}@elsewhere.example>"),
        report("owner@demo.example"),
        b"",
        b"\xff\xfe nonsense",
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/rfc822\n\n",
        b"Content-Type: message/delivery-status\n\nAction: failed\n",
    ]
    for number, data in enumerate(forged):
        (tmp_path / f"{number}").write_bytes(data)
        assert read(tmp_path / f"{number}").startswith("0 addresses marked")
    assert marks() == []


def test_mailboxes_of_both_kinds_and_the_standard_input_are_read(notice, tmp_path, monkeypatch):
    data = report(f"<{notice.pk}@localhost>")
    letter = EmailMessage()
    letter["Subject"] = "Hello"
    letter.set_content("A letter of a person.")
    folder = mailbox.Maildir(tmp_path / "maildir")
    folder.add(data)
    folder.add(letter)
    folder.close()
    assert read(tmp_path / "maildir").startswith("1 addresses marked, 0 known already, 1 other")
    box = mailbox.mbox(tmp_path / "mbox")
    box.add(data)
    box.add(letter)
    box.close()
    assert read(tmp_path / "mbox").startswith("0 addresses marked, 1 known already, 1 other")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read("-").startswith("0 addresses marked, 1 known already, 0 other")
    with pytest.raises(CommandError, match="does not exist"):
        read(tmp_path / "nowhere")


def test_an_old_report_does_not_close_an_address_that_was_set_right(cast, notice, tmp_path):
    file = tmp_path / "report"
    file.write_bytes(report(f"<{notice.pk}@localhost>"))
    read(file)
    assert refusals.clear(cast.owner)
    assert read(file).startswith("0 addresses marked, 1 known already")
    (later,) = tell(REQUIRED, cast.owner)
    jobs.run_due()
    file.write_bytes(report(f"<{later.pk}@localhost>"))
    assert read(file).startswith("1 addresses marked")
