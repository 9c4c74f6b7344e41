"""What waits for people besides the work on records: jobs that failed."""

from foundation.models import Job
from foundation.models.jobs import JobState
from organisations.enums import Role


def failed_jobs(actor):
    """Return the failed jobs that concern the actor: those of a manager's own body.

    Operators see theirs among the lights of the status page.
    """
    if Role.MANAGER in actor.roles:
        return Job.objects.visible_to(actor).filter(state=JobState.FAILED)
    return Job.objects.none()
