"""Answer a checklist: every answer is a row of its own, nobody's words are overwritten."""

import uuid

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audits.checks.findings import EVIDENCE
from audits.enums import AuditStatus
from audits.models import Audit, ChecklistAnswer
from audits.queries.checklists import Item
from audits.rights import ON_TEAM
from audits.services.planning import held
from foundation import files
from foundation.workflow import NotAllowed, StaleState


@transaction.atomic
def answer_item(
    *,
    audit: Audit,
    item: Item,
    actor,
    verdict: str = "",
    note: str = "",
    seen: int = 0,
    key: uuid.UUID | None = None,
    evidence_files=(),
) -> ChecklistAnswer:
    """Add an answer to an item and return it.

    ``key`` is the identifier the sender made for it: sent again with the same words it adds
    nothing, with other words it becomes another answer. ``seen`` counts the answers of the item
    that the author had before the eyes. Raises NotAllowed, WrongState; StaleState for an
    identifier that somebody else used.
    """
    access = ON_TEAM(actor, audit)
    if not access:
        raise NotAllowed(access.reason)
    fresh = held(audit, (AuditStatus.IN_PROGRESS,))
    before = fresh.checklist.filter(item=item.key)
    sent = ChecklistAnswer.objects.filter(pk=key).first() if key else None
    if sent is not None:
        if sent.item != item.key or sent.answered_by_id != actor.user.pk:
            raise StaleState(_("This answer was sent by somebody else. Reload the page."))
        if (sent.verdict, sent.note) == (verdict, note):
            return _with(sent, evidence_files)
        key, seen = None, max(seen, sent.position)
    count = before.aggregate(most=Max("position"))["most"] or 0
    row = ChecklistAnswer(
        pk=key or uuid.uuid4(),
        audit=fresh,
        item=item.key,
        question=item.question,
        earlier=item.earlier,
        site=item.site,
        department=item.department,
        position=count + 1,
        seen=min(seen, count),
        verdict=verdict,
        note=note,
        answered_by=actor.user,
    )
    row.save(force_insert=True)
    return _with(row, evidence_files)


def _with(row: ChecklistAnswer, evidence_files) -> ChecklistAnswer:
    for file in evidence_files:
        files.attach(file, row, EVIDENCE)
    return row
