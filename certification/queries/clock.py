"""The clock of a case: each date with its rule and how it was counted, and whether it was kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from certification import deadlines
from certification.deadlines import Basis, Deadline, Event
from certification.enums import LIVE, AuditKind, CertificateStatus, RevisionStatus
from certification.models import Case, Certificate
from certification.queries.approvals import IN_FORCE
from certification.services import programme
from foundation.formatting import day
from foundation.models.base import in_language
from schemes.queries import book_of
from schemes.rulebook import Limit, RuleBook
from schemes.sources import source_words

_EVENTS = {
    Event.DECISION: gettext_lazy("the decision"),
    Event.ISSUE: gettext_lazy("the issue of the certificate"),
    Event.EFFECT: gettext_lazy("the day it took effect"),
    Event.FIRST_SURVEILLANCE: gettext_lazy("the first surveillance audit"),
    Event.FIRST_SURVEILLANCE_DUE: gettext_lazy("the last day for the first surveillance audit"),
    Event.FORMER_END: gettext_lazy("the end it had before"),
    Event.END: gettext_lazy("the end of the certificate"),
    Event.SUSPENSION: gettext_lazy("the suspension"),
    Event.STAGE_2: gettext_lazy("the last day of stage 2"),
    Event.SHOWN: gettext_lazy("the day it was shown"),
    Event.ACCEPTED: gettext_lazy("the acceptance of the plan"),
    Event.REJECTED: gettext_lazy("the rejection of the answer"),
    Event.ESCALATED: gettext_lazy("the day it became a major nonconformity"),
    Event.EXTENDED: gettext_lazy("the grant of more time"),
    Event.DUE: gettext_lazy("the last day for it"),
    Event.APPROVAL_LOST: gettext_lazy("the end of the body’s approval"),
}


@dataclass(frozen=True)
class Entry:
    """One date of a case: what is due, of which record, who acts, and when it was done."""

    title: Any
    deadline: Deadline
    who: Any = ""
    about: str = ""
    url: str = ""
    met_on: date | None = None

    @property
    def on(self) -> date:
        return self.deadline.on

    @property
    def is_late(self) -> bool:
        """Tell whether it was done after its last day."""
        return self.met_on is not None and self.met_on > self.on

    @property
    def counted(self) -> str:
        """Say how the last day was counted."""
        return words_of(self.deadline)

    @property
    def limit(self) -> Limit | None:
        return self.deadline.limit

    @property
    def rule(self) -> str:
        """The title of the rule; nothing where a person set the day or the rules leave it open."""
        if self.limit is None or self.limit.value is False:
            return ""
        return in_language(self.limit.title_zh, self.limit.title_en)

    @property
    def source(self) -> str:
        """Where the rule stands, in the reader's language."""
        return source_words(self.limit.source) if self.limit else ""


def words_of(deadline: Deadline) -> str:
    """Write the arithmetic of a date: ``12 months after the decision (12 June 2026)``."""
    facts = {
        "period": _period(deadline.limit),
        "event": _EVENTS.get(deadline.event, ""),
        "day": day(deadline.since),
        "year": deadline.on.year,
    }
    if deadline.basis == Basis.BEFORE:
        return (
            _("The audit on site ends before the certificate does")
            if deadline.limit.value
            else _("Decided before the certificate ends")
        )
    patterns = {
        Basis.PERIOD: _("%(period)s after %(event)s (%(day)s)"),
        Basis.SPAN: _("%(period)s from %(event)s (%(day)s), that day included"),
        Basis.AT_MOST: _("At most %(period)s after %(event)s (%(day)s); an earlier day was set"),
        Basis.YEAR: _("Within the calendar year %(year)s, the one after %(event)s (%(day)s)"),
        Basis.SET: _("As promised in the accepted plan"),
    }
    if deadline.basis == Basis.SET and deadline.event == Event.EXTENDED:
        return _("As granted on request (%(day)s)") % facts
    return patterns[deadline.basis] % facts


def _period(limit: Limit | None) -> str:
    """Write a period of the rules; nothing for a rule that is none."""
    if limit is None or isinstance(limit.value, bool) or limit.value is None:
        return ""
    count = int(limit.value)
    patterns = {
        "years": ngettext("%(n)s year", "%(n)s years", count),
        "months": ngettext("%(n)s month", "%(n)s months", count),
        "days": ngettext("%(n)s day", "%(n)s days", count),
        "working_days": ngettext("%(n)s working day", "%(n)s working days", count),
    }
    return patterns[limit.unit] % {"n": count}


def entries_of(case: Case, actor) -> list[Entry]:
    """Return the dates of the programme and of the certificates, as far as the actor sees them."""
    rules = book_of(case.rule_set)
    return [
        *_of_programme(case, actor, rules),
        *_of_stage_2(case, actor, rules),
        *_of_certificates(case, actor, rules),
    ]


def _of_programme(case: Case, actor, rules: RuleBook) -> Iterator[Entry]:
    cycle = programme.cycle_of(case)
    if cycle is None:
        return
    counted = deadlines.programme(rules, cycle)
    held = dict(
        case.outcomes.visible_to(actor)
        .filter(cycle=case.cycle)
        .exclude(last_day=None)
        .values_list("kind", "last_day")
    )
    for item in case.programme.visible_to(actor).filter(cycle=case.cycle):
        if item.kind not in counted:
            continue
        met_on = item.done_on or held.get(item.kind)
        if counted[item.kind].basis == Basis.BEFORE and not counted[item.kind].limit.value:
            met_on = None  # what is due is the decision, and that begins the next cycle
        if met_on or case.status in LIVE:
            yield Entry(
                title=item.get_kind_display(),
                deadline=counted[item.kind],
                who=_("Certification body"),
                met_on=met_on,
            )


def _of_stage_2(case: Case, actor, rules: RuleBook) -> Iterator[Entry]:
    if case.status not in LIVE:
        return
    waiting = case.outcomes.visible_to(actor).filter(
        cycle=case.cycle, kind=AuditKind.STAGE_2, decision=None, open_majors__gt=0
    )
    for outcome in waiting.exclude(last_day=None):
        yield Entry(
            title=_("Major nonconformities verified, or else another stage 2"),
            deadline=deadlines.major_verification(rules, stage_2_on=outcome.last_day),
            who=_("Certification body"),
            about=outcome.facts.get("number", ""),
            url=outcome.url,
        )


def _of_certificates(case: Case, actor, rules: RuleBook) -> Iterator[Entry]:
    rows = case.certificates.visible_to(actor).prefetch_related("revisions", "events")
    for certificate in rows.order_by("number"):
        about = {"about": certificate.number, "url": certificate.get_absolute_url()}
        if certificate.status in IN_FORCE:
            yield Entry(
                title=_("Certificate ends"), deadline=_validity(certificate, rules), **about
            )
        if certificate.transfer_by and certificate.status in IN_FORCE:
            yield Entry(
                title=_("Transferred to another approved body"),
                deadline=deadlines.transfer(
                    rules, since=certificate.transfer_since, expires_on=certificate.expires_on
                ),
                who=_("Enterprise"),
                met_on=certificate.transferred_on,
                **about,
            )
        since = _suspended_on(certificate)
        if certificate.status == CertificateStatus.SUSPENDED and since is not None:
            yield Entry(
                title=_("Suspension ends; reinstated by then, or withdrawn or reduced"),
                deadline=deadlines.suspension(
                    rules,
                    since=since,
                    expires_on=certificate.expires_on,
                    until=certificate.suspended_until,
                ),
                who=_("Certification body"),
                **about,
            )
        if certificate.status == CertificateStatus.EXPIRED and case.status in LIVE:
            found = deadlines.restoration(rules, expired_on=certificate.expires_on)
            if found is not None and found.on >= timezone.localdate():
                yield Entry(
                    title=_("Certificate can be restored until"),
                    deadline=found,
                    who=_("Certification body"),
                    **about,
                )


def _validity(certificate: Certificate, rules: RuleBook) -> Deadline:
    """Count the end of a certificate from its decision, or from the end it had before."""
    ends = []
    for revision in sorted(certificate.revisions.all(), key=lambda row: row.revision):
        if revision.status != RevisionStatus.ISSUING:
            end = date.fromisoformat(revision.content["dates"]["expires_on"])
            if not ends or ends[-1] != end:
                ends.append(end)
    return deadlines.validity(
        rules,
        effective_on=certificate.effective_on,
        expires_on=certificate.expires_on,
        former_end=ends[-2] if len(ends) > 1 else None,
    )


def _suspended_on(certificate: Certificate) -> date | None:
    """Return the day of the last suspension; changes during it begin no other one."""
    suspended = CertificateStatus.SUSPENDED
    return max(
        (
            event.on
            for event in certificate.events.all()
            if event.after == suspended and event.before != suspended
        ),
        default=None,
    )
