"""What changed from one version of a report to the next."""

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from audits.enums import Grade
from audits.models import AuditReport
from certification.enums import Recommendation


def _answer(name: str, value: str) -> str:
    field = AuditReport._meta.get_field(name)
    labels = dict(Recommendation.choices if name == "recommendation" else field.choices or ())
    return str(labels.get(value, value))


def _findings(snapshot: dict) -> dict[str, str]:
    return {
        row["number"]: f"{Grade(row['grade']).label} · {row['title']} · {row['statement']}"
        for row in snapshot.get("findings", ())
    }


def _looked_at(snapshot: dict) -> dict[str, str]:
    """Return verdict and note of each question by place; versions of earlier releases have none."""
    return {
        f"{row['question_en']} {row['department']}": f"{row['verdict']} {row['note']}"
        for row in snapshot.get("checklist", ())
    }


def differences(before: dict, after: dict) -> list[dict]:
    """Return what differs between two snapshots as {label, before, after}."""
    old, new = before.get("answers", {}), after.get("answers", {})
    found = []
    for name in dict.fromkeys([*old, *new]):
        first, second = old.get(name, ""), new.get(name, "")
        if first != second:
            label = capfirst(AuditReport._meta.get_field(name).verbose_name)
            found.append(_row(label, _answer(name, first), _answer(name, second)))
    old, new = _findings(before), _findings(after)
    found += [
        _row(number, old.get(number, ""), new.get(number, ""))
        for number in sorted({*old, *new})
        if old.get(number) != new.get(number)
    ]
    old, new = _looked_at(before), _looked_at(after)
    changed = sum(old.get(key) != new.get(key) for key in {*old, *new})
    if changed:
        found.append(_row(_("Answers of the checklist"), str(len(old)), str(len(new))))
    return found


def _row(label, before: str, after: str) -> dict:
    return {"label": label, "before": before, "after": after}
