"""What stands in the way of a decision (ISO/IEC 17021-1:2015 9.5.2), each with its cure.

A guard gets (case, actor, data) and yields everything that is missing, linked to its place.
"""

from functools import wraps

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from certification import deadlines
from certification.enums import (
    About,
    ApplicationKind,
    AuditKind,
    CertificateStatus,
    DecisionKind,
    RevisionStatus,
)
from certification.flows.impartiality import decides_impartially
from certification.queries.complaints import open_appeals, upheld_refusal
from certification.services import certificate_content, issuing
from certification.services.decisions import due_decision, pending_outcomes, refused_audits
from certification.services.periods import may_be_restored
from certification.services.programme import first_audits
from certification.services.suspensions import expired_suspended
from certification.services.transfers import minors_without_plan, open_majors, registered
from foundation.formatting import day
from foundation.workflow import Blocker
from organisations.patterns import check_pattern
from schemes.enums import CompetenceRole
from schemes.queries import approvals_in_force, book_of, person_gaps

_LABELS = dict(AuditKind.choices)


def stages_are_done(case, actor, data):
    """Every audit that comes before the first decision was held."""
    held = {outcome.kind for outcome in pending_outcomes(case)}
    for kind in first_audits(case.application):
        if kind not in held:
            yield Blocker(
                _("%(audit)s: not carried out.") % {"audit": _LABELS[kind]},
                case.get_absolute_url(),
            )


def something_was_audited(case, actor, data):
    if not pending_outcomes(case):
        yield Blocker(_("No audit has reported since the last decision."), case.get_absolute_url())


def _of_audits(message):
    """Make of a condition on a reported audit the guard that names each audit it holds for.

    ``message`` takes the audit and what the condition returned, or makes the words for a count.
    """

    def made(condition):
        @wraps(condition)
        def guard(case, actor, data):
            for outcome in pending_outcomes(case):
                found = condition(case, outcome)
                if found:
                    words = {"audit": outcome.get_kind_display(), "count": found}
                    text = message(found) if callable(message) else message
                    yield Blocker(text % words, outcome.url)

        return guard

    return made


@_of_audits(_("%(audit)s: the report is not reviewed."))
def reports_are_reviewed(case, outcome):
    return not outcome.report_reviewed


def majors_are_closed(case, actor, data):
    """No major is open, of whatever audit of the case: a minor may become one after a decision."""
    refused = refused_audits(case)
    for outcome in case.outcomes.all():
        if outcome.open_majors and outcome.audit_id not in refused:
            text = ngettext_lazy(
                "%(audit)s: %(count)d major nonconformity is not verified and closed.",
                "%(audit)s: %(count)d major nonconformities are not verified and closed.",
                outcome.open_majors,
            )
            audit = outcome.get_kind_display()
            if outcome.decision_id:  # each cycle had one of this kind
                audit = f"{audit} {outcome.facts.get('number', '')}".strip()
            words = {"audit": audit, "count": outcome.open_majors}
            yield Blocker(text % words, outcome.url)


@_of_audits(_("%(audit)s: a major nonconformity was not verified in time; another stage 2 is due."))
def majors_are_in_time(case, outcome):
    """A major open half a year after stage 2 asks for another stage 2 (9.5.3.2)."""
    if outcome.kind != AuditKind.STAGE_2 or not outcome.open_majors or outcome.last_day is None:
        return False
    limit = deadlines.major_verification(book_of(case.rule_set), stage_2_on=outcome.last_day)
    return limit.on < timezone.localdate()


@_of_audits(
    lambda count: ngettext_lazy(
        "%(audit)s: %(count)d minor nonconformity has no accepted plan.",
        "%(audit)s: %(count)d minor nonconformities have no accepted plan.",
        count,
    )
)
def minors_have_plans(case, outcome):
    return outcome.minors_without_plan


@_of_audits(
    lambda count: ngettext_lazy(
        "%(audit)s: %(count)d anomaly of the check-in is not explained.",
        "%(audit)s: %(count)d anomalies of the check-in are not explained.",
        count,
    )
)
def anomalies_are_explained(case, outcome):
    return outcome.unexplained_anomalies


@_of_audits(
    lambda count: ngettext_lazy(
        "%(audit)s: the team lacked competence on the audit days in %(count)d point.",
        "%(audit)s: the team lacked competence on the audit days in %(count)d points.",
        count,
    )
)
def competence_was_valid(case, outcome):
    return outcome.competence_gaps


@_of_audits(_("%(audit)s: less audit time was held than computed, and no reason is recorded."))
def time_was_held(case, outcome):
    reason = str(outcome.facts.get("time_reason") or "").strip()
    return outcome.days_held < outcome.days_computed and not reason


@_of_audits(
    lambda count: ngettext_lazy(
        "%(audit)s: %(count)d appeal is not decided.",
        "%(audit)s: %(count)d appeals are not decided.",
        count,
    )
)
def appeals_are_settled(case, outcome):
    return outcome.open_appeals


def appeals_are_decided(case, actor, data):
    """No appeal against an earlier decision or the application is open (9.7).

    It does not stop a suspension, withdrawal or reduction: those ask for no such guard, so that an
    appeal never keeps a certificate in force that must not be (9.6.5).
    """
    for appeal in open_appeals(case):
        if appeal.about != About.FINDING:  # those are counted with their audit
            yield Blocker(
                _("Appeal %(number)s is not decided.") % {"number": appeal.number},
                appeal.get_absolute_url(),
            )


def refusal_was_appealed(case, actor, data):
    """A refusal is taken up again only after an appeal against it was upheld (9.7)."""
    if upheld_refusal(case) is None:
        yield Blocker(_("No upheld appeal against the refusal waits for a new decision."))


def findings_are_undisputed(case, actor, data):
    """A refusal does not rest on findings that are disputed."""
    for appeal in open_appeals(case):
        yield Blocker(
            _("Appeal %(number)s is not decided.") % {"number": appeal.number},
            appeal.get_absolute_url(),
        )


def _required(case) -> dict:
    return {row.scheme: list(row.areas.all()) for row in case.application.schemes.all()}


def body_is_approved(case, actor, data):
    """The body certifies only what it is approved for on the day of the decision."""
    yield from _not_approved(case, _required(case))


def approval_covers_it(certificate, actor, data):
    """Nothing becomes valid again that the body is not approved for any more."""
    required = _required(certificate.case)
    own = {scheme: areas for scheme, areas in required.items() if scheme == certificate.scheme}
    yield from _not_approved(certificate.case, own or {certificate.scheme: []})


def _not_approved(case, required: dict):
    held: dict = {}
    approvals = approvals_in_force(timezone.localdate()).filter(body=case.body)
    for approval in approvals.prefetch_related("areas"):
        held.setdefault(approval.scheme_id, set()).update(approval.areas.all())
    url = case.body.get_absolute_url()
    for scheme, areas in required.items():
        if scheme.pk not in held:
            yield Blocker(
                _("The body is not approved today for %(scheme)s.") % {"scheme": scheme.title},
                url,
            )
            continue
        for area in areas:
            if area not in held[scheme.pk]:
                yield Blocker(
                    _("The body is not approved today for %(scheme)s in area %(area)s.")
                    % {"scheme": scheme.title, "area": area},
                    url,
                )


def decider_is_competent(case, actor, data):
    """Who decides is competent for every scheme and area (ISO/IEC 17021-1:2015 7.1, 9.5.1)."""
    gaps = person_gaps(
        user=actor.user,
        body=case.body,
        required=_required(case),
        role=CompetenceRole.CERTIFIER,
        on=timezone.localdate(),
    )
    for gap in gaps:
        yield Blocker(gap.message, case.body.get_absolute_url())


def text_is_complete(case, actor, data):
    """Everything a certificate must say is there, and can be printed."""
    url = case.application.get_absolute_url()
    if not case.application.schemes.all():
        yield Blocker(_("The application names no scheme."), url)
    found = {}
    for content in issuing.previews(case, timezone.localdate()):
        found |= {str(problem): problem for problem in certificate_content.problems(content)}
    for problem in found.values():
        yield Blocker(problem, url)


def old_certificate_holds(case, actor, data):
    """A certificate is taken over only while it is valid and in order (IAF MD 2)."""
    application = case.application
    ends = application.previous_expires_on
    if (
        application.kind == ApplicationKind.TRANSFER
        and ends is not None
        and ends <= timezone.localdate()
    ):
        yield Blocker(
            _("The certificate to be taken over expired on %(date)s.") % {"date": day(ends)},
            application.get_absolute_url(),
        )
    found = registered(application)
    if found is not None and found.status != CertificateStatus.VALID:
        yield Blocker(
            _("The certificate to be taken over is “%(status)s” in the register.")
            % {"status": found.get_status_display()},
            application.get_absolute_url(),
        )
    if found is not None and (open_majors(found) or minors_without_plan(found)):
        yield Blocker(
            _("The certificate to be taken over has nonconformities open at its body."),
            application.get_absolute_url(),
        )


def former_certificate_can_be_renewed(case, actor, data):
    """What this body issued elsewhere is renewed before its end or restored (9.6.3.2.5)."""
    application = case.application
    ends = application.previous_expires_on
    if (
        application.kind == ApplicationKind.RECERTIFICATION
        and ends is not None
        and ends < timezone.localdate()
        and not may_be_restored(case, ends)
    ):
        yield Blocker(
            _("The former certificate expired on %(date)s and cannot be restored any more; an "
              "initial certification is possible.") % {"date": day(ends)},
            application.get_absolute_url(),
        )  # fmt: skip


def _calls_for(*kinds):
    def audits_call_for_it(case, actor, data):
        due = due_decision(case)
        if due not in kinds:
            yield Blocker(
                _("The reported audits call for another decision: %(kind)s.")
                % {"kind": DecisionKind(due).label},
                case.get_absolute_url(),
            )

    return audits_call_for_it


calls_for_maintenance = _calls_for(DecisionKind.MAINTAIN)
calls_for_renewal = _calls_for(DecisionKind.RENEW)
calls_for_extension = _calls_for(DecisionKind.EXTEND)
calls_for_something_new = _calls_for(DecisionKind.RENEW, DecisionKind.EXTEND)


def number_can_be_made(case, actor, data):
    """The body's pattern gives a number of its own to every certificate."""
    try:
        check_pattern(case.body.body_profile.number_pattern)
    except ValidationError as error:
        yield Blocker(
            _("The body’s pattern of certificate numbers cannot be used: %(problem)s")
            % {"problem": " ".join(error.messages)},
            case.body.get_absolute_url(),
        )


def certificates_can_be_renewed(case, actor, data):
    """Renewed before expiry, or restored within the months that the rules give (9.6.3.2.5)."""
    if not issuing.revised_by(case, DecisionKind.RENEW):
        yield Blocker(_("No certificate of this case can be renewed."), case.get_absolute_url())
    for certificate in case.certificates.all():
        words = {"number": certificate.number, "date": day(certificate.expires_on)}
        if certificate.status == CertificateStatus.SUSPENDED:
            yield Blocker(
                _("Certificate %(number)s is suspended: reinstate or withdraw it first.") % words,
                certificate.get_absolute_url(),
            )
        elif expired_suspended(certificate):
            yield Blocker(
                _(
                    "Certificate %(number)s expired on %(date)s while it was suspended, so it "
                    "cannot be restored; an initial certification is possible."
                )
                % words,
                certificate.get_absolute_url(),
            )
        elif certificate.status == CertificateStatus.EXPIRED and not may_be_restored(
            case, certificate.expires_on
        ):
            yield Blocker(
                _(
                    "Certificate %(number)s expired on %(date)s and cannot be restored any more; "
                    "an initial certification is possible."
                )
                % words,
                certificate.get_absolute_url(),
            )


def recertified_in_time(case, actor, data):
    """Where the rules ask for it, the recertification audit ended before expiry."""
    if not book_of(case.rule_set).value("recertification_onsite_before_expiry"):
        return
    for outcome in pending_outcomes(case):
        if outcome.kind != AuditKind.RECERTIFICATION or outcome.last_day is None:
            continue
        for certificate in case.certificates.all():
            if outcome.last_day > certificate.expires_on:
                yield Blocker(
                    _("The recertification audit ended after certificate %(number)s had expired.")
                    % {"number": certificate.number},
                    outcome.url,
                )


def nothing_is_being_issued(obj, actor, data):
    """One revision after the other; obj is a case or a certificate."""
    certificates = obj.certificates.all() if hasattr(obj, "certificates") else [obj]
    for certificate in certificates:
        if certificate.revisions.filter(status=RevisionStatus.ISSUING).exists():
            yield Blocker(
                _("A revision of certificate %(number)s is still being issued.")
                % {"number": certificate.number},
                certificate.get_absolute_url(),
            )


AUDITS = (
    reports_are_reviewed,
    majors_are_closed,
    minors_have_plans,
    anomalies_are_explained,
    competence_was_valid,
    time_was_held,
    appeals_are_settled,
    appeals_are_decided,
)
DECIDER = (decides_impartially, body_is_approved, decider_is_competent)
GRANT = (
    stages_are_done,
    *AUDITS,
    majors_are_in_time,
    *DECIDER,
    old_certificate_holds,
    former_certificate_can_be_renewed,
    number_can_be_made,
    text_is_complete,
)
MAINTAIN = (something_was_audited, calls_for_maintenance, *AUDITS, *DECIDER)
RENEW = (
    calls_for_renewal,
    *AUDITS,
    *DECIDER,
    certificates_can_be_renewed,
    recertified_in_time,
    nothing_is_being_issued,
    text_is_complete,
)
EXTEND = (
    calls_for_extension,
    *AUDITS,
    *DECIDER,
    nothing_is_being_issued,
    number_can_be_made,
    text_is_complete,
)
