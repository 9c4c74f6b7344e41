"""What the pages of a complaint or an appeal show, each reader's part of it."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certification.enums import ComplaintStatus, EntryKind
from certification.queries.complaints import entries_for, files_of
from foundation.formatting import day
from organisations.enums import Kind
from schemes.queries import rule_book_for

_S = ComplaintStatus
_OFFICE = (Kind.BODY, Kind.AUTHORITY)


def knows_complainant(complaint, actor) -> bool:
    """Tell whether this reader is told who complained: who handles it, and the authority."""
    return not complaint.is_appeal and actor.kind in _OFFICE


def thread_of(complaint, actor) -> list[dict]:
    """Return the file as far as a reader may read it: each entry with its writer and its files."""
    entries = entries_for(complaint, actor)
    files = files_of(entries)
    return [
        {"entry": entry, "who": _writer(complaint, entry, actor), "files": files[entry.pk]}
        for entry in entries
    ]


def _writer(complaint, entry, actor) -> str:
    if entry.author is not None:
        return entry.author.name
    if actor.kind in _OFFICE:
        return complaint.name or _("Without a name")
    return _("You")


def last_words(complaint, kind: str):
    """Return the last entry of a kind, or None."""
    found = [entry for entry in complaint.entries.all() if entry.kind == kind]
    return found[-1] if found else None


def decision_of(complaint):
    """Return the entry with the decision, or None before it."""
    return last_words(complaint, EntryKind.DECISION)


def steps(complaint) -> list[dict]:
    """Say what still comes and by when, each date counted in working days."""
    days = rule_book_for(
        str(complaint.body.country), timezone.localdate(complaint.created_at)
    ).value("complaint_progress_working_days")
    every = ngettext(
        "You read how it stands at least every %(n)s working day.",
        "You read how it stands at least every %(n)s working days.",
        days,
    ) % {"n": days}
    decided_by = day(complaint.decide_by)
    rows = {
        _S.RECEIVED: (
            _("The body confirms that it has it"),
            _("By %(date)s.") % {"date": day(complaint.acknowledge_by)},
        ),
        _S.ACKNOWLEDGED: (
            _("It judges whether it can be investigated"),
            _("If not, you are told why."),
        ),
        _S.INVESTIGATING: (_("Somebody who took no part investigates"), every),
        _S.REPORTED: (
            _("Somebody who took no part decides"),
            _("By %(date)s.") % {"date": decided_by},
        ),
        _S.DECIDED: (
            _("You get the formal notice of the end"),
            _("With what was done. If that does not settle it, you can turn to the authority."),
        ),
    }
    order = list(rows)
    if complaint.status not in rows:
        return []
    return [
        {"title": title, "text": text}
        for title, text in list(rows.values())[order.index(complaint.status) :]
    ]
