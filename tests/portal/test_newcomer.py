"""A stranger goes from sign-up to a signed contract with nothing but what the pages ask."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from certification.models import Application, Case
from organisations.identifiers import make_uscc
from portal.demo import stories
from portal.demo.papers import paper
from portal.demo.parties import Client
from tests.world import client_of, desk_of, play

pytestmark = pytest.mark.django_db

PASSWORD = "tong-tian-2026-lu"
ACCOUNT = {"name": "陈薇", "email": "chen.wei@newcomer.example",
           "password1": PASSWORD, "password2": PASSWORD}  # fmt: skip
LICENCE = {
    "country": "CN",
    "identifier": make_uscc("330200", 8123),
    "name_zh": "宁波新芽五金有限公司",
    "legal_representative": "陈薇",
    "address_zh": "浙江省宁波市示例路8号",
}


def filled(response) -> dict:
    """Return what the form of a page shows already."""
    form = response.context["form"]
    return {name: form[name].value() for name in form.fields if form[name].value() is not None}


def test_a_stranger_registers_and_signs(client, cast):
    client.post(reverse("account_signup"), ACCOUNT)
    (message,) = mail.outbox
    link = re.search(r"http://\S+?(/\S+)", message.body).group(1)
    assert client.post(link, follow=True).redirect_chain[-1][0] == "/desk/"

    licence = paper("licence", "Business licence")
    page = client.post("/organisations/register/enterprise/", LICENCE | {"licence": licence})
    owner = User.objects.get(email=ACCOUNT["email"])
    enterprise = owner.memberships.get().organisation
    assert page.url == enterprise.get_absolute_url()

    add = f"{enterprise.get_absolute_url()}sites/add/"
    client.post(add, filled(client.get(add)) | {"day_shift": 46})
    assert enterprise.sites.get().headcount == 46

    works = client_of(cast).works
    play(
        cast, stories.draft(stories.Play(Client(enterprise, owner, works), desk_of(cast)), "signed")
    )
    case = Case.objects.get(enterprise=enterprise)
    application = Application.objects.get(case=case)
    assert application.status == "signed"
    assert client.get(case.get_absolute_url()).status_code == 200
