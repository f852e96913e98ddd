"""The embedded voice as a Ray Serve application, for a machine or cluster with many cores: each copy says one sentence
at a time, and Ray Serve makes more copies when sentences wait. Linux, ``pip install -r requirements-fleet.txt``.

    RAY_AUTH_MODE=disabled serve run --app-dir . config.deploy.serve_tts_ray:app

It answers ``POST http://127.0.0.1:8000/v1/audio/speech`` as ``python aischoco.py serve-tts`` does, without its token:
keep it on the loopback or in a network of your own. In a graph: ``speech: {type: speech.http, urls: [http://...:8000]}``.
Static batches would make short sentences wait for long ones; for a model on a graphics card take a server with
continuous batching (vLLM-Omni, SGLang-Omni) instead.
"""

import importlib
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from nodes.speech._serve_wire import BadRequest, asked_openai, pcm, wav_header
from nodes.speech._speaking.shaped import shaped
from nodes.speech._voices import KokoroChoice, local
from nodes.speech.serve import Hand, _Terminal
from schemas.reply import Sentence


class Speech:
    """One copy of the voice."""

    async def __init__(self) -> None:  # pyright: ignore[reportGeneralTypeIssues]
        """Ray Serve waits for this before it sends sentences here."""
        self._voice = local(KokoroChoice.model_validate({"type": "kokoro"}), Hand(), _Terminal())
        await self._voice.prepare()

    async def __call__(self, request: Request) -> Response:
        if request.url.path == "/health":
            return PlainTextResponse("ok")
        if request.url.path != "/v1/audio/speech" or request.method != "POST":
            return PlainTextResponse("POST /v1/audio/speech", 404)
        try:
            wanted = asked_openai(await request.body())
        except BadRequest as error:
            return PlainTextResponse(str(error), 400)
        if wanted.events:
            return PlainTextResponse("stream_format must be audio", 400)
        sentence = Sentence(turn="", index=0, text=wanted.text, spoken=wanted.text, emotion=wanted.emotion, last=True)
        sounds = shaped(self._voice.say(sentence), lambda: wanted.speed, lambda: 0.0)
        first = await anext(sounds, None)
        if first is None:
            return PlainTextResponse("there is nothing to say aloud in this text", 400)

        async def body() -> AsyncIterator[bytes]:
            yield (wav_header(first.rate, None) if wanted.form == "wav" else b"") + pcm(first.samples)
            async for sound in sounds:
                yield pcm(sound.samples)

        headers = {"X-Sample-Rate": str(first.rate), "Cache-Control": "no-store"}
        return StreamingResponse(body(), media_type=f"audio/{wanted.form}", headers=headers)


_serve: Any = importlib.import_module("ray.serve")  # its decorators have no types
app: Any = _serve.deployment(
    max_ongoing_requests=1,
    max_queued_requests=64,
    autoscaling_config={"min_replicas": 1, "max_replicas": 4, "target_ongoing_requests": 1},
    ray_actor_options={"num_cpus": 1},
)(Speech).bind()
