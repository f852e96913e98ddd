"""A Qwen3-TTS model without torch: its sentences are what a test writes down."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages
from nodes.speech._qwen import voice as qwen_voice
from nodes.speech._qwen.guard import FRAME
from nodes.speech._qwen.sample import Sample
from nodes.speech._speaking.voice import VoiceError
from tests.nodes.speech.qwen.test_folder import model as write_model
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav


class FakeModel:
    """Says 20 frames of changing tones unless ``script`` has another list of frames, 0 for a silent one."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.identity = "fake"
        self.said: list[dict[str, Any]] = []
        self.warmed: list[Any] = []
        self.script: list[Sequence[int]] = []
        self.made = 0
        self.before_frame: Callable[[int], None] = lambda number: None
        """Called in the worker's thread before each frame, with its number."""

    def cloned(self, prompt: Any) -> Any:
        return prompt

    def warm(self, voice: Any, language: str, ramp: Sequence[int]) -> None:
        self.warmed.append((voice, language, tuple(ramp)))

    def utter(self, text: str, voice: Any, language: str, most: int, seed: int | None) -> Any:
        self.said.append({"text": text, "voice": voice, "language": language, "most": most, "seed": seed})
        frames = self.script.pop(0) if self.script else range(1, 21)
        return SimpleNamespace(frames=self._frames(frames), most=most, decode=self._decode)

    def _frames(self, frames: Sequence[int]) -> Iterator[int]:
        for number, frame in enumerate(frames):
            self.before_frame(number)
            self.made += 1
            yield frame

    def _decode(self, some: Sequence[int]) -> NDArray[np.float32]:
        at = np.arange(FRAME, dtype=np.float32)
        tones = [(0.05 + 0.03 * (number % 5)) * np.sin(at * (0.01 + 0.013 * (number % 17))) for number in some]
        return np.concatenate([tone * (number != 0) for tone, number in zip(tones, some, strict=True)])


class Machine:
    """A machine with a card, a model and a recording, all of which a test may take away."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.model = FakeModel()
        self.free: float | None = 24e9
        self.wrong = ""
        self.error: Exception | None = None
        self.loads: list[tuple[str, str]] = []
        self.freed = 0
        self.prompts: list[str] = []
        write_model(folder / "model")
        (folder / "samples").mkdir()
        self.record("ref")
        (folder / "samples" / "ref_text.txt").write_text(TEXT, encoding="utf-8")
        monkeypatch.setattr(packages, "check", self._check)
        monkeypatch.setattr(qwen_model, "load", self._load)
        monkeypatch.setattr(qwen_model, "free_memory", lambda: self.free)
        monkeypatch.setattr(qwen_model, "free_unused", self._free)
        monkeypatch.setattr(qwen_voice, "prompt", self._prompt)

    @property
    def settings(self) -> dict[str, Any]:
        return {"samples": self.folder / "samples", "model": str(self.folder / "model"), "pause_s": 0.0}

    def record(self, name: str, seconds: float = 4.0) -> None:
        wav(self.folder / "samples" / f"{name}.wav", speech(seconds))

    def _check(self) -> None:
        if self.wrong:
            raise VoiceError(self.wrong)

    def _load(self, folder: Path, identity: str, device: str) -> Any:
        self.loads.append((identity.partition("-")[0], device))
        if self.error:
            raise self.error
        return self.model

    def _free(self) -> None:
        self.freed += 1

    def _prompt(self, model: Any, sample: Sample, cache: Path, speaker_rate: int) -> str:
        self.prompts.append(f"{sample.name} {cache.as_posix()} {speaker_rate}")
        return sample.name
