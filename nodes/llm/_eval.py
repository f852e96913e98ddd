"""The emotion test: its questions, the count, and the report. Pure."""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nodes.phrases import phrase
from nodes.written import WrongLine

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
        WrongLine: a line is not one of these, or there is none.
    """
    cases: list[Case] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        labels, tab, said = line.partition("\t")
        accepted = tuple(label.strip() for label in labels.split(","))
        if not tab or not said.strip():
            raise WrongLine(number, phrase("emotions, a tab and the line of chat are needed"))
        unknown = [label for label in accepted if label not in emotions]
        if unknown:
            word, known = repr(unknown[0][:20]), ", ".join(emotions)
            raise WrongLine(number, phrase("{word} is no emotion; there are {emotions}", word=word, emotions=known))
        cases.append(Case(said.strip(), accepted))
    if not cases:
        raise WrongLine(1, phrase("there is no line to ask"))
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
        lines.append(
            phrase(
                "Note: only {asked} of {whole} lines were asked. This is not the result of the whole test.",
                asked=len(results),
                whole=whole,
            )
        )
    share = f"{right}/{len(results)} = {100 * right / max(1, len(results)):.1f} %"
    share += f" (Wilson 95 %: {100 * low:.1f} ~ {100 * high:.1f} %)"
    lines += [
        phrase("right: {share}", share=share),
        phrase("goal {goal}: {verdict}", goal=f"{100 * GOAL:.0f} %", verdict=_verdict(low, high)),
        phrase("no emotion, or an unknown one: {count}", count=sum(given == NONE for _, given in results)),
        "",
        *_table(results, emotions),
    ]
    return "\n".join(lines)


def _verdict(low: float, high: float) -> str:
    if low > GOAL:
        return phrase("reached (by the lower end of the interval too).")
    return phrase("missed.") if high < GOAL else phrase("not known yet (the goal is within the interval).")


def _table(results: Sequence[tuple[Case, str]], emotions: Sequence[str]) -> list[str]:
    """A row for each class: what was answered, and how much of it was right."""
    columns = (*emotions, NONE)
    heads = "".join(f"{name:>10}" for name in columns)
    rows = [
        phrase("rows: the main emotion, columns: the character's"),
        f"{'':<10}{heads}  {phrase('right'):>10}",
    ]
    for emotion in emotions:
        mine = [(case, given) for case, given in results if case.accepted[0] == emotion]
        given_by = Counter(given for _, given in mine)
        right = sum(given in case.accepted for case, given in mine)
        share = f"{right}/{len(mine)}" + (f" {100 * right / len(mine):.0f} %" if mine else "")
        rows.append(f"{emotion:<10}" + "".join(f"{given_by[name]:>10}" for name in columns) + f"  {share:>12}")
    return rows
