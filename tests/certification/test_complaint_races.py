"""Two people at once over a complaint or an appeal: exactly one wins, on either engine."""

import pytest
from django.db import IntegrityError

from audits.enums import Grade
from certification.enums import About
from certification.models import AuditOutcome, Complaint, ComplaintEntry
from foundation.workflow import WorkflowRefusal
from tests.audits.auditwork import closed as closed_audit
from tests.audits.test_audit_races import at_once
from tests.certification.complaintwork import act, appealed, filed, reported

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results):
    return [result for result in results if isinstance(result, WorkflowRefusal)]


def test_it_is_decided_once(cast):
    found = act(cast, reported(cast), "name_decider", decider=cast.planner)

    def decide(who, conclusion):
        return lambda: act(cast, found, "decide", who, conclusion=conclusion, text="So it is.")

    results = at_once(decide("manager", "upheld"), decide("planner", "not_upheld"))
    assert len(refusals(results)) == 1
    assert ComplaintEntry.objects.filter(kind="decision").count() == 1
    found.refresh_from_db()
    assert found.decided_by in (cast.manager, cast.planner)


def test_a_decision_and_a_withdrawal_do_not_both_happen(cast):
    found = reported(cast)
    results = at_once(
        lambda: act(cast, found, "decide", conclusion="upheld", text="Yes."),
        lambda: act(cast, found, "withdraw", "complainant"),
    )
    assert len(refusals(results)) == 1


def test_two_clicks_make_one_appeal(cast):
    finding = closed_audit(cast, grades=(Grade.MAJOR,)).findings.get()

    def appeal():
        try:
            return appealed(cast, About.FINDING, finding.pk)
        except IntegrityError:
            return None

    results = at_once(appeal, appeal)
    assert results.count(None) == 1
    assert Complaint.objects.count() == 1


def test_each_of_two_appeals_is_counted(cast):
    audit = closed_audit(cast, grades=(Grade.MAJOR, Grade.MINOR))
    one, other = audit.findings.all()
    at_once(
        lambda: appealed(cast, About.FINDING, one.pk),
        lambda: appealed(cast, About.FINDING, other.pk),
    )
    assert AuditOutcome.objects.get(audit_id=audit.pk).open_appeals == 2


def test_numbers_have_no_gap_and_no_duplicate(cast):
    at_once(*[lambda: filed(cast)] * 4)
    numbers = sorted(Complaint.objects.values_list("number", flat=True))
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003", "0004"]
