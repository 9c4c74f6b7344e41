"""The fixed cast: two enterprises, two bodies, an authority, and everybody who works there.

``rival_*`` must see nothing of the first enterprise and body. Each person's e-mail is
``<role>@demo.example`` as in the demo, each password ``portal-demo``.
"""

import datetime as dt
from functools import cache
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from foundation.actor import ANONYMOUS, SYSTEM
from organisations.actors import actor_for
from organisations.enums import BodyStatus, Kind, Role
from organisations.identifiers import make_uscc
from organisations.models import BodyProfile, Membership, Organisation, Site
from schemes.models import BodyApproval, Competence, Scheme, TechnicalArea

PASSWORD = "portal-demo"

IN_ENTERPRISE = {"owner": Role.OWNER, "member": Role.MEMBER}
IN_BODY = {
    "manager": Role.MANAGER,
    "reviewer": Role.REVIEWER,
    "planner": Role.PLANNER,
    "auditor": Role.AUDITOR,
    "auditor2": Role.AUDITOR,
    "certifier": Role.CERTIFIER,
}
IN_AUTHORITY = {"supervisor": Role.SUPERVISOR, "inspector": Role.INSPECTOR}
NAMES = {
    "owner": "沈若溪",
    "member": "贺景行",
    "manager": "顾言之",
    "reviewer": "林知秋",
    "planner": "唐亦舟",
    "auditor": "李工",
    "auditor2": "周牧野",
    "certifier": "韩书远",
    "supervisor": "许明澈",
    "inspector": "宋怀瑾",
    "operator": "Op Erator",
    "rival_owner": "Rival Owner",
    "rival_manager": "Rival Manager",
}
PEOPLE = tuple(NAMES)


class Cast(SimpleNamespace):
    """People and organisations by name; ``actor(name)`` gives the actor of a person."""

    def actor(self, name: str):
        if name == "anonymous":
            return ANONYMOUS
        if name == "system":
            return SYSTEM
        return actor_for(getattr(self, name), confirmed=True)

    def client(self, client, name: str):
        """Return the test client signed in as a person; anonymous signs out."""
        client.logout()
        if name != "anonymous":
            client.force_login(getattr(self, name))
        return client


def make_enterprise(serial: int, name_zh: str, name_en: str, *, region="330200") -> Organisation:
    """Create an enterprise with a valid identifier and one site of 60 people."""
    enterprise = Organisation.objects.create(
        kind=Kind.ENTERPRISE,
        name_zh=name_zh,
        name_en=name_en,
        identifier=make_uscc(region, serial),
        address_zh="浙江省宁波市示例区样本路88号",
        address_en="88 Yangben Road, Shili District, Ningbo",
        region=region,
        legal_representative="沈若溪",
        phone="0574-00000000",
        email=f"office{serial}@demo.example",
        licence_valid_until=timezone.localdate() + dt.timedelta(days=3650),
    )
    Site.objects.create(
        organisation=enterprise,
        name_zh="总部",
        name_en="Headquarters",
        address_zh=enterprise.address_zh,
        address_en=enterprise.address_en,
        region=region,
        latitude="29.868300",
        longitude="121.544000",
        is_central=True,
        activities_zh="精密齿轮箱的设计与生产",
        activities_en="Design and manufacture of precision gearboxes",
        day_shift=60,
    )
    return enterprise


def make_body(serial: int, name_zh: str, name_en: str, *, region="330100") -> Organisation:
    """Create an approved body, approved for every scheme in areas 17, 18 and 19."""
    body = Organisation.objects.create(
        kind=Kind.BODY,
        name_zh=name_zh,
        name_en=name_en,
        identifier=make_uscc(region, serial),
        address_zh="浙江省杭州市示例区标准路1号",
        address_en="1 Biaozhun Road, Shili District, Hangzhou",
        region=region,
    )
    BodyProfile.objects.create(
        organisation=body,
        status=BodyStatus.APPROVED,
        approval_number=f"CNCA-R-0000-{serial:03}",
        short_code=f"{serial:03}",
        signatory_zh="顾言之",
        signatory_en="Gu Yanzhi",
    )
    rows = [
        BodyApproval(
            body=body,
            scheme=scheme,
            reference=f"AP-{serial:03}-{scheme.code}",
            accreditation="CNAS C000-M",
            valid_from=dt.date(2020, 1, 1),
        )
        for scheme in Scheme.objects.all()
    ]
    _with_areas(BodyApproval, rows)
    return body


def make_competent(user, body, *roles) -> None:
    """Make a person competent for every scheme of a body in areas 17, 18 and 19."""
    rows = [
        Competence(
            user=user,
            body=body,
            scheme=scheme,
            role=role,
            registration_number=f"2021-N1{scheme.code}-{str(user.pk).zfill(7)}",
            languages=["zh", "en"],
            valid_from=dt.date(2020, 1, 1),
            valid_until=dt.date(2035, 12, 31),
        )
        for scheme in Scheme.objects.all()
        for role in roles
    ]
    _with_areas(Competence, rows)


def _with_areas(model, rows) -> None:
    """Store rows for areas 17, 18 and 19 in two statements: nearly every test begins with them."""
    model.objects.bulk_create(rows)
    link = model.areas.through
    areas = list(TechnicalArea.objects.filter(code__in=["17", "18", "19"]))
    name = f"{model._meta.model_name}_id"
    link.objects.bulk_create(
        link(**{name: row.pk}, technicalarea_id=area.pk) for row in rows for area in areas
    )


@cache
def _password() -> str:
    return make_password(PASSWORD)


def _people(places: dict) -> dict:
    """Store people with their organisation and role, if they have one; return them by name."""
    people = {
        key: User(
            email=f"{key.replace('_', '-')}@demo.example",
            name=NAMES[key],
            language="en",
            password=_password(),
            is_staff=key == "operator",
            is_superuser=key == "operator",
        )
        for key in places
    }
    User.objects.bulk_create(people.values())
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True)
        for user in people.values()
    )
    Membership.objects.bulk_create(
        Membership(user=people[key], organisation=place[0], role=place[1])
        for key, place in places.items()
        if place
    )
    return people


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Load the catalogue once: every test begins with it (tests of its loading empty it first)."""
    with django_db_blocker.unblock():
        call_command("sync_schemes", verbosity=0)


@pytest.fixture
def catalogue(db):
    """The schemes, areas, rules and tables the product ships; again after a test that commits."""
    if not Scheme.objects.exists():
        call_command("sync_schemes", verbosity=0)


@pytest.fixture
def cast(catalogue):
    """Everybody, in organisations that are ready to work."""
    return enrol()


def enrol() -> Cast:
    """Store everybody; the catalogue stands already."""
    parties = {
        "enterprise": make_enterprise(
            1001, "宁波蓝海精密机械有限公司", "Ningbo Lanhai Precision Machinery Co., Ltd."
        ),
        "rival_enterprise": make_enterprise(
            1002, "CANARY竞争企业有限公司", "CANARY Rival Works Ltd."
        ),
        "body": make_body(34, "华臻认证有限公司", "Huazhen Certification Co., Ltd."),
        "rival_body": make_body(35, "CANARY对手认证有限公司", "CANARY Rival Certification Ltd."),
        "authority": Organisation.objects.create(
            kind=Kind.AUTHORITY,
            name_zh="示例省市场监督管理局",
            name_en="Shili Province Market Regulation",
            identifier=make_uscc("330000", 9001),
            region="330000",
        ),
    }
    homes = {"enterprise": IN_ENTERPRISE, "body": IN_BODY, "authority": IN_AUTHORITY}
    places = {
        key: (parties[home], role) for home, roles in homes.items() for key, role in roles.items()
    }
    places |= {
        "operator": None,
        "rival_owner": (parties["rival_enterprise"], Role.OWNER),
        "rival_manager": (parties["rival_body"], Role.MANAGER),
    }
    people = _people(places)
    body = parties["body"]
    make_competent(people["auditor"], body, "lead_auditor")
    make_competent(people["auditor2"], body, "auditor")
    make_competent(people["reviewer"], body, "reviewer")
    make_competent(people["certifier"], body, "certifier")
    return Cast(**parties, **people)
