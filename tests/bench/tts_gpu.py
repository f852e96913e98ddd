"""Measures Qwen3-TTS on a graphics card: how soon a sentence is heard and what a frame costs, for the real shapes.

``python -m tests.bench.tts_gpu [--model 1.7B --model 0.6B] [--ramp 1,2,4,8] [--sentences 100]`` prints a table with the
name of the card. The weights are random, so nothing has to be downloaded: the shapes, and with them kernels, bytes and
FLOPs, are those of the published models; only the speech is noise, and a sentence ends at a fixed length. Everything
else is what a show runs: the same loading, prompt, token loop, decoder and pieces. Times are measured on the host, from
the text to float32 samples in its memory, after a synchronisation. ``--tiny --device cpu`` runs the same code with a
model of 10 MB where there is no card; its figures mean nothing.

Shapes: config.json and speech_tokenizer/config.json of Qwen/Qwen3-TTS-12Hz-1.7B-Base and -0.6B-Base as public ports
quote them.
"""

import argparse
import contextlib
import gc
import platform
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages
from nodes.speech._qwen import saying as qwen_saying
from nodes.speech._qwen.guard import FRAMES_A_SECOND, Guard
from nodes.speech._qwen.model import Cloned, Model
from nodes.speech._qwen.saying import Saying
from nodes.speech._speaking.voice import VoiceError
from tests import tiny_qwen
from tests.bench import figures

TEXT = "오늘 방송에 와 주신 여러분, 정말 고마워요! 같이 게임할까요?"
FRAMES = 60
"""Frames of every sentence: 4.8 s."""
RAMPS = ("1,2,4,8", "2,4,8", "4,8", "8")
CANCELS = 10
NO_CARD = """\
This bench needs an NVIDIA card and a torch for CUDA; torch.cuda.is_available() is false here.
Install: pip install -r requirements-gpu.txt (see the lines at its head), with the CUDA build of torch.
To run the code without a card: python -m tests.bench.tts_gpu --tiny --device cpu --sentences 2"""

_ATTENTION: dict[str, Any] = {
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "attention_bias": False,
    "attention_dropout": 0,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "rope_theta": 1000000,
    "use_sliding_window": False,
    "sliding_window": None,
}


def real_config(size: str, text: dict[str, int]) -> dict[str, Any]:
    """Return config.json of the published model, with the tiny model's vocabulary in the first rows of its table."""
    config = tiny_qwen.model_config(text)
    width = 2048 if size == "1.7B" else 1024
    talker = config["talker_config"]
    config["speaker_encoder_config"] = {"enc_dim": width, "sample_rate": 24000}  # the rest: class defaults
    talker |= _ATTENTION | {
        "hidden_size": width,
        "intermediate_size": 3 * width,
        "num_hidden_layers": 28,
        "text_vocab_size": 151936,
        "text_hidden_size": 2048,
    }
    talker["rope_scaling"] |= {"mrope_section": [24, 20, 20]}
    talker["code_predictor_config"] |= _ATTENTION | {
        "hidden_size": 1024,
        "intermediate_size": 3072,
        "num_hidden_layers": 5,
        "layer_types": ["full_attention"] * 5,
    }
    return config


def real_codec() -> dict[str, Any]:
    """Return speech_tokenizer/config.json of the published models."""
    config = tiny_qwen.codec_settings()
    config["encoder_config"] |= {
        "num_filters": 64,
        "hidden_size": 512,
        "intermediate_size": 2048,
        "num_hidden_layers": 8,
        "num_attention_heads": 8,
        "num_key_value_heads": 8,
        "head_dim": 64,
        "num_quantizers": 32,
        "codebook_dim": 256,
        "vector_quantization_hidden_dimension": 256,
        "upsample_groups": 512,
    }
    config["decoder_config"] |= {
        "latent_dim": 1024,
        "codebook_dim": 512,
        "vector_quantization_hidden_dimension": 512,
        "decoder_dim": 1536,
        "hidden_size": 512,
        "intermediate_size": 1024,
        "num_hidden_layers": 8,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
        "head_dim": 64,
    }
    return config


def write(size: str, folder: Path, device: str) -> None:
    """Build a model of the real shapes, with its constructors' initial weights, in the dtype in which it is loaded."""
    torch, _ = packages.load()
    text = tiny_qwen.write_tokenizer(folder)
    config, codec = real_config(size, text), real_codec()
    tiny_qwen.write_settings(folder, config, codec)
    models, core = import_module("qwen_tts.core.models"), import_module("qwen_tts.core")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if device == "cuda" else torch.float32)
    try:
        with torch.device(device), torch.no_grad():
            made = models.Qwen3TTSForConditionalGeneration(models.Qwen3TTSConfig(**config))
            tiny_qwen.save(made, folder)
            del made
            made = core.Qwen3TTSTokenizerV2Model(core.Qwen3TTSTokenizerV2Config(**codec))
            tiny_qwen.save(made, folder / "speech_tokenizer")
    finally:
        torch.set_default_dtype(before)


class Deaf(Guard):
    """Does the work of listening but accepts everything: random weights do not speak."""

    def hear(self, frame: Any) -> Any:
        super().hear(frame)
        return "fine"

    @property
    def silent(self) -> bool:
        return False


@dataclass(frozen=True)
class Row:
    """The figures of one model with one ramp, in milliseconds."""

    model: str
    ramp: str
    first: list[float]
    frame: float
    factor: float
    cancel: list[float]
    peak_gb: float | None
    grown: int | None

    def kept(self) -> list[tuple[str, float]]:
        """Return the figures to save: names and numbers."""
        of = f"{self.model} {self.ramp}"
        return [
            (f"{of} first PCM ms", statistics.median(self.first)),
            (f"{of} ms a frame", self.frame),
            (f"{of} real-time factor", self.factor),
            (f"{of} cancel ms", statistics.median(self.cancel)),
        ]

    def markdown(self) -> str:
        p95 = sorted(self.first)[max(0, round(0.95 * len(self.first)) - 1)]
        peak = "-" if self.peak_gb is None else f"{self.peak_gb:.2f} GB"
        grown = "-" if self.grown is None else str(self.grown)
        return (
            f"| {self.model} | {self.ramp} | {statistics.median(self.first):.1f} | {p95:.1f} | {self.frame:.2f} | "
            f"{self.factor:.3f} | {statistics.median(self.cancel):.1f} | {max(self.cancel):.1f} | {peak} | {grown} |"
        )


HEAD = """\
| model | ramp (frames) | first PCM ms, median | p95 | ms a frame (80 ms) | real-time factor | cancel ms, median \
| most | peak memory | allocations grown |
|---|---|---|---|---|---|---|---|---|---|"""


class Bench:
    """One loaded model."""

    def __init__(self, torch: Any, model: Model, voice: Cloned) -> None:
        self.torch = torch
        self.model = model
        self.voice = voice
        self.cuda = bool(torch.cuda.is_available()) and model._graphs is not None
        # never sampled, so that all sentences have the same length
        head = model._tts.model.talker.codec_head.weight
        with torch.no_grad():
            head[model._tts.model.talker.config.codec_eos_token_id] = 0.0

    def saying(self, ramp: Sequence[int], stopped: Any = lambda: False) -> Saying:
        return Saying(TEXT, lambda _: self.model.utter(TEXT, self.voice, "korean", FRAMES, None), ramp, stopped)

    def row(self, name: str, ramp: str, sentences: int) -> Row:
        sizes = tuple(map(int, ramp.split(",")))
        for _ in range(2):
            list(self.saying(sizes).pieces())
        if self.cuda:
            self.torch.cuda.reset_peak_memory_stats()
        first: list[float] = []
        seconds = frames = 0.0
        before = self._allocations()
        for _ in range(sentences):
            begun = self._now()
            pieces = self.saying(sizes).pieces()
            next(pieces)
            first.append(1e3 * (self._now() - begun))
            frames += sizes[0] + sum(len(piece) // 1920 for piece in pieces)
            seconds += self._now() - begun
        after = self._allocations()
        cancels = [self._cancel(sizes, number) for number in range(CANCELS)]
        peak = self.torch.cuda.max_memory_allocated() / 1e9 if self.cuda else None
        grown = after - before if self.cuda else None
        factor = seconds * FRAMES_A_SECOND / frames
        return Row(name, ramp, first, 1e3 * seconds / frames, factor, cancels, peak, grown)

    def _cancel(self, sizes: Sequence[int], number: int) -> float:
        """Measure the time from a stop, somewhere within a sentence, to the end of its work, in milliseconds."""
        stop, ended = threading.Event(), [0.0]
        saying = self.saying(sizes, stop.is_set)

        def work() -> None:
            with contextlib.closing(saying.pieces()) as pieces:
                for _ in pieces:
                    pass
            ended[0] = self._now()

        thread = threading.Thread(target=work)
        thread.start()
        while saying.frames < 5 + 2 * number and thread.is_alive():
            time.sleep(0.0005)
        begun = time.perf_counter()
        stop.set()
        thread.join()
        return 1e3 * (ended[0] - begun)

    def _now(self) -> float:
        if self.cuda:
            self.torch.cuda.synchronize()
        return time.perf_counter()

    def _allocations(self) -> int:
        gc.collect()
        return int(self.torch.cuda.memory_stats()["allocation.all.current"]) if self.cuda else 0


def measure(name: str, device: str, ramps: Sequence[str], sentences: int, *, tiny: bool) -> list[Row]:
    """Return the rows of one model, and print on stderr what it took to get it ready."""
    torch, _ = packages.load()
    with tempfile.TemporaryDirectory(prefix="aischoco-bench-") as place:
        folder = Path(place)
        if tiny:
            tiny_qwen.write(folder)
        else:
            write(name, folder, device)
        gc.collect()
        if device == "cuda":
            torch.cuda.empty_cache()
        begun = time.perf_counter()
        model = qwen_model.load(folder, name, device)
        loaded = time.perf_counter()
    voice = model.cloned(model.prompt(tiny_qwen.sample(), 24_000))
    cloned = time.perf_counter()
    model.warm(voice, "korean", (1, 2, 4, 8))
    warm = time.perf_counter()
    times = f"loaded in {loaded - begun:.1f} s, cloned in {cloned - loaded:.1f} s, warm in {warm - cloned:.1f} s"
    print(f"{name}: {times}", file=sys.stderr)
    bench = Bench(torch, model, voice)
    return [bench.row(name, ramp, sentences) for ramp in ramps]


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--model", action="append", choices=["1.7B", "0.6B"], help="default: both")
    parser.add_argument("--ramp", action="append", help=f"frames of the pieces; default: {' and '.join(RAMPS)}")
    parser.add_argument("--sentences", type=int, default=100)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--tiny", action="store_true", help="a model of 10 MB in place of the real shapes")
    figures.options(parser)
    given = parser.parse_args(list(argv))
    try:
        packages.check()
        torch, _ = packages.load()
    except VoiceError as error:
        print(error, file=sys.stderr)
        return 1
    if given.device == "cuda" and not torch.cuda.is_available():
        print(NO_CARD, file=sys.stderr)
        return 1
    guard, qwen_saying.Guard = qwen_saying.Guard, Deaf  # type: ignore[misc]
    try:
        rows = [
            row
            for name in (["tiny"] if given.tiny else given.model or ["1.7B", "0.6B"])
            for row in measure(name, given.device, given.ramp or RAMPS, given.sentences, tiny=given.tiny)
        ]
    finally:
        qwen_saying.Guard = guard  # type: ignore[misc]
    card = torch.cuda.get_device_name() if given.device == "cuda" else f"CPU ({platform.machine()})"
    print(f"{card}, torch {torch.__version__}, {given.sentences} sentences of {FRAMES / FRAMES_A_SECOND:.1f} s a row\n")
    print("\n".join([HEAD, *(row.markdown() for row in rows)]))
    figures.done(given, "tts_gpu", {name: value for row in rows for name, value in row.kept()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
