"""The account pages speak our words, and carry what password managers look for."""

import re

import pytest
from django.core import mail
from django.urls import reverse

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "long enough 42"
SIGNED_IN = {
    "account_email": "E-mail addresses",
    "account_change_password": "Change password",
    "account_logout": "Sign out",
}
PUBLIC = {
    "account_login": "Sign in",
    "account_signup": "Create an account",
    "account_reset_password": "Forgotten password",
    "account_reset_password_done": "Check your e-mail",
    "account_reset_password_from_key_done": "Your password is changed",
    "account_email_verification_sent": "Confirm your e-mail address",
    "account_inactive": "This account is switched off",
}


def heading(response):
    return re.search(r"<h1>\s*(.*?)\s*</h1>", response.content.decode(), re.DOTALL).group(1)


@pytest.mark.parametrize(("name", "expected"), PUBLIC.items())
def test_public_account_page_has_our_heading(client, name, expected):
    response = client.get(reverse(name))
    assert (response.status_code, heading(response)) == (200, expected)


@pytest.mark.parametrize(("name", "expected"), SIGNED_IN.items())
def test_account_page_of_a_person_has_our_heading(client, cast, name, expected):
    response = cast.client(client, "owner").get(reverse(name))
    assert (response.status_code, heading(response)) == (200, expected)


def test_broken_link_to_a_new_password_offers_another(client):
    address = reverse("account_reset_password_from_key", args=["abc", "no-such-key"])
    response = client.get(address)
    assert heading(response) == "This link no longer works"
    assert reverse("account_reset_password") in response.content.decode()


def test_broken_link_of_an_address_offers_another(client):
    response = client.get(reverse("account_confirm_email", args=["no-such-key"]))
    assert heading(response) == "Confirm your e-mail address"
    assert "This link no longer works." in response.content.decode()


def test_sign_in_names_its_fields_for_password_managers(client):
    page = client.get(reverse("account_login")).content.decode()
    for name, purpose in (("login", "username"), ("password", "current-password")):
        field = re.search(rf'<input[^>]*name="{name}"[^>]*autocomplete="([^"]*)"[^>]*>', page)
        assert field.group(1) == purpose
        assert "placeholder" not in field.group(0)


def test_sign_up_asks_for_a_new_password(client):
    page = client.get(reverse("account_signup")).content.decode()
    assert page.count('autocomplete="new-password"') == 2
    assert "At least 10 characters" in page


@pytest.mark.parametrize("demo", [True, False])
def test_demo_accounts_show_in_the_demonstration_only(client, settings, demo):
    settings.DEMO = demo
    page = client.get(reverse("account_login")).content.decode()
    named = sorted(set(re.findall(r'value="([\w-]+)@demo\.example"', page)))
    roles = "auditor auditor2 certifier inspector manager member operator owner planner reviewer"
    expected = [*roles.split(), "rival-manager", "rival-owner", "supervisor"]
    assert named == (expected if demo else [])
    assert ("portal-demo" in page) == demo


def test_demo_account_signs_in_with_one_press(client, cast):
    fields = {"login": cast.owner.email, "password": "portal-demo"}
    response = client.post(reverse("account_login"), fields)
    assert (response.status_code, response["Location"]) == (302, "/desk/")


def test_wrong_password_stands_in_the_summary(client, cast):
    fields = {"login": cast.owner.email, "password": "something else"}
    page = client.post(reverse("account_login"), fields).content.decode()
    assert 'class="error-summary"' in page
    assert re.search(r"<title>Error: Sign in · ", page)


def test_new_password_goes_by_a_link_in_a_mail_with_our_words(client, cast):
    client.post(reverse("account_reset_password"), {"email": cast.owner.email})
    (message,) = mail.outbox
    assert message.subject == "Choose a new password"
    assert message.body.startswith("Hello,\n\nOpen this link to choose a new password:\n\nhttp")
    address = re.search(r"http\S+", message.body).group(0)
    page = client.get(address, follow=True)
    assert heading(page) == "Choose a new password"
    done = client.post(
        page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    )
    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert client.login(email=cast.owner.email, password=NEW_PASSWORD)


def test_unknown_address_is_answered_the_same_and_told_by_mail(client, cast):
    answers = [
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (cast.owner.email, "nobody@demo.example")
    ]
    assert len({heading(answer) for answer in answers}) == 1
    assert [message.subject for message in mail.outbox] == [
        "Choose a new password",
        "No account has this address",
    ]
