"""A special audit that is no longer needed leaves the programme; regular ones never do."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certification.flows import changes, special
from certification.rights import DROPS_SHORT_NOTICE, DROPS_SPECIAL
from certification.services import programme
from certification.services.telling import tell_owners
from foundation.notices import in_both
from foundation.workflow import REASON, SAME, Blocker, Transition


def can_be_dropped(*, short_notice):
    """Return the guard: of this case, of this way, still to come, and nobody plans it."""

    def item_can_be_dropped(case, actor, data):
        item = (data or {}).get("item")
        if not item:
            return
        rows = case.programme.special_to_come(short_notice=short_notice)
        found = rows.select_for_update(of=("self",)).filter(pk=item.pk).first()
        if found is None:
            yield Blocker(_("Choose an audit that is still to come."), field="item")
        elif programme.is_under_way(found):
            yield Blocker(_("An audit is planned or under way: cancel it first."), field="item")

    return item_can_be_dropped


def dropped(case, actor, item, reason, **data):
    item.dropped_on = timezone.localdate()
    item.save(update_fields=["dropped_on", "changed_at"])
    changes.audit_dropped(item)
    if not item.short_notice or item.announced_at is not None:
        purpose = in_both("purpose", lambda row: row.get_purpose_display(), item)
        tell_owners("case.special_dropped", case, reason=reason, **purpose)
    return {"purpose": item.purpose}


_DROP = {
    "sources": special.WHILE,
    "target": SAME,
    "title": _("Take a special audit out of the programme"),
    "past": _("Special audit taken out of the programme"),
    "requires": ("item", REASON),
    "effect": dropped,
    "awaited": False,
    "done_text": _("The audit is out of the programme."),
}

DROPPING = (
    Transition(
        action="drop_special",
        right=DROPS_SPECIAL,
        guards=(can_be_dropped(short_notice=False),),
        explain=_("It is not needed any more. The enterprise is told why."),
        **_DROP,
    ),
    Transition(
        action="drop_short_notice",
        right=DROPS_SHORT_NOTICE,
        guards=(can_be_dropped(short_notice=True),),
        internal=True,
        explain=_("It is not needed any more. The enterprise never learns of it."),
        **_DROP | {"title": _("Take an audit at short notice out of the programme")},
    ),
)
