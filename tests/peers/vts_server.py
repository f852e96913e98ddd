"""Runs a VTube Studio on real sockets, in a process of its own: ``Peer`` of the unit tests behind a WebSocket.

``python -m tests.peers.vts_server LOG [--port N] [--token T] [--frame-hz 60]`` prints its port once it listens, and
writes one JSON line ``[monotonic seconds, {input: value}]`` for each injection that it accepted.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from aiohttp import WSMsgType, web

from nodes.pose._mapping import RANGES
from nodes.websocket import Lost
from tests.nodes.avatar.vts_peer import Link, Peer

VOICE = dict.fromkeys(("VoiceA", "VoiceI", "VoiceU", "VoiceE", "VoiceO", "VoiceSilence"), (0.0, 1.0))


class Recorded(Peer):
    """Records the injected values."""

    def __init__(self, log: TextIO, frame_hz: float) -> None:
        super().__init__()
        self.inputs = {**RANGES, **VOICE}
        self._log = log
        self._frame_s = 1.0 / frame_hz if frame_hz else 0.0

    def inject(self, data: dict[str, Any]) -> dict[str, Any] | int:
        answer = super().inject(data)
        if isinstance(answer, dict):
            given = {name: value for name, (value, _) in self.injected.pop()[1].items()}
            self._log.write(json.dumps([time.monotonic(), given]) + "\n")
        if self._frame_s:  # an answer is sent with the next frame that is drawn
            now = asyncio.get_running_loop().time()
            self.delay_s = self._frame_s - now % self._frame_s
        return answer


async def serve(peer: Peer, port: int = 0) -> tuple[web.AppRunner, int]:
    """Let clients reach ``peer`` on loopback; return the runner to clean up, and the port."""

    async def talk(request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = Link(peer)
        peer.links.append(link)
        answering = asyncio.ensure_future(_answer(link, socket))
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await link.send(message.data)
        finally:
            answering.cancel()
        return socket

    app = web.Application()
    app.router.add_get("/", talk)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    return runner, runner.addresses[0][1]


async def _answer(link: Link, socket: web.WebSocketResponse) -> None:
    try:
        while True:
            await socket.send_str(await link.receive())
    except (Lost, ConnectionError):
        await socket.close()


async def main(arguments: argparse.Namespace, say: Callable[..., object] = print) -> None:
    with arguments.log.open("a", encoding="utf-8", buffering=1) as log:
        peer = Recorded(log, arguments.frame_hz)
        if arguments.token:
            peer.tokens = [arguments.token]
        _, port = await serve(peer, arguments.port)
        say(port, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default="")
    parser.add_argument("--frame-hz", type=float, default=0.0)
    asyncio.run(main(parser.parse_args()))
