from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodes.speech._speaking.voice import VoiceError
from nodes.speech._supertonic import folder, model
from schemas.reply import Sentence
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests import tiny_supertonic
from tests.harness import Ran, run
from tests.nodes.speech.supertonic.test_folder import model as write_model

GREETING = "다들 안녕하세요, 치지직 여러분! 오늘도 와 주셔서 고마워요."


class Fake:
    """A model: 0.1 s of a tone for each text, between 0.2 s of silence."""

    rate = 44_100

    def __init__(self) -> None:
        self.said: list[tuple[str, str, str, int, float]] = []
        self.broken = ""

    def load(self, _: Path, __: int) -> "Fake":
        return self

    def style(self, path: Path) -> str:
        if not path.read_bytes().startswith(b"voice"):
            raise ValueError("no style_ttl in it")
        return path.stem

    def say(self, text: str, style: str, language: str, steps: int, tempo: float) -> NDArray[np.float32]:
        if self.broken and self.broken in text:
            raise RuntimeError("out of memory")
        self.said.append((text, style, language, steps, tempo))
        tone = 0.2 * np.sin(np.arange(4410, dtype=np.float32) * 0.2 + 1)
        return np.concatenate((np.zeros(8820, np.float32), tone, np.zeros(8820, np.float32))).astype(np.float32)


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Fake:
    fake = Fake()
    monkeypatch.setattr(model, "load", fake.load)
    return fake


def sentence(spoken: str, index: int = 0, **fields: Any) -> Sentence:
    return Sentence(turn="t1", index=index, **{"text": spoken, "spoken": spoken, "emotion": "neutral", **fields})


def speak(place: Path, *sentences: Sentence, **settings: Any) -> Ran:
    given = [(0.1 * number, one) for number, one in enumerate(sentences)]
    settings = {"model": write_model(place), **settings}
    return run("speech.supertonic", {"sentence": given}, settings=settings, complete_at=0.1 * len(given))


def test_an_answer_begins_with_a_short_piece_and_goes_on_by_whole_sentences(voice: Fake, tmp_path: Path) -> None:
    ran = speak(tmp_path, sentence(GREETING), sentence("반갑습니다, 여러분! 정말로요.", 1, last=True))
    assert [said for said, *_ in voice.said[1:]] == [
        "다들 안녕하세요,",
        "치지직 여러분! 오늘도 와 주셔서 고마워요.",
        "반갑습니다, 여러분! 정말로요.",
    ]
    chunks = [event for event in ran.events() if isinstance(event, SpeechChunk)]
    assert {chunk.rate for chunk in chunks} == {44_100}
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [False, False]
    assert " ".join(chunk.text for chunk in chunks if chunk.sentence == 0).split() == GREETING.split()


def test_another_language_is_said_in_whole_sentences_under_its_code(voice: Fake, tmp_path: Path) -> None:
    speak(tmp_path, sentence("Hello there, everyone! Nice to see you.", language="english", last=True))
    assert [(said, code) for said, _, code, *_ in voice.said[1:]] == [("Hello there, everyone! Nice to see you.", "en")]
    voice.said.clear()
    speak(tmp_path, sentence("你好", language="chinese"), language="chinese")
    assert voice.said[-1][2] == "na", "the model was not made for Chinese"


def test_voice_steps_and_tempo_are_those_of_the_settings_and_of_the_feeling(voice: Fake, tmp_path: Path) -> None:
    styles = {"sad": {"speed": 0.9}}
    speak(tmp_path, sentence("안녕", emotion="sad"), voice="M1", steps=5, speed=1.2, styles=styles)
    assert voice.said[-1] == ("안녕", "M1", "ko", 5, pytest.approx(1.08))


def test_silence_around_a_piece_is_removed_and_its_ends_do_not_click(voice: Fake, tmp_path: Path) -> None:
    (chunk,) = [e for e in speak(tmp_path, sentence("안녕", last=True)).events() if isinstance(e, SpeechChunk)]
    assert chunk.seconds == pytest.approx(0.16, abs=0.002)
    assert chunk.samples[0] == chunk.samples[-1] == 0.0


def test_a_piece_that_fails_ends_its_sentence_and_the_next_is_said(voice: Fake, tmp_path: Path) -> None:
    voice.broken = "치지직"
    ran = speak(tmp_path, sentence(GREETING), sentence("반가워요.", 1, last=True))
    assert ran.error is None
    assert [type(event) for event in ran.events()] == 2 * [SpeechStarted, SpeechChunk, SpeechEnded]
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, False]


@pytest.mark.parametrize("broken", ["no voice", "not a voice"])
def test_a_voice_that_cannot_be_had_costs_the_sound_and_one_line_says_why(
    voice: Fake, tmp_path: Path, broken: str
) -> None:
    settings = {"voice": "M9"} if broken == "no voice" else {"voice": str(tmp_path / "own.json")}
    (tmp_path / "own.json").write_text("{}")
    ran = speak(tmp_path, sentence("안녕"), sentence("하세요", 1, last=True), **settings)
    assert ran.error is None
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True, True]
    (line,) = ran.log
    assert ("F1, M1" if broken == "no voice" else "own.json") in line


def test_without_a_model_there_are_captions_and_one_line_says_how_to_get_it(tmp_path: Path) -> None:
    given = {"sentence": [(0.0, sentence("안녕", last=True))]}
    ran = run("speech.supertonic", given, settings={"model": tmp_path}, complete_at=1.0)
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [True]
    (line,) = ran.log
    assert "voice pull supertonic" in line


def test_the_real_package_speaks_through_the_node() -> None:
    """With a tiny model of random weights; skipped where the package is not installed."""
    place = tiny_supertonic.folder()
    given = {"sentence": [(0.0, sentence(GREETING)), (0.1, sentence("Hi!", 1, language="english", last=True))]}
    ran = run("speech.supertonic", given, settings={"model": place, "threads": 1, "steps": 2}, complete_at=1.0)
    assert [event.failed for event in ran.events() if isinstance(event, SpeechEnded)] == [False, False]
    sound = np.concatenate([event.samples for event in ran.events() if isinstance(event, SpeechChunk)])
    assert len(sound) / 44_100 > 1.0
    assert 0.005 < np.sqrt((sound**2).mean()) < 0.5


def test_the_settings_fit_the_folder_that_is_pulled() -> None:
    assert folder.PULL.endswith("voice pull supertonic")
    with pytest.raises(VoiceError, match="cache/supertonic3"):
        folder.check(Path("cache/supertonic3-is-not-there"))
