"""A recogniser on another computer, over real HTTP."""

import _socket
import asyncio
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr

from nodes.listen._engine import EngineError
from nodes.listen._ghosts import Transcript
from nodes.listen._http import GROQ, KEEP_S, LONGEST_REST_S, Http, HttpEngine, read, used_up_s
from schemas.host import Utterance
from tests.peers.asr_peer import Answer, AsrServer, said

DATE = "Tue, 01 Dec 2026 09:00:00 GMT"
SPOKEN = Utterance(id="u", samples=np.zeros(24_000, np.int16), began=1.0, ended=2.5, voiced_s=1.0)


class Threads:
    """A worker whose thread is the loop's own."""

    async def thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return call(*args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Log:
    def __init__(self) -> None:
        self.hidden: list[str] = []

    def hide(self, secret: str) -> None:
        self.hidden.append(secret)


def with_server(story: Callable[[AsrServer, HttpEngine], Awaitable[None]], key: str = "gsk_x", **options: Any) -> Log:
    log = Log()

    async def main() -> None:
        async with AsrServer(key) as server:
            settings = {"base_url": server.url, "api_key": SecretStr(key), **options}
            engine = HttpEngine(Http(**settings), Threads(), log)  # type: ignore[arg-type]
            try:
                await story(server, engine)
            finally:
                await engine.close()
        assert server.wrong == []

    asyncio.run(main())
    return log


def test_an_utterance_is_sent_as_a_wav_with_everything_that_the_api_wants() -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        heard = await engine.hear(SPOKEN, "초코야, 뭐 해?")
        assert heard == Transcript("초코야 안녕", 0.02, -0.3, 1.0)
        (asked,) = server.asked
        assert asked.seconds == 1.5
        assert asked.fields == {
            "model": "whisper-large-v3-turbo",
            "language": "ko",
            "response_format": "verbose_json",
            "temperature": "0",
            "prompt": "초코야, 뭐 해?",
        }

    assert with_server(story).hidden == ["gsk_x"]


def test_a_server_of_ones_own_needs_no_key_and_a_path_may_end_in_a_slash() -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        assert (await engine.hear(SPOKEN, "")).text == "초코야 안녕"
        own = HttpEngine(Http(base_url=server.url + "/", language=""), Threads(), Log())  # type: ignore[arg-type]
        assert (await own.hear(SPOKEN, "")).text == "초코야 안녕"
        assert "language" not in server.asked[-1].fields
        await own.close()

    with_server(story, key="")


@pytest.mark.parametrize(
    ("answer", "told", "rest_s"),
    [
        (Answer({"error": {"message": "no"}}, 500), "500", 0.0),
        (Answer({"error": {"message": "no"}}, 404), "404", LONGEST_REST_S),
        (Answer({"error": {}}, 429, {"retry-after": "7"}), "429", 7.0),
        (Answer({"error": {}}, 429, {"date": DATE, "retry-after": DATE.replace(":00 ", ":45 ")}), "429", 45.0),
        (Answer({"error": {"message": "Please try again in 1m2.5s."}}, 429), "429", 62.5),
        (Answer({"error": {}}, 429), "429", 20.0),
        (Answer({"error": {}}, 503, {"retry-after": "30"}), "503", 30.0),
        (Answer(b"<html>"), "JSON", 0.0),
        (Answer(b"[" * 100_000), "JSON", 0.0),
        (Answer({"words": []}), "text", 0.0),
        (Answer([]), "text", 0.0),
    ],
)
def test_a_refusal_says_what_is_wrong_and_how_long_it_rests(answer: Answer, told: str, rest_s: float) -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        server.answers.append(answer)
        with pytest.raises(EngineError) as raised:
            await engine.hear(SPOKEN, "")
        assert told in raised.value.args[0].told("en")
        assert raised.value.rest_s == rest_s
        assert (await engine.hear(SPOKEN, "")).text

    with_server(story)


@pytest.mark.skipif(sys.platform == "win32", reason="the loop of Windows does not send by the socket's own method")
def test_an_utterance_goes_out_in_a_few_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []

    def send(own: socket.socket, data: Any, *flags: int) -> int:
        sent.append(len(data))
        return _socket.socket.send(own, data, *flags)

    async def story(_: AsrServer, engine: HttpEngine) -> None:
        await engine.hear(SPOKEN, "")
        with monkeypatch.context() as patched:
            patched.setattr(socket.socket, "send", send)
            await engine.hear(SPOKEN, "초코야, 뭐 해?")
        assert max(sent) > len(SPOKEN.samples)
        assert len(sent) <= 6

    with_server(story)


def test_a_connection_outlives_the_pauses_of_a_talk(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = 0.0
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + passed)
    monkeypatch.setattr("httpcore._async.http11.time", clock)

    async def story(server: AsrServer, engine: HttpEngine) -> None:
        nonlocal passed
        for _ in range(3):
            await engine.hear(SPOKEN, "")
            passed += KEEP_S - 10
        assert len({asked.peer for asked in server.asked}) == 1
        passed += 20
        await engine.hear(SPOKEN, "")
        assert len({asked.peer for asked in server.asked}) == 2

    with_server(story)


def test_a_wrong_key_is_not_tried_again_and_never_told() -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        server.key = "another"
        with pytest.raises(EngineError) as raised:
            await engine.hear(SPOKEN, "")
        assert raised.value.rest_s == LONGEST_REST_S
        assert "gsk_x" not in str(raised.value)

    with_server(story)


@pytest.mark.parametrize("key", ["", "키"])
def test_without_a_key_that_can_be_one_nothing_is_asked(key: str) -> None:
    engine = HttpEngine(Http(base_url=GROQ, api_key=SecretStr(key)), Threads(), Log())  # type: ignore[arg-type]
    with pytest.raises(EngineError) as raised:
        asyncio.run(engine.prepare())
    assert raised.value.rest_s == LONGEST_REST_S


def test_a_server_that_is_slow_or_away_is_an_error() -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        server.answers.append(Answer(said("안녕"), wait_s=2.0))
        with pytest.raises(EngineError):
            await engine.hear(SPOKEN, "")
        away = HttpEngine(Http(base_url="http://127.0.0.1:9/v1"), Threads(), Log())  # type: ignore[arg-type]
        with pytest.raises(EngineError):
            await away.hear(SPOKEN, "")
        await away.close()

    with_server(story, timeout_s=0.3)


def test_a_limit_that_is_used_up_with_an_answer_is_told_with_it() -> None:
    async def story(server: AsrServer, engine: HttpEngine) -> None:
        headers = {
            "x-ratelimit-remaining-requests": "12",
            "x-ratelimit-reset-requests": "3s",
            "x-ratelimit-remaining-audio-seconds": "0",
            "x-ratelimit-reset-audio-seconds": "2m10.5s",
        }
        server.answers.append(Answer(said("안녕"), headers=headers))
        assert (await engine.hear(SPOKEN, "")).rest_s == 130.5
        assert (await engine.hear(SPOKEN, "")).rest_s == 0.0

    with_server(story)


def test_limits_without_a_time_rest_for_a_minute_and_those_that_cannot_be_read_do_not() -> None:
    assert used_up_s({"x-ratelimit-remaining-requests": "0"}) == 60.0
    assert used_up_s({"x-ratelimit-remaining-requests": "many", "x-ratelimit-limit-requests": "0"}) == 0.0


def test_a_plain_answer_is_read_without_figures() -> None:
    assert read(b'{"text": " \\uc548\\ub155 "}') == Transcript("안녕")
    wild = b'{"text": "a", "segments": [{"avg_logprob": 1%s}, {"avg_logprob": NaN}, {"avg_logprob": -1e999}]}'
    assert read(wild % (b"0" * 400)) == Transcript("a")
    assert read(b'{"text": "a", "segments": [7, {"avg_logprob": "x"}, {"avg_logprob": -1}]}').logprob == -1.0
