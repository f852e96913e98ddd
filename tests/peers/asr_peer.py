"""A strict server of the OpenAI API for transcriptions, as Groq documents it, that answers what a test gives it.

Source: console.groq.com/docs/api-reference#audio-transcription, developers.openai.com/api/docs/api-reference/audio.
"""

import asyncio
import io
import time
import wave
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

RATE = 16_000
KNOWN = {"file", "model", "language", "prompt", "response_format", "temperature"}


@dataclass
class Asked:
    """One request, as it was read."""

    fields: dict[str, str]
    key: str
    sound: bytes
    """As it came: 16 bits, mono, 16 kHz."""
    peer: object = None
    """The other end of its connection."""
    took_s: float = 0.0
    """From the last of the request to the answer."""

    @property
    def seconds(self) -> float:
        return len(self.sound) / 2 / RATE


@dataclass
class Answer:
    """What the server answers next."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    wait_s: float = 0.0


def said(text: str, *, no_speech: float = 0.02, logprob: float = -0.3, compression: float = 1.0) -> dict[str, Any]:
    """Make an answer in the form ``verbose_json``."""
    segment = {
        "id": 0,
        "text": text,
        "avg_logprob": logprob,
        "no_speech_prob": no_speech,
        "compression_ratio": compression,
    }
    return {"task": "transcribe", "language": "Korean", "duration": 1.0, "text": f" {text}", "segments": [segment]}


class AsrServer:
    """Listens on loopback while it is entered."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        """What a request had that the API does not allow."""
        self.answers: deque[Answer] = deque()
        self.usual = Answer(said("초코야 안녕"))

    async def __aenter__(self) -> "AsrServer":
        application = web.Application()
        application.router.add_post("/v1/audio/transcriptions", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key != self.key:
            return web.json_response({"error": {"message": "Invalid API Key"}}, status=401)
        if not request.content_type.startswith("multipart/form-data"):
            self.wrong.append(request.content_type)
            return web.json_response({"error": {"message": "request Content-Type is wrong"}}, status=400)
        fields: dict[str, str] = {}
        sound = b""
        posted = await request.post()
        begun = time.monotonic()
        for name, value in posted.items():
            if isinstance(value, web.FileField):
                sound = self._sound(value)
            else:
                fields[name] = str(value)
        self.wrong += sorted({*posted} - KNOWN)
        asked = Asked(fields, key, sound, request.get_extra_info("peername"))
        self.asked.append(asked)
        if not fields.get("model") or not sound:
            return web.json_response({"error": {"message": "model and file are required"}}, status=400)
        answer = self.answers.popleft() if self.answers else self.usual
        await asyncio.sleep(answer.wait_s)
        asked.took_s = time.monotonic() - begun
        if isinstance(answer.body, bytes):
            return web.Response(body=answer.body, status=answer.status, headers=answer.headers)
        return web.json_response(answer.body, status=answer.status, headers=answer.headers)

    def _sound(self, file: web.FileField) -> bytes:
        with wave.open(io.BytesIO(file.file.read()), "rb") as read:
            if (read.getnchannels(), read.getsampwidth(), read.getframerate()) != (1, 2, RATE):
                self.wrong.append(f"{read.getparams()}")
            return read.readframes(read.getnframes())
