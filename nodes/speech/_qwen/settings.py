"""What a person can set about the Qwen3-TTS voice."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from nodes.speech._speaking.speak import LANGUAGE, Speaking
from schemas.language import Language, Speaks


class Qwen(Speaking):
    """Settings of the Qwen3-TTS voice."""

    samples: Path = Field(
        Path("assets/voice_samples"),
        title="Voice samples",
        description=(
            "Folder with a recording of the voice: ref.wav (3 s at least) and ref_text.txt, "
            "ref_<feeling>.wav for each feeling."
        ),
    )
    model: str = Field(
        "auto",
        min_length=1,
        title="Model",
        description="Model: auto (what fits the graphics memory), 1.7B, 0.6B, or a folder with a model.",
    )
    home: Path = Field(
        Path("cache/huggingface"),
        title="Folder of models",
        description="Hugging Face folder to look for the model in; also in HF_HOME, if that is set.",
    )
    device: Literal["auto", "cuda", "cpu"] = Field(
        "auto",
        title="Computed on",
        description="auto and cuda: an NVIDIA card. cpu is far slower than real time, for trials only.",
    )
    language: Annotated[Language | None, Speaks()] = Field(None, title="Language", description=LANGUAGE)
    ramp: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field(
        (1, 2, 4, 8),
        min_length=1,
        max_length=16,
        title="Sizes of sound pieces",
        description=("Sizes of the parts of sound (in 80 ms); the smaller the first, the sooner the first sound."),
    )
    longest_s: float = Field(
        30.0,
        ge=2.0,
        le=60.0,
        title="Longest sentence in seconds",
        description="Longest sentence, in seconds; beyond it is cut off.",
    )
    speaker_rate: Literal[16000, 24000] = Field(
        16000,
        title="Sampling rate of samples",
        description="Sample rate (Hz) at which the recording is listened to; 24000 hears the high tones too.",
    )
    seed: int | None = Field(
        None,
        ge=0,
        lt=2**31,
        title="Seed of the voice",
        description="The same sound for the same text; empty: a little different each time.",
    )
    cache: Path = Field(Path("cache/voices"), title="Folder of cloned voices", description="Folder for cloned voices.")
