"""The whole way through a provider in a real browser."""

import pytest

from accounts.models import Connection
from foundation.providers import Provider
from tests.accounts import provider as small
from tests.browser import rules_broken
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_person_connects_a_provider_and_signs_in_with_it(page, cast, settings):
    with small.running() as server:
        settings.OIDC_PROVIDERS = [
            Provider("example", "Example ID", server.issuer, small.CLIENT, small.SECRET)
        ]
        page.goto("/accounts/login/")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("link", name="Yes, it is me").click()
        page.get_by_role("link", name="Sign in and connect").click()
        page.fill('main [name="login"]', cast.owner.email)
        page.fill('main [name="password"]', PASSWORD)
        page.press('main [name="password"]', "Enter")
        page.locator("main h1", has_text="Connect Example ID").wait_for()
        assert rules_broken(page) == []
        page.fill('main [name="password"]', PASSWORD)
        page.get_by_role("button", name="Connect", exact=True).click()
        page.wait_for_url("**/accounts/security/")
        assert Connection.objects.get().user == cast.owner
        page.goto("/accounts/logout/")
        page.click("main .btn-primary")
        page.wait_for_url(lambda address: "/accounts/" not in address)
        page.goto("/accounts/login/?next=/cases/")
        page.get_by_role("link", name="Sign in with Example ID").click()
        page.get_by_role("link", name="Yes, it is me").click()
        page.wait_for_url("**/cases/")
