"""Fewer audit days than computed: asked for by the planner, judged by a second person.

ISO/IEC 17021-1:2015 9.1.4 wants the time and its reasons recorded; that somebody else looks at it
is a rule of this portal.
"""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.checks.days import days_blockers, deviation_of, has_fewer_days, waits_for_approval
from audits.enums import AuditStatus
from audits.models import TimeDeviation
from audits.rights import APPROVES_DAYS
from audits.services.telling import second_people, tell
from foundation.workflow import REASON, SAME, Blocker, Transition
from organisations.rights import PLANNER
from schemes.queries import book_of
from schemes.queries.interests import reasons_against

_PLANNING = (AuditStatus.PLANNED, AuditStatus.OBJECTED)
SEEN = "seen"


def asks_for_something(audit, actor, data):
    """Fewer days, with their reason, that nobody was asked about yet; and somebody to ask."""
    if not has_fewer_days(audit):
        yield Blocker(_("Not fewer days than computed are planned."), audit.get_absolute_url())
    elif not audit.days_reason or ((found := deviation_of(audit)) and found.approved is False):
        yield from days_blockers(audit)
    elif found is not None:
        yield Blocker(_("A second person was asked already."), audit.get_absolute_url())
    elif not second_people(audit, actor.user):
        yield Blocker(
            _("Nobody else could approve it: the body needs another manager or reviewer.")
        )


def judges_impartially(audit, actor, data):
    """Whoever is tied to the enterprise does not judge its audit (ISO/IEC 17021-1:2015 5.2)."""
    rules, today = book_of(audit.case.rule_set), timezone.localdate()
    for reason in reasons_against(actor.user, audit.enterprise, on=today, rules=rules):
        text = _("You may not judge this enterprise, so a colleague does. %(reason)s.")
        yield Blocker(text % {"reason": reason})


def is_what_was_seen(audit, actor, data):
    """Approved is what the second person read, not what was planned meanwhile."""
    found = deviation_of(audit)
    if data is not None and (found is None or data.get(SEEN) != str(found.pk)):
        yield Blocker(_("The audit days were planned anew meanwhile. Look at them again."))


def _figures(found) -> dict:
    return {"planned": found.days_planned, "days": found.days}


def ask(audit, actor, **data):
    found = TimeDeviation.objects.create(
        audit=audit,
        days=audit.days,
        days_planned=audit.days_planned,
        reason=audit.days_reason,
        asked_by=actor.user,
    )
    people = second_people(audit, actor.user)
    tell("days_to_approve", audit, people, reason=found.reason, **_figures(found))
    return {name: str(value) for name, value in _figures(found).items()}


def _judged(approved: bool, kind: str):
    def effect(audit, actor, reason, **data):
        found = deviation_of(audit)
        found.approved, found.judgement = approved, reason
        found.judged_by, found.judged_at = actor.user, timezone.now()
        found.save(update_fields=["approved", "judgement", "judged_by", "judged_at", "changed_at"])
        tell(kind, audit, [found.asked_by], reason=reason, **_figures(found))
        return {name: str(value) for name, value in _figures(found).items()}

    return effect


DAYS_TRANSITIONS = (
    Transition(
        action="ask_fewer_days",
        sources=_PLANNING,
        target=SAME,
        right=PLANNER,
        title=gettext_lazy("Ask for fewer audit days"),
        past=gettext_lazy("Approval of fewer audit days asked for"),
        explain=gettext_lazy(
            "Another manager or reviewer of the body reads your reason and approves it or sends "
            "it back. Changed figures have to be approved anew."
        ),
        guards=(asks_for_something,),
        effect=ask,
        awaited=False,
        internal=True,
    ),
    Transition(
        action="approve_fewer_days",
        sources=_PLANNING,
        target=SAME,
        right=APPROVES_DAYS,
        title=gettext_lazy("Approve fewer audit days"),
        past=gettext_lazy("Fewer audit days approved"),
        explain=gettext_lazy(
            "Less time is planned than was computed. Approve it if the reason holds; the plan and "
            "the report say that a second person did."
        ),
        guards=(judges_impartially, is_what_was_seen),
        requires=(REASON,),
        effect=_judged(True, "days_approved"),
        awaited=waits_for_approval,
        internal=True,
    ),
    Transition(
        action="return_fewer_days",
        sources=_PLANNING,
        target=SAME,
        right=APPROVES_DAYS,
        title=gettext_lazy("Send the audit days back"),
        past=gettext_lazy("Fewer audit days sent back"),
        explain=gettext_lazy("The planner reads your reason, and plans more days or asks anew."),
        guards=(judges_impartially, is_what_was_seen),
        requires=(REASON,),
        effect=_judged(False, "days_sent_back"),
        awaited=False,
        internal=True,
    ),
)
