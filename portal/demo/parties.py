"""The organisations and people of the demonstration, ready to act."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from audits.enums import AbsenceKind
from audits.services.absences import absence_enter
from foundation.actor import SYSTEM
from foundation.workflow import perform
from organisations.actors import actor_in
from organisations.enums import Kind, Role
from organisations.flows import BODY_FLOW
from organisations.identifiers import make_uscc
from organisations.models import Membership, Organisation
from organisations.services.organisations import (
    register_body,
    register_enterprise,
    save_site,
)
from organisations.services.teams import add_member
from portal.demo import data
from portal.demo.papers import paper
from schemes.enums import CompetenceRole
from schemes.models import Scheme, TechnicalArea
from schemes.services.approvals import approval_record
from schemes.services.competence import competence_record

PATTERN = "{short} {yy} {letter} {serial:05} R{cycle} {size}"
NUCLEAR = "11"
LARGE = 250
_ROLES = {
    "manager": Role.MANAGER,
    "reviewer": Role.REVIEWER,
    "planner": Role.PLANNER,
    "certifier": Role.CERTIFIER,
}
_STAFF = {
    "rival": {
        "manager": "薛承安",
        "reviewer": "陆闻笙",
        "planner": "程若溪",
        "certifier": "谢怀安",
    },
    "third": {
        "manager": "罗予宁",
        "reviewer": "江流云",
        "planner": "白芷若",
        "certifier": "温如言",
    },
}


@dataclass
class Client:
    """An enterprise and who acts for it."""

    organisation: Organisation
    owner: Any
    works: data.Works
    member: Any = None


@dataclass
class Desk:
    """A body and its people."""

    organisation: Organisation
    manager: Any = None
    reviewer: Any = None
    planner: Any = None
    certifier: Any = None
    auditors: list = field(default_factory=list)


@cache
def _password() -> str:
    """Return the hash of the published password; making one for each person takes seconds."""
    return make_password(data.PASSWORD)


def person(key: str, name: str, *, staff: bool = False):
    """Return the person with the e-mail ``<key>@demo.example``, created at the first call."""
    user_model = get_user_model()
    email = f"{key}@demo.example"
    found = user_model.objects.filter(email=email).first()
    if found is not None:
        return found
    user = user_model(
        email=email, name=name, password=_password(), is_staff=staff, is_superuser=staff
    )
    user.save()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def as_newcomer(user):
    """Return an actor for somebody who belongs to no organisation yet."""
    return type(SYSTEM)(user=user)


def operator():
    """Return the operator of the portal."""
    return person("operator", data.ACCOUNTS["operator"], staff=True)


def authority() -> Organisation:
    """Create the provincial authority with its two demo accounts."""
    organisation = Organisation.objects.create(
        kind=Kind.AUTHORITY,
        name_zh="示例省市场监督管理局",
        name_en="Shili Province Administration for Market Regulation",
        identifier=make_uscc("330000", 90001),
        address_zh="浙江省杭州市示例区监管路1号",
        region="330000",
    )
    for key, role in (("supervisor", Role.SUPERVISOR), ("inspector", Role.INSPECTOR)):
        Membership.objects.create(
            user=person(key, data.ACCOUNTS[key]), organisation=organisation, role=role
        )
    return organisation


def body(row: data.Body, serial: int, prefix: str, *, admitted: bool = True) -> Desk:
    """Register a body with its staff and have the operator approve it, if it is admitted."""
    names = _STAFF.get(prefix) or {key: data.ACCOUNTS[key] for key in _ROLES}
    users = {key: person(f"{prefix}-{key}" if prefix else key, name) for key, name in names.items()}
    city_zh, city_en, *_rest = data.CITIES[row.region]
    organisation = register_body(
        actor=as_newcomer(users["manager"]),
        facts={
            "name_zh": row.zh,
            "name_en": row.en,
            "identifier": make_uscc(row.region, 80000 + serial),
            "address_zh": f"{city_zh}示例区标准路{serial}号",
            "address_en": f"{serial} Biaozhun Road, Shili District, {city_en}",
            "region": row.region,
            "legal_representative": row.signatory_zh,
            "phone": "0571-0000 0000",
        },
        profile={
            "approval_number": row.approval,
            "short_code": row.short,
            "number_pattern": PATTERN,
            "signatory_zh": row.signatory_zh,
            "signatory_en": row.signatory_en,
            "accreditation_body": "CNAS",
            "accreditation_number": f"C0{row.short}-M",
        },
        licence=paper("licence", f"Business licence (specimen) {row.en}"),
    )
    desk = Desk(organisation, **users)
    for key, role in _ROLES.items():
        if role != Role.MANAGER:
            join(desk, users[key], role)
    operator_actor = as_newcomer(operator())
    if not admitted:
        return desk
    perform(BODY_FLOW, organisation.body_profile, "approve", operator_actor)
    for scheme in Scheme.objects.all():
        approval_record(
            actor=operator_actor,
            body=organisation,
            scheme=scheme,
            areas=TechnicalArea.objects.exclude(code=NUCLEAR),
            reference=f"{row.approval}-{scheme.code}",
            accreditation=f"CNAS C0{row.short}-M",
            valid_from=date(2018, 1, 1),
        )
    return desk


def join(desk: Desk, user, role: Role) -> None:
    """Have the manager of a body give a person a role."""
    manager = actor_in(desk.manager, desk.organisation)
    facts = {"email": user.email, "name": user.name, "role": role}
    add_member(actor=manager, organisation=desk.organisation, **facts)


def staff(desk: Desk, auditors: list) -> None:
    """Give a body its auditors and everybody the competence for what they do."""
    for n, user in enumerate(auditors):
        join(desk, user, Role.AUDITOR)
        competent(desk, user, CompetenceRole.AUDITOR if n % 2 else CompetenceRole.LEAD_AUDITOR)
        desk.auditors.append(user)
    competent(desk, desk.reviewer, CompetenceRole.REVIEWER)
    competent(desk, desk.certifier, CompetenceRole.CERTIFIER)


def competent(desk: Desk, user, role: CompetenceRole, *, schemes=(), areas=()) -> None:
    """Record a person's competence for schemes and areas, by their codes; for all without any."""
    wanted = Scheme.objects.filter(code__in=schemes) if schemes else Scheme.objects.all()
    known = TechnicalArea.objects.exclude(code=NUCLEAR)
    for scheme in wanted:
        competence_record(
            actor=actor_in(desk.manager, desk.organisation),
            user=user,
            body=desk.organisation,
            scheme=scheme,
            areas=known.filter(code__in=areas) if areas else known,
            role=role,
            registration_number=f"2019-N1{scheme.code}-{user.pk:07}",
            languages=["zh", "en"],
            valid_from=date(2019, 1, 1),
            valid_until=timezone.localdate() + timedelta(days=365 * 6),
        )


def enterprise(works: data.Works, serial: int, owner, member=None, country="CN") -> Client:
    """Register an enterprise with its licence, its people and its sites."""
    city_zh, city_en, *_ = data.CITIES[works.region]
    chinese = country == "CN"
    organisation = register_enterprise(
        actor=as_newcomer(owner),
        facts={
            "name_zh": works.name_zh,
            "name_en": works.name_en,
            "country": country,
            "identifier": make_uscc(works.region, 10000 + serial) if chinese else f"HR {serial}",
            "address_zh": f"{city_zh}示例区样本路{serial}号",
            "address_en": f"{serial} Yangben Road, Shili District, {city_en}",
            "region": works.region if chinese else "",
            "legal_representative": owner.name,
            "phone": "0574-0000 0000",
            "email": f"office{serial}@demo.example",
        },
        licence=paper("licence", f"Business licence (specimen) {works.name_en}"),
    )
    actor = actor_in(owner, organisation)
    if member is not None:
        facts = {"email": member.email, "name": member.name, "role": Role.MEMBER}
        add_member(actor=actor, organisation=organisation, **facts)
    _sites(actor, works, serial)
    return Client(organisation, owner, works, member)


def _sites(actor, works: data.Works, serial: int) -> None:
    """Save the head office of an enterprise, and a second plant when many people work there."""
    city_zh, city_en, latitude, longitude = data.CITIES[works.region]
    second = works.people - works.people * 7 // 10 if works.people > LARGE else 0
    place = {
        "region": works.region,
        "latitude": latitude,
        "longitude": longitude,
        "activities_zh": works.scope_zh,
        "activities_en": works.scope_en,
    }
    head_office = {
        "name_zh": "总部",
        "name_en": "Headquarters",
        "address_zh": actor.organisation.address_zh,
        "address_en": actor.organisation.address_en,
        "is_central": True,
        "day_shift": works.people - second,
    }
    plant = {
        "name_zh": "二厂",
        "name_en": "Plant 2",
        "address_zh": f"{city_zh}示例区新区大道{serial}号",
        "address_en": f"{serial} Xinqu Avenue, Shili District, {city_en}",
        "day_shift": second,
    }
    for site in (head_office, plant) if second else (head_office,):
        save_site(actor=actor, organisation=actor.organisation, facts=place | site)


# Days from today, how many, kind, note: one row for each of the last people of a body.
_AWAY = (
    (21, 2, AbsenceKind.TRAINING, "内部培训"),
    (35, 10, AbsenceKind.LEAVE, ""),
    (63, 5, AbsenceKind.LEAVE, "探亲"),
)


def away(desk: Desk) -> None:
    """Enter days soon after today on which some auditors of a body are not available."""
    for (after, days, kind, note), auditor in zip(_AWAY, reversed(desk.auditors), strict=False):
        first = timezone.localdate() + timedelta(days=after)
        absence_enter(
            actor=actor_in(auditor, desk.organisation),
            user=auditor,
            starts_on=first,
            ends_on=first + timedelta(days=days - 1),
            kind=kind,
            note=note,
        )
