"""The warning before a session rests too long, in a browser whose clock is put forward."""

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.certification.applications import empty_draft, step_url
from tests.corpus import make

NEARLY = "03:56:00"  # of the four hours that a session of an enterprise may rest
LOOK = "00:00:16"
POLL = "**/open-page/"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rested(cast, open_page):
    """Return a function that opens a step of an application and lets it rest until the warning."""

    def opened(step):
        page = open_page(cast.owner)
        page.clock.install()
        page.goto(step_url(empty_draft(cast), step))
        page.clock.fast_forward(NEARLY)
        expect(page.get_by_text("You will be signed out in")).to_be_visible()
        return page

    return opened


def warning(page):
    return page.locator("[data-idle-warning]")


def end_session(page):
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)


def test_what_a_page_fetches_by_itself_is_no_use(rested):
    page = rested("scope")
    with page.expect_response(POLL):
        page.clock.fast_forward("00:00:21")
    page.clock.fast_forward(LOOK)
    expect(page.get_by_text("You will be signed out in")).to_be_visible()


def test_autosave_is_use_of_the_session(rested):
    page = rested("scope")
    page.get_by_label("Main processes").fill("Order")
    page.clock.fast_forward("00:02")
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.clock.fast_forward(LOOK)
    expect(warning(page)).to_be_hidden()


def test_a_file_sent_in_pieces_is_use_of_the_session(rested, tmp_path):
    page = rested("documents")
    manual = tmp_path / "manual.pdf"
    manual.write_bytes(b"".join(make.filled_pdf(5 * 1024**2)))
    page.set_input_files("[name=upload]", manual)
    expect(page.locator(".parts [data-words]")).to_contain_text("Received")
    page.clock.fast_forward(LOOK)
    expect(warning(page)).to_be_hidden()


def test_who_stays_is_asked_no_more(rested):
    page = rested("scope")
    page.get_by_role("button", name="Stay signed in").click()
    expect(warning(page)).to_be_hidden()


def test_who_stays_too_late_keeps_what_is_typed(rested):
    page = rested("documents")
    end_session(page)
    page.select_option("[name=kind]", "manual")
    page.get_by_role("button", name="Stay signed in").click()
    expect(page.get_by_text("You are signed out. Copy")).to_be_visible()
    expect(warning(page)).to_be_focused()
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    expect(page.locator("[name=kind]")).to_have_value("manual")


def test_a_page_that_learns_of_the_end_by_itself_stays(rested):
    page = rested("scope")
    end_session(page)
    address = page.url
    with page.expect_response(POLL):
        page.clock.fast_forward("00:00:21")
    expect(page.get_by_text("You are signed out. Copy")).to_be_visible()
    expect(page).to_have_url(address)
