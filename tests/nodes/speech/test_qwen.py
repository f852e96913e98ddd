import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from graphs.engine.flow.instance import Instance
from nodes.speech._qwen import frames, packages, shared
from nodes.speech._qwen.settings import Qwen
from schemas.event import Event
from schemas.playback import Stop
from schemas.reply import Sentence
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests import harness, tiny_qwen
from tests.harness import Ran, run
from tests.nodes.speech.qwen.test_sample import wav
from tests.nodes.speech.qwen_fake import Machine

TEXT = "오늘 날씨가 정말 좋네요."


@pytest.fixture(autouse=True)
def nothing_stays_loaded() -> Iterator[None]:
    yield
    assert shared.loaded() == []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def sentence(index: int = 0, spoken: str = TEXT, **fields: Any) -> Sentence:
    return Sentence(turn="t1", index=index, **{"text": spoken, "spoken": spoken, "emotion": "neutral", **fields})


def speak(settings: dict[str, Any], *sentences: Sentence, **options: Any) -> Ran:
    given: list[tuple[float, Event]] = [(0.1 * number, each) for number, each in enumerate(sentences)]
    return run("speech.qwen", {"sentence": given, **options.pop("wired", {})}, settings=settings, **options)


def sound(ran: Ran, index: int = 0) -> np.ndarray[Any, np.dtype[np.float32]]:
    chunks = [each.samples for each in ran.events() if isinstance(each, SpeechChunk) and each.sentence == index]
    return np.concatenate(chunks)


def test_a_sentence_is_started_spoken_in_growing_pieces_and_ended(machine: Machine) -> None:
    ran = speak(machine.settings, sentence(emotion="happy", last=True))
    started, *chunks, ended = ran.events()
    assert ran.error is None
    assert started == SpeechStarted(turn="t1", sentence=0, text=TEXT, spoken=TEXT, emotion="happy")
    assert [round(chunk.seconds, 2) for chunk in chunks[:4]] == pytest.approx([0.08, 0.16, 0.32, 0.64], abs=0.011)
    assert [chunk.sequence for chunk in chunks] == list(range(len(chunks)))
    assert {chunk.rate for chunk in chunks} == {24_000}
    assert ended == SpeechEnded(turn="t1", sentence=0, last=True)
    assert ran.log[-1] == "info 목소리 준비 완료"


def test_a_sentence_that_fails_ends_as_failed_and_the_next_one_is_spoken(machine: Machine) -> None:
    machine.model.script = [[0] * 60, [0] * 60]
    ran = speak(machine.settings, sentence(0), sentence(1))
    assert ran.error is None
    assert [each.failed for each in ran.events() if isinstance(each, SpeechEnded)] == [True, False]
    assert len(sound(ran, 1)) == 20 * 1920


def test_where_it_cannot_speak_the_sentences_pass_as_captions(machine: Machine) -> None:
    machine.wrong = "torch 패키지가 없습니다"
    ran = speak(machine.settings, sentence(0), sentence(1))
    assert ran.error is None
    assert [type(each) for each in ran.events()] == 2 * [SpeechStarted, SpeechEnded]
    assert ran.log == ["warning 목소리를 아직 쓸 수 없어 자막만 나가요: torch 패키지가 없습니다"]


def test_a_stop_ends_its_sentence_within_a_frame_and_the_next_turn_is_spoken(machine: Machine) -> None:
    heard, stopped = asyncio.Event(), threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def stop(instance: Instance) -> None:
        loops.append(asyncio.get_running_loop())
        await heard.wait()
        instance.feed("stop", Stop(turn="t1"))
        for _ in range(20):  # the job is cancelled and tells its thread so
            await asyncio.sleep(0)
        stopped.set()

    def hold(number: int) -> None:
        if number == 4 and not stopped.is_set():
            loops[0].call_soon_threadsafe(heard.set)
            assert stopped.wait(20)

    machine.model.before_frame = hold
    machine.model.script = [range(1, 1000)]
    other = Sentence(turn="t2", index=0, text=TEXT, spoken=TEXT, emotion="neutral")
    ran = speak(machine.settings, sentence(), other, wired={"stop": []}, during=stop)
    assert ran.error is None
    assert [type(each) for each in ran.events() if each.turn == "t1"][:2] == [SpeechStarted, SpeechChunk]
    assert not [each for each in ran.events() if each.turn == "t1" and isinstance(each, SpeechEnded)]
    assert isinstance(ran.events()[-1], SpeechEnded)
    assert machine.model.made == 5 + 20


def test_the_model_is_given_back_when_the_node_ends(machine: Machine) -> None:
    speak(machine.settings, complete_at=1.0)
    assert (len(machine.loads), machine.freed) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ramp": []},
        {"ramp": [0]},
        {"ramp": [65]},
        {"device": "mps"},
        {"language": "Klingon"},
        {"seed": -1},
        {"model": ""},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Qwen(**wrong)


@pytest.fixture
def tiny(tmp_path: Path) -> dict[str, Any]:
    """Settings for the tiny model and a recording, on the CPU."""
    folder = tiny_qwen.folder()
    wav(tmp_path / "ref.wav", tiny_qwen.recording())
    (tmp_path / "ref_text.txt").write_text("안녕하세요 여러분 오늘도 반가워요", encoding="utf-8")
    return {
        "samples": tmp_path,
        "model": str(folder),
        "device": "cpu",
        "seed": 4,
        "cache": tmp_path / "cache",
        "pause_s": 0.0,
    }


component = [pytest.mark.component, pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]


class TestTheRealPackages:
    """A tiny model with random weights goes through qwen-tts whole."""

    pytestmark = component

    def test_a_sentence_is_spoken_and_the_same_seed_gives_the_same_samples(self, tiny: dict[str, Any]) -> None:
        ran = speak(tiny, sentence(0), sentence(1), sentence(2, spoken="다른 말을 해요!", last=True))
        assert ran.error is None
        assert [each.failed for each in ran.events() if isinstance(each, SpeechEnded)] == [False] * 3
        assert np.array_equal(sound(ran, 0), sound(ran, 1))
        assert len(sound(ran, 0)) != len(sound(ran, 2)) or not np.allclose(sound(ran, 0), sound(ran, 2))
        assert np.abs(sound(ran, 0)).max() > 0.05
        again = speak(tiny, sentence(0))
        assert np.array_equal(sound(ran, 0)[:-240], sound(again, 0)[: len(sound(ran, 0)) - 240])
        assert len(list((tiny["cache"]).iterdir())) == 1

    def test_a_chunk_is_out_before_the_next_frame_is_made(
        self, tiny: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made, seen = [0], [0]
        real_frame, real_emit = frames.StockSteps.frame, harness._Stand.emit

        def frame(self: Any, code: Any) -> Any:
            made[0] += 1
            return real_frame(self, code)

        def emit(self: Any, port: str, event: Event) -> None:
            if isinstance(event, SpeechStarted):
                made[0] = 0  # without those of the warm-up
            if isinstance(event, SpeechChunk) and event.sequence == 0:
                seen[0] = made[0]
            real_emit(self, port, event)

        monkeypatch.setattr(frames.StockSteps, "frame", frame)
        monkeypatch.setattr(harness._Stand, "emit", emit)
        ran = speak(tiny, sentence())
        assert len(sound(ran)) // 1920 == made[0] > 4
        assert seen[0] == 1

    def test_a_wrong_version_is_told_and_the_show_goes_on(
        self, tiny: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("STOCK", "FORK"):
            works = replace(getattr(packages, name), transformers=((9,), (9,)))
            monkeypatch.setattr(packages, name, works)
        ran = speak(tiny, sentence())
        assert ran.error is None
        assert [type(each) for each in ran.events()] == [SpeechStarted, SpeechEnded]
