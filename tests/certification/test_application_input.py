"""What a draft refuses: wrong answers, invisible characters, foreign rows, bad files."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApplicationStatus, DocumentKind
from foundation import files
from foundation.calendar import add_months
from foundation.models import StoredFile
from tests.certification.applications import (
    attach,
    empty_draft,
    errors_of,
    pdf,
    scope,
    step_url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(cast, client):
    return cast.client(client, "owner")


@pytest.mark.parametrize(
    "text",
    ["a\u202eb", "a\u200bb", "a\u0007b", "a\u2066b", "\ufeffa", "a\x00b", "a\u200db", "x" * 1001],
)
def test_scope_refuses_what_no_text_holds(cast, owner, text):
    application = empty_draft(cast)
    answer = owner.post(step_url(application, "scope"), scope(scope_zh=text, scope_en="Kept"))
    assert (answer.status_code, list(errors_of(answer))) == (422, ["scope_zh"])
    application.refresh_from_db()
    assert (application.scope_zh, application.scope_en) == ("", "Kept")


@pytest.mark.parametrize("text", ["{{ 7*7 }}", "{% load x %}", "<b>x</b>", "=1+1", "${7*7}"])
def test_text_is_kept_and_shown_literally(cast, owner, text):
    application = empty_draft(cast)
    owner.post(step_url(application, "scope"), scope(scope_en=text))
    page = owner.get(reverse("certification:application_check", args=[application.pk]))
    escaped = text.replace("<", "&lt;").replace(">", "&gt;")
    assert escaped in page.content.decode()
    assert "<b>x</b>" not in page.content.decode()


@pytest.mark.parametrize(
    ("slug", "given"),
    [
        ("contact", {"contact_name": "a\u202eb"}),
        ("contact", {"contact_name": "x" * 101}),
        ("contact", {"contact_phone": "call me"}),
        ("contact", {"contact_phone": "1" * 41}),
        ("contact", {"contact_email": "nowhere"}),
        ("contact", {"contact_email": "a\x00@demo.example"}),
        ("system", {"system_since": "2026-02-30"}),
        ("system", {"system_since": "30.06.2020"}),
        ("system", {"internal_audit_on": "tomorrow"}),
        ("system", {"languages": ["tlh"]}),
        ("system", {"remote_possible": "perhaps"}),
        ("system", {"wished_month": "1999-01-01"}),
        ("system", {"consultancy_by": "a\u200bb"}),
        ("certification", {"kind": "bribe"}),
        ("certification", {"kind": "initial", "areas": ["999999"]}),
        ("certification", {"kind": "initial", "areas": ["x"]}),
        ("certification", {"kind": "initial", "schemes": ["999999"]}),
        ("certification", {"kind": "initial", "body": "not-a-key"}),
        ("sites", {"sites": ["not-a-key"]}),
        ("history", {"previous_status": "fine"}),
        ("history", {"previous_number": "x" * 61}),
    ],
)
def test_wrong_answer_is_refused_where_it_stands(cast, owner, slug, given):
    application = empty_draft(cast)
    field = list(given)[-1]
    answer = owner.post(step_url(application, slug), given)
    assert (answer.status_code, list(errors_of(answer))) == (422, [field])
    assert f'href="#id_{field}' in answer.content.decode()


@pytest.mark.parametrize(
    "field", ["system_since", "internal_audit_on", "management_review_on", "withdrawn_on"]
)
def test_day_that_has_not_come_is_refused(cast, owner, field):
    application = empty_draft(cast)
    slug = "history" if field == "withdrawn_on" else "system"
    day = add_months(timezone.localdate(), 1)
    answer = owner.post(step_url(application, slug), {field: day.isoformat()})
    assert (answer.status_code, list(errors_of(answer))) == (422, [field])


def test_extra_fields_reach_no_row(cast, owner):
    application = empty_draft(cast)
    owner.post(
        step_url(application, "scope"),
        scope(status="signed", number="A-1", enterprise=str(cast.rival_enterprise.pk),
              reviewer=str(cast.owner.pk), submitted_at="2020-01-01"),
    )  # fmt: skip
    application.refresh_from_db()
    assert (application.status, application.number, application.enterprise) == (
        ApplicationStatus.DRAFT,
        "",
        cast.enterprise,
    )
    assert (application.reviewer, application.submitted_at) == (None, None)


# Documents


def test_document_is_added_and_removed(cast, owner):
    application = empty_draft(cast)
    url = step_url(application, "documents")
    answer = owner.post(url, {"kind": DocumentKind.MANUAL, "upload": pdf()})
    assert answer.url == url
    attachment = files.attachments_of(application).get()
    assert (attachment.label, attachment.file.name) == ("manual", "manual.pdf")
    remove = reverse(
        "certification:application_document_remove", args=[application.pk, attachment.pk]
    )
    assert owner.get(remove).status_code == 405
    assert owner.post(remove).url == url
    assert files.attachments_of(application).count() == 0


def test_earlier_file_is_used_again(cast, owner):
    file = attach(cast, empty_draft(cast)).file
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "documents"), {"kind": DocumentKind.OTHER, "upload-stored": file.pk}
    )
    assert answer.status_code == 302
    assert files.attachments_of(application).get().file == file


def test_file_of_others_is_no_choice(cast, owner):
    foreign = attach(cast, empty_draft(cast, who="rival_owner"), who="rival_owner").file
    attach(cast, empty_draft(cast))
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "documents"),
        {"kind": DocumentKind.OTHER, "upload-stored": foreign.pk},
    )
    assert (answer.status_code, list(errors_of(answer))) == (422, ["upload"])
    assert files.attachments_of(application).count() == 0


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("manual.pdf", b"MZ\x90\x00"),
        SimpleUploadedFile("manual.pdf", b""),
        SimpleUploadedFile("manual.pdf", b"%PDF-1.4 nothing"),
    ],
    ids=["executable", "empty", "damaged"],
)
def test_refused_document_is_named_at_its_place(cast, owner, upload):
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "documents"), {"kind": DocumentKind.MANUAL, "upload": upload}
    )
    assert (answer.status_code, list(errors_of(answer))) == (422, ["upload"])
    assert StoredFile.objects.count() == 0


def test_document_needs_exactly_one_file(cast, owner):
    file = attach(cast, empty_draft(cast)).file
    application = empty_draft(cast)
    url = step_url(application, "documents")
    none = owner.post(url, {"kind": DocumentKind.MANUAL})
    both = owner.post(url, {"kind": DocumentKind.MANUAL, "upload": pdf(), "upload-stored": file.pk})
    assert [list(errors_of(answer)) for answer in (none, both)] == [["upload"], ["upload"]]


def test_document_of_others_cannot_be_removed(cast, client):
    application = empty_draft(cast)
    attachment = attach(cast, application)
    url = reverse("certification:application_document_remove", args=[application.pk, attachment.pk])
    assert cast.client(client, "rival_owner").post(url).status_code == 404
    own = empty_draft(cast, who="rival_owner")
    url = reverse("certification:application_document_remove", args=[own.pk, attachment.pk])
    assert cast.client(client, "rival_owner").post(url).status_code == 404
    assert files.attachments_of(application).count() == 1
