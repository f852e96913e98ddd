"""Writes a tiny Supertonic 3 model with random weights, so that the real package runs completely on a CPU.

The folder has the files, the inputs and the outputs of ``Supertone/supertonic-3`` as its package reads them: four ONNX
models, 44.1 kHz, latents of 6 x 24 values for 3,072 samples, 31 languages in tags around the text, Hangul taken apart.
A sound is 0.06 s long for each letter, and differs with text and voice.
"""

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodes.speech._supertonic.folder import LETTERS, PARTS, SETTINGS, STYLES

RATE, BASE, COMPRESSED, LATENT = 44_100, 512, 6, 24
LETTER_S = 0.06
VOICES = ("F1", "F2", "M1")
_WIDTH, _STYLE_TTL, _STYLE_DP = 16, (1, 50, 256), (1, 8, 16)

_places: list[tempfile.TemporaryDirectory[str]] = []
"""The folder of the model; removed when the process ends."""


@functools.cache
def folder() -> Path:
    """Return the model of this process, made at the first call; skip the test if the packages are not installed."""
    pytest.importorskip("supertonic", reason="supertonic is not installed")
    pytest.importorskip("onnx", reason="onnx is not installed, which writes the tiny model")
    _places.append(tempfile.TemporaryDirectory(prefix="aischoco-tiny-supertonic-"))
    return write(Path(_places[-1].name))


def write(folder: Path) -> Path:
    """Write the model; less than 0.5 s."""
    known = [*range(0x20, 0x7F), *range(0x1100, 0x1200), *range(0x3041, 0x30FF), *range(0xC0, 0x370)]
    letters = np.full(65_536, -1)
    letters[known] = np.arange(len(known))
    _dump(folder / LETTERS, letters.tolist())
    _dump(
        folder / SETTINGS,
        {
            "ae": {"sample_rate": RATE, "base_chunk_size": BASE},
            "ttl": {"chunk_compress_factor": COMPRESSED, "latent_dim": LATENT},
        },
    )
    chance = np.random.default_rng(7)
    for voice in VOICES:
        style = {
            name: {"dims": shape, "data": chance.normal(size=shape).tolist()}
            for name, shape in (("style_ttl", _STYLE_TTL), ("style_dp", _STYLE_DP))
        }
        _dump(folder / STYLES / f"{voice}.json", style)
    for part, write_part in zip(PARTS, (_duration, _encoder, _estimator, _vocoder), strict=True):
        write_part(folder / part, len(known), chance)
    return folder


def _dump(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


class _Graph:
    """One model, written node by node; every call returns the name of the result."""

    def __init__(self, **inputs: tuple[str, tuple[Any, ...]]) -> None:
        import onnx

        self._onnx: Any = onnx
        kinds = {"int64": onnx.TensorProto.INT64, "float32": onnx.TensorProto.FLOAT}
        make = onnx.helper.make_tensor_value_info
        self._inputs = [make(name, kinds[kind], shape) for name, (kind, shape) in inputs.items()]
        self._nodes: list[Any] = []
        self._weights: list[Any] = []

    def weight(self, values: Any) -> str:
        name = f"w{len(self._weights)}"
        self._weights.append(self._onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def __call__(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}{len(self._nodes)}"
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, [name], **attributes))
        return name

    def mean(self, value: str) -> str:
        """The mean over everything, times 1e-3: it only has to matter."""
        return self("Mul", self("ReduceMean", value, keepdims=0), self.weight(np.float32(1e-3)))

    def save(self, path: Path, result: str, shape: tuple[Any, ...]) -> None:
        helper = self._onnx.helper
        out = helper.make_tensor_value_info(result, self._onnx.TensorProto.FLOAT, shape)
        graph = helper.make_graph(self._nodes, path.stem, self._inputs, [out], self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        self._onnx.checker.check_model(model)
        self._onnx.save(model, str(path))


_TEXT = {"text_ids": ("int64", ("b", "t")), "text_mask": ("float32", ("b", 1, "t"))}


def _duration(path: Path, _: int, __: np.random.Generator) -> None:
    graph = _Graph(**_TEXT, style_dp=("float32", ("b", *_STYLE_DP[1:])))
    letters = graph("ReduceSum", "text_mask", graph.weight(np.array([1, 2])), keepdims=0)
    ids = graph.mean(graph("Cast", "text_ids", to=1))
    seconds = graph("Mul", letters, graph.weight(np.float32(LETTER_S)))
    longer = graph("Mul", graph("Add", ids, graph.mean("style_dp")), graph.weight(np.float32(1e-2)))
    graph.save(path, graph("Add", seconds, longer), ("b",))


def _encoder(path: Path, known: int, chance: np.random.Generator) -> None:
    graph = _Graph(**_TEXT, style_ttl=("float32", ("b", *_STYLE_TTL[1:])))
    table = graph.weight(chance.normal(size=(known, _WIDTH)).astype(np.float32))
    letters = graph("Transpose", graph("Gather", table, "text_ids"), perm=[0, 2, 1])
    graph.save(path, graph("Add", graph("Mul", letters, "text_mask"), graph.mean("style_ttl")), ("b", _WIDTH, "t"))


def _estimator(path: Path, _: int, chance: np.random.Generator) -> None:
    channels = LATENT * COMPRESSED
    graph = _Graph(
        noisy_latent=("float32", ("b", channels, "l")),
        text_emb=("float32", ("b", _WIDTH, "t")),
        style_ttl=("float32", ("b", *_STYLE_TTL[1:])),
        text_mask=_TEXT["text_mask"],
        latent_mask=("float32", ("b", 1, "l")),
        current_step=("float32", ("b",)),
        total_step=("float32", ("b",)),
    )
    spoken = graph("ReduceMean", graph("Mul", "text_emb", "text_mask"), axes=[2], keepdims=1)
    wanted = graph("MatMul", graph.weight(chance.normal(size=(channels, _WIDTH)).astype(np.float32)), spoken)
    wanted = graph("Add", wanted, graph("Mul", graph.mean("style_ttl"), graph.weight(np.float32(1e3))))
    done = graph("Mul", graph.mean(graph("Div", "current_step", "total_step")), graph.weight(np.float32(1e2)))
    nearer = graph("Mul", graph("Sub", wanted, "noisy_latent"), graph("Add", done, graph.weight(np.float32(0.5))))
    moved = graph("Mul", graph("Add", "noisy_latent", nearer), "latent_mask")
    graph.save(path, moved, ("b", channels, "l"))


def _vocoder(path: Path, _: int, chance: np.random.Generator) -> None:
    channels, chunk = LATENT * COMPRESSED, BASE * COMPRESSED
    graph = _Graph(latent=("float32", ("b", channels, "l")))
    at = np.arange(chunk) / RATE
    tones = np.sin(2 * np.pi * np.outer(chance.uniform(100, 2000, channels), at)) / np.sqrt(channels)
    frames = graph("MatMul", graph("Transpose", "latent", perm=[0, 2, 1]), graph.weight(tones.astype(np.float32)))
    sound = graph("Reshape", frames, graph.weight(np.array([0, -1])))
    graph.save(path, graph("Mul", graph("Tanh", sound), graph.weight(np.float32(0.3))), ("b", "n"))
