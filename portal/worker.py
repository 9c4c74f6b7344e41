"""What a Celery worker says of itself: that it is alive, and which task it does."""

import logging

from celery.signals import task_prerun, worker_ready
from django.db import Error, connection

from foundation import heartbeats, logs

log = logging.getLogger(__name__)


@worker_ready.connect
def say_alive(sender, **kwargs):
    """Let the process that leads a worker write signs of life, however long its jobs take."""
    sender.timer.call_repeatedly(heartbeats.EVERY.total_seconds(), _beat)
    _beat()


def _beat():
    try:
        heartbeats.beat(heartbeats.WORKER)
    except Error as error:
        log.warning("no sign of life: %s", error)
    finally:
        # The processes that this one forks must not find its connection.
        connection.close()


@task_prerun.connect
def name_the_task(task_id, task, **kwargs):
    """Give what the log says of a task an id, as a request has one."""
    logs.forget()
    logs.bind(request_id=task_id.replace("-", "")[:16], task=task.name)
