"""A clamd for tests: PING and INSTREAM at a socket, one virus, and a limit of the stream."""

import io
import socketserver
import struct
import threading
import zipfile
from contextlib import contextmanager

from tests.corpus import make


class _Talk(socketserver.StreamRequestHandler):
    def handle(self):
        word = self._word()
        if word == b"PING":
            self.wfile.write(b"PONG\0")
        elif word == b"INSTREAM":
            self.wfile.write(self._judge())

    def _word(self) -> bytes:
        word = b""
        while (sign := self.rfile.read(1)) not in (b"\0", b""):
            word += sign
        return word.removeprefix(b"z")

    def _judge(self) -> bytes:
        data = b""
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            data += self.rfile.read(length)
            if len(data) > self.server.most:
                return b"INSTREAM size limit exceeded. ERROR\0"
        self.server.seen.append(len(data))
        return b"stream: Eicar-Signature FOUND\0" if self._is_bad(data) else b"stream: OK\0"

    def _is_bad(self, data: bytes) -> bool:
        if not data.startswith(b"PK"):
            return make.EICAR in data
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return any(make.EICAR in archive.read(name) for name in archive.namelist())


@contextmanager
def listening(path, *, most=10**9):
    """Answer at a path while the block runs; gives the server, whose ``seen`` are lengths."""
    with socketserver.ThreadingUnixStreamServer(str(path), _Talk) as server:
        server.seen, server.most = [], most
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
    path.unlink()
