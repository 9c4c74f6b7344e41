"""Look at an installation that was cut off: take up what was begun, compare with a ledger.

Run as a module with the path of the ledger; prints what it found as JSON.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path


def main(path):
    """Recover as a new start does, then judge."""
    import django

    django.setup()
    from django.utils import timezone

    from foundation import jobs
    from foundation.models import Job
    from foundation.models.jobs import JobState
    from tests.faults.ledger import Ledger, judge

    # The workers of before are gone; their leases run out.
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(state=JobState.RUNNING).update(leased_until=past)
    end = time.monotonic() + 60
    while jobs.due().exists() and time.monotonic() < end:
        jobs.run_due()
        Job.objects.filter(state=JobState.QUEUED).update(run_at=past)
    ledger = Ledger.of(json.loads(Path(path).read_text()))
    found = judge(ledger)
    problems = [*found.lost, *found.twice, *found.half]
    sys.stdout.write(json.dumps({"acknowledged": ledger.count(), "problems": problems}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
