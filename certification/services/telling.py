"""Who is told what about cases and certificates."""

from certification.models import Case, Certificate
from foundation.notices import notify
from organisations.enums import Role


def _parties(obj) -> dict:
    return {
        "enterprise_zh": obj.enterprise.name_zh,
        "enterprise_en": obj.enterprise.name_en,
        "body_zh": obj.body.name_zh,
        "body_en": obj.body.name_en,
        "number": obj.number,
    }


def tell_holder(kind: str, certificate: Certificate, **facts) -> None:
    """Tell everybody of the enterprise that holds a certificate."""
    notify(
        kind,
        to=certificate.enterprise.people(Role.OWNER, Role.MEMBER),
        obj=certificate,
        url=certificate.get_absolute_url(),
        **_parties(certificate),
        **facts,
    )


def tell_body(kind: str, obj: Case | Certificate, *roles, url: str = "", **facts) -> None:
    """Tell the people of the body with one of these roles."""
    notify(
        kind,
        to=obj.body.people(*roles),
        obj=obj,
        url=url or obj.get_absolute_url(),
        **_parties(obj),
        **facts,
    )


def tell_deciders(kind: str, obj: Case | Certificate, *, url: str, **facts) -> None:
    """Tell the certifiers of the body who may decide on this case or certificate."""
    case = obj if isinstance(obj, Case) else obj.case
    involved = set(case.involvements.filter(cycle=case.cycle).values_list("user_id", flat=True))
    people = [user for user in case.body.people(Role.CERTIFIER) if user.pk not in involved]
    notify(kind, to=people, obj=obj, url=url, **_parties(obj), **facts)


def tell_owners(kind: str, case: Case, *, url: str = "", **facts) -> None:
    """Tell the owners of the enterprise of a case."""
    _tell_enterprise(kind, case, (Role.OWNER,), url, facts)


def tell_enterprise(kind: str, case: Case, *, url: str = "", **facts) -> None:
    """Tell everybody of the enterprise of a case."""
    _tell_enterprise(kind, case, (Role.OWNER, Role.MEMBER), url, facts)


def tell_enterprise_of(kind: str, obj, **facts) -> None:
    """Tell everybody of the enterprise of an application or case, in the facts both have."""
    notify(
        kind,
        to=obj.enterprise.people(Role.OWNER, Role.MEMBER),
        obj=obj,
        url=obj.get_absolute_url(),
        **_parties(obj),
        **facts,
    )


def _tell_enterprise(kind, case, roles, url, facts) -> None:
    notify(
        kind,
        to=case.enterprise.people(*roles),
        obj=case,
        url=url or case.get_absolute_url(),
        **_parties(case),
        **facts,
    )
