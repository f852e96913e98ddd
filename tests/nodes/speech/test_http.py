import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import numpy as np
import pytest

from nodes.speech._http import voice
from nodes.speech._http.response import Failed
from nodes.speech._http.response import sound_of as sound_of_response
from nodes.speech._serve_wire import delta, done, pcm, wav_header
from nodes.speech._speaking.wav import WireError
from schemas.playback import Stop
from schemas.speech import SpeechChunk, SpeechEnded
from tests.harness import Ran, run
from tests.nodes.speech.stage import RATE, level, sentence, sound_of, told

A, B = "http://a:1", "http://b:1"
HELLO = pcm(level(0.5))
Answer = Callable[[httpx.Request], httpx.Response]


async def stream(*steps: Any) -> AsyncIterator[bytes]:
    for step in steps:
        if isinstance(step, Exception):
            raise step
        if isinstance(step, bytes):
            yield step
        else:
            await asyncio.sleep(step)


def sound(*steps: Any, kind: str = "audio/pcm", **headers: str) -> Answer:
    return lambda _: httpx.Response(200, content=stream(*steps), headers={"content-type": kind, **headers})


def status(code: int, text: str = "", **headers: str) -> Answer:
    return lambda _: httpx.Response(code, text=text, headers=headers)


def refused(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("connection refused", request=request)


class Fleet:
    """Servers that answer by a script: host -> path -> answers, the last one again and again."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **hosts: Any) -> None:
        self.hosts: dict[str, dict[str, list[Answer | float]]] = {
            host: {path: each if isinstance(each, list) else [each] for path, each in self._paths(said).items()}
            for host, said in hosts.items()
        }
        self.asked: list[tuple[str, str]] = []
        self.requests: list[httpx.Request] = []
        self.clients: list[httpx.AsyncClient] = []
        monkeypatch.setattr(voice, "open_client", self._open)

    def _paths(self, said: Any) -> dict[str, Any]:
        return {"/health": status(200, "ok"), **(said if isinstance(said, dict) else {"/v1/audio/speech": said})}

    def _open(self, config: Any) -> httpx.AsyncClient:
        self.clients.append(httpx.AsyncClient(transport=httpx.MockTransport(self._answer)))
        return self.clients[-1]

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.host, request.url.path))
        self.requests.append(request)
        answers = self.hosts[request.url.host].get(request.url.path, [status(404, "no such path")])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return sound(HELLO)(request)
        return answer(request)

    def spoken(self) -> list[str]:
        return [host for host, path in self.asked if path != "/health"]


def say(*sentences: Any, urls: tuple[str, ...] = (A,), every_s: float = 1.0, **options: Any) -> Ran:
    given = [(every_s * number, one) for number, one in enumerate(sentences)]
    stops = options.pop("stops", [])
    until = options.pop("until", 3600.0)
    settings = {"urls": urls, "pause_s": 0.0, **options}
    return run("speech.http", {"sentence": given, "stop": stops}, settings=settings, until=until)


def failed(ran: Ran) -> list[bool]:
    return [event.failed for event in ran.events() if isinstance(event, SpeechEnded)]


def test_the_stream_of_the_openai_interface_is_given_on_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO[:1001], 1.0, HELLO[1001:], HELLO))
    ran = say(sentence("안녕", emotion="happy", last=True), model="m", voice="choco", extra={"seed": 7, "stream": None})
    assert ran.error is None
    assert len(sound_of(ran, 0)) == round(0.2 * RATE)
    assert [at for at, _, event in ran.out if isinstance(event, SpeechChunk)][:2] == [0.0, 1.0]
    assert json.loads(fleet.requests[-1].content) == {
        "model": "m",
        "input": "안녕",
        "voice": "choco",
        "response_format": "pcm",
        "stream_format": "audio",
        "seed": 7,
    }
    assert all(client.is_closed for client in fleet.clients)
    assert len(fleet.clients) == 1


def test_events_and_wav_and_other_rates_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(
        monkeypatch,
        a={
            "/v1/audio/speech": [
                sound(delta(HELLO), delta(HELLO), done(), kind="text/event-stream"),
                sound(wav_header(16_000, None) + HELLO, kind="audio/wav"),
                sound(HELLO, **{"x-sample-rate": "48000"}),
            ]
        },
    )
    ran = say(*(sentence(str(index), index, last=True) for index in range(3)))
    assert [len(sound_of(ran, index)) for index in range(3)] == [4800, 2400, 2400]
    rates = {event.sentence: event.rate for event in ran.events() if isinstance(event, SpeechChunk)}
    assert rates == {0: 24_000, 1: 16_000, 2: 48_000}


def test_a_server_of_the_first_kind_is_found_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wav = sound(wav_header(RATE, len(HELLO)) + HELLO, kind="audio/wav")
    fleet = Fleet(monkeypatch, a={"/synthesize": wav})
    ran = say(sentence("안녕", 0, emotion="sad"), sentence("또", 1, last=True))
    assert failed(ran) == [False, False]
    assert [path for _, path in fleet.asked] == ["/health", "/v1/audio/speech", "/synthesize", "/synthesize"]
    assert json.loads(fleet.requests[2].content) == {"text": "안녕", "emotion": "sad", "language": "Korean"}


def test_only_the_interface_that_was_set_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch, a=status(404, "model not found"))
    ran = say(sentence("안녕"), api="synthesize")
    assert failed(ran) == [True]
    assert fleet.spoken() == ["a"]


def test_an_emotion_can_have_a_voice_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO))
    say(sentence("안녕", emotion="happy"), sentence("안녕", 1), voices={"happy": "choco_happy"}, voice="choco")
    assert [json.loads(request.content)["voice"] for request in fleet.requests[1:]] == ["choco_happy", "choco"]


@pytest.mark.parametrize(
    "broken",
    [
        refused,
        status(500, "out of memory"),
        status(429, "busy"),
        status(401),
        status(302, location="https://elsewhere"),
        status(400, "bad voice"),
        sound(kind="audio/pcm"),
        sound(b"x", kind="audio/mpeg"),
        sound(b'data: {"type":"speech.audio.error"}\n', kind="text/event-stream"),
        sound(httpx.RemoteProtocolError("peer closed connection")),
        sound(99.0),
        99.0,
        sound(b'{"error": {"message": "out of memory"}}', kind="audio/wav"),
        sound(b'{"error": {"message": "out of memory"}}', kind="application/octet-stream"),
        sound(b'{"error": {"message": "out of memory"}}', kind="application/json"),
        sound(b"<html>login</html>", kind="text/html"),
        sound(b"ID3" + bytes(99), kind="audio/wav"),
        sound(np.random.default_rng(1).bytes(9999)),
        sound(gzip.compress(b" " * 70_000_000), **{"content-encoding": "gzip"}, kind="audio/wav"),
        sound(b"RIFF\0\0\0\0WAVE" + bytes(70_000), kind="audio/wav"),
        sound(b"x", **{"content-encoding": "br"}),
        sound(bytes(9600), bytes(9600)),
        sound(wav_header(RATE, 9600) + bytes(9600), kind="audio/wav"),
        sound(wav_header(RATE, None) + np.random.default_rng(1).bytes(9999), kind="audio/wav"),
        status(500, "x" * 10_000_000),
    ],
)
def test_another_server_says_what_the_first_cannot(monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    fleet = Fleet(monkeypatch, a=broken, b=sound(HELLO))
    ran = say(sentence("안녕", last=True), urls=(A, B), first_chunk_s=2.0)
    assert failed(ran) == [False]
    assert fleet.spoken() == ["a", "b"]
    assert len(sound_of(ran, 0)) == round(0.1 * RATE)
    assert ran.completed_at is not None
    assert ran.completed_at <= 2.01


def test_silence_before_the_sound_is_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(bytes(4800), bytes(4800), HELLO))
    heard = sound_of(say(sentence("안녕", last=True)), 0)
    assert (len(heard), np.count_nonzero(heard[:4800])) == (round(0.3 * RATE), 0)


def test_words_behind_the_sound_end_the_sentence_as_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO, b'{"error": {"message": "out of memory"}}'), b=sound(HELLO))
    ran = say(sentence("안녕", last=True), urls=(A, B))
    assert (failed(ran), fleet.spoken()) == ([True], ["a"])
    assert np.max(np.abs(sound_of(ran, 0))) < 0.51, "the words are not heard"


def test_a_stream_that_breaks_ends_its_sentence_and_the_next_is_said_by_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO, httpx.ReadError("reset")), b=sound(HELLO))
    ran = say(sentence("하나", 0), sentence("둘", 1, last=True), urls=(A, B), every_s=0.0)
    assert failed(ran) == [True, False]
    assert fleet.spoken() == ["a", "b"]
    assert sound_of(ran, 0)[-1] == 0.0
    assert ran.completed_at == 0.01
    assert [line for line in ran.log if "건너뛰어요" in line] == ["warning 목소리 서버가 대답하지 않아 건너뛰어요"]


def test_a_stream_that_stalls_ends_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(HELLO, 99.0))
    ran = say(sentence("하나", last=True), stall_s=1.5)
    assert (failed(ran), ran.completed_at) == ([True], 1.51)


def test_a_server_that_does_not_find_the_end_is_broken_off(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(*([HELLO * 10] * 100)))
    ran = say(sentence("하나", last=True))
    assert failed(ran) == [True]
    assert 60 < len(sound_of(ran, 0)) / RATE < 62


def test_a_dead_server_is_passed_over_and_used_again_once_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    health = [status(200), refused, refused, status(200)]
    fleet = Fleet(monkeypatch, a={"/health": health, "/v1/audio/speech": [refused, sound(HELLO)]}, b=sound(HELLO))
    ran = say(*(sentence(str(index), index) for index in range(6)), urls=(A, B), every_s=2.0)
    assert failed(ran) == [False] * 6
    assert fleet.spoken() == ["a", "b", "b", "b", "b", "a", "a"]
    assert "info 목소리 서버가 다시 돼요" in ran.log


def test_a_server_that_is_there_and_does_not_speak_is_not_said_to_be_back(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a={"/health": status(200), "/v1/audio/speech": status(401)}, b=sound(HELLO))
    ran = say(*(sentence(str(index), index) for index in range(4)), urls=(A, B), every_s=2.0)
    assert failed(ran) == [False] * 4
    assert [line for line in ran.log if "목소리 서버" in line] == ["warning 목소리 서버가 대답하지 않아 건너뛰어요"]


def test_a_connection_that_died_while_it_was_kept_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def stale(request: httpx.Request) -> httpx.Response:
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.", request=request)

    fleet = Fleet(monkeypatch, a={"/v1/audio/speech": [stale, sound(HELLO)]})
    assert failed(say(sentence("안녕"))) == [False]
    assert fleet.spoken() == ["a", "a"]


def test_without_an_address_only_captions_come_and_a_line_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch)
    ran = say(sentence("안녕", last=True), urls=("", " "))
    assert told(ran) == [("Started", "t1", 0), ("Ended", "t1", 0)]
    assert failed(ran) == [True]
    assert fleet.asked == []
    assert ran.log[0].startswith("warning 목소리를 아직 쓸 수 없어 자막만 나가요: ")


@pytest.mark.parametrize("health", [refused, status(502, "bad gateway"), 99.0])
def test_a_server_that_is_there_later_is_asked_then(monkeypatch: pytest.MonkeyPatch, health: Any) -> None:
    fleet = Fleet(monkeypatch, a={"/health": [health, status(404)], "/v1/audio/speech": sound(HELLO)})
    ran = say(sentence("하나", 0), sentence("둘", 1), every_s=10.0)
    assert ran.log[0] == "warning 목소리 서버가 대답하지 않아 건너뛰어요"
    assert ran.log[1].startswith("warning 목소리를 아직 쓸 수 없어 자막만 나가요: ")
    assert failed(ran)[-1] is False
    assert "info 목소리 준비 완료" in ran.log
    assert fleet.spoken()


def test_nothing_to_say_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO))
    assert failed(say(sentence(" ", last=True))) == [False]
    assert fleet.spoken() == []


def test_a_stop_closes_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield HELLO
                await asyncio.sleep(0.05)
        finally:
            closed.append("closed")

    Fleet(monkeypatch, a=lambda _: httpx.Response(200, content=endless(), headers={"content-type": "audio/pcm"}))
    ran = say(sentence("길게", last=True), stops=[(0.52, Stop(turn="t1"))], every_s=1.0, until=3.0)
    assert closed == ["closed"]
    assert max(at for at, _, _ in ran.out) <= 0.52


def test_the_client_shows_its_token_and_goes_to_this_machine_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")

    async def look() -> None:
        async with voice.open_client(voice.Http(token="secret")) as client:  # pyright: ignore[reportArgumentType]
            assert client.headers["authorization"] == "Bearer secret"
            direct = client._transport
            assert client._transport_for_url(httpx.URL("http://127.0.0.1:5000")) is direct
            assert client._transport_for_url(httpx.URL("http://gpu:5000")) is not direct
        async with voice.open_client(voice.Http()) as client:
            assert "authorization" not in client.headers

    asyncio.run(look())


@pytest.mark.parametrize("wrong", [ValueError("Unknown scheme for proxy URL"), ImportError("socksio")])
def test_a_proxy_that_cannot_be_used_costs_the_sound_and_not_the_show(
    monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    def fail(config: Any) -> httpx.AsyncClient:
        raise wrong

    monkeypatch.setattr(voice, "open_client", fail)
    ran = say(sentence("안녕"), sentence("또", 1, last=True))
    assert ran.error is None
    assert failed(ran) == [True, True]
    assert ran.log[0].startswith("warning 목소리를 아직 쓸 수 없어 자막만 나가요: ")


def test_the_token_is_kept_out_of_the_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(HELLO))
    assert "secret" in say(sentence("안녕"), token="secret").hidden


def test_the_level_is_as_the_server_made_it(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(HELLO))
    assert np.median(sound_of(say(sentence("안녕")), 0)) == pytest.approx(0.5, abs=0.001)


def test_a_file_for_every_sentence_and_its_header_are_one_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (len(HELLO), None):
        Fleet(monkeypatch, a=sound(*[wav_header(RATE, size) + HELLO] * 3, kind="audio/wav"))
        heard = sound_of(say(sentence("안녕", last=True)), 0)
        assert len(heard) == round(0.3 * RATE)
        assert np.allclose(heard[500:-500], 0.5, atol=0.01), "no header is heard as a click"


@pytest.mark.parametrize("kind", ["audio/wav", "application/octet-stream", "application/json", "text/plain"])
def test_what_a_server_says_in_place_of_sound_is_told(kind: str) -> None:
    async def told() -> str:
        body = stream(b'{"error": {"message": "out of memory"}}')
        answer = httpx.Response(200, content=body, headers={"content-type": kind})
        try:
            read = await sound_of_response(answer)
            read.push(await answer.aread())
            read.end()
        except (Failed, WireError) as error:
            return str(error)
        return ""

    assert "out of memory" in asyncio.run(told())


@pytest.mark.parametrize("end", ["/v1", "/v1/", "/v1/audio/speech"])
def test_an_address_may_end_in_the_path_of_the_api(monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    fleet = Fleet(monkeypatch, a=sound(HELLO))
    assert failed(say(sentence("안녕"), urls=(A + end,))) == [False]
    assert [path for _, path in fleet.asked] == ["/health", "/v1/audio/speech"]


def test_comments_without_sound_are_no_life(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = sound(delta(HELLO), *[b": ping\n\n", 0.5] * 100, kind="text/event-stream")
    Fleet(monkeypatch, a=endless)
    ran = say(sentence("하나", last=True), stall_s=1.5)
    assert (failed(ran), ran.completed_at) == ([True], 1.51)


def test_a_large_piece_is_decoded_off_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    Fleet(monkeypatch, a=sound(HELLO * 20))
    assert len(sound_of(say(sentence("하나", last=True)), 0)) == 2 * RATE


def test_a_token_that_cannot_be_sent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="U\\+D0A4"):
        voice.open_client(voice.Http(token="MARK-키"))  # pyright: ignore[reportArgumentType]
