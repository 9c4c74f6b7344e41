"""Approvals and competence in a real browser: accessible, fitting, and kept without any script."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from schemes.models import BodyApproval, Competence
from tests.browser import faults

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _pages(cast):
    approval = BodyApproval.objects.filter(body=cast.body).first()
    competence = Competence.objects.filter(user=cast.auditor2).first()
    competence.valid_until = timezone.localdate() + dt.timedelta(days=20)
    competence.save(update_fields=["valid_until"])
    Competence.objects.filter(user=cast.certifier).delete()
    one, other = approval.get_absolute_url(), competence.get_absolute_url()
    lists = [reverse(f"schemes:{name}", args=[cast.body.pk]) for name in (
        "approvals", "approval_record", "competence", "competence_record")]  # fmt: skip
    return [*lists, one, f"{one}end/", other, f"{other}renew/", f"{other}end/"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_are_accessible_and_fit(cast, open_page, language, width, dark):
    # Tall, so that the bar at the foot of a phone covers nothing.
    page = open_page(cast.operator, language=language, width=width, height=8000, dark=dark)
    assert faults(page, _pages(cast)) == []


def test_manager_keeps_competence_without_script(cast, open_page, console):
    page = open_page(cast.manager, script=False, width=360)
    page.goto(cast.body.get_absolute_url())
    page.get_by_role("link", name="Who is competent for what").click()
    page.get_by_role("link", name="Record a competence").click()
    page.get_by_role("button", name="Record the competence").click()
    expect(page.locator(".error-summary")).to_contain_text("Choose an answer for “Person”.")
    page.get_by_label("Person").select_option(label=f"{cast.planner.name} · {cast.planner.email}")
    page.get_by_label("Technical expert").check()
    page.get_by_label("QMS · Quality management").check()
    page.get_by_label("18 Machinery and equipment").check()
    page.get_by_label("Valid from").fill("2026-01-01")
    page.get_by_label("Valid until").fill("2035-12-31")
    page.get_by_role("button", name="Record the competence").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(cast.planner.name)
    page.get_by_role("link", name="Set the last day").click()
    page.get_by_role("button", name="Set the last day").click()
    expect(page.get_by_text("Ends today")).to_be_visible()
    row = Competence.objects.get(user=cast.planner)
    assert (row.role, row.valid_until) == ("technical_expert", timezone.localdate())
    assert len(console) == 1
    console.clear()
