"""Ask the limited process about a file."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(__file__).with_name("program.py")
PATIENCE = 30
AT_ONCE = 2


class GaveUpError(Exception):
    """The file took more memory or time than any file should, or broke what reads it."""


class _Helper:
    """The limited process of this process, begun with the first question."""

    def __init__(self):
        self.lock = threading.Lock()
        self.room = threading.BoundedSemaphore(AT_ONCE)
        self.owner = None
        self.door = None
        self.process = None

    def knock(self, line: socket.socket, file: int) -> None:
        """Hand two handles to the process; a process that has died is begun again."""
        with self.lock:
            if self.owner != os.getpid() or self.process.poll() is not None:
                self._begin()
            socket.send_fds(self.door, [b"?"], [line.fileno(), file])

    def _begin(self):
        if self.owner == os.getpid():
            self.end()
        elif self.door is not None:
            # Inherited over a fork: it is the parent's to end.
            self.door.close()
            self.process.returncode = 0
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603 -- our own program, no shell
                [sys.executable, "-I", str(PROGRAM), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            )
        self.door, self.owner = ours, os.getpid()

    def end(self):
        """Close the door, upon which the process ends."""
        if self.owner == os.getpid():
            self.door.close()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(PATIENCE)
            self.owner = None


_HELPER = _Helper()
atexit.register(_HELPER.end)


def ask(task: str, file: int, **question) -> bytes:
    """Return the whole answer to a question about an open file, given by its handle.

    Raises GaveUpError when there is none within the limits.
    """
    ours, theirs = socket.socketpair()
    with ours, _HELPER.room:
        with theirs:
            ours.settimeout(PATIENCE)
            ours.sendall(json.dumps({"task": task, **question}).encode())
            _HELPER.knock(theirs, file)
        parts = []
        try:
            while part := ours.recv(1024**2):
                parts.append(part)
        except OSError as error:
            raise GaveUpError from error
    if not parts:
        raise GaveUpError
    return b"".join(parts)


def facts_of(task: str, file: int, **question) -> tuple[dict, bytes]:
    """Return the facts of an answer and the bytes that came with them."""
    line, _end, data = ask(task, file, **question).partition(b"\n")
    return json.loads(line), data
