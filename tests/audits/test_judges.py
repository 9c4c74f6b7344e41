"""Who judges the answers to a finding once its team has gone, and who is told."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audits.enums import FindingStatus, Grade
from audits.models import Finding, FindingAnswer
from audits.services.telling import judges
from certification.enums import AuditKind, Ground, Part, ProposalStatus
from certification.models import Case, Certificate, Involvement, Proposal
from certification.services.decisions import decide
from foundation.models import JournalEntry, Notice
from foundation.workflow import Incomplete, NotAllowed
from organisations.enums import Role
from organisations.models import Membership
from tests.audits.auditwork import (
    act,
    answer,
    completed,
    confirmed,
    fresh,
    nonconformity,
    proposed,
)
from tests.certification.casework import certified
from tests.people import make_competent

pytestmark = pytest.mark.django_db


def tomorrow():
    return time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False)


def of_outsider(audit) -> dict:
    """Return the facts of the next audit of the same case, led by the outsider."""
    return {"case": audit.case, "days": 2, "team": ("outsider", "auditor2")}


@pytest.fixture
def outsider(cast):
    """A competent auditor of the body who is on no team yet."""
    cast.outsider = User.objects.create_user("outsider@demo.example", name="陆远", language="en")
    Membership.objects.create(user=cast.outsider, organisation=cast.body, role=Role.AUDITOR)
    make_competent(cast.outsider, cast.body, "lead_auditor", "auditor")
    return cast.outsider


def gone(*people):
    for person in people:
        person.memberships.update(ended_at=timezone.now())


def test_nobody_outside_the_team_judges(cast, outsider):
    finding = answer(cast, nonconformity(cast))
    with pytest.raises(NotAllowed):
        act(finding, "accept_plan", cast.actor("outsider"))


def test_whoever_was_named_judges_and_is_told(cast, outsider):
    finding = answer(cast, nonconformity(cast))
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    assert [row.recipient for row in Notice.objects.filter(kind="audits.judge")] == [outsider]
    entry = JournalEntry.objects.get(verb="finding.name_judge")
    assert entry.data == {"number": "NC-01", "person": outsider.name}
    actor = cast.actor("outsider")
    assert Finding.objects.visible_to(actor).get() == finding
    assert FindingAnswer.objects.visible_to(actor).get().finding == finding
    assert act(finding, "accept_plan", actor).status == FindingStatus.PLAN_ACCEPTED


def test_whoever_was_named_does_not_decide_in_this_cycle(cast, outsider):
    finding = nonconformity(cast)
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    assert Involvement.objects.filter(case=finding.audit.case, user=outsider).exists()


def test_whoever_decided_in_this_cycle_is_not_named(cast):
    finding = nonconformity(cast)
    Membership.objects.create(user=cast.certifier, organisation=cast.body, role=Role.AUDITOR)
    decide(case=finding.audit.case, kind="grant", actor=cast.actor("certifier"), reason="Fine.")
    with pytest.raises(Incomplete):
        act(finding, "name_judge", cast.actor("planner"), judge=cast.certifier)


def test_whoever_dismissed_a_proposal_in_this_cycle_takes_no_other_part(cast, outsider):
    finding = answer(cast, nonconformity(cast))
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    certificate = certified(cast)
    Proposal.objects.create(
        certificate=certificate, ground=Ground.MAJOR, missed_on=timezone.localdate(),
        kind="suspend", cause="nonconformity", status=ProposalStatus.DISMISSED,
        dismissed_by=outsider, cycle=1,
    )  # fmt: skip
    Case.objects.filter(pk=certificate.case_id).update(thread=finding.audit.case.thread)
    Certificate.objects.update(case=finding.audit.case)
    with pytest.raises(Incomplete, match="You decided in this cycle"):
        act(finding, "accept_plan", cast.actor("outsider"))
    with pytest.raises(Incomplete, match="has not decided in this cycle"):
        act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    assert outsider not in judges(finding)


@pytest.mark.parametrize("who", ["owner", "auditor", "certifier", "rival_manager"])
def test_only_a_planner_of_the_body_names_somebody(cast, outsider, who):
    finding = nonconformity(cast)
    with pytest.raises(NotAllowed):
        act(finding, "name_judge", cast.actor(who), judge=outsider)


def test_whoever_judged_does_not_decide_in_this_cycle(cast):
    finding = nonconformity(cast)
    answer(cast, finding)
    Involvement.objects.all().delete()
    act(finding, "accept_plan", cast.actor("auditor"))
    part = Involvement.objects.get(user=cast.auditor)
    assert (part.part, part.cycle) == (Part.JUDGEMENT, finding.audit.case.cycle)
    Membership.objects.create(user=cast.auditor, organisation=cast.body, role=Role.CERTIFIER)
    with pytest.raises(NotAllowed):
        decide(case=finding.audit.case, kind="grant", actor=cast.actor("auditor"), reason="Fine.")


def test_whoever_decided_in_this_cycle_does_not_judge(cast, outsider):
    finding = nonconformity(cast)
    answer(cast, finding)
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    Involvement.objects.filter(user=outsider).delete()
    Membership.objects.create(user=outsider, organisation=cast.body, role=Role.CERTIFIER)
    decide(case=finding.audit.case, kind="grant", actor=cast.actor("outsider"), reason="Fine.")
    with pytest.raises(Incomplete, match="You decided in this cycle"):
        act(finding, "accept_plan", cast.actor("outsider"))


def test_whoever_decided_is_not_among_those_who_judge(cast, client):
    finding = nonconformity(cast)
    Involvement.objects.all().delete()
    Membership.objects.create(user=cast.auditor, organisation=cast.body, role=Role.CERTIFIER)
    decide(case=finding.audit.case, kind="grant", actor=cast.actor("auditor"), reason="Fine.")
    answer(cast, finding)
    assert judges(finding) == []
    assert desk("planner", cast, client) == [("name_judge", finding.pk)]


@pytest.mark.parametrize("ended", [None, 300])
def test_whoever_belonged_to_the_enterprise_is_not_named(cast, outsider, ended):
    finding = nonconformity(cast)
    place = Membership.objects.create(user=outsider, organisation=cast.enterprise, role=Role.MEMBER)
    if ended:
        place.ended_at = timezone.now() - dt.timedelta(days=ended)
        place.save()
    with pytest.raises(Incomplete):
        act(finding, "name_judge", cast.actor("planner"), judge=outsider)


def test_judging_uses_up_none_of_the_certificates_of_an_auditor(cast, outsider):
    finding = nonconformity(cast)
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    parts = Involvement.objects.filter(user=outsider).values_list("part", flat=True)
    assert list(parts) == [Part.JUDGEMENT]


def test_whoever_was_named_opens_the_audit_too(cast, client, outsider):
    finding = nonconformity(cast)
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    cast.client(client, "outsider")
    assert client.get(finding.audit.get_absolute_url()).status_code == 200


def desk(name, cast, client):
    """Return (action, finding) of what waits for a person, of findings."""
    context = cast.client(client, name).get("/work/").context
    rows = context.get("rows", ())  # an empty queue has none
    return [(row.action, row.subject_id) for row in rows if row.subject_type == "audits.finding"]


def test_the_desk_of_the_planner_names_what_nobody_can_judge(cast, client):
    finding = nonconformity(cast)
    gone(cast.auditor, cast.auditor2)
    answer(cast, finding)
    assert desk("planner", cast, client) == [("name_judge", finding.pk)]


def test_with_a_judge_there_is_nothing_to_name(cast, client):
    finding = nonconformity(cast)
    answer(cast, finding)
    assert desk("planner", cast, client) == []


def test_an_agreed_audit_brings_the_findings_to_its_team(cast, client, outsider):
    finding = completed(cast, grades=[Grade.MINOR]).findings.get()
    gone(cast.auditor)
    answer(cast, finding)
    with tomorrow():
        later = proposed(cast, AuditKind.STAGE_2, **of_outsider(finding.audit))
        assert desk("outsider", cast, client) == []
        act(later, "confirm", cast.actor("owner"))
        assert ("accept_plan", finding.pk) in desk("outsider", cast, client)


def test_a_draft_of_a_closed_finding_is_not_shown(cast, client):
    finding = nonconformity(cast)
    answer(cast, finding, evidence_note="Photos of all stations.")
    act(finding, "accept_plan", cast.actor("auditor"))
    address = finding.get_absolute_url()
    assert len(cast.client(client, "owner").get(address).context["rounds"]) == 2
    act(finding, "verify", cast.actor("auditor"))
    assert len(client.get(address).context["rounds"]) == 1


def test_it_is_named_on_the_page(cast, client, outsider):
    finding = nonconformity(cast)
    cast.client(client, "planner")
    address = reverse("audits:finding_do", args=[finding.pk, "name_judge"])
    page = client.get(address)
    offered = [str(choice) for _value, choice in page.context["form"].fields["judge"].choices]
    assert offered == ["---------", *sorted([cast.auditor.name, cast.auditor2.name, outsider.name])]
    assert client.post(address, {"judge": "nobody"}).status_code == 422
    client.post(address, {"judge": outsider.pk})
    assert fresh(finding).judge == outsider
    assert outsider.name in client.get(finding.get_absolute_url()).content.decode()


def test_the_team_of_a_later_audit_judges_once_it_is_agreed(cast, outsider):
    finding = completed(cast, grades=[Grade.MINOR]).findings.get()
    answer(cast, finding)
    with tomorrow():
        later = proposed(cast, AuditKind.STAGE_2, **of_outsider(finding.audit))
    with pytest.raises(NotAllowed):
        act(finding, "accept_plan", cast.actor("outsider"))
    act(later, "confirm", cast.actor("owner"))
    done = act(finding, "accept_plan", cast.actor("outsider"))
    assert done.status == FindingStatus.PLAN_ACCEPTED


def test_the_team_of_an_earlier_audit_does_not(cast, outsider):
    case = completed(cast, team=("auditor", "outsider")).case
    with tomorrow():
        finding = nonconformity(cast, kind=AuditKind.STAGE_2, case=case, days=2)
    answer(cast, finding)
    with pytest.raises(NotAllowed):
        act(finding, "accept_plan", cast.actor("outsider"))


def test_who_is_told_of_an_answer(cast, outsider):
    finding = nonconformity(cast)
    assert judges(finding) == [cast.auditor]
    act(finding, "name_judge", cast.actor("planner"), judge=outsider)
    assert judges(fresh(finding)) == [cast.auditor, outsider]
    gone(cast.auditor)
    assert judges(fresh(finding)) == [outsider]


def test_planners_are_told_when_nobody_is_left_to_judge(cast):
    finding = nonconformity(cast)
    gone(cast.auditor, cast.auditor2)
    answer(cast, finding)
    told = Notice.objects.filter(kind="audits.answered")
    assert [row.recipient for row in told] == [cast.planner]


def test_the_leader_of_a_later_audit_is_told(cast, outsider):
    finding = completed(cast, grades=[Grade.MINOR]).findings.get()
    with tomorrow():
        confirmed(cast, AuditKind.STAGE_2, **of_outsider(finding.audit))
    assert judges(finding) == [cast.auditor, outsider]
