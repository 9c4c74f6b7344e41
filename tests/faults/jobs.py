"""Jobs that only the faults ask for."""

import os
import signal
import time

from foundation.jobs import job
from foundation.pdf import html_to_pdf

ROWS = 20_000


@job("faults.bomb")
def bomb(row):
    """Lay out a table that takes far longer than a job may."""
    cells = "".join(f"<tr><td>{n}</td><td>{'x' * (n % 90)}</td></tr>" for n in range(ROWS))
    html_to_pdf(f"<!doctype html><title>x</title><table>{cells}</table>")


@job("faults.deaf", max_attempts=2)
def deaf(row):
    """Hang without hearing the first warning, until the worker is killed."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    while True:
        time.sleep(1)


@job("faults.die", max_attempts=2)
def die(row):
    """Take the worker along, as a process does that asks for too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)
