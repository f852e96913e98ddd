"""Reads and applies lists of banned words."""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from nodes.phrases import phrase
from nodes.text import clean, without_emotes
from nodes.written import WrongLine, written

WORDS = 50_000
"""A list has at most this many words."""
LONGEST = 100
"""A word has at most this many characters."""
ALLOWED = "# 독에서 괜찮다고 한 말"
"""Heads the lines that ``add_allowed`` adds."""
_COMMENT = re.compile(r"(?:^|\s)#")
_COMMA = re.compile(r"(?<!\d)\s*[,，、]\s*|\s*[,，、]\s*(?!\d)")


class BannedWords:
    """A list of words; punctuation between the letters of a word never hides it, and blanks only rarely.

    Blanks count as gaps only if the word starts at a word boundary and, for a word of two letters, ends at one too:
    "시 발" is found, "다시 발표" is not. Words are looked up by their first two letters, so that thousands of them cost
    no more for a line than ten, and a pattern is compiled only for a word whose letters were seen. An
    Aho-Corasick package would find exact words only, and punctuation may stand between any two letters.
    """

    def __init__(self, words: Iterable[str], allowed: Iterable[str] = ()) -> None:
        """
        Args:
            allowed: what only looks like one of the words, and is ignored wherever it occurs.
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
        """Read a list: one word per line, or several separated by commas; ``#`` starts a comment.

        A word preceded by ``+`` is allowed even if it contains one of the others, or one from the list of rude words.

        Raises:
            WrongLine: a word is too long, or there are too many.
        """
        words: dict[str, None] = {}
        allowed: dict[str, None] = {}
        for number, line in enumerate(text.splitlines(), 1):
            for word in _COMMA.split(_COMMENT.split(line, maxsplit=1)[0]):
                word = word.strip()
                if len(word) > LONGEST:
                    text = phrase("a word of more than {most} characters; write one word a line", most=LONGEST)
                    raise WrongLine(number, text)
                kind, word = (allowed, word[1:]) if word.startswith("+") and len(word) > 1 else (words, word)
                if word := clean(word).lower():
                    kind[word] = None
            if len(words) + len(allowed) > WORDS:
                raise WrongLine(number, phrase("the list holds at most {most} words", most=f"{WORDS:,}"))
        return cls(words, allowed)

    def __contains__(self, text: str) -> bool:
        """Whether the text, already cleaned by ``clean``, contains one of the words."""
        return self.found(text) is not None

    def found(self, text: str) -> str | None:
        """Return the word of the list that the text, already cleaned by ``clean``, contains."""
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
        """Return the lower-case text with a blank in place of what is allowed."""
        return self._allowed.sub(" ", lowered) if self._allowed is not None else lowered


def add_allowed(file: Path, said: Sequence[str]) -> None:
    """Add lines to a list of banned words that let these texts pass; what is in it already is not added again.

    Raises:
        OSError: the file cannot be read or written.
        NotText: the file is not text.
    """
    raw = file.read_bytes()
    text, encoding = written(raw)
    known = {line.strip() for line in text.splitlines()}
    new = [f"+{each}" for each in said if f"+{each}" not in known]
    if not new:
        return
    heading = [] if ALLOWED in known else ["", ALLOWED]
    end = "\r\n" if b"\r\n" in raw else "\n"
    lines = ("" if not text or text.endswith("\n") else end) + "".join(line + end for line in [*heading, *new])
    with file.open("ab") as out:
        out.write(_encoded(lines, encoding, raw))


def _encoded(text: str, encoding: str, raw: bytes) -> bytes:
    """Encode what is appended as the file is, without another byte order mark."""
    if encoding in ("utf-16", "utf-32"):
        encoding += "-be" if raw.startswith(codecs.BOM_UTF16_BE) else "-le"
    return text.encode(encoding)


class Starts:
    """Indexes words by their first two letters, to find all that occur in a text in one pass."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_start: dict[str, list[str]] = {}
        for word in words:
            self._by_start.setdefault(word[:2], []).append(word)

    def within(self, text: str) -> Iterator[str]:
        """Yield the words that occur in the text."""
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
