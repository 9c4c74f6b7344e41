"""Sign-in through a provider: checked to the letter, connected by whoever proves to own both."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from accounts.models import AccountEvent, Connection
from foundation.models import Notice
from foundation.providers import Provider
from portal import env
from tests.accounts import provider as small
from tests.accounts.factors import code_at, give_app
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

START = "/accounts/login/with/example/"
CONNECT = "/accounts/login/connect/"


@pytest.fixture
def server(settings):
    with small.running() as found:
        settings.OIDC_PROVIDERS = [
            Provider("example", "Example ID", found.issuer, small.CLIENT, small.SECRET,
                     frozenset({"mfa"}))
        ]  # fmt: skip
        yield found


def at_provider(client, back="/desk/"):
    """Go to the provider and return the address to which it sends back."""
    address = client.get(START, {"next": back})["Location"]
    page = requests.get(address, timeout=5).text
    link = re.search(r'<a href="([^"]+)"', page).group(1).replace("&amp;", "&")
    return link.partition("http://testserver")[2]


def connected(user, server) -> Connection:
    return Connection.objects.create(
        user=user, provider="example", issuer=server.issuer, subject="person-1"
    )


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_connected_person_signs_in_and_goes_on(client, cast, server, algorithm):
    server.algorithm = server.kid = algorithm
    connected(cast.owner, server)
    answer = client.get(at_provider(client, "/cases/"))
    assert (answer["Location"], signed_in(client)) == ("/cases/", True)
    assert client.get("/desk/").status_code == 200
    row = Connection.objects.get()
    assert (row.email, row.last_used_at is not None) == ("someone@provider.example", True)
    assert AccountEvent.objects.get(user=cast.owner).kind == "signed_in"


def test_the_button_stands_on_the_page(client, server):
    assert "Sign in with Example ID" in client.get("/accounts/login/").content.decode()


def test_without_a_provider_there_is_no_way(client, db):
    assert "login/with" not in client.get("/accounts/login/").content.decode()
    assert client.get(START).status_code == 404


def test_an_address_in_common_connects_nothing(client, cast, server):
    server.person["email"] = cast.owner.email
    server.claims = {"email_verified": True}
    answer = client.get(at_provider(client))
    assert (answer["Location"], signed_in(client)) == (CONNECT, False)
    page = client.get(CONNECT).content.decode()
    assert "Sign in to it once with its password" in page
    assert not Connection.objects.exists()


def test_whoever_owns_both_connects_them(client, cast, server):
    client.get(at_provider(client))
    facts = {"login": cast.owner.email, "password": PASSWORD, "next": CONNECT}
    assert client.post(reverse("account_login"), facts)["Location"] == CONNECT
    assert client.post(CONNECT, {}).status_code == 422
    assert client.post(CONNECT, {"password": "wrong one"}).status_code == 422
    assert not Connection.objects.exists()
    client.post(CONNECT, {"password": PASSWORD})
    row = Connection.objects.get()
    assert (row.user, row.issuer, row.subject) == (cast.owner, server.issuer, "person-1")
    assert Notice.objects.get(recipient=cast.owner).kind == "accounts.connected"
    other = Client()
    other.get(at_provider(other))
    assert signed_in(other)


def test_an_identity_belongs_to_one_account(client, cast, server):
    connected(cast.owner, server)
    client.force_login(cast.rival_owner)
    client.get(at_provider(client))
    page = client.post(CONNECT, {"password": PASSWORD})
    assert page.status_code == 422
    assert "connected with another account" in page.content.decode()
    assert Connection.objects.get().user == cast.owner


def test_a_connection_is_taken_off(client, cast, server):
    row = connected(cast.owner, server)
    client.force_login(cast.rival_owner)
    assert client.post(reverse("accounts:disconnect", args=[row.pk])).status_code == 404
    client.force_login(cast.owner)
    client.post(reverse("accounts:disconnect", args=[row.pk]))
    assert not Connection.objects.exists()


def test_the_only_way_in_is_not_taken_off(client, cast, server):
    row = connected(cast.owner, server)
    cast.owner.set_unusable_password()
    cast.owner.save()
    client.force_login(cast.owner)
    client.post(reverse("accounts:disconnect", args=[row.pk]))
    assert Connection.objects.exists()


PROOFS = [
    ({}, True),
    ({"amr": ["pwd"]}, True),
    ({"amr": "mfa"}, True),
    ({"amr": ["pwd", "mfa"]}, False),
    ({"acr": "mfa"}, False),
]


@pytest.mark.parametrize("proof", PROOFS)
def test_the_second_factor_is_asked_unless_the_provider_had_it(
    client, cast, server, settings, proof
):
    claims, is_asked = proof
    settings.SECOND_FACTOR = "required"
    connected(cast.planner, server)
    give_app(cast.planner)
    server.claims = claims
    answer = client.get(at_provider(client))
    assert (answer["Location"] == reverse("mfa_authenticate")) == is_asked
    assert signed_in(client) != is_asked
    if is_asked:
        client.post(reverse("mfa_authenticate"), {"code": code_at()})
    assert client.get("/desk/").status_code == 200


def test_without_a_factor_a_provider_leads_to_the_set_up(client, cast, server, settings):
    settings.SECOND_FACTOR = "required"
    connected(cast.planner, server)
    client.get(at_provider(client))
    assert client.get("/desk/")["Location"].startswith(reverse("accounts:second_factor"))


def test_an_inactive_person_stays_out(client, cast, server):
    connected(cast.owner, server)
    cast.owner.is_active = False
    cast.owner.save()
    client.get(at_provider(client))
    assert not signed_in(client)


LIES = {
    "another issuer": {"claims": {"iss": "https://other.example"}},
    "another audience": {"claims": {"aud": "someone-else"}},
    "two audiences without azp": {"claims": {"aud": [small.CLIENT, "other"]}},
    "made for another client": {"claims": {"azp": "other"}},
    "expired": {"claims": {"exp": int(time.time()) - 3600}},
    "never expires": {"claims": {"exp": None}},
    "no subject": {"claims": {"sub": None}},
    "from the future": {"claims": {"iat": int(time.time()) + 3600}},
    "another nonce": {"claims": {"nonce": "other"}},
    "no nonce": {"claims": {"nonce": None}},
    "no signature": {"algorithm": "none", "key": None},
    "the client's secret as key": {"algorithm": "HS256", "key": small.SECRET * 2},
    "an algorithm that is not agreed": {"algorithm": "RS512", "key": small.KEYS["RS256"]},
    "somebody else's key": {"key": small.STRANGER},
    "an unknown key": {"kid": "nobody"},
    "the key of another kind": {"kid": "ES256"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_right_is_refused(client, cast, server, lie, caplog):
    connected(cast.owner, server)
    for name, value in LIES[lie].items():
        setattr(server, name, value)
    answer = client.get(at_provider(client))
    assert (answer.status_code, signed_in(client)) == (400, False)
    assert "Sign-in did not succeed" in answer.content.decode()
    assert "refused" in caplog.text


def test_a_provider_that_names_another_issuer_is_refused(client, server):
    server.names_itself = "https://other.example"
    assert client.get(START).status_code == 502


def test_a_provider_that_is_away_is_said_kindly(client, settings):
    settings.OIDC_PROVIDERS = [
        Provider("example", "Example ID", "http://127.0.0.1:9", small.CLIENT, small.SECRET)
    ]
    page = client.get(START)
    assert page.status_code == 502
    assert "sign in with your password" in page.content.decode()


def test_a_state_is_good_once_and_in_one_browser(client, cast, server):
    connected(cast.owner, server)
    path = at_provider(client)
    thief = Client()
    assert thief.get(path).status_code == 400
    assert not signed_in(thief)
    client.get(path)
    assert signed_in(client)
    client.post(reverse("account_logout"))
    assert client.get(path).status_code == 400


@pytest.mark.parametrize(
    "change", [{"state": "other"}, {"state": ""}, {"code": ""}, {"code": "other"}]
)
def test_a_changed_answer_is_refused(client, cast, server, change):
    connected(cast.owner, server)
    path, _mark, query = at_provider(client).partition("?")
    facts = {name: values[0] for name, values in parse_qs(query).items()} | change
    assert client.get(path, facts).status_code == 400
    assert not signed_in(client)


def test_the_request_carries_state_nonce_and_a_hashed_verifier(client, server):
    asked = parse_qs(urlsplit(client.get(START)["Location"]).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert {len(asked[name][0]) for name in ("state", "nonce", "code_challenge")} == {43}


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_sent_to_another_site(client, cast, server, address):
    connected(cast.owner, server)
    assert client.get(at_provider(client, address))["Location"] == "/desk/"


GOOD = ('{"id": "a", "name": "A", "server": "https://a.example", "client_id": "c", '
        '"client_secret": "s"}')  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "{}",
        '[{"id": "a"}]',
        f"[{GOOD}, {GOOD}]",
        f'[{GOOD[:-1]}, "more": 1}}]',
        f"[{GOOD.replace('https', 'http')}]",
        f"[{GOOD.replace('a.example', 'a.example/.well-known/openid-configuration')}]",
        "[" + GOOD.replace('"s"', '""') + "]",
        "[" + GOOD.replace('"a"', '"A b"') + "]",
    ],
)
def test_a_wrong_configuration_stops_the_start(monkeypatch, text):
    monkeypatch.setenv("OIDC_PROVIDERS", text)
    with pytest.raises(ImproperlyConfigured, match="OIDC_PROVIDERS"):
        env.oidc_providers("OIDC_PROVIDERS")


def test_a_right_configuration_is_read(monkeypatch):
    monkeypatch.setenv("OIDC_PROVIDERS", f"[{GOOD}]")
    assert env.oidc_providers("OIDC_PROVIDERS") == [
        Provider("a", "A", "https://a.example", "c", "s")
    ]
