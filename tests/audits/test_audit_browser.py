"""Audits in a real browser: planned without a script, answered with one, fit for every screen."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, FindingStatus, Grade
from audits.models import Audit, ChecklistAnswer, FindingAnswer
from audits.queries.checklists import items_of
from certification.enums import AuditKind
from foundation import jobs
from tests.audits.auditwork import (
    act,
    answer,
    closed,
    fresh,
    item_of,
    nonconformity,
    noted,
    opened_case,
    planned,
    proposed,
    running,
    started,
    with_timetable,
)
from tests.browser import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [("en", 1280, False), ("zh-hans", 360, True)]


def test_an_audit_is_planned_and_confirmed_without_a_script(cast, open_page):
    case = opened_case(cast)
    planner = open_page(cast.planner, script=False)
    planner.goto("/audits/")
    planner.get_by_role("link", name="2 to plan").click()
    planner.get_by_role("button", name="Start planning").first.click()
    today = timezone.localdate()
    planner.get_by_label("First day").fill(today.isoformat())
    planner.get_by_label("Last day").fill(today.isoformat())
    planner.get_by_role("button", name="Save").click()
    for person, role in ((cast.auditor, "Lead auditor"), (cast.auditor2, "Auditor")):
        planner.get_by_label(f"Role of {person.name}").select_option(label=role)
        planner.get_by_role("button", name=f"Add {person.name}").click()
    audit = Audit.objects.get(programme_item=item_of(case, AuditKind.STAGE_1))
    for person in (cast.auditor, cast.auditor2):
        auditor = open_page(person, script=False)
        auditor.goto(audit.get_absolute_url())
        auditor.get_by_role("link", name="Declare interests").click()
        auditor.get_by_label("Nothing stands against it").check()
        auditor.get_by_role("button", name="Declare interests").click()
    planner.goto(f"{audit.get_absolute_url()}timetable/")
    planner.get_by_role("button", name="Suggest a timetable").click()
    planner.get_by_role("heading", name="The timetable is complete").wait_for()
    planner.goto(f"{audit.get_absolute_url()}planning/")
    planner.get_by_role("link", name="Propose to the enterprise").click()
    planner.get_by_role("button", name="Propose to the enterprise").click()
    owner = open_page(cast.owner, script=False)
    owner.goto(audit.get_absolute_url())
    owner.get_by_role("link", name="Confirm dates, team and timetable").click()
    owner.get_by_role("button", name="Confirm dates, team and timetable").click()
    assert fresh(audit).status == AuditStatus.CONFIRMED
    jobs.run_due()
    owner.goto(audit.get_absolute_url())
    owner.get_by_role("link", name="Audit plan", exact=True).wait_for()


def test_an_answer_keeps_itself_while_it_is_typed(cast, open_page, eventually):
    finding = nonconformity(cast)
    member = open_page(cast.member)
    member.goto(finding.get_absolute_url())
    member.get_by_role("link", name="Start").click()
    member.get_by_label("The root cause").fill("The list is not passed on.")
    draft = eventually(lambda: FindingAnswer.objects.filter(root_cause__startswith="The").first())
    assert draft.sent_at is None
    member.locator("[data-part='2']", has_text="Saved at").wait_for()
    owner = open_page(cast.owner)
    owner.goto(f"{finding.get_absolute_url()}answer/")
    assert owner.get_by_label("The root cause").input_value() == "The list is not passed on."
    member.get_by_label("How do you put this case right?").fill("Edition D is posted.")
    member.get_by_label("How do you keep it from happening again?").fill("The list goes out.")
    in_ten_days = timezone.localdate() + dt.timedelta(days=10)
    member.get_by_label("To be done by").fill(in_ten_days.isoformat())
    member.get_by_role("button", name="Check and send").click()
    member.get_by_role("button", name="Send the answer").click()
    member.get_by_text("Nothing for you to do now").wait_for()
    assert fresh(finding).status == FindingStatus.ANSWERED
    auditor = open_page(cast.auditor)
    auditor.goto(finding.get_absolute_url())
    auditor.get_by_role("link", name="Accept the plan").click()
    auditor.get_by_role("button", name="Accept the plan").click()
    auditor.get_by_text("The enterprise has its turn.").wait_for()


def on_site(cast) -> Audit:
    """Return a stage 2 that is under way."""
    audit = running(cast)
    Audit.objects.filter(pk=audit.pk).update(kind=AuditKind.STAGE_2)
    return fresh(audit)


def test_an_auditor_walks_through_the_checklist_on_a_phone(cast, open_page, eventually):
    audit = on_site(cast)
    phone = open_page(cast.auditor, width=360)
    phone.goto(audit.get_absolute_url())
    phone.get_by_role("link", name="Checklist", exact=True).first.click()
    phone.get_by_role("link", name="Next open question").click()
    question = phone.get_by_role("heading", level=1).inner_text()
    choice = phone.locator(".verdicts .choice").first
    assert choice.bounding_box()["height"] >= 64
    phone.get_by_label("Conforms", exact=True).check()
    phone.get_by_label("Objective evidence").fill("Twelve records of June.")
    eventually(lambda: ChecklistAnswer.objects.filter(note__startswith="Twelve").first())
    phone.get_by_role("button", name="Next").click()
    phone.get_by_text("1 / ").wait_for()
    assert phone.get_by_role("heading", level=1).inner_text() != question
    phone.get_by_label("Minor", exact=True).check()
    phone.get_by_label("Objective evidence").fill("The site is not in the scope.")
    phone.get_by_role("button", name="Next").click()
    phone.get_by_role("heading", name="Note a finding").wait_for()
    assert phone.get_by_label("Minor nonconformity").is_checked()
    evidence = phone.locator("textarea[name=evidence]")
    assert evidence.input_value() == "The site is not in the scope."
    phone.get_by_label("In one line").fill("Site outside the scope")
    phone.get_by_label("Requirement, in your own words").fill("The scope names the sites.")
    phone.get_by_label("What does not meet it").fill("One site is missing.")
    phone.get_by_role("button", name="Save the finding").click()
    phone.get_by_role("link", name="NC-01 Site outside the scope").wait_for()
    assert {one.verdict for one in ChecklistAnswer.objects.exclude(verdict="")} == {
        "conform",
        "minor",
    }


def test_two_people_answer_one_question_and_both_are_seen(cast, open_page):
    audit = on_site(cast)
    item = items_of(audit)[0]
    where = f"{audit.get_absolute_url()}checklist/{item.key}/"
    pages = [open_page(person, script=False) for person in (cast.auditor, cast.auditor2)]
    for page in pages:
        page.goto(where)
    for page, verdict in zip(pages, ("Conforms", "Opportunity"), strict=True):
        page.get_by_label(verdict, exact=True).check(force=True)
        page.get_by_label("Objective evidence").fill(f"{verdict} here.")
        page.get_by_role("button", name="Next").click()
    pages[0].goto(where)
    pages[0].get_by_role("heading", name="Two answers stand beside each other").wait_for()
    assert pages[0].get_by_text("Conforms here.").count() > 1
    assert pages[0].get_by_text("Opportunity here.").count() > 1


def addresses(cast):
    """Return the pages of every kind by person; each audit has a day of its own."""
    today = timezone.localdate()
    planning = planned(cast, first=today + dt.timedelta(days=8), declared=False)
    with_timetable(cast, planning)
    started(cast, case=opened_case(cast, enterprise=cast.rival_enterprise))
    offered = proposed(
        cast, case=opened_case(cast), first=today + dt.timedelta(days=16)
    ).get_absolute_url()
    audit = closed(cast, case=opened_case(cast), grades=[Grade.MAJOR, Grade.MINOR])
    first, second = audit.findings.order_by("number")
    answer(cast, second)
    act(second, "reject_plan", cast.actor("auditor"), reason="A symptom.")
    answer(cast, second)
    at = audit.get_absolute_url()
    return {
        "planner": [
            "/audits/",
            "/audits/to-plan/",
            planning.get_absolute_url(),
            f"{planning.get_absolute_url()}planning/",
            f"{planning.get_absolute_url()}timetable/",
            f"{planning.get_absolute_url()}do/propose/",
        ],
        "owner": [
            "/findings/",
            at,
            f"{offered}do/confirm/",
            f"{offered}do/object/",
            first.get_absolute_url(),
            f"{first.get_absolute_url()}answer/",
            f"{first.get_absolute_url()}do/answer/",
        ],
        "auditor": [
            at,
            f"{at}checklist/",
            f"{at}checklist/{items_of(audit)[0].key}/",
            f"{at}report/versions/",
            f"{at}report/",
            f"{planning.get_absolute_url()}do/declare/",
            second.get_absolute_url(),
            f"{second.get_absolute_url()}do/accept_plan/",
        ],
    }


@pytest.mark.parametrize(("language", "width", "dark"), SIZES)
def test_every_page_is_accessible_and_fits_the_screen(cast, open_page, language, width, dark):
    found = []
    for person, paths in addresses(cast).items():
        # As high as the page, so that the bar at the foot of a phone covers nothing.
        page = open_page(
            getattr(cast, person), language=language, width=width, height=12_000, dark=dark
        )
        found += faults(page, paths)
    assert found == []


@pytest.mark.parametrize(("language", "width", "dark"), SIZES)
def test_the_pages_of_a_running_audit_are_accessible(cast, open_page, language, width, dark):
    audit = running(cast)
    noted(cast, audit)
    page = open_page(cast.auditor, language=language, width=width, height=12_000, dark=dark)
    at = audit.get_absolute_url()
    paths = [at, f"{at}findings/new/", f"{at}do/close_meeting/", f"{at}do/abort/"]
    assert faults(page, paths) == []
