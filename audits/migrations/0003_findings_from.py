from datetime import timedelta

from django.db import migrations
from django.utils import timezone

# What the rule sets gave for acting again when these limits were introduced.
AGAIN = timedelta(days=14)
WITH_CLIENT = ("plan_rejected", "plan_accepted", "evidence_rejected")


def name_the_beginnings(apps, schema_editor):
    """Limits were counted from the showing, or promised by a plan; a judgement gave no time."""
    rows = apps.get_model("audits", "Finding").objects.exclude(due_on=None).exclude(shown_at=None)
    for finding in rows.prefetch_related("answers").iterator(chunk_size=500):
        finding.due_from, finding.due_since = "shown", timezone.localdate(finding.shown_at)
        judged = [one for one in finding.answers.all() if one.judged_at is not None]
        judged.sort(key=lambda one: one.round)
        for plan in judged:
            if finding.grade == "minor" and plan.accepted and plan.stage == "plan":
                finding.due_from = "plan"
                finding.due_since = timezone.localdate(plan.judged_at)
        if judged:
            last = judged[-1]
            on = timezone.localdate(last.judged_at)
            if finding.status in WITH_CLIENT and finding.due_on < on + AGAIN:
                finding.due_from = "accepted" if last.accepted else "rejected"
                finding.due_since, finding.due_on = on, on + AGAIN
        finding.save(update_fields=["due_from", "due_since", "due_on"])


class Migration(migrations.Migration):
    dependencies = [("audits", "0002_finding_due")]

    operations = [migrations.RunPython(name_the_beginnings, migrations.RunPython.noop)]
