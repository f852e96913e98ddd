"""Where an answer has to end although the model goes on: an invented turn of somebody else, a loop, its length.

Text goes in as it comes and comes out once it is sure to be said; where it ends does not depend on how it was split.
"""

import re
from collections.abc import Iterable
from typing import Literal

from nodes.llm._model.loose import RAW_BREAK

_THEIRS = (
    "user", "human", "viewer", "viewers", "chat", "system", "시청자", "사용자", "유저", "채팅", "시스템", "질문", "q",
)  # fmt: skip
_OWN = ("assistant", "ai", "bot", "model", "response", "answer", "답변", "대답", "응답", "a")
_WORD = rf"({'|'.join((*_THEIRS, *_OWN))})\s?(?:\d{{1,3}}|님)?[ *\])\"']{{0,4}}"
_LABEL = re.compile(rf"[*#>\[(\"' -]{{0,6}}{_WORD}[:：>]", re.IGNORECASE)
_NEARLY = re.compile(rf"[*#>\[(\"' -]{{0,6}}{_WORD}", re.IGNORECASE)
_BEFORE = " *#>[(\"'-"
_LONGEST_LABEL = 64
_DATA = re.compile(r"\{\s*[\"'](?:n|u|t|viewer|summary|note|topic|more|role|emotion|response)[\"']\s*:")
"""A line in the form of our own prompt, or another answer."""
_OPEN_DATA = re.compile(r"\{\s{0,8}(?:[\"'](?:[a-z]{0,8}(?:[\"']\s{0,8})?)?)?$")
_BREAKS = "\n" + RAW_BREAK
_SENTENCE = re.compile(r"[.!?…~。？！][\"'”’)\]]*\s|[\n\r]")

Why = Literal["", "turn", "loop", "long"]

_MOST_BLOCK = 4
"""Look for loops of at most this many sentences."""
_SHORT, _TIMES, _TIMES_SHORT = 6, 3, 4
"""A block of fewer letters than this may be repeated once more: 네! 네! 네!"""
_SAID_TWICE = 2
_WORDS, _WORD_TIMES, _WORD_LETTERS = 6, 10, 20
_STRIDE, _RUN, _PERIOD = 20, 80, 20
"""Ignoring blanks: at every 20th letter, whether the last 80 repeat the same 2 to 20."""


class Ends:
    """Takes the text of an answer.

    Args:
        most: characters of an answer; the rest is left out, from the end of a sentence on if there is one.
        names: who else may seem to speak in it: the viewers of the batch.
    """

    def __init__(self, most: int, names: Iterable[str] = ()) -> None:
        self.why: Why = ""
        """Why the answer was ended early."""
        self._most = most
        self._names = [name for name in dict.fromkeys(map(str.strip, names)) if 1 < len(name) < _LONGEST_LABEL]
        self._line = ""
        """What may become a label, or data in the form of the prompt."""
        self._at_line = True
        self._text = ""
        """All text that passed, except what comes after the end that ``why`` explains."""
        self._given = 0
        self._skips: Literal["", "line", "turn"] = ""
        """It began with what is not part of it: a line of data, or somebody's words up to its own label."""
        self._strips = False
        """Skipping blanks and stars after a label."""
        self._loop = _Loop()

    def push(self, text: str, *, ended: bool = False) -> str:
        """Return what is new and certain.

        Args:
            ended: nothing more comes.
        """
        data, self._line = self._line + text, ""
        while data and not self.why:
            data = self._begin_line(data, ended) if self._at_line else self._within_line(data, ended)
        return self._sure(ended or bool(self.why))

    def _begin_line(self, data: str, ended: bool) -> str:
        """Check whether a line begins with a label; return what is left of the text."""
        blanks = len(data) - len(data.lstrip())
        self._pass(data[:blanks])
        data = data[blanks:]
        if not data:
            return ""
        said = bool(self._text.strip())
        mark = _LABEL.match(data)
        if mark is None and not (said and self._named(data, whole=True)):
            if not ended and len(data) < _LONGEST_LABEL and (self._may_be_label(data) or (said and self._named(data))):
                self._line = data
                return ""
            self._at_line = False
            return data
        if mark is None or said:
            self.why = "turn"
            return ""
        self._skips = "" if mark[1].lower() in _OWN else "turn"
        self._at_line, self._strips = False, True
        return data[mark.end() :]

    def _may_be_label(self, data: str) -> bool:
        word = data.lstrip(_BEFORE).lower()
        return any(name.startswith(word) for name in (*_THEIRS, *_OWN)) or _NEARLY.fullmatch(data) is not None

    def _named(self, data: str, *, whole: bool = False) -> bool:
        """Return whether the line is said by a viewer of the batch, or may turn out to be."""
        word = data.lstrip(_BEFORE)
        for name in self._names:
            behind = word.removeprefix(name).lstrip(" *])\"'님") if word.startswith(name) else None
            if behind is not None and behind[:1] in (":", "："):
                return True
            if not whole and (name.startswith(word) or behind == ""):
                return True
        return False

    def _within_line(self, data: str, ended: bool) -> str:
        if self._strips:
            data = data.lstrip(" *")
            self._strips = not data
        cut = min((at for at in map(data.find, _BREAKS) if at >= 0), default=len(data))
        line, rest = data[:cut], data[cut:]
        found = _DATA.search(line)
        if found:
            if self._text.strip() or line[: found.start()].strip():
                self._pass(line[: found.start()])
                self.why = self.why or "turn"
                return ""
            self._skips, line = self._skips or "line", ""
        tail = None if rest or ended else _OPEN_DATA.search(line)
        if tail:
            line, self._line = line[: tail.start()], line[tail.start() :]
        self._pass(line)
        if rest:
            self._skips = "" if self._skips == "line" else self._skips
            self._pass(rest[0])
            self._at_line = True
        return rest[1:]

    def _pass(self, text: str) -> None:
        if self._skips or self.why:
            return
        for sign in text:
            if not self._text and sign.isspace():
                continue
            if len(self._text) >= self._most:
                self._too_long()
                return
            self._text += sign
            if self._loop.over(self._text, sign):
                self._text = self._text[: self._loop.cut]
                self.why = "loop"
                return

    def _too_long(self) -> None:
        """End with the last whole sentence, if that is not too early; else with the last word."""
        self.why = "long"
        ends = [end.end() for end in _SENTENCE.finditer(self._text + " ") if end.end() > self._most // 2]
        blank = self._text.rfind(" ", self._most // 2)
        self._text = self._text[: ends[-1] if ends else blank if blank > 0 else self._most]

    def _sure(self, over: bool) -> str:
        upto = len(self._text)
        if not over:
            if upto > self._most // 2:
                ends = [end.end() for end in _SENTENCE.finditer(self._text, self._most // 2 - 1)]
                upto = max(self._given, ends[-1] if ends else self._most // 2)
            if self._loop.holds:
                upto = min(upto, max(self._given, self._loop.cut))
            while upto > self._given and self._text[upto - 1] in _BREAKS:
                upto -= 1
        elif self.why:
            upto = max(self._given, len(self._text.rstrip(_BREAKS)))
        given, self._given = self._text[self._given : upto], max(self._given, upto)
        return given.replace(RAW_BREAK, " ")


class _Loop:
    """Notices repetition: of sentences, words, letters."""

    def __init__(self) -> None:
        self.cut = 0
        """Where the text ends if it is a loop: after its second occurrence."""
        self.holds = False
        """The last sentences were said twice: a third time is held back until it turns out to be something else."""
        self._size = self._again = 0
        """How many sentences were said twice, and how many of them have come again since."""
        self._sentences: list[tuple[str, int]] = []
        """(letters, where it ends)"""
        self._words: list[str] = []
        self._word = self._sentence = ""
        self._letters = ""
        """The last letters."""
        self._count = 0

    def over(self, text: str, sign: str) -> bool:
        """Take one more character; True if it is a loop."""
        if sign.isalnum():
            self._word += sign
            self._letters += sign
            self._count += 1
            if self._count % _STRIDE == 0 and self._runs():
                self.cut = len(text)
                return True
            return False
        if self._word:
            self._words = [*self._words[-_WORDS * _WORD_TIMES :], self._word]
            self._sentence += self._word
            self._word = ""
        if sign in ".!?…~。？！\n\r":
            if self._sentence:
                return self._told(text)
            if self._sentences:  # one more mark of the same sentence
                self._sentences[-1] = (self._sentences[-1][0], len(text))
                self.cut = len(text) if self.cut == len(text) - 1 else self.cut
        elif sign == " " and self._sentences and self._sentences[-1][1] == len(text) - 1:
            self._sentences[-1] = (self._sentences[-1][0], len(text))
            self.cut = len(text) if self.cut == len(text) - 1 else self.cut
        elif self._says_words():
            self.cut = len(text)
            return True
        return False

    def _told(self, text: str) -> bool:
        """Take a whole sentence; True if it is a loop."""
        self._sentences.append((self._sentence, len(text)))
        self._sentence, self._words = "", []
        told = [each for each, _ in self._sentences]
        if self.holds and told[-1] == told[-1 - self._size]:
            self._again += 1
            letters = sum(map(len, told[-self._size :]))
            return self._again >= self._size * ((_TIMES if letters >= _SHORT else _TIMES_SHORT) - _SAID_TWICE)
        self.holds = False
        for size in range(1, _MOST_BLOCK + 1):
            if self._times(told, size) >= _SAID_TWICE:
                self.holds, self._size, self._again, self.cut = True, size, 0, len(text)
                break
        return False

    @staticmethod
    def _times(units: list[str], size: int) -> int:
        """Count how often the last block of ``size`` units is repeated at the end."""
        block, times = units[-size:], 1
        while len(block) == size and units[-size * (times + 1) : len(units) - size * times] == block:
            times += 1
        return times

    def _says_words(self) -> bool:
        for size in range(1, _WORDS + 1):
            if self._times(self._words, size) >= _WORD_TIMES:
                return sum(map(len, self._words[-size * _WORD_TIMES :])) >= _WORD_LETTERS
        return False

    def _runs(self) -> bool:
        last = self._letters = self._letters[-_RUN:]
        if len(last) < _RUN or len(set(last)) == 1:  # a long laugh is not a loop
            return False
        return any(last[size:] == last[:-size] for size in range(2, _PERIOD + 1))
