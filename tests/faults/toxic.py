"""Provides a TCP proxy that is as bad as a network can be: late, slow, cut, refusing, or silent.

``async with Toxic(port) as link:`` listens on ``link.port`` and forwards to ``port`` on this machine; its faults can be
set while it runs.
"""

import asyncio
import contextlib


class Toxic:
    def __init__(self, target: int) -> None:
        self.latency_s = 0.0
        """Each piece of data arrives this much later."""
        self.rate: float | None = None
        """Bytes a second, for each direction of each connection."""
        self.refuse = False
        """New connections are cut at once."""
        self.port = 0
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._pumps: set[asyncio.Task[None]] = set()

    @property
    def hole(self) -> bool:
        """True if nothing goes through and neither end is notified, as with a pulled cable."""
        return not self._open.is_set()

    @hole.setter
    def hole(self, silent: bool) -> None:
        self._open.clear() if silent else self._open.set()

    def reset(self) -> None:
        """Cut every connection with an RST."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def __aenter__(self) -> "Toxic":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.reset()
        for pump in list(self._pumps):
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = asyncio.current_task()
        assert me is not None
        self._pumps.add(me)
        self._writers.add(writer)
        there = None
        try:
            if self.refuse:
                return
            await self._open.wait()
            back, there = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(there)
            await asyncio.gather(self._pump(reader, there), self._pump(back, writer))
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, there):
                if one is not None:
                    one.transport.abort()
                    self._writers.discard(one)
            self._pumps.discard(me)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(16384):
            delay = self.latency_s + (len(data) / self.rate if self.rate else 0.0)
            if delay:
                await asyncio.sleep(delay)
            await self._open.wait()
            writer.write(data)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.write_eof()
