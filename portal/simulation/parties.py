"""Who lives in a simulation: bodies with their people, enterprises of two countries."""

from dataclasses import dataclass, replace
from itertools import chain

from certification.enums import DocumentKind
from foundation.models import Delivery
from foundation.notices import GROUPS, choose
from organisations.actors import actor_in
from organisations.enums import Role
from organisations.services.organisations import store_file
from portal.demo import data, parties
from portal.demo.papers import paper
from portal.demo.parties import Client, Desk
from portal.simulation.chance import Chance
from schemes.enums import CompetenceRole

# How many of a role a body needs at least, and one more for so many of its clients.
_CREW = {"reviewer": (2, 60), "planner": (2, 80), "certifier": (3, 40), "auditor": (6, 3)}
_ROLES = {
    "reviewer": (Role.REVIEWER, CompetenceRole.REVIEWER),
    "planner": (Role.PLANNER, None),
    "certifier": (Role.CERTIFIER, CompetenceRole.CERTIFIER),
    "auditor": (Role.AUDITOR, None),
}
_SCHEMES = (("QMS",), ("QMS", "EMS"), ("QMS", "EMS", "OHSMS"), ("ISMS",), ("EMS",))
_OFTEN = (10, 4, 2, 2, 2)
# Elsewhere the international rules hold.
_ABROAD = "DE"
_READERS = 0.05


@dataclass
class Cast:
    """Everybody: the bodies at work, one to be admitted and suspended at will, the enterprises."""

    desks: list[Desk]
    spare: Desk
    clients: list[Client]
    manuals: dict


def enrol(chance: Chance, *, enterprises: int, bodies: int) -> Cast:
    """Register everybody through the services."""
    share = -(-enterprises // bodies)
    rows = data.enterprises()
    fields = {"areas": {row.area for row in rows[:enterprises]}, "schemes": set(chain(*_SCHEMES))}
    desks = [_body(chance, serial, share, fields) for serial in range(1, bodies + 1)]
    parties.authority()
    spare = spare_body(bodies + 1)
    clients, manuals = [], {}
    for serial in range(1, enterprises + 1):
        client = _client(chance, rows[(serial - 1) % len(rows)], serial)
        clients.append(client)
        manuals[client.organisation.pk] = _papers(client)
    return Cast(desks, spare, clients, manuals)


def spare_body(serial: int) -> Desk:
    """Register a body without clients, whose admission is still to be decided."""
    return _desk(serial, admitted=False)


def _desk(serial: int, *, admitted: bool = True) -> Desk:
    row = data.BODIES[(serial - 1) % len(data.BODIES)]
    named = replace(
        row,
        zh=f"{row.zh}（{serial}）",
        en=f"{row.en} ({serial})",
        short=f"{100 + serial}",
        approval=f"CNCA-R-0000-{100 + serial}",
    )
    return parties.body(named, serial, f"body{serial}", admitted=admitted)


def _body(chance: Chance, serial: int, share: int, fields: dict) -> Desk:
    """Register a body whose people are competent in the fields of the enterprises."""
    desk = _desk(serial)

    def competent(user, role):
        parties.competent(desk, user, role, **fields)

    competent(desk.reviewer, CompetenceRole.REVIEWER)
    competent(desk.certifier, CompetenceRole.CERTIFIER)
    for name, (least, each) in _CREW.items():
        role, competence = _ROLES[name]
        for n in range(max(least, share // each)):
            user = person(f"body{serial}-{name}{n}", f"{name.capitalize()} {serial}.{n}", chance)
            parties.join(desk, user, role)
            if competence:
                competent(user, competence)
            if role == Role.AUDITOR:
                lead = CompetenceRole.AUDITOR if n % 2 else CompetenceRole.LEAD_AUDITOR
                competent(user, lead)
                desk.auditors.append(user)
    # Somebody who may do several things, so that independence is more than a matter of roles.
    for user, role, competence in (
        (desk.reviewer, Role.CERTIFIER, CompetenceRole.CERTIFIER),
        (desk.auditors[1], Role.CERTIFIER, CompetenceRole.CERTIFIER),
        (desk.auditors[0], Role.REVIEWER, CompetenceRole.REVIEWER),
    ):
        parties.join(desk, user, role)
        competent(user, competence)
    return desk


def person(key: str, name: str, chance: Chance):
    """Create a person; most of them want no e-mail that can be switched off."""
    user = parties.person(key, name)
    if not chance.happens(_READERS):
        choose(
            user=user,
            levels={key: Delivery.NEVER for key in GROUPS if Delivery.NEVER in GROUPS[key].levels},
        )
    return user


def _client(chance: Chance, works: data.Works, serial: int) -> Client:
    works = replace(
        works,
        name_zh=f"{works.name_zh}（{serial}）",
        name_en=f"{works.name_en} ({serial})",
        people=chance.choice((8, 14, 25, 40, 60, 90, 150, 320)),
        schemes=chance.weighed(list(_SCHEMES), list(_OFTEN)),
    )
    owner = person(f"owner{serial}", f"Owner {serial}", chance)
    member = person(f"member{serial}", f"Member {serial}", chance) if serial % 4 == 0 else None
    country = _ABROAD if serial % 3 == 0 else "CN"
    return parties.enterprise(works, serial, owner, member, country)


def _papers(client: Client) -> dict:
    """Store what an enterprise hands in with every application once."""
    actor = actor_in(client.owner, client.organisation)
    stored = store_file(
        actor=actor,
        organisation=client.organisation,
        upload=paper("manual", f"Manual (specimen) {client.works.name_en}"),
        label="manual",
    )
    return dict.fromkeys(
        (DocumentKind.MANUAL, DocumentKind.CERTIFICATE, DocumentKind.REPORT), stored
    )
