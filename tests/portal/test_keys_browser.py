"""A queue worked with the keyboard alone, in a real browser."""

import pytest
from playwright.sync_api import expect

from audits.models import Finding
from foundation import jobs
from foundation.models import BulkItem, SavedView
from tests.audits.auditwork import nonconformity
from tests.browser import faults, rules_broken
from tests.listwork import cases

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def planner(cast, open_page):
    first = nonconformity(cast)
    second = Finding.objects.get(pk=first.pk)
    second.pk, second._state.adding, second.number, second.title = None, True, "NC-77", "Second"
    second.save()
    cases(cast, 3)
    return open_page(cast.planner)


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()")


def test_a_queue_is_worked_without_a_mouse(planner, cast):
    page = planner
    press = page.keyboard.press
    page.goto("/desk/")

    # The sheet opens, says what there is, and closes.
    press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()

    # The palette finds a case and a page; Enter opens it.
    press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("L-0001")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("L-0001")
    page.keyboard.press("Control+a")
    page.keyboard.type("Findings")
    press("Enter")
    page.wait_for_url("**/findings/")

    # Keys typed into the search field are text; the list follows, and the focus stays.
    press("/")
    page.keyboard.type("xj?NC-")
    press("Control+a")
    page.keyboard.type("NC-")
    press("Enter")
    page.wait_for_url("**q=NC-*")
    assert focused(page) == "id_q"
    expect(page.locator("#listing")).not_to_have_attribute("aria-busy", "true")
    press("Tab")

    # Rows: move, select two, come to the bar, remind.
    press("j")
    press("x")
    press("j")
    assert "Second" in focused(page)
    press("x")
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    for _step in range(20):
        press("Tab")
        if "Remind" in focused(page):
            break
    press("Enter")
    page.wait_for_url("**/lists/findings/bulk/**")
    page.locator("main button.btn-primary").focus()
    press("Enter")
    page.wait_for_url("**/bulk/**")
    jobs.run_due()
    expect(page.locator("#progress")).to_contain_text("2 of 2")
    assert set(BulkItem.objects.values_list("state", flat=True)) == {"done"}

    # g and a letter leads to a main page; Enter on a row opens it.
    press("g")
    press("c")
    page.wait_for_url("**/cases/")
    press("j")
    press("Enter")
    page.wait_for_url("**/cases/*-*/")


def test_single_keys_can_be_switched_off(planner):
    page = planner
    page.goto("/cases/")
    page.locator("header details.menu summary").click()
    page.locator("header button[name=keys][value=off]").click()
    page.wait_for_load_state()
    for key in ("?", "j", "g", "c", "/"):
        page.keyboard.press(key)
    expect(page.locator("#shortcuts")).to_be_hidden()
    assert page.url.endswith("/cases/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()


def test_a_view_is_saved_and_its_removal_taken_back_without_scripts(cast, open_page):
    cases(cast, 2)
    page = open_page(cast.manager, script=False)
    page.goto("/cases/?status=auditing&sort=number")
    page.get_by_role("link", name="Save this view").click()
    page.get_by_label("Name of the view").fill("In audit now")
    page.get_by_role("button", name="Save this view").click()
    page.get_by_role("link", name="Change your views").click()
    page.get_by_role("button", name="Remove In audit now").click()
    assert SavedView.objects.count() == 0
    page.get_by_role("button", name="Undo").click()
    assert SavedView.objects.get().query == "status=auditing&sort=number"


PAGES = (
    "/cases/?status=auditing&sort=number&evil=1",
    "/findings/",
    "/search/?q=L-0",
    "/views/cases/save/?status=auditing",
    "/lists/findings/bulk/?action=remind&all=1",
)
WINDOWS = (
    {"width": 1280, "dark": False, "language": "en"},
    {"width": 360, "dark": True, "language": "zh-hans"},
    {"width": 320, "dark": False, "language": "en"},
)


@pytest.mark.parametrize("window", WINDOWS)
def test_lists_and_their_dialogs_are_accessible(planner, cast, open_page, window):
    page = open_page(cast.planner, height=2400, **window)
    assert faults(page, PAGES) == []
    page.goto("/findings/")
    page.locator("#list .pick input").first.check()
    page.locator("#filters").click()
    assert rules_broken(page) == []
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    assert rules_broken(page) == []
    page.keyboard.press("Escape")
    page.locator("#list").focus()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    assert rules_broken(page) == []


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_the_filters_open_within_the_window(planner, cast, open_page, width):
    page = open_page(cast.planner, width=width)
    page.goto("/desk/")
    page.click("#filters")
    box = page.locator(".filters .panel").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
