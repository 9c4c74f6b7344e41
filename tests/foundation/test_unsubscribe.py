"""One click ends the e-mails of a group, as RFC 8058 asks; nothing else does."""

import datetime as dt
import re

import pytest
import time_machine
from django.core import mail
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from foundation import jobs, notices, unsubscribe
from foundation.models import NoticeChoice
from tests.foundation.test_notices import IMPORTANT, REQUIRED, tell

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def strict():
    """A mail program: no session, and a server that checks tokens of forms."""
    return Client(enforce_csrf_checks=True)


def link_of(message) -> str:
    return re.fullmatch(
        r"<http://localhost(/unsubscribe/.+/)>", message.extra_headers["List-Unsubscribe"]
    )[1]


def level(user, group):
    return notices.choices_of(user)[group]


def test_a_mail_that_may_be_ended_says_how_in_its_headers_and_text(cast):
    tell(IMPORTANT, cast.owner)
    jobs.run_due()
    (message,) = mail.outbox
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"http://localhost{link_of(message)}" in message.body
    assert f'href="http://localhost{link_of(message)}"' in message.alternatives[0].content


def test_a_required_mail_has_no_such_link_and_says_why(cast):
    tell(REQUIRED, cast.owner)
    jobs.run_due()
    (message,) = mail.outbox
    assert not [name for name in message.extra_headers if name.startswith("List-")]
    assert "/unsubscribe/" not in message.body
    assert (
        "This e-mail cannot be switched off: Whoever holds a certificate must know whether it "
        "may be used." in message.body
    )


def test_one_click_ends_the_group_of_this_person_without_signing_in(cast, strict):
    tell(IMPORTANT, cast.owner)
    jobs.run_due()
    link = link_of(mail.outbox[0])
    for _again in range(2):
        answer = strict.post(link, ONE_CLICK)
        assert (answer.status_code, answer.cookies.output()) == (200, "")
    assert "“Applications and offers” is no longer sent to" in answer.content.decode()
    assert (level(cast.owner, "applications"), level(cast.owner, "audits")) == ("never", "now")
    assert level(cast.member, "applications") == "now"


def test_a_program_that_fetches_the_link_ahead_ends_nothing(cast, strict):
    link = f"/unsubscribe/{unsubscribe.token_for(cast.owner, 'applications')}/"
    for method in (strict.get, strict.head):
        answer = method(link)
        assert (answer.status_code, answer.cookies.output()) == (200, "")
    assert not NoticeChoice.objects.exists()
    assert '<form method="post">' in strict.get(link).content.decode()


def test_ending_the_digest_ends_all_that_goes_into_it(cast, strict):
    notices.choose(user=cast.owner, levels={"audits": "digest"})
    strict.post(f"/unsubscribe/{unsubscribe.token_for(cast.owner, 'due')}/", ONE_CLICK)
    levels = notices.choices_of(cast.owner)
    assert {key for key, value in levels.items() if value == "never"} == {"due", "audits", "news"}
    assert "digest" not in levels.values()


def forged(value, salt=unsubscribe.SALT):
    return Signer(salt=salt).sign(value)


@pytest.mark.parametrize("kind", ["changed", "other purpose", "future", "old", "group", "nobody"])
def test_a_token_that_is_not_ours_or_not_of_now_opens_nothing(cast, strict, kind):
    now = int(timezone.now().timestamp())
    pk = cast.owner.pk
    token = {
        "changed": unsubscribe.token_for(cast.owner, "audits").replace("audits", "work"),
        "other purpose": forged(f"{pk}:audits:{now}", "accounts.confirm"),
        "future": forged(f"{pk}:audits:{now + 3600}"),
        "old": forged(f"{pk}:audits:{now - 401 * 86400}"),
        "group": forged(f"{pk}:everything:{now}"),
        "nobody": forged(f"{pk + 9999}:audits:{now}"),
    }[kind]
    for method in (strict.get, strict.post):
        answer = method(f"/unsubscribe/{token}/")
        assert answer.status_code == 404
        assert "This link is not valid any more" in answer.content.decode()
    assert not NoticeChoice.objects.exists()


def test_a_link_works_for_a_year_and_not_for_a_person_who_left(cast, strict):
    link = f"/unsubscribe/{unsubscribe.token_for(cast.owner, 'audits')}/"
    with time_machine.travel(timezone.now() + dt.timedelta(days=365), tick=False):
        assert strict.get(link).status_code == 200
    cast.owner.is_active = False
    cast.owner.save(update_fields=["is_active"])
    assert strict.post(link, ONE_CLICK).status_code == 404


def test_the_page_speaks_the_language_of_the_person(cast, strict):
    cast.owner.language = "zh-hans"
    cast.owner.save(update_fields=["language"])
    page = strict.get(f"/unsubscribe/{unsubscribe.token_for(cast.owner, 'audits')}/")
    assert "不再接收此类邮件？" in page.content.decode()
