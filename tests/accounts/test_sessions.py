"""Where people are signed in, how long, and what is kept of it."""

import datetime as dt

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.devices import words_of
from accounts.enums import Happening
from accounts.models import AccountEvent, SignInSession
from foundation.models import Notice
from tests.accounts.factors import code_at, give_app
from tests.certification.test_issuing import breaking, mending
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

SECURITY = "/accounts/security/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)


def browser(agent=FIREFOX, **facts):
    return Client(headers={"user-agent": agent}, **facts)


def sign_in(client, user, password=PASSWORD):
    return client.post(reverse("account_login"), {"login": user.email, "password": password})


def is_in(client) -> bool:
    return client.get("/desk/").status_code == 200


def kinds_of(user) -> list[str]:
    return list(
        AccountEvent.objects.filter(user=user).order_by("created_at").values_list("kind", flat=True)
    )


def test_pages_can_be_read_while_nothing_can_be_written(cast, caplog):
    client = browser()
    sign_in(client, cast.owner)
    later = timezone.now() + dt.timedelta(minutes=2)
    name = breaking("accounts_signinsession", "UPDATE")
    with time_machine.travel(later, tick=False):
        assert is_in(client)
    assert "was not written down: the disk is full" in caplog.text
    mending(name, "accounts_signinsession")
    with time_machine.travel(later, tick=False):
        assert is_in(client)
    assert SignInSession.objects.get().seen_at == later


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox · Linux"),
        (CHROME, "Chrome · Windows"),
        (CHROME + " Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit Version/18.0 Safari/604.1",
         "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130 Mobile Safari MicroMessenger/8.0",
         "WeChat · Android"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_browser_in_words(agent, words):
    assert words_of(agent) == words


def test_one_sees_ones_sessions_and_ends_the_others(cast):
    here, there = browser(), browser(CHROME, REMOTE_ADDR="203.0.113.9")
    for client in (here, there):
        sign_in(client, cast.owner)
    page = here.get(SECURITY).content.decode()
    assert page.count("This one") == 1
    assert "Chrome · Windows" in page
    assert "203.0.113.9" in page
    here.post(reverse("accounts:sessions_end"))
    assert (is_in(here), is_in(there)) == (True, False)
    assert SignInSession.objects.filter(user=cast.owner).count() == 1
    assert kinds_of(cast.owner)[-1] == Happening.SESSIONS_ENDED


def test_one_session_is_ended_alone(cast):
    clients = [browser(), browser(), browser()]
    for client in clients:
        sign_in(client, cast.owner)
    row = SignInSession.objects.get(session_key=clients[1].session.session_key)
    clients[0].post(reverse("accounts:session_end", args=[row.pk]))
    assert [is_in(client) for client in clients] == [True, False, True]


def test_a_session_ends_with_its_event_or_not_at_all(cast):
    here, there = browser(), browser()
    for client in (here, there):
        sign_in(client, cast.owner)
    row = SignInSession.objects.get(session_key=there.session.session_key)
    path = reverse("accounts:session_end", args=[row.pk])
    here.raise_request_exception = False
    name = breaking("accounts_accountevent", "INSERT")
    assert here.post(path).status_code >= 500
    mending(name, "accounts_accountevent")
    assert is_in(there)
    here.post(path)
    assert not is_in(there)
    assert kinds_of(cast.owner)[-1] == Happening.SESSIONS_ENDED


def test_nobody_ends_the_session_of_somebody_else(cast):
    victim, stranger = browser(), browser()
    sign_in(victim, cast.owner)
    sign_in(stranger, cast.rival_owner)
    row = SignInSession.objects.get(user=cast.owner)
    answer = stranger.post(reverse("accounts:session_end", args=[row.pk]))
    assert (answer.status_code, is_in(victim)) == (404, True)


def test_signing_out_forgets_the_session(cast):
    client = browser()
    sign_in(client, cast.owner)
    client.post(reverse("account_logout"))
    assert not SignInSession.objects.exists()


def test_a_new_password_ends_the_other_sessions(cast):
    here, there = browser(), browser()
    for client in (here, there):
        sign_in(client, cast.owner)
    words = {"oldpassword": PASSWORD, "password1": "long enough 42", "password2": "long enough 42"}
    here.post(reverse("account_change_password"), words)
    assert (is_in(here), is_in(there)) == (True, False)
    assert SignInSession.objects.get(user=cast.owner).session_key == here.session.session_key
    assert kinds_of(cast.owner)[-1] == Happening.PASSWORD_CHANGED


def test_a_person_made_inactive_is_out_at_once(cast):
    client = browser()
    sign_in(client, cast.owner)
    operator = browser()
    operator.force_login(cast.operator)
    address = reverse("admin:accounts_user_change", args=[cast.owner.pk])
    facts = {"email": cast.owner.email, "name": cast.owner.name, "language": "en"}
    answer = operator.post(address, facts)
    assert answer.status_code == 302
    assert not is_in(client)
    assert not Session.objects.filter(session_key=client.session.session_key).exists()
    assert kinds_of(cast.owner)[-1] == Happening.SWITCHED_OFF


@pytest.mark.parametrize(
    ("person", "idle", "absolute"),
    [("planner", 30, 12), ("supervisor", 30, 12), ("operator", 30, 12), ("owner", 240, 24)],
)
def test_sessions_rest_and_last_as_long_as_the_rules_say(cast, person, idle, absolute):
    with time_machine.travel("2026-11-20T08:00:00+08:00", tick=False) as clock:
        client = browser()
        sign_in(client, getattr(cast, person))
        clock.shift(idle * 60)
        assert is_in(client)
        clock.shift(idle * 60 + 1)
        answer = client.get("/desk/", follow=True)
        assert answer.redirect_chain[-1][0] == "/accounts/login/?next=/desk/"
        assert f"signed out after {idle} minutes" in answer.content.decode()
        sign_in(client, getattr(cast, person))
        for _half_hour in range(absolute * 2):
            clock.shift(1800)
            assert is_in(client)
        clock.shift(1)
        assert not is_in(client)


def test_what_a_page_fetches_by_itself_is_no_use(cast):
    with time_machine.travel("2026-11-20T08:00:00+08:00", tick=False) as clock:
        client = browser()
        sign_in(client, cast.planner)
        clock.shift(1500)
        assert client.get("/desk/", headers={"X-Poll": "1"}).status_code == 200
        clock.shift(400)
        assert not is_in(client)


def test_the_history_tells_what_happened(cast):
    client = browser()
    sign_in(client, cast.owner, "wrong password")
    sign_in(client, cast.owner)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": "wrong password"})
    assert kinds_of(cast.owner) == ["refused", "signed_in", "confirmed", "refused"]
    page = client.get(reverse("accounts:history")).content.decode()
    assert page.count("Wrong password") == 2
    assert "Firefox · Linux" in page


def test_a_wrong_code_is_kept(cast):
    give_app(cast.owner)
    client = browser()
    sign_in(client, cast.owner)
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    client.post(reverse("mfa_authenticate"), {"code": code_at()})
    assert kinds_of(cast.owner) == ["code_refused", "signed_in"]


def test_an_address_that_nobody_has_is_kept_without_it(cast, caplog):
    browser().post(reverse("account_login"), {"login": "no@body.example", "password": "secret 42"})
    event = AccountEvent.objects.get()
    assert (event.user, event.kind, event.detail) == (None, Happening.REFUSED, "")
    assert "account event refused of person -" in caplog.text
    assert "no@body" not in caplog.text


def test_a_new_browser_is_told_by_mail_and_a_known_one_is_not(cast, run_jobs):
    first = browser()
    for _again in range(2):
        sign_in(first, cast.owner)
        first.post(reverse("account_logout"))
    assert not Notice.objects.filter(kind="accounts.new_device").exists()
    sign_in(browser(CHROME, REMOTE_ADDR="203.0.113.9"), cast.owner)
    run_jobs()
    (message,) = mail.outbox
    assert message.to == [cast.owner.email]
    assert "Chrome · Windows from address 203.0.113.9" in message.body


def test_a_forged_cookie_makes_no_browser_known(cast):
    sign_in(browser(), cast.owner)
    thief = browser()
    thief.cookies["device"] = "x"
    sign_in(thief, cast.owner)
    assert Notice.objects.filter(kind="accounts.new_device").count() == 1


def test_the_history_is_only_ones_own(cast):
    client = browser()
    sign_in(client, cast.owner)
    sign_in(browser(REMOTE_ADDR="203.0.113.77"), cast.rival_owner)
    for address in (SECURITY, reverse("accounts:history")):
        assert "203.0.113.77" not in client.get(address).content.decode()


def test_an_operator_takes_lost_factors_off_and_the_person_knows(cast, run_jobs):
    give_app(cast.owner)
    client = browser()
    client.force_login(cast.owner)
    operator = browser()
    operator.force_login(cast.operator)
    facts = {"action": "take_factors_off", "_selected_action": [cast.owner.pk]}
    people = reverse("admin:accounts_user_changelist")
    asked = operator.post(people, facts)["Location"]
    assert is_in(client)
    assert operator.post(asked, {"password": PASSWORD})["Location"] == people
    operator.post(people, facts)
    run_jobs()
    assert not is_in(client)
    assert sign_in(client, cast.owner)["Location"] == "/desk/"
    assert [message.subject for message in mail.outbox] == ["Your second factors were taken off"]


def test_operators_read_history_and_sessions_but_no_key(cast):
    client = browser()
    sign_in(client, cast.owner)
    operator = browser()
    operator.force_login(cast.operator)
    row = SignInSession.objects.get(user=cast.owner)
    pages = [
        operator.get(reverse("admin:accounts_accountevent_changelist")),
        operator.get(reverse("admin:accounts_signinsession_changelist")),
        operator.get(reverse("admin:accounts_signinsession_change", args=[row.pk])),
    ]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert not any(row.session_key in page.content.decode() for page in pages)


def test_the_history_asks_as_often_for_one_event_as_for_three(cast, django_assert_num_queries):
    client = browser()
    client.force_login(cast.owner)
    client.get(reverse("accounts:history"))
    AccountEvent.objects.create(user=cast.owner, kind=Happening.REFUSED)
    with django_assert_num_queries(100, exact=False) as one:
        client.get(reverse("accounts:history"))
    for _more in range(2):
        AccountEvent.objects.create(user=cast.owner, kind=Happening.REFUSED)
    with django_assert_num_queries(len(one)):
        client.get(reverse("accounts:history"))
