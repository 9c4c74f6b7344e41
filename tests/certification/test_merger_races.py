"""Two people at once over mergers: never both of what contradicts, on either engine."""

import pytest
from django.utils import timezone

from certification.enums import ChangeStatus, MergerStatus
from certification.flows.changes import CHANGE_FLOW
from certification.flows.mergers import MERGER_FLOW
from certification.models import CertificateRevision, ChangeReport, FormerHolder, Merger
from certification.services import mergers
from foundation.workflow import WorkflowRefusal, perform
from tests.audits.auditwork import picture
from tests.audits.test_audit_races import at_once
from tests.certification.casework import act, certified_case
from tests.people import make_enterprise

pytestmark = pytest.mark.django_db(transaction=True)


def refusals(results):
    return [result for result in results if isinstance(result, WorkflowRefusal)]


def report(cast, who, absorbed, absorbing):
    return mergers.report(
        actor=cast.actor(who),
        absorbed=absorbed,
        absorbing=absorbing,
        description="They merge.",
        takes_effect_on=timezone.localdate(),
        uploads=[picture()],
    )


def confirmed(cast):
    case = certified_case(cast)
    merger = report(cast, "rival_owner", cast.enterprise, cast.rival_enterprise)
    perform(MERGER_FLOW, merger, "confirm", cast.actor("owner"))
    change = ChangeReport.objects.get()
    facts = {"certificates": [], "reason": "In order."}
    return case, perform(CHANGE_FLOW, change, "hand_over", cast.actor("reviewer"), **facts)


def test_opposite_reports_are_not_both_taken(cast):
    here, there = cast.enterprise, cast.rival_enterprise
    results = at_once(
        lambda: report(cast, "owner", here, there),
        lambda: report(cast, "rival_owner", there, here),
    )
    assert len(refusals(results)) == 1
    assert Merger.objects.count() == 1


def test_confirming_and_taking_back_do_not_both_happen(cast):
    found = report(cast, "rival_owner", cast.enterprise, cast.rival_enterprise)

    def take(action, who):
        row = Merger.objects.get(pk=found.pk)
        return lambda: perform(MERGER_FLOW, row, action, cast.actor(who), reason="So it is.")

    results = at_once(take("confirm", "owner"), take("withdraw", "rival_owner"))
    assert len(refusals(results)) == 1
    found.refresh_from_db()
    cast.enterprise.refresh_from_db()
    agreed = found.status == MergerStatus.AGREED
    assert (cast.enterprise.successor_id is not None) == agreed


def test_a_chain_is_not_closed_from_both_ends(cast):
    third = make_enterprise(90, "第三企业", "Third Works")
    one = report(cast, "owner", cast.enterprise, cast.rival_enterprise)
    other = report(cast, "rival_owner", cast.rival_enterprise, third)
    third_owner = cast.actor("rival_owner")
    third_owner = type(third_owner)(
        **vars(third_owner)
        | {"organisation": third, "roles": frozenset({"owner"}), "confirmed": True}
    )
    at_once(
        lambda: perform(MERGER_FLOW, one, "confirm", cast.actor("rival_owner")),
        lambda: perform(MERGER_FLOW, other, "confirm", third_owner),
    )
    assert Merger.objects.filter(status=MergerStatus.AGREED).count() == 1


def test_it_is_carried_over_once(cast):
    _case, change = confirmed(cast)

    def carry():
        row = ChangeReport.objects.get(pk=change.pk, status=ChangeStatus.REVISION)
        return lambda: perform(CHANGE_FLOW, row, "carry_over", cast.actor("certifier"), reason="So")

    results = at_once(carry(), carry())
    assert len(refusals(results)) == 1
    assert FormerHolder.objects.count() == 1
    assert CertificateRevision.objects.count() == 2


def test_a_correction_at_the_same_time_makes_no_second_revision(cast):
    case, change = confirmed(cast)
    certificate = case.certificates.get()
    results = at_once(
        lambda: perform(CHANGE_FLOW, change, "carry_over", cast.actor("certifier"), reason="So"),
        lambda: act(cast, certificate, "correct", scope_en="Other words of the same."),
    )
    assert len(refusals(results)) == 1
    assert CertificateRevision.objects.count() == 2
