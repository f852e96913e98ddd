"""A server of the OpenAI chat API inside the process, for virtual time: it says what a test has written down."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from nodes.llm._model import chat_api

TINY = 8


@dataclass
class Say:
    """One answer of the server."""

    parts: tuple[Any, ...] = ()
    """Text and bytes go out as they are, a number is a pause in seconds, an exception breaks the connection."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    after_s: float = 0.0
    """Until the status."""
    kind: str = "text/event-stream"


def chunk(text: str | None = None, finish: str | None = None, **more: Any) -> str:
    """One event of a stream."""
    delta = {} if text is None else {"content": text}
    return f"data: {json.dumps({'choices': [{'index': 0, 'delta': delta, 'finish_reason': finish}], **more})}\n\n"


def streamed(*texts: str, pace_s: float = 0.0, first_s: float = 0.0, usage: Mapping[str, int] | None = None) -> Say:
    """A whole answer in pieces."""
    parts: list[Any] = [first_s]
    for text in texts:
        parts += [chunk(text), pace_s]
    end = chunk(None, "stop", **({"x_groq": {"usage": dict(usage)}} if usage else {}))
    return Say((*parts, end, "data: [DONE]\n\n"))


def refusal(status: int, message: str = "no", code: str = "", **headers: str) -> Say:
    body = json.dumps({"error": {"message": message, "code": code}})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Say((body,), status, named, kind="application/json")


def jsoned(emotion: str, text: str) -> str:
    return json.dumps({"emotion": emotion, "response": text}, ensure_ascii=False)


class _Body(httpx.AsyncByteStream):
    def __init__(self, server: "ChatServer", say: Say) -> None:
        self._server = server
        self._counts = say is not server.loading
        self._say = say

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._say.parts:
            if isinstance(part, str | bytes):
                yield part.encode() if isinstance(part, str) else part
            elif isinstance(part, Exception):
                raise part
            else:
                await asyncio.sleep(part)

    async def aclose(self) -> None:
        self._server.closed += self._counts


class ChatServer:
    """Answers with what was written down, one after the other; then with the last one again and again."""

    def __init__(self, says: Iterable[Say | Exception]) -> None:
        self.says = list(says)
        self.models = Say(("{}",), kind="application/json")
        self.asked: list[dict[str, Any]] = []
        self.asked_at: list[float] = []
        self.keys: list[str] = []
        self.warmed = 0
        self.loads: list[dict[str, Any]] = []
        """Requests for a tiny answer, which have the model loaded."""
        self.loading = Say((chunk("네", "length"), "data: [DONE]\n\n"))
        """How they are answered."""
        self.closed = 0
        """Bodies that were closed."""
        self.ended = 0
        """Clients that were closed."""
        self.trust_env: list[bool] = []

    @property
    def opened(self) -> int:
        return len(self.trust_env)

    def client(self, *, trust_env: bool) -> httpx.AsyncClient:
        server = self
        self.trust_env.append(trust_env)

        class Client(httpx.AsyncClient):
            async def aclose(self) -> None:
                server.ended += 1
                await super().aclose()

        return Client(transport=httpx.MockTransport(self._answer), timeout=None)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/models"):
            self.warmed += 1
            return httpx.Response(self.models.status)
        body = json.loads(request.content)
        if body.get("max_tokens", TINY + 1) <= TINY:
            self.loads.append(body)
            return await self._said(self.loading)
        self.asked.append(body)
        self.asked_at.append(round(asyncio.get_running_loop().time(), 3))
        self.keys.append(request.headers.get("authorization", ""))
        say = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        return await self._said(say)

    async def _said(self, say: Say | Exception) -> httpx.Response:
        if isinstance(say, Exception):
            raise say
        if say.after_s:
            await asyncio.sleep(say.after_s)
        headers = {"content-type": say.kind, **say.headers}
        return httpx.Response(say.status, headers=headers, stream=_Body(self, say))


def serve(monkeypatch: pytest.MonkeyPatch, *says: Say | Exception) -> ChatServer:
    """Every new client speaks with this server."""
    server = ChatServer(says)
    monkeypatch.setattr(chat_api, "new_client", server.client)
    return server
