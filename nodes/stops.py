"""Judges words by the lists, reports which list stopped them, and lets a person allow what was said."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from nodes.phrases import described, noted, phrase
from nodes.rude import Profanity
from nodes.services import Stopped, WatchedText
from nodes.words import LONGEST, NO_WORDS, BannedWords, add_allowed

BUILT_IN = noted("built-in list of rude words")
_PIECES = re.compile(r"[,，、#\n]+")
_MOST = 5
"""Allow at most this many parts of one text."""
_EDGES = " .!?~…\"'“”‘’()[]"


class Stops:
    """The lists of a filter or a guard."""

    def __init__(
        self, listed: WatchedText[BannedWords] | None, file: Path | None, profanity: Profanity | BannedWords
    ) -> None:
        self._listed = listed
        self._file = file
        self._profanity = profanity

    def found(self, text: str) -> Stopped | None:
        """Return what stops the text, already cleaned by ``clean``."""
        words = self._words
        if (word := words.found(text)) is not None:
            by = self._file.as_posix() if self._file is not None else ""
        elif (word := self._profanity.found(words.without_allowed(text.lower()))) is not None:
            by = described(BUILT_IN)
        else:
            return None
        listed = self._listed
        return Stopped(word=word, by=by, allow=None if listed is None else lambda: self._allow(listed.path, text))

    @property
    def _words(self) -> BannedWords:
        return self._listed.value if self._listed is not None else NO_WORDS

    def _allow(self, file: Path, text: str) -> tuple[str, ...]:
        """Add what was said to the list of what passes, in as few words as will let exactly this text pass."""
        said: list[str] = []
        words = self._words.without_allowed(text.lower())
        while (stopped := self._stopped(words)) is not None:
            part = next(_parts(words, lambda each: self._stopped(each) is not None), "")
            part = _wider(part, words, stopped)
            if not part or len(said) == _MOST:
                text = phrase("it spans a comma or a #, so no line can hold it. Write it into the list yourself.")
                raise ValueError(text)
            said.append(part)
            words = words.replace(part, " ")
        add_allowed(file, said)
        return tuple(said)

    def _stopped(self, text: str) -> str | None:
        return self._words.found(text) or self._profanity.found(text)


def _parts(text: str, stopped: Callable[[str], bool]) -> Iterator[str]:
    """Yield the parts of whole words that are stopped, the shortest first; none goes over a comma."""
    pieces = [piece.split() for piece in _PIECES.split(text)]
    for length in range(1, max(map(len, pieces)) + 1):
        for words in pieces:
            for start in range(len(words) - length + 1):
                part = " ".join(words[start : start + length]).strip(_EDGES)
                if 0 < len(part) <= LONGEST and stopped(part):
                    yield part


def _wider(part: str, text: str, word: str) -> str:
    """Return the part, or what it stands in if it is nothing but the banned word: that word shall stay banned."""
    if "".join(filter(str.isalnum, part)) != "".join(filter(str.isalnum, word)):
        return part
    around = next((piece.strip(_EDGES) for piece in _PIECES.split(text) if part in piece), "")
    return around if 0 < len(around) <= LONGEST else part
