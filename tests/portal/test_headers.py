"""What every answer tells the browser."""

import pytest
from django.urls import reverse

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
}


@pytest.mark.django_db
def test_pages_carry_the_strict_policy(client):
    response = client.get(reverse("account_login"))
    assert response.status_code == 200
    assert set(response["Content-Security-Policy"].split("; ")) == POLICY
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.django_db
def test_cookies_are_out_of_reach_for_scripts(client):
    client.get(reverse("account_login"))
    client.post(reverse("set_language"), {"language": "zh-hans"})
    assert sorted(client.cookies) == ["csrf", "language"]
    for cookie in client.cookies.values():
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "BREW"])
def test_unknown_method_is_refused(client, method):
    assert client.generic(method, "/healthz").status_code == 405


@pytest.mark.parametrize("sent", ["evil.example.org", "localhost.evil.example.org", "a b"])
def test_foreign_host_is_refused(client, sent):
    assert client.get("/healthz", headers={"Host": sent}).status_code == 400


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Forwarded-Proto"])
def test_forwarded_headers_are_not_believed(client, header):
    request = client.get("/healthz", headers={header: "https"}).wsgi_request
    assert (request.get_host(), request.is_secure()) == ("testserver", False)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "expected"),
    [("zh-CN,zh;q=0.9", "zh-hans"), ("zh", "zh-hans"), ("en-GB", "en"), ("fr", "en")],
)
def test_page_speaks_the_readers_language(client, language, expected):
    response = client.get(reverse("account_login"), headers={"Accept-Language": language})
    assert response["Content-Language"] == expected


def test_no_browser_keeps_what_a_signed_in_person_was_shown(cast, client):
    public = client.get("/directory/").headers.get("Cache-Control", "")
    cast.client(client, "owner")
    answers = [client.get(path) for path in ("/desk/", "/applications/", "/cases/", "/privacy/")]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer["Cache-Control"] for answer in answers] == ["private, no-store"] * 4
    assert "no-store" not in public
