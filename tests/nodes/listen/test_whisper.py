"""Whisper on this computer."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nodes.listen._engine import EngineError
from nodes.listen._ghosts import Transcript
from nodes.listen._whisper import FILES, Whisper, WhisperEngine, find, is_model
from schemas.host import Utterance
from tests.nodes.listen.test_http import Threads

SPOKEN = Utterance(id="u", samples=np.full(16_000, 16384, np.int16), began=1.0, ended=2.0, voiced_s=1.0)


def model_in(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name in (*FILES, "vocabulary.txt"):
        (folder / name).write_bytes(b"x")
    return folder


class Model:
    """What faster-whisper gives, as far as it is used."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def transcribe(self, sound: Any, **options: Any) -> Any:
        self.asked.append({"sound": sound, **options})
        segments = [
            SimpleNamespace(text=" 초코야", avg_logprob=-0.2, no_speech_prob=0.0, compression_ratio=1.0),
            SimpleNamespace(text=" 안녕?", avg_logprob=-0.4, no_speech_prob=0.2, compression_ratio=1.0),
        ]
        return iter(segments), None


def test_a_model_is_found_in_its_folder_or_where_it_was_downloaded_and_only_if_it_is_whole(tmp_path: Path) -> None:
    own = model_in(tmp_path / "own")
    assert find(Whisper(folder=own)) == own
    assert find(Whisper(folder=tmp_path)) is None
    assert find(Whisper(home=tmp_path)) is None
    there = model_in(tmp_path / "hub" / "models--Systran--faster-whisper-base" / "snapshots" / "abc")
    assert find(Whisper(home=tmp_path)) == there
    assert find(Whisper(home=tmp_path, model="small")) is None
    (there / "model.bin").unlink()
    assert not is_model(there)
    assert find(Whisper(home=tmp_path)) is None


def test_the_sound_is_heard_as_it_is_and_nothing_is_remembered_between_two(tmp_path: Path) -> None:
    model = Model()
    engine = WhisperEngine(Whisper(folder=model_in(tmp_path / "m")), Threads(), lambda *_: model)
    heard = asyncio.run(engine.hear(SPOKEN, "초코야, 뭐 해?"))
    assert heard == Transcript("초코야 안녕?", 0.1, pytest.approx(-0.3), 1.0)  # type: ignore[arg-type]
    (asked,) = model.asked
    assert asked["sound"].dtype == np.float32
    assert asked["sound"].max() == pytest.approx(0.5)
    assert (asked["language"], asked["initial_prompt"], asked["vad_filter"]) == ("ko", "초코야, 뭐 해?", False)
    assert (asked["condition_on_previous_text"], asked["beam_size"]) == (False, 5)


def test_without_a_model_it_says_how_to_get_one(tmp_path: Path) -> None:
    engine = WhisperEngine(Whisper(home=tmp_path), Threads())
    with pytest.raises(EngineError, match="listen pull base") as raised:
        asyncio.run(engine.prepare())
    assert raised.value.rest_s > 60


def test_without_its_packages_it_says_what_to_install(tmp_path: Path) -> None:
    def missing(*_: Any) -> Any:
        raise ModuleNotFoundError("No module named 'faster_whisper'")

    engine = WhisperEngine(Whisper(folder=model_in(tmp_path / "m")), Threads(), missing)
    with pytest.raises(EngineError, match=r"requirements-listen\.txt"):
        asyncio.run(engine.prepare())


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("unexpected end of file")

    engine = WhisperEngine(Whisper(folder=model_in(tmp_path / "m")), Threads(), broken)
    with pytest.raises(EngineError, match="unexpected end of file"):
        asyncio.run(engine.prepare())


def test_a_failure_while_it_hears_is_an_error_of_the_engine(tmp_path: Path) -> None:
    class Broken(Model):
        def transcribe(self, sound: Any, **options: Any) -> Any:
            raise MemoryError("no room")

    engine = WhisperEngine(Whisper(folder=model_in(tmp_path / "m")), Threads(), lambda *_: Broken())
    with pytest.raises(EngineError, match="no room"):
        asyncio.run(engine.hear(SPOKEN, ""))
    asyncio.run(engine.close())
