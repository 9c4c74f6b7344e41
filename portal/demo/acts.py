"""What the people of the demonstration do, each act through the services of the product."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from django.utils import timezone

from audits.checks.team import Bench
from audits.enums import Grade, Mode, TeamRole
from audits.models import Audit, Finding
from audits.services import findings as finding_services
from audits.services import planning, reports, timetable
from certification.enums import DocumentKind, Verdict
from certification.models import Application, Case, Certificate, Evaluation, ProgrammeItem
from certification.queries.evaluations import dimensions_of
from certification.queries.review import current_offer
from certification.services import audit_time, offers, review
from certification.services.applications import (
    application_answer,
    application_attach,
    application_start,
)
from foundation.calendar import add_working_days
from foundation.workflow import FLOWS, perform
from organisations.actors import actor_in
from portal.demo.papers import paper
from portal.demo.parties import Client, Desk
from schemes.models import Clause, Scheme, StandardEdition, TechnicalArea

_MEDIUM = "medium"
_MATURE = "体系运行多年，内审和管理评审充分。 / The system has run for years and is well audited."
FEE_PER_DAY = Decimal(3000)


def fresh(obj):
    """Return a row as it is in the database now."""
    return type(obj)._base_manager.get(pk=obj.pk)


def do(obj, action: str, actor, **facts):
    """Perform an action of the object's flow on its present state."""
    flow = next(flow for flow in FLOWS.values() if isinstance(obj, flow.model))
    return perform(flow, fresh(obj), action, actor.as_confirmed(), **facts)


# The enterprise


def start(client: Client, desk: Desk, kind="initial", schemes=None) -> Application:
    """Begin an application and answer everything but the documents."""
    actor = actor_in(client.member or client.owner, client.organisation)
    codes = schemes or client.works.schemes
    application = application_start(
        actor=actor, kind=kind, schemes=editions_of(codes), body=desk.organisation
    )
    answers = answers_of(client.works, client.owner, several=len(codes) > 1)
    application_answer(application=application, actor=actor, answers=answers)
    return application


def editions_of(codes) -> list[StandardEdition]:
    """Return the present editions of the standards of some schemes."""
    rows = StandardEdition.objects.in_force(timezone.localdate())
    return [rows.filter(scheme__code=code).latest("valid_from") for code in codes]


def answers_of(works, owner, *, several: bool) -> dict:
    """Return the answers of an application for some works, as of today."""
    today = timezone.localdate()
    return {
        "areas": list(TechnicalArea.objects.filter(code=works.area)),
        "scope_zh": works.scope_zh,
        "scope_en": works.scope_en,
        "processes": "市场与合同、设计开发、采购、生产、检验、交付与售后",
        "outsourced": "无",
        "legal_obligations": "产品质量法、安全生产法、环境保护法及行业许可要求",
        "languages": ["zh"],
        "safety_conditions": "进入车间须佩戴安全帽和防护眼镜",
        "system_since": today - timedelta(days=200),
        "internal_audit_on": today - timedelta(days=60),
        "management_review_on": today - timedelta(days=40),
        "consultancy_used": False,
        "had_certificate": False,
        "integration": "partial" if several else "none",
        "remote_possible": True,
        "contact_name": owner.name,
        "contact_phone": "0574-0000 0000",
        "contact_email": owner.email,
    }


def submit(application: Application, client: Client) -> Application:
    """Attach the manual when it is missing, and send the application."""
    actor = actor_in(client.owner, client.organisation)
    application = fresh(application)
    if application.is_editable and not application.number:
        upload = paper("manual", f"Management manual (specimen) {client.works.name_en}")
        application_attach(
            application=application, actor=actor, kind=DocumentKind.MANUAL, given=upload
        )
    return do(application, "submit", actor, declared=True)


# The body


def begin_review(application: Application, desk: Desk) -> Application:
    """The reviewer takes the application in hand."""
    actor = actor_in(desk.reviewer, desk.organisation)
    return do(application, "start_review", actor, no_conflict=True)


def give_back(application: Application, desk: Desk) -> Application:
    """Ask for two things in one request."""
    actor = actor_in(desk.reviewer, desk.organisation)
    review.ask(
        application=application,
        field="outsourced",
        reason="请说明热处理和表面处理是否外包。",
        actor=actor,
    )
    review.ask(
        application=application,
        field="legal_obligations",
        reason="请补充排污许可信息。",
        actor=actor,
    )
    return do(application, "return", actor)


def complete(application: Application, client: Client) -> Application:
    """Answer the request and send the application again."""
    actor = actor_in(client.owner, client.organisation)
    application_answer(
        application=fresh(application),
        actor=actor,
        answers={
            "outsourced": "热处理外包给具备资质的协作单位，按外部供方控制。",
            "legal_obligations": "产品质量法、安全生产法、环境保护法；排污许可证在有效期内。",
        },
    )
    return do(application, "submit", actor, declared=True)


def accept(application: Application, desk: Desk) -> Application:
    """Compute the audit time, judge every point and accept."""
    actor = actor_in(desk.reviewer, desk.organisation)
    application = fresh(application)
    do(application, "set_time", actor, inputs=time_inputs(application))
    judge_all(application, actor)
    return do(
        application, "accept", actor, justification="信息充分，能力与时间可满足，无公正性风险。"
    )


def ask_less_time(application: Application, desk: Desk) -> Application:
    """Compute an audit time below the tables, which a second person has to approve."""
    actor = actor_in(desk.reviewer, desk.organisation)
    inputs = time_inputs(fresh(application), reduced=True)
    return do(application, "set_time", actor, inputs=inputs)


def time_inputs(application: Application, *, reduced: bool = False) -> dict:
    """Return what the audit time is computed from, with a middling category where one is asked.

    A ``reduced`` one takes a tenth off for a mature system.
    """
    inputs = audit_time.starting_inputs(application)
    for row in inputs["schemes"]:
        choices = [key for key, _title in Scheme.objects.get(code=row["code"]).category_choices]
        if choices:
            row["category"] = _MEDIUM if _MEDIUM in choices else choices[0]
        if reduced:
            row["factors"] = [{"key": "mature-system", "percent": "-10", "reason": _MATURE}]
    return inputs


def judge_all(application: Application, actor) -> None:
    """Find every point of the review met."""
    for criterion in review.criteria_of(application):
        review.judge(
            application=application,
            criterion=criterion,
            verdict=Verdict.MET,
            note="",
            actor=actor,
        )


def offer(application: Application, desk: Desk) -> Application:
    """Offer with three fee lines; the document is rendered by its job."""
    actor = actor_in(desk.manager, desk.organisation)
    return do(application, "offer", actor, **offer_facts(fresh(application)))


def offer_facts(application: Application) -> dict:
    """Return the facts of the usual offer: fee lines, validity, terms."""
    lines = [
        offers.FeeLine(
            zh=line["zh"],
            en=line["en"],
            quantity=Decimal(line["quantity"] or 1),
            unit_price=FEE_PER_DAY if "Audit" in line["en"] else Decimal(2000),
        )
        for line in offers.usual_lines(application)
    ]
    return {
        "lines": lines,
        "valid_until": offers.valid_until(application),
        "currency": "CNY",
        "terms": "审核费用按人日计算，差旅费据实结算。",
    }


def sign(application: Application, client: Client) -> Case:
    """The owner signs the document that was made."""
    actor = actor_in(client.owner, client.organisation)
    made = current_offer(fresh(application))
    done = do(
        application, "sign", actor, name=client.owner.name, sha256=made.file.sha256, address=None
    )
    return done.case


# Audits


def plan(case: Case, desk: Desk, kind: str, team: list, *, in_days: int = 12) -> Audit:
    """Plan an audit with a team; members declare their interests, a timetable is suggested."""
    actor = actor_in(desk.planner, desk.organisation)
    item = ProgrammeItem.objects.get(case=case, cycle=fresh(case).cycle, kind=kind)
    audit = planning.start_planning(item, actor)
    length = max(int((audit.days / Decimal(len(team))).to_integral_value("ROUND_CEILING")), 1)
    first = add_working_days(timezone.localdate(), in_days)
    while not _set_dates(audit, actor, (first, add_working_days(first, length - 1)), team):
        first = add_working_days(first, 1)
    for n, user in enumerate(team):
        role = TeamRole.AUDITOR if n else TeamRole.LEAD
        planning.add_member(audit=audit, actor=actor, user=user, role=role)
    for user in team:
        do(audit, "declare", actor_in(user, desk.organisation), no_conflict=True)
    timetable.save_timetable(audit=fresh(audit), actor=actor, lines=timetable.suggest(fresh(audit)))
    return fresh(audit)


def _set_dates(audit, actor, dates, team) -> bool:
    """Set the dates; tell whether the whole team is free on them."""
    first, last = dates
    outside = not _in_window(audit.programme_item, first, last)
    planning.change_planning(
        audit=audit,
        actor=actor,
        starts_on=first,
        ends_on=last,
        mode=Mode.ON_SITE,
        days_planned=audit.days,
        date_reason="按双方约定的日期安排。" if outside else "",
    )
    bench = Bench(fresh(audit), team)
    return not any(bench.standing(user).reasons for user in team)


def _in_window(item, first, last) -> bool:
    early = item.window_from and first < item.window_from
    late = item.window_to and last > item.window_to
    return not (early or late)


def ask_fewer_days(audit: Audit, desk: Desk) -> Audit:
    """Plan half a day less than was computed, which a second person has to approve."""
    actor = actor_in(desk.planner, desk.organisation)
    planning.change_planning(
        audit=audit,
        actor=actor,
        days_planned=audit.days - Decimal("0.5"),
        days_reason="一条生产线检修停产，对应过程下次审核。",
    )
    return do(audit, "ask_fewer_days", actor)


def propose(audit: Audit, desk: Desk) -> Audit:
    return do(audit, "propose", actor_in(desk.planner, desk.organisation))


def confirm(audit: Audit, client: Client) -> Audit:
    return do(audit, "confirm", actor_in(client.owner, client.organisation))


def object_to(audit: Audit, client: Client) -> Audit:
    actor = actor_in(client.owner, client.organisation)
    return do(audit, "object", actor, reason="当周为设备大修，请改期。")


def meeting(audit: Audit, host: str) -> dict:
    """Return who is at a meeting, ``host`` among them, and where it is held."""
    site = audit.sites.first()
    return {
        "team": list(audit.members.select_related("user")),
        "others": [(host, "总经理"), ("质量负责人", "管理者代表")],
        "latitude": site.latitude,
        "longitude": site.longitude,
        "accuracy_m": 20,
        "device_time": timezone.now(),
    }


def open_audit(audit: Audit, desk: Desk, client: Client) -> Audit:
    actor = actor_in(audit.lead, desk.organisation)
    return do(audit, "open", actor, **meeting(audit, client.owner.name))


def ask_extension(finding: Finding, client: Client) -> Finding:
    actor = actor_in(client.owner, client.organisation)
    return do(
        finding,
        "ask_extension",
        actor,
        proposed_on=fresh(finding).due_on + timedelta(days=10),
        reason="校准机构排期延后，需等待新的检定证书。",
    )


FINDINGS = {
    Grade.MINOR: (
        "7.1.5",
        "三坐标测量机校准超期12天",
        "测量资源须在规定周期内校准。",
        "质检室三坐标测量机未按周期校准仍在使用。",
        "设备编号 CMM-03，校准标签有效期已过12天；当日有3份检验记录使用该设备。",
    ),
    Grade.MAJOR: (
        "9.2",
        "内部审核未覆盖二厂",
        "内部审核应覆盖体系的全部过程和场所。",
        "本年度内部审核方案和记录未包含二厂。",
        "内审计划 2号文件与内审报告均只列总部；与二厂厂长面谈确认未接受内审。",
    ),
    Grade.OPPORTUNITY: (
        "7.5",
        "作业指导书版本标识可更醒目",
        "",
        "现场作业指导书版本号字号较小。",
        "装配二班工位卡。",
    ),
}


def note(audit: Audit, desk: Desk, grade: str) -> Finding:
    """The leader notes a finding against a clause of the first standard."""
    actor = actor_in(audit.lead, desk.organisation)
    return finding_services.note_finding(
        audit=fresh(audit), actor=actor, **finding_facts(audit, grade)
    )


def finding_facts(audit: Audit, grade: str) -> dict:
    """Return the words of a finding against a clause of the first standard of an audit."""
    number, title, requirement, statement, evidence = FINDINGS[grade]
    edition = audit.editions.order_by("scheme__position").first()
    clauses = Clause.objects.filter(edition=edition)
    clause = clauses.filter(number=number).first() or clauses.filter(number="9.2").first()
    return {
        "grade": grade,
        "clause": clause,
        "department": "质量部",
        "title": title,
        "requirement": requirement,
        "statement": statement,
        "evidence": evidence,
    }


def close_meeting(audit: Audit, desk: Desk, client: Client) -> Audit:
    actor = actor_in(audit.lead, desk.organisation)
    return do(audit, "close_meeting", actor, **meeting(audit, client.owner.name))


def write_report(audit: Audit, desk: Desk, recommendation: str) -> Audit:
    """Fill every part of the report and submit it."""
    actor = actor_in(audit.lead, desk.organisation)
    words = REPORT | {"recommendation": recommendation}
    reports.save_report(audit=fresh(audit), actor=actor, **words)
    return do(audit, "submit_report", actor)


REPORT = {
    "summary": "审核组按计划完成全部过程和场所的审核，体系文件与运行基本一致。",
    "concerns": "检定计划的执行需在下一阶段关注。",
    "deviations": "无",
    "not_audited": "检查表以纸质方式记录，未逐项录入。",
    "issues": "无重大问题。",
    "changes": "组织机构与范围无变化。",
    "previous_findings": "上次不符合的纠正措施有效。",
    "marks_controlled": "yes",
    "unresolved": "无",
    "conforms": "yes",
    "effective": "yes",
    "scope_fits": "yes",
    "objectives_met": "yes",
    "internal_audit_ok": "yes",
}


def accept_report(audit: Audit, desk: Desk) -> Audit:
    return do(audit, "accept_report", actor_in(desk.reviewer, desk.organisation))


def return_report(audit: Audit, desk: Desk) -> Audit:
    actor = actor_in(desk.reviewer, desk.organisation)
    return do(audit, "return_report", actor, reason="请补充二厂的审核证据。")


# Findings


ANSWER = {
    "containment": "停用该设备并追溯受影响产品。",
    "root_cause": "校准计划由个人台账管理，人员调岗后未交接。",
    "correction": "已送检校准并复检三批产品，结果合格。",
    "corrective_action": "将校准计划纳入系统到期提醒，并列入部门月检。",
}
EVIDENCE = "校准证书、复检记录和系统提醒截图。"


def answer(finding: Finding, client: Client) -> Finding:
    actor = actor_in(client.owner, client.organisation)
    done_by = timezone.localdate() + timedelta(days=14)
    finding_services.save_answer(finding=fresh(finding), actor=actor, **ANSWER, done_by=done_by)
    return do(finding, "answer", actor)


def judge_plan(finding: Finding, desk: Desk, *, good: bool = True) -> Finding:
    actor = actor_in(finding.audit.lead, desk.organisation)
    if good:
        return do(finding, "accept_plan", actor)
    return do(finding, "reject_plan", actor, reason="原因分析未触及根本原因，请重新分析。")


def send_evidence(finding: Finding, client: Client) -> Finding:
    actor = actor_in(client.owner, client.organisation)
    finding_services.save_answer(
        finding=fresh(finding),
        actor=actor,
        evidence_note=EVIDENCE,
    )
    return do(finding, "submit_evidence", actor)


def judge_evidence(finding: Finding, desk: Desk, *, good: bool = True) -> Finding:
    actor = actor_in(finding.audit.lead, desk.organisation)
    if good:
        return do(finding, "verify", actor)
    return do(finding, "reject_evidence", actor, reason="缺少二季度的复检记录。")


# Decisions and after


def decide(case: Case, desk: Desk, kind: str) -> Case:
    reasons = {
        "grant": "审核证据充分，不符合已关闭，同意颁发认证证书。",
        "refuse": "体系运行不能证明符合要求，不予认证。",
        "maintain": "监督审核结果满意，同意保持认证。",
        "renew": "再认证审核结果满意，同意换发证书。",
    }
    actor = actor_in(desk.certifier, desk.organisation)
    return do(case, kind, actor, reason=reasons[kind])


def change(certificate: Certificate, desk: Desk, action: str, **facts) -> Certificate:
    actor = actor_in(desk.certifier, desk.organisation)
    return do(certificate, action, actor, **facts)


def ask_cancellation(certificate: Certificate, client: Client) -> Certificate:
    actor = actor_in(client.owner, client.organisation)
    return do(certificate, "request_cancellation", actor, reason="公司业务调整，不再需要该证书。")


_COMMENTS = ("审核员专业，沟通顺畅。", "流程清楚，每一步都看得到。", "")
_turns = count()


def rate(case: Case, client: Client) -> list[Evaluation]:
    """Answer every rating that is asked for; mostly good, sometimes less so."""
    actor = actor_in(client.owner, client.organisation)
    rated = []
    for row in Evaluation.objects.filter(case=case, given_at=None):
        turn = next(_turns)
        ratings = {d.value: 5 - (turn + n) % 3 % 2 for n, d in enumerate(dimensions_of(row.moment))}
        comment = _COMMENTS[turn % len(_COMMENTS)]
        rated.append(do(row, "give", actor, ratings=ratings, comment=comment))
    return rated
