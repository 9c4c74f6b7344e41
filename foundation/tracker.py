"""The steps that components/tracker.html draws."""

DONE, NOW, TODO, STOPPED = "done", "now", "todo", "stopped"


def tracked(title, state: str, when="", who="") -> dict:
    """Return one step: its state, in words when it was done or is due, and whose it is."""
    return {"title": title, "state": state, "when": when or "", "who": who}
