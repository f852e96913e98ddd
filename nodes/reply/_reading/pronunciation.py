"""Reads the streamer's pronunciation file: how a word is written, a tab, how it is said."""

import re
from collections.abc import Callable, Iterable, Mapping

from nodes.phrases import phrase
from nodes.reply._reading.rule import one_of
from nodes.written import WrongLine
from schemas.language import KOREAN, Language

LINES = 20_000
LONGEST = 100
_SAID = re.compile(r"[가-힣 .,!?~]+")
_HANGUL = re.compile("[가-힣]")
_JAMO, _LAUGHS = "[\u3131-\u318e]", "ㅋㅎㅠㅜ"
_PLAIN = re.compile(r"[a-z]+(?:'[a-z]+)?")


class Pronunciations:
    """Words and how they are said; case does not matter."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = {word: said for word, said in words.items() if _PLAIN.fullmatch(word)}
        """Words only in Latin letters, looked up one by one."""
        self._others = {word: said for word, said in words.items() if word not in self.words}
        self._pattern = _any_of(self._others) if self._others else None
        starts = {a: set[str]() for word in self._others for a in _cases(word[:1])}
        for word in self._others:
            for a in _cases(word[:1]):
                starts[a].add(word[1:3])
        self._starts = re.compile(
            "|".join(
                re.escape(a) + ("" if "" in rests else f"(?i:{one_of(rests)})") for a, rests in sorted(starts.items())
            )
        )
        """How such a word begins: quicker to look for than the words."""
        syllables = [re.escape(word) for word in self._others if _HANGUL.match(word)]
        self.needs = re.compile("|".join(["[^가-힣 .,!?]", *syllables]))
        """What a text holds that may change: a sign that is not plain Hangul, or a word of the file in Hangul."""

    @classmethod
    def parse(cls, text: str, language: Language = KOREAN) -> "Pronunciations":
        """Read the file; ``#`` starts a comment. For Korean every reading is in Hangul, for others those that are not
        count.

        Raises:
            WrongLine: a line is not a word and how it is said.
        """
        words: dict[str, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            if number > LINES:
                raise WrongLine(number, phrase("the file holds at most {most} lines", most=f"{LINES:,}"))
            line = re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip()
            if not line:
                continue
            written, _, said = (part.strip() for part in line.partition("\t"))
            if not said:
                raise WrongLine(number, phrase("write a word, a tab, and how it is said"))
            if len(line) > LONGEST:
                raise WrongLine(number, phrase("longer than {most} characters", most=LONGEST))
            if language == KOREAN and not _SAID.fullmatch(said):
                raise WrongLine(number, phrase("write in Hangul how it is said: {said}", said=said))
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


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Compile what finds one of the words where it is not part of another, the longest first."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word)
    branches: list[str] = []
    for first, beginning in by_first.items():
        own = _like(first)
        own = "[가-힣]" if _HANGUL.match(first) else own  # a particle may follow, so its end is open
        before = f"(?<!{own}.)" if own else ""
        if first.isdecimal():
            before += r"(?<!\d[.,].)"  # 12.5K
        rest = "|".join(f"(?i:{re.escape(word[1:])})" + _end(word) for word in beginning)
        branches.append(f"(?i:{re.escape(first)}){before}(?:{rest})")
    firsts = "".join(map(re.escape, by_first))
    return re.compile(f"(?=(?i:[{firsts}]))(?:{'|'.join(branches)})", re.DOTALL)


def _end(word: str) -> str:
    """Return what the end of a word is known by; laughter and tears may follow letters alone: ``ㄹㅇㅋㅋ``."""
    like = _like(word[-1])
    if like == _JAMO and word[-1] not in _LAUGHS:
        return f"(?![{_LAUGHS}]*(?![{_LAUGHS}]){_JAMO})"
    return f"(?!{like})" if like else ""


def _like(character: str) -> str:
    """Return the set of characters that make a longer word with this one beside them; empty if none do."""
    if character.isascii() and character.isalnum():
        return "[A-Za-z0-9]"
    return _JAMO if "\u3131" <= character <= "\u318e" else ""


NONE = Pronunciations({})
