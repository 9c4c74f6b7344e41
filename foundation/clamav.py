"""Talk to a clamd: the two words of its protocol that we need (clamd(8): PING, INSTREAM)."""

import socket
import struct
from collections.abc import Iterable

from django.conf import settings

CONNECT_SECONDS = 5  # also for a sign of life
ANSWER_SECONDS = 60
_LONGEST_ANSWER = 4096


class ScannerError(OSError):
    """The scanner is away, or could not scan: nothing is known of the file."""


def ping() -> None:
    """Ask for a sign of life. Raises ScannerError."""
    if _talk(b"PING", seconds=CONNECT_SECONDS) != "PONG":
        raise ScannerError("the scanner gives no sign of life")


def scan(chunks: Iterable[bytes]) -> str:
    """Return the name of the virus in some bytes, empty when there is none.

    Raises ScannerError when the scanner gives no verdict, too large a file included.
    """
    answer = _talk(b"INSTREAM", chunks)
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return ""
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerError(f"the scanner says: {answer[:200]}")


def _connect() -> socket.socket:
    address = settings.CLAMAV_ADDRESS
    if isinstance(address, str):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(CONNECT_SECONDS)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
    return socket.create_connection(address, CONNECT_SECONDS)


def _talk(
    word: bytes, chunks: Iterable[bytes] | None = None, *, seconds: int = ANSWER_SECONDS
) -> str:
    try:
        with _connect() as connection:
            connection.settimeout(seconds)
            connection.sendall(b"z" + word + b"\0")
            if chunks is not None:
                _send(connection, chunks)
            answer = b""
            while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
                part = connection.recv(_LONGEST_ANSWER)
                if not part:
                    break
                answer += part
    except OSError as error:
        raise ScannerError(f"the scanner does not answer: {error}") from error
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _send(connection: socket.socket, chunks: Iterable[bytes]) -> None:
    try:
        for chunk in chunks:
            connection.sendall(struct.pack(">I", len(chunk)) + chunk)
        connection.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # A scanner that has heard enough says why before it hangs up.
        return
