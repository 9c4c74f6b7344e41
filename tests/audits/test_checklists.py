"""The checklist of an audit: what is asked where, answers that are only added, never lost."""

import uuid

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from audits.enums import Grade, Verdict
from audits.models import Audit, ChecklistAnswer, Finding
from audits.queries.checklists import carried, files_of, item_key, items_of, tally
from audits.queries.coverage import audited_of
from audits.services.checklists import answer_item
from certification.enums import AuditKind
from foundation import files
from foundation.workflow import Incomplete, NotAllowed, StaleState, WrongState
from schemes.models import ChecklistQuestion
from tests.audits.auditwork import (
    accepted,
    act,
    closed,
    confirmed,
    count_queries,
    fresh,
    noted,
    picture,
    present,
    running,
    started,
)
from tests.audits.test_audit_races import at_once


def item_about(audit, key):
    return next(item for item in items_of(audit) if item.question and item.question.key == key)


def say(cast, audit, about, verdict="conform", note="Seen.", *, who="auditor", **facts):
    """Answer a question of an audit."""
    item = item_about(audit, about)
    seen = item.last.position if item.last else 0
    facts = {"seen": seen, **facts}
    return answer_item(
        audit=audit, item=item, actor=cast.actor(who), verdict=verdict, note=note, **facts
    )


@pytest.fixture
def stage_2(cast, db):
    audit = running(cast)
    Audit.objects.filter(pk=audit.pk).update(kind=AuditKind.STAGE_2)
    return fresh(audit)


def test_stage_1_asks_its_own_questions(cast, db):
    asked = {item.question.key for item in items_of(running(cast))}
    assert asked == {row.key for row in ChecklistQuestion.objects.all() if "stage_1" in row.only}
    assert len(asked) == 8


def test_stage_2_asks_about_every_clause_where_the_timetable_sends_people(cast, stage_2):
    items = items_of(stage_2)
    keys = {item.question.key for item in items}
    assert {"scope", "qms-production", "qms-release", "internal-audit"} <= keys
    assert not any(item.question.only and "stage_2" not in item.question.only for item in items)
    production = item_about(stage_2, "qms-production")
    assert production.people
    assert production.department
    assert production.site is not None
    assert {row.edition.key for row in audited_of(stage_2, items)} == {"iso-9001-2015"}


def test_the_identifier_of_an_item_can_be_made_anywhere(cast, stage_2):
    item = item_about(stage_2, "scope")
    made = uuid.uuid5(stage_2.pk, f"scope|{item.site.pk}|{item.department}")
    assert item.key == made
    assert (
        item_key(stage_2, question=item.question, site_id=item.site.pk, department=item.department)
        == made
    )


def test_answers_are_added_and_the_last_one_is_shown(cast, stage_2):
    say(cast, stage_2, "scope", "conform", "First")
    say(cast, stage_2, "scope", "minor", "Second")
    item = item_about(stage_2, "scope")
    assert [one.note for one in item.answers] == ["First", "Second"]
    assert (item.verdict, item.is_contested, item.lacks_finding) == ("minor", False, True)


def test_sending_twice_adds_nothing_and_other_words_are_another_answer(cast, stage_2):
    key = uuid.uuid4()
    first = say(cast, stage_2, "scope", note="Same", key=key)
    again = say(cast, stage_2, "scope", note="Same", key=key, seen=0)
    assert first.pk == again.pk == key
    more = say(cast, stage_2, "scope", note="Same and more", key=key, seen=0)
    assert more.pk != key
    item = item_about(stage_2, "scope")
    assert [one.note for one in item.answers] == ["Same", "Same and more"]
    assert not item.is_contested


def test_an_identifier_of_somebody_else_is_refused(cast, stage_2):
    key = say(cast, stage_2, "scope").pk
    with pytest.raises(StaleState):
        say(cast, stage_2, "scope", who="auditor2", key=key)
    with pytest.raises(StaleState):
        say(cast, stage_2, "policy", key=key)


def test_two_people_unaware_of_each_other_stand_side_by_side(cast, stage_2):
    say(cast, stage_2, "scope", "conform", "Mine", seen=0)
    say(cast, stage_2, "scope", "minor", "Yours", who="auditor2", seen=0)
    item = item_about(stage_2, "scope")
    assert item.is_contested
    assert {one.note for one in item.standing} == {"Mine", "Yours"}
    say(cast, stage_2, "scope", "conform", "Together")
    item = item_about(stage_2, "scope")
    assert not item.is_contested
    assert [one.note for one in item.standing] == ["Together"]
    assert len(item.answers) == 3


def test_the_database_refuses_to_change_an_answer(cast, stage_2):
    row = say(cast, stage_2, "scope")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        ChecklistAnswer.objects.filter(pk=row.pk).update(note="Other")
    row.note = "Other"
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def test_only_the_team_answers_and_only_during_the_audit(cast, db):
    audit = running(cast)
    item = items_of(audit)[0]
    for who in ("owner", "planner", "reviewer", "rival_manager"):
        with pytest.raises(NotAllowed):
            answer_item(audit=audit, item=item, actor=cast.actor(who), verdict="conform")
    over = act(audit, "close_meeting", cast.actor("auditor"), **present(audit))
    with pytest.raises(WrongState):
        answer_item(audit=over, item=item, actor=cast.actor("auditor"), verdict="conform")


def test_a_failure_needs_a_finding_before_the_closing_meeting(cast, stage_2):
    say(cast, stage_2, "scope", "minor", "Site missing")
    actor = cast.actor("auditor")
    with pytest.raises(Incomplete) as refusal:
        act(stage_2, "close_meeting", actor, **present(stage_2))
    (blocker,) = refusal.value.blockers
    item = item_about(stage_2, "scope")
    assert blocker.url == f"/audits/{stage_2.pk}/findings/new/?item={item.key}"
    noted(cast, stage_2, item=item.key)
    act(stage_2, "close_meeting", actor, **present(stage_2))


def test_contested_answers_hold_up_the_closing_meeting(cast, stage_2):
    say(cast, stage_2, "scope", "conform", "Mine", seen=0)
    say(cast, stage_2, "scope", "opportunity", "Yours", who="auditor2", seen=0)
    with pytest.raises(Incomplete, match="Two answers stand beside each other"):
        act(stage_2, "close_meeting", cast.actor("auditor"), **present(stage_2))


def test_an_open_nonconformity_is_carried_to_the_next_audit_and_must_be_answered(cast, db):
    first = closed(cast, grades=[Grade.MINOR, Grade.OPPORTUNITY])
    minor = first.findings.get(grade=Grade.MINOR)
    accepted(cast, minor)
    case = first.case
    audit = started(cast, AuditKind.STAGE_2, case=case)
    assert list(carried(audit)) == [minor]


def test_tally_counts_every_item_once(cast, stage_2):
    say(cast, stage_2, "scope", "conform")
    say(cast, stage_2, "policy", "not_audited", "No time")
    counts = {verdict: count for verdict, _label, count in tally(items_of(stage_2))}
    assert (counts["conform"], counts["not_audited"]) == (1, 1)
    assert sum(counts.values()) == len(items_of(stage_2))


def test_coverage_counts_what_somebody_looked_at(cast, stage_2):
    (before,) = audited_of(stage_2, items_of(stage_2))
    assert (before.seen, before.unplanned) == (0, [])
    say(cast, stage_2, "documents")  # 7.5 stands for 7.5.1, 7.5.2 and 7.5.3
    say(cast, stage_2, "scope", "not_audited", "No time")
    (after,) = audited_of(stage_2, items_of(stage_2))
    assert after.seen == 3
    assert "7.5" not in after.unseen
    assert "4" in after.unseen


# Pages


@pytest.fixture
def as_(cast, client):
    return lambda who: cast.client(client, who)


def address(audit, key):
    return f"/audits/{audit.pk}/checklist/{item_about(audit, key).key}/"


def facts(audit, about, **changed):
    item = item_about(audit, about)
    seen = item.last.position if item.last else 0
    return {"key": str(uuid.uuid4()), "seen": seen, "verdict": "conform", "note": "Seen."} | changed


def test_item_page_keeps_verdict_note_and_photo_and_leads_on(cast, as_, stage_2):
    client = as_("auditor")
    where = address(stage_2, "qms-production")
    assert client.get(where).status_code == 200
    sent = facts(stage_2, "qms-production", evidence_files=[picture()])
    answered = client.post(where, sent)
    assert answered.status_code == 302
    assert answered.url.startswith(f"/audits/{stage_2.pk}/checklist/")
    assert answered.url != where
    item = item_about(stage_2, "qms-production")
    assert (item.verdict, item.last.note) == ("conform", "Seen.")
    assert [row.file.name for row in files_of([item])[item.key]] == ["photo.png"]
    client.post(where, facts(stage_2, "qms-production"))
    assert len(item_about(stage_2, "qms-production").answers) == 1


def test_a_failed_verdict_leads_to_the_finding_filled_in(cast, as_, stage_2):
    client = as_("auditor")
    sent = facts(stage_2, "qms-production", verdict="major", note="Edition B at station 3.",
                 evidence_files=[picture()])  # fmt: skip
    there = client.post(address(stage_2, "qms-production"), sent)
    item = item_about(stage_2, "qms-production")
    assert there.url == f"/audits/{stage_2.pk}/findings/new/?item={item.key}"
    form = client.get(there.url).context["form"]
    assert form["grade"].value() == "major"
    assert form["evidence"].value() == "Edition B at station 3."
    assert form["department"].value() == item.department
    clause = form.initial["clause"]
    assert clause.number == "8.5.1"
    answered = client.post(there.url, {
        "grade": "major", "clause": clause.pk, "title": "Old edition", "department": "Assembly",
        "requirement": "Current.", "statement": "Old.", "evidence": "Edition B at station 3.",
    })  # fmt: skip
    assert answered.url == address(stage_2, "qms-production")
    finding = Finding.objects.get(audit=stage_2)
    assert (finding.item, finding.site) == (item.key, item.site)
    assert [row.file.name for row in files.attachments_of(finding)] == ["photo.png"]
    assert not item_about(stage_2, "qms-production").lacks_finding


def test_a_strange_item_is_not_found(cast, as_, stage_2):
    client = as_("auditor")
    assert client.get(f"/audits/{stage_2.pk}/checklist/{uuid.uuid4()}/").status_code == 404
    new = f"/audits/{stage_2.pk}/findings/new/?item="
    assert client.get(f"{new}{uuid.uuid4()}").status_code == 404
    assert client.get(f"{new}%00'").status_code == 404


def test_autosave_keeps_each_state_and_gives_a_new_identifier(cast, as_, stage_2):
    client = as_("auditor")
    where = address(stage_2, "scope")
    sent = facts(stage_2, "scope", verdict="", note="Half a sen")
    first = client.post(where, sent, headers={"X-Autosave": "1"}).json()
    assert first["saved_at"]
    assert first["fields"]["key"] != sent["key"]
    again = sent | first["fields"] | {"note": "Half a sentence.", "verdict": "conform"}
    client.post(where, again, headers={"X-Autosave": "1"})
    item = item_about(stage_2, "scope")
    assert [one.note for one in item.answers] == ["Half a sen", "Half a sentence."]
    assert (item.verdict, item.is_contested) == ("conform", False)


def test_bad_input_stands_at_its_field_and_nothing_is_lost(cast, as_, stage_2):
    client = as_("auditor")
    where = address(stage_2, "scope")
    answered = client.post(where, facts(stage_2, "scope", verdict="not_audited", note=" "))
    assert answered.status_code == 422
    assert answered.context["form"].errors == {
        "note": ["Say in a few words why it was not looked at."]
    }
    for changed in ({"verdict": "great"}, {"key": "x"}, {"seen": "-1"}, {"note": "a" * 4001}):
        answered = client.post(where, facts(stage_2, "scope", **changed))
        assert answered.status_code == 422
        assert list(answered.context["form"].errors) == list(changed)
    saved = client.post(where, facts(stage_2, "scope", note="\x07"), headers={"X-Autosave": "1"})
    assert list(saved.json()["errors"]) == ["note"]
    assert not ChecklistAnswer.objects.exists()


def test_enterprise_reads_no_checklist_and_others_only_read(cast, as_, stage_2):
    where = address(stage_2, "scope")
    for address_ in (where, f"/audits/{stage_2.pk}/checklist/"):
        assert as_("owner").get(address_).status_code == 403
        assert as_("rival_manager").get(address_).status_code == 404
        assert as_("reviewer").get(address_).status_code == 200
    assert as_("reviewer").post(where, facts(stage_2, "scope")).status_code == 403
    assert not ChecklistAnswer.objects.exists()


def test_files_of_answers_are_not_for_the_enterprise(cast, as_, stage_2):
    client = as_("auditor")
    client.post(address(stage_2, "scope"), facts(stage_2, "scope", evidence_files=[picture()]))
    file = files_of([item_about(stage_2, "scope")]).popitem()[1][0].file
    assert files.may_read(cast.actor("auditor"), file)
    assert files.may_read(cast.actor("reviewer"), file)
    assert not files.may_read(cast.actor("owner"), file)
    assert not files.may_read(cast.actor("rival_manager"), file)


def test_the_same_question_is_asked_at_another_place(cast, as_, stage_2):
    client = as_("auditor")
    where = address(stage_2, "qms-production")
    answered = client.post(f"{where}place/", {"place-department": "Night shift"})
    assert answered.status_code == 302
    assert answered.url != where
    items = [i for i in items_of(stage_2) if i.question.key == "qms-production"]
    assert "Night shift" in {item.department for item in items}
    added = next(item for item in items if item.department == "Night shift")
    assert (added.verdict, answered.url.split("/")[-2]) == ("", str(added.key))


def test_overview_groups_and_narrows(cast, as_, stage_2):
    say(cast, stage_2, "scope", "minor", "Site missing")
    client = as_("auditor")
    page = client.get(f"/audits/{stage_2.pk}/checklist/?show=failed&by=person")
    groups = page.context["groups"]
    assert [item.question.key for group in groups for item in group["items"]] == ["scope"]
    for query in ("?by=site", "?by=nonsense&show=nonsense", "?show=mine", "?show=contested"):
        assert client.get(f"/audits/{stage_2.pk}/checklist/{query}").status_code == 200


def test_pages_take_few_queries_however_much_was_answered(cast, as_, stage_2):
    client = as_("auditor")
    overview, item = f"/audits/{stage_2.pk}/checklist/", address(stage_2, "scope")
    say(cast, stage_2, "scope")
    one = [count_queries(client, where) for where in (overview, item)]
    say(cast, stage_2, "policy", "minor")
    say(cast, stage_2, "roles", who="auditor2")
    noted(cast, stage_2, item=item_about(stage_2, "policy").key)
    three = [count_queries(client, where) for where in (overview, item)]
    assert one == three
    assert max(three) <= 25


def test_verdicts_have_their_own_words(db):
    assert len({verdict.label for verdict in Verdict}) == len(Verdict)


def test_questions_that_were_answered_stay_when_the_catalogue_moves_on(cast, stage_2):
    say(cast, stage_2, "scope", note="Kept")
    today = timezone.localdate()
    ChecklistQuestion.objects.filter(key="scope").update(valid_to=today.replace(year=2016))
    assert item_about(stage_2, "scope").last.note == "Kept"


def test_a_confirmed_audit_shows_its_questions_before_it_begins(cast, db):
    audit = fresh(confirmed(cast))
    assert items_of(audit)


def test_the_page_of_a_running_audit_takes_few_queries_for_its_leader(cast, as_, stage_2):
    client = as_("auditor")
    where = f"/audits/{stage_2.pk}/"
    say(cast, stage_2, "scope")
    one = count_queries(client, where)
    say(cast, stage_2, "policy")
    say(cast, stage_2, "roles", who="auditor2")
    assert count_queries(client, where) == one
    assert one <= 25


@pytest.mark.django_db(transaction=True)
def test_answers_at_the_same_moment_all_stay(cast):
    audit = running(cast)
    item = items_of(audit)[0]
    people = ("auditor", "auditor2", "auditor", "auditor2")
    results = at_once(
        *[
            lambda n=n, who=who: answer_item(
                audit=audit, item=item, actor=cast.actor(who), verdict="conform", note=str(n)
            )
            for n, who in enumerate(people)
        ]
    )
    assert sorted(row.position for row in results) == [1, 2, 3, 4]
    assert {row.note for row in audit.checklist.all()} == {"0", "1", "2", "3"}
