"""The journal: whole, in the order of the tables, and the truth about every state."""

from foundation import journal
from foundation.models import JournalEntry
from foundation.workflow import FLOWS, SAME, WrongState
from portal.simulation.watch import Broken, Look, invariant


@invariant("every chain of the journal is whole")
def chains_are_whole(look: Look):
    """Recompute the hashes of what was written since the last look; of all when looking whole."""
    chains = sorted({entry.chain for entry in look.entries})
    if look.whole:
        chains = sorted({*chains, *look.memory.heads})
    for chain in chains:
        since = 0 if look.whole else look.memory.heads.get(chain, 0)
        for problem in journal.verify(chain, since=since):
            yield Broken(chain, problem)


@invariant("every step stands in the table of its workflow")
def steps_are_in_the_tables(look: Look):
    """Follow each record from state to state through the journal alone."""
    for entry in look.entries:
        name, _dot, action = entry.verb.partition(".")
        flow = FLOWS.get(name)
        if flow is None or flow.model._meta.label_lower != entry.subject_type:
            continue
        if not any(row.action == action for row in flow.transitions):
            continue
        known = look.memory.states.get(entry.subject_id, entry.before)
        if known != entry.before:
            yield Broken(_row(entry), f"{entry.verb} from {entry.before}, but it was {known}")
        try:
            row = flow.find(entry.before, action)
        except (WrongState, ValueError):
            yield Broken(_row(entry), f"{entry.verb} from {entry.before} is no step")
            continue
        target = entry.before if row.target is SAME else row.target
        if entry.after != target:
            yield Broken(_row(entry), f"{entry.verb} leads to {entry.after}, not to {target}")
        look.memory.states[entry.subject_id] = entry.after


def _row(entry: JournalEntry):
    return f"{entry.subject_type} {entry.subject_id}"


@invariant("every state is the one the journal tells")
def states_are_journaled(look: Look):
    """Compare the column of each record that changed with the last step in the journal."""
    for flow in FLOWS.values():
        label = flow.model._meta.label_lower
        changed = {e.subject_id for e in look.entries if e.subject_type == label}
        rows = flow.model._base_manager.all()
        if not look.whole:
            rows = rows.filter(pk__in=changed)
        for pk, status in rows.values_list("pk", flow.status_field):
            told = look.memory.states.get(pk)
            if status != told and (told or status not in flow.begins):
                yield Broken(f"{label} {pk}", f"is “{status}”, the journal says “{told}”")
