"""How long a sentence takes until it is known how it is said: ``python -m tests.bench.spoken [FILE]``.

Prints the microseconds of the quickest of many passes for each kind of line, without the cache for repeated sentences.
FILE has other texts, one a line.
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from nodes.reply._reading.pronunciation import Pronunciations
from nodes.reply._spoken import spoken
from tests.read_aloud import WORDS

PASSES = 2_000
KINDS = {
    "plain": ("안녕하세요, 반가워요!", "오늘도 와 주셔서 고마워요."),
    "letters": ("와 진짜 대박이다 ㅋㅋㅋㅋ", "AI 방송 재밌다 ^^"),
    "numbers": (
        "오늘 5명이 3시에 모여서 게임해요!",
        "초코님 1,000원 후원 감사합니다 ㅋㅋ",
        "3만원 고마워요, 10번 말했어요.",
    ),
    "mixed": (
        "RTX4090 있으면 60fps로 돌아가요.",
        "내일 12:30에 방송 켤게요~",
        "마인크래프트 1.20 버전 나왔어요!",
        "오늘은 2026-11-22 일요일이에요.",
    ),
}


def microseconds(texts: Sequence[str], words: Pronunciations) -> float:
    """Return what one text costs on average in the quickest pass."""
    quickest = float("inf")
    for _ in range(PASSES):
        began = time.perf_counter()
        for text in texts:
            spoken.__wrapped__(text, words)
        quickest = min(quickest, time.perf_counter() - began)
    return quickest / len(texts) * 1e6


def main() -> None:
    words = Pronunciations.parse(WORDS.read_text(encoding="utf-8"))
    kinds = dict(KINDS)
    if len(sys.argv) > 1:
        kinds = {"file": tuple(Path(sys.argv[1]).read_text(encoding="utf-8").splitlines())}
    for kind, texts in kinds.items():
        print(f"{kind:8} {microseconds(texts, words):6.1f} us")


if __name__ == "__main__":
    main()
