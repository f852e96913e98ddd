"""Chooses what is said in place of a sentence that must not be said."""

from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import replace

from nodes.phrases import described, phrase
from nodes.reply._reading.pronunciation import NONE
from nodes.reply._spoken import said
from nodes.services import Log
from schemas.reply import Sentence

INSTEAD = (
    "음, 그 말은 마음속에만 담아 둘게요!",
    "앗, 이 이야기는 여기까지만 할래요.",
    "{character}는 다른 이야기가 더 좋아요!",
    "이건 비밀이에요. 다음 이야기로 넘어가요!",
)
_TURNS = 16
"""How many turns are remembered: in each, one line is said in place of all replaced sentences."""


class Instead:
    """Tracks which line comes next, which turns have had theirs, and how often sentences were replaced."""

    def __init__(self) -> None:
        self._next = 0
        self._turns: OrderedDict[str, None] = OrderedDict()
        self.counts: Counter[str] = Counter()

    def of(self, sentence: Sentence, lines: Sequence[str], why: str, log: Log) -> Sentence:
        """Return the sentence with its text replaced: by a line the first time in a turn, by nothing after that.

        Args:
            why: a sentence of the catalogue (``noted``).
        """
        self._count(why, log)
        if sentence.turn in self._turns:
            return replace(sentence, text="", spoken="")
        self._turns[sentence.turn] = None
        if len(self._turns) > _TURNS:
            self._turns.popitem(last=False)
        line = lines[self._next % len(lines)]
        self._next += 1
        return replace(sentence, text=line, spoken=said(line, NONE, sentence.language))

    def _count(self, why: str, log: Log) -> None:
        """Count a replacement; log the first of a kind and each power of ten, so that many do not fill the log."""
        self.counts[why] += 1
        count = self.counts[why]
        if str(count).rstrip("0") == "1":
            reason = described(why)
            text = phrase("A sentence of an answer was replaced: {why} (so far: {count})", why=reason, count=count)
            log.warning(text, reason=reason, count=count)
