"""Every way into an account: how often it may be tried, what it opens, and when it ends."""

import re

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests.matrix.rights import RIGHTS
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

# The pages of accounts that open to strangers, and what keeps a stranger out behind each.
WAYS = {
    "accounts/login/": "password, then a second factor",
    "accounts/login/second-factor/": "the second factor after a password or a provider",
    "accounts/login/passkey/": "a passkey, which is two factors",
    "accounts/login/with/<slug:provider>/": "begins at a provider",
    "accounts/login/with/<slug:provider>/callback/": "a signed token, then a second factor",
    "accounts/login/connect/": "offers sign-in; connects only who is signed in and proves it",
    "accounts/login/code/confirm/": "switched off: no code by e-mail signs in",
    "accounts/signup/": "makes an account that belongs nowhere",
    "accounts/confirm-email/": "says that a mail was sent",
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": "proves an address in the browser that began",
    "accounts/password/reset/": "sends a mail",
    "accounts/password/reset/done/": "says that a mail was sent",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "a new password only",
    "accounts/password/reset/key/done/": "says that it is done",
    "accounts/inactive/": "says that the account is switched off",
    "accounts/logout/": "signs out",
}


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def test_the_ways_in_are_those_that_were_reviewed():
    opened = {path for path, right in RIGHTS.items() if right == "public" and "accounts/" in path}
    assert opened == set(WAYS)
    assert list(django_settings.AUTHENTICATION_BACKENDS) == [
        "allauth.account.auth_backends.AuthenticationBackend"
    ]
    assert "rest_framework" not in django_settings.INSTALLED_APPS


def test_the_admin_has_no_way_in_of_its_own(client, cast):
    page = client.post("/admin/login/", {"username": cast.operator.email, "password": PASSWORD})
    assert page["Location"].startswith(reverse("account_login"))
    assert not signed_in(client)


def test_a_password_is_guessed_five_times_and_no_more(cast):
    for _guess in range(5):
        page = sign_in(Client(), cast.owner, "a wrong password")
        assert "Too many" not in page.content.decode()
    right = Client()
    assert "Too many" in sign_in(right, cast.owner).content.decode()
    assert not signed_in(right)
    # Whoever guesses keeps nobody else out.
    assert sign_in(Client(REMOTE_ADDR="203.0.113.9"), cast.member).status_code == 302


def test_a_success_does_not_clear_what_an_address_guessed(cast):
    for user in (cast.member, cast.planner, cast.auditor):
        for _guess in range(3):
            sign_in(Client(), user, "a wrong password")
        sign_in(Client(), user)
    sign_in(Client(), cast.reviewer, "a wrong password")
    page = sign_in(Client(), cast.owner)
    assert "Too many" in page.content.decode()


def test_a_cookie_that_was_signed_out_opens_nothing(cast):
    client, thief = Client(), Client()
    sign_in(client, cast.owner)
    thief.cookies = client.cookies.copy()
    assert thief.get("/desk/").status_code == 200
    client.post(reverse("account_logout"))
    assert thief.get("/desk/")["Location"].startswith(reverse("account_login"))


def test_a_session_gets_a_new_name_at_sign_in(client, cast):
    client.get(reverse("account_login"))
    client.session["planted"] = True
    client.session.save()
    before = client.session.session_key
    sign_in(client, cast.owner)
    assert client.session.session_key != before


def test_a_link_is_good_for_its_own_purpose_and_once(client, cast):
    client.post(reverse("account_reset_password"), {"email": cast.owner.email})
    path = re.search(r"http://[^/]+(\S+)", mail.outbox[-1].body).group(1)
    key = path.rstrip("/").rpartition("/")[2]
    confirm = reverse("account_confirm_email", args=[key])
    assert "This link no longer works." in client.get(confirm).content.decode()
    words = {"password1": "long enough 42", "password2": "long enough 42"}
    client.post(client.get(path, follow=True).redirect_chain[-1][0], words)
    again = Client().get(path, follow=True).content.decode()
    assert "This link no longer works" in again
    assert not signed_in(client)
