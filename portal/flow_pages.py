"""The flow diagrams of the documentation, drawn from the tables that run."""

from django.utils import translation

from foundation.workflow import FLOWS, Flow, Transition

HEAD = """# The workflows

Drawn by `manage.py draw_flows` from the tables in `*/flows`; `script/lint` refuses a stale page.
"""


def page() -> str:
    """Return the whole page as Markdown with Mermaid diagrams."""
    with translation.override("en"):
        return HEAD + "".join(_flow(FLOWS[name]) for name in sorted(FLOWS))


def _flow(flow: Flow) -> str:
    arrows = [f"    [*] --> {state}" for state in (flow.start, *flow.also)]
    for transition in flow.transitions:
        arrows += [
            f"    {source} --> {transition.target or source}: {transition.action}"
            for source in transition.sources
        ]
    rows = "\n".join(_row(transition) for transition in flow.transitions)
    diagram = "\n".join(arrows)
    return f"""
## {flow.title or flow.name}

`{flow.name}`, {flow.model._meta.label}.{flow.status_field}

```mermaid
stateDiagram-v2
{diagram}
```

| action | from | to | by | asks for | guards |
|---|---|---|---|---|---|
{rows}
"""


def _row(transition: Transition) -> str:
    cells = (
        f"{transition.action}: {transition.title}",
        ", ".join(transition.sources),
        transition.target or "(stays)",
        transition.right.name,
        ", ".join(transition.requires) or "–",
        ", ".join(guard.__name__.replace("_", " ") for guard in transition.guards) or "–",
    )
    return f"| {' | '.join(cells)} |"
