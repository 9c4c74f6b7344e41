"""Who may do what with an audit and its findings; the object is either."""

from django.utils.translation import gettext_lazy as _

from audits.checks.days import deviation_of
from audits.checks.declarations import is_stale
from audits.enums import AUDITING_ROLES, BINDING, TeamRole
from audits.models import Audit
from foundation.access import ALLOWED, Denied, Right
from organisations.enums import Role
from organisations.rights import AUDITOR, PLANNER, REVIEWER, held


def _members(obj):
    audit = obj if isinstance(obj, Audit) else obj.audit
    return audit.members.all()


def _member(actor, obj, *roles):
    """Return the actor's place on the team in one of these roles, or None."""
    if actor.user is None:
        return None
    for member in _members(obj):
        if member.user_id == actor.user.pk and (not roles or member.role in roles):
            return member
    return None


def _auditing(actor, obj):
    if obj is None or _member(actor, obj, *AUDITING_ROLES):
        return ALLOWED
    return Denied(_("Only an auditor of this team may do this."))


def _judging(actor, finding):
    """The team that found it, that of a later audit of the case, or who was named to judge it."""
    if finding is None or _member(actor, finding, *AUDITING_ROLES):
        return ALLOWED
    if actor.user is not None and finding.judge_id == actor.user.pk:
        return ALLOWED
    for audit in finding.audit.case.audits.all():
        later = audit.created_at > finding.audit.created_at and audit.status in BINDING
        if later and _member(actor, audit, *AUDITING_ROLES):
            return ALLOWED
    return Denied(_("Only the team, that of a later audit or who was named for it may do this."))


def _leads(actor, obj):
    if obj is None or _member(actor, obj, TeamRole.LEAD):
        return ALLOWED
    return Denied(_("Only the leader of this team may do this."))


def _has_to_explain(actor, obj):
    if obj is None or any(row.lacks_explanation for row in obj.check_ins.all()):
        return ALLOWED
    return Denied(_("No check-in of this audit lacks an explanation."))


def _undeclared(actor, obj):
    if obj is None:
        return ALLOWED
    member = _member(actor, obj)
    if member is None:
        return Denied(_("Only a member of this team may do this."))
    if obj.is_short_notice and is_stale(obj, member):
        return ALLOWED
    if member.declared_at is not None:
        return Denied(_("The declaration has been made already."))
    return ALLOWED


def _not_on_team(actor, obj):
    if obj is not None and _member(actor, obj):
        return Denied(_("Whoever was on the team may not review its report."))
    return ALLOWED


def _second_person(actor, audit):
    """Whoever planned fewer days, or is on the team that gets them, does not approve them."""
    if audit is None:
        return ALLOWED
    found = deviation_of(audit)
    if found is None or found.judged_at is not None:
        return Denied(_("No audit days wait for approval."))
    if found.asked_by_id == actor.user.pk:
        return Denied(_("You asked for the fewer audit days, so somebody else approves them."))
    if _member(actor, audit):
        return Denied(_("You are on the team, so somebody else approves its audit days."))
    return ALLOWED


def _is_agreed(actor, obj):
    if obj is None or not obj.is_short_notice:
        return ALLOWED
    return Denied(_("This audit is announced at short notice, not proposed."))


def _is_announced(actor, obj):
    if obj is None or obj.is_short_notice:
        return ALLOWED
    return Denied(_("This audit is proposed to the enterprise, which agrees or objects."))


_TEAM = {Role.AUDITOR}
ON_TEAM = AUDITOR & Right("auditor of the team", _auditing, _TEAM)
JUDGES = AUDITOR & Right(
    "on the team, on that of a later audit, or named to judge", _judging, _TEAM
)
LEAD = AUDITOR & Right("leader of the team", _leads, _TEAM)
DECLARES = AUDITOR & Right("member who has not declared", _undeclared, _TEAM)
EXPLAINS = LEAD & Right("while a check-in lacks its explanation", _has_to_explain)
PLANS = PLANNER | LEAD
PROPOSES = PLANNER & Right("audit by agreement", _is_agreed)
ANNOUNCES = PLANNER & Right("audit at short notice", _is_announced)
REVIEWS = REVIEWER & Right("not on the team", _not_on_team, {Role.REVIEWER})
APPROVES_DAYS = held(Role.MANAGER, Role.REVIEWER, party="body") & Right(
    "neither planned the fewer days that wait nor is on the team", _second_person
)
ABSENCES = PLANNER | AUDITOR
