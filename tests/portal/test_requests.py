"""The log: one line for each record, with its request and its actor, and no secret."""

import io
import json
import logging
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foundation import jobs, logs, notices
from foundation.models import Job
from organisations.services.organisations import store_file
from portal.demo.papers import paper
from tests.people import PASSWORD

CANARY = "canary.person@secret.example"


@contextmanager
def logged(*, as_json):
    """Collect what the whole portal logs, as one of the two forms writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(as_json=as_json))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    stream.as_json = as_json
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    logs.forget()


@pytest.fixture(params=[True, False], ids=["json", "text"])
def log(request):
    with logged(as_json=request.param) as stream:
        yield stream


@pytest.fixture
def records():
    """Return a function that gives the records with this event."""
    with logged(as_json=True) as stream:
        yield lambda name: [r for r in map(json.loads, lines(stream)) if r["event"] == name]


def lines(log):
    return log.getvalue().splitlines()


def test_record_stays_on_one_line_with_its_request(log):
    with logs.bound(request_id="abcdef012345"):
        try:
            int("two\nlines")
        except ValueError:
            logging.getLogger("portal").exception("typed\r\nFORGED \x85\u2028\u202e %s", "\nFACT")
    (line,) = lines(log)
    assert "typed\\r\\nFORGED \\u0085\\u2028\\u202e \\nFACT" in line
    assert "Traceback" in line
    assert "abcdef012345" in line


def test_facts_stay_on_one_line(log):
    logs.event("access.denied", object="x\n2026 ERROR forged", route="a b")
    (line,) = lines(log)
    if log.as_json:
        assert json.loads(line)["object"] == "x\n2026 ERROR forged"
    else:
        assert line.endswith(r'object="x\n2026 ERROR forged" route="a b"')


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("refused for anna@mail.example.org, try later", "refused for [e-mail], try later"),
        ("{'沈@例子.中国': (550, b'no')}", "{'[e-mail]': (550, b'no')}"),
        ("at redis://user:word@host:6379/0", "at redis://[left out]@host:6379/0"),
        ("duplicate key\nDETAIL:  Key (x)=(y) exists.\n", "duplicate key\\nDETAIL: [left out]"),
    ],
)
def test_addresses_and_values_are_left_out(log, text, told):
    logging.getLogger("portal").warning(text)
    assert told in lines(log)[0]


def test_record_says_when_what_and_who(records, cast, client):
    cast.client(client, "owner")
    answer = client.get("/desk/", headers={"X-Request-ID": "from-the-proxy-1"})
    (record,) = records("request")
    assert datetime.fromisoformat(record.pop("time")).utcoffset().total_seconds() == 0
    assert record.pop("ms") >= 0
    assert record == {
        "level": "info",
        "logger": "portal.events",
        "event": "request",
        "request_id": answer["X-Request-ID"],
        "user": cast.owner.pk,
        "organisation": str(cast.enterprise.pk),
        "method": "GET",
        "route": "desk",
        "status": 200,
    }


def test_next_request_of_a_thread_has_nothing_of_the_one_before(records, cast, client):
    cast.client(client, "owner")
    client.get("/desk/")
    Client().get("/help/")
    first, second = records("request")
    assert ("user" in first, "user" in second) == (True, False)
    assert first["request_id"] != second["request_id"]


def test_probes_that_are_well_leave_no_line(log, client):
    client.get("/healthz")
    assert lines(log) == []


@pytest.mark.django_db
def test_refusals_are_events_with_their_object(records, cast, client):
    cast.client(client, "rival_owner")
    assert client.get(f"/organisations/{cast.enterprise.pk}/").status_code == 404
    assert client.get(f"/bodies/{cast.body.pk}/approvals/record/").status_code == 403
    assert client.get("/no/such/address/").status_code == 404
    (missing,) = records("access.not_found")
    (denied,) = records("access.denied")
    assert (missing["object"], missing["level"]) == (str(cast.enterprise.pk), "warning")
    assert (denied["object"], denied["user"]) == (str(cast.body.pk), cast.rival_owner.pk)


def test_sign_in_is_an_event_whatever_its_end(records, cast):
    client = Client()
    for password in ("wrong-word", PASSWORD):
        client.post("/accounts/login/", {"login": cast.owner.email, "password": password})
    client.post("/accounts/logout/")
    assert [(r["address"], r.get("user")) for r in records("signin.failed")] == [
        ("127.0.0.1", None)
    ]
    assert [r["user"] for r in records("signin.done")] == [cast.owner.pk]
    assert [r["user"] for r in records("signin.ended")] == [cast.owner.pk]


def test_nothing_secret_is_logged(log, cast, run_jobs):
    """Sign up, sign in, reset a password, upload, send mail, fail: then look for every secret."""
    client = Client(raise_request_exception=False)
    user = cast.owner
    user.email = CANARY
    user.save()
    EmailAddress.objects.filter(user=user).update(email=CANARY)
    client.post("/accounts/password/reset/", {"email": CANARY})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    path = urlsplit(link).path
    client.get(path, follow=True)
    client.get("/verify/", {"q": "CANARYquery"})
    client.get("/no/CANARYpath/")
    client.post("/accounts/login/", {"login": CANARY, "password": "CANARYpassword"})
    client.post("/accounts/login/", {"login": CANARY, "password": PASSWORD})
    store_file(
        actor=cast.actor("owner"),
        organisation=cast.enterprise,
        upload=paper("CANARYfile", "CANARYbody"),
        label="licence",
    )
    bad = SimpleUploadedFile("CANARYname.png", b"CANARYbytes")
    client.post(f"/organisations/{cast.enterprise.pk}/licence/", {"licence": bad})
    notices.KINDS["trial.told"] = notices.Kind("CANARYtitle", "CANARYbody", notices.WORK)
    try:
        notices.notify("trial.told", to=[user])
        run_jobs()
    finally:
        del notices.KINDS["trial.told"]
    text = log.getvalue()
    token = default_token_generator.make_token(user)
    secrets = ["canary", PASSWORD, path.split("/")[-2].partition("-")[2], token.split("-")[0]]
    secrets += [client.cookies["session"].value, client.cookies["csrf"].value]
    assert [word for word in secrets if word.lower() in text.lower()] == []
    assert "signin.done" in text
    assert "mail_notice" in text


def test_request_id_travels_into_the_job_and_its_mail(records, cast, client, run_jobs):
    notices.KINDS["trial.told"] = notices.Kind("Told", "Something", notices.WORK)
    try:
        with logs.bound(request_id="asked-for-0123"):
            notices.notify("trial.told", to=[cast.owner])
        assert Job.objects.get().request_id == "asked-for-0123"
        run_jobs()
    finally:
        del notices.KINDS["trial.told"]
    (record,) = records("job")
    assert (record["request_id"], record["kind"], record["done"]) == (
        "asked-for-0123",
        "foundation.mail_notice",
        True,
    )
    assert mail.outbox[0].extra_headers["X-Request-ID"] == "asked-for-0123"


def test_job_of_no_request_has_an_id_of_its_own(records, db, tmp_path):
    jobs.enqueue("tests.append", key="x", payload={"path": str(tmp_path / "lines")})
    jobs.run_due()
    assert len(records("job")[0]["request_id"]) == 16


def test_page_that_refuses_names_its_request(cast, client):
    cast.client(client, "owner")
    answer = client.get("/admin/")
    assert answer.status_code == 403
    assert answer["X-Request-ID"] in answer.content.decode()


def test_error_is_logged_with_its_route_alone(log, db, settings):
    settings.ROOT_URLCONF = "tests.portal.broken_urls"
    Client(raise_request_exception=False).get("/ValueError/?token=CANARYtoken")
    assert "CANARY" not in log.getvalue()
    assert any(
        "Internal Server Error: tests.portal.broken_urls.view" in line for line in lines(log)
    )
