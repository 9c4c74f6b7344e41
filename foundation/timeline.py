"""Journal entries as lines that people read, by the texts of the flow tables."""

from typing import Any

from foundation import journal
from foundation.workflow import FLOWS

EVENTS: dict[str, Any] = {}


def register(verb: str, text) -> None:
    """Declare the text of an event that is no transition, such as ``evaluation.replied``."""
    EVENTS[verb] = text


def text_of(entry):
    """Return what an entry says, in the reader's language. Raises KeyError for unknown verbs."""
    flow_name, _dot, action = entry.verb.partition(".")
    if entry.verb in EVENTS:
        return EVENTS[entry.verb]
    return FLOWS[flow_name].transition(action).past


def kind_of(entry) -> str:
    """Return the kind of status tag that colours an entry."""
    flow = FLOWS.get(entry.verb.partition(".")[0])
    return flow.tags.get(entry.after, "info") if flow else "info"


def anchor_of(entry) -> str:
    """Name an entry on its page for good: by its hash, which tells no numbers."""
    return f"entry-{entry.hash[:12]}"


def lines(entries) -> list[dict]:
    """Return entries for the timeline component, in the order given."""
    return [
        {
            "anchor": anchor_of(entry),
            "at": entry.at,
            "text": text_of(entry),
            "who": entry.user_name if entry.user_id else "",
            "kind": kind_of(entry),
            "note": entry.data.get("reason") or entry.data.get("person", ""),
        }
        for entry in entries
    ]


def of(obj, actor, limit: int | None = None) -> list[dict]:
    """Return the story of a record the actor has fetched, newest first."""
    entries = journal.history(obj.journal_thread, actor)
    return lines(entries[:limit] if limit else entries)
