"""The other ways a case can go, in a real browser and without a mouse: return, decline, object,
reject, refuse, suspend, withdraw."""

import datetime as dt

import pytest
import time_machine
from django.utils import timezone

from audits.enums import AuditStatus, FindingStatus, Grade
from audits.models import Audit, Finding
from certification.enums import (
    ApplicationStatus,
    CaseStatus,
    Cause,
    CertificateStatus,
)
from certification.models import Application, Case, Certificate
from certification.services.periods import suspension_ends_by
from portal.demo import stories
from tests.journeys.person import Keyboard, Person
from tests.people import PASSWORD
from tests.world import client_of, desk_of, play

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def told(cast):
    """Return a function that plays a story of the cast up to today, through the services."""
    parties = stories.Play(client_of(cast), desk_of(cast))

    def tell(story, *args, **facts):
        play(cast, story(parties, *args, **facts))

    return tell


def test_an_application_is_returned_completed_and_declined(open_page, cast, told):
    told(stories.draft, "in_review")
    application = Application.objects.get()
    reviewer, owner = Keyboard(open_page, cast.reviewer), Keyboard(open_page, cast.owner)
    reviewer.go(f"/applications/{application.pk}/review/")
    form = f'form[action="/applications/{application.pk}/review/ask/"]'
    reviewer.select(reviewer.page.locator(f'{form} [name="field"]'), "outsourced")
    reviewer.write(reviewer.page.locator(f'{form} [name="reason"]'), "Who does the heat treatment?")
    reviewer.send(form)
    reviewer.act(application, "return")
    assert application.status == ApplicationStatus.RETURNED
    owner.go(f"/applications/{application.pk}/")
    assert "Who does the heat treatment?" in owner.read()
    owner.go(f"/applications/{application.pk}/steps/scope/").fill(outsourced="Heat treatment")
    owner.send()
    owner.act(application, "submit", declared=True)
    reviewer.act(application, "start_review", no_conflict=True)
    reviewer.go(f"/applications/{application.pk}/review/")
    assert "Heat treatment" in reviewer.read()
    reviewer.act(application, "decline", reason="No auditor for this process.")
    owner.go(f"/applications/{application.pk}/")
    assert "No auditor for this process." in owner.read()
    assert application.status == ApplicationStatus.DECLINED


def test_an_audit_is_objected_to_and_the_objection_answered(open_page, cast, told):
    told(stories.auditing, "stage_1", "proposed")
    audit = Audit.objects.get()
    owner, planner = Keyboard(open_page, cast.owner), Keyboard(open_page, cast.planner)
    owner.act(audit, "object", reason="The plant is closed that week.")
    assert audit.status == AuditStatus.OBJECTED
    planner.go(f"/audits/{audit.pk}/")
    assert "The plant is closed that week." in planner.read()
    later = dt.timedelta(days=7 * ((timezone.localdate() - audit.starts_on).days // 7 + 2))
    Audit.objects.update(starts_on=audit.starts_on + later, ends_on=audit.ends_on + later)
    planner.act(audit, "answer_objection", answer="We come to the office only.")
    assert audit.status == AuditStatus.PROPOSED
    owner.go(f"/audits/{audit.pk}/")
    assert "We come to the office only." in owner.read()


def test_an_answer_is_rejected_and_given_again(open_page, cast, told):
    told(stories.correcting, "answered", grades=(Grade.MINOR,))
    finding = Finding.objects.get(grade=Grade.MINOR)
    owner, auditor = Keyboard(open_page, cast.owner), Keyboard(open_page, cast.auditor)
    auditor.act(finding, "reject_plan", reason="This is no root cause.")
    assert finding.status == FindingStatus.PLAN_REJECTED
    owner.go(f"/findings/{finding.pk}/")
    assert "This is no root cause." in owner.read()
    owner.go(f"/findings/{finding.pk}/answer/").fill(root_cause="Nobody owned the plan.").send()
    owner.act(finding, "answer")
    assert finding.status == FindingStatus.ANSWERED
    assert finding.answers.count() == 2


def test_a_case_is_refused(open_page, cast, told):
    told(stories.refusable)
    case = Case.objects.get()
    certifier, owner = Keyboard(open_page, cast.certifier), Keyboard(open_page, cast.owner)
    certifier.act(case, "refuse", reason="The system does not conform.", password=PASSWORD)
    assert case.status == CaseStatus.REFUSED
    owner.go(f"/cases/{case.pk}/")
    assert "appeal" in owner.read()


def test_a_certificate_is_suspended_and_withdrawn(open_page, cast, told):
    told(stories.certified, grades=(Grade.MINOR,))
    certificate = Certificate.objects.get()
    certifier, anyone = Keyboard(open_page, cast.certifier), Keyboard(open_page)
    until = suspension_ends_by(certificate)
    certifier.act(
        certificate, "suspend", cause=Cause.MISUSE, until=until.isoformat(),
        reason="Mark on the packaging.", number=certificate.number, password=PASSWORD,
    )  # fmt: skip
    anyone.go(f"/c/{certificate.code}/")
    assert "Suspended" in anyone.read()
    assert "left" not in anyone.read()
    with time_machine.travel(timezone.now() + dt.timedelta(days=30), tick=True):
        certifier.act(
            certificate, "withdraw", cause=Cause.NONCONFORMITY, reason="Not corrected.",
            number=certificate.number, password=PASSWORD,
        )  # fmt: skip
        later = Keyboard(open_page).go(f"/c/{certificate.code}/")
        assert "Withdrawn" in later.read()
    assert certificate.status == CertificateStatus.WITHDRAWN


def test_two_people_on_one_case_one_wins_and_the_other_is_told(open_page, cast, told, console):
    told(stories.draft, "offered")
    application = Application.objects.get()
    first, second = Person(open_page, cast.owner), Person(open_page, cast.owner)
    address = f"/applications/{application.pk}/do/reject/"
    first.go(address).fill(reason="Too dear.")
    second.go(address).fill(reason="Too late.")
    first.send()
    with second.page.expect_navigation():
        second.page.locator(
            "main form button.btn-primary, main form button.btn-danger"
        ).first.click()
    assert "Nothing was changed" in second.read()
    assert ["409 (Conflict)" in said for said in console] == [True]
    console.clear()
    application.refresh_from_db()
    assert application.status == ApplicationStatus.REJECTED
