"""Second factors in a real browser: apps, recovery codes, and a virtual authenticator."""

from pathlib import Path

import pytest

from foundation import identity
from tests.accounts.factors import code_at
from tests.browser import faults
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECURITY = "/accounts/security/"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR = "required"


def plug_in(page):
    """Give the browser of a page an authenticator that says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def sign_in(page, user):
    page.goto("/accounts/login/?next=/desk/")
    page.fill('main [name="login"]', user.email)
    page.fill('main [name="password"]', PASSWORD)
    page.press('main [name="password"]', "Enter")
    page.wait_for_url(lambda address: "/accounts/login/?" not in address)


def sign_out(page):
    page.goto("/accounts/logout/")
    page.click("main .btn-primary")
    page.wait_for_url(lambda address: "/accounts/" not in address)


def test_a_passkey_is_set_up_and_signs_in_alone(page, cast, required):
    plug_in(page)
    sign_in(page, cast.planner)
    page.get_by_role("link", name="Passkey").click()
    page.fill('[name="name"]', "Work laptop")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("link", name="I have stored them").click()
    page.wait_for_url("**/desk/")
    sign_out(page)
    page.goto("/accounts/login/?next=/audits/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda address: "?" not in address and address.endswith("/audits/"))
    assert [str(one) for one in identity.factors_of(cast.planner)] == ["Work laptop"]
    # It is the second step after the password, too, and it confirms.
    sign_out(page)
    sign_in(page, cast.planner)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url("**/desk/")
    page.goto("/accounts/security/passkeys/add/")
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(lambda address: address.endswith("/passkeys/add/"))
    assert page.locator("h1").inner_text() == "Add a passkey"


def test_an_app_is_set_up_signs_in_and_a_recovery_code_stands_in(page, cast, required):
    sign_in(page, cast.reviewer)
    page.get_by_role("link", name="Authenticator app").click()
    assert page.locator(".qr img").evaluate("one => one.complete && one.naturalWidth > 0")
    secret = page.locator(".key").inner_text()
    page.fill('[name="code"]', code_at(secret))
    page.get_by_role("button", name="Turn on").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    stored = Path(started.value.path()).read_text()
    codes = page.locator(".recovery-codes li").all_inner_texts()
    assert stored.split()[-10:] == codes
    page.get_by_role("link", name="I have stored them").click()
    for code in (code_at(secret, steps=1), codes[0]):
        sign_out(page)
        sign_in(page, cast.reviewer)
        page.fill('[name="code"]', code)
        page.press('[name="code"]', "Enter")
        page.wait_for_url("**/desk/")


@pytest.mark.parametrize(("language", "dark"), [("en", False), ("zh-hans", True)])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_are_for_everybody(open_page, cast, language, dark, width):
    page = open_page(language=language, dark=dark, width=width, height=2400)
    plug_in(page)
    sign_in(page, cast.owner)
    addresses = (
        SECURITY,
        f"{SECURITY}second-factor/",
        f"{SECURITY}app/",
        f"{SECURITY}passkeys/add/",
    )
    assert faults(page, addresses) == []
    page.fill('[name="name"]', "Laptop")
    page.locator("[data-passkey-new]").click()
    page.locator(".recovery-codes").wait_for()
    page.goto(SECURITY)
    assert faults(page, (SECURITY, f"{SECURITY}recovery-codes/", "/accounts/reauthenticate/")) == []
