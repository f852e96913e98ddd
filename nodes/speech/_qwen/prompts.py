"""Cloned voices on the disk, so that a recording is encoded once and not at every start."""

import contextlib
import hashlib
import importlib
from pathlib import Path
from typing import Any

from nodes.shared_file import replace
from nodes.speech._qwen.model import Model, Prompt
from nodes.speech._qwen.sample import TAIL_S, Sample

_FORM = 1
"""Version of the file and of the preparation of a recording; another version gives another key."""


def key(sample: Sample, model: str, speaker_rate: int) -> str:
    """Return a hex key: different for another recording, text, model or way of encoding."""
    parts = (_FORM, sample.digest, sample.transcript, model, speaker_rate, TAIL_S)
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:40]


def prompt(model: Model, sample: Sample, folder: Path, speaker_rate: int) -> Prompt:
    """Return the prompt of a recording, read from ``folder`` or made and kept there.

    A file that cannot be read is made again; a folder that cannot be written to only costs the time.
    """
    path = folder / f"{key(sample, model.identity, speaker_rate)}.safetensors"
    kept = _read(path, sample.transcript)
    if kept is not None:
        return kept
    made = model.prompt(sample, speaker_rate)
    with contextlib.suppress(OSError):
        _write(path, made)
    return made


def _read(path: Path, transcript: str) -> Prompt | None:
    safetensors: Any = importlib.import_module("safetensors.torch")
    try:
        tensors = safetensors.load(path.read_bytes())
    except FileNotFoundError:
        return None
    except Exception:  # safetensors has an error class of its own for each way in which a file can be broken
        return None
    if "speaker" not in tensors or ("codes" in tensors) != bool(transcript):
        return None
    return Prompt(tensors.get("codes"), tensors["speaker"], transcript)


def _write(path: Path, prompt: Prompt) -> None:
    safetensors: Any = importlib.import_module("safetensors.torch")
    tensors = {"speaker": prompt.speaker.contiguous()}
    if prompt.codes is not None:
        tensors["codes"] = prompt.codes.contiguous()
    replace(path, safetensors.save(tensors), durable=False)
