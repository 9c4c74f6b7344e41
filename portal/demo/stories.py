"""The stories of the demonstration: each enterprise's way, as far as it has come.

A story is a generator that acts through the services and yields the working days (or the date)
it waits before it goes on; what it has not reached at the end of the play stays as it is.
"""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from audits.enums import Grade
from certification.enums import AuditKind, Cause, CertificateStatus, Recommendation
from certification.models import Certificate
from certification.services.periods import suspension_ends_by
from portal.demo import acts, mergers
from portal.demo.checklists import fill_checklist
from portal.demo.parties import Client, Desk
from portal.demo.turns import transfer_applied
from portal.demo.turns import turns as turns_of


class EndOfStory(Exception):  # noqa: N818 -- an end, not an error
    """The story has come as far as it was to come."""


Wait = Generator[int | date, Any, Any]


@dataclass
class Play:
    """Who takes part in one story, and how many people audit."""

    client: Client
    desk: Desk
    turn: int = 0

    @property
    def team(self) -> list:
        """Two people of the body: a leader and another auditor, in rotation."""
        leads, others = self.desk.auditors[::2], self.desk.auditors[1::2]
        return [leads[self.turn % len(leads)], others[self.turn % len(others)]]


def rest(until: str, state: str) -> None:
    """End the story when it was to come as far as this state and no further."""
    if until == state:
        raise EndOfStory


def _end(obj, action: str, user, organisation, **facts) -> None:
    """Take the last act of a story and end it."""
    acts.do(obj, action, acts.actor_in(user, organisation), **facts)
    raise EndOfStory


def apply(play: Play, until: str = "signed", schemes=None) -> Wait:
    """From the draft to a signed contract, or to the state it stops in. Returns the case."""
    client, desk = play.client, play.desk
    application = acts.start(client, desk, schemes=schemes)
    rest(until, "draft")
    yield 1
    if until == "cancelled":
        _end(application, "cancel", client.owner, client.organisation)
    acts.submit(application, client)
    rest(until, "submitted")
    yield 2
    acts.begin_review(application, desk)
    rest(until, "in_review")
    yield 1
    if until == "time_waits":
        acts.ask_less_time(application, desk)
        raise EndOfStory
    if until in ("returned", "resubmitted"):
        yield from _completion(play, application, until)
    if until == "declined":
        reason = "本机构在该专业范围内暂无足够的审核能力。"
        _end(application, "decline", desk.reviewer, desk.organisation, reason=reason)
    acts.accept(application, desk)
    rest(until, "accepted")
    yield 1
    acts.offer(application, desk)
    rest(until, "offered")
    yield 3
    if until == "rejected":
        reason = "预算调整，本年度暂不认证。"
        _end(application, "reject", client.owner, client.organisation, reason=reason)
    return acts.sign(application, client)


def _completion(play: Play, application, until: str) -> Wait:
    acts.give_back(application, play.desk)
    rest(until, "returned")
    yield 2
    acts.complete(application, play.client)
    yield 1
    acts.begin_review(application, play.desk)
    yield 1


# Where somebody looks at the checklist while it is of use.
CHECKED = ("in_progress", "reporting", "reported", "returned")
STOPS = ("planned", "proposed", "objected", "confirmed", "in_progress", "reporting", "reported")


def audit(play: Play, case, kind: str, *, until="", grades=(), recommendation="") -> Wait:
    """One audit from its planning to the accepted report, or to the state it stops in.

    Returns the audit.
    """
    client, desk = play.client, play.desk
    held = acts.plan(case, desk, kind, play.team)
    rest(until, "planned")
    if until == "days_wait":
        acts.ask_fewer_days(held, desk)
        raise EndOfStory
    acts.propose(held, desk)
    rest(until, "proposed")
    yield 1
    if until == "objected":
        acts.object_to(held, client)
        raise EndOfStory
    if until == "cancelled":
        reason = "企业停产检修，另行安排。"
        _end(held, "cancel", desk.planner, desk.organisation, reason=reason)
    acts.confirm(held, client)
    rest(until, "confirmed")
    yield acts.fresh(held).starts_on
    acts.open_audit(held, desk, client)
    for grade in grades:
        acts.note(held, desk, grade)
    if until in CHECKED:
        fill_checklist(held, desk, every=until != "in_progress")
    rest(until, "in_progress")
    if until == "aborted":
        reason = "现场发生安全事故，审核无法继续。"
        _end(held, "abort", held.lead, desk.organisation, reason=reason)
    yield acts.fresh(held).ends_on
    acts.close_meeting(held, desk, client)
    rest(until, "reporting")
    yield 1
    acts.write_report(held, desk, recommendation or _proposal(kind, grades))
    rest(until, "reported")
    yield 2
    if until == "returned":
        acts.return_report(held, desk)
        raise EndOfStory
    acts.accept_report(held, desk)
    return acts.fresh(held)


def _proposal(kind: str, grades) -> str:
    if kind == AuditKind.STAGE_1:
        return Recommendation.READY
    return Recommendation.CONDITIONAL if Grade.MAJOR in grades else Recommendation.CERTIFY


def correct(play: Play, held, *, until="") -> Wait:
    """Answer every nonconformity of an audit up to the verified end; may stop before."""
    client, desk = play.client, play.desk
    rest(until, "open")
    for finding in [f for f in held.findings.order_by("number") if f.is_nonconformity]:
        yield 3
        acts.answer(finding, client)
        rest(until, "answered")
        yield 2
        if until in ("plan_rejected", "second_round"):
            acts.judge_plan(finding, desk, good=False)
            rest(until, "plan_rejected")
            yield 3
            acts.answer(finding, client)
            yield 2
        acts.judge_plan(finding, desk)
        if until == "plan_accepted":
            acts.ask_extension(finding, client)
        rest(until, "plan_accepted")
        yield 5
        acts.send_evidence(finding, client)
        rest(until, "evidence")
        yield 2
        acts.judge_evidence(finding, desk, good=until != "evidence_rejected")
        rest(until, "evidence_rejected")


def certify(play: Play, *, schemes=None, grades=(), rounds="") -> Wait:
    """The whole way to the certificate. Returns the case."""
    case = yield from apply(play, schemes=schemes)
    yield 3
    yield from audit(play, case, AuditKind.STAGE_1)
    yield 3
    held = yield from audit(play, case, AuditKind.STAGE_2, grades=grades)
    yield from correct(play, held, until=rounds)
    yield 4
    acts.decide(case, play.desk, "grant")
    yield 3
    acts.rate(case, play.client)
    return case


def surveillance(
    play: Play, case, kind: str = AuditKind.SURVEILLANCE_1, grades=(), until=""
) -> Wait:
    """A surveillance audit ten months after the decision, and the decision to maintain."""
    start = acts.fresh(case).cycle_starts_on
    later = 300 if kind == AuditKind.SURVEILLANCE_1 else 630
    yield start + timedelta(days=later)
    held = yield from audit(play, case, kind, grades=grades)
    yield from correct(play, held)
    rest(until, "deciding")
    yield 3
    acts.decide(case, play.desk, "maintain")
    yield 3
    acts.rate(case, play.client)


def certificates(case) -> list:
    """Return the certificates of a case, in the order of their schemes."""
    rows = Certificate.objects.filter(case=case, status=CertificateStatus.VALID)
    return list(rows.order_by("scheme__position"))


def change(play: Play, case, action: str, *, after: int = 60, all_of_them=False) -> Wait:
    """Suspend, withdraw, cancel or reduce certificates some working days after their issue."""
    yield after
    desk = play.desk
    for certificate in certificates(case)[: None if all_of_them else 1]:
        if action in ("suspend", "reinstate", "withdraw_after"):
            facts = {
                "cause": Cause.MISUSE,
                "until": suspension_ends_by(certificate),
                "reason": "在产品包装上误用认证标志，责令整改。",
            }
            acts.change(certificate, desk, "suspend", **facts)
        if action == "reinstate":
            yield 20
            acts.change(certificate, desk, "reinstate", reason="误用已纠正并经验证。")
        elif action == "withdraw_after":
            yield 60
            facts = {"cause": Cause.NONCONFORMITY, "reason": "暂停期内未完成整改。"}
            acts.change(certificate, desk, "withdraw", **facts)
        elif action == "cancel":
            acts.ask_cancellation(certificate, play.client)
            yield 2
            acts.change(certificate, desk, "cancel", reason="获证组织申请注销。")
        elif action == "ask_cancellation":
            acts.ask_cancellation(certificate, play.client)
        elif action == "reduce":
            acts.change(
                certificate,
                desk,
                "reduce",
                scope_zh=certificate.scope_zh.split("和", maxsplit=1)[0],
                scope_en=certificate.scope_en.split(" and ", maxsplit=1)[0],
                reason="部分产品停产，缩小认证范围。",
            )


# What becomes of each enterprise


def draft(play: Play, until: str) -> Wait:
    """An application that has come as far as a state and no further."""
    yield from apply(play, until)


def auditing(play: Play, kind: str, until: str, **facts) -> Wait:
    """A case whose stage 1 or stage 2 audit stands in a state."""
    case = yield from apply(play)
    yield 3
    if kind == AuditKind.STAGE_2:
        yield from audit(play, case, AuditKind.STAGE_1)
        yield 3
    yield from audit(play, case, kind, until=until, **facts)


def correcting(play: Play, until: str, grades=(Grade.MINOR, Grade.MAJOR), schemes=None) -> Wait:
    """A case whose nonconformities stand in a state."""
    case = yield from apply(play, schemes=schemes)
    yield 3
    yield from audit(play, case, AuditKind.STAGE_1)
    yield 3
    held = yield from audit(play, case, AuditKind.STAGE_2, grades=grades)
    yield from correct(play, held, until=until)


def refused(play: Play) -> Wait:
    """A case that ends with a refusal."""
    case = yield from refusable(play)
    yield 5
    acts.decide(case, play.desk, "refuse")


def refusable(play: Play) -> Wait:
    """A case whose audit team proposes not to certify. Returns it, ready for the decision."""
    case = yield from apply(play)
    yield 3
    yield from audit(play, case, AuditKind.STAGE_1)
    yield 3
    yield from audit(
        play, case, AuditKind.STAGE_2, grades=(Grade.MAJOR,), recommendation=Recommendation.REFUSE
    )
    return case


def certified(
    play: Play, *, watched=False, until="", then=None, turns=(), after=0, **facts
) -> Wait:
    """A certified enterprise, watched in its first year or not, and what happened then."""
    case = yield from certify(play, **facts)
    if watched:
        yield from surveillance(play, case, until=until)
    if then is not None:
        yield from change(play, case, **then)
    if turns:
        yield after
        yield from turns_of(play, case, *turns)


def moving(play: Play, other: Desk, *, after: int = 20) -> Wait:
    """A certified enterprise that applies to another body for a transfer."""
    case = yield from certify(play)
    yield after
    transfer_applied(certificates(case)[0], play.client, other)


def merging(play: Play, other: Client, on: date, until: str = "") -> Wait:
    """A certified enterprise goes up in another one, or is on its way there."""
    case = yield from certify(play)
    yield on
    merger = mergers.reported(play.client, other)
    rest(until, "proposed")
    yield 2
    change = mergers.confirmed(merger, case, other)
    rest(until, "agreed")
    yield 2
    mergers.handed_over(change, play.desk)
    rest(until, "handed_over")
    yield 2
    mergers.carried_over(change, play.desk)
