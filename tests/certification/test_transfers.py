"""Taking a certificate over from another body (IAF MD 2): review, cycle, and the old body."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import (
    ApplicationKind,
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    Cause,
    CertificateStatus,
    DocumentKind,
    TransferCriterion,
    Verdict,
)
from certification.models import (
    Application,
    ApplicationReview,
    AuditOutcome,
    Case,
    Certificate,
    Proposal,
)
from certification.queries.evidence import evidence_for
from certification.services import review as services
from certification.services import transfers
from certification.services.applications import application_attach
from certification.services.cases import open_case
from certification.services.proposals import sweep
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete
from portal.demo.papers import paper
from tests.certification import contractwork
from tests.certification.casework import (
    act,
    audited,
    certified,
    decide_as,
    put_all_in_force,
    reasons,
    signed_application,
    travel,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def old(cast) -> Certificate:
    """A valid certificate of the enterprise that the other body issued."""
    certificate = certified(cast)
    Certificate.objects.update(body=cast.rival_body)
    Case.objects.update(body=cast.rival_body)
    return Certificate.objects.get(pk=certificate.pk)


def transfer(cast, old=None, **facts) -> tuple:
    """Return a signed application for a transfer to the cast's body, with its offer."""
    if old is not None:
        facts = {"previous_number": old.number, "previous_expires_on": old.expires_on} | facts
    return signed_application(cast, kind=ApplicationKind.TRANSFER, **facts)


def opened(cast, old=None, *, visit=True, **facts) -> Case:
    application, offer = transfer(cast, old, **facts)
    ApplicationReview.objects.create(application=application, reviewer=cast.reviewer, visit=visit)
    case = open_case(application=application, offer=offer, actor=cast.actor("owner"))
    return Case.objects.get(pk=case.pk)


def in_review(cast, old, **facts) -> Application:
    application = contractwork.draft(
        cast,
        kind=ApplicationKind.TRANSFER,
        previous_number=old.number,
        previous_body="CANARY",
        previous_expires_on=old.expires_on,
        previous_accredited=True,
        previous_status="valid",
        previous_open_majors=False,
        previous_own_fault=False,
        **facts,
    )
    for kind in DocumentKind:
        application_attach(
            application=application, actor=cast.actor("owner"), kind=kind, given=paper("x", kind)
        )
    contractwork.act(application, "submit", cast.actor("owner"), declared=True)
    return contractwork.act(application, "start_review", cast.actor("reviewer"), no_conflict=True)


def judged(cast, application, note="") -> Application:
    for criterion in services.criteria_of(application):
        services.judge(
            application=application, criterion=criterion, verdict=Verdict.MET,
            note=note, actor=cast.actor("reviewer"),
        )  # fmt: skip
    return contractwork.set_time(cast, application)


def accept(cast, application, **facts):
    usual = {"justification": "We can.", "visit": False, "visit_reason": "Reports are in order."}
    return contractwork.act(application, "accept", cast.actor("reviewer"), **usual | facts)


def refusals(cast, application, **facts) -> list[str]:
    with pytest.raises(Incomplete) as refusal:
        accept(cast, application, **facts)
    return [str(one) for one in refusal.value.blockers]


# The review


def test_every_point_is_settled_and_the_reason_is_noted(cast, old):
    application = in_review(cast, old)
    contractwork.judge_all(cast, application, note="")
    contractwork.set_time(cast, application)
    assert refusals(cast, application) == [
        f"Not yet judged: {point.label}" for point in TransferCriterion
    ]
    judged(cast, application)
    label = TransferCriterion.REASON.label
    assert refusals(cast, application) == [f"The note does not say it: {label}"]
    judged(cast, application, note="Nearer to the plant.")
    assert accept(cast, application).status == ApplicationStatus.ACCEPTED
    review = ApplicationReview.objects.get()
    assert (review.visit, review.visit_reason) == (False, "Reports are in order.")


def test_whether_somebody_visits_is_decided_with_a_reason(cast, old):
    application = judged(cast, in_review(cast, old), note="Said.")
    assert refusals(cast, application, visit=None, visit_reason="") == [
        "Say whether the enterprise is visited first.",
        "Say why.",
    ]


def test_facts_of_the_register_beat_claims(cast, old):
    application = judged(cast, in_review(cast, old), note="Said.")
    ends = old.expires_on + dt.timedelta(days=5)
    rows = Certificate.objects.filter(pk=old.pk)
    rows.update(status=CertificateStatus.WITHDRAWN, expires_on=ends)
    AuditOutcome.objects.filter(kind=AuditKind.STAGE_2).update(open_majors=1, minors_without_plan=1)
    found = refusals(cast, application)
    assert len(found) == 4
    assert "“Withdrawn” in the register" in found[0]
    assert "by the register" in found[1]
    assert found[2] == f"Certificate {old.number} has major nonconformities open at its body."
    assert "minor nonconformities without an accepted plan" in found[3]
    rows.update(enterprise=cast.rival_enterprise)
    assert refusals(cast, application) == [
        f"Certificate {old.number} belongs to another enterprise."
    ]


def test_naming_the_certificate_of_a_stranger_tells_nothing_of_its_findings(cast, old):
    application = in_review(cast, old)
    Certificate.objects.filter(pk=old.pk).update(enterprise=cast.rival_enterprise)
    AuditOutcome.objects.filter(kind=AuditKind.STAGE_2).update(open_majors=7)
    reports = evidence_for(application)[TransferCriterion.REPORTS]
    assert [str(row["label"]) for row in reports] == ["Holder"]


def test_the_page_shows_what_the_register_knows(cast, client, old):
    application = in_review(cast, old)
    evidence = evidence_for(application)
    status, ends = evidence[TransferCriterion.VALIDITY]
    assert (status["value"], status["kind"], ends["kind"]) == ("Valid", "valid", "valid")
    assert old.code in status["url"]
    Application.objects.update(previous_number="099 25 Q 1")
    unknown = evidence_for(Application.objects.get(pk=application.pk))
    assert unknown[TransferCriterion.VALIDITY][0]["value"] == "Not registered here"
    cast.client(client, "reviewer")
    page = client.get(reverse("certification:review", args=[application.pk]))
    assert str(TransferCriterion.CYCLE.label) in page.content.decode()
    judged(cast, application, note="Said.")
    address = reverse("certification:application_do", args=[application.pk, "accept"])
    assert set(client.get(address).context["form"].fields) >= {"visit", "visit_reason"}


def test_other_applications_have_no_such_points(cast, client):
    application = contractwork.in_review(cast)
    assert not set(services.criteria_of(application)) & set(TransferCriterion)
    address = reverse(
        "certification:review_verdict", args=[application.pk, TransferCriterion.CYCLE]
    )
    cast.client(client, "reviewer")
    assert client.post(address, {}).status_code == 404


# The case


def test_without_a_visit_the_review_goes_to_the_decision(cast, old):
    case = opened(cast, old, visit=False)
    assert case.status == CaseStatus.DECIDING
    assert not case.programme.filter(kind=AuditKind.SPECIAL).exists()
    decide_as(cast, case, "grant")
    put_all_in_force(case)
    new = case.certificates.get()
    assert (new.status, new.expires_on) == (CertificateStatus.VALID, old.expires_on)


def test_with_a_visit_it_is_held_first(cast, old):
    case = opened(cast, old)
    assert case.status == CaseStatus.AUDITING
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.DECIDING)
    case.refresh_from_db()
    assert reasons(cast, case) == ["Special audit: not carried out."]


def test_the_programme_goes_on_with_the_old_cycle(cast):
    # Certified on 2 March 2025 for three years; taken over a year and two months later.
    with travel(2026, 5, 4):
        case = opened(
            cast, previous_number="099 25 Q 1", previous_expires_on=dt.date(2028, 3, 1), visit=False
        )
        decide_as(cast, case, "grant")
        put_all_in_force(case)
        case.refresh_from_db()
        assert case.cycle_starts_on == dt.date(2025, 3, 2)
        rows = {row.kind: row for row in case.programme.all()}
        first, second = rows[AuditKind.SURVEILLANCE_1], rows[AuditKind.SURVEILLANCE_2]
        assert (first.window_to, first.dropped_on) == (dt.date(2026, 3, 2), dt.date(2026, 5, 4))
        assert (second.window_to, second.dropped_on) == (dt.date(2027, 3, 2), None)
        last = rows[AuditKind.RECERTIFICATION]
        assert last.window_to == dt.date(2028, 3, 1)
        assert sweep() == 0
    with travel(2027, 3, 3):
        assert sweep() == 1
        assert Proposal.objects.get().about == AuditKind.SURVEILLANCE_2


def test_one_that_is_not_valid_any_more_is_not_taken_over(cast, old):
    case = opened(cast, old, visit=False)
    Certificate.objects.filter(pk=old.pk).update(status=CertificateStatus.WITHDRAWN)
    assert reasons(cast, case) == [
        "The certificate to be taken over is “Withdrawn” in the register."
    ]


# The old body


def told(kind) -> set:
    return {row.recipient for row in Notice.objects.filter(kind=kind)}


def test_the_old_body_is_told_when_a_transfer_is_applied_for(cast, old):
    in_review(cast, old)
    assert told("transfer.applied") == {cast.rival_manager}
    old.refresh_from_db()
    assert old.status == CertificateStatus.VALID
    assert transfers.under_way(old)


def test_nobody_is_told_of_a_number_that_is_not_the_applicants(cast, old):
    Certificate.objects.filter(pk=old.pk).update(enterprise=cast.rival_enterprise)
    in_review(cast, old)
    assert told("transfer.applied") == set()


def test_the_old_body_cancels_it_after_the_grant(cast, old):
    case = opened(cast, old, visit=False)
    decide_as(cast, case, "grant")
    put_all_in_force(case)
    old.refresh_from_db()
    assert (old.status, old.transferred_on) == (CertificateStatus.VALID, timezone.localdate())
    assert told("transfer.granted") == {cast.rival_manager}
    assert JournalEntry.objects.filter(verb="certificate.transfer", subject_id=old.pk).exists()
    assert not transfers.under_way(old)
    assert sweep() == 1
    proposal = Proposal.objects.get()
    assert (proposal.kind, proposal.cause, proposal.certificate) == ("cancel", "transfer", old)
    assert sweep() == 0
    # Its own body, here played by the first one, decides.
    Certificate.objects.filter(pk=old.pk).update(body=cast.body)
    Case.objects.filter(pk=old.case_id).update(body=cast.body)
    done = act(cast, Certificate.objects.get(pk=old.pk), "cancel")
    assert done.status == CertificateStatus.CANCELLED
    assert done.events.latest("created_at").cause == Cause.TRANSFER
    proposal.refresh_from_db()
    assert proposal.status == "followed"


def test_a_transfer_is_no_ground_to_suspend(cast, client, old):
    in_review(cast, old)
    # The old body is played by the first one.
    Certificate.objects.filter(pk=old.pk).update(body=cast.body)
    Case.objects.filter(pk=old.case_id).update(body=cast.body)
    Application.objects.filter(kind=ApplicationKind.TRANSFER).update(body=cast.rival_body)
    cast.client(client, "certifier")
    for action, warned in (("suspend", True), ("withdraw", True), ("cancel", False)):
        address = reverse("certification:certificate_do", args=[old.pk, action])
        page = client.get(address).content.decode()
        assert ("That alone is no ground to suspend or withdraw" in page) is warned


def test_a_visited_transfer_is_granted_after_its_audit(cast, old):
    case = opened(cast, old)
    item = case.programme.get(kind=AuditKind.SPECIAL)
    assert item.purpose == "transfer"
    audited(case, AuditKind.SPECIAL, item=item)
    case.refresh_from_db()
    decide_as(cast, case, "grant")
    item.refresh_from_db()
    assert item.done_on is not None
