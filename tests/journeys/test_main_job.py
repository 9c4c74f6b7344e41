"""The main job in a real browser: nine accounts, an empty application, a rated certificate."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from audits.enums import AuditStatus, FindingStatus, Grade
from audits.models import Audit, Finding
from certification.enums import (
    ApplicationStatus,
    AuditKind,
    CaseStatus,
    CertificateStatus,
    Criterion,
    Moment,
)
from certification.models import Application, Certificate, Evaluation
from certification.queries.evaluations import dimensions_of
from portal.demo.papers import paper
from schemes.models import Clause, StandardEdition, TechnicalArea
from tests.journeys.person import Keyboard, Person
from tests.people import PASSWORD
from tests.world import client_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people(cast, open_page):
    """Return a function that gives each account a browser, in one language for all.

    In English nobody has a mouse; in Chinese auditors work on a phone.
    """
    seats = {}

    def seat(name, language):
        if name not in seats:
            user = None if name == "anonymous" else getattr(cast, name)
            if language == "en":
                seats[name] = Keyboard(open_page, user)
            else:
                screen = {"width": 360, "height": 640} if name.startswith("auditor") else {}
                seats[name] = Person(open_page, user, language=language, **screen)
        return seats[name]

    return seat


@pytest.fixture
def manual(tmp_path):
    """A manual to upload."""
    path = tmp_path / "manual.pdf"
    path.write_bytes(paper("manual", "Manual").read())
    return path


def apply(people, language, cast, manual) -> Application:
    """Fill in an application page by page: the member begins, the owner sends."""
    member, owner = people("member", language), people("owner", language)
    edition = StandardEdition.objects.filter(scheme__code="QMS").latest("valid_from")
    area = TechnicalArea.objects.get(code="18")
    member.go("/applications/new/").fill(kind="initial", schemes=[edition.pk]).send()
    member.fill(body=cast.body.pk).send()
    application = Application.objects.get()
    steps = f"/applications/{application.pk}/steps"
    member.go(f"{steps}/certification/").fill(areas=[area.pk]).send()
    member.go(f"{steps}/sites/").send()
    member.go(f"{steps}/scope/").fill(
        scope_zh="精密齿轮箱的设计和生产",
        scope_en="Design and manufacture of precision gearboxes",
        processes="销售、设计、采购、生产、交付",
        outsourced="无",
        legal_obligations="产品质量法、安全生产法",
    ).send()
    today = timezone.localdate()
    member.go(f"{steps}/system/").fill(
        system_since=(today - dt.timedelta(days=300)).isoformat(),
        consultancy_used="no",
        languages=["zh"],
        remote_possible="yes",
        safety_conditions="安全帽",
    ).send()
    member.go(f"{steps}/history/").fill(had_certificate="no").send()
    member.go(f"{steps}/documents/").fill(kind="manual", upload=manual)
    member.upload('main form:has([name="upload"])', "manual.pdf")
    owner.go(f"{steps}/contact/").fill(contact_phone="0574-00000000").send()
    owner.go(f"/applications/{application.pk}/check/")
    assert "精密齿轮箱的设计和生产" in owner.read()
    owner.act(application, "submit", declared=True)
    assert application.number in owner.read()
    return application


def review_and_offer(people, language, cast, application):
    """Review every point, compute the time, offer; the owner signs what is shown."""
    reviewer, manager = people("reviewer", language), people("manager", language)
    reviewer.act(application, "start_review", no_conflict=True)
    reviewer.go(f"/applications/{application.pk}/do/set_time/").send("main", use=1)
    for criterion in Criterion:
        point = f"/applications/{application.pk}/review/points/{criterion.value}/"
        reviewer.go(f"/applications/{application.pk}/review/")
        form = f'form[action="{point}"]'
        reviewer.check(reviewer.page.locator(f'[name="{criterion.value}-verdict"][value="met"]'))
        reviewer.send(form)
    reviewer.act(application, "accept", justification="信息充分")
    manager.go(f"/applications/{application.pk}/do/offer/")
    manager.fill(lines__0__unit_price="2000", lines__1__unit_price="3000")
    manager.fill(lines__2__unit_price="1000").send("main", send=1)
    owner = people("owner", language)
    application.refresh_from_db()
    assert application.status == ApplicationStatus.OFFERED
    offer = application.offers.get()
    owner.go(f"/applications/{application.pk}/do/sign/")
    assert offer.file.sha256[:16].upper() in owner.read().replace(" ", "").upper()
    owner.fill(name=cast.owner.name, password=PASSWORD, agreed=True).send()
    application.refresh_from_db()
    return application.case


def plan(people, language, cast, case, kind) -> Audit:
    """Plan an audit for today: dates, team, declarations, timetable, proposal, confirmation."""
    planner, owner = people("planner", language), people("owner", language)
    item = case.programme.get(kind=kind)
    planner.go("/audits/to-plan/").send(f'form[action="/audits/to-plan/{item.pk}/start/"]')
    audit = Audit.objects.get(kind=kind)
    days = int(audit.days.to_integral_value("ROUND_CEILING"))
    today = timezone.localdate()
    planning = f"/audits/{audit.pk}/planning/"
    planner.go(planning).fill(
        starts_on=today.isoformat(), ends_on=(today + dt.timedelta(days=days - 1)).isoformat()
    )
    planner.send(
        'form[id="planning"]' if planner.page.locator("form#planning").count() else "main form"
    )
    for name, role in (("auditor", "lead"), ("auditor2", "auditor")):
        planner.go(planning)
        row = planner.page.locator(
            "form", has=planner.page.locator(f'[name="user"][value="{getattr(cast, name).pk}"]')
        ).first
        planner.select(row.locator('[name="role"]'), role)
        planner.follow(row.locator("button").first)
    for name in ("auditor", "auditor2"):
        people(name, language).act(audit, "declare", no_conflict="yes")
    planner.go(f"/audits/{audit.pk}/timetable/")
    planner.send(f'form[action="/audits/{audit.pk}/timetable/suggest/"]')
    planner.act(audit, "propose")
    owner.go(f"/audits/{audit.pk}/")
    owner.act(audit, "confirm")
    return audit


def hold(people, language, audit, *, grade=None):
    """Open, note a finding, close, report; the reviewer accepts the report."""
    auditor, reviewer = people("auditor", language), people("reviewer", language)
    members = [member.pk for member in audit.members.all()]
    _meet(auditor, audit, "open", members)
    if grade:
        clause = Clause.objects.get(edition__in=audit.editions.all(), number="7.1.5")
        auditor.go(f"/audits/{audit.pk}/findings/new/").fill(
            grade=grade,
            clause=clause.pk,
            title="三坐标测量机校准超期",
            requirement="测量资源须按周期校准",
            statement="设备超期仍在使用",
            evidence="设备编号 CMM-03",
        ).send()
    with time_machine.travel(audit_end(audit), tick=True):
        _meet(auditor, audit, "close_meeting", members)
        report(auditor, audit)
        reviewer.act(audit, "accept_report")


def _meet(auditor, audit, action, members):
    """Hold a meeting; the page asks why when it is late for the sign-in."""
    address = f"/audits/{audit.pk}/do/{action}/"
    auditor.go(address).fill(team=members, others="沈若溪, 总经理")
    if auditor.page.locator('main [name="explanation"]').count():
        auditor.fill(explanation="交通延误")
    auditor.send()
    assert address not in auditor.page.url, auditor.read()
    audit.refresh_from_db()


def audit_end(audit) -> dt.datetime:
    zone = timezone.get_default_timezone()
    return dt.datetime.combine(audit.ends_on, dt.time(16, 0), zone)


def report(auditor, audit):
    """Write what the page asks for and submit it."""
    auditor.go(f"/audits/{audit.pk}/report/")
    page = auditor.page
    for area in page.locator("main form textarea").all():
        auditor.write(area, "无")
    for name in {
        radio.get_attribute("name") for radio in page.locator('main form [type="radio"]').all()
    }:
        auditor.check(page.locator(f'main form [type="radio"][name="{name}"]').first)
    auditor.send()
    auditor.act(audit, "submit_report")


def correct(people, language, finding):
    """Answer a nonconformity; plan and evidence are accepted."""
    owner, auditor = people("owner", language), people("auditor", language)
    due = (timezone.localdate() + dt.timedelta(days=10)).isoformat()
    answer = f"/findings/{finding.pk}/answer/"
    owner.go(answer).fill(
        containment="停用", root_cause="台账未交接", correction="已校准",
        corrective_action="系统提醒", done_by=due,
    ).send()  # fmt: skip
    owner.act(finding, "answer")
    auditor.act(finding, "accept_plan")
    owner.go(answer).fill(evidence_note="校准证书").send()
    owner.act(finding, "submit_evidence")
    auditor.act(finding, "verify")
    assert finding.status == FindingStatus.CLOSED


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_an_empty_application_to_a_rated_certificate(people, cast, manual, language):
    client_of(cast)
    application = apply(people, language, cast, manual)
    case = review_and_offer(people, language, cast, application)
    first = plan(people, language, cast, case, AuditKind.STAGE_1)
    hold(people, language, first)
    with time_machine.travel(audit_end(first) + dt.timedelta(days=3), tick=True):
        second = plan(people, language, cast, case, AuditKind.STAGE_2)
        hold(people, language, second, grade=Grade.MINOR)
    with time_machine.travel(audit_end(second) + dt.timedelta(days=4), tick=True):
        correct(people, language, Finding.objects.get(grade=Grade.MINOR))
        case.refresh_from_db()
        assert case.status == CaseStatus.DECIDING
        certifier = people("certifier", language)
        certifier.go(f"/cases/{case.pk}/decision/")
        certifier.act(case, "grant", reason="同意颁证", password=PASSWORD)
        certificate = Certificate.objects.get()
        assert certificate.status == CertificateStatus.VALID
        owner = people("owner", language)
        owner.go(f"/certificates/{certificate.pk}/")
        with owner.page.expect_download() as download:
            owner.press(
                owner.page.locator(f'main a[href="/certificates/{certificate.pk}/document/"]').first
            )
        assert download.value.path().read_bytes().startswith(b"%PDF-")
        anyone = people("anonymous", language)
        anyone.go("/verify/").fill(q=certificate.number.replace(" ", ""))
        anyone.page.locator('main [name="q"]').press("Enter")
        anyone.page.wait_for_url(f"**/c/{certificate.code}/")
        assert {"en": "Valid", "zh-hans": "有效"}[language] in anyone.read()
        assert cast.enterprise.name_zh in anyone.read()
        rating = Evaluation.objects.get(moment=Moment.DECISION)
        owner.act(rating, "give", comment="很好", **dict.fromkeys(dimensions_of(rating.moment), 5))
        assert rating.mean == Decimal(5)
        supervisor = people("supervisor", language)
        supervisor.go(f"/certificates/{certificate.pk}/")
        assert certificate.number in supervisor.read()
    assert Audit.objects.filter(status=AuditStatus.COMPLETED).count() == 2
