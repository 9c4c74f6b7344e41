"""A body's approval is narrowed, suspended, reinstated, withdrawn: what it reaches and bars."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApprovalCause, ApprovalChangeKind, ApprovalChangeStatus
from certification.flows.approvals import APPROVAL_FLOW
from certification.flows.cases import CASE_FLOW
from certification.models import Application, ApprovalChange, Certificate, Proposal
from certification.queries.approvals import affected, certificate_of
from certification.queries.clock import entries_of
from certification.reminders import _to_transfer
from certification.services import proposals
from certification.services.approvals import change_prepare, tell_affected
from foundation import jobs
from foundation.models import JournalEntry, Notice, WorkItem
from foundation.workflow import Incomplete, NotAllowed, perform
from schemes.enums import ApprovalStanding
from schemes.models import BodyApproval, StandardEdition, TechnicalArea
from tests.audits.auditwork import CaptureQueriesContext, connection
from tests.certification.casework import certified, deciding_case
from tests.certification.contractwork import (
    accepted,
    act,
    offer_facts,
    offered,
    reviewed,
    signing,
    submitted,
)

pytestmark = pytest.mark.django_db
K, C = ApprovalChangeKind, ApprovalCause
DAY = dt.timedelta(days=1)
WHY = "Audits were shortened. CANARY-ORDER-1618"


def today():
    return timezone.localdate()


def qms(cast, **facts):
    """Return the version of the approval for quality management that is on record today."""
    return BodyApproval.objects.on_record(today()).get(body=cast.body, scheme__code="QMS", **facts)


def prepare(cast, kind=K.SUSPEND, *, on=None, approvals=None, who="operator", **facts):
    usual = {"cause": C.VIOLATION, "reason": WHY, "reference": "ORDER-1"}
    return change_prepare(
        actor=cast.actor(who),
        body=cast.body,
        approvals=approvals or [qms(cast)],
        kind=kind,
        takes_effect_on=on or today(),
        **usual | facts,
    )


def order(cast, kind=K.SUSPEND, **facts):
    change = perform(APPROVAL_FLOW, prepare(cast, kind, **facts), "order", cast.actor("operator"))
    jobs.run_due()
    return change


def refusal(call, *args, **kwargs):
    with pytest.raises(Incomplete) as caught:
        call(*args, **kwargs)
    return [str(blocker) for blocker in caught.value.blockers]


def versions(cast):
    rows = BodyApproval.objects.filter(body=cast.body, scheme__code="QMS").order_by("valid_from")
    return [(row.standing, row.valid_from, row.valid_to) for row in rows]


def test_prepared_it_changes_nothing_and_waits_for_the_operator(cast):
    before = versions(cast)
    change = prepare(cast)
    assert versions(cast) == before
    assert change.status == ApprovalChangeStatus.PREPARED
    work = WorkItem.objects.get(subject_id=change.pk)
    assert list(work.people.all()) == [cast.operator]
    assert not Notice.objects.filter(kind="approval.changed").exists()
    perform(APPROVAL_FLOW, change, "drop", cast.actor("operator"))
    assert versions(cast) == before
    assert not WorkItem.objects.filter(subject_id=change.pk).exists()


def test_only_the_operator_prepares_and_orders(cast):
    for who in ("manager", "supervisor", "owner", "rival_manager"):
        with pytest.raises(NotAllowed):
            prepare(cast, who=who)
    change = prepare(cast)
    for who in ("manager", "supervisor"):
        with pytest.raises(NotAllowed):
            perform(APPROVAL_FLOW, change, "order", cast.actor(who))


def test_versions_follow_each_other_and_nothing_is_overwritten(cast):
    first = qms(cast)
    start = first.valid_from
    order(cast, K.SUSPEND, on=today() - 2 * DAY)
    order(cast, K.REINSTATE, on=today(), cause=C.REMEDIED)
    order(cast, K.WITHDRAW, on=today() + 3 * DAY)
    assert versions(cast) == [
        ("holds", start, today() - 3 * DAY),
        ("suspended", today() - 2 * DAY, today() - DAY),
        ("holds", today(), today() + 2 * DAY),
        ("withdrawn", today() + 3 * DAY, None),
    ]
    verbs = JournalEntry.objects.filter(verb__startswith="approval_").values_list("verb", flat=True)
    assert {"approval_suspend", "approval_reinstate", "approval_withdraw"} <= set(verbs)
    assert qms(cast).order == "ORDER-1"


def test_a_narrower_approval_keeps_the_other_areas(cast):
    approval = qms(cast)
    gone = approval.areas.get(code="18")
    kept = set(approval.areas.exclude(pk=gone.pk))
    order(cast, K.NARROW, areas=[gone], last_day=today() + 90 * DAY)
    found = qms(cast)
    assert set(found.areas.all()) == kept
    assert (found.standing, found.valid_to) == (ApprovalStanding.HOLDS, today() + 90 * DAY)


def test_what_cannot_be_is_said_at_its_field(cast, client):
    approval = qms(cast)
    address = reverse("certification:approval_change_new", args=[cast.body.pk])
    usual = {
        "kind": "narrow",
        "approvals": [approval.pk],
        "cause": "violation",
        "reference": "ORDER-1",
        "reason": WHY,
        "takes_effect_on": today().isoformat(),
    }
    cast.client(client, "operator")

    def errors(**changes):
        answer = client.post(address, usual | changes)
        assert answer.status_code == 422
        return set(answer.context["form"].errors)

    assert errors() == {"areas"}
    assert errors(areas=[area.pk for area in approval.areas.all()]) == {"areas"}
    assert errors(kind="reinstate") == {"approvals"}
    early = approval.valid_from.isoformat()
    assert errors(kind="suspend", takes_effect_on=early) == {"takes_effect_on"}
    assert errors(last_day=(today() - DAY).isoformat()) == {"last_day"}
    assert errors(reason="", kind="suspend") == {"reason"}
    assert not ApprovalChange.objects.exists()
    answer = client.post(address, usual | {"kind": "suspend"})
    assert answer["Location"] == ApprovalChange.objects.get().get_absolute_url()
    page = client.get(answer["Location"]).content.decode()
    assert "Not ordered yet" in page
    assert WHY in page


def test_a_version_that_changed_meanwhile_stops_the_order(cast):
    second = prepare(cast, K.WITHDRAW)
    order(cast, K.SUSPEND)
    assert refusal(perform, APPROVAL_FLOW, second, "order", cast.actor("operator"))
    assert qms(cast).standing == ApprovalStanding.SUSPENDED


STEPS = {
    "accept": (reviewed, "reviewer", lambda cast, application: {"justification": "We can."}),
    "offer": (accepted, "manager", lambda cast, application: offer_facts()),
    "sign": (offered, "owner", signing),
}


@pytest.mark.parametrize("step", sorted(STEPS))
@pytest.mark.parametrize("kind", [K.SUSPEND, K.WITHDRAW, K.NARROW])
def test_every_step_outside_the_approval_is_refused(cast, kind, step):
    """Accepting, offering, signing: whatever was under way."""
    begin, who, data = STEPS[step]
    application = begin(cast)
    facts = {"areas": [TechnicalArea.objects.get(code="18")]} if kind == K.NARROW else {}
    order(cast, kind, **facts)
    found = refusal(act, application, step, cast.actor(who), **data(cast, application))
    assert [line for line in found if line.startswith("The body is not approved today for")]


def test_nothing_is_sent_to_a_body_whose_approval_is_suspended(cast):
    order(cast, K.SUSPEND)
    with pytest.raises(Incomplete):
        submitted(cast)


def test_a_case_under_way_is_not_decided_while_it_lasts(cast):
    case = deciding_case(cast)
    order(cast, K.SUSPEND, on=today() - DAY)

    def grant():
        return perform(CASE_FLOW, case, "grant", cast.actor("certifier"), reason="Conforms.")

    assert any(line.startswith("The body is not approved") for line in refusal(grant))
    order(cast, K.REINSTATE, cause=C.REMEDIED)
    assert grant().status == "certified"


def test_it_reaches_certificates_and_what_is_under_way(cast):
    certificate = certified(cast)
    under_way = submitted(cast)
    change = prepare(cast)
    rows = {row.application_id: row for row in affected(change)}
    assert set(rows) == {certificate.case.application.pk, under_way.pk}
    assert certificate_of(rows[certificate.case.application.pk]) == certificate
    assert certificate_of(rows[under_way.pk]) is None
    elsewhere = TechnicalArea.objects.exclude(code="18").filter(approvals=qms(cast)).first()
    if elsewhere:
        assert not affected(prepare(cast, K.NARROW, areas=[elsewhere])).exists()


def test_everybody_it_reaches_is_told_once(cast):
    certificate = certified(cast)
    submitted(cast)
    change = order(cast, K.WITHDRAW)
    tell_affected(change.pk)
    told = Notice.objects.filter(kind__startswith="approval.")
    assert {notice.recipient for notice in told.filter(kind="approval.changed")} == {
        cast.manager, cast.reviewer, cast.planner, cast.certifier,
    }  # fmt: skip
    for kind in ("approval.withdraw", "approval.work"):
        people = [notice.recipient for notice in told.filter(kind=kind)]
        assert sorted(map(str, people)) == sorted(map(str, (cast.owner, cast.member)))
    certificate.refresh_from_db()
    assert (
        str(certificate.transfer_by.year)
        in told.filter(kind="approval.withdraw")[0].params["until_en"]
    )
    assert WHY not in str([notice.params for notice in told.exclude(kind="approval.changed")])
    assert WHY in told.filter(kind="approval.changed")[0].params["reason"]


def test_a_transfer_is_due_within_six_months_or_with_the_end(cast):
    """IAF MD 2: six months, or the end of the certificate, whichever is sooner."""
    certificate = certified(cast)
    order(cast, K.WITHDRAW)
    certificate.refresh_from_db()
    wanted = today() + dt.timedelta(days=181)
    assert abs(certificate.transfer_by - wanted) < dt.timedelta(days=4)
    entry = next(
        row
        for row in entries_of(certificate.case, cast.actor("owner"))
        if row.title == "Transferred to another approved body"
    )
    assert (entry.on, entry.limit.key) == (certificate.transfer_by, "transfer_months")
    assert entry.counted.startswith("6 months after the end of the body’s approval")
    assert list(_to_transfer()) == [certificate]


def test_a_suspension_sets_no_day_and_a_reinstatement_lifts_it(cast):
    certificate = certified(cast)
    order(cast, K.SUSPEND, on=today() - DAY)
    certificate.refresh_from_db()
    assert (certificate.transfer_by, certificate.status) == (None, "valid")
    certificate.transfer_by = certificate.transfer_since = today()
    certificate.save()
    order(cast, K.REINSTATE, cause=C.REMEDIED)
    certificate.refresh_from_db()
    assert (certificate.transfer_by, certificate.transfer_since) == (None, None)


def test_who_sees_a_change(cast):
    change = prepare(cast)

    def sees(who):
        return ApprovalChange.objects.visible_to(cast.actor(who)).exists()

    assert {who for who in ("operator", "manager", "supervisor") if sees(who)} == {"operator"}
    perform(APPROVAL_FLOW, change, "order", cast.actor("operator"))
    everybody = ("operator", "manager", "certifier", "supervisor", "auditor", "owner",
                 "rival_manager", "rival_owner", "anonymous")  # fmt: skip
    assert {who for who in everybody if sees(who)} == {
        "operator", "manager", "certifier", "supervisor",
    }  # fmt: skip


def test_the_page_exports_what_it_reaches(cast, client):
    number = certified(cast).number
    change = order(cast, K.WITHDRAW)
    cast.client(client, "manager")
    address = change.get_absolute_url()
    assert number in client.get(address).content.decode()
    export = reverse("certification:approval_change_export", args=[change.pk])
    assert number in b"".join(client.get(export)).decode("utf-8-sig")
    listed = reverse("certification:approval_changes", args=[cast.body.pk])
    assert "ORDER-1" in client.get(listed).content.decode()


def sent_besides(cast, number):
    """An application of another enterprise, as far as the list looks at it."""
    edition = StandardEdition.objects.filter(scheme__code="QMS").first()
    found = Application.objects.create(
        number=number,
        status="submitted",
        enterprise=cast.rival_enterprise,
        body=cast.body,
        created_by=cast.rival_owner,
        submitted_at=timezone.now(),
    )
    row = found.schemes.create(scheme=edition.scheme, edition=edition)
    row.areas.set(TechnicalArea.objects.filter(code="18"))


def test_the_page_needs_as_many_queries_for_three_as_for_one(cast, client):
    submitted(cast)
    change = prepare(cast)
    cast.client(client, "operator")
    counts = []
    for number in ("A-2026-7001", "A-2026-7003"):
        client.get(change.get_absolute_url())
        with CaptureQueriesContext(connection) as one:
            page = client.get(change.get_absolute_url())
        counts.append((len(page.context["page"].object_list), len(one)))
        sent_besides(cast, number)
        sent_besides(cast, f"{number}-2")
    assert [shown for shown, _queries in counts] == [1, 3]
    assert counts[0][1] == counts[1][1]
    assert counts[0][1] <= 25


def test_the_public_reads_the_standing_and_no_reason(cast, client):
    certificate = certified(cast)
    order(cast, K.SUSPEND)
    page = client.get(reverse("verification:body", args=[cast.body.pk])).content.decode()
    assert "Suspended since" in page
    address = reverse("verification:certificate", args=[certificate.code])
    text = client.get(address).content.decode()
    assert "Its approval for this standard is suspended since" in text
    assert WHY not in page + text
    facts = client.get(reverse("verification:json", args=[certificate.code])).json()
    assert facts["body"]["approval_lapsed"] == {
        "standing": "suspended", "since": today().isoformat(),
    }  # fmt: skip
    assert facts["status"] == "valid"
    client.logout()
    order(cast, K.WITHDRAW, on=today() + DAY)
    assert "suspended since" in client.get(address).content.decode()


def test_after_the_day_a_suspension_is_proposed_to_a_certifier(cast):
    certificate = certified(cast)
    order(cast, K.WITHDRAW)
    certificate.refresh_from_db()
    proposals.sweep()
    assert not Proposal.objects.exists()
    Certificate.objects.filter(pk=certificate.pk).update(
        transfer_since=today() - 200 * DAY, transfer_by=today() - DAY
    )
    proposals.sweep()
    proposal = Proposal.objects.get()
    assert (proposal.ground, proposal.kind, proposal.status) == ("approval", "suspend", "open")
    assert proposal.why.startswith("The approval of the body ended; it was to be transferred by")
    Certificate.objects.filter(pk=certificate.pk).update(transfer_by=None, transfer_since=None)
    proposals.sweep()
    proposal.refresh_from_db()
    assert proposal.status == "lapsed"
    certificate.refresh_from_db()
    assert certificate.status == "valid"
