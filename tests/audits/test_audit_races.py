"""Two people at once: exactly one wins, on either engine, and the other is told why."""

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, Grade, TeamRole
from audits.models import Audit, Finding
from audits.services import planning
from certification.enums import AuditKind
from certification.models import AuditOutcome
from foundation.workflow import Incomplete, StaleState, WorkflowRefusal
from tests.audits.auditwork import (
    act,
    answer,
    closed,
    fresh,
    item_of,
    noted,
    opened_case,
    planned,
    proposed,
    running,
)
from tests.racing import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_nobody_is_booked_twice(cast):
    actor = cast.actor("planner")
    first = planned(cast)
    other = planned(cast, enterprise=cast.rival_enterprise, declared=False)
    planning.remove_member(audit=other, actor=actor, member=other.members.get(user=cast.auditor2))
    act(other, "declare", cast.actor("auditor"), no_conflict=True)
    results = at_once(lambda: act(first, "propose", actor), lambda: act(other, "propose", actor))
    (refusal,) = [result for result in results if isinstance(result, Incomplete)]
    days = timezone.localdate()
    assert str(refusal).startswith("李工: booked elsewhere on")
    assert str(days.year) in str(refusal)
    assert Audit.objects.filter(status=AuditStatus.PROPOSED).count() == 1


def test_an_item_is_planned_once(cast):
    item = item_of(opened_case(cast), AuditKind.STAGE_1)
    actor = cast.actor("planner")
    results = at_once(*[lambda: planning.start_planning(item, actor)] * 4)
    assert sum(isinstance(result, StaleState) for result in results) == 3
    assert Audit.objects.count() == 1


def test_a_proposal_is_confirmed_or_objected_to(cast):
    audit = proposed(cast)
    actor = cast.actor("owner")
    results = at_once(
        lambda: act(audit, "confirm", actor), lambda: act(audit, "object", actor, reason="No")
    )
    assert sum(isinstance(result, WorkflowRefusal) for result in results) == 1
    confirmed = fresh(audit).status == AuditStatus.CONFIRMED
    assert audit.objections.count() == (0 if confirmed else 1)
    assert bool(fresh(audit).plan_snapshot) is confirmed


def test_findings_noted_at_once_get_numbers_of_their_own(cast):
    audit = running(cast)
    at_once(*[lambda: noted(cast, audit, Grade.MINOR)] * 4)
    numbers = sorted(Finding.objects.values_list("number", flat=True))
    assert numbers == ["NC-01", "NC-02", "NC-03", "NC-04"]


def test_a_team_has_one_leader(cast):
    audit = planned(cast, declared=False)
    actor = cast.actor("planner")
    at_once(
        *[
            lambda user=user: planning.add_member(
                audit=audit, actor=actor, user=user, role=TeamRole.LEAD
            )
            for user in (cast.auditor, cast.auditor2)
        ]
    )
    assert audit.members.filter(role=TeamRole.LEAD).count() == 1


def test_findings_judged_at_once_are_all_counted(cast):
    audit = closed(cast, grades=[Grade.MINOR] * 4)
    found = list(audit.findings.all())
    for finding in found:
        answer(cast, finding)
    assert AuditOutcome.objects.get().minors_without_plan == 4
    actor = cast.actor("auditor")
    at_once(*[lambda one=one: act(one, "accept_plan", actor) for one in found])
    assert AuditOutcome.objects.get().minors_without_plan == 0
