"""Turns of a certification in the demonstration: changes reported, audits besides the usual."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from certification.enums import (
    AuditKind,
    ChangeKind,
    DocumentKind,
    PreviousStatus,
    SpecialPurpose,
)
from certification.flows.cases import CASE_FLOW
from certification.models import Application, Case, Certificate, ChangeReport
from certification.services.applications import application_answer, application_attach
from certification.services.changes import report
from foundation.workflow import perform
from organisations.actors import actor_in
from portal.demo import acts
from portal.demo.papers import paper
from portal.demo.parties import Client, Desk

_REPORTS = {
    ChangeKind.MANAGEMENT: "质量负责人由张工变更为李工，任命书见公司文件。",
    ChangeKind.SITES: "新增二号车间，位于同一园区，计划安装两条装配线。",
    ChangeKind.HEADCOUNT: "因订单增加，员工人数由 60 人增至 95 人。",
    ChangeKind.SCOPE: "拟在认证范围中增加售后维修服务。",
    ChangeKind.ADDRESS: "注册地址门牌号由市监局统一调整，实际场所未变。",
    ChangeKind.SYSTEM: "管理体系文件全面改版，生产与检验流程合并。",
}
_KIND_OF = {
    "reported": ChangeKind.HEADCOUNT,
    "no_consequence": ChangeKind.MANAGEMENT,
    "ask": ChangeKind.SITES,
    "hand_over": ChangeKind.ADDRESS,
    "printed": ChangeKind.ADDRESS,
    "plan_audit": ChangeKind.SYSTEM,
    "need_application": ChangeKind.SCOPE,
}
_ASSESSED = {
    "no_consequence": "不影响认证范围和审核方案，下次监督审核时核实。",
    "ask": "请说明新车间的投产日期和人员配置。",
    "hand_over": "证书所载地址须更正。",
    "plan_audit": "变更影响体系运行，须安排特殊审核。",
    "need_application": "增加认证范围须提出扩大范围申请。",
}


def window(days: int = 45) -> dict:
    """Return a day of audit within the days to come."""
    today = timezone.localdate()
    return {
        "days": Decimal("1.0"),
        "window_from": today,
        "window_to": today + timedelta(days=days),
    }


def change_reported(case: Case, client: Client, kind: str) -> ChangeReport:
    """The enterprise reports a change."""
    actor = actor_in(client.member or client.owner, client.organisation)
    day = timezone.localdate() - timedelta(days=3)
    return report(
        case=acts.fresh(case),
        actor=actor,
        kind=kind,
        description=_REPORTS[kind],
        takes_effect_on=day,
    )


def change_assessed(change: ChangeReport, desk: Desk, action: str) -> ChangeReport:
    """The desk assesses it, or asks."""
    facts = {"reason": _ASSESSED[action]}
    if action == "hand_over":
        facts["certificates"] = list(change.case.certificates.filter(status="valid"))
    elif action == "plan_audit":
        facts |= window()
    elif action == "need_application":
        facts["application_kind"] = "extension"
    return acts.do(change, action, actor_in(desk.reviewer, desk.organisation), **facts)


def change_printed(change: ChangeReport, desk: Desk) -> None:
    """A certifier corrects what the certificates print."""
    for certificate in change.certificates.all():
        holder = {"address_zh": f"{certificate.enterprise.address_zh}（新门牌）"}
        acts.change(certificate, desk, "correct", holder=holder, reason="注册地址门牌号调整。")


def special_planned(case: Case, desk: Desk, *, short_notice: bool = False) -> None:
    """The planner puts a special audit into the programme."""
    actor = actor_in(desk.planner, desk.organisation)
    perform(
        CASE_FLOW,
        acts.fresh(case),
        "plan_short_notice" if short_notice else "plan_special",
        actor,
        purpose=SpecialPurpose.COMPLAINT if short_notice else SpecialPurpose.VERIFICATION,
        reason="顾客投诉产品一致性，须现场核实。" if short_notice else "验证上次审核的纠正措施。",
        **window(),
    )


def end_of_suspension_planned(certificate: Certificate, desk: Desk) -> None:
    """The planner plans the audit that can end a suspension."""
    actor = actor_in(desk.planner, desk.organisation)
    facts = {"reason": "验证暂停原因是否已消除。", **window(30)}
    acts.do(certificate, "plan_reinstatement", actor, **facts)


def transfer_applied(certificate: Certificate, client: Client, other: Desk) -> Application:
    """The holder applies to another body, which begins the pre-transfer review."""
    application = acts.start(client, other, kind="transfer", schemes=(certificate.scheme.code,))
    actor = actor_in(client.owner, client.organisation)
    answers = {
        "had_certificate": True,
        "previous_number": certificate.number,
        "previous_body": certificate.body.name_zh,
        "previous_expires_on": certificate.expires_on,
        "previous_status": PreviousStatus.VALID,
        "previous_accredited": True,
        "previous_open_majors": False,
        "previous_own_fault": False,
    }
    application_answer(application=application, actor=actor, answers=answers)
    for kind in (DocumentKind.CERTIFICATE, DocumentKind.REPORT):
        given = paper(kind, f"{kind.name.capitalize()} (specimen) {client.works.name_en}")
        application_attach(application=acts.fresh(application), actor=actor, kind=kind, given=given)
    return acts.begin_review(acts.submit(application, client), other)


def turns(play, case: Case, *which: str):
    """Let a certified enterprise take some turns, a few working days apart."""
    client, desk = play.client, play.desk
    for turn in which:
        yield 3
        if turn == "special":
            special_planned(case, desk)
        elif turn == "short_notice":
            special_planned(case, desk, short_notice=True)
            acts.plan(case, desk, AuditKind.SPECIAL, play.team)
        elif turn == "end_of_suspension":
            for certificate in case.certificates.filter(status="suspended"):
                end_of_suspension_planned(certificate, desk)
        else:
            change = change_reported(case, client, _KIND_OF[turn])
            if turn == "reported":
                continue
            yield 2
            change = change_assessed(change, desk, "hand_over" if turn == "printed" else turn)
            if turn == "printed":
                yield 2
                change_printed(change, desk)
