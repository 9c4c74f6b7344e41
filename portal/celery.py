"""The Celery application: `celery -A portal worker` and `celery -A portal beat`."""

import logging
import os

from celery import Celery, Task
from celery.signals import celeryd_init
from django.conf import settings

from foundation import standstill

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

log = logging.getLogger(__name__)


class StandingTask(Task):
    """A task that leaves everything as it is while the portal may only be read."""

    abstract = True

    def __call__(self, *args, **kwargs):
        if standstill.is_on():
            log.warning("read-only: %s is left for later", self.name)
            return None
        return super().__call__(*args, **kwargs)


app = Celery("portal", task_cls=StandingTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Otherwise the threads of the web server would find an application without our settings.
app.set_default()


@celeryd_init.connect
def fit_for_work(conf, **kwargs):
    """Let a worker wait for jobs longer than a web request may wait to publish one.

    It does one job at a time and would make and drop a whole connection pool for each.
    """
    conf.broker_transport_options = conf.broker_transport_options | {"socket_timeout": 30}
    for database in settings.DATABASES.values():
        database["OPTIONS"].pop("pool", None)
