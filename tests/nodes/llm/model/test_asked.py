"""Answers of a server inside the process, on virtual time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx
import pytest

from nodes.llm._memory.memory import Message, Prompt
from nodes.llm._model.asked import THOUGHTS, Asked, Asking, Clocks, begun_by
from nodes.llm._model.attempts import MARGIN, Rung
from nodes.llm._model.chat_api import ChatApi
from nodes.llm._model.chat_wire import Usage
from nodes.llm._model.limits import Limits
from nodes.llm._model.traits import TRUSTED, Traits
from schemas.reply import EMOTIONS
from tests.harness import LoopClock, on_virtual_time
from tests.nodes.llm.chat_server import ChatServer, Say, chunk, jsoned, refusal, serve, streamed
from tests.nodes.llm.model.test_chat_api import at_once

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
    learnt: list[str] = field(default_factory=list)


def ask(
    server: ChatServer,
    *,
    rungs: Sequence[Rung] = (FIRST,),
    prompt: Callable[[int | None], int] = lambda _: 1000,
    limits: Callable[[Limits], object] = lambda _: None,
    streamed: bool = True,
    times: int = 1,
    begun_s: float = 60.0,
    total_s: float = 5.0,
    clocks: Clocks = Clocks(),  # noqa: B008
    body: Mapping[str, Any] | None = None,
    traits: dict[str, Traits] | None = None,
) -> Ran:
    ran = Ran()
    sent = body or {}

    async def story() -> None:
        clock = LoopClock()
        bounds = Limits(clock.now)
        limits(bounds)
        api = ChatApi("http://localhost:1/v1", "", thread=at_once, heard=bounds.note)

        def made(room: int | None) -> Prompt:
            ran.rooms.append(room)
            return Prompt((Message("user", "안녕"),), prompt(room))

        def made_body(model: str, prompt: Prompt, schema: bool) -> dict[str, Any]:
            return {"model": model, "tokens": prompt.tokens, "schema": schema, "stream": streamed, **sent}

        asking = Asking(
            api=api,
            limits=bounds,
            rungs=rungs,
            body=made_body,
            emotions=EMOTIONS,
            reserve=RESERVE,
            clocks=clocks,
            streamed=streamed,
            clock=clock,
            sleep=_sleep,
            chance=Random(1),
            counted=lambda estimated, usage: ran.counted.append((estimated, usage)),
            traits={} if traits is None else traits,
            less=lambda _: {"think": False},
            optional=("stop",),
            learnt=ran.learnt.append,
        )
        for _ in range(times):
            began = clock.now()
            asked = Asked(asking, made, began + total_s, began + begun_s)
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
    serve(monkeypatch, Say((chunk("[happy] 안녕 ["),)))
    assert ask(ChatServer(())).text == "안녕 ["


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


def test_a_prompt_that_cannot_be_shorter_leaves_less_room_for_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(400, "This model's maximum context length is 1250 tokens."), GOOD)
    ran = ask(server, body={"max_tokens": RESERVE})
    assert ran.complete
    assert [asked["max_tokens"] for asked in server.asked] == [RESERVE, 170]


def test_what_a_model_has_room_for_is_remembered_and_the_next_turn_begins_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = refusal(400, "This model's maximum context length is 4000 tokens.")
    server = serve(monkeypatch, long, GOOD, GOOD, long, GOOD)
    ran = ask(server, prompt=lambda room: 7800 if room is None else room, times=3)
    first = int(4000 * MARGIN) - RESERVE
    assert [each["tokens"] for each in server.asked[:3]] == [7800, first, first]
    assert server.asked[4]["tokens"] < server.asked[3]["tokens"] == first, "a count that differs from ours is believed"
    assert ran.complete


def test_a_prompt_that_is_shorter_but_perhaps_not_short_enough_is_worth_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(monkeypatch, refusal(400, "This model's maximum context length is 700 tokens."), GOOD)
    ran = ask(server, prompt=lambda room: 2000 if room is None else 900)
    assert [each["tokens"] for each in server.asked] == [2000, 900]
    assert ran.complete


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


def test_a_short_text_without_json_is_said_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = ask(serve(monkeypatch, streamed("안녕", "하세요.", pace_s=0.1)))
    assert (ran.text, ran.emotions, ran.complete) == ("안녕하세요.", [], True)


def thought(text: str = "음", field: str = "reasoning") -> str:
    return f'data: {{"choices":[{{"delta":{{"content":"","{field}":"{text}"}}}}]}}\n\n'


def thinking(seconds: float, *then: Any, field: str = "reasoning") -> Say:
    """A thought every 0.2 s for so long."""
    return Say((*([thought(field=field), 0.2] * round(seconds / 0.2)), *then))


ANSWER = (chunk(jsoned("happy", "안녕!")), chunk(None, "stop"), "data: [DONE]\n\n")


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content", "thinking"])
def test_a_thought_is_a_sign_of_life_and_the_answer_behind_it_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, field: str
) -> None:
    server, traits = serve(monkeypatch, thinking(4.0, *ANSWER, field=field)), dict[str, Traits]()
    ran = ask(server, clocks=Clocks(first_s=3.0), total_s=9.0, traits=traits, times=2)
    assert (ran.text, ran.complete, len(server.asked)) == ("안녕!", True, 2)
    assert traits["big"].thinks
    assert [body.get("think") for body in server.asked] == [None, False], "asked to think less once it was seen"


@pytest.mark.parametrize(
    ("say", "clocks", "total_s", "begun_s", "seconds"),
    [
        (thinking(60.0), Clocks(think_s=3.0), 20.0, 60.0, 3.0),
        (thinking(60.0), Clocks(), 5.0, 60.0, 5.0),
        (thinking(60.0), Clocks(), 20.0, 4.0, 4.0),
        (Say((thought(), 60.0)), Clocks(), 20.0, 60.0, 2.5),
        (Say((chunk("<think>"), *([chunk("음"), 0.2] * 300))), Clocks(think_s=3.0), 20.0, 60.0, 3.0),
    ],
)
def test_thinking_has_a_limit_of_its_own_and_is_told_as_such(
    monkeypatch: pytest.MonkeyPatch, say: Say, clocks: Clocks, total_s: float, begun_s: float, seconds: float
) -> None:
    server = serve(monkeypatch, say, refusal(401))
    ran = ask(server, clocks=clocks, total_s=total_s, begun_s=begun_s)
    assert ran.text == ""
    assert server.asked_at[-1] in (0.0, pytest.approx(seconds, abs=0.25))
    server = serve(monkeypatch, say)
    assert ask(server, clocks=clocks, total_s=total_s, begun_s=begun_s).kind in ("thinking", "slow")


def test_tokens_that_were_spent_on_thoughts_are_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = ask(serve(monkeypatch, Say((thought(), chunk(None, "length"), "data: [DONE]\n\n"))))
    assert (ran.text, ran.kind) == ("", "thinking")


@pytest.mark.parametrize("eaten", [Say((chunk("", "length"),)), Say((thought(), chunk(None, "length")))])
def test_a_model_that_spends_its_tokens_on_thoughts_shown_or_not_is_asked_for_less_of_them_with_room_for_them(
    monkeypatch: pytest.MonkeyPatch, eaten: Say
) -> None:
    server = serve(monkeypatch, eaten, GOOD)
    assert ask(server, body={"max_tokens": RESERVE}).complete
    assert [("think" in asked, asked["max_tokens"]) for asked in server.asked] == [
        (False, RESERVE),
        (True, RESERVE + THOUGHTS),
    ]


def test_no_room_for_thoughts_is_given_where_the_tokens_of_a_minute_are_limited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(monkeypatch, Say((chunk("", "length"),)), GOOD)
    known = {"x-ratelimit-limit-tokens": "8000", "x-ratelimit-remaining-tokens": "8000"}
    assert ask(server, body={"max_tokens": RESERVE}, limits=lambda it: it.note("big", known)).complete
    assert [asked["max_tokens"] for asked in server.asked] == [RESERVE, RESERVE]


def test_what_helped_once_is_left_out_whatever_a_server_refuses_later(monkeypatch: pytest.MonkeyPatch) -> None:
    vague, traits = refusal(400, "Request contains an invalid argument."), dict[str, Traits]()
    server = serve(monkeypatch, vague, GOOD, vague)
    ask(server, body={"stop": ["x"]}, times=2, traits=traits)
    assert ["stop" in asked for asked in server.asked] == [True, False, False]
    assert traits["big"].bare


def test_an_answer_that_a_server_cannot_stream_may_take_as_long_as_one_in_one_piece(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = '{"choices":[{"message":{"content":"[happy] 안녕!"},"finish_reason":"stop"}]}'
    wrong = refusal(400, "Your organization must be verified to stream this model.")
    server = serve(monkeypatch, wrong, Say((whole,), after_s=4.0, kind="application/json"))
    ran = ask(server)
    assert (ran.text, ran.complete, ran.learnt) == ("안녕!", True, ["stream"])
    assert [asked["stream"] for asked in server.asked] == [True, False]


def test_an_answer_of_marks_that_is_cut_off_was_no_thought(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = ask(serve(monkeypatch, Say((chunk("</s>", "length"),))))
    assert (ran.text, ran.kind) == ("", "bad_output")


def test_a_parameter_that_is_refused_is_left_out_at_once_and_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    first = refusal(400, "Unsupported parameter: 'max_tokens' is not supported with this model.")
    second = refusal(400, "Unsupported value: 'temperature' does not support 0.8 with this model.")
    server = serve(monkeypatch, first, second, GOOD)
    ran = ask(server, body={"max_tokens": 9, "temperature": 0.8}, times=2)
    assert (ran.text, ran.complete, ran.learnt) == ("안녕! 반가워요.", True, ["max_tokens", "temperature"])
    assert len(server.asked) == 4
    assert server.asked[-1].get("max_completion_tokens") == 9
    assert {"max_tokens", "temperature"} & {*server.asked[-1]} == set()


def test_a_server_that_is_loading_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, refusal(503, "Loading model"))
    ran = ask(server)
    assert (ran.text, ran.kind, len(server.asked)) == ("", "loading", 1)


@pytest.mark.parametrize("text", ["좋아요! " * 60, "".join(f"{n}번째 문장이에요. " for n in range(99))])
def test_an_endless_answer_is_ended_and_the_server_is_let_go(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    server = serve(monkeypatch, streamed("[happy] ", *text, pace_s=0.001))
    ran = ask(server)
    assert 0 < len(ran.text) <= 300
    assert text.startswith(ran.text)
    assert (ran.complete, ran.kind, len(server.asked)) == (False, "", 1)
    assert ran.seconds < 1.0
    assert server.closed == 1


def test_an_invented_turn_is_no_part_of_an_answer_that_is_whole_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve(monkeypatch, streamed('[happy] 안녕!\n{"n":2,"u":"가","t":"뭐해?"}\n'))
    ran = ask(server)
    assert (ran.text, ran.emotions, ran.complete) == ("안녕!", ["happy"], True)


def test_plain_text_is_kept_to_its_end_until_the_model_is_known_to_answer_so(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "오늘은 참 좋은 날이에요, 여러분도 그렇게 생각하시나요? 저는 그래요. 정말로 그렇답니다, 하하! 다들 반가워요."
    server, traits = serve(monkeypatch, streamed(*text, pace_s=0.01)), dict[str, Traits]()
    for _ in range(TRUSTED):
        assert ask(server, traits=traits).text == text
    assert traits["big"].trusted
    assert traits["big"].loaded
    cut = serve(monkeypatch, Say((*map(chunk, text), 9.0)))
    assert ask(cut, traits=traits).text == text
    assert ask(cut).text == "", "of a model that is not known it may be a thought"
