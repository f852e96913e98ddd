"""The token loop of Qwen3-TTS: one frame of 16 codes after the other, each given as soon as it is complete.

A frame is made by two models: the talker gives its first code, the code predictor the other 15. On CUDA both are
graphs of faster-qwen3-tts (``GraphSteps``), elsewhere the package's own code runs (``StockSteps``). The loop is ours:
that of faster-qwen3-tts yields a frame only after the talker's step for the next one, and fills its mask of
suppressed codes in 1023 steps on the device at the start of every sentence.

Sampling is that of the published generation_config.json (QwenLM/Qwen3-TTS): top 50, temperature 0.9, repetition
penalty 1.05, at least 2 frames.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

TOP_K = 50
TEMPERATURE = 0.9
REPETITION_PENALTY = 1.05
LEAST_FRAMES = 2
_SPECIAL_CODES = 1024
"""The last codes of the vocabulary are control codes; of them only the end may be sampled."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What the talker is given for a sentence, as the package builds it."""

    embeddings: Any
    """[1, positions, width]"""
    mask: Any
    """int64 [1, positions]"""
    trailing: Any
    """[1, length, width]: text that comes with the frames."""
    pad: Any
    """[1, 1, width]: for the frames after it."""


class Steps(Protocol):
    """The two models of a frame, at one point of an utterance."""

    def begin(self, inputs: Inputs) -> Any:
        """Read the prompt; return the logits [1, vocabulary] of the first code of the first frame."""
        ...

    def frame(self, code: Any) -> Any:
        """Return int64 [16]: the frame that ``code`` (int64 [1]) begins."""
        ...

    def next(self) -> Any:
        """Return the logits [1, vocabulary] of the first code of the frame after."""
        ...


def frames(torch: Any, talker: Any, steps: Steps, inputs: Inputs, most: int) -> Iterator[Any]:
    """Yield int64 [16], at most ``most`` times; fewer if the model ends the utterance. Blocking."""
    end = talker.config.codec_eos_token_id
    vocabulary = talker.config.vocab_size
    with torch.inference_mode():
        logits = steps.begin(inputs)
        suppressed = torch.zeros(vocabulary, dtype=torch.bool, device=logits.device)
        suppressed[vocabulary - _SPECIAL_CODES :] = True
        always = suppressed.clone()
        always[end] = False
        said = torch.zeros(0, dtype=torch.long, device=logits.device)
    for count in range(most):
        with torch.inference_mode():
            code = _sampled(torch, _penalised(torch, logits, said), suppressed if count < LEAST_FRAMES else always)
            if int(code) == end:
                return
            said = torch.cat((said, code))
            frame = steps.frame(code)
        yield frame
        if count + 1 < most:
            with torch.inference_mode():
                logits = steps.next()


def _penalised(torch: Any, logits: Any, said: Any) -> Any:
    """Make codes that were said less likely; float32."""
    logits = logits.float().clone()
    if said.numel():
        scores = logits[:, said]
        logits[:, said] = torch.where(scores < 0, scores * REPETITION_PENALTY, scores / REPETITION_PENALTY)
    return logits


def _sampled(torch: Any, logits: Any, suppressed: Any) -> Any:
    logits = logits.masked_fill(suppressed, float("-inf")) / TEMPERATURE
    least = torch.topk(logits, TOP_K).values[:, -1:]
    logits = logits.masked_fill(logits < least, float("-inf"))
    return torch.multinomial(torch.softmax(logits, dim=-1), 1).squeeze(1)


class StockSteps:
    """The package's own forward pass with a growing cache: any device, no graph."""

    def __init__(self, talker: Any) -> None:
        self._talker = talker
        self._out: Any = None
        self._inputs: Any = None

    def begin(self, inputs: Inputs) -> Any:
        self._talker.rope_deltas = None
        self._inputs = inputs
        self._out = self._talker(
            inputs_embeds=inputs.embeddings,
            attention_mask=inputs.mask,
            cache_position=inputs.mask.new_ones(inputs.embeddings.shape[1]).cumsum(0) - 1,
            **self._common(inputs),
            past_key_values=None,
        )
        return self._out.logits[:, -1]

    def frame(self, code: Any) -> Any:
        """Let the package make the frame and take the talker's next step in one call."""
        inputs, before = self._inputs, self._out
        at = before.past_key_values.get_seq_length()
        self._out = self._talker(
            input_ids=code[None],
            attention_mask=inputs.mask.new_ones((1, at + 1)),
            cache_position=inputs.mask.new_tensor([at]),  # the stock package does not count by itself
            **self._common(inputs),
            past_key_values=before.past_key_values,
            past_hidden=before.past_hidden,
            generation_step=before.generation_step,
            subtalker_dosample=True,
            subtalker_top_k=TOP_K,
            subtalker_top_p=1.0,
            subtalker_temperature=TEMPERATURE,
        )
        return self._out.hidden_states[1][0]

    def next(self) -> Any:
        return self._out.logits[:, -1]

    def _common(self, inputs: Inputs) -> dict[str, Any]:
        return {
            "use_cache": True,
            "output_hidden_states": True,
            "trailing_text_hidden": inputs.trailing,
            "tts_pad_embed": inputs.pad,
        }


class GraphSteps:
    """The graphs of faster-qwen3-tts; the prompt varies in length and is read by the package's own code.

    Args:
        talker: ``model.talker``.
        talker_graph: a captured ``faster_qwen3_tts.talker_graph.TalkerGraph``.
        predictor_graph: a captured ``faster_qwen3_tts.predictor_graph.PredictorGraph``.
    """

    def __init__(self, torch: Any, talker: Any, talker_graph: Any, predictor_graph: Any) -> None:
        self._torch = torch
        self._talker = talker
        self._graph = talker_graph
        self._predictor = predictor_graph
        self._stock = StockSteps(talker)
        self._inputs: Any = None
        self._hidden: Any = None
        self._embedding: Any = None
        """What the talker is fed for the frame that was made last."""
        self._position = 0
        self._count = 0

    def begin(self, inputs: Inputs) -> Any:
        logits = self._stock.begin(inputs)
        out = self._stock._out
        self._inputs, self._hidden, self._count = inputs, out.past_hidden, 0
        self._position = self._graph.prefill_kv(out.past_key_values)
        self._graph.set_generation_state(inputs.mask, self._talker.rope_deltas)
        return logits

    def frame(self, code: Any) -> Any:
        first = self._talker.get_input_embeddings()(code[None])
        rest = self._predictor.run(self._torch.cat((self._hidden, first), dim=1))
        tables = self._talker.code_predictor.get_input_embeddings()
        embedded = [first, *(table(rest[at].view(1, 1)) for at, table in enumerate(tables))]
        trailing = self._inputs.trailing
        text = trailing[:, self._count : self._count + 1] if self._count < trailing.shape[1] else self._inputs.pad
        self._embedding = self._torch.cat(embedded, dim=1).sum(1, keepdim=True) + text
        self._count += 1
        return self._torch.cat((code, rest))

    def next(self) -> Any:
        hidden = self._graph.run(self._embedding, position=self._position)
        self._position += 1
        self._hidden = hidden.clone()
        return self._talker.codec_head(self._hidden)[:, -1]
