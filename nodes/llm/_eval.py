"""The emotion test: its questions, the count, and the report. Pure."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

GOAL = 0.85
"""The share that counts as passed, once even the lower end of the interval is above it."""
Z = 1.959964
"""Quantile of the normal distribution, for 95 %."""
NONE = "-"
"""Stands for an answer without one of the character's emotions, or for no answer."""


@dataclass(frozen=True, slots=True)
class Case:
    """A line of chat and the emotions that count as right; the first one is its class."""

    text: str
    accepted: tuple[str, ...]


def parse(text: str, emotions: Sequence[str]) -> list[Case]:
    """Parse lines of ``emotion,emotion<TAB>line``; empty lines and those that begin with ``#`` are skipped.

    Raises:
        ValueError: ``line N: what is wrong``.
    """
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        labels, tab, said = line.partition("\t")
        accepted = tuple(label.strip() for label in labels.split(","))
        if not tab or not said.strip():
            raise ValueError(f"line {number}: emotions, a tab and the line of chat are needed")
        unknown = [label for label in accepted if label not in emotions]
        if unknown:
            raise ValueError(f"line {number}: {unknown[0][:20]!r} is no emotion; there are {', '.join(emotions)}")
        cases.append(Case(said.strip(), accepted))
    if not cases:
        raise ValueError("line 1: there is no line to ask")
    return cases


def in_turns(cases: Iterable[Case]) -> list[Case]:
    """Take one case of each class in turn, so that a part of the test has all of them."""
    classes: dict[str, list[Case]] = {}
    for case in cases:
        classes.setdefault(case.accepted[0], []).append(case)
    longest = max(map(len, classes.values()), default=0)
    return [group[index] for index in range(longest) for group in classes.values() if index < len(group)]


def wilson(right: int, asked: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927); (0, 1) if nothing was asked."""
    if asked == 0:
        return 0.0, 1.0
    share = right / asked
    centre = share + Z * Z / (2 * asked)
    spread = Z * math.sqrt(share * (1 - share) / asked + Z * Z / (4 * asked * asked))
    scale = 1 + Z * Z / asked
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def report(results: Sequence[tuple[Case, str]], emotions: Sequence[str], about: Mapping[str, str], whole: int) -> str:
    """Format the result as text.

    Args:
        results: each case and the emotion of its answer, ``NONE`` if it has none; those count as wrong.
        about: what was asked, and of which model, as lines ``name: value``.
        whole: how many cases the test has.
    """
    right = sum(given in case.accepted for case, given in results)
    low, high = wilson(right, len(results))
    lines = [f"{name}: {value}" for name, value in about.items()]
    if len(results) < whole:
        lines.append(f"주의: {whole}문장 가운데 {len(results)}문장만 물었습니다. 전체 시험의 결과가 아닙니다.")
    lines += [
        f"정확도: {right}/{len(results)} = {100 * right / max(1, len(results)):.1f} %"
        f" (Wilson 95 %: {100 * low:.1f} ~ {100 * high:.1f} %)",
        f"목표 {100 * GOAL:.0f} %: {_verdict(low, high)}",
        f"감정이 없거나 모르는 감정: {sum(given == NONE for _, given in results)}",
        "",
        *_table(results, emotions),
    ]
    return "\n".join(lines)


def _verdict(low: float, high: float) -> str:
    if low > GOAL:
        return "넘었습니다 (구간의 아래 끝도 넘습니다)."
    return "못 미칩니다." if high < GOAL else "아직 알 수 없습니다 (구간이 목표를 포함합니다)."


def _table(results: Sequence[tuple[Case, str]], emotions: Sequence[str]) -> list[str]:
    """A row for each class: what was answered, and how much of it was right."""
    columns = (*emotions, NONE)
    rows = ["줄: 대표 감정, 칸: 캐릭터의 감정", f"{'':<10}" + "".join(f"{name:>10}" for name in columns) + "      맞음"]
    for emotion in emotions:
        mine = [(case, given) for case, given in results if case.accepted[0] == emotion]
        given_by = Counter(given for _, given in mine)
        right = sum(given in case.accepted for case, given in mine)
        share = f"{right}/{len(mine)}" + (f" {100 * right / len(mine):.0f} %" if mine else "")
        rows.append(f"{emotion:<10}" + "".join(f"{given_by[name]:>10}" for name in columns) + f"  {share:>12}")
    return rows
