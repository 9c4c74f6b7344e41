"""A real browser against a live server; anything on its console that is an error fails the test."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
PATIENCE = 45_000
# Style sheets are not loaded again: the one rule that reads them forbids to lock the way a device
# is held, and no style sheet may (tests/foundation/test_source.py).
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "preload": False,
}
# Wait for every picture to be there, or to have failed.
DRAWN = "Promise.all([...document.images].map(one => one.decode().catch(() => null)))"
LEAST = "a, button, summary, input:not([type=hidden]), select, textarea"
SMALL = """selector => [...document.querySelectorAll(selector)]
  .filter(one => one.checkVisibility() && !one.closest('label') && !one.matches('.skip'))
  .map(one => [one, one.getBoundingClientRect()])
  .filter(([one, box]) => box.height < 24 || box.width < 24)
  .map(([one]) => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="session")
def browser():
    """Start Chromium once for all tests of a process."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.fail("Chromium is missing; script/bootstrap --tests installs it.")
    # Playwright keeps an event loop in this thread, for which Django would refuse all queries.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture
def console():
    """Collect what browsers complain about; a test that expects a complaint removes it here."""
    return []


@pytest.fixture
def open_page(browser, live_server, console):
    """Return a function that opens a page of a new person: own cookies, language and screen."""
    contexts = []

    def opened(user=None, *, language="en", width=1280, height=900, dark=False, script=True):
        context = browser.new_context(
            base_url=live_server.url,
            locale={"en": "en-GB", "zh-hans": "zh-CN"}[language],
            timezone_id="Asia/Shanghai",
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            sign_in(context, user, live_server.url)
        page = context.new_page()
        page.on("console", lambda said: said.type == "error" and console.append(said.text))
        page.on("pageerror", lambda error: console.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert console == []


@pytest.fixture
def page(open_page):
    """Open a page of an anonymous person in English on a wide, light screen."""
    return open_page()


def rules_broken(page):
    """Return what the page as it stands breaks of WCAG 2.2 AA: (address, rule, element)."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [(page.url, rule["id"], rule["nodes"][0]["html"]) for rule in found]


def faults(page, addresses):
    """Return what is inaccessible, wider than the window or too small to hit on these pages.

    Give the window the height of a page, so that the bar at the foot of a phone covers nothing.
    """
    found = []
    for address in addresses:
        page.goto(address)
        page.evaluate(DRAWN)  # a picture that comes later moves what is measured
        found += rules_broken(page)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append((address, "wider than the window", ""))
        found += [(address, "small target", one) for one in page.evaluate(SMALL, LEAST)]
    return found


def sign_in(context, user, address):
    """Give a browser the session of a user without the sign-in page."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
