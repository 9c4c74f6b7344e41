"""Keys for programs: made once, cut to their scopes, over at once, and no way into pages."""

import datetime as dt
import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import AccountEvent
from foundation.models import Notice
from foundation.workflow import FLOWS, perform
from organisations.enums import Role
from organisations.keys import actor_of_key
from organisations.models import ApiKey, Membership
from organisations.models.keys import hash_of
from organisations.scopes import SCOPES, cut
from organisations.services import teams
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"
NEW = "/accounts/security/keys/new/"


def make(cast, client, person="owner", scopes=("identity",), **changes) -> str:
    """Make a key through the page and return its secret."""
    facts = {"name": "Our archive", "scopes": list(scopes), "days": 90, "password": PASSWORD}
    page = cast.client(client, person).post(NEW, facts | changes)
    assert page.status_code == 200
    secret = page.context["secret"]
    client.logout()
    return secret


def ask(client, secret, path=ME, **more):
    return client.get(path, headers={"Authorization": f"Bearer {secret}"}, **more)


def is_refused(answer) -> bool:
    problem = answer.json()
    return (
        answer.status_code == 401
        and answer["Content-Type"] == "application/problem+json"
        and answer["WWW-Authenticate"] == "Bearer"
        and problem["status"] == 401
        and problem["type"] == "urn:portal:problem:unauthorized"
    )


def test_a_key_names_itself(client, cast):
    secret = make(cast, client)
    answer = ask(client, secret)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    facts = answer.json()
    assert facts["key"]["name"] == "Our archive"
    assert facts["key"]["scopes"] == ["identity"]
    assert facts["person"]["email"] == cast.owner.email
    assert facts["organisation"]["id"] == str(cast.enterprise.pk)
    assert facts["roles"] == []
    row = ApiKey.objects.get()
    assert (row.last_used_at is not None, row.last_address) == (True, "127.0.0.1")


def test_only_the_hash_is_kept_and_the_secret_is_shown_once(client, cast, caplog):
    caplog.set_level(logging.DEBUG)
    secret = make(cast, client)
    ask(client, secret)
    row = ApiKey.objects.get()
    assert (row.secret_hash, secret.startswith(row.prefix)) == (hash_of(secret), True)
    assert secret not in str(ApiKey.objects.values())
    assert secret not in caplog.text
    page = cast.client(client, "owner").get(reverse("organisations:keys")).content.decode()
    assert row.prefix in page
    assert secret not in page
    assert AccountEvent.objects.filter(user=cast.owner, kind="key_made").exists()
    assert Notice.objects.get(recipient=cast.owner).kind == "accounts.key_made"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer x", "Bearer cpk_", "Basic eDp5", "Bearer cpk_00000000_" + "x" * 43,
     "Bearer " + "cpk_" * 5000],
)  # fmt: skip
def test_what_is_no_key_is_refused(client, cast, header):
    make(cast, client)
    assert is_refused(client.get(ME, headers={"Authorization": header} if header else {}))


def _expired(cast):
    ApiKey.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))


def _ended(cast):
    ApiKey.objects.update(ended_at=timezone.now())


def _inactive(cast):
    cast.member.is_active = False
    cast.member.save()


def _left(cast):
    teams.end_person(actor=cast.actor("member"), organisation=cast.enterprise, user=cast.member)


def _row_ended(cast):
    Membership.objects.filter(user=cast.member).update(ended_at=timezone.now())


@pytest.mark.parametrize("end", [_expired, _ended, _inactive, _left, _row_ended])
def test_what_is_over_is_refused_at_once(client, cast, end):
    secret = make(cast, client, "member")
    assert ask(client, secret).status_code == 200
    end(cast)
    assert is_refused(ask(client, secret))


def test_leaving_ends_the_keys_for_good(client, cast):
    secret = make(cast, client, "member")
    _left(cast)
    Membership.objects.create(user=cast.member, organisation=cast.enterprise, role=Role.MEMBER)
    assert is_refused(ask(client, secret))


def test_a_cookie_is_no_key_and_a_key_is_no_cookie(client, cast):
    secret = make(cast, client)
    for path in ("/desk/", "/cases/", "/admin/", reverse("organisations:keys")):
        assert ask(client, secret, path).status_code == 302, path
    assert is_refused(cast.client(client, "owner").get(ME))


def test_a_key_of_a_body_opens_no_page_past_the_second_factor(client, cast, settings):
    secret = make(cast, client, "planner")
    settings.SECOND_FACTOR = "required"
    assert ask(client, secret).status_code == 200
    cast.client(client, "planner")
    assert ask(client, secret, "/desk/")["Location"].startswith(reverse("accounts:second_factor"))


def actor_of(secret):
    return actor_of_key(RequestFactory().get(ME, headers={"Authorization": f"Bearer {secret}"}))


def test_roles_are_cut_to_the_scopes(client, cast):
    Membership.objects.create(user=cast.planner, organisation=cast.body, role=Role.AUDITOR)
    actor = actor_of(make(cast, client, "planner", ["identity", "applications:read"]))
    assert actor.roles == {Role.PLANNER}
    assert (actor.confirmed, actor.organisation) == (False, cast.body)
    assert cut({Role.AUDITOR, Role.PLANNER}, ["audits:read"]) == {Role.AUDITOR, Role.PLANNER}
    assert cut({Role.AUDITOR}, ["identity", "no such scope"]) == set()


def test_a_scope_that_is_missing_is_named(client, cast):
    answer = ask(client, make(cast, client, scopes=["certificates:read"]))
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "The key lacks the scope identity."


def test_a_key_moves_nothing(client, cast):
    actor = actor_of(make(cast, client, "manager", list(SCOPES)))
    flow = FLOWS["body"]
    operator = cast.actor("operator")
    with pytest.raises(PermissionDenied):
        perform(flow, cast.body.body_profile, "suspend", actor, reason="x")
    reading = operator.__class__(user=cast.operator, scopes=frozenset())
    with pytest.raises(PermissionDenied, match="only reads"):
        perform(flow, cast.body.body_profile, "suspend", reading, reason="x")


def test_a_key_acts_for_the_organisation_it_was_made_in(client, cast):
    Membership.objects.create(user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR)
    secret = make(cast, client, "auditor")
    cast.client(client, "auditor")
    client.post("/organisations/act-as/", {"organisation": str(cast.rival_body.pk)})
    assert ask(client, secret).json()["organisation"]["id"] == str(cast.body.pk)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": ""}, "password"),
        ({"password": "wrong one"}, "password"),
        ({"name": ""}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        ({"days": 3650}, "days"),
    ],
)
def test_what_makes_no_key(client, cast, change, field):
    facts = {"name": "Our archive", "scopes": ["identity"], "days": 90, "password": PASSWORD}
    page = cast.client(client, "owner").post(NEW, facts | change)
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {field})
    assert not ApiKey.objects.exists()


def test_one_ends_ones_own_keys_only(client, cast):
    secret = make(cast, client)
    path = reverse("organisations:key_end", args=[ApiKey.objects.get().pk])
    assert cast.client(client, "member").post(path).status_code == 404
    cast.client(client, "owner").post(path)
    client.logout()
    assert is_refused(ask(client, secret))
    assert AccountEvent.objects.filter(user=cast.owner, kind="key_ended").count() == 1


def test_asking_too_often_waits(client, cast, settings):
    settings.API_LIMITS = {"key": 3, "address": 2}
    secret = make(cast, client)
    assert [ask(client, secret).status_code for _again in range(4)] == [200, 200, 200, 429]
    answers = [client.get(ME) for _again in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert answers[-1]["Content-Type"] == "application/problem+json"
    assert answers[-1]["Retry-After"] == "60"


@pytest.mark.parametrize(("method", "path", "status"), [("post", ME, 405), ("get", "/api/x", 404)])
def test_every_error_is_a_problem(client, cast, method, path, status):
    secret = make(cast, client)
    answer = getattr(client, method)(path, headers={"Authorization": f"Bearer {secret}"})
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer["Content-Type"] == "application/problem+json"


def test_the_page_asks_as_often_for_one_key_as_for_three(client, cast, django_assert_num_queries):
    def more(number):
        ApiKey.objects.create(
            user=cast.owner, organisation=cast.enterprise, name=f"Key {number}",
            prefix=f"cpk_{number}", secret_hash=str(number), scopes=["identity"],
            expires_at=timezone.now() + dt.timedelta(days=1),
        )  # fmt: skip

    more(1)
    cast.client(client, "owner").get(reverse("organisations:keys"))
    with django_assert_num_queries(100, exact=False) as one:
        client.get(reverse("organisations:keys"))
    more(2)
    more(3)
    with django_assert_num_queries(len(one)):
        client.get(reverse("organisations:keys"))
