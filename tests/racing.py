"""Calls that start at the same moment in threads of their own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from foundation.workflow import WorkflowRefusal


def at_once(*calls):
    """Run calls in threads that start together; return their results, refusals included."""
    start = Barrier(len(calls))

    def run(call):
        start.wait(10)
        try:
            return call()
        except WorkflowRefusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
