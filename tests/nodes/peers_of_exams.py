"""What exams talk to, on the loopback: a language model, a voice, VTube Studio; and a probe to look with."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import numpy as np
from aiohttp import web

from nodes import load_all
from nodes.exams import Finding, Probe, exams
from nodes.troubles import Troubles
from tests.harness import LoopClock


class Log(Troubles):
    def __init__(self) -> None:
        self.hidden: list[str] = []

    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...
    def hide(self, secret: str) -> None:
        self.hidden.append(secret)


class Worker:
    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(1)

    def thread(self, call: Any, *args: Any) -> Any:
        return asyncio.get_running_loop().run_in_executor(self.threads, call, *args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@contextmanager
def probing() -> Iterator[Probe]:
    """A probe for what asks without an exam."""
    worker = Worker()
    try:
        yield Probe(worker, LoopClock(), Log(), (), lambda _: None)
    finally:
        worker.threads.shutdown()


async def look(
    type_: str, *, graph: tuple[Any, ...] = (), dates: list[str] | None = None, trying: bool = False, **settings: Any
) -> Any:
    """The findings of the exam of a node type."""
    spec = load_all()[type_]
    worker = Worker()
    probe = Probe(worker, LoopClock(), Log(), graph, (dates if dates is not None else []).append, trying)
    try:
        return list(await exams[type_].run(spec.settings(**settings), probe))
    finally:
        worker.threads.shutdown()


def one(findings: list[Finding]) -> Finding:
    """The only red one."""
    (red,) = [finding for finding in findings if not finding.ok]
    return red


@asynccontextmanager
async def served(**routes: Any) -> AsyncIterator[str]:
    """``served(models=handler)`` answers at any path that ends so, whatever the method."""
    app = web.Application()

    async def answer(request: web.Request) -> web.StreamResponse:
        for name, handler in routes.items():
            if request.path.endswith(name):
                return await handler(request)
        return web.Response(status=404, text="no such path")

    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Model:
    """A server of the OpenAI chat API."""

    def __init__(self) -> None:
        self.key = "MARK-good-key"
        self.models = {"big", "small"}
        self.first_s = 0.0
        self.headers: dict[str, str] = {}
        self.text = "응"
        self.load_s = 0.0
        """Until its first answer."""
        self.loading = 0
        """How often it says that it is loading the model."""
        self.thinks = 0
        """Thoughts before an answer."""
        self.finish = "stop"
        self.usage: dict[str, object] = {}
        self.hangs = False
        """It never ends an answer."""
        self.refuses: set[str] = set()
        """Parameters that it does not take."""

    async def completions(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return web.json_response({"error": {"message": "Invalid API Key"}}, status=401)
        body = await request.json()
        if body["model"] not in self.models:
            message = f"The model `{body['model']}` does not exist"
            return web.json_response({"error": {"message": message, "code": "model_not_found"}}, status=404)
        for name in sorted(self.refuses & {*body}):
            message = f"Unsupported parameter: {name} is not supported with this model"
            return web.json_response({"error": {"message": message}}, status=400)
        if self.loading:
            self.loading -= 1
            return web.json_response({"error": {"message": "Loading model", "code": 503}}, status=503)
        load_s, self.load_s = self.load_s, 0.0
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **self.headers})
        await response.prepare(request)
        await asyncio.sleep(self.first_s + load_s)
        thoughts = [({"reasoning_content": "음"}, None)] * self.thinks
        for delta, finish in (*thoughts, ({"content": self.text}, None), ({}, self.finish)):
            if finish and self.hangs:
                await asyncio.sleep(30.0)
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
            await response.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        if self.usage:
            await response.write(f"data: {json.dumps({'choices': [], 'usage': self.usage})}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response


class VoiceServer:
    """A server of the OpenAI speech API."""

    def __init__(self) -> None:
        self.up = True
        self.sound = np.full(2400, 3000, "<i2").tobytes()

    async def health(self, _: web.Request) -> web.Response:
        return web.Response(text="ok", status=200 if self.up else 503)

    async def speech(self, _: web.Request) -> web.Response:
        return web.Response(body=self.sound, status=200 if self.up else 503, content_type="audio/pcm")
