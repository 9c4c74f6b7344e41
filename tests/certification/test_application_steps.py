"""Filling in a draft: each page, typing kept, two people, bad input, no script needed."""

import re
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from certification.enums import ApplicationKind, ApplicationStatus
from certification.models import Application
from certification.questions import STEPS
from tests.certification.applications import (
    area,
    complete_draft,
    edition,
    empty_draft,
    errors_of,
    scope,
    sent_application,
    step_url,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(cast, client):
    return cast.client(client, "owner")


def seen(client, application, slug) -> str:
    """Return what a page sends along of the answers it showed."""
    page = client.get(step_url(application, slug)).content.decode()
    return re.search(r'name="seen" value="([^"]+)"', page)[1]


# Beginning


def test_new_asks_first_what_is_applied_for(owner):
    page = owner.get(reverse("certification:application_new"))
    assert page.status_code == 200
    assert list(page.context["form"].fields) == ["kind", "schemes"]


def test_new_offers_only_bodies_approved_for_all_of_it(cast, owner):
    cast.rival_body.approvals.filter(scheme__code="EMS").delete()
    url = reverse("certification:application_new")
    both = [edition().pk, edition("iso-14001-2015").pk]
    page = owner.get(url, {"kind": "initial", "schemes": both})
    assert list(page.context["bodies"]) == [cast.body]
    page = owner.get(url, {"kind": "initial", "schemes": both[:1]})
    assert set(page.context["bodies"]) == {cast.body, cast.rival_body}


def test_new_begins_a_draft_and_leads_to_it(cast, owner):
    query = f"?kind=transfer&schemes={edition().pk}"
    answer = owner.post(reverse("certification:application_new") + query, {"body": cast.body.pk})
    application = Application.objects.get()
    assert answer.url == reverse("certification:application", args=[application.pk])
    assert (application.kind, application.body) == (ApplicationKind.TRANSFER, cast.body)


def test_new_takes_no_body_that_is_not_approved(cast, owner):
    cast.rival_body.approvals.all().delete()
    query = f"?kind=initial&schemes={edition().pk}"
    url = reverse("certification:application_new") + query
    answer = owner.post(url, {"body": cast.rival_body.pk})
    assert (answer.status_code, list(errors_of(answer))) == (422, ["body"])
    assert Application.objects.count() == 0


def test_new_takes_a_draft_without_a_body(owner):
    query = f"?kind=initial&schemes={edition().pk}"
    owner.post(reverse("certification:application_new") + query, {})
    assert Application.objects.get().body is None


def test_new_refuses_what_is_no_standard(owner):
    page = owner.get(reverse("certification:application_new"), {"kind": "initial", "schemes": "x"})
    assert (page.status_code, list(errors_of(page))) == (200, ["schemes"])


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("member", 200), ("manager", 403), ("supervisor", 403), ("operator", 403),
     ("anonymous", 302)],
)  # fmt: skip
def test_new_is_for_enterprises(cast, client, who, status):
    url = reverse("certification:application_new")
    assert cast.client(client, who).get(url).status_code == status


# Pages


@pytest.mark.parametrize("slug", [step.slug for step in STEPS])
def test_every_page_opens_empty_and_filled(cast, owner, slug):
    for application in (empty_draft(cast, body=None), complete_draft(cast)):
        page = owner.get(step_url(application, slug))
        assert (page.status_code, page.context["step"].slug) == (200, slug)


def test_unknown_page_does_not_exist(cast, owner):
    assert owner.get(step_url(empty_draft(cast), "nothing")).status_code == 404


@pytest.mark.parametrize("slug", [step.slug for step in STEPS])
def test_pages_of_others_do_not_exist(cast, client, slug):
    application = empty_draft(cast)
    rival = cast.client(client, "rival_owner")
    assert rival.get(step_url(application, slug)).status_code == 404
    assert rival.post(step_url(application, slug), {"scope_zh": "CANARY"}).status_code == 404


@pytest.mark.parametrize("who", ["manager", "reviewer", "supervisor", "operator"])
def test_pages_are_for_enterprises(cast, client, who):
    assert cast.client(client, who).get(step_url(empty_draft(cast), "scope")).status_code == 403


def test_page_keeps_and_leads_on(cast, owner):
    application = empty_draft(cast)
    answer = owner.post(step_url(application, "scope"), scope(scope_zh="范围", processes="A\r\nB"))
    assert answer.url == step_url(application, "system")
    application.refresh_from_db()
    assert (application.scope_zh, application.processes) == ("范围", "A\nB")


@pytest.mark.parametrize(
    ("query", "posted", "name"),
    [
        ("", {"next": "later"}, "application"),
        ("?back=check", {}, "application_check"),
        ("?back=list", {}, "application"),
        ("?back=https://evil.example", {}, "application_step"),
    ],
)
def test_page_leads_where_it_was_opened_from(cast, owner, query, posted, name):
    application = empty_draft(cast)
    answer = owner.post(step_url(application, "scope") + query, scope(**posted))
    args = [application.pk, "system"] if name == "application_step" else [application.pk]
    assert answer.url == reverse(f"certification:{name}", args=args)


def test_last_page_leads_to_the_check(cast, owner):
    application = empty_draft(cast)
    answer = owner.post(step_url(application, "contact"), {"contact_name": "沈若溪"})
    assert answer.url == reverse("certification:application_check", args=[application.pk])


def test_everything_may_be_left_empty(cast, owner):
    application = empty_draft(cast, schemes=("iso-9001-2015", "iso-14001-2015"))
    for step in STEPS:
        if step.slug not in ("organisation", "documents"):
            answer = owner.post(step_url(application, step.slug), {})
            assert answer.status_code == 302, step.slug
    application.refresh_from_db()
    assert (application.kind, application.integration) == (ApplicationKind.INITIAL, "none")
    assert application.contact_name == ""


def test_certification_page_keeps_rows(cast, owner):
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "certification"),
        {
            "kind": "initial",
            "schemes": [edition().pk, edition("iso-45001-2018").pk],
            "areas": [area("17").pk, area("18").pk],
            "body": cast.body.pk,
        },
    )
    assert answer.status_code == 302
    held = {row.scheme.code: {a.code for a in row.areas.all()} for row in application.schemes.all()}
    assert held == {"QMS": {"17", "18"}, "OHSMS": {"17", "18"}}


def test_certification_page_refuses_a_body_without_approval(cast, owner):
    cast.rival_body.approvals.filter(scheme__code="ISMS").delete()
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "certification"),
        {
            "kind": "initial",
            "schemes": [edition("iso-27001-2022").pk],
            "body": cast.rival_body.pk,
        },
    )
    assert (answer.status_code, list(errors_of(answer))) == (422, ["body"])
    application.refresh_from_db()
    assert application.body == cast.body
    assert [row.scheme.code for row in application.schemes.all()] == ["ISMS"]


def test_certification_page_takes_one_edition_of_a_standard(cast, owner):
    other = edition()
    other.pk, other.key, other._state.adding = None, "iso-9001-2026", True
    other.save()
    application = empty_draft(cast)
    answer = owner.post(
        step_url(application, "certification"),
        {"kind": "initial", "schemes": [edition().pk, other.pk]},
    )
    assert (answer.status_code, list(errors_of(answer))) == (422, ["schemes"])


def test_body_is_not_asked_again_after_sending(cast, owner):
    application = sent_application(cast)
    Application.objects.update(status=ApplicationStatus.RETURNED)
    page = owner.get(step_url(application, "certification"))
    assert "body" not in page.context["form"].fields


def test_sites_of_others_are_no_choice(cast, owner):
    application = empty_draft(cast)
    foreign = cast.rival_enterprise.sites.get()
    answer = owner.post(step_url(application, "sites"), {"sites": [foreign.pk]})
    assert (answer.status_code, list(errors_of(answer))) == (422, ["sites"])


def test_site_is_added_on_the_way(cast, owner):
    application = empty_draft(cast)
    site = cast.enterprise.sites.get()
    answer = owner.post(step_url(application, "sites"), {"sites": [site.pk], "next": "site"})
    url = reverse("certification:application_site_add", args=[application.pk])
    assert answer.url == url
    facts = {"name_zh": "二厂", "address_zh": "宁波市示例路2号", "day_shift": 9,
             "second_shift": 0, "night_shift": 0, "part_time": 0, "part_time_hours": 20,
             "repetitive": 0}  # fmt: skip
    assert owner.post(url, facts).url == step_url(application, "sites")
    assert application.sites.count() == 2


def test_site_is_added_by_an_owner_to_an_own_draft(cast, client):
    url = reverse("certification:application_site_add", args=[empty_draft(cast).pk])
    statuses = {
        who: cast.client(client, who).get(url).status_code
        for who in ("owner", "member", "rival_owner", "manager", "anonymous")
    }
    assert statuses == {
        "owner": 200, "member": 403, "rival_owner": 404, "manager": 403, "anonymous": 302,
    }  # fmt: skip


def test_organisation_page_shows_and_leads_on(cast, owner):
    application = empty_draft(cast)
    page = owner.get(step_url(application, "organisation"))
    assert cast.enterprise.identifier in page.content.decode()
    answer = owner.post(step_url(application, "organisation"))
    assert answer.url == step_url(application, "sites")


@pytest.mark.parametrize(("who", "completes"), [("owner", True), ("member", False)])
def test_organisation_page_says_what_is_missing_and_who_may_add_it(cast, client, who, completes):
    application = empty_draft(cast)
    cast.enterprise.region = ""
    cast.enterprise.save(update_fields=["region"])
    url = step_url(application, "organisation")
    page = cast.client(client, who).get(url)
    assert [need.field for need in page.context["problems"]] == ["region", "licence"]
    edit = f"/organisations/{cast.enterprise.pk}/edit/?{urlencode({'next': url})}"
    assert page.context["edit"] == (edit if completes else "")
    assert ("Complete the facts" in page.content.decode()) == completes
    assert "These are right, continue" not in page.content.decode()


def test_page_names_what_stands_against_it(cast, owner):
    application = empty_draft(cast)
    application.system_since = timezone.localdate()
    application.save(update_fields=["system_since"])
    page = owner.get(step_url(application, "system"))
    assert [need.field for need in page.context["problems"]] == ["system_since"]


def test_integration_is_asked_of_several_systems_only(cast, owner):
    one = empty_draft(cast)
    two = empty_draft(cast, schemes=("iso-9001-2015", "iso-14001-2015"))
    asked = ["integration" in owner.get(step_url(row, "system")).context["form"].fields
             for row in (one, two)]  # fmt: skip
    assert asked == [False, True]


# Autosave


def autosave(client, application, slug, **given):
    return client.post(step_url(application, slug), given, headers={"X-Autosave": "1"})


def test_autosave_answers_when_it_saved(cast, owner):
    application = empty_draft(cast)
    answer = autosave(owner, application, "scope", **scope(scope_zh="范围"))
    application.refresh_from_db()
    assert (answer.status_code, application.scope_zh) == (200, "范围")
    body = answer.json()
    assert (body["saved_at"], body["errors"]) == (application.changed_at.isoformat(), {})
    assert list(body["fields"]) == ["seen"]


def test_autosave_keeps_what_is_right_and_names_what_is_wrong(cast, owner):
    application = empty_draft(cast)
    answer = autosave(owner, application, "contact", contact_name="沈若溪", contact_email="nowhere")
    application.refresh_from_db()
    assert (answer.status_code, list(answer.json()["errors"])) == (200, ["contact_email"])
    assert (application.contact_name, application.contact_email) == (
        "沈若溪",
        "owner@demo.example",
    )


def test_autosave_follows_a_person_who_types_on(cast, owner):
    application = empty_draft(cast)
    carried = seen(owner, application, "scope")
    for text in ("A", "B", ""):
        answer = autosave(owner, application, "scope", seen=carried, **scope(scope_en=text))
        assert answer.json()["errors"] == {}
        carried = answer.json()["fields"]["seen"]
    application.refresh_from_db()
    assert application.scope_en == ""


def test_autosave_stops_when_the_draft_is_gone(cast, owner):
    application = sent_application(cast)
    answer = autosave(owner, application, "scope", **scope(scope_zh="Later"))
    assert (answer.status_code, list(answer.json())) == (409, ["message"])


def test_autosave_of_others_does_not_exist(cast, client):
    application = empty_draft(cast)
    rival = cast.client(client, "rival_owner")
    assert autosave(rival, application, "scope", scope_zh="x").status_code == 404


# Two people


def test_clash_shows_both_and_saving_again_settles_it(cast, client):
    application = empty_draft(cast)
    owner = cast.client(client, "owner")
    carried = seen(owner, application, "scope")
    cast.client(client, "member").post(step_url(application, "scope"), scope(scope_zh="甲方写的"))
    owner = cast.client(client, "owner")
    answer = owner.post(
        step_url(application, "scope"),
        scope(seen=carried, scope_zh="乙方写的", scope_en="Both"),
    )
    assert (answer.status_code, list(errors_of(answer))) == (422, ["scope_zh"])
    (message,) = errors_of(answer)["scope_zh"]
    assert cast.member.name in message
    assert "甲方写的" in message
    page = answer.content.decode()
    assert "乙方写的" in page
    application.refresh_from_db()
    assert (application.scope_zh, application.scope_en) == ("甲方写的", "Both")
    carried = re.search(r'name="seen" value="([^"]+)"', page)[1]
    again = owner.post(
        step_url(application, "scope"),
        scope(seen=carried, scope_zh="乙方写的", scope_en="Both"),
    )
    assert again.status_code == 302
    application.refresh_from_db()
    assert application.scope_zh == "乙方写的"


def test_autosave_does_not_settle_a_clash(cast, client):
    application = empty_draft(cast)
    owner = cast.client(client, "owner")
    carried = seen(owner, application, "scope")
    cast.client(client, "member").post(step_url(application, "scope"), scope(scope_zh="甲"))
    owner = cast.client(client, "owner")
    for _turn in range(2):
        answer = autosave(owner, application, "scope", seen=carried, **scope(scope_zh="乙"))
        assert list(answer.json()["errors"]) == ["scope_zh"]
        carried = answer.json()["fields"]["seen"]
    application.refresh_from_db()
    assert application.scope_zh == "甲"


def test_answers_left_alone_keep_what_the_other_wrote(cast, client):
    application = empty_draft(cast)
    owner = cast.client(client, "owner")
    carried = seen(owner, application, "scope")
    cast.client(client, "member").post(step_url(application, "scope"), scope(scope_zh="甲"))
    owner = cast.client(client, "owner")
    assert (
        owner.post(step_url(application, "scope"), scope(seen=carried, scope_en="B")).status_code
        == 302
    )
    application.refresh_from_db()
    assert (application.scope_zh, application.scope_en) == ("甲", "B")


@pytest.mark.parametrize("forged", ["", "x", "eyJzY29wZV96aCI6IiJ9:forged"])
def test_forged_memory_counts_for_nothing(cast, owner, forged):
    application = empty_draft(cast)
    answer = owner.post(step_url(application, "scope"), scope(seen=forged, scope_zh="范围"))
    assert answer.status_code == 302
    application.refresh_from_db()
    assert application.scope_zh == "范围"


# After sending


@pytest.mark.parametrize("slug", [step.slug for step in STEPS])
def test_pages_are_closed_once_sent(cast, owner, slug):
    application = sent_application(cast)
    for answer in (
        owner.get(step_url(application, slug)),
        owner.post(step_url(application, slug)),
    ):
        assert answer.url == reverse("certification:application", args=[application.pk])
