"""The Supertonic model by its package: text in, sound out. The package is imported only when a voice is prepared."""

from concurrent.futures import Future
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from nodes.phrases import phrase
from nodes.speech import _onnx
from nodes.speech._speaking.sound import Samples
from nodes.speech._speaking.voice import VoiceError
from nodes.speech._supertonic.folder import INSTALL, LETTERS, PARTS, PULL, check

NATURAL = 1.05
"""The speed that the package gives by default."""
SLOWEST, FASTEST = 0.7, 2.0
"""The speeds that the package takes."""


class Model(Protocol):
    """What the node needs of a model."""

    @property
    def rate(self) -> int:
        """Samples a second."""
        ...

    def style(self, path: Path) -> Any:
        """Return a voice from its file.

        Raises:
            ValueError: it is no such file.
        """
        ...

    def say(self, text: str, style: Any, language: str, steps: int, tempo: float) -> Samples:
        """Blocking. Return float32 [samples], mono; empty if there is nothing to say."""
        ...


_loaded: dict[tuple[Path, int], Future[Model]] = {}
"""Folder and threads -> the model, or its loading in progress."""


def load(folder: Path, threads: int) -> Model:
    """Return this process's model; the first caller loads it and warms it up, others wait for it. Blocking.

    Raises:
        VoiceError: the package or the model is missing, or broken; the text says what to do.
    """
    mine: Future[Model] = Future()
    where = (folder.resolve(), threads)
    shared = _loaded.setdefault(where, mine)  # atomic: one caller gets its own future back
    if shared is mine:
        try:
            mine.set_result(_load(folder, threads))
        except Exception as error:
            del _loaded[where]
            mine.set_exception(error)
    return shared.result()


def package() -> Any:
    """Import the package.

    Raises:
        VoiceError: it is missing, or cannot be loaded here; the text says what to do.
    """
    try:
        return import_module("supertonic.core")
    except ImportError as error:
        raise VoiceError(
            phrase(
                "The package supertonic cannot be used ({error}). Install it: {install}", error=error, install=INSTALL
            )
        ) from error


def _load(folder: Path, threads: int) -> Model:
    check(folder)
    core = package()
    loader: Any = import_module("supertonic.loader")
    onnx: Any = import_module("onnxruntime")
    try:
        sessions = [_onnx.session(onnx, folder / part, threads) for part in PARTS]
        engine = core.Supertonic(loader.load_configs(folder), core.UnicodeProcessor(str(folder / LETTERS)), *sessions)
    except Exception as error:  # the runtime has errors of its own for each way in which a file can be broken
        raise VoiceError(
            phrase(
                "The Supertonic model in {folder} cannot be read: {error}. Get it again: {pull}",
                folder=folder,
                error=repr(error),
                pull=PULL,
            )
        ) from error
    return _Loaded(engine, loader.load_voice_style_from_json_file)


class _Loaded:
    """See ``Model``."""

    def __init__(self, engine: Any, style: Any) -> None:
        self._engine = engine
        self.style = style
        self.rate = int(engine.sample_rate)

    def say(self, text: str, style: Any, language: str, steps: int, tempo: float) -> Samples:
        letters = self._engine.text_processor
        _, unknown = letters.validate_text(text)
        text = "".join(letter for letter in text if letter not in unknown).strip()
        if not any(letter.isalnum() for letter in text):
            return np.zeros(0, np.float32)
        speed = min(max(NATURAL * tempo, SLOWEST), FASTEST)
        sound, seconds = self._engine([text], style, steps, speed, language)
        samples = np.asarray(sound, np.float32)[0, : round(float(seconds[0]) * self.rate)]
        if not np.isfinite(samples).all():
            raise FloatingPointError("not finite")
        return samples
