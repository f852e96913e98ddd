"""Cuts a sentence into the clauses that the voice makes one after the other."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

SHORTEST = 6
"""Syllables; a shorter clause is over before the next is made, and is harder to understand (both measured)."""
LONGEST = 14
"""Syllables; a longer clause keeps the listener waiting for its first sound."""
OPENING = 9
"""Syllables of the clause that opens an answer: everybody waits for it, so it is shorter than would sound best."""
_TOO_SHORT = 4.0
"""Cost per squared syllable missing to ``SHORTEST``."""
_MID_PHRASE = 6.0
"""Cost of a cut between two words with no punctuation."""
_LENGTH = 0.05
"""Cost per squared syllable: many even clauses rather than a few long ones."""

_PIECE = re.compile(r"\S+")
_HANGUL = re.compile(r"[가-힣]")
_STOP = re.compile(r"[.!?…][~,.!?…]*$")
_COMMA = re.compile(r"[,~]$")


Pause = Literal["stop", "comma", "phrase"]


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a sentence with the pause that belongs after it."""

    text: str
    pause: Pause
    """``stop`` after . ! ? …, ``comma`` after , ~, ``phrase`` between two words."""


def clauses(spoken: str, opening: int = LONGEST) -> tuple[Clause, ...]:
    """Return the clauses of a sentence, in order; together they hold all its words. Without a syllable there are none.

    The cheapest cuts at spaces are found by dynamic programming over the words: at punctuation if possible, between
    ``SHORTEST`` and ``LONGEST`` syllables. Only a word without a space can be cut inside, when it is longer than that.

    Args:
        opening: most syllables of the first clause, if its first word allows that.
    """
    words = [part for word in _PIECE.findall(spoken) for part in _short_enough(word)]
    lengths = [len(_HANGUL.findall(word)) for word in words]
    pauses: list[Pause] = [_pause(word) for word in words]
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(words) + 1):
        options: list[tuple[float, int]] = []
        syllables = 0
        for begin in range(end - 1, -1, -1):
            syllables += lengths[begin]
            if syllables > (LONGEST if begin or end == 1 else opening):
                break
            cost = _TOO_SHORT * max(0, SHORTEST - syllables) ** 2 + _LENGTH * syllables**2
            if end < len(words) and pauses[end - 1] == "phrase":
                cost += _MID_PHRASE
            options.append((best[begin][0] + cost, begin))
        best.append(min(options))
    cut: list[Clause] = []
    end = len(words)
    while end:
        begin = best[end][1]
        cut.append(Clause(" ".join(words[begin:end]), pauses[end - 1]))
        end = begin
    return tuple(clause for clause in reversed(cut) if _HANGUL.search(clause.text))


def _short_enough(word: str) -> list[str]:
    """Return the word, cut after every ``LONGEST`` syllables if it has more."""
    places = [found.end() for found in _HANGUL.finditer(word)]
    ends = [0, *places[LONGEST - 1 : -1 : LONGEST], len(word)]
    return [word[begin:end] for begin, end in pairwise(ends)]


def _pause(word: str) -> Pause:
    if _STOP.search(word):
        return "stop"
    return "comma" if _COMMA.search(word) else "phrase"
