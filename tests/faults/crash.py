"""Do one job again and again, dying before its first, second, third … step, until it is done.

Run as a module: the job, the first step to die at, and how many steps lie between two deaths.
"""

import json
import os
import signal
import sys


def main(job, first, step):
    """Fork a process for each death; this one never touches the database."""
    import django

    django.setup()
    import weasyprint  # noqa: F401 -- loaded once, before the forks

    from foundation import jobs  # noqa: F401 -- the same

    number, crashes = int(first), 0
    while True:
        pid = os.fork()
        if pid == 0:
            _live(job, number)
        status = os.waitpid(pid, 0)[1]
        if os.WIFSIGNALED(status):
            crashes += 1
            number += int(step)
            continue
        problems = [] if os.WEXITSTATUS(status) == 0 else ["the job was not done in the end"]
        sys.stdout.write(json.dumps({"crashes": crashes, "problems": problems}) + "\n")
        return


def _live(job, deadly):
    """Do the job in a new process that dies before one of its steps."""
    from datetime import timedelta

    from django.db import connection
    from django.utils import timezone

    from foundation import jobs
    from foundation.models import Job
    from foundation.models.jobs import JobState

    # Whoever died before has lost the lease; deaths of this kind are not counted here.
    past = timezone.now() - timedelta(seconds=1)
    Job.objects.filter(pk=job, state=JobState.RUNNING).update(leased_until=past, attempts=0)
    taken = 0

    def count():
        nonlocal taken
        taken += 1
        if taken == deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(execute, *arguments):
        count()
        return execute(*arguments)

    for name in ("fsync", "rename", "replace"):
        _counted(os, name, count)
    with connection.execute_wrapper(statement):
        jobs.run(job)
        done = Job.objects.get(pk=job).state == JobState.DONE
    os._exit(0 if done else 1)


def _counted(module, name, count):
    real = getattr(module, name)

    def wrapper(*arguments, **options):
        count()
        return real(*arguments, **options)

    setattr(module, name, wrapper)


if __name__ == "__main__":
    main(*sys.argv[1:])
