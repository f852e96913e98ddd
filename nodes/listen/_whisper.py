"""A recogniser on this computer: Whisper on the CPU, by faster-whisper (MIT). Its model lies in a folder."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from nodes.listen._engine import EngineError
from nodes.listen._ghosts import Transcript
from nodes.phrases import phrase
from nodes.services import Worker
from schemas.host import Utterance
from schemas.settings import Settings

FILES = ("model.bin", "config.json", "tokenizer.json")
"""What a folder with a model has; the vocabulary has one of two names."""
REPOSITORY = "Systran/faster-whisper-{}"
SIZES = {"tiny": 76e6, "base": 146e6, "small": 486e6, "medium": 1.53e9}
"""Approximate bytes of a download."""
PULL = "python aischoco.py listen pull {}"
BEAM = 5
"""So many ways of going on are followed at once: fewer letters are wrong than with one, for a tenth more time."""
REST_S = 600.0
"""A model that cannot be loaded is looked for again after this long."""


class Whisper(Settings):
    """Settings of Whisper on this computer."""

    model: str = Field(
        "base",
        pattern=r"^[\w.-]+$",
        title="Model",
        description="Size of the model: tiny, base, small, medium. base takes about 1.5 s for a sentence on two cores.",
    )
    folder: Path | None = Field(
        None,
        title="Folder of the model",
        description="Folder that holds the model (model.bin, config.json ...); without it, the one that "
        "`python aischoco.py listen pull` has downloaded.",
    )
    home: Path = Field(
        Path("cache/huggingface"),
        title="Folder of downloads",
        description="Where downloaded models lie: ${HF_HOME:-cache/huggingface}",
    )
    language: str = Field(
        "ko", title="Language", description="Language that is spoken, as ISO 639-1; empty: it finds out."
    )
    threads: int = Field(2, ge=1, le=32, title="Threads", description="Cores that it may use.")


class WhisperEngine:
    """One model, loaded once; it works in a thread of its own."""

    def __init__(self, config: Whisper, worker: Worker, load: Callable[[str, int], Any] | None = None) -> None:
        self._config = config
        self._worker = worker
        self._load = load or _load
        self._model: Any = None

    async def prepare(self) -> None:
        """Load the model, 0.5 to 3 s."""
        if self._model is not None:
            return
        folder = await self._worker.thread(find, self._config)
        if folder is None:
            name = self._config.model
            told = phrase("there is no model {name} yet: {pull}", name=name, pull=PULL.format(name))
            raise EngineError(told, rest_s=REST_S)
        try:
            self._model = await self._worker.thread(self._load, str(folder), self._config.threads)
        except ImportError as error:
            told = phrase(
                "packages are missing: python -m pip install -r requirements-listen.txt ({error})", error=error
            )
            raise EngineError(told, rest_s=REST_S) from error
        except Exception as error:  # whatever a damaged model makes the library raise
            told = phrase("the model in {folder} cannot be loaded: {error}", folder=folder, error=error)
            raise EngineError(told, rest_s=REST_S) from error

    async def hear(self, utterance: Utterance, sample: str) -> Transcript:
        """See ``Engine``."""
        await self.prepare()
        try:
            return await self._worker.thread(_hear, self._model, utterance, sample, self._config.language)
        except Exception as error:
            raise EngineError(phrase("Whisper failed: {error}", error=error)) from error

    async def close(self) -> None:
        self._model = None


def find(config: Whisper) -> Path | None:
    """Blocking: return the folder with the model; None if there is none."""
    if config.folder is not None:
        return config.folder if is_model(config.folder) else None
    name = REPOSITORY.format(config.model).replace("/", "--")
    for hub in (config.home / "hub", config.home):
        snapshots = hub / f"models--{name}" / "snapshots"
        found = sorted(snapshots.glob("*"), key=os.path.getmtime) if snapshots.is_dir() else []
        if whole := [folder for folder in found if is_model(folder)]:
            return whole[-1]
    return None


def is_model(folder: Path) -> bool:
    """Return whether everything that a model needs is in a folder."""
    words = any((folder / name).is_file() for name in ("vocabulary.txt", "vocabulary.json"))
    return words and all((folder / name).is_file() for name in FILES)


def _load(folder: str, threads: int) -> Any:
    return import_module("faster_whisper").WhisperModel(
        folder, device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )


def _hear(model: Any, utterance: Utterance, sample: str, language: str) -> Transcript:
    """Worker thread: understand an utterance. The voice was found before, so that is not done again here."""
    segments, _ = model.transcribe(
        utterance.samples.astype(np.float32) / 32768.0,
        language=language or None,
        beam_size=BEAM,
        temperature=0.0,
        vad_filter=False,
        condition_on_previous_text=False,
        without_timestamps=True,
        initial_prompt=sample or None,
    )
    found = list(segments)

    def mean(name: str) -> float | None:
        return sum(float(getattr(each, name)) for each in found) / len(found) if found else None

    text = " ".join(each.text.strip() for each in found)
    return Transcript(text, mean("no_speech_prob"), mean("avg_logprob"), mean("compression_ratio"))
