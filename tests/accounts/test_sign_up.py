"""A stranger makes an account, and what it is called is what it signs with."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from foundation.models import JournalEntry
from organisations.models import Membership

pytestmark = pytest.mark.django_db

FACTS = {
    "name": "陈薇",
    "email": "chen.wei@newcomer.example",
    "password1": "tong-tian-2026-lu",
    "password2": "tong-tian-2026-lu",
}


def sign_up(client, **changes):
    return client.post(reverse("account_signup"), FACTS | changes, follow=True)


def link():
    (message,) = mail.outbox
    return re.search(r"http://\S+?(/\S+)", message.body).group(1)


def test_a_stranger_is_signed_in_by_the_link_and_greeted_by_name(client):
    client.cookies["language"] = "zh-hans"
    sign_up(client)
    page = client.post(link(), follow=True)
    assert page.redirect_chain[-1] == ("/desk/", 302)
    assert "您好，陈薇" in page.content.decode()
    user = User.objects.get()
    assert (user.name, user.email, user.language) == ("陈薇", FACTS["email"], "zh-hans")


def test_the_language_of_the_page_is_that_of_our_mail(client):
    client.cookies["language"] = "en"
    sign_up(client)
    assert User.objects.get().language == "en"


def test_the_link_signs_nobody_in_elsewhere(client):
    sign_up(client)
    page = Client().post(link(), follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/"
    assert "_auth_user_id" not in page.client.session


@pytest.mark.parametrize("name", ["", "   ", "陈\u202e薇"])
def test_nobody_signs_up_without_a_name_that_can_be_read(client, name):
    page = sign_up(client, name=name)
    assert page.context["form"].errors.keys() == {"name"}
    assert not User.objects.exists()


def test_the_password_may_not_be_the_name(client):
    page = sign_up(client, name="Wei Chen Long", password1="weichenlong", password2="weichenlong")
    assert page.context["form"].errors.keys() == {"password1"}


def test_a_taken_address_is_not_told_by_the_page(client, cast):
    pages = [sign_up(client, email=e) for e in (cast.owner.email, FACTS["email"])]
    assert len({page.redirect_chain[-1] for page in pages}) == 1
    assert [message.subject for message in mail.outbox] == [
        "You already have an account",
        "Confirm your e-mail address",
    ]


@pytest.mark.parametrize("folder", ["", "var/mail"])
@pytest.mark.parametrize("page", ["account_email_verification_sent", "account_reset_password_done"])
def test_the_demo_says_where_its_mail_lies(client, settings, folder, page):
    settings.DEMO_MAIL = folder
    text = client.get(reverse(page)).content.decode()
    assert ("This demonstration sends no e-mail." in text) == bool(folder)
    assert ("var/mail" in text) == bool(folder)


def test_a_new_name_is_on_record_where_the_person_belongs(client, cast):
    cast.client(client, "owner")
    before = cast.owner.name
    facts = {"name": "林欣", "name_latin": "Lin Xin"}
    page = client.post(reverse("organisations:own_name"), facts, follow=True)
    assert "Hello, 林欣" in page.content.decode()
    entry = JournalEntry.objects.get(verb="organisation.member_renamed")
    assert (entry.subject_id, entry.data) == (
        Membership.objects.get(user=cast.owner).organisation_id,
        {"person": "林欣", "was": before},
    )
    assert User.objects.get(pk=cast.owner.pk).name_latin == "Lin Xin"


def test_the_same_name_again_is_no_event(client, cast):
    facts = {"name": cast.owner.name, "name_latin": "Lin Xin"}
    cast.client(client, "owner").post(reverse("organisations:own_name"), facts)
    assert not JournalEntry.objects.filter(verb="organisation.member_renamed").exists()


def test_a_refused_name_keeps_what_was_typed(client, cast):
    facts = {"name": "", "name_latin": "Lin Xin"}
    page = cast.client(client, "owner").post(reverse("organisations:own_name"), facts)
    assert page.status_code == 422
    assert 'value="Lin Xin"' in page.content.decode()
    assert User.objects.get(pk=cast.owner.pk).name == cast.owner.name
