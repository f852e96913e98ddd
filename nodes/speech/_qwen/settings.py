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
        description="목소리 녹음 폴더. ref.wav(3초 이상)와 ref_text.txt, 감정마다 ref_<감정>.wav.",
    )
    model: str = Field(
        "auto",
        min_length=1,
        description="모델. auto(그래픽 메모리에 맞게), 1.7B, 0.6B, 또는 모델이 든 폴더.",
    )
    home: Path = Field(
        Path("cache/huggingface"),
        description="모델을 찾을 Hugging Face 폴더. HF_HOME이 있으면 거기서도 찾습니다.",
    )
    device: Literal["auto", "cuda", "cpu"] = Field(
        "auto", description="auto와 cuda는 NVIDIA 그래픽 카드. cpu는 실시간보다 훨씬 느려 시험할 때만 씁니다."
    )
    language: Annotated[Language | None, Speaks()] = Field(None, description=LANGUAGE)
    ramp: tuple[Annotated[int, Field(ge=1, le=64)], ...] = Field(
        (1, 2, 4, 8),
        min_length=1,
        max_length=16,
        description="소리 조각의 크기(80 ms 단위). 처음이 작을수록 첫소리가 빠릅니다.",
    )
    longest_s: float = Field(30.0, ge=2.0, le=60.0, description="한 문장이 가장 길 때(초). 넘으면 끊습니다.")
    speaker_rate: Literal[16000, 24000] = Field(
        16000, description="음색을 알아낼 때 듣는 녹음의 표본 주파수(Hz). 24000은 높은 소리까지 듣습니다."
    )
    seed: int | None = Field(None, ge=0, lt=2**31, description="같은 글에 늘 같은 소리. 비우면 매번 조금씩 다릅니다.")
    cache: Path = Field(Path("cache/voices"), description="복제한 목소리를 간직할 폴더.")
