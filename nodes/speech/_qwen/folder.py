"""Where the files of a Qwen3-TTS model are, and which model fits on the graphics card. Nothing is downloaded here."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nodes.phrases import phrase
from nodes.speech._speaking.voice import VoiceError

NEEDS = {"1.7B": 4.5e9, "0.6B": 2.5e9}
"""Model -> bytes of free graphics memory. Weights and codec in bfloat16 take 4.2 and 2.1 GB, a sentence 0.1 GB."""
REPOSITORY = "Qwen/Qwen3-TTS-12Hz-{}-Base"
FILES = (
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "tokenizer_config.json",
    "vocab.json",
    "merges.txt",
    "speech_tokenizer/config.json",
    "speech_tokenizer/preprocessor_config.json",
)
"""Files that the package opens; the weights are beside them, in one file or in several with an index."""
_WEIGHTS = "model.safetensors"
PULL = "python aischoco.py voice pull {}"


@dataclass(frozen=True, slots=True)
class Folder:
    """A model on the disk."""

    path: Path
    name: str
    """``1.7B``, ``0.6B`` or the folder's own name."""

    def identity(self) -> str:
        """Return a text that differs for other weights: the settings, and the names and sizes of the weights."""
        digest = hashlib.sha256((self.path / "config.json").read_bytes())
        for folder in (self.path, self.path / "speech_tokenizer"):
            for file in sorted(folder.glob("*.safetensors")):
                digest.update(f"{file.name} {file.stat().st_size}\n".encode())
        return f"{self.name}-{digest.hexdigest()[:16]}"


def find(model: str, home: Path, free: float | None, env: Mapping[str, str], loaded: Collection[Path] = ()) -> Folder:
    """Find the model to load.

    Args:
        model: ``auto``, ``1.7B``, ``0.6B``, or a folder.
        home: the Hugging Face folder of this project; ``HF_HOME``, ``HF_HUB_CACHE`` and ``HUGGINGFACE_HUB_CACHE`` of
            ``env`` are searched too.
        free: bytes of free graphics memory; None on the CPU.
        loaded: folders of models that are already in memory, so that they need no more of it.

    Raises:
        VoiceError: there is none, it is incomplete, or it does not fit; the text says what to do.
    """
    if model not in ("auto", *NEEDS):
        return _own(Path(model).expanduser())
    wanted = [model] if model != "auto" else list(NEEDS) if free is not None else list(reversed(NEEDS))
    hubs = places(home, env)
    tight = False
    for name in wanted:
        path = next((path for hub in hubs if (path := _snapshot(hub, name)) is not None), None)
        if path is not None:
            if free is None or free >= NEEDS[name] or path in loaded:
                return Folder(path, name)
            tight = True
    if tight:
        text = phrase(
            "only {free} GB of graphics memory are free, too few for Qwen3-TTS (1.7B needs {large} GB, 0.6B {small} "
            "GB). Close other programs, or download a smaller model.",
            free=f"{(free or 0) / 1e9:.1f}",
            large=f"{NEEDS['1.7B'] / 1e9:.1f}",
            small=f"{NEEDS['0.6B'] / 1e9:.1f}",
        )
        raise VoiceError(text)
    fits = next((name for name in wanted if free is None or free >= NEEDS[name]), wanted[-1])
    text = phrase(
        "there is no model of Qwen3-TTS {names} (looked in: {places}). To download it: {command}",
        names=", ".join(wanted),
        places=", ".join(map(str, hubs)),
        command=PULL.format(fits),
    )
    raise VoiceError(text)


def places(home: Path, env: Mapping[str, str]) -> list[Path]:
    """Return the Hub folders in the order in which they are searched, laid out as by huggingface_hub."""
    named = [Path(env[name]) for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") if env.get(name)]
    homes = [Path(env["HF_HOME"])] if env.get("HF_HOME") else []
    found = [*named, *(each / "hub" for each in [*homes, home])]
    return list(dict.fromkeys(path.expanduser() for path in found))


def missing(folder: Path) -> list[str]:
    """Return the files of a model that are missing, or incomplete as far as an index says."""
    lacking = [name for name in FILES if not (folder / name).is_file()]
    for place in (folder, folder / "speech_tokenizer"):
        lacking += [str((place / name).relative_to(folder)) for name in _weights(place) if not (place / name).is_file()]
    return lacking


def _weights(place: Path) -> Sequence[str]:
    try:
        index: Any = json.loads((place / f"{_WEIGHTS}.index.json").read_text(encoding="utf-8"))
        return sorted(set(cast(Mapping[str, str], index["weight_map"]).values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return [_WEIGHTS]


def _own(path: Path) -> Folder:
    if lacking := missing(path):
        text = phrase(
            "{folder} does not hold a whole model of Qwen3-TTS (missing: {names}). Write auto, 1.7B, 0.6B or the "
            "folder of a model as model.",
            folder=path,
            names=", ".join(lacking[:3]),
        )
        raise VoiceError(text)
    return Folder(path, path.name)


def _snapshot(hub: Path, name: str) -> Path | None:
    """Return the newest complete download of a model: the one that ``refs/main`` names, else any."""
    folder = hub / ("models--" + REPOSITORY.format(name).replace("/", "--"))
    try:
        main = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        main = ""
    found = sorted((folder / "snapshots").glob("*"), key=lambda path: (path.name != main, path.name))
    return next((path for path in found if not missing(path)), None)
