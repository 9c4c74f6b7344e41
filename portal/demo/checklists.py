"""Checklists of the demonstration, answered as auditors would."""

from itertools import cycle

from audits.enums import Verdict as Judged
from audits.models import Audit
from audits.queries.checklists import items_of
from audits.services.checklists import answer_item
from organisations.actors import actor_in
from portal.demo.acts import fresh
from portal.demo.parties import Desk

# What auditors write beside a verdict, in turn.
SEEN = (
    "查阅3月至6月的记录12份，与现场一致。",
    "访谈负责人和两名操作人员，能说明要求与做法。",
    "现场观察：标识清晰，文件为现行版本。",
    "抽查5批次，批次号可追溯至来料检验单。",
)


def fill_checklist(audit: Audit, desk: Desk, *, every: bool) -> None:
    """Answer the checklist as its people would: all of it, or about half while they audit.

    Of a half one two people have answered the first question, unaware of each other.
    """
    held = fresh(audit)
    items = items_of(held)
    team = [member.user for member in held.members.select_related("user")]
    said = cycle(
        [
            *((Judged.CONFORM, note) for note in SEEN),
            (Judged.OPPORTUNITY, "做法可行，记录方式可进一步统一。"),
            *((Judged.CONFORM, note) for note in SEEN),
            (Judged.NOT_APPLICABLE, "本场所无此活动。"),
        ]
    )
    answers = list(zip(items if every else items[: len(items) // 2], said, strict=False))
    for item, words in answers:
        person = next((one for one in item.people if one in team), held.lead)
        _say(held, item, actor_in(person, desk.organisation), words)
    others = [one for one in team if one != held.lead]
    if others and not every:
        item, actor = items[0], actor_in(others[0], desk.organisation)
        _say(held, item, actor, (Judged.OPPORTUNITY, "二班的做法与一班不同。"))


def _say(audit, item, actor, words) -> None:
    verdict, note = words
    answer_item(audit=audit, item=item, actor=actor, verdict=verdict, note=note)
