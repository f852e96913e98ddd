import importlib
from typing import Any

import pytest

from nodes.speech._qwen import frames as qwen_frames
from nodes.speech._qwen import model as qwen_model
from nodes.speech._qwen import packages
from nodes.speech._qwen.frames import GraphSteps, Inputs, StockSteps, frames
from nodes.speech._qwen.model import Cloned, Model
from tests import tiny_qwen

pytestmark = [pytest.mark.component, pytest.mark.filterwarnings("default"), pytest.mark.timeout(180)]

TEXT = "오늘 날씨가 정말 좋네요. 같이 산책할까요?"
MOST = 60


@pytest.fixture(scope="module")
def voice() -> tuple[Any, Model, Cloned]:
    folder = tiny_qwen.folder()
    torch, _ = packages.load()
    model = qwen_model.load(folder, "tiny", "cpu")
    return torch, model, model.cloned(model.prompt(tiny_qwen.sample(), 24_000))


def made(torch: Any, model: Model, steps: Any, inputs: Inputs, seed: int, most: int = MOST) -> list[list[int]]:
    torch.manual_seed(seed)
    return [frame.tolist() for frame in frames(torch, model._tts.model.talker, steps, inputs, most)]


@pytest.mark.parametrize("seed", [1, 2, 4])
def test_the_frames_are_those_of_the_package_itself(voice: tuple[Any, Model, Cloned], seed: int) -> None:
    torch, model, cloned = voice
    tts = model._tts
    ours = made(torch, model, StockSteps(tts.model.talker), model._inputs(TEXT, cloned, "korean"), seed)
    torch.manual_seed(seed)
    theirs, _ = tts.model.generate(
        input_ids=tts._tokenize_texts([tts._build_assistant_text(TEXT)]),
        ref_ids=[tts._tokenize_texts([tts._build_ref_text(cloned.item.ref_text)])[0]],
        voice_clone_prompt=tts._prompt_items_to_voice_clone_prompt([cloned.item]),
        languages=["korean"],
        non_streaming_mode=True,
        max_new_tokens=MOST,
    )
    # the package counts the code that begins a frame it does not make any more
    assert ours[: MOST - 1] == theirs[0].tolist()
    assert len(ours) > 3


@pytest.mark.parametrize("seed", [1, 2])
def test_the_graphs_of_faster_qwen3_tts_make_the_frames_of_its_own_loop(
    voice: tuple[Any, Model, Cloned], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch, model, cloned = voice
    talker = model._tts.model.talker
    tiny_qwen.eager_graphs(monkeypatch)
    talker_graph, predictor_graph = qwen_model.captured(talker, "cpu", torch.float32)
    inputs = model._inputs(TEXT, cloned, "korean")
    ours = made(torch, model, GraphSteps(torch, talker, talker_graph, predictor_graph), inputs, seed)
    talker.rope_deltas = None
    torch.manual_seed(seed)
    theirs = importlib.import_module("faster_qwen3_tts.streaming").fast_generate_streaming(
        talker,
        inputs.embeddings,
        inputs.mask,
        inputs.trailing,
        inputs.pad,
        talker.config,
        predictor_graph,
        talker_graph,
        max_new_tokens=MOST,
        chunk_size=1,
    )
    assert ours == [codes[0].tolist() for codes, _ in theirs]
    assert len(ours) > 3


def test_the_graphs_make_the_frames_of_the_package(
    voice: tuple[Any, Model, Cloned], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch, model, cloned = voice
    talker = model._tts.model.talker
    tiny_qwen.eager_graphs(monkeypatch)
    graphs = qwen_model.captured(talker, "cpu", torch.float32)
    inputs = model._inputs(TEXT, cloned, "korean")
    by_graphs = made(torch, model, GraphSteps(torch, talker, *graphs), inputs, 5)
    assert by_graphs == made(torch, model, StockSteps(talker), inputs, 5)


def test_text_that_comes_with_the_frames_is_fed_to_the_graphs_too(
    voice: tuple[Any, Model, Cloned], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch, model, cloned = voice
    talker = model._tts.model.talker
    tiny_qwen.eager_graphs(monkeypatch)
    graphs = qwen_model.captured(talker, "cpu", torch.float32)
    inputs = model._inputs(TEXT, cloned, "korean")
    generator = torch.Generator().manual_seed(1)
    trailing = torch.randn(1, 4, inputs.pad.shape[-1], generator=generator)
    inputs = Inputs(inputs.embeddings, inputs.mask, trailing, inputs.pad)
    by_graphs = made(torch, model, GraphSteps(torch, talker, *graphs), inputs, 5, 8)
    assert by_graphs == made(torch, model, StockSteps(talker), inputs, 5, 8)


def test_the_same_seed_gives_the_same_frames_and_another_one_others(voice: tuple[Any, Model, Cloned]) -> None:
    torch, model, cloned = voice
    steps = StockSteps(model._tts.model.talker)
    inputs = model._inputs(TEXT, cloned, "korean")
    first = made(torch, model, steps, inputs, 7, 8)
    assert first == made(torch, model, steps, inputs, 7, 8)
    assert first != made(torch, model, steps, inputs, 8, 8)


class Counting:
    """Steps that always want the end of the sentence."""

    def __init__(self, torch: Any) -> None:
        self._torch = torch
        self.asked: list[str] = []

    def begin(self, inputs: Inputs) -> Any:
        self.asked.append("begin")
        return self.next_logits()

    def next_logits(self) -> Any:
        logits = self._torch.zeros(1, 3072)
        logits[0, 2150] = 50.0
        return logits

    def frame(self, code: Any) -> Any:
        self.asked.append("frame")
        return code.repeat(16)

    def next(self) -> Any:
        self.asked.append("next")
        return self.next_logits()


def test_a_frame_is_given_before_the_next_step_is_taken_and_the_last_one_takes_none(
    voice: tuple[Any, Model, Cloned],
) -> None:
    torch, model, cloned = voice
    inputs = model._inputs(TEXT, cloned, "korean")
    steps = Counting(torch)
    loop = frames(torch, model._tts.model.talker, steps, inputs, 2)
    next(loop)
    assert steps.asked == ["begin", "frame"]
    assert len(list(loop)) == 1
    assert steps.asked == ["begin", "frame", "next", "frame"]


def test_it_ends_with_the_model_but_not_before_two_frames(voice: tuple[Any, Model, Cloned]) -> None:
    torch, model, cloned = voice
    inputs = model._inputs(TEXT, cloned, "korean")
    codes = [int(frame[0]) for frame in frames(torch, model._tts.model.talker, Counting(torch), inputs, 50)]
    assert len(codes) == qwen_frames.LEAST_FRAMES
    assert all(code < 2048 for code in codes)
