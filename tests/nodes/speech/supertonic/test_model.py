"""The real package with a tiny model of random weights; skipped where the package is not installed."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nodes.speech._speaking.voice import VoiceError
from nodes.speech._supertonic import model
from nodes.speech._supertonic.folder import LETTERS, PARTS, SETTINGS, style
from tests import tiny_supertonic


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(model, "_loaded", {})
    return tiny_supertonic.folder()


def said(folder: Path, text: str, voice: str = "F1", language: str = "ko", tempo: float = 1.0) -> np.ndarray:
    np.random.seed(1)
    loaded = model.load(folder, 1)
    return loaded.say(text, loaded.style(style(folder, voice)), language, 4, tempo)


def test_a_sentence_becomes_sound_as_long_as_its_text(folder: Path) -> None:
    short, long = said(folder, "안녕하세요."), said(folder, "안녕하세요, 여러분! 오늘도 와 주셔서 고마워요.")
    assert model.load(folder, 1).rate == 44_100
    assert short.dtype == np.float32
    assert short.ndim == 1
    assert 0.01 < np.sqrt((short**2).mean()) < 0.5
    assert len(long) > 2 * len(short)


def test_voices_and_languages_sound_different_and_the_same_is_the_same(folder: Path) -> None:
    one = said(folder, "안녕하세요.")
    assert np.array_equal(said(folder, "안녕하세요."), one)
    for other in (said(folder, "안녕하세요.", "M1"), said(folder, "안녕하세요.", language="en")):
        length = min(len(one), len(other))
        assert np.abs(one[:length] - other[:length]).max() > 0.001


@pytest.mark.parametrize(("tempo", "factor"), [(1.5, 1.5), (0.1, 0.7 / 1.05), (9.0, 2.0 / 1.05)])
def test_the_model_itself_speaks_faster_and_slower_within_its_bounds(folder: Path, tempo: float, factor: float) -> None:
    plain, other = said(folder, "안녕하세요, 여러분!"), said(folder, "안녕하세요, 여러분!", tempo=tempo)
    assert len(plain) / len(other) == pytest.approx(factor, rel=0.01)


@pytest.mark.parametrize("text", ["", "   ", "🎉🎉", "...!?"])
def test_where_there_is_nothing_to_say_there_is_no_sound(folder: Path, text: str) -> None:
    assert len(said(folder, text)) == 0


def test_a_letter_that_the_model_does_not_know_is_left_out(folder: Path) -> None:
    assert np.array_equal(said(folder, "안녕 漢字 하세요"), said(folder, "안녕  하세요"))
    assert len(said(folder, "𠀀안녕")) > 0


def test_the_model_is_loaded_once_in_a_process(folder: Path) -> None:
    assert model.load(folder, 1) is model.load(folder, 1)
    assert model.load(folder, 2) is not model.load(folder, 1)


@pytest.mark.parametrize("part", [PARTS[0], SETTINGS, LETTERS])
def test_a_model_that_is_broken_is_refused_with_the_remedy(folder: Path, tmp_path: Path, part: Path) -> None:
    copy = tiny_supertonic.write(tmp_path)
    (copy / part).write_bytes(b"{")
    with pytest.raises(VoiceError, match="voice pull supertonic"):
        model.load(copy, 1)


def test_without_the_package_the_text_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supertonic.core", None)
    with pytest.raises(VoiceError, match=r"requirements-supertonic\.txt"):
        model.package()
