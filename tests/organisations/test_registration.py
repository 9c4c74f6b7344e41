import re
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import User
from foundation.models import Attachment, JournalEntry, Notice
from organisations.enums import BodyStatus, Kind, Role
from organisations.identifiers import make_uscc
from organisations.models import BodyProfile, Membership, Organisation
from organisations.services.teams import add_member

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"  # noqa: E501 -- a whole file on one line


def licence(content=PDF, name="licence.pdf"):
    return SimpleUploadedFile(name, content, "application/pdf")


def facts(**changes):
    return {
        "country": "CN",
        "identifier": make_uscc("330200", 7777),
        "name_zh": "温岭青禾机电有限公司",
        "name_en": "Wenling Qinghe Electromechanical Co., Ltd.",
        "address_zh": "浙江省温岭市示例路1号",
        "address_en": "1 Shili Road, Wenling",
        "region": "331081",
        "legal_representative": "何青",
        "phone": "0576-00000000",
        "email": "office@qinghe.example",
        "website": "",
        "licence_valid_until": "",
        "licence": licence(),
    } | changes


@pytest.fixture
def newcomer(cast):
    return User.objects.create_user("new@demo.example", "portal-demo", name="新人", language="en")


@pytest.fixture
def signed_in(client, newcomer):
    client.force_login(newcomer)
    return client


def test_an_enterprise_is_registered_with_its_licence(signed_in, newcomer):
    answer = signed_in.post("/organisations/register/enterprise/", facts())
    enterprise = Organisation.objects.get(name_zh="温岭青禾机电有限公司")
    assert (answer.status_code, answer.url) == (302, enterprise.get_absolute_url())
    assert enterprise.kind == Kind.ENTERPRISE
    membership = Membership.objects.get(user=newcomer)
    assert (membership.organisation, membership.role) == (enterprise, Role.OWNER)
    assert Attachment.objects.get(subject_id=enterprise.pk).label == "licence"
    verbs = JournalEntry.objects.filter(subject_id=enterprise.pk).values_list("verb", flat=True)
    assert set(verbs) == {"organisation.registered", "organisation.file_stored"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"identifier": "91330200MA000000XX"}, "check character"),
        ({"identifier": ""}, "Fill in"),
        ({"name_zh": "", "name_en": ""}, "at least one name"),
        ({"name_zh": ""}, "legal name as on the licence"),
        ({"name_zh": "温岭\u202e青禾"}, "invisible character"),
        ({"region": "33"}, "six digits"),
        ({"address_zh": "", "address_en": ""}, "Fill in the registered address."),
        ({"licence": licence(b"<html>not a pdf")}, "not accepted"),
        ({"licence": licence(b"")}, "empty"),
    ],
)
def test_wrong_facts_are_refused_at_their_place_and_kept(signed_in, change, message):
    answer = signed_in.post("/organisations/register/enterprise/", facts(**change))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert message in page
    assert "何青" in page
    assert not Organisation.objects.filter(legal_representative="何青").exists()


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "//a.example/", "x"]
)
def test_a_link_leads_to_the_web_alone(signed_in, link):
    answer = signed_in.post("/organisations/register/enterprise/", facts(website=link))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["website"])


def test_the_legal_representative_stands_on_the_licence_and_is_asked_for(signed_in):
    answer = signed_in.post("/organisations/register/enterprise/", facts(legal_representative=""))
    assert answer.context["form"].errors.keys() == {"legal_representative"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"region": ""}, "330200"),
        ({"region": "331081"}, "331081"),
        ({"region": "", "country": "DE", "identifier": "HRB 12345"}, ""),
    ],
)
def test_the_region_not_given_is_that_of_the_credit_code(signed_in, change, expected):
    signed_in.post("/organisations/register/enterprise/", facts(**change))
    assert Organisation.objects.get(legal_representative="何青").region == expected


def test_a_registered_code_leads_to_the_owner(signed_in, cast):
    answer = signed_in.post(
        "/organisations/register/enterprise/", facts(identifier=cast.enterprise.identifier)
    )
    assert answer.status_code == 422
    assert "registered already" in answer.content.decode()


def profile_facts():
    return {
        "approval_number": "CNCA-R-0000-777",
        "short_code": "777",
        "number_pattern": "{short} {yy} {letter} {serial:05} R{cycle} {size}",
        "signatory_zh": "秦川",
        "signatory_title_zh": "总经理",
        "signatory_title_en": "General Manager",
    }


def test_a_body_waits_for_the_operator(signed_in, client, cast, django_capture_on_commit_callbacks):
    answer = signed_in.post("/organisations/register/body/", facts() | profile_facts())
    profile = BodyProfile.objects.get(short_code="777")
    assert (answer.status_code, profile.status) == (302, BodyStatus.REGISTERED)
    assert Notice.objects.get(kind="organisations.body_registered").recipient == cast.operator
    assert "Your admission is being checked" in signed_in.get("/desk/").content.decode()
    cast.client(client, "operator")
    answer = client.post(f"/bodies/{profile.pk}/do/approve/")
    profile.refresh_from_db()
    assert (answer.status_code, profile.status) == (302, BodyStatus.APPROVED)


def test_the_page_of_a_new_body_has_one_button_below_everything(signed_in):
    page = signed_in.get("/organisations/register/body/").content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    # What a script may add later stands in a template.
    main = re.sub(r"<template>.*?</template>", "", main, flags=re.DOTALL)
    assert re.findall(r"<button[^>]*>\s*(.*?)\s*</button>", main) == ["Register"]
    assert main.index('name="signatory_title_en"') < main.index("<button")


def test_only_the_operator_approves(client, cast):
    profile = cast.rival_body.body_profile
    BodyProfile.objects.filter(pk=profile.pk).update(status=BodyStatus.REGISTERED)
    cast.client(client, "rival_manager")
    assert client.post(f"/bodies/{profile.pk}/do/approve/").status_code == 403
    cast.client(client, "manager")
    assert client.post(f"/bodies/{profile.pk}/do/approve/").status_code == 403
    profile.refresh_from_db()
    assert profile.status == BodyStatus.REGISTERED


def test_act_as_switches_between_own_organisations_only(client, cast):
    Membership.objects.create(user=cast.auditor, organisation=cast.rival_body, role=Role.AUDITOR)
    cast.client(client, "auditor")
    client.post("/organisations/act-as/", {"organisation": str(cast.rival_body.pk)})
    assert client.get("/organisations/own/").url == cast.rival_body.get_absolute_url()
    client.post("/organisations/act-as/", {"organisation": str(cast.enterprise.pk)})
    assert client.get("/organisations/own/").url == cast.rival_body.get_absolute_url()


def test_another_organisation_does_not_exist(client, cast):
    cast.client(client, "rival_owner")
    base = cast.enterprise.get_absolute_url()
    for path in ("", "edit/", "sites/add/", "people/", "people/invite/", "licence/"):
        assert client.get(base + path).status_code == 404


def test_a_member_reads_but_does_not_change(client, cast):
    cast.client(client, "member")
    base = cast.enterprise.get_absolute_url()
    assert client.get(base).status_code == 200
    assert client.get(base + "edit/").status_code == 403


@pytest.mark.parametrize("organisation", ["enterprise", "body"])
def test_an_authority_reads_and_changes_nothing(client, cast, organisation):
    cast.client(client, "supervisor")
    found = getattr(cast, organisation)
    base = found.get_absolute_url()
    assert client.get(base).status_code == 200
    paths = [
        "edit/", "profile/", "licence/", "logo/", "signature/", "sites/add/",
        f"members/{found.memberships.first().pk}/end/",
    ]  # fmt: skip
    paths += [f"sites/{site.pk}/end/" for site in found.sites.all()]
    assert {path: client.post(base + path).status_code for path in paths} == dict.fromkeys(
        paths, 403
    )


def test_an_authority_sees_the_organisations_of_its_region_alone(client, cast):
    cast.client(client, "supervisor")
    Organisation.objects.filter(pk=cast.rival_enterprise.pk).update(region="440300")
    statuses = {
        found.pk: client.get(found.get_absolute_url()).status_code
        for found in (cast.enterprise, cast.body, cast.rival_enterprise)
    }
    assert statuses == {cast.enterprise.pk: 200, cast.body.pk: 200, cast.rival_enterprise.pk: 404}


def test_a_role_that_ended_lets_nobody_in(client, cast):
    cast.client(client, "owner")
    assert client.get(cast.enterprise.get_absolute_url()).status_code == 200
    Membership.objects.filter(user=cast.owner).update(ended_at=timezone.now())
    assert client.get(cast.enterprise.get_absolute_url()).status_code == 404
    assert list(cast.enterprise.people(Role.OWNER)) == []


def test_an_operator_acts_for_no_organisation(cast):
    Membership.objects.create(user=cast.operator, organisation=cast.body, role=Role.MANAGER)
    actor = cast.actor("operator")
    assert (actor.organisation, actor.roles, actor.is_operator) == (None, frozenset(), True)


def test_a_role_of_another_kind_of_organisation_is_never_given(cast):
    with pytest.raises(ValidationError, match="no such role"):
        add_member(
            actor=cast.actor("owner"),
            organisation=cast.enterprise,
            email="fresh@demo.example",
            name="新人",
            role=Role.CERTIFIER,
        )


def test_the_last_owner_cannot_leave(client, cast):
    cast.client(client, "owner")
    row = Membership.objects.get(user=cast.owner)
    base = cast.enterprise.get_absolute_url()
    page = client.post(f"{base}members/{row.pk}/end/", follow=True).content.decode()
    row.refresh_from_db()
    assert row.ended_at is None
    assert "last Owner" in page


def test_a_site_needs_a_plausible_headcount(client, cast):
    cast.client(client, "owner")
    base = cast.enterprise.get_absolute_url()
    site = {
        "name_zh": "二厂", "day_shift": 10, "second_shift": 0, "night_shift": 0, "part_time": 2,
        "part_time_hours": 20, "repetitive": 11, "address_zh": "宁波市示例路2号",
    }  # fmt: skip
    answer = client.post(f"{base}sites/add/", site)
    assert answer.status_code == 422
    assert "more than the people" in answer.content.decode()
    answer = client.post(f"{base}sites/add/", site | {"repetitive": 5})
    assert answer.status_code == 302
    assert cast.enterprise.sites.get(name_zh="二厂").headcount == 12


def test_the_first_site_begins_as_the_head_office(client, cast):
    cast.client(client, "owner")
    url = f"{cast.enterprise.get_absolute_url()}sites/add/"
    assert client.get(url).context["form"].initial == {}
    cast.enterprise.sites.update(active=False)
    enterprise = cast.enterprise
    assert client.get(url).context["form"].initial == {
        "name_zh": "总部",
        "name_en": "Head office",
        "is_central": True,
        "address_zh": enterprise.address_zh,
        "address_en": enterprise.address_en,
        "region": enterprise.region,
    }


def test_a_site_has_an_address(client, cast):
    cast.client(client, "owner")
    answer = client.post(f"{cast.enterprise.get_absolute_url()}sites/add/", {
        "name_zh": "二厂", "day_shift": 10, "second_shift": 0, "night_shift": 0, "part_time": 0,
        "part_time_hours": 20, "repetitive": 0,
    })  # fmt: skip
    assert answer.context["form"].errors == {"address_zh": ["Fill in the address of the site."]}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [("/desk/?a=1", "/desk/?a=1"), ("https://evil.example/", None), ("//evil.example", None)],
)
def test_saved_facts_lead_back_to_a_page_of_ours_alone(client, cast, wanted, expected):
    cast.client(client, "owner")
    own = cast.enterprise.get_absolute_url()
    present = {
        name: getattr(cast.enterprise, name)
        for name in facts()
        if name not in ("licence", "licence_valid_until")
    }
    answer = client.post(f"{own}edit/?{urlencode({'next': wanted})}", present)
    assert (answer.status_code, answer.url) == (302, expected or own)
