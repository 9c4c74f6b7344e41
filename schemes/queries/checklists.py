"""The questions that auditors ask about the standards of an audit."""

from django.db.models import Q

from schemes.models import ChecklistQuestion


def questions_for(editions, on, *, also=()) -> list[ChecklistQuestion]:
    """Return the questions in force on a day that look at one of the editions, in their order.

    ``also`` are keys of questions that were answered already and stay, whatever holds now.
    """
    keys = {edition.key for edition in editions}
    rows = ChecklistQuestion.objects.in_force(on) | ChecklistQuestion.objects.filter(
        Q(pk__in=list(also))
    )
    return [row for row in rows.order_by("position", "version") if keys & row.clauses.keys()]
