"""Passwords that leaked: found in a sorted list, and no list keeps nobody out."""

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.urls import reverse

from portal import env
from tests.people import PASSWORD

LEAKED = [f"leaked password {number}" for number in range(50)]


@pytest.fixture
def listed(tmp_path, settings):
    """Return the list of leaked passwords, with counts behind hashes as in public ones."""
    path = tmp_path / "leaked.txt"
    hashes = sorted(hashlib.sha1(word.encode()).hexdigest().upper() for word in LEAKED)  # noqa: S324
    path.write_text("".join(f"{digest}:{7 ** (n % 9)}\n" for n, digest in enumerate(hashes)))
    settings.LEAKED_PASSWORDS = str(path)
    return path


def refused(word) -> bool:
    try:
        validate_password(word)
    except ValidationError as error:
        return [each.code for each in error.error_list] == ["password_leaked"]
    return False


def test_every_password_of_the_list_is_refused_and_no_other(listed):
    assert [word for word in LEAKED if not refused(word)] == []
    assert [word for word in (f"good password {n}" for n in range(200)) if refused(word)] == []


def test_the_page_says_why(client, cast, listed):
    words = {"oldpassword": PASSWORD, "password1": LEAKED[7], "password2": LEAKED[7]}
    page = cast.client(client, "owner").post(reverse("account_change_password"), words)
    assert "stands in a list of stolen ones" in page.content.decode()
    cast.owner.refresh_from_db()
    assert cast.owner.check_password(PASSWORD)


@pytest.mark.parametrize("text", ["", "no hash at all", "\n\n"])
def test_an_odd_list_refuses_nothing(listed, text):
    listed.write_text(text)
    assert not refused(LEAKED[0])


def test_a_list_that_went_away_is_told_and_refuses_nothing(listed, caplog):
    listed.unlink()
    assert not refused(LEAKED[0])
    assert "the list of leaked passwords: FileNotFoundError" in caplog.text


def test_a_list_that_never_was_stops_the_start(monkeypatch):
    monkeypatch.setenv("PORTAL_LEAKED_PASSWORDS", "/no/such/list.txt")
    with pytest.raises(ImproperlyConfigured, match="PORTAL_LEAKED_PASSWORDS"):
        env.existing_file("PORTAL_LEAKED_PASSWORDS")
