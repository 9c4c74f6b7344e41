"""The life of a certificate (ISO/IEC 17021-1:2015 9.6.5): what may happen to it, and what follows.

Every act of a certifier is a decision with its own row; every change of state is public at once.
"""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    IN_FORCE,
    OPEN_CHANGES,
    Cause,
    CertificateStatus,
    ChangeKind,
    DecisionKind,
    ProposalStatus,
)
from certification.flows import changes
from certification.flows.cases import CASE_FLOW
from certification.flows.guards import approval_covers_it, nothing_is_being_issued
from certification.flows.impartiality import decides_impartially
from certification.flows.proposals import settle
from certification.flows.suspensions import PLAN_REINSTATEMENT, cause_is_gone, resolved
from certification.models import Certificate, CertificateEvent
from certification.rights import CANCELLATION_ASKER, CANCELLATION_RETRACTER, DECIDER
from certification.services import issuing, transfers
from certification.services.certificate_content import problems
from certification.services.decisions import decide
from certification.services.periods import may_be_restored, suspension_ends_by
from certification.services.telling import tell_body, tell_holder
from foundation import timeline
from foundation.access import IS_SYSTEM
from foundation.actor import SYSTEM
from foundation.formatting import day
from foundation.notices import in_both
from foundation.workflow import REASON, SAME, Blocker, Flow, Transition, perform
from organisations.enums import Role

_S = CertificateStatus

SUSPENSION_CAUSES = (
    Cause.SURVEILLANCE_OVERDUE,
    Cause.NONCONFORMITY,
    Cause.MISUSE,
    Cause.OBLIGATIONS,
    Cause.LAW,
    Cause.INCIDENT,
    Cause.CLIENT,
    Cause.APPROVAL,
)
WITHDRAWAL_CAUSES = (
    Cause.NONCONFORMITY,
    Cause.SURVEILLANCE_OVERDUE,
    Cause.MISUSE,
    Cause.OBLIGATIONS,
    Cause.LAW,
    Cause.INCIDENT,
    Cause.APPROVAL,
)


def _until_is_in_range(certificate, actor, data):
    """A suspension lasts some months at most, by rule data (9.6.5)."""
    until = (data or {}).get("until")
    if until is None:
        return
    if until <= timezone.localdate():
        yield Blocker(_("The suspension must end after today."), field="until")
    latest = suspension_ends_by(certificate)
    if until > latest:
        yield Blocker(
            _("The suspension may last until %(date)s at most.") % {"date": day(latest)},
            field="until",
        )


def _cause_is_among(causes):
    def guard(certificate, actor, data):
        if data and data.get("cause") and data["cause"] not in causes:
            yield Blocker(_("This cause does not fit this decision."), field="cause")

    return guard


def _is_still_proposed(certificate, actor, data):
    """Nobody dismissed the proposal since the night began to work through its list."""
    proposal = (data or {}).get("proposal")
    rows = certificate.proposals.select_for_update().filter(status=ProposalStatus.OPEN)
    if proposal is None or not rows.filter(pk=proposal.pk).exists():
        yield Blocker(_("It is not proposed any more."))


def _is_not_expired(certificate, actor, data):
    if certificate.expires_on < timezone.localdate():
        yield Blocker(_("The validity of the certificate has ended."))


def _printable(names):
    """Return the guard that lets only text pass which a certificate can show."""

    def guard(certificate, actor, data):
        if not data:
            return
        content = issuing.last_revision(certificate).content
        changed = content | {name: data[name] for name in names if name in data}
        changed["holder"] = content["holder"] | data.get("holder", {})
        if changed == content:
            yield Blocker(_("Nothing would change."))
        for problem in problems(changed):
            yield Blocker(problem)

    return guard


def _event(certificate, before, cause, *, revision=None, until=None):
    CertificateEvent.objects.create(
        certificate=certificate,
        on=timezone.localdate(),
        before=before,
        after=certificate.status,
        cause=cause,
        revision=revision,
        until=until,
    )


def _decide(certificate, kind, actor, reason, cause):
    return decide(
        case=certificate.case,
        kind=kind,
        actor=actor,
        reason=reason,
        certificate=certificate,
        cause=cause,
    )


def end_case_without_certificates(case):
    """End a case when none of its certificates is, or can come, in force again."""
    left = [*IN_FORCE, _S.ISSUING]
    if case.certificates.filter(status__in=left).exists():
        return
    expired_ones = case.certificates.filter(status=_S.EXPIRED)
    if any(may_be_restored(case, row.expires_on) for row in expired_ones):
        return
    status = CASE_FLOW.status_of(case)
    if status in CASE_FLOW.transition("end").sources:
        perform(CASE_FLOW, case, "end", SYSTEM)
        changes.ended(case)


def issued(certificate, actor, revision, **data):
    _event(certificate, "", Cause.ISSUE, revision=revision)
    tell_holder("certificate.issued", certificate)


def suspended(certificate, actor, cause, until, reason, **data):
    _decide(certificate, DecisionKind.SUSPEND, actor, reason, cause)
    _event(certificate, _S.VALID, cause, until=until)
    tell_holder("certificate.suspended", certificate, reason=reason, **in_both("until", day, until))
    settle(certificate, DecisionKind.SUSPEND)
    return {"cause": cause, "until": until.isoformat()}


def suspended_by_rule(certificate, actor, cause, until, proposal, **data):
    """The rule itself suspends, so nobody's decision is kept; the proposal keeps the facts."""
    _event(certificate, _S.VALID, cause, until=until)
    reason = in_both("reason", lambda row: row.why, proposal)
    tell_holder("certificate.suspended", certificate, **reason, **in_both("until", day, until))
    settle(certificate, DecisionKind.SUSPEND)
    return {"cause": cause, "until": until.isoformat()}


def reinstated(certificate, actor, reason, **data):
    resolved(certificate)
    _decide(certificate, DecisionKind.REINSTATE, actor, reason, Cause.RESOLVED)
    _event(certificate, _S.SUSPENDED, Cause.RESOLVED)
    tell_holder("certificate.reinstated", certificate, reason=reason)
    settle(certificate)


def withdrawn(certificate, actor, cause, reason, **data):
    before = _before(certificate)
    _decide(certificate, DecisionKind.WITHDRAW, actor, reason, cause)
    _event(certificate, before, cause)
    tell_holder("certificate.withdrawn", certificate, reason=reason)
    changes.certificate_changed(certificate)
    end_case_without_certificates(certificate.case)
    settle(certificate, DecisionKind.WITHDRAW)
    return {"cause": cause}


def cancelled(certificate, actor, reason, **data):
    before = _before(certificate)
    cause = _cause_of_cancellation(certificate)
    _decide(certificate, DecisionKind.CANCEL, actor, reason, cause)
    _event(certificate, before, cause)
    tell_holder("certificate.cancelled", certificate, reason=reason)
    changes.certificate_changed(certificate)
    end_case_without_certificates(certificate.case)
    settle(certificate, DecisionKind.CANCEL)


def _cause_of_cancellation(certificate):
    if certificate.transferred_on:
        return Cause.TRANSFER
    merging = certificate.case.changes.filter(kind=ChangeKind.MERGER, status__in=OPEN_CHANGES)
    return Cause.MERGER if merging.exists() else Cause.CLIENT


def cancellation_requested(certificate, actor, reason, **data):
    tell_body(
        "certificate.cancellation_requested",
        certificate,
        Role.CERTIFIER,
        Role.MANAGER,
        reason=reason,
    )


def reduced(certificate, actor, reason, **data):
    altered = {name: data[name] for name in ("scope_zh", "scope_en", "sites") if name in data}
    decision = _decide(certificate, DecisionKind.REDUCE, actor, reason, Cause.SCOPE)
    revision = issuing.supersede(
        certificate=certificate, cause=Cause.SCOPE, decision=decision, actor=actor, **altered
    )
    certificate.scope_zh = revision.content["scope_zh"]
    certificate.scope_en = revision.content["scope_en"]
    certificate.is_reduced = True
    certificate.save(update_fields=["scope_zh", "scope_en", "is_reduced", "changed_at"])
    _event(certificate, certificate.status, Cause.SCOPE, revision=revision.revision)
    tell_holder("certificate.reduced", certificate, reason=reason)
    changes.certificate_changed(certificate)
    return {"revision": revision.revision}


def corrected(certificate, actor, reason, **data):
    names = ("holder", "scope_zh", "scope_en")
    altered = {name: data[name] for name in names if name in data}
    decision = _decide(certificate, DecisionKind.CORRECT, actor, reason, Cause.CORRECTION)
    revision = issuing.supersede(
        certificate=certificate, cause=Cause.CORRECTION, decision=decision, actor=actor, **altered
    )
    changes.certificate_changed(certificate)
    return {"revision": revision.revision}


def expired(certificate, actor, **data):
    _event(certificate, _before(certificate), Cause.EXPIRY)
    tell_holder("certificate.expired", certificate, **in_both("date", day, certificate.expires_on))
    changes.certificate_changed(certificate)
    end_case_without_certificates(certificate.case)
    settle(certificate)


def restored(certificate, actor, revision, **data):
    _event(certificate, _S.EXPIRED, Cause.RENEWAL, revision=revision)
    tell_holder("certificate.restored", certificate)


def _before(certificate):
    """Return the state before this transition: that of the last event."""
    last = certificate.events.order_by("-on", "-created_at").first()
    return last.after if last is not None else ""


timeline.register(transfers.TRANSFERRED, _("Certification taken over by another body"))

CERTIFICATE_FLOW = Flow(
    name="certificate",
    title=_("Certificate"),
    model=Certificate,
    states=_S,
    tags={
        _S.ISSUING: "waiting",
        _S.VALID: "valid",
        _S.SUSPENDED: "suspended",
        _S.WITHDRAWN: "withdrawn",
        _S.CANCELLED: "cancelled",
        _S.EXPIRED: "expired",
    },
    related=("case", "enterprise", "body", "edition"),
    asked=("case__involvements",),
    transitions=(
        Transition(
            action="issue",
            sources=(_S.ISSUING,),
            target=_S.VALID,
            right=IS_SYSTEM,
            title=_("Issue the certificate"),
            past=_("Certificate issued"),
            effect=issued,
        ),
        Transition(
            action="request_cancellation",
            sources=IN_FORCE,
            target=SAME,
            right=CANCELLATION_ASKER,
            title=_("Ask for cancellation"),
            past=_("Cancellation of the certificate asked for"),
            requires=(REASON,),
            columns=lambda certificate, actor, reason, **data: {
                "cancellation_requested_at": timezone.now(),
                "cancellation_reason": reason,
            },
            effect=cancellation_requested,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_(
                "You ask the certification body to cancel this certificate at your own wish. "
                "Its status does not change until the body decides."
            ),
            done_text=_(
                "Your request is sent. "
                "The status of the certificate does not change until the body decides."
            ),
        ),
        Transition(
            action="retract_cancellation",
            sources=IN_FORCE,
            target=SAME,
            right=CANCELLATION_RETRACTER,
            title=_("Take the request back"),
            past=_("Request for cancellation taken back"),
            columns=lambda certificate, actor, **data: {
                "cancellation_requested_at": None,
                "cancellation_reason": "",
            },
            awaited=False,
            explain=_("The certificate stays as it is."),
        ),
        Transition(
            action="suspend",
            sources=(_S.VALID,),
            target=_S.SUSPENDED,
            right=DECIDER,
            title=_("Suspend the certificate"),
            past=_("Certificate suspended"),
            guards=(
                decides_impartially,
                _until_is_in_range,
                _cause_is_among(SUSPENSION_CAUSES),
            ),
            requires=("cause", "until", REASON),
            columns=lambda certificate, actor, until, **data: {"suspended_until": until},
            effect=suspended,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_("The certification is temporarily invalid and must not be used or shown."),
            done_text=_("The certificate is suspended. The public page says so now."),
        ),
        Transition(
            action="suspend_by_rule",
            sources=(_S.VALID,),
            target=_S.SUSPENDED,
            right=IS_SYSTEM,
            guards=(_is_still_proposed,),
            title=_("Suspend by rule"),
            past=_("Certificate suspended, as the rules have it for a missed surveillance"),
            columns=lambda certificate, actor, until, **data: {"suspended_until": until},
            effect=suspended_by_rule,
            awaited=False,
        ),
        Transition(
            action="reinstate",
            sources=(_S.SUSPENDED,),
            target=_S.VALID,
            right=DECIDER,
            title=_("Reinstate the certificate"),
            past=_("Certificate reinstated"),
            guards=(decides_impartially, _is_not_expired, cause_is_gone, approval_covers_it),
            requires=(REASON,),
            columns=lambda certificate, actor, **data: {"suspended_until": None},
            effect=reinstated,
            serious=True,
            confirmed=True,
            explain=_("The cause of the suspension is resolved and verified."),
            done_text=_("The certificate is valid again. The public page says so now."),
        ),
        PLAN_REINSTATEMENT,
        Transition(
            action="reduce",
            sources=IN_FORCE,
            target=SAME,
            right=DECIDER,
            title=_("Reduce the scope"),
            past=_("Scope of the certificate reduced"),
            guards=(
                decides_impartially,
                nothing_is_being_issued,
                _printable(("scope_zh", "scope_en", "sites")),
            ),
            requires=(REASON,),
            effect=reduced,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_("Part of the scope is no longer certified; the rest stays in force."),
            done_text=_("The scope is reduced. A new revision is being made."),
        ),
        Transition(
            action="correct",
            sources=IN_FORCE,
            target=SAME,
            right=DECIDER,
            title=_("Correct name, address or wording"),
            past=_("Facts on the certificate corrected"),
            guards=(
                decides_impartially,
                nothing_is_being_issued,
                _printable(("holder", "scope_zh", "scope_en")),
            ),
            requires=(REASON,),
            effect=corrected,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_(
                "The certificate gets a new revision under the same number. What is certified "
                "does not change."
            ),
            done_text=_("A new revision is being made. The present one stays until it is issued."),
        ),
        Transition(
            action="withdraw",
            sources=IN_FORCE,
            target=_S.WITHDRAWN,
            right=DECIDER,
            title=_("Withdraw the certificate"),
            past=_("Certificate withdrawn"),
            guards=(decides_impartially, _cause_is_among(WITHDRAWAL_CAUSES)),
            requires=("cause", REASON),
            columns=lambda certificate, actor, **data: {"suspended_until": None},
            effect=withdrawn,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_("The certificate is taken back for good. This cannot be undone."),
            done_text=_("The certificate is withdrawn. The public page says so now."),
        ),
        Transition(
            action="cancel",
            sources=IN_FORCE,
            target=_S.CANCELLED,
            right=DECIDER,
            title=_("Cancel the certificate"),
            past=_("Certificate cancelled at the holder’s wish"),
            guards=(decides_impartially,),
            requires=(REASON,),
            columns=lambda certificate, actor, **data: {"suspended_until": None},
            effect=cancelled,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_("The certificate ends because the holder wishes so. This cannot be undone."),
            done_text=_("The certificate is cancelled. The public page says so now."),
        ),
        Transition(
            action="expire",
            sources=IN_FORCE,
            target=_S.EXPIRED,
            right=IS_SYSTEM,
            title=_("Expire"),
            past=_("End of validity noted"),
            columns=lambda certificate, actor, **data: {"suspended_until": None},
            effect=expired,
        ),
        Transition(
            action="restore",
            sources=(_S.EXPIRED,),
            target=_S.VALID,
            right=IS_SYSTEM,
            title=_("Restore"),
            past=_("Certificate restored"),
            effect=restored,
        ),
    ),
)
