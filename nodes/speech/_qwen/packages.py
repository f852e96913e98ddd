"""The Python packages of Qwen3-TTS: whether their versions work together, and how they are imported.

Two sets are accepted. The stock qwen-tts 0.1.1 needs transformers 4.57.3, and on transformers 5 runs to its limit with
near silence (flybirdxx/ComfyUI-Qwen-TTS#103). Its fork qwen-tts-hf 0.1.1.post1 was tried with transformers 5.15.1 to
5.23.0: 5.15.1, 5.16.0 and 5.16.1 work, 5.17 and later fail when the model is loaded. So a wrong version is refused
before anything is loaded.
"""

import contextlib
import importlib
import importlib.metadata
import importlib.util
import io
import logging
import os
import re
import sys
import threading
import types
from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from typing import Any

from nodes.phrases import phrase
from nodes.speech._speaking.voice import VoiceError

INSTALL = "pip install -r requirements-gpu.txt"


@dataclass(frozen=True, slots=True)
class Packages:
    """Versions that work together."""

    name: str
    """The distribution that has ``qwen_tts``."""
    version: str
    faster: str
    """The version of faster-qwen3-tts."""
    transformers: tuple[tuple[int, ...], tuple[int, ...]]
    """The lowest and the highest version."""


STOCK = Packages("qwen-tts", "0.1.1", "0.3.2", ((4, 57, 3), (4, 57, 3)))
FORK = Packages("qwen-tts-hf", "0.1.1.post1", "0.5.4", ((5, 15, 1), (5, 16, 1)))
TORCH_FROM = (2, 5, 1)
OTHERS = ("accelerate", "librosa", "soundfile", "safetensors")

_UNUSED: dict[str, tuple[str, ...]] = {
    "torchaudio": (),
    "torchaudio.compliance": (),
    "torchaudio.compliance.kaldi": (),
    "sox": (),
    "onnxruntime": (),
    "einops": ("rearrange", "repeat"),
}
"""Modules that only the 25 Hz codec uses, which the 12 Hz models do not have; qwen_tts imports them anyway."""
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")

Version = Callable[[str], str]


def check(version: Version = importlib.metadata.version) -> None:
    """Check that the packages are installed, in versions that work.

    Raises:
        VoiceError: they are not; the text says what to type.
    """
    there = [each for each in (STOCK, FORK) if _version(each.name, version) is not None]
    if len(there) > 1:
        command = f"pip uninstall -y qwen-tts qwen-tts-hf && {INSTALL}"
        text = phrase(
            "qwen-tts and qwen-tts-hf are both installed and overwrite each other. Run: {command}", command=command
        )
        raise VoiceError(text)
    chosen = there[0] if there else STOCK
    for name in (chosen.name, "faster-qwen3-tts", "transformers", "torch", *OTHERS):
        if _version(name, version) is None:
            raise VoiceError(phrase("the package {name} is missing. Install: {command}", name=name, command=INSTALL))
    for name, needed in ((chosen.name, chosen.version), ("faster-qwen3-tts", chosen.faster)):
        if (found := version(name)) != needed:
            command = f"pip install --no-deps {name}=={needed}"
            text = phrase(
                "{name} {version} cannot be used. Install: {command}", name=name, version=found, command=command
            )
            raise VoiceError(text)
    found = version("transformers")
    if not chosen.transformers[0] <= _numbers(found) <= chosen.transformers[1]:
        lowest, highest = (".".join(map(str, bound)) for bound in chosen.transformers)
        works = highest if lowest == highest else f"{lowest}~{highest}"
        text = phrase(
            "transformers {version} does not fit {name} (only {works} does). Run: {command}",
            version=found,
            name=chosen.name,
            works=works,
            command=f"pip install transformers=={highest}",
        )
        raise VoiceError(text)
    if _numbers(version("torch")) < TORCH_FROM:
        old = version("torch")
        raise VoiceError(phrase("torch {version} is too old. Install: {command}", version=old, command=INSTALL))


def _version(name: str, version: Version) -> str | None:
    try:
        return version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """Return the release of a version as numbers, without its suffix (+cu130, rc1)."""
    release = re.match(r"[\d.]*", version)
    return tuple(int(number) for number in re.findall(r"\d+", release.group() if release else ""))


def load() -> tuple[Any, Any]:
    """Import torch and qwen_tts, which takes 5 to 30 s the first time. The network is not used.

    Raises:
        VoiceError: they cannot be imported; the text says what to type.
    """
    try:
        torch = importlib.import_module("torch")
        _refuse_broken_torchaudio()
        with quiet():
            # transformers looks for the real packages, so it comes before the stand-ins
            messages = importlib.import_module("transformers").logging
            messages.set_verbosity_error()
            messages.disable_progress_bar()
            importlib.import_module("transformers.models.mimi.modeling_mimi")
            with stand_ins():
                return torch, importlib.import_module("qwen_tts")
    except (ImportError, OSError) as error:
        text = phrase(
            "the packages of Qwen3-TTS could not be loaded ({why}). Install: {command}", why=error, command=INSTALL
        )
        raise VoiceError(text) from error


def _refuse_broken_torchaudio() -> None:
    """The PyPI wheel needs CUDA libraries; beside a CPU build of torch it breaks ``import transformers`` too."""
    if importlib.util.find_spec("torchaudio") is not None:
        try:
            importlib.import_module("torchaudio")
        except (ImportError, OSError) as error:
            text = phrase(
                "the torchaudio that is installed does not fit this torch, and is not needed. Remove it: {command}",
                command="pip uninstall -y torchaudio",
            )
            raise VoiceError(text) from error


@contextlib.contextmanager
def stand_ins() -> Generator[None]:
    """Put empty modules in place of those of ``_UNUSED`` that are not installed, while qwen_tts is imported."""
    put: list[str] = []
    try:
        for name, attributes in _UNUSED.items():
            if name in sys.modules or _findable(name):
                continue
            module = types.ModuleType(name)
            module.__spec__ = ModuleSpec(name, None)
            module.__path__ = []
            for attribute in attributes:
                setattr(module, attribute, None)
            sys.modules[name] = module
            put.append(name)
        yield
    finally:
        for name in put:
            del sys.modules[name]


def _findable(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


@contextlib.contextmanager
def offline() -> Generator[None]:
    """Keep huggingface_hub and transformers off the network."""
    before = {name: os.environ.get(name) for name in _OFFLINE}
    constants = sys.modules.get("huggingface_hub.constants")
    known = getattr(constants, "HF_HUB_OFFLINE", None)
    os.environ.update(dict.fromkeys(_OFFLINE, "1"))
    if constants is not None:  # it was imported before, and reads the environment only at import
        constants.HF_HUB_OFFLINE = True  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if constants is not None:
            constants.HF_HUB_OFFLINE = known  # type: ignore[attr-defined]


@contextlib.contextmanager
def quiet() -> Generator[None]:
    """Send what this thread prints to stdout to the log: banners of packages, not meant for an operator."""
    with contextlib.redirect_stdout(_Sieve(sys.stdout)):  # type: ignore[type-var]
        yield


class _Sieve(io.TextIOBase):
    """A stdout that passes on what other threads print."""

    def __init__(self, stdout: Any) -> None:
        self._stdout = stdout
        self._thread = threading.get_ident()

    def write(self, text: str, /) -> int:
        if threading.get_ident() != self._thread:
            return int(self._stdout.write(text))
        if said := text.strip(" *\n"):
            logging.getLogger("aischoco.qwen").debug(said)
        return len(text)

    def flush(self) -> None:
        self._stdout.flush()
