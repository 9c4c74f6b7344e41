"""Where an application stands, for people: the steps, what is to be done, what comes next."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification.enums import ApplicationStatus
from certification.queries import completeness
from certification.queries.punctuality import Kept
from certification.questions import address
from foundation.formatting import day
from foundation.tracker import DONE, NOW, STOPPED, TODO, tracked
from organisations.enums import Role

_S = ApplicationStatus
# The step a status stands at: application, review, offer, contract.
_AT = {
    _S.DRAFT: 0,
    _S.RETURNED: 0,
    _S.SUBMITTED: 1,
    _S.IN_REVIEW: 1,
    _S.DECLINED: 1,
    _S.ACCEPTED: 2,
    _S.OFFERED: 3,
    _S.REJECTED: 3,
    _S.SIGNED: 4,
}
_ENDED = (_S.DECLINED, _S.REJECTED, _S.CANCELLED)
_DATED_BY = ("application.submit", "application.accept", "application.offer", "application.sign")


@dataclass(frozen=True)
class Todo:
    """The one thing the reader does now, or that there is nothing."""

    title: Any
    text: Any = ""
    url: str = ""
    action: Any = ""
    due: Any = None
    calm: bool = False


def is_own(application, actor) -> bool:
    """Tell whether the actor acts for the applicant."""
    return actor.organisation_id == application.enterprise_id


def tracker(application, actor, entries) -> list[dict]:
    """Return the steps to a contract, with who owns each and when; ``entries`` newest first."""
    client = _("You") if is_own(application, actor) else application.enterprise.name
    ours = application.body_id is not None and actor.organisation_id == application.body_id
    body = application.body.name if application.body else ""
    owners = (client, _("You") if ours else body, _("You") if ours else body, client)
    titles = (_("Application"), _("Review"), _("Offer"), _("Contract"))
    dates = {entry.verb: entry.at for entry in reversed(entries)}
    at = _position(application, entries)
    steps = []
    for number, (title, owner) in enumerate(zip(titles, owners, strict=True)):
        state = DONE if number < at else TODO
        if number == at:
            state = STOPPED if application.status in _ENDED else NOW
        when = dates.get(_DATED_BY[number]) if state == DONE else None
        words = day(when) if when else ""
        if state == NOW and number == 1 and application.review_due_on:
            words = (_("was due %(date)s") if _is_late(application) else _("by %(date)s")) % {
                "date": day(application.review_due_on)
            }
        steps.append(tracked(title, state, words, owner))
    return steps


def _is_late(application) -> bool:
    """Tell whether the body has let the day pass until which it had to review."""
    return application.review_due_on < timezone.localdate()


def _position(application, entries) -> int:
    """Return the step the application stands at, or stood at when it was withdrawn."""
    if application.status != _S.CANCELLED:
        return _AT[application.status]
    before = next((row.before for row in entries if row.verb == "application.cancel"), _S.DRAFT)
    return _AT[before]


def open_requests(application) -> list:
    """Return the questions of the request that waits for the applicant, in the order asked."""
    if application.status != _S.RETURNED:
        return []
    sent = list(application.requests.exclude(sent_at=None).order_by("created_at"))
    last = max((row.sent_at for row in sent), default=None)
    return [row for row in sent if row.sent_at == last]


def drafting(application, actor, tasks: list[completeness.Task], unanswered: list) -> Todo:
    """Return what somebody of the enterprise does with a draft or a returned application.

    ``unanswered`` are the reviewer's questions whose answers have not changed yet.
    """
    if unanswered:
        text = ngettext(
            "%(count)s question of the reviewer is open. Answer it, then send again.",
            "%(count)s questions of the reviewer are open. Answer them, then send again.",
            len(unanswered),
        ) % {"count": len(unanswered)}
        url = address(application, unanswered[0].field, "list")
        return Todo(_("Complete your application"), text, url, _("Start answering"))
    waiting = next((task for task in tasks if task.state != completeness.DONE), None)
    if waiting is not None:
        done = sum(task.state == completeness.DONE for task in tasks)
        return Todo(
            _("Continue: %(part)s") % {"part": waiting.step.title},
            _("%(done)s of %(all)s parts are complete.") % {"done": done, "all": len(tasks)},
            reverse("certification:application_step", args=[application.pk, waiting.step.slug]),
            _("Continue"),
        )
    check = reverse("certification:application_check", args=[application.pk])
    if Role.OWNER not in actor.roles:
        owners = ", ".join(owner.name for owner in application.enterprise.people(Role.OWNER))
        text = _("Everything is answered. Only an owner can send it: %(names)s.") % {
            "names": owners
        }
        return Todo(_("Ready to be sent"), text, check, _("Check the answers"))
    text = _("Everything is answered. Read it once more and send it.")
    return Todo(_("Check your answers and send"), text, check, _("Check your answers"))


def idle(application, actor) -> Todo:
    """Return the calm word for somebody who has nothing to do, with when that may change."""
    texts = {
        _S.SUBMITTED: _("The body reviews the application."),
        _S.IN_REVIEW: _("The body reviews the application."),
        _S.RETURNED: _("The applicant completes the application."),
        _S.ACCEPTED: _("The body prepares the offer."),
        _S.OFFERED: _("The applicant reads the offer."),
        _S.SIGNED: _("The contract is signed; the case has begun."),
        _S.DECLINED: _("The body has declined the application."),
        _S.REJECTED: _("The applicant has rejected the offer."),
        _S.CANCELLED: _("The applicant has withdrawn the application."),
    }
    title = _("Nothing for you to do now")
    if application.status in (_S.SUBMITTED, _S.IN_REVIEW) and application.review_due_on:
        late = _is_late(application)
        words = {"date": day(application.review_due_on)}
        if not late:
            title = _("Nothing for you to do until about %(date)s") % words
        elif is_own(application, actor):
            return Todo(
                title, _("The review was due on %(date)s; the body is late.") % words, calm=True
            )
    if application.status == _S.SIGNED and application.case_id:
        url = reverse("case", args=[application.case_id])
        return Todo(_("The case is open"), texts[_S.SIGNED], url, _("Follow the case"), calm=True)
    return Todo(title, texts.get(application.status, ""), calm=True)


@dataclass(frozen=True)
class Promise:
    """Within how many working days a body reviews, and how it has kept that if this is known."""

    days: int
    kept: Kept | None = None


def next_steps(application, actor, promise: Promise) -> list[dict]:
    """Return in order what comes, who does it and within what time."""
    return [
        {"title": title, "text": text}
        for title, text in _NEXT.get(application.status, _nothing)(application, actor, promise)
    ]


def _nothing(application, actor, promise):
    return []


def _draft(application, actor, promise):
    mine = is_own(application, actor)
    if mine:
        yield (
            _("You answer the questions and an owner sends the application"),
            _("In any order; everything is kept as you type."),
        )
    yield from _review(application, actor, promise)


def _review(application, actor, promise):
    if application.status in (_S.SUBMITTED, _S.IN_REVIEW) and application.review_due_on:
        limit = (_("Was due %(date)s.") if _is_late(application) else _("By %(date)s.")) % {
            "date": day(application.review_due_on)
        }
    else:
        limit = ngettext(
            "Within %(count)s working day.", "Within %(count)s working days.", promise.days
        ) % {"count": promise.days}
    text = _("%(promise)s If anything is missing, it comes as one complete list.")
    text %= {"promise": limit}
    if promise.kept:
        words = _("%(text)s On time in %(percent)s%% of %(count)s reviews in the last 12 months.")
        kept = {"percent": promise.kept.percent, "count": promise.kept.count}
        text = words % {"text": text, **kept}
    yield _("The body reviews the application"), text
    yield from _accepted(application, actor, promise)


def _returned(application, actor, promise):
    if is_own(application, actor):
        yield (
            _("You complete the application and send it again"),
            _("The reviewer sees what you changed, field by field."),
        )
    else:
        yield (
            _("The applicant completes the application and sends it again"),
            _("The changes are then shown field by field."),
        )
    yield from _review(application, actor, promise)


def _accepted(application, actor, promise):
    yield (
        _("The body makes an offer"),
        _("With the audit time line by line, each factor with its reason."),
    )
    yield from _offered(application, actor, promise)


def _offered(application, actor, promise):
    if is_own(application, actor):
        yield _("You sign online or reject the offer"), _("Nothing is due before you sign.")
    else:
        yield _("The applicant signs online or rejects the offer"), ""
    yield (
        _("The audits are planned"),
        _("A case is opened with the programme of three years."),
    )


def _declined(application, actor, promise):
    if is_own(application, actor):
        yield (
            _("You may appeal against this"),
            _("People who took no part in the review handle the appeal."),
        )
        yield _("You may apply to another body"), _("Your answers are kept for it.")


_NEXT = {
    _S.DRAFT: _draft,
    _S.SUBMITTED: _review,
    _S.IN_REVIEW: _review,
    _S.RETURNED: _returned,
    _S.ACCEPTED: _accepted,
    _S.OFFERED: _offered,
    _S.DECLINED: _declined,
}
