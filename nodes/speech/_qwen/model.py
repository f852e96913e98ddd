"""A loaded Qwen3-TTS model: clones a voice from a recording and makes the frames of a sentence with it."""

import contextlib
import gc
import importlib
import importlib.util
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.phrases import phrase
from nodes.speech._qwen import packages
from nodes.speech._qwen.decoder import CausalDecoder
from nodes.speech._qwen.frames import GraphSteps, Inputs, StockSteps, frames
from nodes.speech._qwen.sample import RATE, Sample, resampled
from nodes.speech._speaking.voice import VoiceError

POSITIONS = 1024
"""Size of the fixed cache that the graphs work on: a recording of 30 s and a sentence of 30 s take 750, their texts the
rest. Every step reads all of them, so more would be slower."""
_LEAST_ROOM = 50
_WARM_TEXT = "안녕하세요."


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model recognises a voice by; tensors on the CPU."""

    codes: Any
    """int64 [frames, 16]: the recording; None if its text is not known, then only the timbre is cloned."""
    speaker: Any
    """[width]: the speaker's embedding."""
    transcript: str


@dataclass(frozen=True, slots=True)
class Cloned:
    """A prompt on the device, ready for sentences."""

    item: Any
    """``qwen_tts.VoiceClonePromptItem``."""
    decoder: CausalDecoder
    """It has heard the recording, so that the first frame of a sentence continues in that voice."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence that is being made."""

    frames: Iterator[Any]
    most: int
    """Frames after which it is broken off."""
    decode: Callable[[Sequence[Any]], NDArray[np.float32]]
    """Returns the sound of the next frames, float32 [frames * 1920], mono, 24 kHz."""


class Model:
    """Made by ``load``. Its calls block, and only one utterance can be made at a time: hold ``turn``."""

    def __init__(self, torch: Any, tts: Any, identity: str, graphs: tuple[Any, Any] | None = None) -> None:
        """
        Args:
            tts: ``qwen_tts.Qwen3TTSModel``.
            graphs: (talker, predictor) of faster-qwen3-tts; without them the package's own code makes the frames.
        """
        self._torch = torch
        self._tts = tts
        self.identity = identity
        talker = tts.model.talker
        self._graphs = graphs
        self._steps = GraphSteps(torch, talker, *graphs) if graphs else StockSteps(talker)
        self.turn = threading.Lock()

    def prompt(self, sample: Sample, speaker_rate: int) -> Prompt:
        """Encode a recording; takes 0.1 to 5 s, the first time the longest.

        Args:
            speaker_rate: 16000 or 24000: which form of the recording the speaker encoder hears.
        """
        narrow = sample.narrow if speaker_rate < RATE else sample.wide[: round(sample.seconds * RATE)]
        heard = resampled(narrow, speaker_rate, RATE)  # the encoder only takes 24 kHz
        with self._torch.inference_mode():
            speaker = self._tts.model.extract_speaker_embedding(audio=heard, sr=RATE)
            codes = None
            if sample.transcript:
                codes = self._tts.model.speech_tokenizer.encode(sample.wide, sr=RATE).audio_codes[0].cpu()
        return Prompt(codes, speaker.float().cpu(), sample.transcript)

    def cloned(self, prompt: Prompt) -> Cloned:
        """Get a prompt ready: what depends only on the voice is done here, once."""
        torch, model = self._torch, self._tts.model
        decoder = CausalDecoder(torch, model.speech_tokenizer.model.decoder)
        codes = None if prompt.codes is None else prompt.codes.to(model.talker.device)
        if codes is not None:
            decoder.push(codes)
        item = importlib.import_module("qwen_tts").VoiceClonePromptItem(
            ref_code=codes,
            ref_spk_embedding=prompt.speaker.to(model.talker.device, model.talker.dtype),
            x_vector_only_mode=codes is None,
            icl_mode=codes is not None,
            ref_text=prompt.transcript,
        )
        return Cloned(item, decoder)

    def utter(self, text: str, voice: Cloned, language: str, most: int, seed: int | None) -> Utterance:
        """Begin a sentence of at most ``most`` frames; the work is done when the frames are requested.

        Raises:
            VoiceError: the text does not fit beside the recording.
        """
        torch = self._torch
        inputs = self._inputs(text, voice, language)
        room = POSITIONS - 1 - int(inputs.embeddings.shape[1])
        if room < _LEAST_ROOM:
            text = phrase("sentence and recording are too long together. Cut the recording to at most 20 s.")
            raise VoiceError(text)
        if seed is not None:
            torch.manual_seed(seed)
        decoder, most = voice.decoder.fork(), min(most, room)

        def decode(some: Sequence[Any]) -> NDArray[np.float32]:
            return np.asarray(decoder.push(torch.stack(list(some))).float().cpu().numpy(), np.float32)

        return Utterance(frames(torch, self._tts.model.talker, self._steps, inputs, most), most, decode)

    def warm(self, voice: Cloned, language: str, ramp: Sequence[int]) -> None:
        """Run everything once that the first sentence would otherwise wait for."""
        for size in dict.fromkeys(ramp):
            utterance = self.utter(_WARM_TEXT, voice, language, most=2, seed=None)
            made = list(utterance.frames)
            utterance.decode(made[:1] * size)

    def _inputs(self, text: str, voice: Cloned, language: str) -> Inputs:
        """Let the package build the prompt, and intercept it where it would begin to generate."""
        tts, talker = self._tts, self._tts.model.talker
        spoken = [tts._build_assistant_text(text)]
        said = tts._tokenize_texts([tts._build_ref_text(voice.item.ref_text)])[0] if voice.item.icl_mode else None

        def take(**given: Any) -> None:
            raise _Taken(given)

        talker.generate = take
        try:
            with self._torch.inference_mode():
                tts.model.generate(
                    input_ids=tts._tokenize_texts(spoken),
                    ref_ids=[said],
                    voice_clone_prompt=tts._prompt_items_to_voice_clone_prompt([voice.item]),
                    languages=[language],
                    non_streaming_mode=True,  # else the speed of a clone drifts (QwenLM/Qwen3-TTS#362)
                )
        except _Taken as taken:
            given = taken.given
            names = ("inputs_embeds", "attention_mask", "trailing_text_hidden", "tts_pad_embed")
            return Inputs(*(given[name] for name in names))
        finally:
            del talker.generate
        text = phrase(
            "this qwen-tts works in another way than the known one. Install: {command}", command=packages.INSTALL
        )
        raise VoiceError(text)


class _Taken(Exception):
    """Carries the arguments of the call of ``talker.generate``."""

    def __init__(self, given: dict[str, Any]) -> None:
        super().__init__()
        self.given = given


def free_memory() -> float | None:
    """Return the bytes of free graphics memory; None if there is no CUDA."""
    torch = importlib.import_module("torch")
    return float(torch.cuda.mem_get_info()[0]) if torch.cuda.is_available() else None


def load(folder: Path, identity: str, device: str) -> Model:
    """Load a model from a folder; on CUDA in bfloat16 and with its graphs captured, 10 to 30 s.

    Raises:
        VoiceError: a package is missing, or the files are not those of a Base model.
    """
    torch, qwen_tts = packages.load()
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    with packages.offline(), packages.quiet():
        try:
            tts = qwen_tts.Qwen3TTSModel.from_pretrained(
                str(folder), device_map=device, dtype=dtype, attn_implementation="sdpa"
            )
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            text = phrase(
                "the model in {folder} could not be read ({why}). Download it again, or choose another folder.",
                folder=folder,
                why=error,
            )
            raise VoiceError(text) from error
        if tts.model.tts_model_type != "base":
            kind = tts.model.tts_model_type
            raise VoiceError(
                phrase("{folder} is no Base model, which clones voices ({kind}).", folder=folder, kind=kind)
            )
        tts.model.eval()
        tts.model.talker.code_predictor.generation_config.pad_token_id = 0  # else each frame logs that it is not set
        graphs = captured(tts.model.talker, device, dtype) if device.startswith("cuda") else None
        if graphs:
            use_flash_attention(tts.model.talker.model)
    return Model(torch, tts, identity, graphs)


def captured(talker: Any, device: str, dtype: Any) -> tuple[Any, Any]:
    """Return (talker, predictor) as CUDA graphs, which speed the model up more than anything else: 3 to 9 times."""
    talker_graph = importlib.import_module("faster_qwen3_tts.talker_graph").TalkerGraph(
        talker.model, talker.config, device=device, dtype=dtype, max_seq_len=POSITIONS
    )
    predictor = talker.code_predictor
    predictor_graph = importlib.import_module("faster_qwen3_tts.predictor_graph").PredictorGraph(
        predictor, predictor.model.config, talker.config.hidden_size, device=device, dtype=dtype
    )
    predictor_graph.capture()
    talker_graph.capture()
    return talker_graph, predictor_graph


def use_flash_attention(model: Any) -> bool:
    """Read prompts with flash-attn where it is installed; the graphs keep what they were captured with."""
    if importlib.util.find_spec("flash_attn") is None:
        return False
    with contextlib.suppress(ImportError, ValueError, RuntimeError):
        model.set_attn_implementation("flash_attention_2")
        return True
    return False


def free_unused() -> None:
    """Give unused graphics memory back to the system."""
    gc.collect()  # a captured graph and its model refer to each other
    torch = importlib.import_module("torch")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
