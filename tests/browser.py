"""A real browser against a live server; anything on its console that is an error fails the test."""

import os
import shutil

import pytest
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


def sign_in(context, user, address):
    """Give a browser the session of a user without the sign-in page."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
