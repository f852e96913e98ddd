"""Reads the streamer's pronunciation file: how a word is written, a tab, how it is said."""

import re
from collections.abc import Callable, Mapping

from schemas.language import KOREAN, Language

LINES = 20_000
LONGEST = 100
_SAID = re.compile(r"[가-힣 .,!?~]+")
_HANGUL = re.compile("[가-힣]")
_PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)?")


class Pronunciations:
    """Words and how they are said; case does not matter."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = {word: said for word, said in words.items() if _PLAIN.fullmatch(word)}
        """Words only in Latin letters, looked up one by one."""
        self._others = {word: said for word, said in words.items() if word not in self.words}
        self._pattern = (
            re.compile("|".join(map(_alone, sorted(self._others, key=len, reverse=True)))) if self._others else None
        )
        starts = {a + b for word in self._others for a in _cases(word[:1]) for b in _cases(word[1:2])}
        self._starts = re.compile("|".join(map(re.escape, sorted(starts))))
        """How such a word begins: quicker to look for than the words."""

    @classmethod
    def parse(cls, text: str, language: Language = KOREAN) -> "Pronunciations":
        """Read the file; ``#`` starts a comment. For Korean every reading is in Hangul, for others those that are not
        count.

        Raises:
            ValueError: ``line N: what is wrong``.
        """
        words: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if number > LINES:
                raise ValueError(f"line {number}: 발음은 {LINES:,}줄까지 적을 수 있습니다 / at most {LINES:,} lines")
            line = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
            if not line:
                continue
            written, _, said = (part.strip() for part in line.partition("\t"))
            if not said:
                raise ValueError(f"line {number}: 낱말, 탭, 읽는 법을 적으세요 / a word, a tab, and how it is said")
            if len(line) > LONGEST:
                raise ValueError(f"line {number}: 너무 깁니다 / longer than {LONGEST} characters")
            if language == KOREAN and not _SAID.fullmatch(said):
                raise ValueError(f"line {number}: 읽는 법은 한글로 적으세요: {said} / say it in Hangul: {said}")
            words[written.lower()] = said
        return cls(words)

    def plain(self, word: str) -> str:
        """Return how a word is said in another language than Korean; empty if the file does not say."""
        said = self.words.get(word.lower(), "")
        return "" if _HANGUL.search(said) else said

    def read_plain(self, text: str) -> str:
        """Do what ``read`` does, for another language than Korean."""
        if self._pattern is None or self._starts.search(text) is None:
            return text

        def said(match: re.Match[str]) -> str:
            found = self._others[match[0].lower()]
            return match[0] if _HANGUL.search(found) else found

        return self._pattern.sub(said, text)

    def read(self, text: str) -> str:
        """Replace words in the text as the file says, except those only in Latin letters."""
        if self._pattern is None or self._starts.search(text) is None:
            return text
        return self._pattern.sub(_said_of(self._others), text)


def _said_of(words: Mapping[str, str]) -> Callable[[re.Match[str]], str]:
    """Return what to put for a word; a number behind it stands apart."""

    def said(match: re.Match[str]) -> str:
        follows = match.string[match.end() : match.end() + 1]
        return words[match[0].lower()] + (" " if follows.isdecimal() else "")

    return said


def _cases(text: str) -> set[str]:
    return {text, text.lower(), text.upper()}


def _alone(word: str) -> str:
    """Return a pattern for the word where it is not part of another."""
    first, last = word[0], word[-1]
    before = (
        r"(?<![A-Za-z0-9])"
        if first.isascii() and first.isalnum()
        else "(?<![\u3131-\u318e])"
        if "\u3131" <= first <= "\u318e"
        else ""
    )
    behind = (
        r"(?![A-Za-z0-9])"
        if last.isascii() and last.isalnum()
        else "(?![\u3131-\u318e])"
        if "\u3131" <= last <= "\u318e"
        else ""
    )
    return f"{before}(?i:{re.escape(word)}){behind}"


NONE = Pronunciations({})
