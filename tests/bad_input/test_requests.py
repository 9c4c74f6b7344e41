"""Bad inputs B27, B31 to B34 and B37 to B41: requests, addresses and documents.

One test bears the number of each row; the others ask what the rows leave open.
"""

import io
import re

import pikepdf
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from certification.flows.applications import APPLICATION_FLOW
from certification.models import Application
from foundation import files
from foundation.models import JournalEntry, StoredFile
from tests.certification.applications import complete_draft, pdf, sent_application
from tests.certification.casework import certified
from tests.pdftools import text_of
from tests.people import PASSWORD

JSON = {
    "100,000 levels": "[" * 100_000,
    "NaN": '{"id": NaN, "rawId": Infinity}',
    "the same key twice": '{"id": "a", "id": "b"}',
    "an integer of 10,000 digits": '{"id": ' + "9" * 10_000 + "}",
    "a lone surrogate": r'{"id": "\ud800"}',
    "NUL": r'{"id": "\u0000", "rawId": "\u0000", "type": "public-key", "response": {}}',
}


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_b27_json_that_breaks_readers_is_no_passkey(cast, client, text):
    """The one place where the portal reads JSON that a browser wrote."""
    answer = client.post(reverse("mfa_login_webauthn"), {"credential": text})
    assert (answer.status_code, answer.url) == (302, reverse("account_login"))
    assert "_auth_user_id" not in client.session


AWAY = (
    "//evil.example", r"/\evil.example", "https:///evil.example", "\b//evil.example",
    "https://testserver@evil.example", "javascript:alert(1)", "https://evil.example/",
    "http:evil.example", "/\t/evil.example", "data:text/html,x", "\\\\evil.example",
    "///evil.example",
)  # fmt: skip


@pytest.mark.parametrize("target", AWAY, ids=ascii)
def test_b32_no_page_leads_away(cast, client, target):
    """Sign-in, language, preferences, acting for another organisation, saving one's facts."""
    answer = client.post(
        reverse("account_login"),
        {"login": "owner@demo.example", "password": PASSWORD, "next": target},
    )
    places = [answer["Location"]]
    places.append(client.post(reverse("set_language"), {"language": "en", "next": target}).url)
    places.append(client.post(reverse("foundation:preferences"), {"theme": "", "next": target}).url)
    chosen = {"organisation": str(cast.enterprise.pk), "next": target}
    answer = client.post(reverse("organisations:act_as"), chosen)
    places.append(answer.headers.get("Location", "/"))
    places.append(client.post(reverse("account_logout"), {"next": target})["Location"])
    assert [place for place in places if not re.fullmatch(r"/[a-z/]*", place)] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/"},
        {"X-Forwarded-For": "203.0.113.9"},
    ],
    ids=str,
)
def test_b33_no_header_changes_the_address_in_a_mail(cast, client, settings, run_jobs, headers):
    answer = client.post(
        reverse("account_reset_password"), {"email": cast.owner.email}, headers=headers
    )
    assert answer.status_code == 302
    [letter] = mail.outbox
    addresses = re.findall(r"https?://([^/\s]+)", letter.body)
    assert addresses
    assert set(addresses) == {"testserver"}
    assert "evil.example" not in letter.body + str(letter.message())


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver:80@evil"])
def test_a_foreign_host_gets_no_mail_sent(cast, client, host):
    answer = client.post(
        reverse("account_reset_password"), {"email": cast.owner.email}, headers={"Host": host}
    )
    assert (answer.status_code, mail.outbox) == (400, [])


def test_b31_a_file_of_another_party_is_like_one_that_never_was(cast, client):
    """Same answer, byte for byte, apart from the identifier itself."""
    row = files.store(pdf(), actor=cast.actor("owner"))
    missing = StoredFile().pk
    cast.client(client, "rival_owner")
    pages = []
    for pk in (row.pk, missing):
        answer = client.get(reverse("foundation:file", args=[pk]))
        assert answer.status_code == 404
        pages.append(answer.content.decode().replace(str(pk), "ID"))
    tokens = re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*')
    assert tokens.sub(r"\1", pages[0]) == tokens.sub(r"\1", pages[1])


def test_an_identifier_of_another_party_in_a_form_is_no_choice(cast, client):
    """The earlier files that a page offers are one's own, and no other is taken."""
    application = complete_draft(cast)
    foreign = files.store(pdf("foreign.pdf"), actor=cast.actor("rival_owner"))
    own = files.store(pdf("own.pdf", "another"), actor=cast.actor("owner"))
    cast.client(client, "owner")
    address = reverse("certification:application_step", args=[application.pk, "documents"])
    answer = client.post(address, {"kind": "manual", "upload-stored": str(foreign.pk)})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["upload"]
    assert client.post(address, {"kind": "manual", "upload-stored": str(own.pk)}).status_code == 302
    names = [row.file.name for row in files.attachments_of(application)]
    assert names == ["manual.pdf", "own.pdf"]


MARKUP = (
    '<link rel=stylesheet href="{0}"><style>@import url({0});</style>'
    "<style>@font-face{{font-family:F;src:url({0})}}</style>"
    '<img src="{0}"><object data="{0}"></object><embed src="{0}"><svg><image href="{0}"/></svg>'
    '<img src="data:image/svg+xml,%3Cimage href={0}/%3E"><a rel=attachment href="{0}">x</a>'
    '<a href="javascript:alert(1)">y</a><p style="background:url({0})">'
)


@pytest.mark.parametrize("sink", ["http://127.0.0.1:9/x", "file:///etc/passwd"])
def test_b34_markup_that_is_typed_is_text_in_every_document(cast, client, run_jobs, sink):
    """Printed as typed; nothing is fetched, no link is made."""
    typed = MARKUP.format(sink)
    application = sent_application(cast, processes=typed, outsourced=typed)
    cast.client(client, "owner")
    client.post(reverse("certification:application_copy", args=[application.pk, 1]))
    run_jobs()
    [copy] = StoredFile.objects.filter(generated=True)
    data = files.read(copy)
    with pikepdf.open(io.BytesIO(data)) as document:
        links = [
            str(note.get("/A", {}).get("/URI", ""))
            for page in document.pages
            for note in page.get("/Annots", [])
        ]
    assert [link for link in links if not link.startswith("http://localhost")] == []
    words = "".join(text_of(data).split())
    assert "".join(f'<imgsrc="{sink}"><object'.split()) in words
    assert "root:" not in words


@pytest.mark.parametrize(
    "code",
    ["0", "-1", "1" * 4000, "٣٤٥", "\N{FULLWIDTH DIGIT ONE}", "%00", "..%2f..%2fetc", "None",
     "%ED%A0%80", "<script>"],
    ids=ascii,
)  # fmt: skip
def test_b37_an_address_of_no_certificate_never_says_valid(cast, client, code):
    certificate = certified(cast)
    for path in (f"/c/{code}/", f"/c/{code}.json", f"/c/{code}/certificate.pdf"):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "This certificate is valid" not in answer.content.decode()
    answer = client.get("/verify/", {"q": code})
    assert answer.status_code in (200, 404)
    assert certificate.number not in answer.content.decode()


def test_b38_a_certificate_whose_stored_bytes_changed_is_not_handed_out(cast, client):
    certificate = certified(cast)
    revision = certificate.current_revision
    data = bytearray(files.read(revision.file))
    address = f"/c/{certificate.code}/certificate.pdf"
    page = f"/c/{certificate.code}/"
    for changed in (data[:-20] + b"\x00" + data[-19:], bytes(data) + b"after the end"):
        revision.file.path.write_bytes(changed)
        answer = client.get(address)
        assert (answer.status_code, answer.url) == (302, page)
        assert "verification/not_vouched.html" in {
            template.name for template in client.get(page).templates
        }
    revision.file.path.write_bytes(bytes(data))
    answer = client.get(address)
    assert b"".join(answer) == data


def test_b39_a_step_is_neither_skipped_nor_repeated_nor_turned_back(cast, client):
    application = complete_draft(cast)

    def do(person, action, **facts):
        cast.client(client, person)
        address = reverse("certification:application_do", args=[application.pk, action])
        return client.post(address, facts).status_code

    # Skipping: a draft is another party's secret, and the applicant has no such right.
    assert [do("reviewer", a) for a in ("start_review", "accept")] == [404, 404]
    assert do("owner", "accept") in (403, 409)
    assert do("owner", "submit", declared="on") == 302
    # Replay and reverse.
    assert do("owner", "submit", declared="on") in (302, 409)
    assert do("owner", "reject") in (403, 409)
    assert do("reviewer", "accept") in (403, 409)
    assert do("reviewer", "nothing") in (403, 404, 409)
    steps = JournalEntry.objects.filter(subject_id=application.pk).exclude(after="")
    assert [(row.before, row.after) for row in steps] == [("draft", "submitted")]
    status = Application.objects.get(pk=application.pk).status
    assert status == "submitted"
    assert APPLICATION_FLOW.states(status)


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "G\u0045T2"])
def test_b40_an_unknown_method_is_refused(client, method):
    assert client.generic(method, "/").status_code == 405


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_no_page_has_changes_nothing(cast, client, method):
    application = complete_draft(cast)
    cast.client(client, "owner")
    before = JournalEntry.objects.count()
    for address in (application.get_absolute_url(), cast.enterprise.get_absolute_url()):
        assert client.generic(method, address).status_code in (403, 405)
    assert JournalEntry.objects.count() == before


def try_in(email, password=PASSWORD):
    """Sign in with a browser of its own; return the browser, and what the page complains of."""
    browser = Client()
    answer = browser.post(reverse("account_login"), {"login": email, "password": password})
    return browser, "" if answer.status_code == 302 else str(answer.context["form"].errors)


def test_b41_guessing_ends_and_nothing_tells_who_has_an_account(cast):
    """Neither a success in between nor another account begins the count of an address anew."""
    words = {try_in(email, "wrong")[1] for email in (cast.owner.email, "nobody@demo.example")}
    assert len(words) == 1
    for user in (cast.owner, cast.member, cast.manager, cast.planner):
        for _guess in range(2):
            assert try_in(user.email, "wrong")[1] in words
    browser, complaint = try_in(cast.reviewer.email)
    assert "Too many" in complaint
    assert browser.get("/desk/").status_code == 302


def test_an_old_session_is_worth_nothing_after_signing_out(cast, client):
    cast.client(client, "owner")
    session = client.cookies["session"].value
    assert client.get("/desk/").status_code == 200
    client.logout()
    client.cookies["session"] = session
    assert client.get("/desk/").status_code == 302
