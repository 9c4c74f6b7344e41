"""A merger: reported by one enterprise, confirmed by the other, completed when nothing is left."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.enums import OPEN_CHANGES, MergerStatus
from certification.flows.changes import CHANGE_FLOW
from certification.models import Merger
from certification.rights import ASKED_OWNER, EITHER_OWNER, REPORTING_OWNER
from certification.services import mergers
from certification.services.merger_telling import tell, tell_both
from foundation import timeline
from foundation.access import IS_SYSTEM
from foundation.actor import SYSTEM
from foundation.workflow import REASON, Blocker, Flow, Transition, perform

_S = MergerStatus

timeline.register(mergers.REPORTED, _("Merger reported"))
timeline.register("organisation.merged", _("Merged into another enterprise"))


def both_may_merge(merger, actor, data):
    """Neither takes part in another merger that this one would contradict."""
    if data is not None:
        mergers.lock(merger.absorbed, merger.absorbing)
    for problem in mergers.hindrances(merger.absorbed, merger.absorbing, besides=merger):
        yield Blocker(problem)


def nothing_has_passed(merger, actor, data):
    """A merger that was begun is not called off: what passed over belongs to the other."""
    if merger.carried.exists():
        yield Blocker(_("A case has passed over already, so the merger goes on."))


def nothing_is_left(merger, actor, data):
    for words, record in mergers.left_over(merger):
        yield Blocker(words, record.get_absolute_url())


def confirmed(merger, actor, **data):
    """Both have said yes: the one stops applying, and every body is told of its cases."""
    merger.absorbed.successor = merger.absorbing
    merger.absorbed.save(update_fields=["successor", "changed_at"])
    mergers.ask_bodies(merger, actor, actor.user)
    tell_both("merger.agreed", merger)
    return {"number": merger.number}


def refused(merger, actor, reason, **data):
    tell("merger.refused", merger, merger.reporter, reason=reason)
    return {"number": merger.number}


def withdrawn(merger, actor, reason, **data):
    tell("merger.withdrawn", merger, merger.other, reason=reason)
    return {"number": merger.number}


def called_off(merger, actor, reason, **data):
    """Everything is as it was before both agreed."""
    merger.absorbed.successor = None
    merger.absorbed.save(update_fields=["successor", "changed_at"])
    for change in merger.changes.filter(status__in=OPEN_CHANGES).select_related("case"):
        perform(CHANGE_FLOW, change, "lapse", SYSTEM)
    tell_both("merger.withdrawn", merger, reason=reason)
    return {"number": merger.number}


def lapsed(merger, actor, **data):
    tell_both("merger.lapsed", merger)
    return {"number": merger.number}


def completed(merger, actor, **data):
    mergers.end_absorbed(merger, actor)
    tell_both("merger.completed", merger)
    return {"number": merger.number}


MERGER_FLOW = Flow(
    name="merger",
    title=_("Merger of two enterprises"),
    model=Merger,
    states=_S,
    tags={
        _S.PROPOSED: "waiting",
        _S.AGREED: "info",
        _S.DONE: "closed",
        _S.REFUSED: "cancelled",
        _S.WITHDRAWN: "cancelled",
        _S.LAPSED: "cancelled",
    },
    related=("absorbed", "absorbing", "reporter"),
    transitions=(
        Transition(
            action="confirm",
            sources=(_S.PROPOSED,),
            target=_S.AGREED,
            right=ASKED_OWNER,
            title=_("Confirm the merger"),
            task=_("Answer a reported merger"),
            past=_("Merger confirmed by the other enterprise"),
            guards=(both_may_merge,),
            columns=lambda merger, actor, **data: {
                "confirmed_by": actor.user,
                "agreed_at": timezone.now(),
            },
            effect=confirmed,
            confirmed=True,
            explain=_(
                "You agree for your enterprise. The enterprise that ends applies for nothing "
                "any more; each of its certification bodies decides what becomes of its "
                "certificates. People pass over only when they are invited."
            ),
            done_text=_("The merger is agreed. The certification bodies are told."),
        ),
        Transition(
            action="refuse",
            sources=(_S.PROPOSED,),
            target=_S.REFUSED,
            right=ASKED_OWNER,
            title=_("Refuse the merger"),
            past=_("Merger refused by the other enterprise"),
            requires=(REASON,),
            effect=refused,
            awaited=False,
            explain=_("Nothing changes. The other enterprise reads your reason."),
        ),
        Transition(
            action="withdraw",
            sources=(_S.PROPOSED,),
            target=_S.WITHDRAWN,
            right=REPORTING_OWNER,
            title=_("Take the report back"),
            past=_("Report of the merger taken back"),
            requires=(REASON,),
            effect=withdrawn,
            awaited=False,
            explain=_("Nothing changes. The other enterprise reads your reason."),
        ),
        Transition(
            action="call_off",
            sources=(_S.AGREED,),
            target=_S.WITHDRAWN,
            right=EITHER_OWNER,
            title=_("Call the merger off"),
            past=_("Merger called off"),
            guards=(nothing_has_passed,),
            requires=(REASON,),
            effect=called_off,
            awaited=False,
            serious=True,
            confirmed=True,
            explain=_(
                "The merger does not take place: both enterprises go on as before. Possible "
                "until the first case has passed over."
            ),
        ),
        Transition(
            action="lapse",
            sources=(_S.PROPOSED,),
            target=_S.LAPSED,
            right=IS_SYSTEM,
            title=_("Note that nobody answered in time"),
            past=_("Merger not confirmed in time"),
            effect=lapsed,
        ),
        Transition(
            action="complete",
            sources=(_S.AGREED,),
            target=_S.DONE,
            right=IS_SYSTEM,
            title=_("Note that nothing is left"),
            past=_("Merger completed: the absorbed enterprise has ended"),
            guards=(nothing_is_left,),
            effect=completed,
        ),
    ),
)
