"""The Celery application: `celery -A portal worker` and `celery -A portal beat`."""

import os

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Otherwise the threads of the web server would find an application without our settings.
app.set_default()


@celeryd_init.connect
def be_patient(conf, **kwargs):
    """Let a worker wait for jobs longer than a web request may wait to publish one."""
    conf.broker_transport_options = conf.broker_transport_options | {"socket_timeout": 30}
