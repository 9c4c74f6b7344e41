"""More time to act on a nonconformity: asked for with a reason, granted up to a bound."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.enums import WITH_CLIENT
from audits.models import FindingExtension
from audits.rights import JUDGES
from audits.services import limits
from audits.services.telling import client_people, judges, planners, tell
from foundation.formatting import day
from foundation.notices import in_both
from foundation.workflow import REASON, SAME, Blocker, Transition
from organisations.rights import ENTERPRISE, PLANNER
from schemes.queries import book_of


def open_request(finding):
    """Return the request for more time that waits for an answer, or None."""
    return next((row for row in finding.extensions.all() if row.answered_at is None), None)


def _latest(finding):
    return limits.latest_extension(finding, book_of(finding.audit.case.rule_set))


def _within(finding, on, field):
    """Yield why a day cannot be the new limit."""
    latest = _latest(finding)
    if latest is None:
        yield Blocker(_("The rules allow no further extension of this limit."))
    elif on is not None and not finding.due_on < on <= latest:
        words = _("Choose a day after %(due)s and not after %(latest)s.")
        facts = {"due": day(finding.due_on), "latest": day(latest)}
        yield Blocker(words % facts, field=field)


def may_ask(finding, actor, data):
    """In time, once at a time, and within what the rules allow."""
    if finding.due_on is None or finding.due_on < timezone.localdate():
        yield Blocker(_("The limit has passed; ask for more time before it does."))
    elif open_request(finding) is not None:
        yield Blocker(_("You have asked already; the answer is still to come."))
    else:
        yield from _within(finding, (data or {}).get("proposed_on"), "proposed_on")


def was_asked(finding, actor, data):
    if open_request(finding) is None:
        yield Blocker(_("Nobody has asked for more time."))


def may_grant(finding, actor, data):
    """The bounds hold whoever grants; a day may lie before the one asked for."""
    request = open_request(finding)
    if request is None:
        yield Blocker(_("Nobody has asked for more time."))
    else:
        yield from _within(finding, (data or {}).get("granted_on"), "granted_on")


def _facts(finding) -> dict:
    return {"finding": finding.number, "title": finding.title}


def ask(finding, actor, *, proposed_on, reason, **data):
    FindingExtension.objects.create(
        finding=finding,
        due_before=finding.due_on,
        proposed_on=proposed_on,
        reason=reason,
        asked_by=actor.user,
    )
    people = judges(finding) or planners(finding.audit)
    facts = _facts(finding) | in_both("date", day, proposed_on)
    tell("extension_asked", finding.audit, people, url=finding.get_absolute_url(), **facts)
    return {"number": finding.number, "proposed_on": proposed_on.isoformat()}


def _answer(finding, actor, words, granted_on=None):
    request = open_request(finding)
    request.granted_on, request.answer = granted_on, words
    request.answered_by, request.answered_at = actor.user, timezone.now()
    request.save(update_fields=["granted_on", "answer", "answered_by", "answered_at", "changed_at"])
    return request


def grant(finding, actor, *, granted_on, note="", **data):
    before = finding.due_on
    _answer(finding, actor, note, granted_on)
    limits.put_off(finding, granted_on)
    facts = _facts(finding) | in_both("date", day, granted_on)
    people, url = client_people(finding.audit), finding.get_absolute_url()
    tell("extension_granted", finding.audit, people, url=url, **facts)
    return {
        "number": finding.number,
        "due_before": before.isoformat(),
        "due_on": granted_on.isoformat(),
    }


def turn_down(finding, actor, *, reason, **data):
    _answer(finding, actor, reason)
    facts = _facts(finding) | in_both("date", day, finding.due_on)
    people, url = client_people(finding.audit), finding.get_absolute_url()
    tell("extension_refused", finding.audit, people, url=url, reason=reason, **facts)
    return {"number": finding.number}


def waits(finding) -> bool:
    """Tell whether somebody asked for more time and nobody has answered."""
    return open_request(finding) is not None


EXTENSIONS = (
    Transition(
        action="ask_extension",
        sources=WITH_CLIENT,
        target=SAME,
        right=ENTERPRISE,
        title=gettext_lazy("Ask for more time"),
        past=gettext_lazy("More time asked for"),
        explain=gettext_lazy(
            "Say why, and by which day it will be done. The limit holds until somebody answers."
        ),
        guards=(may_ask,),
        requires=("proposed_on", REASON),
        effect=ask,
        awaited=False,
    ),
    Transition(
        action="grant_extension",
        sources=WITH_CLIENT,
        target=SAME,
        right=JUDGES | PLANNER,
        title=gettext_lazy("Grant more time"),
        task=gettext_lazy("Answer a request for more time"),
        past=gettext_lazy("More time granted"),
        explain=gettext_lazy("The enterprise is told the new limit; it is on the page of dates."),
        guards=(may_grant,),
        requires=("granted_on",),
        effect=grant,
        awaited=waits,
    ),
    Transition(
        action="refuse_extension",
        sources=WITH_CLIENT,
        target=SAME,
        right=JUDGES | PLANNER,
        title=gettext_lazy("Refuse more time"),
        past=gettext_lazy("More time refused"),
        explain=gettext_lazy("The limit stays as it is; the enterprise is told why."),
        guards=(was_asked,),
        requires=(REASON,),
        effect=turn_down,
        awaited=waits,
    ),
)
