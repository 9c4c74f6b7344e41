"""What ties a person to an enterprise, how long it bars, and who reads it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from foundation.models import JournalEntry, Notice
from foundation.workflow import NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from schemes.models import Declaration, Interest
from schemes.queries import rule_book_for
from schemes.queries.interests import bars_until, reasons_against
from schemes.services.interests import interest_declare, interest_end, interests_confirm

pytestmark = pytest.mark.django_db
D = dt.date
NOW = D(2026, 6, 1)


def tie(cast, user=None, **facts):
    """Keep an interest of the auditor in the cast's enterprise."""
    rows = {
        "user": user or cast.auditor,
        "identifier": cast.enterprise.identifier,
        "name": "Ningbo Gears",
        "kind": "consultancy",
        "began_on": D(2020, 1, 1),
        "declared_by": user or cast.auditor,
    }
    return Interest.objects.create(**rows | facts)


@pytest.fixture
def rules(catalogue):
    return rule_book_for("CN", NOW)


@pytest.mark.parametrize(
    ("kind", "ended", "last"),
    [
        ("consultancy", D(2025, 3, 3), D(2027, 3, 3)),
        ("internal_audit", D(2025, 12, 31), D(2027, 12, 31)),
        ("employment", D(2023, 2, 28), D(2025, 2, 28)),
        ("training", D(2026, 1, 31), D(2028, 1, 31)),
        # From the leap day: the last day of February of a year without one.
        ("consultancy", D(2024, 2, 29), D(2026, 2, 28)),
        # Into a leap year the day stays the same day of the month.
        ("consultancy", D(2022, 2, 28), D(2024, 2, 28)),
        ("family", D(2026, 5, 31), D(2026, 5, 31)),
        ("financial", D(2026, 5, 31), D(2026, 5, 31)),
        ("other", D(2026, 5, 31), D(2026, 5, 31)),
        ("consultancy", None, None),
        ("family", None, None),
    ],
)
def test_the_period_of_the_rules_begins_with_the_last_day(rules, kind, ended, last):
    assert bars_until(Interest(kind=kind, ended_on=ended), rules) == last


@pytest.mark.parametrize(
    ("ended", "on", "barred"),
    [
        (D(2025, 3, 3), D(2027, 3, 2), True),
        (D(2025, 3, 3), D(2027, 3, 3), True),
        (D(2025, 3, 3), D(2027, 3, 4), False),
        (D(2024, 2, 29), D(2026, 2, 28), True),
        (D(2024, 2, 29), D(2026, 3, 1), False),
        (None, D(2099, 1, 1), True),
    ],
)
def test_the_last_day_bars_and_the_day_after_does_not(cast, rules, ended, on, barred):
    tie(cast, ended_on=ended)
    assert bool(reasons_against(cast.auditor, cast.enterprise, on=on, rules=rules)) is barred


def test_the_reason_says_both_days_and_not_the_enterprise(cast, rules):
    tie(cast, ended_on=D(2025, 3, 3))
    words = reasons_against(cast.auditor, cast.enterprise, on=NOW, rules=rules)
    assert words == ["Consultancy until 3 March 2025: bars until 3 March 2027"]
    with override("zh-hans"):
        words = reasons_against(cast.auditor, cast.enterprise, on=NOW, rules=rules)
        assert words == ["咨询至2025年3月3日：须回避至2027年3月3日"]


def test_only_the_enterprise_of_that_identifier_and_country_is_meant(cast, rules):
    tie(cast, country="DE")
    tie(cast, identifier=cast.rival_enterprise.identifier)
    assert reasons_against(cast.auditor, cast.enterprise, on=NOW, rules=rules) == []
    assert reasons_against(cast.auditor2, cast.rival_enterprise, on=NOW, rules=rules) == []
    assert len(reasons_against(cast.auditor, cast.rival_enterprise, on=NOW, rules=rules)) == 1


# Declaring


def facts(cast, **more):
    return {
        "country": "CN",
        "identifier": cast.rival_enterprise.identifier,
        "name": "Another",
        "kind": "consultancy",
        "began_on": D(2024, 1, 1),
    } | more


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("auditor", True),
        ("manager", True),
        ("planner", False),
        ("auditor2", False),
        ("rival_manager", False),
        ("owner", False),
        ("supervisor", False),
        ("operator", False),
    ],
)
def test_the_person_or_a_manager_declares(cast, who, allowed):
    def declare():
        return interest_declare(actor=cast.actor(who), user=cast.auditor, **facts(cast))

    if allowed:
        assert declare().declared_by == getattr(cast, who)
    else:
        with pytest.raises(NotAllowed):
            declare()
    assert Interest.objects.count() == allowed


def test_a_wrong_code_and_turned_dates_are_refused(cast):
    actor = cast.actor("auditor")
    for wrong in (
        {"identifier": "91330200MA0000000X"},
        {"ended_on": D(2023, 1, 1)},
        {"ended_on": D(9999, 12, 31)},
    ):
        with pytest.raises(ValidationError):
            interest_declare(actor=actor, user=cast.auditor, **facts(cast, **wrong))
    assert not Interest.objects.exists()


def test_the_person_is_told_of_what_a_manager_recorded_and_its_author_stays_inside(cast):
    row = interest_declare(actor=cast.actor("manager"), user=cast.auditor, **facts(cast))
    assert Notice.objects.get(kind="schemes.interest_recorded").recipient == cast.auditor
    entry = JournalEntry.objects.get(subject_id=row.pk)
    assert (entry.verb, entry.internal_to) == ("interest.declared", cast.body.pk)
    own = interest_declare(actor=cast.actor("auditor"), user=cast.auditor, **facts(cast))
    assert JournalEntry.objects.get(subject_id=own.pk).internal_to is None


def test_an_end_is_set_once_and_not_before_it_came(cast):
    row = tie(cast)
    actor = cast.actor("auditor")
    today = timezone.localdate()
    for wrong in (today + dt.timedelta(days=1), D(2019, 12, 31)):
        with pytest.raises(ValidationError):
            interest_end(actor=actor, interest=row, ended_on=wrong)
    assert interest_end(actor=actor, interest=row, ended_on=today).ended_on == today
    # What was set cannot be moved back to be free sooner.
    with pytest.raises(ValidationError, match="last day already"):
        interest_end(actor=actor, interest=row, ended_on=D(2020, 1, 2))
    assert Notice.objects.get(kind="schemes.interest_ended").recipient == cast.manager
    with pytest.raises(NotAllowed):
        interest_end(actor=cast.actor("auditor2"), interest=tie(cast), ended_on=today)


def test_a_confirmation_holds_for_the_months_of_the_rules(cast, time_machine):
    time_machine.move_to(dt.datetime(2024, 2, 29, 9, tzinfo=timezone.get_default_timezone()))
    row = interests_confirm(actor=cast.actor("auditor"))
    assert (row.user, row.due_on) == (cast.auditor, D(2025, 2, 28))
    assert timezone.localdate(row.confirmed_at) == D(2024, 2, 29)
    assert JournalEntry.objects.get(subject_id=row.pk).verb == "interests.confirmed"
    with pytest.raises(NotAllowed):
        interests_confirm(actor=cast.actor("owner"))
    assert Declaration.objects.count() == 1


# Who reads it


def test_managers_and_planners_of_the_persons_bodies_read_it_and_nobody_else(cast):
    row = tie(cast)
    readers = {
        name
        for name in ("auditor", "auditor2", "manager", "planner", "reviewer", "certifier", "owner",
                     "rival_manager", "rival_owner", "supervisor", "operator", "anonymous")
        if Interest.objects.visible_to(cast.actor(name)).filter(pk=row.pk).exists()
    }  # fmt: skip
    assert readers == {"auditor", "manager", "planner", "operator"}


def test_it_binds_in_every_body_of_the_person_and_leaves_with_the_person(cast, rules):
    row = tie(cast)
    place = Membership.objects.create(
        user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR
    )
    rival = cast.actor("rival_manager")
    assert list(Interest.objects.visible_to(rival)) == [row]
    place.ended_at = timezone.now()
    place.save()
    assert not Interest.objects.visible_to(rival).exists()
    assert reasons_against(cast.auditor, cast.enterprise, on=NOW, rules=rules)


# Pages


def page(name, *args):
    return reverse(f"schemes:{name}", args=args)


def test_the_person_declares_ends_and_confirms_on_the_page(cast, client):
    cast.client(client, "auditor")
    profile = page("profile", cast.body.pk, cast.auditor.pk)
    new = page("interest_new", cast.body.pk, cast.auditor.pk)
    assert new in client.get(profile).content.decode()
    sent = facts(cast, began_on="2024-01-01")
    answer = client.post(new, sent | {"identifier": "123"})
    assert answer.status_code == 422
    assert "123" in answer.content.decode()
    assert set(answer.context["form"].errors) == {"identifier"}
    assert client.post(new, sent).status_code == 302
    row = Interest.objects.get()
    words = client.get(profile).content.decode()
    assert "Bars while it lasts" in words
    assert client.post(page("interest", row.pk), {"ended_on": "2030-01-01"}).status_code == 422
    today = timezone.localdate().isoformat()
    assert client.post(page("interest", row.pk), {"ended_on": today}).status_code == 302
    assert client.post(page("interest", row.pk), {"ended_on": today}).status_code == 403
    assert client.post(page("interests_confirm", cast.body.pk)).status_code == 302
    assert Declaration.objects.get().user == cast.auditor


@pytest.mark.parametrize(
    ("who", "own", "profile"),
    [
        ("planner", 200, 200),
        ("reviewer", 404, 200),
        ("auditor2", 404, 404),
        ("rival_manager", 404, 404),
        ("owner", 404, 404),
        ("supervisor", 404, 200),
        ("operator", 200, 200),
    ],
)
def test_who_opens_the_page_of_an_interest_and_of_the_person(cast, client, who, own, profile):
    row = tie(cast, name="CANARY-TIE")
    cast.client(client, who)
    assert client.get(page("interest", row.pk)).status_code == own
    answer = client.get(page("profile", cast.body.pk, cast.auditor.pk))
    assert answer.status_code == profile
    assert ("CANARY-TIE" in answer.content.decode()) == (own == 200)


def test_a_manager_of_another_body_of_the_person_does_not_read_who_recorded_it(cast, client):
    interest_declare(actor=cast.actor("manager"), user=cast.auditor, **facts(cast))
    Membership.objects.create(user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR)
    cast.client(client, "rival_manager")
    words = client.get(page("interest", Interest.objects.get().pk)).content.decode()
    assert cast.manager.name not in words
    assert cast.body.name_en not in words
