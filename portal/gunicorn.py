"""How gunicorn runs the portal: `gunicorn -c python:portal.gunicorn --bind … portal.wsgi`."""

import os
import shutil
import tempfile

_OWNER = "PORTAL_GUNICORN"
if os.environ.get(_OWNER) != str(os.getpid()):
    # The processes of one gunicorn add up their counts through files in a folder of its own.
    os.environ[_OWNER] = str(os.getpid())
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="portal-metrics-")

from prometheus_client import multiprocess  # noqa: E402 -- looks for the folder when imported

from portal.settings import LOGGING  # noqa: E402 -- the same

preload_app = True
workers = 2
threads = 8
timeout = 60
graceful_timeout = 15
keepalive = 5
# Longer than any address or header of ours; a proxy in front refuses them earlier.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# Requests in flight that the kernel may hold while all threads are busy.
backlog = 256
# Heartbeats of the processes stand in memory, not on a disk that may be slow.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 -- a mount
# Signals are enough; its socket would be shared by all of one user.
control_socket_disable = True

accesslog = None
logconfig_dict = {
    **LOGGING,
    "loggers": {
        "gunicorn.error": {"handlers": [], "propagate": True},
        "gunicorn.access": {"handlers": [], "propagate": False},
    },
}


def child_exit(server, worker):
    """Forget what only a living process can measure; what it has counted stays counted."""
    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """Remove the counts of this gunicorn."""
    if os.environ.get(_OWNER) == str(os.getpid()):
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
