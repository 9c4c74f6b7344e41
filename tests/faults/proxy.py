"""A proxy between the portal and a server, that can be told to fail in the ways of networks."""

import asyncio
import threading
from contextlib import suppress


class Proxy:
    """Forwards connections to a port; ``mode`` is up, down, reset or blackhole."""

    def __init__(self, target: int):
        self.target = target
        self.mode = "up"
        self.delay = 0.0
        self.port = 0
        self._open = set()
        self._loop = asyncio.new_event_loop()
        self._flowing = asyncio.Event()
        self._flowing.set()
        ready = threading.Event()
        threading.Thread(target=self._run, args=(ready,), daemon=True).start()
        ready.wait()

    def _run(self, ready):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        self._loop.run_forever()

    def set(self, mode: str) -> None:
        """Behave otherwise from now on; down and reset cut what is open, blackhole lets it hang."""
        self.mode = mode
        # Told the mode: the next one may have been set before this is done.
        self._loop.call_soon_threadsafe(self._change, mode)

    def _change(self, mode):
        if mode == "blackhole":
            self._flowing.clear()
            return
        self._flowing.set()
        if mode in ("down", "reset"):
            self._cut()

    def _cut(self):
        for writer in list(self._open):
            writer.transport.abort()

    async def _held(self):
        await self._flowing.wait()

    async def _serve(self, reader, writer):
        if self.mode in ("down", "reset"):
            writer.transport.abort()
            return
        await self._held()
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, back}
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        self._open -= {writer, back}

    async def _pump(self, source, sink):
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await source.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._held()
                sink.write(data)
                await sink.drain()
        with suppress(OSError, RuntimeError):
            sink.close()
