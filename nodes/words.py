"""Lists of words that are not let through."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nodes.text import clean, without_emotes

WORDS = 50_000
"""Most words of a list."""
LONGEST = 100
"""Most characters of a word."""
_COMMENT = re.compile(r"(?:^|\s)#")
_COMMA = re.compile(r"(?<!\d)\s*[,，、]\s*|\s*[,，、]\s*(?!\d)")


class BannedWords:
    """A list of words; punctuation between the letters of a word never hides it, and blanks only rarely.

    Blanks are gaps only where the word begins on its own, and, for a word of two letters, ends on its own too: "시 발"
    is found, "다시 발표" is not. Words are looked for by their first two letters, so that thousands of them cost a line
    no more than ten, and a pattern is made only for a word whose letters were seen. (An Aho-Corasick automaton of a
    package was measured: a line of chat has too few letters for it to gain anything.)
    """

    def __init__(self, words: Iterable[str], allowed: Iterable[str] = ()) -> None:
        """
        Args:
            allowed: what only looks like one of the words, and is passed over wherever it stands.
        """
        self._words: dict[str, list[str]] = {}
        self._signs: list[str] = []
        for word in words:
            if letters := _letters(word):
                self._words.setdefault(letters, []).append(word)
            elif word:
                self._signs.append(word)
        self.letters = list(self._words)
        """The words as letters and digits only."""
        self._starts = Starts(self.letters)
        longest = sorted(set(allowed), key=len, reverse=True)
        self._allowed = re.compile("|".join(map(re.escape, longest))) if longest else None

    @classmethod
    def parse(cls, text: str) -> "BannedWords":
        """Read a list: one word a line, or several with commas between; ``#`` begins a comment.

        A word with ``+`` before it is let through although one of the others, or of the list of rude words, stands in
        it.

        Raises:
            ValueError: ``line N: what is wrong``.
        """
        words: dict[str, None] = {}
        allowed: dict[str, None] = {}
        for number, line in enumerate(text.splitlines(), 1):
            for word in _COMMA.split(_COMMENT.split(line, maxsplit=1)[0]):
                word = word.strip()
                if len(word) > LONGEST:
                    raise ValueError(
                        f"line {number}: {LONGEST}자보다 긴 낱말입니다. 한 줄에 하나씩 적으세요"
                        f" / longer than {LONGEST} characters; write one word a line"
                    )
                kind, word = (allowed, word[1:]) if word.startswith("+") and len(word) > 1 else (words, word)
                if word := clean(word).lower():
                    kind[word] = None
            if len(words) + len(allowed) > WORDS:
                raise ValueError(f"line {number}: 낱말은 {WORDS:,}개까지입니다 / at most {WORDS:,} words")
        return cls(words, allowed)

    def __contains__(self, text: str) -> bool:
        """Whether the text, which ``clean`` has given, holds one of the words."""
        return self.found(text) is not None

    def found(self, text: str) -> str | None:
        """The word of the list that stands in the text, which ``clean`` has given."""
        lowered = self.without_allowed(without_emotes(text.lower()))
        for sign in self._signs:
            if sign in lowered:
                return sign
        if not self.letters:
            return None
        for letters in dict.fromkeys(self._starts.within(_letters(lowered))):
            if _pattern(letters).search(lowered):
                return self._words[letters][0]
        return None

    def without_allowed(self, lowered: str) -> str:
        """The text of small letters with a blank in the place of what is allowed."""
        return self._allowed.sub(" ", lowered) if self._allowed is not None else lowered


class Starts:
    """Words by their first two letters, to find all that stand in a text in one pass."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for word in words:
            self._by_start.setdefault(word[:2], []).append(word)

    def within(self, text: str) -> Iterator[str]:
        """The words that stand in the text."""
        for at in range(len(text)):
            for start in (text[at : at + 2], text[at]):
                for word in self._by_start.get(start, ()):
                    if len(start) == min(len(word), 2) and text.startswith(word, at):
                        yield word


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@lru_cache(maxsize=1024)
def _pattern(letters: str) -> re.Pattern[str]:
    characters = [re.escape(letter) for letter in letters]
    dense = r"(?:[^\w\s]|_)*".join(characters)
    spaced = r"[\W_]*".join(characters)
    end = r"(?![^\W_])" if len(characters) == 2 else ""
    return re.compile(rf"{dense}|(?<![^\W_]){spaced}{end}")


NO_WORDS = BannedWords(())
