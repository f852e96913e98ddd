"""Attempts against a server inside the process, on virtual time; ``Attempts`` alone where it only decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest

from nodes.llm._memory.memory import Message, Prompt
from nodes.llm._model import attempts
from nodes.llm._model.attempts import Asked, Asking, Attempts, Clocks, Rung, Step, begun_by
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Over, Refused, Usage
from nodes.llm._model.limits import Limits
from schemas.reply import EMOTIONS
from tests.harness import LoopClock
from tests.nodes.llm.chat_server import ChatServer, Say, chunk, jsoned, refusal, serve, streamed
from tests.nodes.llm.model.test_chat_api import at_once, on_virtual_time

FIRST, SECOND = Rung("model", "big"), Rung("second_model", "small")
GOOD = streamed(jsoned("happy", "안녕! 반가워요."), pace_s=0.1, usage={"prompt_tokens": 900, "completion_tokens": 9})
RESERVE = 300


@dataclass
class Ran:
    """What became of one answer."""

    text: str = ""
    emotions: list[str] = field(default_factory=list)
    rung: str = ""
    complete: bool = False
    kind: str = ""
    seconds: float = 0.0
    rooms: list[int | None] = field(default_factory=list)
    counted: list[tuple[int, Usage]] = field(default_factory=list)


def ask(
    server: ChatServer,
    *,
    rungs: Sequence[Rung] = (FIRST,),
    prompt: Callable[[int | None], int] = lambda _: 1000,
    limits: Callable[[Limits], object] = lambda _: None,
    streamed: bool = True,
    times: int = 1,
    begun_s: float = 60.0,
) -> Ran:
    ran = Ran()

    async def story() -> None:
        clock = LoopClock()
        bounds = Limits(clock.now)
        limits(bounds)
        api = ChatApi("http://localhost:1/v1", "", thread=at_once, heard=bounds.note)

        def made(room: int | None) -> Prompt:
            ran.rooms.append(room)
            return Prompt((Message("user", "안녕"),), prompt(room))

        def body(model: str, prompt: Prompt, schema: bool) -> dict[str, Any]:
            return {"model": model, "tokens": prompt.tokens, "schema": schema, "stream": streamed}

        asking = Asking(
            api=api,
            limits=bounds,
            rungs=rungs,
            body=body,
            emotions=EMOTIONS,
            reserve=RESERVE,
            clocks=Clocks(),
            streamed=streamed,
            clock=clock,
            sleep=_sleep,
            chance=Random(1),
            counted=lambda estimated, usage: ran.counted.append((estimated, usage)),
        )
        for _ in range(times):
            began = clock.now()
            asked = Asked(asking, made, began + 5.0, began + begun_s)
            ran.text = ""
            async for piece in asked.pieces():
                ran.text += piece.text
                ran.emotions += [piece.emotion] if piece.emotion else []
            ran.rung, ran.complete = asked.rung, asked.complete
            ran.kind = asked.refused.kind if asked.refused else ""
            ran.seconds = round(clock.now() - began, 3)
        await api.close()

    on_virtual_time(story())
    return ran


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)


def test_when_an_answer_has_to_begin_leaves_the_voice_its_time_and_the_model_some() -> None:
    assert begun_by(10.0, None) == float("inf")
    assert begun_by(10.0, 4.0) == 13.5
    assert begun_by(10.0, 1.0) == begun_by(10.0, -30.0) == 11.5


def test_a_second_model_is_asked_only_while_its_answer_can_begin_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rungs = (FIRST, SECOND)
    server = serve(monkeypatch, Say((), after_s=60.0), GOOD)
    late = ask(server, rungs=rungs, begun_s=2.6)
    assert (late.text, late.kind, late.seconds, len(server.asked)) == ("", "slow", 2.5, 1)
    server = serve(monkeypatch, Say((), after_s=60.0), GOOD)
    assert ask(server, rungs=rungs, begun_s=3.0).rung == "second_model"


def test_an_answer_that_is_not_streamed_has_to_be_there_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, Say((), after_s=60.0))
    ran = ask(server, streamed=False, begun_s=1.5)
    assert (ran.text, ran.kind, ran.seconds) == ("", "slow", 1.5)


def test_an_answer_comes_with_its_emotion_and_its_count_of_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, GOOD)
    ran = ask(server)
    assert (ran.text, ran.emotions, ran.rung, ran.complete) == ("안녕! 반가워요.", ["happy"], "model", True)
    assert ran.counted == [(1000, Usage(900, 9))]
    assert server.asked == [{"model": "big", "tokens": 1000, "schema": False, "stream": True}]


@pytest.mark.parametrize(
    "bad",
    [
        httpx.ConnectError("no route"),
        Say((httpx.RemoteProtocolError("gone"),)),
        Say((chunk('{"emotion":"happy"'),)),
        Say((chunk('{"emotion":"happy"'), "data: {\n\n")),
        refusal(503),
        refusal(498),
        streamed(""),
        Say((chunk(None, "content_filter"),)),
    ],
)
def test_what_breaks_before_the_first_text_is_tried_again_and_the_listener_hears_one_answer(
    monkeypatch: pytest.MonkeyPatch, bad: Say | Exception
) -> None:
    server = serve(monkeypatch, bad, GOOD)
    ran = ask(server)
    assert (ran.text, ran.complete) == ("안녕! 반가워요.", True)
    assert len(server.asked) == 2
    assert ran.seconds < 0.4


@pytest.mark.parametrize("bad", [httpx.ConnectError("no route"), refusal(503)])
def test_after_three_tries_with_growing_pauses_it_is_given_up(monkeypatch: pytest.MonkeyPatch, bad: Say) -> None:
    server = serve(monkeypatch, bad)
    ran = ask(server)
    assert ran.text == ""
    assert not ran.complete
    assert len(server.asked) == 3
    first, second = (after - before for before, after in zip(server.asked_at, server.asked_at[1:], strict=False))
    assert second > first * 1.1
    assert ran.seconds < 1.0


def test_the_last_try_is_for_the_second_model(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(503), refusal(503), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND))
    assert [each["model"] for each in server.asked] == ["big", "big", "small"]
    assert (ran.rung, ran.complete) == ("second_model", True)


@pytest.mark.parametrize("slow", [Say((), after_s=60.0), Say((30.0,)), Say((": ping\n\n", 1.0) * 60)])
def test_a_model_that_does_not_begin_in_time_is_left_for_the_second(monkeypatch: pytest.MonkeyPatch, slow: Say) -> None:
    server = serve(monkeypatch, slow, GOOD)
    ran = ask(server, rungs=(FIRST, SECOND))
    assert [each["model"] for each in server.asked] == ["big", "small"]
    assert server.asked_at[1] == 2.5
    assert ran.text == "안녕! 반가워요."


def test_where_every_try_is_slow_it_is_over_after_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, Say((), after_s=60.0))
    ran = ask(server)
    assert (ran.text, ran.kind, ran.seconds) == ("", "slow", 5.0)
    assert len(server.asked) == 2


BEGUN = '{"emotion":"sad","response":"저는 그'


@pytest.mark.parametrize(
    ("parts", "kind", "seconds"),
    [
        ((chunk(BEGUN), 30.0), "slow", 1.0),
        ((chunk(BEGUN),), "broken", 0.0),
        ((chunk(BEGUN), httpx.ReadError("gone")), "broken", 0.0),
        ((chunk(BEGUN), "data: {\n\n"), "broken", 0.0),
        ((chunk(BEGUN), 'data: {"error":{"code":503}}\n\n'), "server", 0.0),
        ((chunk(BEGUN), chunk(None, "length")), "bad_output", 0.0),
        ((chunk(BEGUN), *[0.4, chunk("네")] * 30), "slow", 5.0),
    ],
)
def test_once_something_was_said_nothing_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[Any, ...], kind: str, seconds: float
) -> None:
    server = serve(monkeypatch, Say(parts), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND))
    assert ran.text.startswith("저는 그")
    assert "반가워요" not in ran.text
    assert (ran.complete, ran.kind, ran.seconds) == (False, kind, seconds)
    assert len(server.asked) == 1


def test_what_was_held_back_is_said_when_the_answer_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    serve(monkeypatch, Say((chunk("[happy] 안녕 {"),)))
    assert ask(ChatServer(())).text == "안녕 {"


def test_a_429_is_waited_for_where_that_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(429, retry_after="2"), GOOD)
    ran = ask(server)
    assert ran.complete
    assert server.asked_at[1] == pytest.approx(2.05)


def test_a_429_that_lasts_too_long_ends_the_turn_at_once_and_spares_the_server_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(monkeypatch, refusal(429, retry_after="30"))
    ran = ask(server, times=3)
    assert (ran.text, ran.seconds) == ("", 0.0)
    assert len(server.asked) == 1


def test_a_server_that_asks_to_be_left_alone_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(503, retry_after="2"), GOOD)
    assert ask(server).complete
    assert server.asked_at[1] == pytest.approx(2.05)
    server = serve(monkeypatch, refusal(503, retry_after="30"), GOOD)
    assert ask(server).seconds == 0.0
    assert ask(serve(monkeypatch, refusal(503, retry_after="30"), GOOD), rungs=(FIRST, SECOND)).rung == "second_model"


def test_with_a_second_model_nobody_waits_for_a_busy_one(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(429, "requests per day (RPD): Limit 1000, Used 1000"), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND), times=2)
    assert [each["model"] for each in server.asked] == ["big", "small", "small"]
    assert (ran.rung, ran.seconds) == ("second_model", 0.1)


TPM = "tokens per minute (TPM): Limit 8000, Used 7000, Requested 1300. Please try again in 2.2s."


def test_when_tokens_are_short_the_prompt_gets_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(429, TPM), GOOD)
    ran = ask(server, prompt=lambda room: 1000 if room is None else min(room, 1000))
    assert ran.rooms == [None, 950 - RESERVE]
    assert [each["tokens"] for each in server.asked] == [1000, 650]
    assert ran.seconds == 0.1


def test_when_no_prompt_is_short_enough_the_tokens_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(429, TPM), GOOD)
    ran = ask(server)
    assert ran.complete
    assert server.asked_at[1] == pytest.approx(2.25)


def test_what_the_headers_leave_makes_the_next_prompt_shorter_or_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    left = {
        "x-ratelimit-limit-tokens": "8000",
        "x-ratelimit-remaining-tokens": "1160",
        "x-ratelimit-reset-tokens": "51.3s",
    }
    server = serve(monkeypatch, Say(GOOD.parts, headers=left))
    ran = ask(server, prompt=lambda room: 1000 if room is None else max(800, min(room, 1000)), times=2)
    assert ran.rooms[0] is None
    assert ran.rooms[1] == pytest.approx(1000 - RESERVE, abs=20)
    assert server.asked[1]["tokens"] == 800
    assert 0.3 < server.asked_at[1] - server.asked_at[0] < 1.0


def test_a_request_that_is_too_large_for_a_minute_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def little(limits: Limits) -> None:
        limits.note("big", {"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": "1000"})

    server = serve(monkeypatch, GOOD)
    ran = ask(server, limits=little)
    assert (ran.text, ran.kind, ran.seconds) == ("", "busy", 0.0)
    assert server.asked == []
    assert ask(server, limits=little, rungs=(FIRST, SECOND)).rung == "second_model"


LARGE = "Request too large on tokens per minute (TPM): Limit {}, Requested 8191"


@pytest.mark.parametrize(
    ("message", "room"), [(LARGE.format(8000), 7290), (LARGE.format(4000), 3800), ("too large", 4860)]
)
def test_a_413_makes_the_prompt_shorter_once(monkeypatch: pytest.MonkeyPatch, message: str, room: int) -> None:
    server = serve(monkeypatch, refusal(413, message), refusal(413, message), GOOD)
    ran = ask(server, prompt=lambda room: 7800 if room is None else room)
    assert [each["tokens"] for each in server.asked] == [7800, room - RESERVE]
    assert (ran.text, ran.kind) == ("", "too_large")


def test_a_413_is_no_use_repeating_where_nothing_can_be_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(413), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND))
    assert [each["model"] for each in server.asked] == ["big", "small"]
    assert ran.complete


def test_a_wrong_key_is_never_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(401), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND))
    assert (ran.text, ran.kind) == ("", "unauthorised")
    assert len(server.asked) == 1


def test_a_model_that_the_server_has_not_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(404), GOOD)
    ran = ask(server, rungs=(FIRST, SECOND), times=2)
    assert [each["model"] for each in server.asked] == ["big", "small", "small"]
    assert ran.complete


def test_an_answer_that_is_guaranteed_by_a_schema_may_take_all_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = '{"choices":[{"message":{"content":"{\\"emotion\\":\\"sad\\",\\"response\\":\\"네.\\"}"}}]}'
    server = serve(monkeypatch, Say((whole,), after_s=4.0, kind="application/json"))
    ran = ask(server, streamed=False)
    assert (ran.text, ran.emotions, ran.complete) == ("네.", ["sad"], True)
    assert server.asked[0]["schema"] is True


def failed_generation(text: str) -> Say:
    import json

    body = {"error": {"code": "json_validate_failed", "message": "m", "failed_generation": text}}
    return Say((json.dumps(body),), 400, kind="application/json")


def test_what_the_schema_refused_is_said_if_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, failed_generation('{"emotion":"happy","response":"그래요."'))
    ran = ask(server, streamed=False)
    assert (ran.text, ran.complete) == ("그래요.", True)
    assert len(server.asked) == 1


def test_what_the_schema_refused_is_asked_for_again_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = '{"choices":[{"message":{"content":"[happy] 네."}}]}'
    server = serve(monkeypatch, failed_generation("{}"), Say((whole,), kind="application/json"))
    ran = ask(server, streamed=False)
    assert ran.text == "네."
    assert [each["schema"] for each in server.asked] == [True, False]


class Now:
    t = 0.0

    def __call__(self) -> float:
        return self.t


def attempts_at(now: Now, rungs: Sequence[Rung] = (FIRST, SECOND), deadline: float = 5.0) -> Attempts:
    return Attempts(rungs, Limits(now), now=now, deadline=deadline, chance=Random(1))


def test_of_two_busy_models_the_one_that_is_free_first_is_waited_for() -> None:
    steps = attempts_at(Now())
    assert steps.step() == Step(FIRST)
    steps.failed(Refused("busy", "", retry_after_s=3.0))
    assert steps.step() == Step(SECOND)
    steps.failed(Refused("busy", "", retry_after_s=4.0))
    step = steps.step()
    assert step is not None
    assert (step.rung, step.wait_s) == (FIRST, pytest.approx(3.05))


def test_no_request_is_begun_shortly_before_the_deadline() -> None:
    now = Now()
    steps = attempts_at(now)
    now.t = 5.0 - attempts.LEAST_S + 0.01
    assert steps.step() is None


def test_a_quota_of_a_day_without_a_time_closes_the_model_for_long() -> None:
    now = Now()
    limits = Limits(now)
    steps = Attempts((FIRST,), limits, now=now, deadline=5.0, chance=Random(1))
    steps.step()
    steps.failed(Refused("busy", "", over=Over("TPD")))
    assert limits.closed_s("big") == pytest.approx(attempts.DAILY_S, abs=1.0)
    assert steps.step() is None


def test_a_short_text_without_json_is_said_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = ask(serve(monkeypatch, streamed("안녕", "하세요.", pace_s=0.1)))
    assert (ran.text, ran.emotions, ran.complete) == ("안녕하세요.", [], True)
