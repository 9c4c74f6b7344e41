"""A portal of its own with the settings, the web server and the limits of operators."""

import os
from pathlib import Path

from tests.faults.site import Site


class Portal(Site):
    """Web, worker, scheduler, broker, database and mail server as they run in production."""

    def environment(self, *, direct):
        """Return the environment of a process; each person comes from an address of their own."""
        changed = {"DJANGO_SETTINGS_MODULE": "portal.settings", "TRUSTED_PROXIES": "1"}
        return super().environment(direct=direct) | changed

    def new_web(self):
        """Start gunicorn as the units do."""
        number = self.listener.fileno()
        os.set_inheritable(number, True)
        return self._launch(
            "gunicorn", "-c", "python:portal.gunicorn", "--bind", f"fd://{number}", "portal.wsgi",
            pass_fds=[number],
        )  # fmt: skip

    def held(self):
        """Return the megabytes that web and worker hold; what processes share counts once."""
        found = {}
        for name in ("web", "worker"):
            texts = [_memory(pid) for pid in self.everything_of(getattr(self, name).pid)]
            rows = [row.split() for text in texts for row in text.splitlines()]
            found[name] = round(sum(int(row[1]) for row in rows if row[0] == "Pss:") / 1024)
        return found

    def everything_of(self, pid):
        """Return a process and all that it and its children have started."""
        path = Path(f"/proc/{pid}/task/{pid}/children")
        children = path.read_text().split() if path.exists() else []
        return [pid, *(one for child in children for one in self.everything_of(int(child)))]


def _memory(pid):
    try:
        return Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        # It has ended meanwhile.
        return ""
