"""reply.guard_model: judged beside the show."""

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from nodes.fetching import certificates
from nodes.reply import _verdict, guard_model
from nodes.reply._instead import INSTEAD
from schemas.reply import Sentence
from tests.harness import Ran, run

ON = {"base_url": "http://127.0.0.1:1/v1", "model": "m", "api_key": "KEY"}


def say(text: str, turn: str = "t", index: int = 0, last: bool = False) -> Sentence:
    return Sentence(turn=turn, index=index, text=text, spoken=text, emotion="happy", last=last)


def judged(monkeypatch: pytest.MonkeyPatch, *said: tuple[float, Sentence], takes_s: float = 0.5, **more: Any) -> Ran:
    asked: list[str] = []

    async def unsafe(url: str, key: str, model: str, text: str, _: object) -> bool:
        asked.append(text)
        await asyncio.sleep(takes_s)
        if "고장" in text:
            raise _verdict.NoVerdict("HTTP 500")
        return "나쁜" in text

    monkeypatch.setattr(_verdict, "unsafe", unsafe)
    monkeypatch.setattr(guard_model, "certificates", lambda: None)
    ran = run("reply.guard_model", {"sentence": said}, settings=ON | more, complete_at=60.0)
    assert (ran.error, ran.completed_at) == (None, 60.0)
    assert [at for at, _, _ in ran.out] == [at for at, _ in said]
    ran.malformed = asked
    return ran


def test_only_later_sentences_of_an_unsafe_turn_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [
        (0.0, say("나쁜 말.")),
        (0.2, say("둘.", index=1)),
        (1.2, say("셋.", index=2)),
        (1.3, say("넷.", "u", last=True)),
    ]
    ran = judged(monkeypatch, *said)
    assert [event.text for event in ran.events()] == ["나쁜 말.", "둘.", INSTEAD[0], "넷."]
    assert ran.malformed[:2] == ["나쁜 말.", "나쁜 말. 둘."]


def test_a_late_or_failed_judgement_changes_nothing_and_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    late = judged(monkeypatch, (0.0, say("나쁜 말.")), (9.0, say("둘.", index=1)), takes_s=5.0)
    assert [event.text for event in late.events()] == ["나쁜 말.", "둘."]
    assert late.log == ["warning 판정 모델이 답하지 않아 그 판정 없이 말해요: 늦어요"]
    failed = judged(monkeypatch, (0.0, say("고장.")), (9.0, say("둘.", index=1)))
    assert [event.text for event in failed.events()] == ["고장.", "둘."]
    assert failed.log == ["warning 판정 모델이 답하지 않아 그 판정 없이 말해요: HTTP 500"]


def test_a_model_that_fails_again_after_it_answered_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [(0.0, say("고장.", "a")), (5.0, say("고장.", "b")), (9.0, say("좋은 말.", "c")), (19.0, say("고장.", "d"))]
    line = "warning 판정 모델이 답하지 않아 그 판정 없이 말해요: HTTP 500"
    assert judged(monkeypatch, *said[:3]).log == [line]
    assert judged(monkeypatch, *said).log == [line, line]


def test_without_an_address_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(monkeypatch, (0.0, say("나쁜 말.")), (9.0, say("둘.")), base_url="").malformed == []


def test_old_turns_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    bad = [(float(number), say("나쁜 말.", str(number))) for number in range(20)]
    ran = judged(monkeypatch, *bad, (30.0, say("끝.", "0")), (31.0, say("끝.", "19")))
    assert [event.text for event in ran.events()][-2:] == ["끝.", INSTEAD[0]]


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [(200, "safe", False), (200, "Unsafe.", True), (200, "hm", None), (200, None, None), (500, "safe", None)],
)
def test_one_request_says_safe_unsafe_or_nothing(status: int, content: str | None, expected: bool | None) -> None:
    keys: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        keys.append(request.headers["Authorization"])
        assert (await request.json())["messages"][1]["content"] == "안녕"
        return web.json_response({"choices": [{"message": {"content": content}}]}, status=status)

    async def main() -> bool | None:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", answer)
        async with TestServer(application) as server:
            try:
                return await _verdict.unsafe(str(server.make_url("/v1")), "KEY", "m", "안녕", certificates())
            except _verdict.NoVerdict:
                return None

    assert asyncio.run(main()) is expected
    assert keys == ["Bearer KEY"]


def test_an_answer_that_is_nested_without_end_is_no_verdict() -> None:
    async def main() -> None:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", nested)
        async with TestServer(application) as server:
            await _verdict.unsafe(str(server.make_url("/v1")), "", "m", "안녕", certificates())

    async def nested(_: web.Request) -> web.Response:
        return web.Response(text="[" * 200_000, content_type="application/json")

    with pytest.raises(_verdict.NoVerdict, match="RecursionError"):
        asyncio.run(main())


def test_no_server_is_no_verdict() -> None:
    with pytest.raises(_verdict.NoVerdict, match="ConnectError"):
        asyncio.run(_verdict.unsafe("http://127.0.0.1:9/v1", "", "m", "안녕", certificates()))
