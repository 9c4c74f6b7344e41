"""The profile of a person: entries and who keeps them, competence that is proposed, cautions."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.models import Attachment, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, perform
from organisations.enums import Role
from organisations.models import Membership
from portal.demo.papers import paper
from schemes.flows import COMPETENCE_FLOW
from schemes.models import Competence, Declaration, Entry, Scheme, TechnicalArea
from schemes.queries import competences_in_force, rule_book_for
from schemes.queries.cautions import cautions, hours_of
from schemes.services.competence import (
    competence_propose,
    competence_record,
    competence_repropose,
)
from schemes.services.entries import entry_record, entry_strike

pytestmark = pytest.mark.django_db
D = dt.date


def today():
    return timezone.localdate()


def days(count):
    return today() + dt.timedelta(days=count)


def quality():
    return Scheme.objects.get(code="QMS")


def areas(*codes):
    return list(TechnicalArea.objects.filter(code__in=codes or ["17", "18"]))


def entry(cast, kind, user="auditor", body=None, **facts):
    rows = {
        "user": getattr(cast, user),
        "kind": kind,
        "title": "X",
        "first_day": days(-400),
        "recorded_by": getattr(cast, user),
        "body": body or (cast.body if kind in {"employment", "evaluation"} else None),
    }
    return Entry.objects.create(**rows | facts)


def propose(cast, who="auditor", **facts):
    rows = {
        "scheme": quality(),
        "role": "certifier",
        "valid_from": today(),
        "valid_until": days(365),
        "languages": ["zh"],
        "grounds": "Ten years of practice",
    }
    wanted = facts.pop("areas", None) or areas()
    return competence_propose(actor=cast.actor(who), body=cast.body, areas=wanted, **rows | facts)


# Proposed, judged, suspended


def test_a_proposal_counts_only_once_somebody_else_approved_it(cast):
    row = propose(cast, support=[entry(cast, "experience")])
    held = competences_in_force(body=cast.body, on=today(), role="certifier")
    assert not held.filter(pk=row.pk).exists()
    item = WorkItem.objects.get(subject_id=row.pk, action="approve")
    assert set(item.people.all()) == {cast.manager, cast.reviewer}
    told = Notice.objects.filter(kind="schemes.competence_proposed")
    assert {notice.recipient for notice in told} == {cast.manager, cast.reviewer}
    perform(COMPETENCE_FLOW, row, "approve", cast.actor("reviewer"))
    assert held.filter(pk=row.pk).exists()
    assert Notice.objects.get(kind="schemes.competence_approved").recipient == cast.auditor
    assert not WorkItem.objects.filter(subject_id=row.pk).exists()


@pytest.mark.parametrize("who", ["manager", "reviewer"])
def test_nobody_judges_the_own_proposal(cast, who):
    row = propose(cast, who)
    with pytest.raises(NotAllowed, match="Nobody judges the own competence"):
        perform(COMPETENCE_FLOW, row, "approve", cast.actor(who))
    other = "reviewer" if who == "manager" else "manager"
    assert set(WorkItem.objects.get(subject_id=row.pk).people.all()) == {getattr(cast, other)}


def test_a_manager_records_of_others_and_not_the_own(cast):
    facts = {
        "body": cast.body,
        "scheme": quality(),
        "areas": areas(),
        "role": "certifier",
        "valid_from": today(),
        "valid_until": days(365),
    }
    done = competence_record(actor=cast.actor("manager"), user=cast.auditor, **facts)
    assert done.status == "approved"
    with pytest.raises(NotAllowed, match="Nobody judges the own competence"):
        competence_record(actor=cast.actor("manager"), user=cast.manager, **facts)
    assert competence_record(actor=cast.actor("operator"), user=cast.manager, **facts)


def test_what_is_returned_is_changed_and_proposed_again(cast):
    row = propose(cast)
    perform(COMPETENCE_FLOW, row, "return", cast.actor("manager"), reason="Which areas?")
    assert (row.status, row.answer) == ("returned", "Which areas?")
    assert set(WorkItem.objects.get(subject_id=row.pk).people.all()) == {cast.auditor}
    facts = {name: getattr(row, name) for name in ("scheme", "role", "valid_from", "grounds")}
    again = {"areas": areas("19"), "valid_until": days(100), "support": [entry(cast, "education")]}
    with pytest.raises(NotAllowed):
        competence_repropose(actor=cast.actor("auditor2"), competence=row, **facts | again)
    row.refresh_from_db()
    done = competence_repropose(actor=cast.actor("auditor"), competence=row, **facts | again)
    assert (done.status, done.valid_until) == ("proposed", days(100))
    assert [area.code for area in done.areas.all()] == ["19"]
    assert done.support.count() == 1


def test_a_proposal_that_is_over_or_of_somebody_gone_is_not_approved(cast):
    row = propose(cast)
    Competence.objects.filter(pk=row.pk).update(valid_from=days(-9), valid_until=days(-1))
    row.refresh_from_db()
    cast.auditor.memberships.update(ended_at=timezone.now())
    with pytest.raises(Incomplete) as refusal:
        perform(COMPETENCE_FLOW, row, "approve", cast.actor("manager"))
    assert len(refusal.value.blockers) == 2


def test_support_is_ones_own(cast):
    strange = entry(cast, "experience", user="auditor2")
    with pytest.raises(ValidationError, match="your own profile"):
        propose(cast, support=[strange])
    assert not Competence.objects.filter(status="proposed").exists()


def test_suspended_and_withdrawn_do_not_count(cast):
    row = Competence.objects.get(user=cast.auditor, scheme=quality(), role="lead_auditor")
    held = competences_in_force(body=cast.body, on=today()).filter(pk=row.pk)
    manager = cast.actor("manager")
    for action, counts in (("suspend", 0), ("reinstate", 1), ("withdraw", 0)):
        perform(COMPETENCE_FLOW, row, action, manager, reason="Said.")
        assert (held.count(), row.answer) == (counts, "Said.")
    # What was withdrawn is in nobody's way.
    again = Competence.objects.get(pk=row.pk)
    assert competence_record(
        actor=manager,
        user=cast.auditor,
        body=cast.body,
        scheme=quality(),
        areas=areas(),
        role=row.role,
        valid_from=again.valid_from,
        valid_until=again.valid_until,
    )


# Entries


@pytest.mark.parametrize(
    ("kind", "who", "allowed"),
    [
        ("registration", "auditor", True),
        ("registration", "manager", True),
        ("registration", "planner", False),
        ("registration", "rival_manager", False),
        ("registration", "owner", False),
        ("employment", "auditor", False),
        ("employment", "manager", True),
        ("evaluation", "auditor", False),
        ("evaluation", "manager", True),
        ("evaluation", "reviewer", False),
    ],
)
def test_who_keeps_which_entries(cast, kind, who, allowed):
    def record():
        return entry_record(
            actor=cast.actor(who),
            user=cast.auditor,
            body=cast.body,
            kind=kind,
            title="X",
            scheme=quality() if kind == "registration" else None,
            first_day=today(),
        )

    if allowed:
        assert record().recorded_by == getattr(cast, who)
        assert Declaration.objects.filter(user=cast.auditor).exists()
    else:
        with pytest.raises(NotAllowed):
            record()
        assert not Entry.objects.exists()


def test_an_evaluation_asks_for_the_next_one_by_the_rules(cast):
    row = entry_record(
        actor=cast.actor("manager"),
        user=cast.auditor,
        body=cast.body,
        kind="evaluation",
        title="Witnessed audit",
        first_day=D(2024, 2, 29),
    )
    assert row.last_day == D(2027, 2, 28)


def test_what_a_competence_rests_on_is_not_struck_off(cast):
    row = entry(cast, "experience")
    claim = propose(cast, support=[row])
    actor = cast.actor("auditor")
    with pytest.raises(ValidationError, match="rests on this entry"):
        entry_strike(actor=actor, entry=row, reason="A slip")
    perform(COMPETENCE_FLOW, claim, "take_back", actor)
    assert entry_strike(actor=actor, entry=row, reason="A slip").struck_why == "A slip"
    with pytest.raises(ValidationError, match="already"):
        entry_strike(actor=actor, entry=row, reason="Again")


def test_what_a_body_says_of_its_people_stays_there(cast):
    """The person works for two bodies: each reads the person's own entries and its own."""
    Membership.objects.create(user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR)
    ours = entry(cast, "evaluation")
    theirs = entry(cast, "employment", body=cast.rival_body)
    shared = entry(cast, "training", hours=4)

    def seen(name):
        return set(Entry.objects.visible_to(cast.actor(name)))

    assert seen("auditor") == {ours, theirs, shared}
    assert seen("manager") == {ours, shared}
    assert seen("rival_manager") == {theirs, shared}
    assert seen("supervisor") == {ours, theirs, shared} - (
        set() if cast.rival_body.region.startswith(cast.authority.region_prefix) else {theirs}
    )
    assert seen("auditor2") == seen("owner") == seen("anonymous") == set()


# Pages


def page(name, *args):
    return reverse(f"schemes:{name}", args=args)


def test_the_person_records_an_entry_with_its_proof(cast, client):
    cast.client(client, "auditor")
    address = page("entry_new", cast.body.pk, cast.auditor.pk, "registration")
    sent = {
        "scheme": quality().pk,
        "issuer": "CCAA",
        "number": "2024-N1QMS-1",
        "first_day": "2026-01-01",
        "last_day": "2025-01-01",
    }
    refused = client.post(address, sent)
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"last_day"})
    assert "2024-N1QMS-1" in refused.content.decode()
    lie = SimpleUploadedFile("proof.pdf", b"MZ not a paper", "application/pdf")
    refused = client.post(address, sent | {"last_day": "2029-01-01", "proof": lie})
    assert set(refused.context["form"].errors) == {"proof"}
    sent |= {"last_day": "2029-01-01", "proof": paper("card", "Registration")}
    assert client.post(address, sent).status_code == 302
    row = Entry.objects.get()
    assert (row.title, row.user, row.body) == ("QMS CCAA", cast.auditor, None)
    file = Attachment.objects.get(subject_id=row.pk).file
    assert b"".join(client.get(file.get_absolute_url()).streaming_content).startswith(b"%PDF")
    cast.client(client, "manager")
    assert client.get(row.get_absolute_url()).status_code == 200
    assert b"".join(client.get(file.get_absolute_url()).streaming_content).startswith(b"%PDF")
    for name in ("auditor2", "rival_manager", "owner"):
        cast.client(client, name)
        assert client.get(row.get_absolute_url()).status_code == 404
        assert client.get(file.get_absolute_url()).status_code == 404


def test_the_person_proposes_and_a_manager_approves_on_the_pages(cast, client):
    row = entry(cast, "experience", title="CANARY-WORK")
    cast.client(client, "auditor")
    sent = {
        "role": "certifier",
        "scheme": quality().pk,
        "areas": [area.pk for area in areas("17")],
        "languages": ["zh"],
        "valid_from": today().isoformat(),
        "valid_until": days(300).isoformat(),
    }
    address = page("competence_propose", cast.body.pk)
    bare = client.post(address, sent)
    assert (bare.status_code, set(bare.context["form"].errors)) == (422, {"support"})
    assert client.post(address, sent | {"support": [row.pk]}).status_code == 302
    claim = Competence.objects.get(status="proposed")
    cast.client(client, "manager")
    act = page("competence_do", claim.pk, "approve")
    assert act in client.get(claim.get_absolute_url()).content.decode()
    assert "CANARY-WORK" in client.get(act).content.decode()
    assert client.post(act).status_code == 302
    claim.refresh_from_db()
    assert claim.status == "approved"


def test_a_profile_costs_the_same_for_one_and_three_of_each(cast, client):
    cast.client(client, "manager")
    address = page("profile", cast.body.pk, cast.auditor.pk)
    counts = []
    for n in (1, 2):
        for _each in range(n):
            for kind in ("registration", "employment", "experience", "training", "evaluation"):
                entry(cast, kind, hours=2 if kind == "training" else None)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


# Cautions


def said(cast, on=None, **facts):
    found = cautions(body=cast.body, users=[cast.auditor.pk], on=on or D(2026, 6, 1), **facts)
    return [str(row) for row in found.get(cast.auditor.pk, [])]


def complete(cast):
    entry(cast, "evaluation", first_day=D(2026, 1, 1), last_day=D(2029, 1, 1))


@pytest.mark.parametrize(
    ("kind", "last", "text"),
    [
        ("registration", D(2026, 8, 30), "Registration X ends on 30 August 2026"),
        ("registration", D(2026, 8, 31), None),
        ("registration", D(2026, 5, 31), "Registration X ended on 31 May 2026"),
        ("employment", D(2026, 6, 1), "Employment ends on 1 June 2026"),
        ("employment", None, None),
    ],
)
def test_what_ends_within_ninety_days_or_has_ended_is_said(cast, kind, last, text):
    complete(cast)
    entry(cast, kind, first_day=D(2020, 1, 1), last_day=last)
    assert said(cast) == ([text] if text else [])


def test_what_was_renewed_is_not_said(cast):
    complete(cast)
    for last in (D(2026, 5, 1), D(2030, 1, 1)):
        entry(cast, "registration", issuer="CCAA", scheme=quality(), first_day=D(2020, 1, 1),
              last_day=last)  # fmt: skip
    assert said(cast) == []


def test_a_missing_or_late_evaluation_is_said_of_who_audits(cast):
    assert said(cast) == ["No evaluation at work is recorded"]
    entry(cast, "evaluation", first_day=D(2020, 1, 1), last_day=D(2023, 1, 1))
    assert said(cast) == ["Evaluation at work overdue since 1 January 2023"]
    found = cautions(body=cast.body, users=[cast.reviewer.pk], on=D(2026, 6, 1))
    assert found == {}


def test_hours_are_missing_when_the_year_is_nearly_over(cast):
    complete(cast)
    entry(cast, "training", hours=10, first_day=D(2026, 3, 1))
    entry(cast, "training", hours=9, first_day=D(2026, 3, 1), struck_at=timezone.now())
    entry(cast, "training", hours=9, first_day=D(2025, 12, 31))
    assert said(cast, D(2026, 10, 1)) == []
    words = ["10 of 16 hours of professional development in 2026"]
    assert said(cast, D(2026, 10, 2)) == words
    rules = rule_book_for("CN", D(2026, 6, 1))
    held = hours_of([cast.auditor.pk], 2026, rules)[cast.auditor.pk]
    assert (held.held, held.wanted, held.enough) == (10, 16, False)
    entry(cast, "training", hours=6, first_day=D(2026, 10, 1))
    assert said(cast, D(2026, 12, 31)) == []


def test_one_body_only_is_said_where_the_rules_have_it_without_a_name(cast):
    complete(cast)
    Membership.objects.create(user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR)
    assert said(cast) == ["Audits for another body too; the rules let an auditor work for one"]
    cast.body.country = "DE"
    cast.body.save()
    assert said(cast) == []


def test_interests_that_were_not_confirmed_are_said(cast):
    complete(cast)
    Declaration.objects.create(user=cast.auditor, due_on=D(2026, 6, 1))
    assert said(cast) == ["Interests not confirmed since 1 June 2026"]
    assert said(cast, D(2026, 5, 31)) == []


def test_cautions_of_many_cost_as_much_as_of_one(cast):
    for name in ("auditor", "auditor2"):
        entry(cast, "registration", user=name, last_day=D(2026, 6, 5))
    counts = []
    for users in ([cast.auditor.pk], [cast.auditor.pk, cast.auditor2.pk, cast.reviewer.pk]):
        with CaptureQueriesContext(connection) as asked:
            cautions(body=cast.body, users=users, on=D(2026, 6, 1))
        counts.append(len(asked))
    assert counts[0] == counts[1]
