import importlib
import importlib.util
import json
import shutil
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages
from nodes.speech._qwen.frames import GraphSteps
from nodes.speech._qwen.model import Cloned, Model, free_memory, free_unused, load, use_flash_attention
from nodes.speech._speaking.voice import VoiceError
from tests import tiny_qwen

component = pytest.mark.component
pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]

TEXT = "오늘 날씨가 정말 좋네요. 같이 산책할까요?"


@pytest.fixture(scope="module")
def model() -> Model:
    return load(tiny_qwen.folder(), "tiny", "cpu")


@pytest.fixture(scope="module")
def voice(model: Model) -> Cloned:
    return model.cloned(model.prompt(tiny_qwen.sample(), 16_000))


def said(model: Model, voice: Cloned, seed: int = 1, most: int = 40, text: str = TEXT) -> np.ndarray[Any, Any]:
    utterance = model.utter(text, voice, "korean", most, seed)
    return np.concatenate([utterance.decode([frame]) for frame in utterance.frames])


@component
@pytest.mark.parametrize("transcript", ["안녕하세요 여러분 오늘도 반가워요", ""], ids=["with text", "without text"])
def test_streamed_sound_is_that_of_the_package_made_whole(model: Model, transcript: str) -> None:
    voice = model.cloned(model.prompt(tiny_qwen.sample(transcript), 24_000))
    torch: Any = sys.modules["torch"]
    for seed in (1, 2):
        streamed = said(model, voice, seed)
        torch.manual_seed(seed)
        whole = model._tts.generate_voice_clone(
            text=TEXT,
            language="Korean",
            voice_clone_prompt=[voice.item],
            max_new_tokens=41,
            non_streaming_mode=True,
        )[0][0]
        assert streamed.dtype == np.float32
        assert len(streamed) == len(whole) > 2 * 1920
        assert np.abs(streamed - whole).max() < 1e-4
        assert np.abs(streamed).max() > 0.05


@component
def test_the_same_seed_gives_the_same_samples_and_another_one_others(model: Model, voice: Cloned) -> None:
    first = said(model, voice, 11)
    assert np.array_equal(first, said(model, voice, 11))
    other = said(model, voice, 12)
    assert len(other) != len(first) or not np.allclose(other, first)
    without = [said(model, voice, None, 8) for _ in range(2)]  # type: ignore[arg-type]
    assert len(without[0]) != len(without[1]) or not np.allclose(*without)


@component
def test_a_sentence_is_broken_off_at_its_limit(model: Model, voice: Cloned) -> None:
    utterance = model.utter("가" * 60, voice, "korean", 3, 2)
    assert utterance.most == 3
    assert len(list(utterance.frames)) == 3


@component
def test_a_text_that_does_not_fit_beside_the_recording_is_refused(model: Model, voice: Cloned) -> None:
    assert model.utter("가" * 150, voice, "korean", 5000, 1).most < 1024 - 450
    with pytest.raises(VoiceError, match="너무 길어요"):
        model.utter("가" * 400, voice, "korean", 50, 1)
    with pytest.raises(NotImplementedError, match="esperanto"):
        model.utter("가", voice, "esperanto", 50, 1)
    assert len(said(model, voice, most=3)) == 3 * 1920


@component
def test_the_prompt_holds_the_recording_and_its_silence_or_the_timbre_alone(model: Model) -> None:
    sample = tiny_qwen.sample()
    prompt = model.prompt(sample, 24_000)
    assert prompt.codes.shape == (int(np.ceil((sample.seconds + 0.5) * 12.5)), 16)
    assert prompt.transcript == sample.transcript
    narrow = model.prompt(sample, 16_000)
    assert narrow.codes.equal(prompt.codes)
    assert not narrow.speaker.allclose(prompt.speaker)
    assert narrow.speaker.shape == prompt.speaker.shape == (32,)
    assert model.prompt(tiny_qwen.sample(""), 24_000).codes is None


@component
def test_warming_up_runs_every_size_of_the_ramp(model: Model, voice: Cloned, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    real = qwen_model.CausalDecoder.push

    def push(self: Any, codes: Any) -> Any:
        sizes.append(len(codes))
        return real(self, codes)

    monkeypatch.setattr(qwen_model.CausalDecoder, "push", push)
    model.warm(voice, "korean", (1, 2, 4, 2))
    assert sizes == [1, 2, 4]


@component
def test_with_graphs_it_says_the_same(model: Model, voice: Cloned, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny_qwen.eager_graphs(monkeypatch)
    torch: Any = sys.modules["torch"]
    graphs = qwen_model.captured(model._tts.model.talker, "cpu", torch.float32)
    fast = Model(torch, model._tts, "tiny", graphs)
    assert isinstance(fast._steps, GraphSteps)
    stock, by_graphs = said(model, voice, 3), said(fast, voice, 3)
    assert len(stock) == len(by_graphs) > 1920
    assert np.abs(stock - by_graphs).max() < 1e-4


@component
def test_memory_does_not_grow_with_the_sentences(model: Model, voice: Cloned) -> None:
    torch: Any = sys.modules["torch"]
    gc = importlib.import_module("gc")

    def tensors() -> int:
        gc.collect()
        return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())

    said(model, voice, 1, 3)
    before = tensors()
    for seed in range(5):
        said(model, voice, seed, 3)
    assert tensors() <= before + 5


@component
def test_a_folder_that_holds_no_model_or_another_one_is_refused(tmp_path: Path) -> None:
    tiny_qwen.folder()
    with pytest.raises(VoiceError, match="읽지 못했어요"):
        load(tmp_path, "x", "cpu")
    other = tmp_path / "custom"
    shutil.copytree(tiny_qwen.folder(), other)
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"tts_model_type": "custom_voice"}))
    with pytest.raises(VoiceError, match=r"Base 모델이 아니에요\(custom_voice\)"):
        load(other, "x", "cpu")


@component
def test_a_package_that_builds_its_prompts_in_another_way_is_told(
    model: Model, voice: Cloned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model._tts.model, "generate", lambda **_: None)
    with pytest.raises(VoiceError, match="requirements-gpu"):
        model.utter(TEXT, voice, "korean", 10, 1)
    monkeypatch.undo()
    assert len(said(model, voice, most=2)) == 2 * 1920


class Cuda:
    """Stands in for torch and qwen_tts on a machine with a graphics card."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, available: bool = True) -> None:
        self.done: list[str] = []
        self.given: dict[str, Any] = {}
        self.torch = types.SimpleNamespace(
            bfloat16="bf16",
            float32="f32",
            cuda=types.SimpleNamespace(
                is_available=lambda: available,
                mem_get_info=lambda: (5_000_000_000, 8_000_000_000),
                empty_cache=lambda: self.done.append("empty_cache"),
            ),
        )
        qwen_tts = types.SimpleNamespace(Qwen3TTSModel=types.SimpleNamespace(from_pretrained=self.from_pretrained))
        monkeypatch.setattr(packages, "load", lambda: (self.torch, qwen_tts))
        modules = {
            "torch": self.torch,
            "faster_qwen3_tts.talker_graph": types.SimpleNamespace(TalkerGraph=self.graph("talker")),
            "faster_qwen3_tts.predictor_graph": types.SimpleNamespace(PredictorGraph=self.graph("predictor")),
        }
        monkeypatch.setattr(importlib, "import_module", modules.__getitem__)
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    def from_pretrained(self, folder: str, **given: Any) -> Any:
        self.given = {"folder": folder, **given}
        predictor = types.SimpleNamespace(
            generation_config=types.SimpleNamespace(), model=types.SimpleNamespace(config="predictor config")
        )
        talker = types.SimpleNamespace(
            code_predictor=predictor,
            model=types.SimpleNamespace(set_attn_implementation=self.done.append),
            config=types.SimpleNamespace(hidden_size=2048),
        )
        inner = types.SimpleNamespace(tts_model_type="base", eval=lambda: None, talker=talker)
        return types.SimpleNamespace(model=inner)

    def graph(self, name: str) -> Callable[..., Any]:
        def make(*_: Any, device: str, dtype: str, **__: Any) -> Any:
            return types.SimpleNamespace(capture=lambda: self.done.append(f"{name} {device} {dtype}"))

        return make


def test_on_cuda_it_is_loaded_in_bfloat16_and_its_graphs_are_captured(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = Cuda(monkeypatch)
    model = load(Path("folder"), "1.7B-x", "cuda")
    assert cuda.given == {
        "folder": "folder",
        "device_map": "cuda",
        "dtype": "bf16",
        "attn_implementation": "sdpa",
    }
    assert cuda.done == ["predictor cuda bf16", "talker cuda bf16"]
    assert isinstance(model._steps, GraphSteps)
    assert model.identity == "1.7B-x"


def test_flash_attention_reads_the_prompts_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = Cuda(monkeypatch)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    load(Path("folder"), "1.7B-x", "cuda")
    assert cuda.done == ["predictor cuda bf16", "talker cuda bf16", "flash_attention_2"]


def test_a_flash_attention_that_does_not_fit_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: str) -> None:
        raise ImportError("flash_attn was built for another torch")

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    assert not use_flash_attention(types.SimpleNamespace(set_attn_implementation=refuse))


def test_free_graphics_memory_is_told_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = Cuda(monkeypatch)
    assert free_memory() == 5e9
    free_unused()
    assert cuda.done == ["empty_cache"]


def test_without_a_card_there_is_no_graphics_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = Cuda(monkeypatch, available=False)
    assert free_memory() is None
    free_unused()
    assert cuda.done == []
