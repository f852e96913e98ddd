"""What a person types in the page of the demonstration is answered before the recorded chat."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from reactivex.disposable import Disposable

from graphs.engine.flow.runtime import Runtime
from graphs.engine.flow.station import Station
from graphs.engine.language.check import check
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.offline.play import virtually
from graphs.engine.offline.recording import Recording
from graphs.engine.offline.stand_ins import stand_ins
from nodes import load_all
from schemas.playback import Heard
from tests.harness import ROOT

DEMO = (ROOT / "graphs" / "demo.yaml").read_text(encoding="utf-8")
WITHOUT = DEMO.replace(", guest: true", "").replace("guest: filter, ", "")
REAL = ("chat.replay", "chat.typed", "overlay.dock")
"""Nodes that run as they are; voice, device and avatar are stand-ins that take as long as real ones."""
NEWCOMERS = 100
EVERY_S = (12.0, 30.0)
"""Seconds between two newcomers; drawn again for each."""
SAID = ("안녕하세요!", "이름이 뭐야?", "오늘 기분 어때요?", "노래 좋아하세요?", "저 처음 왔어요", "뭐 먹었어요?")


class Pages:
    """A web server without an address, whose POST a test calls."""

    def __init__(self) -> None:
        self.take: Callable[[Mapping[str, Any]], Any] = dict

    async def start(self) -> None: ...

    stop = start

    def folder(self, *_: object, **__: object) -> Disposable:
        return Disposable()

    get = page = folder

    def post(self, path: str, take: Callable[[Mapping[str, Any]], Any]) -> Disposable:
        if path == "/api/say":
            self.take = take
        return Disposable()

    def channel(self, *_: object, **__: object) -> Any:
        return SimpleNamespace(clients=0, send=lambda *_: None, dispose=lambda: None)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One person who typed something, in seconds since the run started."""

    answered: bool
    waited_s: float
    """From the key to the first sound of the answer."""
    sentence_s: float
    """What was left of the sentence that was being heard, or of the first one of an answer that was being made."""
    turn_s: float
    """The length of the turn that answers."""


@dataclass(slots=True)
class Show:
    newcomers: list[Newcomer]
    recorded: list[float]
    """When recorded events came in."""
    waiting: list[tuple[float, float]]
    """Times in which a newcomer waited: (typed, answered)."""


@cache
def show(text: str, newcomers: int = NEWCOMERS, seed: int = 1) -> Show:
    """Play the graph in virtual time while newcomers type at random moments, one after another."""
    graph = check(text, "graphs/demo.yaml", load_all(), {})
    web, chance = Pages(), Random(seed)
    sentences: dict[tuple[str, int], list[float]] = {}
    recorded: list[float] = []
    runtime: Any = None

    async def main() -> Show:
        nonlocal runtime
        registry, _ = stand_ins(load_all(), [graph], Recording([]), seed)
        registry |= {name: load_all()[name] for name in REAL}
        runtime = Runtime(graph, registry, root=ROOT, log=EngineLog(quiet=True), web=web, seed=seed)
        await runtime.start()
        typed: list[tuple[str, float]] = []
        for number in range(newcomers):
            await asyncio.sleep(chance.uniform(*EVERY_S))
            answer = web.take({"text": chance.choice(SAID), "name": f"손님{number}"})
            typed.append((answer["id"], runtime.now()))
        await asyncio.sleep(90)
        turns = {event: turn for turn in runtime.turns.turns.values() for event in turn.batch}
        found = Show([], recorded, [])
        for event, at in typed:
            turn, verdict = turns.get(event), runtime.ledger.verdict(event)
            if turn is None or verdict is None or verdict.reason is not None or turn.marks["first_sound"] is None:
                found.newcomers.append(Newcomer(False, 0.0, 0.0, 0.0))
                continue
            left = sentence_left(at)
            length = (turn.marks["ended"] or 0.0) - (turn.marks["batched"] or 0.0)
            found.newcomers.append(Newcomer(True, turn.marks["first_sound"] - at, left, length))
            found.waiting.append((at, verdict.at))
        await runtime.stop()
        return found

    def sentence_left(at: float) -> float:
        ends = [
            end
            for turn, sentence in sentences
            if runtime.turns.turns[turn].marks["batched"] <= at < (end := sentences[turn, sentence][1])
        ]
        return min(ends, default=at) - at

    def noted(station: Station, port: str, event: Any) -> None:
        if isinstance(event, Heard):
            sentences.setdefault((event.turn, event.sentence), [runtime.now(), 0.0])[1] = runtime.now()
        elif station.name == "replay":
            recorded.append(runtime.now())
        emit(station, port, event)

    emit = Station.emit
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Station, "emit", noted)
        return virtually(main())


def test_every_newcomer_is_answered() -> None:
    assert [one.answered for one in show(DEMO).newcomers] == [True] * NEWCOMERS


def test_a_newcomer_waits_for_the_present_sentence_and_one_turn_at_most() -> None:
    over = sorted(one.waited_s - one.sentence_s - one.turn_s for one in show(DEMO).newcomers)
    assert over[int(0.95 * NEWCOMERS) - 1] <= 0.0


def test_without_the_two_words_in_the_graph_newcomers_wait_longer() -> None:
    assert WITHOUT.count("guest") == 2  # the comments
    shows = show(WITHOUT, 40), show(DEMO)
    before, after = (sorted(one.waited_s for one in played.newcomers if one.answered) for played in shows)
    assert len(after) == NEWCOMERS
    assert after[int(0.95 * NEWCOMERS) - 1] < 0.7 * before[int(0.95 * len(before)) - 1]


def test_the_recording_holds_its_breath_while_a_newcomer_waits_and_goes_on_afterwards() -> None:
    played = show(DEMO)
    for begin, end in played.waiting:
        assert [at for at in played.recorded if begin < at < end] == []
    assert any(at > played.waiting[-1][1] for at in played.recorded)
