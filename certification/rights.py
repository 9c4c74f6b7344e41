"""Who may act on an application beyond holding a role."""

from django.utils.translation import gettext_lazy as _

from certification.enums import ChangeKind, Part
from certification.models import Case
from certification.queries.review import latest_calculation
from foundation.access import ALLOWED, Denied, Right
from organisations.enums import Role
from organisations.rights import CERTIFIER, OWNER, REVIEWER, held

_TAKEN = _("%(name)s reviews this application. Take it over if that cannot go on.")


def _is_assigned(actor, application):
    if application is None or application.reviewer_id == actor.user.pk:
        return ALLOWED
    if application.reviewer_id is None:
        return Denied(_("Nobody has begun this review yet."))
    return Denied(_TAKEN % {"name": application.reviewer.name})


def _is_free_or_own(actor, application):
    if application is None or application.reviewer_id in (None, actor.user.pk):
        return ALLOWED
    return Denied(_TAKEN % {"name": application.reviewer.name})


def _is_somebody_elses(actor, application):
    if application is None or application.reviewer_id not in (None, actor.user.pk):
        return ALLOWED
    return Denied(_("There is nothing to take over: nobody else reviews this application."))


def _second_person(actor, application):
    """Whoever computed less audit time does not approve it (ISO/IEC 17021-1:2015 9.1.4)."""
    if application is None:
        return ALLOWED
    made = latest_calculation(application)
    if made is None or not made.waits:
        return Denied(_("No audit time waits for approval."))
    if made.computed_by_id == actor.user.pk:
        return Denied(_("You computed this audit time, so somebody else approves it."))
    return ALLOWED


TIME_APPROVER = held(Role.MANAGER, Role.REVIEWER, party="body") & Right(
    "did not compute the audit time that waits", _second_person
)
ASSIGNED_REVIEWER = REVIEWER & Right("assigned reviewer", _is_assigned)
FREE_REVIEWER = REVIEWER & Right("free to review", _is_free_or_own)
OTHER_REVIEWER = REVIEWER & Right("reviewed by somebody else", _is_somebody_elses)


def _took_no_part(actor, obj):
    """Those who decide took no part in audits or review of the cycle (ISO/IEC 17021-1 9.5.1)."""
    if obj is None:
        return ALLOWED
    case = obj if isinstance(obj, Case) else obj.case
    parts = {
        row.part
        for row in case.involvements.all()
        if row.cycle == case.cycle and row.user_id == actor.user.pk
    }
    if Part.AUDIT in parts:
        return Denied(_("You audited in this cycle, so somebody else decides."))
    if Part.JUDGEMENT in parts:
        return Denied(_("You judged corrective actions in this cycle, so somebody else decides."))
    if Part.REVIEW in parts:
        return Denied(_("You reviewed the application of this cycle, so somebody else decides."))
    return ALLOWED


def _is_first_decision(actor, case):
    if case is None or not case.certificates.all():
        return ALLOWED
    return Denied(_("This case has its certificates already."))


def _is_later_decision(actor, case):
    if case is None or case.certificates.all():
        return ALLOWED
    return Denied(_("This case has no certificate yet."))


def _did_not_decide(actor, case):
    """An appeal is followed by somebody who did not decide before (ISO/IEC 17021-1:2015 9.7)."""
    if case is None or actor.user is None:
        return ALLOWED
    if any(row.decided_by_id == actor.user.pk for row in case.decisions.all()):
        return Denied(_("You decided on this case, so somebody else decides anew."))
    return ALLOWED


DECIDER = CERTIFIER & Right("took no part in this cycle", _took_no_part)
OTHER_DECIDER = DECIDER & Right("did not decide before", _did_not_decide)
FIRST_DECIDER = DECIDER & Right("decides for the first time", _is_first_decision)
LATER_DECIDER = DECIDER & Right("decides on what was certified", _is_later_decision)


def _has_question(actor, case):
    if case is None or case.open_question:
        return ALLOWED
    return Denied(_("No question of the decider is open."))


PLANS_SPECIAL = held(Role.PLANNER, Role.MANAGER, party="body")


def _has_special(short_notice):
    def test(actor, case):
        if case is None or case.programme.special_to_come(short_notice=short_notice).exists():
            return ALLOWED
        return Denied(_("No special audit of the body’s own accord is to come."))

    return Right("a special audit is to come", test)


DROPS_SPECIAL = PLANS_SPECIAL & _has_special(False)
DROPS_SHORT_NOTICE = PLANS_SPECIAL & _has_special(True)

QUESTION_ANSWERER = held(Role.MANAGER, Role.REVIEWER, Role.PLANNER, party="body") & Right(
    "a question is open", _has_question
)


def _has_not_asked(actor, certificate):
    if certificate is None or certificate.cancellation_requested_at is None:
        return ALLOWED
    return Denied(_("You have asked for the cancellation already."))


def _has_asked(actor, certificate):
    if certificate is None or certificate.cancellation_requested_at is not None:
        return ALLOWED
    return Denied(_("No request for cancellation is open."))


CANCELLATION_ASKER = OWNER & Right("has not asked for cancellation", _has_not_asked)
CANCELLATION_RETRACTER = OWNER & Right("has asked for cancellation", _has_asked)


def _is_merger(actor, change):
    if change is None or change.kind == ChangeKind.MERGER:
        return ALLOWED
    return Denied(_("No merger was reported here."))


CARRIER = DECIDER & Right("of a merger", _is_merger)
# The two sides of a merger, by who reported it.
ASKED_OWNER = held(Role.OWNER, party="other")
REPORTING_OWNER = held(Role.OWNER, party="reporter")
EITHER_OWNER = held(Role.OWNER, party="absorbed") | held(Role.OWNER, party="absorbing")
