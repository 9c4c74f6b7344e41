"""The shared pages in a real browser: accessible, fitting, and working with and without scripts."""

import re

import pytest
from playwright.sync_api import expect

from organisations.enums import Role
from organisations.models import Membership
from tests.browser import faults, rules_broken
from tests.foundation import gallery

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.foundation.gallery"),
]

PAGES = (
    "/gallery/parts/",
    "/gallery/parts/?errors",
    "/gallery/list/",
    "/gallery/public/",
    "/gallery/confirm/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/help/",
    "/complaints-and-appeals/",
    "/impartiality/",
    "/privacy/",
    "/accessibility/",
)
PLAN = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}


@pytest.fixture(autouse=True)
def _nothing_sent():
    gallery.SENT.clear()
    gallery.ANSWERS.clear()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_shared_pages_are_accessible_and_fit(open_page, language, width, dark):
    page = open_page(language=language, width=width, dark=dark)
    assert faults(page, PAGES) == []


def test_pages_fit_320_pixels_with_larger_text(open_page):
    page = open_page(width=320)
    page.goto("/help/")
    page.locator("details.menu > summary").click()
    page.get_by_role("button", name="Larger").click()
    page.wait_for_url("**/help/")
    wide = []
    for address in PAGES:
        page.goto(address)
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            wide.append(address)
    assert wide == []


def test_skip_link_comes_first_and_focus_shows(page):
    page.goto("/gallery/parts/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    button = page.get_by_role("link", name="Start", exact=True)
    button.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert button.evaluate("one => getComputedStyle(one).outlineWidth") == "3px"


def test_errors_take_the_focus_and_lead_to_the_field(page):
    page.goto("/gallery/parts/?errors")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.title().startswith("Error: Parts")
    summary.get_by_role("link", name="Remove the invisible character").click()
    expect(page.get_by_label("Legal name")).to_be_focused()


def test_menu_closes_by_escape_and_gives_the_focus_back(page):
    page.goto("/help/")
    opener = page.locator("details.menu > summary")
    opener.click()
    expect(page.get_by_role("button", name="Dark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark")).to_be_hidden()
    expect(opener).to_be_focused()


def test_language_and_theme_change_without_scripts(open_page):
    page = open_page(script=False)
    page.goto("/privacy/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert page.url.endswith("/privacy/")
    page.locator("details.menu > summary").click()
    page.locator("button[name=theme][value=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_public_page_is_one_request_and_keeps_the_policy(page, console):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/gallery/public/")
    assert len(asked) == 1
    background = "one => getComputedStyle(one).backgroundColor"
    assert page.locator(".answer").evaluate(background) == "rgb(227, 243, 232)"
    assert console == []


def asks_before_leaving(page):
    """Tell whether the page would have the browser ask before it is left."""
    return page.evaluate("() => !dispatchEvent(new Event('beforeunload', {cancelable: true}))")


def test_draft_saves_itself_and_says_when(page):
    page.goto("/gallery/draft/")
    field = page.get_by_label("Name")
    field.fill("Lanhai")
    page.get_by_label("Ticked").check()
    expect(page.get_by_role("status").last).to_have_text(re.compile(r"Saved at \d\d:\d\d"))
    assert gallery.SENT[-1]["name"] == ["Lanhai"]
    assert sorted({name for sent in gallery.SENT for name in sent["_changed"]}) == [
        "name",
        "ticked",
    ]


def test_draft_saves_what_was_typed_before_its_script_was_there(page):
    held = []
    page.route("**/js/autosave*", lambda route: held.append(route))  # noqa: PLW0108
    page.goto("/gallery/draft/", wait_until="commit")
    page.get_by_label("Name").fill("Lanhai")
    page.get_by_label("Ticked").check()
    held.pop().continue_()
    expect(page.get_by_text("Saved at")).to_be_visible()
    assert [(sent["name"], sorted(sent["_changed"])) for sent in gallery.SENT] == [
        (["Lanhai"], ["name", "ticked"])
    ]


def test_draft_keeps_the_focus_and_what_is_typed_meanwhile(page):
    page.goto("/gallery/draft/")
    field = page.get_by_label("Name")
    field.press_sequentially("Lan")
    expect(page.locator("[data-saved]")).to_have_attribute("data-state", "saved")
    expect(field).to_be_focused()
    field.press_sequentially("hai")
    expect(field).to_have_value("Lanhai")


@pytest.mark.parametrize("status", [429, 503])
def test_draft_is_sent_again_after_a_failure(page, console, status):
    gallery.ANSWERS.append(status)
    page.goto("/gallery/draft/")
    page.get_by_label("Name").fill("Lanhai")
    state = page.locator("[data-saved]")
    expect(state).to_have_text("Not saved, trying again")
    expect(state).to_have_text(re.compile("Saved at"))
    assert [sent["name"] for sent in gallery.SENT] == [["Lanhai"], ["Lanhai"]]
    assert len(console) == 1
    console.clear()


def test_draft_stops_and_says_why_when_saving_makes_no_sense(page, console):
    gallery.ANSWERS.append(409)
    page.goto("/gallery/draft/")
    page.get_by_label("Name").fill("Lanhai")
    expect(page.locator("[data-saved]")).to_have_text("Somebody else sent it.")
    assert asks_before_leaving(page)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("[data-saved]")).to_have_text("")
    assert len(gallery.SENT) == 1
    console.clear()


def test_saved_draft_is_left_without_a_question(page):
    page.goto("/gallery/draft/")
    page.get_by_label("Name").fill("Lanhai")
    expect(page.get_by_text("Saved at")).to_be_visible()
    assert not asks_before_leaving(page)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 413, "body": "<html><body><h1>413 Request Entity Too Large</h1></body></html>"},
        {"status": 503, "body": "<html><body><main>The portal is not there.</main></body></html>"},
    ],
    ids=["bare page of nginx", "page of the portal"],
)
def test_what_was_typed_outlives_an_upload_that_fails(page, console, answer):
    page.goto("/gallery/upload/")
    page.get_by_label("Name").fill("Lanhai")
    page.get_by_label("Evidence").set_input_files(PLAN)

    def fail(route):
        is_autosave = "x-autosave" in route.request.headers
        return route.continue_() if is_autosave else route.fulfill(**answer)

    page.route("**/gallery/upload/", fail)
    page.get_by_role("button", name="Send file").click()
    expect(page.locator("[data-uploading]")).to_contain_text("The upload was interrupted.")
    expect(page.locator("[data-chosen]")).to_have_text("plan.pdf")
    expect(page.get_by_text("Saved at")).to_be_visible()
    assert gallery.SENT[-1] == {"name": ["Lanhai"], "ticked": [], "_changed": ["name"]}
    assert asks_before_leaving(page)
    page.unroute("**/gallery/upload/")
    page.get_by_role("button", name="Send file").click()
    expect(page).to_have_url(re.compile("/gallery/confirm/$"))
    assert gallery.SENT[-1] == "plan.pdf"
    console[:] = [said for said in console if str(answer["status"]) not in said]


def test_file_is_sent_with_progress_and_the_next_page_shows(page):
    page.goto("/gallery/upload/")
    page.get_by_label("Evidence").set_input_files(PLAN)
    expect(page.locator("[data-chosen]")).to_have_text("plan.pdf")
    page.get_by_role("button", name="Send file").click()
    expect(page.get_by_role("heading", name="Suspend HZ-26-Q-000417")).to_be_visible()
    assert page.url.endswith("/gallery/confirm/")
    assert gallery.SENT == ["plan.pdf"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_upload_without_a_file_shows_the_summary(open_page, script):
    page = open_page(script=script)
    page.goto("/gallery/upload/")
    page.get_by_role("button", name="Send file").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a file for “Evidence”.")


def test_job_refreshes_itself_until_it_is_done(page):
    page.goto("/gallery/job/")
    expect(page.locator("#job")).to_contain_text("In progress")
    expect(page.locator("#job")).to_contain_text("Done")
    expect(page.locator("#job")).not_to_have_attribute("data-poll", re.compile(".*"))


def test_copy_button_copies_and_says_so(open_page):
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/gallery/parts/")
    page.get_by_role("button", name="Copy number").click()
    expect(page.get_by_role("button", name="Copied number")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "HZ-26-Q-000417"


def test_bulk_actions_appear_with_the_first_choice(page):
    page.goto("/gallery/list/")
    expect(page.get_by_role("button", name="Assign")).to_be_hidden()
    page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("button", name="Assign")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_header_of_a_person_switches_organisation_and_signs_out(open_page, cast, width, dark):
    Membership.objects.create(user=cast.owner, organisation=cast.rival_enterprise, role=Role.MEMBER)
    page = open_page(cast.owner, width=width, dark=dark)
    page.goto("/notices/")
    assert rules_broken(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    menu = page.locator(".bar details.menu > summary")
    menu.click()
    assert rules_broken(page) == []
    box = page.locator(".bar .panel").bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= width) == (True, True)
    page.get_by_role("button", name=cast.rival_enterprise.name).click()
    menu.click()
    current = page.locator(".panel [aria-current=true]")
    expect(current).to_have_text(cast.rival_enterprise.name)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out.")
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_main_navigation_of_a_body_shows_whole(open_page, cast, language):
    page = open_page(cast.manager, language=language)
    page.goto("/notices/")
    cut = "one => one.scrollWidth - one.clientWidth"
    assert page.locator(".nav-x").evaluate(cut) == 0


def test_bottom_bar_keeps_the_rest_under_more(open_page, cast):
    page = open_page(cast.manager, width=360)
    page.goto("/notices/")
    bar = page.get_by_role("navigation", name="Bottom navigation")
    expect(bar.get_by_role("link", name="Organisation")).to_be_hidden()
    bar.locator("summary").click()
    box = bar.get_by_role("link", name="Organisation").bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= 360, box["height"] >= 44) == (True,) * 3
