"""A mail server that remembers what it took, and can refuse."""

import asyncio
import re
import threading
from collections import Counter

_ID = re.compile(rb"^Message-ID: <([^@>]+)@", re.IGNORECASE | re.MULTILINE)


class MailServer:
    """Takes mail on a port of its own; ``mode`` is up, refusing or down."""

    def __init__(self):
        self.mode = "up"
        self.port = 0
        self.taken = Counter()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def _run(self, ready):
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        loop.run_forever()

    async def _serve(self, reader, writer):
        if self.mode == "down":
            writer.transport.abort()
            return
        await self._say(writer, b"421 later" if self.mode == "refusing" else b"220 here")
        try:
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"QUIT":
                    await self._say(writer, b"221 bye")
                    break
                if word == b"DATA":
                    await self._say(writer, b"354 go on")
                    letter = await reader.readuntil(b"\r\n.\r\n")
                    if found := _ID.search(letter):
                        self.taken[found[1].decode()] += 1
                await self._say(writer, b"250 ok")
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _say(self, writer, text):
        writer.write(text + b"\r\n")
        await writer.drain()
