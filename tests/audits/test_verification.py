"""How corrective action is verified: on documents, by a visit, remotely; what a visit asks for."""

import pytest

from audits.enums import FindingStatus, Verification
from audits.models import ChecklistAnswer
from audits.queries.checklists import carried, item_key, items_of
from certification.enums import AuditKind
from certification.models import ProgrammeItem
from foundation.workflow import Incomplete
from tests.audits.auditwork import act, answer, evidence, fresh, nonconformity, started


@pytest.fixture
def answered(cast, db):
    finding = nonconformity(cast)
    answer(cast, finding)
    return finding


def accept(cast, finding, **facts):
    return act(finding, "accept_plan", cast.actor("auditor"), **facts)


def test_without_a_word_documents_are_enough(cast, answered):
    assert accept(cast, answered).verification == Verification.PAPER
    evidence(cast, answered)
    closed = act(answered, "verify", cast.actor("auditor"))
    assert (closed.status, closed.verification) == (FindingStatus.CLOSED, Verification.PAPER)


def test_a_visit_of_its_own_enters_the_programme(cast, answered):
    found = accept(cast, answered, verification="visit", when="own", days=1)
    item = ProgrammeItem.objects.get(kind=AuditKind.SPECIAL)
    assert found.follow_up == item
    assert (item.days, item.window_to) == (1, found.due_on)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"verification": "visit"}, "when"),
        ({"verification": "remote", "when": "own", "days": 0}, "days"),
    ],
)
def test_a_visit_says_at_which_audit_and_how_long(cast, answered, facts, field):
    with pytest.raises(Incomplete) as refusal:
        accept(cast, answered, **facts)
    assert [blocker.field for blocker in refusal.value.blockers] == [field]


def test_what_a_visit_was_agreed_for_is_seen_before_it_is_closed(cast, answered):
    accept(cast, answered, verification="visit", when="next")
    evidence(cast, answered)
    actor = cast.actor("auditor")
    with pytest.raises(Incomplete, match="A visit was agreed"):
        act(answered, "verify", actor)
    with pytest.raises(Incomplete, match="Say why documents are enough"):
        act(answered, "verify", actor, verification="paper")
    audit = started(cast, AuditKind.STAGE_2, case=answered.audit.case)
    assert list(carried(audit)) == [answered]
    item = next(item for item in items_of(audit) if item.earlier == answered)
    assert item.key == item_key(audit, earlier=answered)
    assert item.must_answer
    ChecklistAnswer.objects.create(
        audit=audit, item=item.key, earlier=answered, position=1, verdict="conform",
        answered_by=cast.auditor,
    )  # fmt: skip
    closed = act(answered, "verify", actor)
    assert closed.verification == Verification.VISIT
    after = fresh(audit)
    assert next(one for one in items_of(after) if one.earlier).must_answer is False


def test_documents_may_do_after_all_for_a_reason(cast, answered):
    accept(cast, answered, verification="remote", when="next")
    evidence(cast, answered)
    closed = act(
        answered, "verify", cast.actor("auditor"), verification="paper", note="Photos show it."
    )
    assert closed.verification == Verification.PAPER


def test_form_of_accepting_asks_how_it_will_be_verified(cast, client, answered):
    cast.client(client, "auditor")
    where = f"/findings/{answered.pk}/do/accept_plan/"
    form = client.get(where).context["form"]
    assert form["verification"].value() == "paper"
    refused = client.post(where, {"verification": "visit"})
    assert refused.status_code == 409
    client.post(where, {"verification": "visit", "when": "next", "days": "0.5"})
    assert fresh(answered).verification == "visit"
    assert (
        "It stands on its checklist" not in client.get(f"/findings/{answered.pk}/").content.decode()
    )
