"""Acts that somebody answers for in person: who sits there is proved, and nothing typed is lost."""

import pytest
import time_machine
from django.urls import reverse

from certification.flows.cases import CASE_FLOW
from certification.models import Decision
from foundation.workflow import FLOWS, NotConfirmed, perform
from organisations.actors import actor_for
from tests.accounts.factors import code_at, give_app, recovery_codes_of
from tests.certification.casework import deciding_case
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db

CONFIRMED = {
    "application": {"sign"},
    "case": {"grant", "refuse", "maintain", "renew", "extend", "decline_change", "stop"},
    "certificate": {
        "suspend",
        "reinstate",
        "withdraw",
        "cancel",
        "reduce",
        "correct",
        "request_cancellation",
    },
    "change": {"carry_over"},
    "complaint": {"decide"},
    "merger": {"confirm", "call_off"},
    "proposal": {"dismiss"},
}


def grant(client, case, **facts):
    address = reverse("certification:case_do", args=[case.pk, "grant"])
    return client.post(address, {"reason": "Conforms in all points.", **facts})


def test_the_acts_that_need_it_are_those_that_were_reviewed():
    declared = {
        name: {transition.action for transition in flow.transitions if transition.confirmed}
        for name, flow in FLOWS.items()
    }
    assert {name: actions for name, actions in declared.items() if actions} == CONFIRMED


def test_no_path_gets_around_it(cast):
    case = deciding_case(cast)
    unproved = actor_for(cast.certifier)
    with pytest.raises(NotConfirmed, match="Confirm first"):
        perform(CASE_FLOW, case, "grant", unproved, reason="Conforms.")
    assert Decision.objects.count() == 0


@pytest.mark.parametrize("proof", ["password", "app", "recovery"])
def test_a_decision_is_proved_in_its_own_form(cast, client, proof):
    case = deciding_case(cast)
    give_app(cast.certifier)
    typed = {
        "password": PASSWORD,
        "app": code_at(),
        "recovery": recovery_codes_of(cast.certifier)[0],
    }[proof]
    cast.client(client, "certifier")
    assert grant(client, case, password=typed).status_code == 302
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("proof", [{}, {"password": "no such word"}, {"credential": "{}"}])
def test_a_failed_proof_decides_nothing_and_loses_nothing(cast, client, proof):
    case = deciding_case(cast)
    cast.client(client, "certifier")
    page = grant(client, case, **proof)
    assert (page.status_code, page.context["form"].errors.keys()) == (422, {"password"})
    assert "Conforms in all points." in page.content.decode()
    assert "no such word" not in page.content.decode()
    assert Decision.objects.count() == 0


def test_whoever_proved_it_minutes_ago_is_not_asked(cast, client):
    with time_machine.travel("2026-11-20T10:00:00+08:00", tick=False) as clock:
        case = deciding_case(cast)
        cast.client(client, "certifier")
        address = reverse("certification:case_do", args=[case.pk, "grant"])
        assert 'name="password"' in client.get(address).content.decode()
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        assert 'name="password"' not in client.get(address).content.decode()
        clock.shift(301)
        assert grant(client, case).status_code == 422
        assert grant(client, case, password=PASSWORD).status_code == 302


def test_the_proof_of_one_session_is_not_that_of_another(cast, client):
    case = deciding_case(cast)
    other = cast.client(type(client)(), "certifier")
    other.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert grant(cast.client(client, "certifier"), case).status_code == 422
