"""Words that are not let through, also when they are written with gaps."""

import re
from dataclasses import dataclass

from nodes.chat._text import clean, without_emotes


@dataclass(frozen=True, slots=True)
class _Word:
    letters: str
    """Letters and digits only: a quick test before the exact one."""
    pattern: re.Pattern[str]


class BannedWords:
    """A list of words; punctuation between the letters of a word never hides it, and blanks only rarely.

    Blanks are gaps only where the word begins on its own, and, for a word of two letters, ends on its own too: "시 발"
    is found, "다시 발표" is not.
    """

    def __init__(self, words: list[str]) -> None:
        self._words = [_word(word) for word in words]

    @classmethod
    def parse(cls, text: str) -> "BannedWords":
        """One word a line; ``#`` begins a comment."""
        lines = (clean(re.split(r"(?:^|\s)#", line, maxsplit=1)[0]).lower() for line in text.splitlines())
        return cls([line for line in dict.fromkeys(lines) if line])

    def __contains__(self, text: str) -> bool:
        """Whether the text, which ``clean`` has given, holds one of the words."""
        if not self._words:
            return False
        lowered = without_emotes(text.lower())
        letters = _letters(lowered)
        return any(word.letters in letters and word.pattern.search(lowered) for word in self._words)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _word(word: str) -> _Word:
    letters = _letters(word)
    if not letters:
        return _Word("", re.compile(re.escape(word)))
    characters = [re.escape(letter) for letter in letters]
    dense = r"(?:[^\w\s]|_)*".join(characters)
    spaced = r"[\W_]*".join(characters)
    end = r"(?![^\W_])" if len(characters) == 2 else ""
    return _Word(letters, re.compile(rf"{dense}|(?<![^\W_]){spaced}{end}"))
