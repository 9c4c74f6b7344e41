"""The profiles of the first body's auditors, with gaps, a proposal and a conflict of interest."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from audits.enums import AuditStatus, TeamRole
from audits.models import AuditMember
from foundation import files
from foundation.workflow import perform
from organisations.actors import actor_in
from organisations.identifiers import make_uscc
from portal.demo.papers import paper
from portal.demo.parties import NUCLEAR, Desk, operator
from schemes.enums import (
    CompetenceRole,
    CompetenceStatus,
    Engagement,
    EntryKind,
    EvaluationResult,
    InterestKind,
)
from schemes.flows import COMPETENCE_FLOW
from schemes.models import Competence, Scheme, TechnicalArea
from schemes.services.approvals import approval_record
from schemes.services.competence import (
    competence_end,
    competence_propose,
)
from schemes.services.entries import entry_record
from schemes.services.interests import interest_declare, interests_confirm

REGISTER = "中国认证认可协会 / CCAA"
_WORK = (
    ("机械加工工艺工程师 / Machining process engineer", ("17", "18")),
    ("电子产品质量经理 / Quality manager, electronics", ("19",)),
    ("食品安全主管 / Food safety supervisor", ("3",)),
    ("建筑施工安全工程师 / Construction safety engineer", ("28",)),
    ("化工环保工程师 / Environmental engineer, chemicals", ("12",)),
    ("软件开发负责人 / Head of software development", ("33",)),
)
_TOPICS = (
    ("ISO 9001 换版要点 / Changes to ISO 9001", "8"),
    ("审核技术与远程审核 / Audit techniques, remote audits", "6"),
    ("认证规则 2026 / Certification rules of 2026", "4"),
)


def fill(desk: Desk) -> None:
    """Give a body's auditors their profiles, as they stand today."""
    today = timezone.localdate()
    for n, user in enumerate(desk.auditors):
        _profile(desk, user, n, today)
    _gaps(desk, today)
    _conflict(desk, today)


def _profile(desk: Desk, user, n: int, today: date) -> None:
    body = desk.organisation
    own = actor_in(user, body)
    work, codes = _WORK[n % len(_WORK)]
    facts = {"actor": own, "user": user, "body": body}
    # The registration of the second auditor is about to end.
    ends = today + timedelta(days=25 if n == 1 else 500 + 60 * n)
    card = files.store(paper("registration", f"Registration (specimen) {n + 1}"), actor=own)
    entry_record(
        **facts,
        kind=EntryKind.REGISTRATION,
        proof=[card],
        title=f"QMS {REGISTER}",
        issuer=REGISTER,
        number=f"2019-N1QMS-{user.pk:07}",
        grade="审核员 / Auditor",
        scheme=Scheme.objects.get(code="QMS"),
        first_day=ends - timedelta(days=3 * 365),
        last_day=ends,
    )
    entry_record(
        **facts,
        kind=EntryKind.EXPERIENCE,
        areas=TechnicalArea.objects.filter(code__in=codes),
        title=work,
        issuer="示例工业集团 / Shili Industries",
        first_day=date(2009, 7, 1),
        last_day=date(2018, 12, 31),
    )
    for topic, hours in _TOPICS[: 3 - n % 3]:
        entry_record(
            **facts,
            kind=EntryKind.TRAINING,
            title=topic,
            issuer="示例培训中心 / Shili Training",
            hours=Decimal(hours),
            first_day=date(today.year, 1, 1),
        )
    if n != 5:  # noqa: PLR2004 -- one never confirmed
        interests_confirm(actor=own)
    _said_by_the_body(desk, user, n, today)


def _said_by_the_body(desk: Desk, user, n: int, today: date) -> None:
    """One works part-time, one was never watched at work, one too long ago."""
    manager = actor_in(desk.manager, desk.organisation)
    facts = {"actor": manager, "user": user, "body": desk.organisation}
    entry_record(
        **facts,
        kind=EntryKind.EMPLOYMENT,
        title="审核员 / Auditor",
        engagement=Engagement.PART_TIME if n == 3 else Engagement.FULL_TIME,  # noqa: PLR2004
        first_day=date(2019, 1, 1),
    )
    if n != 4:  # noqa: PLR2004
        entry_record(
            **facts,
            kind=EntryKind.EVALUATION,
            title="见证审核 / Witnessed audit",
            issuer=desk.reviewer.name,
            result=EvaluationResult.GOOD,
            first_day=today - timedelta(days=1200 if n == 2 else 300 + n),  # noqa: PLR2004
        )


def _gaps(desk: Desk, today: date) -> None:
    """An approval for an area nobody covers, a competence that ends, and two proposals."""
    body, manager = desk.organisation, actor_in(desk.manager, desk.organisation)
    nuclear = TechnicalArea.objects.get(code=NUCLEAR)
    quality = Scheme.objects.get(code="QMS")
    approval_record(
        actor=type(manager)(user=operator()),
        body=body,
        scheme=quality,
        areas=[nuclear],
        reference="CNCA-R-0000-034-N",
        valid_from=today - timedelta(days=20),
    )
    first, second = desk.auditors[0], desk.auditors[1]
    ending = Competence.objects.get(
        user=desk.auditors[2], body=body, scheme__code="ISMS", role=CompetenceRole.LEAD_AUDITOR
    )
    competence_end(actor=manager, competence=ending, last_day=today + timedelta(days=40))
    for user, role, reason in (
        (first, CompetenceRole.LEAD_AUDITOR, ""),
        (second, CompetenceRole.AUDITOR, "请补充在核工业的工作证明。 / Add proof of the work."),
    ):
        own = actor_in(user, body)
        row = competence_propose(
            actor=own,
            body=body,
            areas=[nuclear],
            support=user.entries.filter(kind__in=[EntryKind.EXPERIENCE, EntryKind.REGISTRATION]),
            scheme=quality,
            role=role,
            languages=["zh"],
            valid_from=today,
            valid_until=today + timedelta(days=3 * 365),
            grounds="曾任核设备质量工程师两年。 / Two years in nuclear quality.",
        )
        if reason:
            judge = actor_in(desk.reviewer, body)
            perform(COMPETENCE_FLOW, row, "return", judge, reason=reason)
    suspended = Competence.objects.get(
        user=desk.auditors[3], body=body, scheme__code="FSMS", status=CompetenceStatus.APPROVED
    )
    reason = "见证审核待补。 / A witnessed audit is still to come."
    perform(COMPETENCE_FLOW, suspended, "suspend", manager, reason=reason)


def _conflict(desk: Desk, today: date) -> None:
    """Interests: one long over, one that bars, and one in an enterprise whose audit is agreed."""
    body = desk.organisation
    own = actor_in(desk.auditors[1], body)
    for serial, name, kind, began, ended in (
        (70001, "示例咨询客户甲 / Specimen Client A", InterestKind.CONSULTANCY, 2000, 1100),
        (70002, "示例咨询客户乙 / Specimen Client B", InterestKind.INTERNAL_AUDIT, 900, 400),
    ):
        interest_declare(
            actor=own,
            user=own.user,
            country="CN",
            identifier=make_uscc("330200", serial),
            name=name,
            kind=kind,
            began_on=today - timedelta(days=began),
            ended_on=today - timedelta(days=ended),
        )
    member = (
        AuditMember.objects.filter(
            audit__body=body,
            audit__status__in=(AuditStatus.CONFIRMED, AuditStatus.PROPOSED),
            role=TeamRole.AUDITOR,
        )
        .select_related("user", "audit__enterprise")
        .order_by("audit__number", "created_at")
        .first()
    )
    if member is None:
        return
    enterprise = member.audit.enterprise
    interest_declare(
        actor=actor_in(member.user, body),
        user=member.user,
        country=str(enterprise.country),
        identifier=enterprise.identifier,
        name=enterprise.name_zh,
        kind=InterestKind.CONSULTANCY,
        began_on=today - timedelta(days=500),
        ended_on=today - timedelta(days=200),
        text="供应商辅导。 / Coaching of a supplier.",
    )
