"""listen.text, with recognisers that a test gives it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nodes.listen import text as module
from nodes.listen._engine import EngineError
from nodes.listen._ghosts import Transcript
from nodes.listen._recognisers import Recognisers, Rung
from nodes.listen.text import Words, sample
from schemas.event import Event
from schemas.host import Utterance
from tests.harness import Ran, run


class Fake:
    """A recogniser that gives what a test has written down; an exception is raised, a number is waited for."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.closed = False

    async def prepare(self) -> None:
        pass

    async def hear(self, utterance: Utterance, sample: str) -> Transcript:
        self.asked.append(utterance.id)
        answer = self.answers.pop(0)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = "늦은 대답"
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Transcript) else Transcript(answer, 0.01, -0.2, 1.0)

    async def close(self) -> None:
        self.closed = True


def spoken(id_: str = "u", **options: Any) -> Utterance:
    samples = np.zeros(16_000, np.int16)
    return replace(Utterance(id=id_, samples=samples, began=0.5, ended=2.0, voiced_s=3.0), **options)


def hear(
    monkeypatch: pytest.MonkeyPatch,
    utterances: Iterable[tuple[float, Event]],
    *engines: Fake,
    language: str = "",
    **settings: Any,
) -> Ran:
    def made(choices: Any, patience_s: float, jobs: Any, clock: Any, log: Any) -> Recognisers:
        rungs = [Rung(f"engine {n}", each, language) for n, each in enumerate(engines)]
        return Recognisers(rungs, patience_s, clock, log)

    monkeypatch.setattr(module, "recognisers", made)
    config = {"engines": [{"type": "whisper"}], "names": ["초코"], **settings}
    ran = run("listen.text", {"utterance": utterances}, settings=config)
    assert ran.error is None
    assert all(each.closed for each in engines)
    return ran


def test_what_was_said_becomes_a_line_of_the_streamer(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = hear(monkeypatch, [(1.0, spoken())], Fake("  초코야   오늘 뭐 해? "), streamer="하늘")
    (line,) = ran.events("line")
    assert (line.id, line.author, line.role, line.text, line.received_at) == (
        "u",
        "하늘",
        "streamer",
        "초코야 오늘 뭐 해?",
        2.0,
    )
    assert line.lane == "host"
    assert ran.events("ignored") == []


@pytest.mark.parametrize(
    ("said", "options", "why"),
    [
        ("초코야 안녕", {"voiced_s": 0.2}, "noise"),
        ("시청해주셔서 감사합니다", {}, "noise"),
        (Transcript("음냐", 0.9, -1.5, 1.0), {}, "noise"),
        ("음... 어...", {}, "noise"),
        ("오늘 게임 어렵네", {"called": False}, "name"),
        ("초코우유 맛있다", {"called": False}, "name"),
        ("떡볶이가 맛있어 보여요", {"overlapped_s": 1.6, "saying": "오늘 떡볶이가 맛있어 보여요!"}, "echo"),
    ],
)
def test_what_is_not_meant_or_was_not_said_is_ignored_and_that_is_told(
    monkeypatch: pytest.MonkeyPatch, said: Any, options: dict[str, Any], why: str
) -> None:
    ran = hear(monkeypatch, [(1.0, spoken(**options))], Fake(said))
    assert ran.events("line") == []
    assert [(each.utterance, each.why) for each in ran.events("ignored")] == [("u", why)]


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("오늘 게임 어렵네", {"called": True}),
        ("초코야 오늘 게임 어렵네", {"called": False}),
        ("떡볶이가 맛있어 보여요", {"overlapped_s": 0.0, "saying": "오늘 떡볶이가 맛있어 보여요!"}),
        ("떡볶이가 맛있어 보여?", {"overlapped_s": 0.3, "saying": "오늘 떡볶이가 맛있어 보여요!"}),
        ("초코야 그거 말고", {"overlapped_s": 1.6, "saying": "오늘 떡볶이가 맛있어 보여요!"}),
    ],
)
def test_what_is_meant_is_taken(monkeypatch: pytest.MonkeyPatch, said: str, options: dict[str, Any]) -> None:
    assert [each.text for each in hear(monkeypatch, [(1.0, spoken(**options))], Fake(said)).events("line")] == [said]


def test_signs_that_nobody_sees_or_can_write_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = hear(monkeypatch, [(1.0, spoken())], Fake("초코야\ud83d \u200b안\x00녕\u202e"))
    assert [line.text for line in ran.events("line")] == ["초코야 안 녕"]


def test_the_next_recogniser_is_asked_when_one_fails_and_that_one_is_left_out_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = Fake(EngineError("no key", rest_s=60.0), "첫째가 다시")
    second = Fake("둘째가", "둘째가 또")
    utterances = [(1.0, spoken("a")), (5.0, spoken("b")), (70.0, spoken("c"))]
    ran = hear(monkeypatch, utterances, first, second)
    assert [each.text for each in ran.events("line")] == ["둘째가", "둘째가 또", "첫째가 다시"]
    assert (first.asked, second.asked) == (["a", "c"], ["a", "b"])
    assert len([line for line in ran.log if "no key" in line]) == 1


def test_one_that_takes_too_long_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = hear(monkeypatch, [(1.0, spoken("a"))], Fake(9.0), Fake("둘째가"), patience_s=3.0)
    assert [(at, event.text) for at, _, event in ran.out] == [(4.0, "둘째가")]  # type: ignore[attr-defined]


def test_one_whose_limit_is_used_up_is_not_asked_until_it_is_full_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Fake(Transcript("첫째가", rest_s=30.0), "첫째가 다시")
    utterances = [(1.0, spoken("a")), (5.0, spoken("b")), (40.0, spoken("c"))]
    assert hear(monkeypatch, utterances, first, Fake("둘째가")).events("line")[1].text == "둘째가"
    assert first.asked == ["a", "c"]


def test_where_none_answers_that_is_told_once_and_the_show_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Fake(EngineError("away"), EngineError("away"), "다시 들려요")
    ran = hear(monkeypatch, [(1.0, spoken("a")), (9.0, spoken("b")), (30.0, spoken("c"))], engine)
    assert [each.why for each in ran.events("ignored")] == ["failed", "failed"]
    assert [each.text for each in ran.events("line")] == ["다시 들려요"]
    assert ran.conditions["listen"].state == "good"


def test_the_next_part_of_a_long_speech_to_the_character_need_not_call_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = [
        spoken("a", called=False),
        spoken("b", called=False, follows="a"),
        spoken("c", called=False),
        spoken("d", called=False, follows="c"),
    ]
    said = Fake("초코야 오늘 있었던 일인데", "그래서 늦었어", "저녁 뭐 먹지", "배고프다")
    ran = hear(monkeypatch, [(float(n), part) for n, part in enumerate(parts, 1)], said)
    assert [each.id for each in ran.events("line")] == ["a", "b"]
    assert [(each.utterance, each.why) for each in ran.events("ignored")] == [("c", "name"), ("d", "name")]


def test_a_script_that_the_recogniser_was_not_told_to_hear_is_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = hear(
        monkeypatch, [(1.0, spoken("a")), (2.0, spoken("b"))], Fake("はい、そうです", "네, 그래요"), language="ko"
    )
    assert [each.why for each in ran.events("ignored")] == ["noise"]
    assert [each.text for each in ran.events("line")] == ["네, 그래요"]


def test_utterances_keep_their_order_however_long_one_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = hear(monkeypatch, [(1.0, spoken("a")), (1.5, spoken("b"))], Fake(2.0, "둘째 말"))
    assert [each.id for each in ran.events("line")] == ["a", "b"]


def test_a_sample_of_what_may_be_said_has_the_names_in_play() -> None:
    config = Words(engines=[{"type": "whisper"}], names=("별",), streamer="하늘", hints=("엘든 링",))  # type: ignore[arg-type]
    assert sample(config).startswith("별아, 오늘 엘든 링 어때?")
    assert "하늘" in sample(config)


def test_there_must_be_a_recogniser() -> None:
    with pytest.raises(ValidationError):
        Words(engines=())
