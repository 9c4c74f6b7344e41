"""Applying in a real browser: kept as one types, two people at once, and without any script."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from playwright.sync_api import expect

from certification.enums import ApplicationStatus
from certification.models import Application
from certification.questions import STEPS
from tests.browser import faults
from tests.certification.applications import (
    complete_draft,
    empty_draft,
    licensed,
    pdf,
    sent_application,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def address(application, name="application", *args):
    return reverse(f"certification:{name}", args=[application.pk, *args])


def file_of(upload: ContentFile) -> dict:
    return {"name": upload.name, "mimeType": "application/pdf", "buffer": upload.read()}


def expect_refusals(console, count: int) -> None:
    """Take out what the browser says of a page that was sent back with its errors."""
    assert len([said for said in console if "422" in said]) == count
    console[:] = [said for said in console if "422" not in said]


def test_typing_is_kept_and_said(cast, open_page):
    application = empty_draft(cast)
    page = open_page(cast.owner)
    page.goto(address(application, "application_step", "scope"))
    page.get_by_label("Main processes").fill("Order\nDelivery")
    expect(page.get_by_text("Saved at")).to_be_visible()
    page.get_by_label("Outsourced processes").fill("None")
    page.wait_for_function("!document.querySelector('[data-state=saving]')")
    page.goto(address(application, "application_step", "contact"))
    page.go_back()
    expect(page.get_by_label("Main processes")).to_have_value("Order\nDelivery")
    application.refresh_from_db()
    assert (application.processes, application.outsourced) == ("Order\nDelivery", "None")


def test_typing_on_after_autosave_meets_nobody_else(cast, open_page):
    application = empty_draft(cast)
    page, saved = open_page(cast.owner), []
    page.on("request", lambda request: "x-autosave" in request.headers and saved.append(request))
    page.goto(address(application, "application_step", "scope"))
    for text in ("First", "Second"):
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.get_by_label("Main processes").fill(text)
        expect(page.get_by_text("Saved at")).to_be_visible()
    page.get_by_label("Main processes").fill("")
    page.get_by_role("button", name="Save and continue").click()
    expect(page).to_have_url(page.url.replace("scope", "system"))
    application.refresh_from_db()
    assert application.processes == ""
    assert len(saved) == 2  # each text once


def test_two_people_at_one_answer_see_both(cast, open_page, console):
    application = empty_draft(cast)
    first, second = open_page(cast.owner, script=False), open_page(cast.member, script=False)
    for page in (first, second):
        page.goto(address(application, "application_step", "scope"))
    second.get_by_label("Main processes").fill("What the member wrote")
    second.get_by_role("button", name="Save and continue").click()
    first.get_by_label("Main processes").fill("What the owner wrote")
    first.get_by_role("button", name="Save and continue").click()
    expect(first.locator(".error-summary")).to_contain_text("What the member wrote")
    expect(first.get_by_label("Main processes")).to_have_value("What the owner wrote")
    first.get_by_role("button", name="Save and continue").click()
    application.refresh_from_db()
    assert application.processes == "What the owner wrote"
    expect_refusals(console, 1)


def test_whole_application_is_sent_without_script(cast, open_page, console):
    licensed(cast)
    page = open_page(cast.owner, script=False, width=360, height=640)
    go_on = page.get_by_role("button", name="Save and continue")
    page.goto(reverse("certification:applications"))
    page.get_by_role("link", name="Start an application").first.click()
    page.get_by_label("GB/T 19001-2016 / ISO 9001:2015").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label(cast.body.name_en).check()
    page.get_by_role("button", name="Begin the application").click()

    page.get_by_role("link", name="Certification wanted", exact=True).click()
    page.get_by_label("18 Machinery and equipment").check()
    go_on.click()
    page.get_by_role("button", name="These are right, continue").click()
    go_on.click()
    page.get_by_label("Scope in Chinese").fill("精密齿轮箱的设计与生产")
    page.get_by_label("Main processes").fill("Order, design, machining, assembly")
    page.get_by_label("Outsourced processes").fill("None")
    page.get_by_label("Laws and permits that apply").fill("Product quality law")
    go_on.click()
    page.get_by_label("Management system in operation since").fill("2020-01-01")
    page.get_by_role("group", name="Did a consultancy help").get_by_label("No").check()
    page.get_by_label("Chinese").check()
    page.get_by_role("group", name="Could a part of the audit").get_by_label("Yes").check()
    page.get_by_label("Safety conditions on site").fill("None")
    go_on.click()
    page.get_by_role("group", name="Do you hold a certificate").get_by_label("No").check()
    go_on.click()
    page.get_by_label("What is it?").select_option("manual")
    page.get_by_label("File", exact=True).set_input_files(file_of(pdf()))
    page.get_by_role("button", name="Add the document").click()
    expect(page.get_by_text("The document is attached.")).to_be_visible()
    page.get_by_role("link", name="Continue", exact=True).click()
    go_on.click()

    expect(page.get_by_role("heading", name="Check your answers")).to_be_visible()
    page.get_by_role("button", name="Send the application").click()
    expect(page.locator(".error-summary")).to_contain_text("Tick the declaration")
    page.get_by_label("I declare for my organisation").check()
    page.get_by_role("button", name="Send the application").click()
    expect(page.get_by_role("heading", name="Application sent")).to_be_visible()
    application = Application.objects.get()
    assert application.status == ApplicationStatus.SUBMITTED
    expect(page.locator(".receipt")).to_contain_text(application.number)
    expect_refusals(console, 1)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_are_accessible_and_fit(cast, open_page, language, width, dark):
    draft = empty_draft(cast, schemes=("iso-9001-2015", "iso-14001-2015"))
    ready = complete_draft(cast, schemes=("iso-45001-2018",))
    sent = sent_application(cast, schemes=("iso-27001-2022",))
    addresses = [
        reverse("certification:applications"),
        reverse("certification:application_new"),
        *(address(draft, "application_step", step.slug) for step in STEPS),
        address(draft, "application_site_add"),
        *(address(row) for row in (draft, sent)),
        address(draft, "application_check"),
        address(ready, "application_check"),
        address(sent, "application_receipt"),
        address(sent, "application_do", "cancel"),
    ]
    # So tall that the bar at the bottom covers nothing.
    page = open_page(cast.owner, language=language, width=width, height=6000, dark=dark)
    assert faults(page, addresses) == []
