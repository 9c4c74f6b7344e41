"""Audits in a real browser: planned without a script, answered with one, fit for every screen."""

import datetime as dt

import pytest
from django.utils import timezone

from audits.enums import AuditStatus, FindingStatus, Grade
from audits.models import Audit, FindingAnswer
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
    member.get_by_label("Why did it happen?").fill("The list is not passed on.")
    draft = eventually(lambda: FindingAnswer.objects.filter(root_cause__startswith="The").first())
    assert draft.sent_at is None
    member.get_by_text("Saved at").wait_for()
    owner = open_page(cast.owner)
    owner.goto(f"{finding.get_absolute_url()}answer/")
    assert owner.get_by_label("Why did it happen?").input_value() == "The list is not passed on."
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
