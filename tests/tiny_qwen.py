"""Writes a tiny Qwen3-TTS Base model with random weights, so that the real packages run completely on a CPU.

The folder has the files, the names of tensors and the ids (codec vocabulary 3072, end 2150, 16 codebooks of 2048,
12.5 frames a second of 1920 samples) of ``Qwen/Qwen3-TTS-12Hz-1.7B-Base``; only the widths are small: 10 MB. A sentence
ends soon after its text, at a frame that depends on text and seed (``_teach_end``). The weights depend on their names
alone, so the folder is the same whatever version of torch wrote it.
"""

import functools
import json
import tempfile
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodes.speech._qwen import packages
from nodes.speech._qwen.sample import Sample, prepared
from nodes.speech._speaking.voice import VoiceError

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")
CODEC_IDS: dict[str, Any] = {
    "codec_pad_id": 2148,
    "codec_bos_id": 2149,
    "codec_eos_token_id": 2150,
    "codec_think_id": 2154,
    "codec_nothink_id": 2155,
    "codec_think_bos_id": 2156,
    "codec_think_eos_id": 2157,
    "codec_language_id": {
        "chinese": 2055,
        "english": 2050,
        "german": 2053,
        "italian": 2070,
        "portuguese": 2071,
        "spanish": 2054,
        "japanese": 2058,
        "korean": 2064,
        "french": 2061,
        "russian": 2069,
    },
}
_QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_CORPUS = (
    "안녕하세요 여러분, 오늘도 방송에 와 주셔서 감사합니다.",
    "무엇이든 물어보세요!",
    "Hello everyone, thank you.",
)
_END_CHANCE, _TEMPERATURE = 0.06, 0.9
_LOUDNESS = 0.08


_places: list[tempfile.TemporaryDirectory[str]] = []
"""The folder of the model; removed when the process ends."""


@functools.cache
def folder() -> Path:
    """Return the model of this process, made at the first call; skip the test if the packages are not installed."""
    try:
        packages.check()
        torch, _ = packages.load()
    except VoiceError as reason:
        pytest.skip(f"Qwen3-TTS cannot be loaded here: {reason}")
    torch.set_num_threads(1)
    _places.append(tempfile.TemporaryDirectory(prefix="aischoco-tiny-qwen-"))
    return write(Path(_places[-1].name))


def recording(seconds: float = 3.4, rate: int = 24_000) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Make something like speech: a buzz that rises and falls four times a second, between two pauses."""
    at = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 140 * k * at) / k for k in range(1, 30))
    return (0.2 * buzz * np.sin(2 * np.pi * 2 * at) ** 2).astype(np.float32)


def sample(transcript: str = "안녕하세요 여러분 오늘도 반가워요", digest: str = "0") -> Sample:
    """Make a recording as the model takes it."""
    pair, problems = prepared(recording()[:, None], 24_000, transcript)
    assert pair is not None, problems
    return Sample("ref.wav", digest, transcript, *pair, problems)


def write(folder: Path) -> Path:
    """Write the model; 0.5 s once torch and qwen_tts are imported (6 s)."""
    torch, _ = packages.load()
    core: Any = import_module("qwen_tts.core")
    models: Any = import_module("qwen_tts.core.models")
    text = write_tokenizer(folder)
    config, codec_config = model_config(text), codec_settings()
    write_settings(folder, config, codec_config)
    with torch.no_grad():
        codec = core.Qwen3TTSTokenizerV2Model(core.Qwen3TTSTokenizerV2Config(**codec_config)).eval()
        _fill(torch, codec)
        _set_loudness(torch, codec.decoder)
        save(codec, folder / "speech_tokenizer")
        model = models.Qwen3TTSForConditionalGeneration(models.Qwen3TTSConfig(**config)).eval()
        _fill(torch, model)
        model.talker.codec_head.weight.mul_(2.0)
        _teach_end(torch, model.talker, model.speaker_encoder, text["<tts_pad>"])
        save(model, folder)
    return folder


def write_settings(folder: Path, config: dict[str, Any], codec_config: dict[str, Any]) -> None:
    """Return the JSON files that go beside the weights."""
    _dump(folder / "config.json", config)
    _dump(folder / "generation_config.json", {"do_sample": True, "temperature": 0.9, "top_k": 50, "max_new_tokens": 64})
    _dump(folder / "preprocessor_config.json", {"padding_side": "left", "processor_class": "Qwen3TTSProcessor"})
    _dump(folder / "speech_tokenizer" / "config.json", codec_config)
    _dump(
        folder / "speech_tokenizer" / "preprocessor_config.json",
        {"feature_extractor_type": "EncodecFeatureExtractor", "feature_size": 1, "sampling_rate": 24000},
    )


def model_config(text: dict[str, int]) -> dict[str, Any]:
    """Return config.json; ``text`` holds the ids of ``SPECIALS`` and the ``size`` of the vocabulary."""
    attention: dict[str, Any] = {
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "attention_bias": False,
        "attention_dropout": 0,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-6,
        "rope_theta": 1000000,
        "use_sliding_window": False,
        "sliding_window": None,
    }
    return {
        "architectures": ["Qwen3TTSForConditionalGeneration"],
        "model_type": "qwen3_tts",
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_size": "1b7",
        "tts_model_type": "base",
        "assistant_token_id": 0,
        "im_start_token_id": text["<|im_start|>"],
        "im_end_token_id": text["<|im_end|>"],
        "tts_pad_token_id": text["<tts_pad>"],
        "tts_bos_token_id": text["<tts_text_bos>"],
        "tts_eos_token_id": text["<tts_text_eod>"],
        "speaker_encoder_config": {
            "mel_dim": 128,
            "enc_dim": 32,
            "enc_channels": [16, 16, 16, 16, 48],
            "enc_kernel_sizes": [5, 3, 3, 3, 1],
            "enc_dilations": [1, 2, 3, 4, 1],
            "enc_attention_channels": 8,
            "enc_res2net_scale": 8,
            "enc_se_channels": 8,
            "sample_rate": 24000,
        },
        "talker_config": {
            "model_type": "qwen3_tts_talker",
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "vocab_size": 3072,
            "text_vocab_size": text["size"],
            "text_hidden_size": 32,
            "num_code_groups": 16,
            "max_position_embeddings": 32768,
            "position_id_per_seconds": 13,
            "rope_scaling": {
                "interleaved": True,
                "mrope_section": [4, 2, 2],
                "rope_type": "default",
                "type": "default",
            },
            **attention,
            **CODEC_IDS,
            "spk_id": {},
            "spk_is_dialect": {},
            "code_predictor_config": {  # narrower than the talker, as in the 1.7B model, so that there is a projection
                "model_type": "qwen3_tts_talker_code_predictor",
                "hidden_size": 16,
                "intermediate_size": 32,
                "num_hidden_layers": 2,
                "vocab_size": 2048,
                "num_code_groups": 16,
                "max_position_embeddings": 65536,
                "rope_scaling": None,
                "layer_types": ["full_attention"] * 2,
                **attention,
            },
        },
    }


def codec_settings() -> dict[str, Any]:
    """Return speech_tokenizer/config.json: Mimi as encoder, Qwen's own decoder."""
    attention = {"num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2, "head_dim": 16}
    common = {"hidden_size": 32, "intermediate_size": 64, "layer_scale_initial_scale": 0.01, "rope_theta": 10000.0}
    return {
        "architectures": ["Qwen3TTSTokenizerV2Model"],
        "model_type": "qwen3_tts_tokenizer_12hz",
        "encoder_valid_num_quantizers": 16,
        "input_sample_rate": 24000,
        "output_sample_rate": 24000,
        "decode_upsample_rate": 1920,
        "encode_downsample_rate": 1920,
        "encoder_config": {
            "model_type": "mimi",
            "sampling_rate": 24000,
            "frame_rate": 12.5,
            "audio_channels": 1,
            "num_filters": 4,
            "kernel_size": 7,
            "residual_kernel_size": 3,
            "last_kernel_size": 3,
            "num_residual_layers": 1,
            "compress": 2,
            "dilation_growth_rate": 2,
            "upsampling_ratios": [8, 6, 5, 4],
            **common,
            **attention,
            "max_position_embeddings": 8000,
            "sliding_window": 250,
            "num_quantizers": 16,
            "num_semantic_quantizers": 1,
            "codebook_size": 2048,
            "codebook_dim": 8,
            "vector_quantization_hidden_dimension": 8,
            "upsample_groups": 32,
            "use_cache": False,
        },
        "decoder_config": {
            "latent_dim": 32,
            "codebook_dim": 16,
            "codebook_size": 2048,
            "semantic_codebook_size": 4096,
            "num_quantizers": 16,
            "num_semantic_quantizers": 1,
            "vector_quantization_hidden_dimension": 16,
            **common,
            **attention,
            "max_position_embeddings": 8000,
            "sliding_window": 72,
            "decoder_dim": 64,
            "upsample_rates": [8, 5, 4, 3],
            "upsampling_ratios": [2, 2],
        },
    }


def write_tokenizer(folder: Path) -> dict[str, int]:
    """Write a byte-level BPE of 532 tokens; return the ids of ``SPECIALS`` and the ``size``.

    The package cuts prompts by position, so "assistant" and a new line must be one token each.
    """
    tokenizers: Any = import_module("tokenizers")
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    pre = tokenizers.pre_tokenizers
    made.pre_tokenizer = pre.Sequence(
        [
            pre.Split(tokenizers.Regex(_QWEN_SPLIT), behavior="isolated"),
            pre.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=600, initial_alphabet=pre.ByteLevel.alphabet(), show_progress=False
    )
    made.train_from_iterator(["assistant\nuser\n"] * 200 + list(_CORPUS) * 3, trainer)
    (folder / "speech_tokenizer").mkdir(parents=True, exist_ok=True)
    made.model.save(str(folder))
    size = made.get_vocab_size()
    ids = {name: size + number for number, name in enumerate(SPECIALS)}
    _dump(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "Qwen2Tokenizer",
            "add_prefix_space": False,
            "added_tokens_decoder": {
                str(number): {"content": name, "lstrip": False, "normalized": False, "rstrip": False, "special": True}
                for name, number in ids.items()
            },
            "additional_special_tokens": list(SPECIALS[1:]),
            "eos_token": "<|im_end|>",
            "pad_token": "<|endoftext|>",
            "model_max_length": 131072,
        },
    )
    return {"size": size + len(SPECIALS), **ids}


def _dump(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _fill(torch: Any, module: Any) -> None:
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if name.endswith("inv_freq") or not tensor.is_floating_point():
            continue
        chance = torch.Generator().manual_seed(zlib.crc32(name.encode()))
        if name.endswith(("embedding_sum", "embed_sum")):  # codebooks, which are initialised to zero
            tensor.copy_(torch.randn(tensor.shape, generator=chance) * 0.5)
        elif name.endswith(("cluster_usage", "initialized")):
            tensor.fill_(1.0)
        elif tensor.dim() >= 2:
            scale = 1.0 if "embedding" in name else tensor[0].numel() ** -0.5
            tensor.copy_(torch.randn(tensor.shape, generator=chance) * scale)
        elif name.endswith("bias"):
            tensor.zero_()
        elif name.endswith(".weight"):
            tensor.fill_(1.0)
        elif name.endswith((".scale", ".gamma")):
            tensor.fill_(0.1)
        elif name.endswith((".alpha", ".beta")):
            tensor.zero_()


def _set_loudness(torch: Any, decoder: Any) -> None:
    """Scale the last convolution by the level of its output before that is limited to -1..1."""
    last, seen = decoder.decoder[-1].conv, []
    last.bias.zero_()
    hook = last.register_forward_hook(lambda _module, _given, out: seen.append(out))
    decoder(torch.randint(0, 2048, (1, 16, 50), generator=torch.Generator().manual_seed(2)))
    hook.remove()
    scale = float(_LOUDNESS / seen[0].std())
    last.weight.mul_(scale)
    last.bias.fill_(-float(seen[0].mean()) * scale)


def _teach_end(torch: Any, talker: Any, speaker_encoder: Any, pad: int) -> None:
    """Let each frame after the text end the sentence with a probability of 6 %; random weights never do.

    The first axis of the talker's states is reserved for "the text is used up": only the embedding of <tts_pad>, which
    the model is fed from then on, writes to it, and the row of the end token in the output layer reads only this axis.
    """
    tables = [talker.get_input_embeddings(), *talker.code_predictor.get_input_embeddings()]
    for table in tables:
        table.weight[:, 0] = 0.0
    words, project, end = talker.get_text_embeddings(), talker.text_projection, CODEC_IDS["codec_eos_token_id"]
    words.weight[:, 0] = 0.0
    words.weight[pad, 0] = 1.0
    for layer, gain in ((project.linear_fc1, 4.0), (project.linear_fc2, 1.0)):
        layer.weight[0] = 0.0
        layer.weight[:, 0] = 0.0
        layer.bias[0] = 0.0
        layer.weight[0, 0] = gain
    for layer in talker.model.layers:
        layer.self_attn.o_proj.weight[0] = 0.0
        layer.mlp.down_proj.weight[0] = 0.0
    speaker_encoder.fc.weight[0] = 0.0
    speaker_encoder.fc.bias[0] = 0.0
    talker.codec_head.weight[:, 0] = 0.0
    talker.codec_head.weight[end] = 0.0
    codes = torch.randint(0, 2048, (256, 16), generator=torch.Generator().manual_seed(1))
    frames = sum(table(codes[:, number]) for number, table in enumerate(tables))
    fed = frames + project(words(torch.tensor([[pad]])))[0, 0]
    states = talker.model(inputs_embeds=fed[None], use_cache=False).last_hidden_state[0]
    others = (states @ talker.codec_head.weight[:2048].T / _TEMPERATURE).topk(50).values.logsumexp(-1)
    odds = torch.log(torch.tensor(_END_CHANCE / (1 - _END_CHANCE)))
    talker.codec_head.weight[end, 0] = ((others + odds) * _TEMPERATURE / states[:, 0]).median()


def save(model: Any, folder: Path) -> None:
    """Write the weights."""
    safetensors: Any = import_module("safetensors.torch")
    tensors = {name: tensor.detach().clone().contiguous() for name, tensor in model.state_dict().items()}
    safetensors.save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


class Eager:
    """Runs what a graph of faster-qwen3-tts has captured, for a machine without CUDA."""

    def __init__(self, call: Any) -> None:
        self.replay = call


def eager_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the graph classes of faster-qwen3-tts work without CUDA: ``capture`` prepares the caches and records nothing,
    a replay runs the same code that would have been captured."""
    torch, _ = packages.load()
    talker: Any = import_module("faster_qwen3_tts.talker_graph").TalkerGraph
    predictor: Any = import_module("faster_qwen3_tts.predictor_graph").PredictorGraph

    def capture(self: Any, *_: Any, **__: Any) -> None:
        with torch.inference_mode():
            self._init_cache_layers()
            self._build_attention_masks()
        self.graph = Eager(self._decode_step if isinstance(self, talker) else self._full_loop)

    for graph in (talker, predictor):
        monkeypatch.setattr(graph, "capture", capture)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 0)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda *_: None)
