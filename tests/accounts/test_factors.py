"""Second factors: set up, used once, never the last one lost, and asked of those who need one."""

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation import identity
from tests.accounts.factors import code_at, give_app, recovery_codes_of
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

SECURITY = "/accounts/security/"
SET_UP = "/accounts/security/second-factor/"


def sign_in(client, user, password=PASSWORD, **more):
    return client.post(reverse("account_login"), {"login": user.email, "password": password} | more)


def second_step(client, code):
    return client.post(reverse("mfa_authenticate"), {"code": code})


def confirm(client, password=PASSWORD):
    return client.post(reverse("account_reauthenticate"), {"password": password, "next": SECURITY})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def secret_on(page) -> str:
    return re.search(r'class="mono key">([A-Z2-7]+)<', page.content.decode()).group(1)


def set_up_app(client):
    """Set an authenticator app up through the pages; return its secret and the next page."""
    secret = secret_on(client.get(reverse("mfa_activate_totp")))
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_at(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret, client.get(answer["Location"])


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = "required"


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_by_its_code_and_codes_are_shown_once(client, cast):
    sign_in(client, cast.owner)
    secret, page = set_up_app(client)
    codes = recovery_codes_of(cast.owner)
    text = page.content.decode()
    assert (len(codes), [code for code in codes if f">{code}<" not in text]) == (10, [])
    assert f"{codes[9]}%0A" in text  # the download
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert [code for code in codes if code in again] == []
    assert mail.outbox[-1].subject == "An authenticator app was set up"
    assert secret not in str(Authenticator.objects.filter(user=cast.owner).values_list("data"))
    # The code of the set-up is used up by it.
    code = code_at(secret)
    other = Client()
    sign_in(other, cast.owner)
    second_step(other, code)
    assert not signed_in(other)
    second_step(other, code_at(secret, steps=1))
    assert signed_in(other)


def test_a_wrong_code_sets_nothing_up(client, cast):
    sign_in(client, cast.owner)
    secret = secret_on(client.get(reverse("mfa_activate_totp")))
    wrong = f"{(int(code_at(secret)) + 1) % 10**6:06}"
    page = client.post(reverse("mfa_activate_totp"), {"code": wrong})
    assert page.context["form"].errors.keys() == {"code"}
    assert secret_on(page) == secret
    assert not Authenticator.objects.exists()


def test_the_password_alone_does_not_sign_in_any_more(client, cast):
    give_app(cast.owner)
    answer = sign_in(client, cast.owner)
    assert (answer["Location"], signed_in(client)) == (reverse("mfa_authenticate"), False)
    assert client.get("/desk/").status_code == 302
    assert second_step(client, code_at())["Location"] == "/desk/"
    assert signed_in(client)


def test_a_code_is_good_once_even_with_an_empty_cache(client, cast):
    give_app(cast.owner)
    code = code_at()
    sign_in(client, cast.owner)
    second_step(client, code)
    cache.clear()
    thief = Client()
    sign_in(thief, cast.owner)
    page = second_step(thief, code)
    assert not signed_in(thief)
    assert page.context["form"].errors == {
        "code": ["This code is not right, or it was used already. Wait for the next one."]
    }


def test_an_older_code_is_not_good_after_a_newer_one(client, cast):
    give_app(cast.owner)
    assert identity._use_totp(Authenticator.objects.get(type="totp"), code_at(steps=1))
    factor = Authenticator.objects.get(type="totp")
    assert not identity._use_totp(factor, code_at())
    assert not identity._use_totp(factor, code_at(steps=2))


def test_a_recovery_code_is_good_once(client, cast):
    give_app(cast.owner)
    code = recovery_codes_of(cast.owner)[3]
    sign_in(client, cast.owner)
    second_step(client, f" {code[:5]} {code[5:]} ")
    assert signed_in(client)
    other = Client()
    sign_in(other, cast.owner)
    second_step(other, code)
    assert not signed_in(other)
    assert len(recovery_codes_of(cast.owner)) == 9


def guess(user, wrong, code="000000"):
    """Sign in with the password, guess, then give the right code; return the last answer."""
    client = Client()
    sign_in(client, user)
    for _guess in range(wrong):
        second_step(client, code)
    return second_step(client, code_at())


def test_guessing_ends(cast):
    give_app(cast.owner)
    page = guess(cast.owner, 5)
    assert "Too many" in str(page.context["form"].errors)


def test_a_right_code_does_not_clear_what_the_address_guessed(cast):
    for user in (cast.owner, cast.member, cast.planner):
        give_app(user)
    assert guess(cast.owner, 4)["Location"] == "/desk/"
    assert guess(cast.member, 4)["Location"] == "/desk/"
    page = guess(cast.planner, 2)
    assert "Too many" in str(page.context["form"].errors)


@pytest.mark.parametrize("code", ["", "abc", "１２３４５６", "0" * 500, "12\x003456"])
def test_what_is_no_code_is_refused_kindly(client, cast, code):
    give_app(cast.owner)
    sign_in(client, cast.owner)
    page = second_step(client, code)
    assert (page.status_code, page.context["form"].errors.keys()) == (200, {"code"})


@pytest.mark.parametrize(
    "credential",
    ["", "{", "[]", '{"id": 1}', '"x"', "null", "x" * 30_000, "[" * 100_000, "9" * 10_000],
    ids=lambda text: text[:10],
)
def test_what_is_no_passkey_is_refused_kindly(client, cast, credential):
    give_app(cast.owner)
    sign_in(client, cast.owner)
    page = client.post(reverse("mfa_authenticate"), {"credential": credential})
    assert (page.status_code, signed_in(client)) == (200, False)
    answer = Client().post(reverse("mfa_login_webauthn"), {"credential": credential})
    assert answer["Location"] == reverse("account_login")


def test_a_new_password_leaves_the_second_factor(client, cast):
    give_app(cast.owner)
    client.post(reverse("account_reset_password"), {"email": cast.owner.email})
    address = re.search(r"http\S+", mail.outbox[-1].body).group(0)
    page = client.get(address, follow=True)
    words = {"password1": "long enough 42", "password2": "long enough 42"}
    client.post(page.redirect_chain[-1][0], words)
    assert not signed_in(client)
    assert sign_in(client, cast.owner, "long enough 42")["Location"] == reverse("mfa_authenticate")


def test_factors_are_changed_only_by_somebody_who_confirms(client, cast):
    give_app(cast.owner)
    sign_in(client, cast.owner)
    second_step(client, code_at())
    for name in ("mfa_deactivate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"):
        answer = client.get(reverse(name))
        assert answer["Location"].startswith(reverse("account_reauthenticate")), name
    assert confirm(client, "wrong password").status_code == 200
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 302
    assert confirm(client)["Location"] == SECURITY
    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200


def test_a_confirmation_is_good_for_five_minutes(client, cast):
    give_app(cast.owner)
    with time_machine.travel("2026-11-20T10:00:00+08:00", tick=False) as clock:
        sign_in(client, cast.owner)
        second_step(client, code_at())
        confirm(client)
        clock.shift(299)
        assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
        clock.shift(2)
        assert client.get(reverse("mfa_deactivate_totp")).status_code == 302


def test_a_code_confirms_too_and_is_used_up(client, cast):
    give_app(cast.owner)
    client.force_login(cast.owner)
    code = code_at()
    assert confirm(client, code)["Location"] == SECURITY
    other = Client()
    other.force_login(cast.owner)
    assert confirm(other, code).status_code == 200


@pytest.mark.parametrize(("person", "is_kept"), [("owner", False), ("planner", True)])
def test_the_last_factor_stays_where_one_is_needed(client, cast, required, person, is_kept):
    user = getattr(cast, person)
    give_app(user)
    sign_in(client, user)
    second_step(client, code_at())
    confirm(client)
    page = client.get(reverse("mfa_deactivate_totp"))
    assert ("your work needs one" in page.content.decode()) == is_kept
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(user=user, type="totp").exists() == is_kept


def test_one_of_two_factors_may_go(client, cast, required):
    give_app(cast.planner)
    passkey = Authenticator.objects.create(
        user=cast.planner, type="webauthn", data={"name": "Laptop", "credential": {}}
    )
    sign_in(client, cast.planner)
    second_step(client, code_at())
    confirm(client)
    client.post(reverse("mfa_deactivate_totp"))
    answer = client.post(reverse("mfa_remove_webauthn", args=[passkey.pk]))
    assert answer["Location"] == SECURITY
    assert [str(m) for m in get_messages(answer.wsgi_request)][-1].startswith("This is your last")
    assert list(identity.factors_of(cast.planner)) == [passkey]


def test_nobody_touches_the_passkey_of_somebody_else(client, cast):
    passkey = Authenticator.objects.create(
        user=cast.owner, type="webauthn", data={"name": "Laptop", "credential": {}}
    )
    sign_in(client, cast.rival_owner)
    confirm(client)
    for name in ("mfa_remove_webauthn", "mfa_edit_webauthn"):
        assert client.post(reverse(name, args=[passkey.pk])).status_code == 404
    assert list(identity.factors_of(cast.owner)) == [passkey]


@pytest.mark.parametrize("person", ["planner", "supervisor", "operator"])
def test_those_who_need_one_are_led_to_it(client, cast, required, person):
    user = getattr(cast, person)
    sign_in(client, user)
    answer = client.get("/desk/?view=mine")
    assert answer["Location"] == f"{SET_UP}?next=%2Fdesk%2F%3Fview%3Dmine"
    page = client.get(answer["Location"]).content.decode()
    assert "a stolen password alone opens nothing" in page


@pytest.mark.django_db(transaction=True)
def test_whoever_set_one_up_goes_on_where_it_was(client, cast, required):
    sign_in(client, cast.planner)
    client.get(client.get("/desk/?view=mine")["Location"])
    set_up_app(client)
    assert client.get(SET_UP)["Location"] == "/desk/?view=mine"
    assert client.get("/desk/").status_code == 200


def test_an_enterprise_works_without_one(client, cast, required):
    sign_in(client, cast.owner)
    assert client.get("/desk/").status_code == 200


def test_a_session_older_than_the_factor_ends(client, cast, required):
    client.force_login(cast.planner)
    give_app(cast.planner)
    answer = client.get("/desk/")
    assert answer["Location"] == "/accounts/login/?next=%2Fdesk%2F"
    assert not signed_in(client)


def test_a_fragment_takes_its_page_along(client, cast, required):
    client.force_login(cast.planner)
    answer = client.get("/desk/", headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Redirect"]) == (204, SET_UP)


def test_keys_that_changed_still_read_what_older_ones_wrote(cast, settings):
    factor = give_app(cast.owner)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of at least fifty characters, made up just now"
    assert identity._use_totp(factor, code_at())


def test_the_security_page_asks_as_often_for_one_passkey_as_for_three(client, cast):
    give_app(cast.owner)
    client.force_login(cast.owner)
    counts = []
    for number in (1, 2, 3):
        Authenticator.objects.create(
            user=cast.owner, type="webauthn", data={"name": f"Key {number}", "credential": {}}
        )
        with CaptureQueriesContext(connection) as asked:
            assert client.get(SECURITY).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[2]
