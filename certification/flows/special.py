"""Audits besides the regular ones: planned with a purpose, also at short notice (9.6.4)."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import (
    PLANNED_PURPOSES,
    SHORT_NOTICE_PURPOSES,
    CaseStatus,
    SpecialPurpose,
)
from certification.rights import PLANS_SPECIAL
from certification.services import programme
from certification.services.telling import tell_body, tell_owners
from foundation.formatting import day
from foundation.notices import in_both
from foundation.workflow import REASON, SAME, Blocker, Transition
from organisations.enums import Role

HALF = Decimal("0.5")
ASKED = ("purpose", "days", "window_from", "window_to", REASON)
WHILE = (CaseStatus.CERTIFIED, CaseStatus.DECIDING)


def purpose_is_among(purposes):
    """Return the guard that keeps the purpose to those that such an audit may have."""

    def purpose_fits(case, actor, data):
        if data and data.get("purpose") and data["purpose"] not in purposes:
            yield Blocker(_("Such an audit does not serve this purpose."), field="purpose")

    return purpose_fits


def time_is_given(obj, actor, data):
    """Half days, within a window that has not passed."""
    if not data:
        return
    days, first, last = (data.get(name) for name in ("days", "window_from", "window_to"))
    if isinstance(days, Decimal) and (days <= 0 or days % HALF):
        yield Blocker(_("Give the audit days in steps of half a day."), field="days")
    if first and first < timezone.localdate():
        yield Blocker(_("The first possible day lies in the past."), field="window_from")
    if first and last and last < first:
        yield Blocker(_("The last possible day comes before the first."), field="window_to")


def plan(case, *, reason, short_notice=False, **facts):
    """Add a special audit with what its form asked for and return (item, facts to journal)."""
    names = ("purpose", "days", "window_from", "window_to")
    given = {name: facts[name] for name in names}
    item = programme.plan_special(case=case, reason=reason, short_notice=short_notice, **given)
    return item, {name: str(value) for name, value in given.items()}


def tell_of_plan(item) -> None:
    """Tell the enterprise what for and by when."""
    facts = {
        "reason": item.reason,
        **in_both("purpose", lambda row: row.get_purpose_display(), item),
        **in_both("first", day, item.window_from),
        **in_both("last", day, item.window_to),
    }
    tell_owners("case.special_planned", item.case, **facts)


def planned(case, actor, reason, **data):
    item, facts = plan(case, reason=reason, **data)
    tell_of_plan(item)
    return facts


def planned_unannounced(case, actor, reason, **data):
    item, facts = plan(case, reason=reason, short_notice=True, **data)
    # The enterprise is not told: that is the point of it.
    tell_body(
        "case.short_notice_planned",
        case,
        Role.PLANNER,
        reason=reason,
        **in_both("purpose", lambda row: row.get_purpose_display(), item),
    )
    return facts


SPECIAL_TRANSITIONS = (
    Transition(
        action="plan_special",
        sources=WHILE,
        target=SAME,
        right=PLANS_SPECIAL,
        title=_("Plan a special audit"),
        past=_("Special audit planned"),
        guards=(purpose_is_among(PLANNED_PURPOSES), time_is_given),
        requires=ASKED,
        effect=planned,
        awaited=False,
        explain=_(
            "An audit besides the regular ones joins the programme. The enterprise is told and "
            "confirms dates and team as usual."
        ),
        done_text=_("The special audit is in the programme; dates and team are planned next."),
    ),
    Transition(
        action="plan_short_notice",
        sources=WHILE,
        target=SAME,
        right=PLANS_SPECIAL,
        title=_("Plan an audit at short notice"),
        past=_("Audit at short notice planned"),
        guards=(purpose_is_among(SHORT_NOTICE_PURPOSES), time_is_given),
        requires=ASKED,
        effect=planned_unannounced,
        awaited=False,
        internal=True,
        explain=_(
            "An audit besides the regular ones, which the enterprise does not know of until it is "
            "announced. It cannot object to the team, so the team is chosen with special care "
            "(ISO/IEC 17021-1:2015 9.6.4.2)."
        ),
        done_text=_("It is in the programme; the enterprise does not see it until announced."),
    ),
)

PURPOSES = {
    "plan_special": [SpecialPurpose(one) for one in PLANNED_PURPOSES],
    "plan_short_notice": [SpecialPurpose(one) for one in SHORT_NOTICE_PURPOSES],
}
