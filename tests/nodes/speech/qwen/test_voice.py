import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from nodes.speech._qwen import shared
from nodes.speech._qwen.settings import Qwen
from nodes.speech._qwen.voice import QwenVoice
from nodes.speech._speaking.voice import Sound, VoiceError
from nodes.troubles import Troubles
from schemas.reply import Sentence
from tests.nodes.speech.qwen_fake import Machine

T = TypeVar("T")


class Thread(Troubles):
    """A worker of one thread, and a log."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(1)
        self.lines: list[str] = []

    def thread(self, call: Callable[..., T], *args: Any) -> Awaitable[T]:
        return asyncio.shield(asyncio.get_running_loop().run_in_executor(self.threads, call, *args))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def info(self, text: str, **_: object) -> None:
        self.lines.append(f"info {text}")

    def warning(self, text: str, **_: object) -> None:
        self.lines.append(f"warning {text}")

    def hide(self, secret: str) -> None:
        raise AssertionError(secret)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    yield Machine(tmp_path, monkeypatch)
    assert shared.loaded() == []


@pytest.fixture
def worker() -> Iterator[Thread]:
    worker = Thread()
    yield worker
    worker.threads.shutdown()


def sentence(spoken: str = "오늘 날씨가 정말 좋네요.", emotion: str = "neutral") -> Sentence:
    return Sentence(turn="t", index=0, text=spoken, spoken=spoken, emotion=emotion)


def with_voice(
    machine: Machine, worker: Thread, story: Callable[[QwenVoice], Coroutine[Any, Any, T]], **settings: Any
) -> T:
    """Prepare a voice, run ``story`` with it, close it."""

    async def main() -> T:
        voice = QwenVoice(Qwen(**{**machine.settings, **settings}), worker, worker, {})
        try:
            await voice.prepare()
            return await story(voice)
        finally:
            await voice.close()

    return asyncio.run(main())


async def nothing(_: QwenVoice) -> None:
    pass


async def said(voice: QwenVoice, *sentences: Sentence) -> list[Sound]:
    return [sound for each in sentences or (sentence(),) async for sound in voice.say(each)]


def test_a_sentence_comes_in_pieces_that_grow(machine: Machine, worker: Thread) -> None:
    sounds = with_voice(machine, worker, said)
    assert [len(sound.samples) // 1920 for sound in sounds] == [1, 2, 4, 8, 5]
    assert {(sound.rate, sound.samples.dtype) for sound in sounds} == {(24_000, np.dtype(np.float32))}
    assert worker.lines[0].startswith("info 목소리 녹음 ref.wav:")
    assert len(worker.lines) == 1


def test_before_it_is_ready_it_has_loaded_cloned_and_run_once(machine: Machine, worker: Thread) -> None:
    machine.record("ref_sad")
    with_voice(machine, worker, nothing, ramp=(2, 3), cache=Path("kept"), speaker_rate=24_000)
    assert machine.loads == [("model", "cuda")]
    assert machine.prompts == ["ref.wav kept 24000", "ref_sad.wav kept 24000"]
    assert machine.model.warmed == [("ref.wav", "korean", (2, 3))]
    assert machine.model.said == []
    assert machine.freed == 1


def test_preparing_again_does_nothing_more(machine: Machine, worker: Thread) -> None:
    async def again(voice: QwenVoice) -> None:
        await voice.prepare()

    with_voice(machine, worker, again)
    assert len(machine.loads) == len(machine.model.warmed) == 1


def test_the_emotion_chooses_the_recording(machine: Machine, worker: Thread) -> None:
    machine.record("ref_sad")

    async def story(voice: QwenVoice) -> None:
        await said(voice, sentence(emotion="sad"), sentence(emotion="happy"), sentence())

    with_voice(machine, worker, story)
    assert [one["voice"] for one in machine.model.said] == ["ref_sad.wav", "ref.wav", "ref.wav"]


@pytest.mark.parametrize(
    ("spoken", "line"),
    [("안녕하세요", "안녕하세요."), (" 진짜? ", "진짜?"), ("와!", "와!"), ("그래~", "그래~"), ("음…", "음…")],
)
def test_a_line_ends_with_a_stop(machine: Machine, worker: Thread, spoken: str, line: str) -> None:
    async def story(voice: QwenVoice) -> None:
        await said(voice, sentence(spoken))

    with_voice(machine, worker, story, language="english", longest_s=4.0)
    assert machine.model.said[0] | {"voice": ""} == {
        "text": line,
        "voice": "",
        "language": "english",
        "most": min(50, 40 + 6 * len(spoken.strip(" ?!~…"))),
        "seed": None,
    }


@pytest.mark.parametrize("spoken", ["", "  ", "...", "?!"])
def test_where_there_is_nothing_to_say_the_model_is_not_asked(machine: Machine, worker: Thread, spoken: str) -> None:
    assert with_voice(machine, worker, lambda voice: said(voice, sentence(spoken))) == []
    assert machine.model.said == []


def test_a_silent_attempt_is_made_again_with_the_next_seed(machine: Machine, worker: Thread) -> None:
    machine.model.script = [[0] * 60]
    sounds = with_voice(machine, worker, said, seed=5)
    assert [one["seed"] for one in machine.model.said] == [5, 6]
    assert sum(len(sound.samples) for sound in sounds) == 20 * 1920
    assert worker.lines[-1] == "warning 목소리가 나오지 않아 한 번 다시 만들었어요"


def test_two_silent_attempts_are_an_error_and_the_next_sentence_is_said(machine: Machine, worker: Thread) -> None:
    machine.model.script = [[0] * 60, [0] * 60]

    async def story(voice: QwenVoice) -> list[Sound]:
        with pytest.raises(VoiceError, match="두 번"):
            await said(voice)
        return await said(voice)

    assert len(with_voice(machine, worker, story)) == 5


def test_a_sentence_that_does_not_end_is_broken_off_and_told(machine: Machine, worker: Thread) -> None:
    machine.model.script = [range(1, 41)]

    async def story(voice: QwenVoice) -> list[Sound]:
        return await said(voice, sentence("가" * 40))

    sounds = with_voice(machine, worker, story, longest_s=3.2)
    assert sum(len(sound.samples) for sound in sounds) == 40 * 1920
    assert worker.lines[-1] == "warning 목소리가 끝나지 않아 끊었어요"


def test_closing_a_sentence_ends_the_work_within_a_frame(machine: Machine, worker: Thread) -> None:
    machine.model.script = [range(1, 1000)]

    async def story(voice: QwenVoice) -> int:
        async with aclosing(voice.say(sentence())) as sounds:  # type: ignore[type-var]
            await anext(sounds)
        made = machine.model.made
        assert len(await said(voice)) == 5
        return made

    assert with_voice(machine, worker, story) == 1


def test_a_cancel_in_the_middle_of_a_piece_ends_it_before_the_next_frame(machine: Machine, worker: Thread) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def hold(number: int) -> None:
        if number == 5 and not go_on.is_set():
            reached.set()
            assert go_on.wait(10)

    machine.model.before_frame = hold
    machine.model.script = [range(1, 1000)]

    async def story(voice: QwenVoice) -> int:
        speaking = asyncio.ensure_future(said(voice))
        while not reached.is_set():
            await asyncio.sleep(0.001)
        speaking.cancel()
        await asyncio.sleep(0.01)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        return machine.model.made

    # the frame that was under way is finished, and nothing is begun after it
    assert with_voice(machine, worker, story, ramp=(1, 64)) == 6
    assert machine.model.turn.acquire(blocking=False)


def test_two_voices_share_a_model_and_take_turns(machine: Machine, worker: Thread) -> None:
    other_worker = Thread()
    order: list[int] = []

    async def story(voice: QwenVoice) -> None:
        other = QwenVoice(Qwen(**machine.settings), other_worker, other_worker, {})
        await other.prepare()
        async with aclosing(voice.say(sentence())) as sounds:  # type: ignore[type-var]
            await anext(sounds)
            waiting = asyncio.ensure_future(said(other))
            await asyncio.sleep(0.08)
            order.append(len(machine.model.said))
        await waiting
        order.append(len(machine.model.said))
        async with aclosing(voice.say(sentence())) as sounds:  # type: ignore[type-var]
            await anext(sounds)
            given_up = asyncio.ensure_future(said(other))
            await asyncio.sleep(0.02)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
        await other.close()
        assert machine.freed == 0

    with_voice(machine, worker, story)
    other_worker.threads.shutdown()
    assert order == [1, 2]
    assert len(machine.loads) == machine.freed == 1


def refused(machine: Machine, worker: Thread, **settings: Any) -> str:
    with pytest.raises(VoiceError) as error:
        with_voice(machine, worker, nothing, **settings)
    return str(error.value)


def test_a_wrong_package_is_told_before_anything_is_loaded(machine: Machine, worker: Thread) -> None:
    machine.wrong = "transformers 5.23.0은(는) 맞지 않습니다"
    assert refused(machine, worker) == machine.wrong
    assert machine.loads == []


def test_a_bad_recording_is_told_before_anything_is_loaded(machine: Machine, worker: Thread) -> None:
    machine.record("ref", 1.0)
    assert "3초 이상" in refused(machine, worker)
    assert machine.loads == []


def test_a_bad_recording_of_an_emotion_is_logged_and_the_voice_speaks(machine: Machine, worker: Thread) -> None:
    machine.record("ref_sad", 1.0)
    assert with_voice(machine, worker, said)
    assert any("ref_sad.wav" in line and "3초 이상" in line for line in worker.lines)


def test_without_a_card_it_does_not_speak_unless_told_to(machine: Machine, worker: Thread) -> None:
    machine.free = None
    assert "CUDA" in refused(machine, worker)
    assert machine.loads == []
    assert with_voice(machine, worker, said, device="cpu")
    assert machine.loads == [("model", "cpu")]


def test_the_cpu_can_be_asked_for_where_there_is_a_card(machine: Machine, worker: Thread) -> None:
    with_voice(machine, worker, nothing, device="cpu")
    assert machine.loads == [("model", "cpu")]


def test_a_missing_model_is_told_with_the_command_that_gets_it(machine: Machine, worker: Thread) -> None:
    assert "voice pull 1.7B" in refused(machine, worker, model="auto", home=machine.folder / "cache")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate"), "그래픽 메모리가 모자라요"),
        (RuntimeError("CUBLAS_STATUS"), "CUBLAS_STATUS"),
        (VoiceError("다시 받으세요"), "다시 받으세요"),
    ],
)
def test_a_load_that_fails_is_told_and_can_be_tried_again(
    machine: Machine, worker: Thread, error: Exception, told: str
) -> None:
    machine.error = error
    assert told in refused(machine, worker)
    machine.error = None
    assert with_voice(machine, worker, said)


def test_a_clone_that_fails_gives_the_model_back(machine: Machine, worker: Thread) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("CUDA error: device-side assert")

    machine.model.warm = broken  # type: ignore[method-assign]
    assert "device-side assert" in refused(machine, worker)
    assert machine.freed == 1


def test_a_model_that_fails_in_a_sentence_is_told_and_the_next_one_is_said(machine: Machine, worker: Thread) -> None:
    def fail(number: int) -> None:
        if number == 3:
            machine.model.before_frame = lambda _: None
            raise RuntimeError("CUDA error: unspecified launch failure")

    machine.model.before_frame = fail

    async def story(voice: QwenVoice) -> list[Sound]:
        with pytest.raises(VoiceError, match="launch failure"):
            await said(voice)
        return await said(voice)

    assert len(with_voice(machine, worker, story)) == 5


def test_a_voice_that_is_not_prepared_says_so(machine: Machine, worker: Thread) -> None:
    async def main() -> None:
        voice = QwenVoice(Qwen(**machine.settings), worker, worker, {})
        with pytest.raises(VoiceError, match="준비"):
            await said(voice)
        await voice.close()

    asyncio.run(main())
