"""What a simulation showed: how fast it was, which ways were gone, what was wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.apps import apps

from foundation.models import JournalEntry
from foundation.workflow import FLOWS
from portal.simulation.registry import all_edges

_COUNTED = (
    "certification.Application",
    "certification.Case",
    "audits.Audit",
    "audits.Finding",
    "certification.Decision",
    "certification.Certificate",
    "certification.CertificateRevision",
    "certification.Proposal",
    "foundation.JournalEntry",
    "foundation.Notice",
    "foundation.Job",
)


def coverage() -> Counter:
    """Count from the journal alone how often each way of each workflow was gone."""
    actions = {f"{flow.name}.{row.action}" for flow in FLOWS.values() for row in flow.transitions}
    rows = JournalEntry.objects.order_by().filter(verb__in=actions)
    taken: Counter = Counter()
    for verb, before in rows.values_list("verb", "before").iterator():
        name, _dot, action = verb.partition(".")
        taken[name, before, action] += 1
    return taken


def never_taken(taken: Counter) -> list[str]:
    """Name the ways that nobody went."""
    return sorted(
        f"{name}: {action} from {before}"
        for name, before, action in all_edges()
        if not taken[name, before, action]
    )


def facts_of(world, seconds: float) -> dict[str, Any]:
    """Return the whole report as plain values."""
    taken = coverage()
    counts = {name: apps.get_model(name)._base_manager.count() for name in _COUNTED}
    flows = {}
    for flow in FLOWS.values():
        edges = [edge for edge in all_edges() if edge[0] == flow.name]
        flows[flow.name] = {
            "ways": len(edges),
            "taken": sum(bool(taken[edge]) for edge in edges),
            "times": {f"{edge[1]} {edge[2]}": taken[edge] for edge in edges},
        }
    return {
        "seed": world.seed,
        "days": world.days,
        "seconds": round(seconds, 1),
        "days_per_second": round(world.days / seconds, 2),
        "shares": {name: round(value, 1) for name, value in world.seconds.items()},
        "acts": world.acts,
        "refused": world.refused,
        "mistakes": world.mistakes,
        "documents": asdict(world.documents),
        "counts": counts,
        "flows": flows,
        "never": never_taken(taken),
        "faults": [str(fault) for fault in world.faults],
    }


def lines_of(facts: dict[str, Any]) -> Iterator[str]:
    """Yield the report as lines for a terminal."""
    documents = facts["documents"]
    yield (
        f"{facts['days']} days in {facts['seconds']} s ({facts['days_per_second']} a second); "
        f"{facts['acts']} acts, {facts['refused']} refused, {facts['mistakes']} mistakes tried; "
        f"{documents['asked']} documents, {documents['rendered']} of them rendered."
    )
    yield "Seconds: " + ", ".join(f"{name} {value}" for name, value in facts["shares"].items())
    yield "Rows: " + ", ".join(
        f"{name.partition('.')[2]} {count}" for name, count in facts["counts"].items()
    )
    yield f"{'workflow':<14}{'ways':>6}{'taken':>7}{'steps':>8}"
    for name, flow in facts["flows"].items():
        steps = sum(flow["times"].values())
        yield f"{name:<14}{flow['ways']:>6}{flow['taken']:>7}{steps:>8}"
    for line in facts["never"]:
        yield f"never taken: {line}"
    for line in facts["faults"]:
        yield f"FAULT {line}"
