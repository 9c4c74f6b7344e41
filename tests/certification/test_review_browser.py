"""Review, audit time and signature in a real browser: what only a script or a person can do."""

import pytest
from django.urls import reverse

from certification.enums import ApplicationStatus
from certification.models import ApplicationReview, AuditTimeCalculation, Offer, ReviewRequest
from certification.queries.review import current_offer
from foundation import jobs
from tests.browser import faults
from tests.certification.contractwork import (
    PASSWORD,
    accepted,
    fresh,
    in_review,
    judge_all,
    offered,
)
from tests.certification.test_review import ask

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = [("en", 1280, False), ("zh-hans", 360, True)]


def url(name, application, *args):
    return reverse(f"certification:{name}", args=[application.pk, *args])


def test_a_verdict_saves_itself_and_a_question_opens_in_place(cast, open_page, eventually):
    application = in_review(cast)
    page = open_page(cast.reviewer)
    page.goto(url("review", application))
    scope = page.locator("#scope")
    scope.get_by_label("Met", exact=True).check()
    scope.get_by_label("Note").fill("Clear.")
    eventually(lambda: ApplicationReview.objects.get().verdicts.get("scope", {}).get("note"))
    assert ApplicationReview.objects.get().verdicts["scope"]["verdict"] == "met"
    scope.get_by_role("link", name="Ask Scope in Chinese").click()
    about = page.locator("#ask").get_by_label("About")
    eventually(lambda: about.input_value() == "scope_zh")
    page.locator("#ask").get_by_label("What is missing or unclear").fill("Which products?")
    page.get_by_role("button", name="Add to the request").click()
    page.get_by_role("link", name="Send all as one request").wait_for()
    assert ReviewRequest.objects.get().reason == "Which products?"


def test_the_sum_follows_what_is_typed_and_keeps_the_focus(cast, open_page):
    application = in_review(cast)
    page = open_page(cast.reviewer)
    page.goto(url("audit_time", application))
    page.locator("#id_QMS-factor-0-key").select_option("mature-system")
    page.locator("#id_QMS-factor-0-percent").fill("10")
    reason = page.locator("#id_QMS-factor-0-reason")
    reason.fill("Three years without complaints")
    page.locator("#id_QMS-factor-1-percent").focus()
    page.locator("#receipt .total b", has_text="4.5").wait_for()
    assert page.evaluate("document.activeElement.id") == "id_QMS-factor-1-percent"
    assert reason.input_value() == "Three years without complaints"
    page.get_by_role("button", name="Use this time").click()
    page.wait_for_url(f"**{url('review', application)}*")
    assert str(AuditTimeCalculation.objects.get().total_days) == "4.5"


def test_everything_works_without_a_script(cast, open_page):
    application = in_review(cast)
    judge_all(cast, application)
    page = open_page(cast.reviewer, script=False)
    page.goto(url("audit_time", application))
    page.locator("#id_QMS-factor-0-key").select_option("no-design")
    page.locator("#id_QMS-factor-0-percent").fill("10")
    page.locator("#id_QMS-factor-0-reason").fill("Builds to drawings of the client")
    page.get_by_role("button", name="Compute again").click()
    assert page.locator("#receipt .total b").inner_text() == "4.5"
    page.get_by_role("button", name="Use this time").click()
    second = open_page(cast.manager, script=False)
    second.goto(url("audit_time", application))
    second.get_by_role("link", name="Approve the reduced audit time").click()
    second.get_by_label("Reason").fill("They build to drawings.")
    second.get_by_role("button", name="Approve the reduced audit time").click()
    page.reload()
    page.get_by_role("link", name="Accept for contract").click()
    page.get_by_label("Justification").fill("We can.")
    page.get_by_role("button", name="Accept for contract").click()
    assert fresh(application).status == ApplicationStatus.ACCEPTED


def test_an_offer_is_made_and_signed(cast, open_page, eventually):
    application = accepted(cast)
    manager = open_page(cast.manager)
    manager.goto(url("application_do", application, "offer"))
    for number, price in enumerate(("2000", "3000", "500")):
        manager.locator(f"#id_lines-{number}-unit_price").fill(price)
    terms = manager.get_by_role("textbox", name="Terms")
    terms.fill("Half on signature.")
    terms.blur()
    manager.locator("#sum .total b", has_text="17,500.00").wait_for()
    manager.get_by_role("button", name="Make the offer").click()
    manager.get_by_text("The document is being made.").wait_for()
    jobs.run_due()
    manager.get_by_role("link", name="Offer", exact=True).wait_for()
    owner = open_page(cast.owner)
    owner.goto(application.get_absolute_url())
    owner.get_by_role("link", name="Read the offer").click()
    owner.get_by_role("link", name="Sign the contract").click()
    owner.get_by_text(current_offer(application).file.sha256).wait_for()
    owner.get_by_label("Your full name").fill(cast.owner.name)
    owner.get_by_label("Your password").fill(PASSWORD)
    owner.get_by_label("I may sign for").check()
    owner.get_by_role("button", name="Sign the contract").click()
    owner.get_by_role("heading", name="Certification contract").wait_for()
    assert Offer.objects.get().signature.name_typed == cast.owner.name
    jobs.run_due()
    owner.get_by_role("link", name="Signed contract", exact=True).wait_for()


@pytest.mark.parametrize(("language", "width", "dark"), SIZES)
def test_every_page_is_accessible_and_fits_the_screen(cast, open_page, language, width, dark):
    review = in_review(cast)
    ask(cast, review, scope_zh="Too short.")
    offer = offered(cast, owner="rival_owner")
    pages = {
        "reviewer": [
            url("review", review),
            url("audit_time", review),
            *(url("application_do", review, act) for act in ("return", "accept", "decline")),
        ],
        "manager": [url("application_do", offer, "offer")],
        "rival_owner": [
            current_offer(offer).get_absolute_url(),
            *(url("application_do", offer, act) for act in ("sign", "reject")),
            url("audit_time", offer),
        ],
    }
    found = []
    for person, paths in pages.items():
        # As high as the page, so that the bar at the foot of a phone covers nothing.
        page = open_page(
            getattr(cast, person), language=language, width=width, height=12_000, dark=dark
        )
        found += faults(page, paths)
    assert found == []
