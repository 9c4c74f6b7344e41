"""Run web, worker, scheduler and broker as one: all of them, or none."""

import ctypes
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from portal import broker, env

ROOT = env.BASE_DIR
BIN = Path(sys.executable).parent
RESTARTS = 5
WITHIN = 60.0
ACCOUNTS = (
    ("owner, member", "an enterprise"),
    ("manager, reviewer, planner, auditor, auditor2, certifier", "a certification body"),
    ("supervisor, inspector", "an authority"),
    ("operator", "the portal"),
    ("rival-owner, rival-manager", "another enterprise, another body"),
)


def say(text):
    """Tell the person at the terminal."""
    print(text, file=sys.stderr, flush=True)


def die_with_parent():
    """Ask Linux to end this child when the supervisor is gone, however that happened."""
    if sys.platform == "linux":
        set_parent_death_signal = 1
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


class Child:
    """One process of the portal, started again when it stops by itself."""

    def __init__(self, name, command, patience, output=None):
        self.name = name
        self.command = command
        self.patience = patience
        self.output = output
        self.starts = []
        self.process = None

    def start(self):
        """Start the process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.starts.append(time.monotonic())
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self.output or sys.stderr,
            stderr=self.output or sys.stderr,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 -- this process has no threads
        )

    def revive(self):
        """Start again after an unwanted end; return False when that happened too often."""
        recent = [moment for moment in self.starts if moment > time.monotonic() - WITHIN]
        if len(recent) > RESTARTS:
            return False
        say(f"{self.name} stopped with status {self.process.returncode}; starting it again")
        self.start()
        return True

    def stop(self):
        """End the process: first kindly, then with everything it started."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self.patience)
            except subprocess.TimeoutExpired:
                say(f"{self.name} does not stop; ending it")
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Supervisor:
    """The portal's processes, in the order they start; they stop in reverse."""

    def __init__(self, children):
        self.children = children
        self.stopping = False

    def ask_to_stop(self, number, frame):
        """Handle Ctrl-C and SIGTERM."""
        self.stopping = True

    def run(self, is_ready, on_ready):
        """Keep everything running until asked to stop; return the exit status."""
        ready = False
        try:
            for child in self.children:
                if not self.stopping:
                    child.start()
            while not self.stopping:
                for child in self.children:
                    if child.process.poll() is not None and not child.revive():
                        say(f"{child.name} stops again and again; stopping the portal")
                        return 1
                if not ready and is_ready():
                    ready = True
                    on_ready()
                time.sleep(0.2)
        finally:
            say("Stopping")
            for child in reversed(self.children):
                child.stop()
        return 0


def is_ready(address, host_name):
    """Ask the portal whether everything it needs is there; no proxy stands between."""
    request = urllib.request.Request(f"{address}/readyz", headers={"Host": host_name})  # noqa: S310 -- http
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=2):
            return True
    except OSError:
        return False


def prepare(supervisor, data_dir):
    """Bring the database up to date; return the exit status, negative when asked to stop."""
    environment = dict(os.environ)
    if environment["REDIS_URL"] == broker.address(data_dir):
        # Our own broker does not run yet.
        del environment["REDIS_URL"]
    command = [sys.executable, ROOT / "script" / "prepare.py"]
    with subprocess.Popen(command, env=environment) as process:
        while process.poll() is None:
            if supervisor.stopping:
                process.terminate()
            time.sleep(0.05)
    return process.returncode


def refuse_taken_port(host, port):
    """End with a clear message when something else listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"Cannot listen on {host}:{port}: {error.strerror}. Set PORT to a free port.")


def only_one(data_dir):
    """Hold a lock on the data directory for as long as this process lives."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = (data_dir / "server.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"The portal already runs on {data_dir}.")
    return lock


def children_for(host, port, data_dir):
    """Return the processes to run, in the order they need each other."""
    quiet = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "portal"]
    worker = [*quiet, "worker", "--concurrency", "1", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    schedule = str(data_dir / "schedule")
    beat = [*quiet, "beat", "--loglevel", "WARNING", "--schedule", schedule, "--pidfile", ""]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [str(BIN / "gunicorn"), "-c", "python:portal.gunicorn", "--bind", bind]
    web += ["--log-level", "warning", "portal.wsgi"]
    children = []
    if not env.text("REDIS_URL", ""):
        os.environ["REDIS_URL"] = broker.address(data_dir)
        log = (data_dir / "broker.log").open("ab")
        children.append(Child("broker", broker.command(data_dir), 10, log))
    return [
        *children,
        Child("worker", worker, 20),
        Child("scheduler", beat, 5),
        Child("web", web, 20),
    ]


def welcome(address, demo, mail):
    """Print where the portal is and, in the demo, who may sign in and where its mail lies."""
    say(f"\nThe portal is ready: {address}/")
    if demo:
        say("\nDemo accounts, e-mail <name>@demo.example, password portal-demo:")
        for names, where in ACCOUNTS:
            say(f"  {where}: {names}")
    if mail:
        say(f"\nThe demo sends no e-mail: it writes each to a file in {mail}/")
    say("\nCtrl-C stops everything.")


def main():
    """Prepare, start, watch, stop."""
    os.chdir(ROOT)
    host = os.environ.get("HOST") or "127.0.0.1"
    port = env.whole_number("PORT", 8000)
    data_dir = env.data_directory("PORTAL_DATA_DIR", "var")
    lock = only_one(data_dir)
    refuse_taken_port(host, port)
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104 -- compared, not bound
    named = f"[{host}]" if ":" in host else host
    if not env.text("PORTAL_BASE_URL", ""):
        outside = socket.gethostname() if everywhere else named
        os.environ["PORTAL_BASE_URL"] = f"http://{outside}:{port}"
    os.environ.setdefault("PORTAL_STATIC_BUILT", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    children = children_for(host, port, data_dir)
    supervisor = Supervisor(children)
    signal.signal(signal.SIGINT, supervisor.ask_to_stop)
    signal.signal(signal.SIGTERM, supervisor.ask_to_stop)
    try:
        base_url, demo, mail = settings.BASE_URL, settings.DEMO, settings.DEMO_MAIL
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    if not demo and not settings.PRODUCTION:
        say("The demo is off: the address is not this machine's own. PORTAL_DEMO=1 turns it on.")
    status = prepare(supervisor, data_dir)
    if status == 0:
        here = f"http://{'127.0.0.1' if everywhere else named}:{port}"
        status = supervisor.run(
            lambda: is_ready(here, urlsplit(base_url).netloc), lambda: welcome(base_url, demo, mail)
        )
    lock.close()
    return 0 if supervisor.stopping else status


if __name__ == "__main__":
    sys.exit(main())
