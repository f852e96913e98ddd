"""The voice server: one voice, one sentence at a time, and a short queue of waiting requests."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from hmac import compare_digest
from typing import Protocol

from aiohttp import web

from nodes.loopback import names_loopback
from nodes.patience import BODY_S
from nodes.speech._serve_wire import (
    MOST_CHARACTERS,
    BadRequest,
    Wanted,
    asked_openai,
    asked_original,
    broken,
    delta,
    done,
    pcm,
    wav_header,
)
from nodes.speech._speaking.shaped import shaped
from nodes.speech._speaking.voice import Sound, Voice, VoiceError
from schemas.reply import Sentence

RETRY_AFTER_S = 1
_MOST_BODY = 16 * MOST_CHARACTERS
"""Bytes; a Hangul syllable takes 3, or 6 as a JSON escape."""
_PATIENCE_S = 10.0
"""How long a listener may accept nothing while others wait for the voice."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Full(Exception):
    """Too many requests are waiting already."""


class Line:
    """Lets one request in at a time."""

    def __init__(self, most: int) -> None:
        self.waiting = 0
        self._most = most
        self._voice = asyncio.Lock()

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """
        Raises:
            Full: ``most`` requests are waiting already.
        """
        if self._voice.locked() and self.waiting >= self._most:
            raise Full
        self.waiting += 1
        try:
            await self._voice.acquire()
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._voice.release()


class _Answer(Protocol):
    """How an error is reported: the two interfaces do it differently."""

    def __call__(self, status: int, text: str) -> web.Response: ...


def _json_error(status: int, text: str) -> web.Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return web.json_response({"error": {"message": text, "type": kind, "code": status}}, status=status)


def _text_error(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=text)


class Desk:
    """Answers requests."""

    def __init__(self, voice: Voice, name: str, token: str, most_waiting: int) -> None:
        """
        Args:
            token: what a caller must present; empty for none, which is only acceptable on the loopback.
        """
        self._voice = voice
        self._name = name
        self._token = token
        self._line = Line(most_waiting)
        self.ready = False
        """The voice is prepared."""

    def application(self) -> web.Application:
        application = web.Application(client_max_size=_MOST_BODY, middlewares=[self._guard])
        application.router.add_get("/health", self._health)
        application.router.add_get("/v1/models", self._models)
        application.router.add_post("/v1/audio/speech", self._speech)
        application.router.add_post("/synthesize", self._synthesize)
        return application

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if self._token:
            shown = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
            if request.path != "/health" and not compare_digest(shown.encode(), self._token.encode()):
                return _json_error(401, "wrong or missing token: Authorization: Bearer TOKEN")
        elif not names_loopback(request.headers.get("Host")):  # a page whose own host name was pointed at this server
            return _json_error(403, "this server answers to this machine only")
        if request.method == "POST" and request.content_type != "application/json":
            # What a page may send to another site without asking first is not JSON.
            return _json_error(415, "Content-Type must be application/json")
        return await handler(request)

    async def _health(self, _: web.Request) -> web.Response:
        """Report the health; ``ref_ready`` is what the clients of the first AIsChoco look at."""
        told = {
            "status": "ok" if self.ready else "loading",
            "voice": self._name,
            "ref_ready": self.ready,
            "waiting": self._line.waiting,
        }
        return web.json_response(told, status=200 if self.ready else 503)

    async def _models(self, _: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": [{"id": self._name, "object": "model"}]})

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, asked_openai, _json_error)

    async def _synthesize(self, request: web.Request) -> web.StreamResponse:
        return await self._answered(request, asked_original, _text_error)

    async def _answered(
        self, request: web.Request, read: Callable[[bytes], Wanted], error: _Answer
    ) -> web.StreamResponse:
        try:
            async with asyncio.timeout(BODY_S):
                body = await request.read()
        except TimeoutError:
            return error(408, "the body did not come in time")
        except web.HTTPRequestEntityTooLarge:
            return error(413, f"a request has {_MOST_BODY} bytes at most")
        try:
            wanted = read(body)
            if not self.ready:
                raise Full
            async with self._line.turn(), aclosing(self._sounds(wanted)) as sounds:
                first = await anext(sounds, None)
                if first is None:
                    return error(400, "there is nothing to say aloud in this text")
                if wanted.stream:
                    return await _streamed(request, wanted, first, sounds)
                return await _whole(first, sounds)
        except BadRequest as reason:
            return error(400, str(reason))
        except Full:
            answer = error(503, "the voice is busy or loading; try again")
            answer.headers["Retry-After"] = str(RETRY_AFTER_S)
            return answer
        except VoiceError as reason:
            return error(503, str(reason))

    def _sounds(self, wanted: Wanted) -> AsyncGenerator[Sound]:
        sentence = Sentence(
            turn="",
            index=0,
            text=wanted.text,
            spoken=wanted.text,
            emotion=wanted.emotion,
            last=True,
            language=wanted.language,
        )
        return shaped(self._voice.say(sentence), lambda: wanted.speed, lambda: 0.0)


async def _whole(first: Sound, sounds: AsyncIterator[Sound]) -> web.Response:
    data = [pcm(first.samples)]
    async for sound in sounds:
        data.append(pcm(sound.samples))
    size = sum(map(len, data))
    headers = {"Content-Type": "audio/wav", "X-Sample-Rate": str(first.rate)}
    return web.Response(body=b"".join((wav_header(first.rate, size), *data)), headers=headers)


async def _streamed(
    request: web.Request, wanted: Wanted, first: Sound, sounds: AsyncIterator[Sound]
) -> web.StreamResponse:
    """Send pieces as they are made. A voice that breaks off breaks the connection, or says so in an event."""
    kind = "text/event-stream" if wanted.events else f"audio/{wanted.form}"
    headers = {"Content-Type": kind, "X-Sample-Rate": str(first.rate), "Cache-Control": "no-store"}
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)

    async def send(data: bytes) -> None:
        async with asyncio.timeout(_PATIENCE_S):
            await response.write(data)

    try:
        head = wav_header(first.rate, None) if wanted.form == "wav" else b""
        await send(_piece(wanted, head + pcm(first.samples)))
        async for sound in sounds:
            await send(_piece(wanted, pcm(sound.samples)))
    except VoiceError as reason:
        if not wanted.events:
            _break(request)
            return response
        await send(broken(str(reason)))
    except TimeoutError:
        _break(request)
        return response
    else:
        if wanted.events:
            await send(done())
    await response.write_eof()
    return response


def _piece(wanted: Wanted, data: bytes) -> bytes:
    return delta(data) if wanted.events else data


def _break(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
