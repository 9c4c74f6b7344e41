"""Decision, certificate and rating in a real browser: they fit, are accessible, and work."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from certification.enums import AuditKind, Cause
from certification.flows.evaluations import EVALUATION_FLOW
from certification.models import Evaluation
from certification.queries.evaluations import dimensions_of
from foundation import jobs
from foundation.workflow import perform
from tests.browser import faults
from tests.certification.casework import (
    act,
    audited,
    certified_case,
    deciding_case,
    granted_case,
    opened_case,
    pdf_text,
)
from tests.people import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def addresses(cast):
    """Lay out a case in every shape these pages take, and return (who, address) of each."""
    blocked = opened_case(cast)
    audited(blocked, AuditKind.STAGE_1)
    audited(blocked, AuditKind.STAGE_2, open_majors=1, minors_without_plan=2)
    free = deciding_case(cast, schemes=("QMS", "EMS"))
    case = certified_case(cast, schemes=("QMS", "EMS", "OHSMS"))
    valid, suspended, withdrawn = case.certificates.order_by("number")
    until = timezone.localdate() + dt.timedelta(days=20)
    act(cast, suspended, "suspend", cause=Cause.NONCONFORMITY, until=until)
    act(cast, withdrawn, "withdraw", cause=Cause.MISUSE)
    waiting = granted_case(cast).certificates.get()
    given, asked = Evaluation.objects.order_by("created_at")[:2]
    ratings = dict.fromkeys((row.value for row in dimensions_of(given.moment)), 4)
    perform(EVALUATION_FLOW, given, "give", cast.actor("owner"), ratings=ratings, comment="Good.")
    return [
        ("certifier", f"/cases/{blocked.pk}/decision/"),
        ("certifier", f"/cases/{free.pk}/decision/"),
        ("certifier", f"/cases/{free.pk}/do/grant/"),
        ("certifier", "/certificates/"),
        *(("certifier", row.get_absolute_url()) for row in (valid, suspended, waiting)),
        ("certifier", f"/certificates/{valid.pk}/do/suspend/"),
        ("certifier", f"/certificates/{valid.pk}/do/reduce/"),
        ("certifier", f"/certificates/{valid.pk}/do/correct/"),
        ("owner", "/certificates/"),
        *(("owner", row.get_absolute_url()) for row in (valid, suspended, withdrawn)),
        ("owner", asked.get_absolute_url()),
        ("owner", f"/evaluations/{asked.pk}/do/give/"),
        ("manager", "/evaluations/"),
        ("manager", given.get_absolute_url()),
    ]


@pytest.mark.parametrize(
    "screen",
    [
        {"language": "en", "width": 1280, "dark": False},
        {"language": "zh-hans", "width": 360, "dark": False},
        {"language": "en", "width": 360, "dark": True},
        {"language": "zh-hans", "width": 1280, "dark": True},
    ],
)
def test_pages_are_accessible_and_fit(open_page, cast, addresses, screen):
    # So tall that the bar at the bottom of a phone covers nothing while it is looked at.
    pages = {
        who: open_page(getattr(cast, who), height=5000, **screen)
        for who in ("certifier", "owner", "manager")
    }
    found = [fault for who, address in addresses for fault in faults(pages[who], [address])]
    assert found == []


def test_a_certificate_is_granted_downloaded_and_suspended(open_page, cast):
    case = deciding_case(cast)
    page = open_page(cast.certifier)
    page.goto(f"/cases/{case.pk}/decision/")
    expect(page.get_by_text("Nothing stands in the way: this can be decided")).to_be_visible()
    page.get_by_role("link", name="Grant certification").click()
    page.get_by_label("Reason").fill("Conforms.")
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Grant certification").click()
    expect(page.get_by_text("Certification is granted.")).to_be_visible()
    number = case.certificates.get().number
    page.get_by_role("link", name=number).click()
    expect(page.get_by_text("Waiting to start")).to_be_visible()
    jobs.run_due()
    expect(page.get_by_role("link", name="Download PDF")).to_be_visible()

    holder = open_page(cast.owner)
    holder.goto("/certificates/")
    holder.get_by_role("link", name=number).click()
    with holder.expect_download() as download:
        holder.get_by_role("link", name="Download PDF").click()
    assert number in pdf_text(download.value.path().read_bytes())

    page.get_by_role("link", name="Suspend the certificate").click()
    page.get_by_label("Cause").select_option("misuse")
    page.get_by_label("Reason").fill("The mark was used on products.")
    page.get_by_label("Certificate number").fill(number)
    page.get_by_role("button", name="Suspend the certificate").click()
    expect(page.get_by_text("The public page says so now.")).to_be_visible()
    holder.reload()
    with holder.expect_download() as download:
        holder.get_by_role("link", name="Download stamped copy").click()
    assert "SUSPENDED" in pdf_text(download.value.path().read_bytes())


def test_a_rating_is_given_and_answered_without_scripts(open_page, cast):
    granted_case(cast)
    asked = Evaluation.objects.get(moment="audit")
    page = open_page(cast.owner, script=False)
    page.goto(asked.get_absolute_url())
    page.get_by_role("link", name="Rate the service").click()
    for legend in ("Communication", "Auditor competence", "Fairness", "Timeliness"):
        page.get_by_role("group", name=legend).get_by_label("Very good", exact=True).check()
    page.get_by_label("What should the body know?").fill("Thorough.")
    page.get_by_role("button", name="Rate the service").click()
    expect(page.get_by_text("Your rating is kept")).to_be_visible()

    body = open_page(cast.manager, script=False)
    body.goto("/evaluations/")
    body.get_by_role("link", name=cast.enterprise.name_en).click()
    body.get_by_role("link", name="Reply").click()
    body.get_by_label("Reply").fill("Thank you.")
    body.get_by_role("button", name="Reply").click()
    page.reload()
    expect(page.get_by_text("Thank you.", exact=True)).to_be_visible()
