"""Who does the jobs that the demonstration asks for: its own process, or a few more."""

from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import get_context

import time_machine
from django.db import connections
from django.utils import timezone

from foundation import jobs


class Alone:
    """Do each story's jobs at once, in this process."""

    def take(self, story: int) -> None:
        """Do everything that is due."""
        jobs.run_due()

    def settle(self, story: int) -> None:
        """Nothing is ever left."""

    def finish(self) -> None:
        """Do what is due at the end."""
        jobs.run_due()


class Crew:
    """Processes that make documents while other stories go on.

    Documents take most of the time of a demonstration, and only their own story waits for them.
    What writes to the journal is done at once, in this process: its chains run forwards. Each
    job is done at the moment at which it was asked for. A context manager; enter it in real time.
    """

    DOCUMENTS = frozenset(
        {
            "audits.render_plan",
            "audits.render_report",
            "certification.render_contract",
            "certification.render_offer",
        }
    )

    def __init__(self, processes: int):
        self._pool = ProcessPoolExecutor(processes, mp_context=get_context("fork"))
        self._running = {}
        self._of_story = defaultdict(list)

    def __enter__(self):
        # Neither a connection nor a pool of them survives a fork.
        for connection in connections.all():
            connection.close()
            if hasattr(connection, "close_pool"):
                connection.close_pool()
        self._pool.submit(bool).result()
        return self

    def __exit__(self, *error):
        self._pool.shutdown(cancel_futures=True)

    def take(self, story: int) -> None:
        """Hand out the documents that are due, for which the story waits; do the rest."""
        self._running = {pk: task for pk, task in self._running.items() if not task.done()}
        now = timezone.now()
        while waiting := self._waiting(now):
            for pk, kind in waiting:
                if kind in self.DOCUMENTS:
                    self._running[pk] = self._pool.submit(_do, pk, now)
                    self._of_story[story].append(self._running[pk])
                else:
                    jobs.run(pk)

    def _waiting(self, now) -> list:
        rows = jobs.due(now).order_by("run_at").values_list("pk", "kind")
        return [row for row in rows if row[0] not in self._running]

    def settle(self, story: int) -> None:
        """Return when everything that a story asked for is done, follow-up jobs included."""
        while tasks := self._of_story.pop(story, None):
            wait(tasks)
            for task in tasks:
                task.result()
            self.take(story)

    def finish(self) -> None:
        """Return when nothing is due any more."""
        self.take(-1)
        for story in list(self._of_story):
            self.settle(story)


def _do(pk, moment):
    with time_machine.travel(moment, tick=False):
        jobs.run(pk)
