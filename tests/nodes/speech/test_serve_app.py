import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import numpy as np
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.speech import _serve_app
from nodes.speech._http.wire import Events
from nodes.speech._serve_app import Desk
from nodes.speech._serve_wire import pcm
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.speech._speaking.wav import Wav
from tests.nodes.speech.stage import RATE, FakeVoice, level

Ask = Callable[..., Awaitable[tuple[int, bytes, Any]]]
HELLO = Sound(level(0.5), RATE)
QUIET = {"안녕": [HELLO, HELLO], "오래": [HELLO, 60.0], "없음": [], "고장": [VoiceError("sample missing")]}


def serve(
    story: Callable[[Ask, FakeVoice, Desk], Awaitable[None]],
    *,
    token: str = "",
    waiting: int = 2,
    ready: bool = True,
    said: Any = None,
) -> FakeVoice:
    voice = FakeVoice(QUIET if said is None else said)

    async def main() -> None:
        desk = Desk(voice, "fake", token, waiting)
        desk.ready = ready
        server = TestServer(desk.application())
        await server.start_server(shutdown_timeout=0.1)
        try:
            async with aiohttp.ClientSession() as session:

                async def ask(path: str, body: Any = None, **options: Any) -> tuple[int, bytes, Any]:
                    method = "GET" if body is None and "data" not in options else "POST"
                    if body is not None:
                        options["json"] = body
                    async with session.request(method, server.make_url(path), **options) as response:
                        return response.status, await response.read(), response.headers

                await story(ask, voice, desk)
        finally:
            await server.close()

    asyncio.run(main())
    return voice


def test_the_openai_interface_streams_pcm() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        status, data, headers = await ask("/v1/audio/speech", {"input": "안녕", "response_format": "pcm"})
        assert (status, headers["Content-Type"], headers["X-Sample-Rate"]) == (200, "audio/pcm", "24000")
        assert len(data) == 2 * round(0.2 * RATE)
        assert headers["Transfer-Encoding"] == "chunked"

    serve(story)


def test_it_sends_wav_whole_or_as_it_is_made() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        _, whole, headers = await ask("/v1/audio/speech", {"input": "안녕"})
        assert (headers["Content-Type"], int(headers["Content-Length"])) == ("audio/wav", len(whole))
        _, streamed, headers = await ask("/v1/audio/speech", {"input": "안녕", "stream": True})
        assert "Content-Length" not in headers
        assert whole[44:] == streamed[44:]
        assert len(Wav().push(streamed)) == round(0.2 * RATE)

    serve(story)


def test_it_sends_events() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        body = {"input": "안녕", "response_format": "pcm", "stream_format": "sse"}
        _, data, headers = await ask("/v1/audio/speech", body)
        assert headers["Content-Type"] == "text/event-stream"
        assert len(Events(RATE).push(data)) == round(0.2 * RATE)
        assert data.endswith(b'{"type": "speech.audio.done"}\n\n')

    serve(story)


def test_the_first_interface_sends_a_whole_wav() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        status, data, headers = await ask("/synthesize", {"text": "안녕", "emotion": "happy", "language": "Korean"})
        assert (status, headers["Content-Type"]) == (200, "audio/wav")
        assert data[44:] != pcm(HELLO.samples) * 2, "its ends are faded"
        assert len(data) == 44 + 2 * round(0.2 * RATE)

    serve(story)


def test_the_tempo_can_be_asked_for() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        _, data, _ = await ask("/v1/audio/speech", {"input": "길게", "response_format": "pcm", "speed": 2.0})
        assert len(data) / 2 / RATE == pytest.approx(0.5, abs=0.05)

    serve(story, said={"길게": [Sound(level(0.2, 1.0), RATE)]})


@pytest.mark.parametrize(
    ("path", "body", "status", "told"),
    [
        ("/v1/audio/speech", {"input": ""}, 400, b'"message": "input required"'),
        ("/synthesize", {"text": " "}, 400, b"text required"),
        ("/synthesize", {"text": "\uc5c6\uc74c"}, 400, b"nothing to say"),
        ("/synthesize", {"text": "고장"}, 503, b"sample missing"),
        ("/v1/audio/speech", {"input": "고장"}, 503, b'"message": "sample missing"'),
        ("/v1/audio/speech", {"input": "a" * 70_000}, 413, b"bytes at most"),
        ("/nowhere", {}, 404, b""),
    ],
)
def test_errors_have_the_codes_of_their_interface(path: str, body: Any, status: int, told: bytes) -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        found, data, _ = await ask(path, body)
        assert (found, told in data) == (status, True)

    serve(story)


def test_without_a_token_only_this_machine_is_answered() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        assert (await ask("/health", headers={"Host": "evil.example"}))[0] == 403
        assert (await ask("/health", headers={"Host": "localhost:5000"}))[0] == 200
        assert (await ask("/synthesize", data='{"text": "hi"}', headers={"Content-Type": "text/plain"}))[0] == 415

    serve(story)


def test_with_a_token_only_who_shows_it_is_answered() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        for shown in ("", "Bearer wrong", "Bearer 틀림"):
            status, data, _ = await ask("/synthesize", {"text": "안녕"}, headers={"Authorization": shown})
            assert (status, b"token" in data) == (401, True)
        assert (await ask("/synthesize", {"text": "안녕"}, headers={"Authorization": "Bearer secret"}))[0] == 200
        assert (await ask("/health", headers={"Host": "gpu.local"}))[0] == 200

    assert serve(story, token="secret").asked == ["안녕"]


def test_it_tells_how_it_is() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        status, data, _ = await ask("/health")
        assert (status, b'"loading"' in data, b'"ref_ready": false' in data) == (503, True, True)
        status, _, headers = await ask("/v1/audio/speech", {"input": "안녕"})
        assert (status, headers["Retry-After"]) == (503, "1")
        desk.ready = True
        status, data, _ = await ask("/health")
        assert (status, b'"ok"' in data, b'"voice": "fake"' in data) == (200, True, True)
        assert b'"fake"' in (await ask("/v1/models"))[1]

    serve(story, ready=False)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


def test_one_speaks_at_a_time_a_few_wait_and_more_are_turned_away() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        async with asyncio.TaskGroup() as group:
            long = group.create_task(ask("/synthesize", {"text": "오래"}))
            await until(lambda: voice.asked == ["오래"])
            waiting = [group.create_task(ask("/synthesize", {"text": "안녕"})) for _ in range(2)]
            await until(lambda: desk._line.waiting == 2)
            status, _, headers = await ask("/synthesize", {"text": "안녕"})
            assert (status, headers["Retry-After"]) == (503, "1")
            waiting[0].cancel()
            await until(lambda: desk._line.waiting == 1)
            assert voice.asked == ["오래"]
            long.cancel()
            assert (await waiting[1])[0] == 200

    voice = serve(story)
    assert voice.asked == ["오래", "안녕"]
    assert voice.broken_off == ["오래"], "who goes away stops the voice"


def test_a_voice_that_breaks_off_breaks_the_stream() -> None:
    said = {"끊김": [HELLO, HELLO, VoiceError("out of memory")]}

    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        with pytest.raises(aiohttp.ClientPayloadError):
            await ask("/v1/audio/speech", {"input": "끊김", "response_format": "pcm"})
        _, data, _ = await ask("/v1/audio/speech", {"input": "끊김", "stream_format": "sse"})
        assert data.endswith(b'{"type": "speech.audio.error", "error": {"message": "out of memory"}}\n\n')
        assert (await ask("/synthesize", {"text": "끊김"}))[0] == 503

    serve(story, said=said)


def test_a_listener_that_takes_nothing_loses_the_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(self: web.StreamResponse, data: bytes) -> None:
        await asyncio.sleep(60)

    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        monkeypatch.setattr(_serve_app, "_PATIENCE_S", 0.05)
        with monkeypatch.context() as patch:
            patch.setattr(web.StreamResponse, "write", never)
            with pytest.raises(aiohttp.ClientError):
                await ask("/v1/audio/speech", {"input": "안녕", "response_format": "pcm"})
        assert (await ask("/synthesize", {"text": "안녕"}))[0] == 200

    serve(story)


def test_what_is_sent_is_what_the_voice_said() -> None:
    async def story(ask: Ask, voice: FakeVoice, desk: Desk) -> None:
        _, data, _ = await ask("/synthesize", {"text": "안녕"})
        assert np.median(Wav().push(data)) == pytest.approx(0.5, abs=0.001)

    serve(story)
