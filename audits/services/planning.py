"""Start an audit of the programme, set its facts and its team."""

import secrets
from decimal import Decimal

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from audits.checks.planning import outside
from audits.checks.team import clashes
from audits.enums import AuditStatus, TeamRole
from audits.models import Audit, AuditMember
from audits.queries.programme import is_settled
from audits.services.telling import tell
from certification.enums import AuditKind, AuditLanguage
from certification.models import ProgrammeItem
from certification.services.numbers import next_number
from foundation import journal, work
from foundation.workflow import NotAllowed, StaleState, WrongState
from organisations.enums import Role
from organisations.rights import PLANNER
from schemes.audit_time import AuditTimeKind, sample_sites, sample_size
from schemes.queries import book_of

PLANNING = (AuditStatus.PLANNED, AuditStatus.OBJECTED)
FACTS = (
    "mode",
    "starts_on",
    "ends_on",
    "days_planned",
    "language",
    "objectives",
    "date_reason",
    "days_reason",
    "ict_assessment",
    "ict_tools",
)
_TIME_KIND = {
    AuditKind.STAGE_1: AuditTimeKind.STAGE_1,
    AuditKind.STAGE_2: AuditTimeKind.STAGE_2,
    AuditKind.SURVEILLANCE_1: AuditTimeKind.SURVEILLANCE,
    AuditKind.SURVEILLANCE_2: AuditTimeKind.SURVEILLANCE,
    AuditKind.RECERTIFICATION: AuditTimeKind.RECERTIFICATION,
    AuditKind.SPECIAL: AuditTimeKind.STAGE_2,
}


def _objectives(kind: str) -> str:
    """Return the usual objectives of a kind of audit (ISO/IEC 17021-1:2015 9.2.1.3, 9.3.1)."""
    if kind == AuditKind.STAGE_1:
        return _(
            "Review the documented system, the site and its conditions, the understanding of the "
            "requirements, internal audits and management review; decide whether stage 2 can be "
            "planned."
        )
    if kind in (AuditKind.SURVEILLANCE_1, AuditKind.SURVEILLANCE_2):
        return _(
            "Establish whether the certified system still meets the requirements, whether earlier "
            "findings were resolved and how certificate and mark are used."
        )
    return _(
        "Establish whether the system meets all requirements of the standard, whether it is "
        "effective and whether it ensures that legal and contractual requirements are met."
    )


def _allow(actor, obj) -> None:
    access = PLANNER(actor, obj)
    if not access:
        raise NotAllowed(access.reason)


def held(audit: Audit, states) -> Audit:
    """Lock an audit and return it fresh. Raises WrongState when it is in none of the states."""
    fresh = Audit._base_manager.select_for_update(of=("self",)).get(pk=audit.pk)
    if fresh.status not in states:
        raise WrongState(
            _("This can no longer be changed: the audit is now “%(state)s”.")
            % {"state": fresh.get_status_display()}
        )
    return fresh


@transaction.atomic
def start_planning(programme_item: ProgrammeItem, actor) -> Audit:
    """Create the audit of a programme item, with its standards, sites and usual objectives.

    Raises NotAllowed; StaleState when somebody began it already.
    """
    item = ProgrammeItem._base_manager.select_for_update().get(pk=programme_item.pk)
    case = item.case
    _allow(actor, case)
    if is_settled(item) or item.dropped_on is not None:
        raise StaleState(_("This audit is planned already, or not in the programme any more."))
    application = case.application
    language = language_of(case, application)
    with translation.override("zh-hans" if language == AuditLanguage.ZH else "en"):
        objectives = _objectives(item.kind)
    audit = Audit.objects.create(
        number=f"{case.number}-{next_number(scope=str(case.pk), series='audit', year=0)}",
        case=case,
        programme_item=item,
        cycle=item.cycle,
        kind=item.kind,
        enterprise=case.enterprise,
        body=case.body,
        days=item.days,
        days_planned=item.days,
        language=language,
        objectives=objectives,
    )
    schemes = application.schemes.select_related("edition").all()
    audit.editions.set([scheme.edition for scheme in schemes])
    _choose_sites(audit, [row.site for row in application.sites.select_related("site")])
    facts = {"kind": audit.kind}
    journal.record(audit, "audit.plan", actor, facts, after=audit.status, internal_to=case.body_id)
    return audit


def language_of(case, application) -> str:
    """Return the language of an audit: the first of the application that audits are held in."""
    for code in application.languages:
        if code in AuditLanguage.values:
            return code
    return AuditLanguage.ZH if str(case.enterprise.country) == "CN" else AuditLanguage.EN


def _choose_sites(audit: Audit, sites) -> None:
    """Take the central function and a sample of the others, the largest first (IAF MD 1)."""
    central = [site for site in sites if site.is_central]
    others = {str(s.pk): s for s in sorted(sites, key=lambda s: -s.headcount) if not s.is_central}
    rules = book_of(audit.case.rule_set)
    size = sample_size(len(others), _TIME_KIND[audit.kind], rules)
    if size == len(others):
        audit.sites.set(sites)
        return
    share = rules.number("sampling_random_percent") / Decimal(100)
    sample = sample_sites(list(others), size, secrets.token_hex(8), share)
    audit.sites.set([*central, *(others[key] for key in sample.keys)])
    audit.sample = {
        "seed": sample.seed,
        "population": list(others),
        "size": size,
        "drawn": list(sample.drawn),
    }
    audit.save(update_fields=["sample", "changed_at"])


@transaction.atomic
def change_planning(*, audit: Audit, actor, sites=None, **facts) -> Audit:
    """Set dates, manner, time and sites while an audit is in planning.

    Raises NotAllowed, WrongState.
    """
    _allow(actor, audit)
    fresh = held(audit, PLANNING)
    for name in FACTS:
        if name in facts:
            setattr(fresh, name, facts[name])
    fresh.save(update_fields=[*FACTS, "changed_at"])
    if sites is not None:
        fresh.sites.set(sites)
    if fresh.deviations.exists():
        work.refresh(fresh)  # other figures wait for nobody until they are asked about anew
    return fresh


@transaction.atomic
def add_member(*, audit: Audit, actor, user, role: str) -> AuditMember:
    """Put a person of the body on the team, or give a member another role.

    A new leader takes the place of the present one, who stays as an auditor. Raises NotAllowed,
    WrongState; ValidationError for somebody who does not audit for this body.
    """
    _allow(actor, audit)
    fresh = held(audit, PLANNING)
    if user not in fresh.body.people(Role.AUDITOR):
        raise ValidationError(_("This person is not an auditor of the body."))
    if role == TeamRole.LEAD:
        fresh.members.filter(role=TeamRole.LEAD).exclude(user=user).update(role=TeamRole.AUDITOR)
    member, created = AuditMember.objects.get_or_create(
        audit=fresh, user=user, defaults={"role": role}
    )
    if not created and member.role != role:
        member.role = role
        member.save(update_fields=["role", "changed_at"])
    work.refresh(fresh)
    if created:
        tell("declare", fresh, [user], url=reverse("audits:audit_do", args=[fresh.pk, "declare"]))
    return member


@transaction.atomic
def plan_placed(*, item: ProgrammeItem, actor, starts_on, ends_on, team) -> Audit:
    """Begin to plan an audit with dates and a team, who leads first; all of it or nothing.

    Raises NotAllowed; StaleState when somebody began it already; ValidationError with everything
    that speaks against it now, for example somebody booked meanwhile.
    """
    people = get_user_model().objects.select_for_update().filter(pk__in=[one.pk for one in team])
    list(people.order_by("pk"))
    audit = start_planning(item, actor)
    change_planning(audit=audit, actor=actor, starts_on=starts_on, ends_on=ends_on)
    for position, person in enumerate(team):
        role = TeamRole.AUDITOR if position else TeamRole.LEAD
        add_member(audit=audit, actor=actor, user=person, role=role)
    audit = Audit.objects.get(pk=audit.pk)
    if found := [*outside(audit), *clashes(audit)]:
        raise ValidationError(found)
    return audit


@transaction.atomic
def remove_member(*, audit: Audit, actor, member: AuditMember) -> None:
    """Take somebody off the team; lines of the timetable become the whole team's."""
    _allow(actor, audit)
    fresh = held(audit, PLANNING)
    fresh.plan.filter(member=member.user).update(member=None)
    fresh.members.filter(pk=member.pk).delete()
    work.refresh(fresh)
