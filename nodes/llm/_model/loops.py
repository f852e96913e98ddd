"""Where a text ends that repeats itself, in sentences, words, letters or signs, or that is too long. Pure."""

import re

_MOST_BLOCK = 6
"""Look for loops of at most this many sentences."""
_SHORT, _SAID_TWICE = 6, 2
_TIMES = ((3, 10), (_SHORT, 8), (14, 4), (21, 3))
"""A block of fewer letters than the first number may be said so many times: 영차!, 가즈아!, 대한민국 파이팅!"""
_WORDS, _WORD_TIMES, _WORD_LETTERS = 6, 10, 30
_ALIKE, _ALIKE_SHORT = 6, 12
"""The same for sentences that differ in numbers: counting to ten is not a loop."""
_SIGNS, _LAUGH = 80, 60
_NUMBERS = re.compile(r"\d+")
_REPEATED = re.compile(r"(.{1,6}?)\1+")
_STRIDE, _RUN, _PERIOD = 20, 80, 26
"""Ignoring blanks: at every 20th letter, whether the last 80 repeat the same 2 to 26."""
SENTENCE = re.compile(r"[.!?…~。？！][\"'”’)\]]*\s|[\n\r]")


class Loop:
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
        self._alike: list[str] = []
        """The same sentences without numbers and without what is repeated in them."""
        self._words: list[str] = []
        self._word = self._sentence = ""
        self._letters = ""
        """The last letters."""
        self._count = 0
        self._laughs = self._signs = 0
        """Letters of one kind beyond ``_RUN``; characters since the last letter."""

    def goes_on(self, text: str) -> bool:
        """Take letters that only continue a word, all at once; False, and nothing is taken, if ``over`` has to look."""
        if not text.isalnum() or self._count % _STRIDE + len(text) >= _STRIDE:
            return False
        self._word += text
        self._letters += text
        self._count += len(text)
        self._signs = 0
        return True

    def over(self, text: str, sign: str) -> bool:
        """Take one more character; True if it is a loop."""
        self._signs = 0 if sign.isalnum() else self._signs + 1
        if self._signs > _SIGNS:
            self.cut = len(text)
            return True
        if sign.isalnum():
            self._word += sign
            self._letters += sign
            self._count += 1
            if self._count % _STRIDE == 0 and self._runs():
                self.cut = len(text)
                return True
            return False
        if self._word:
            if len(self._word) == 1 or len(set(self._word)) > 1:  # laughter is not a loop
                alike = self._word if self._word.isdigit() else _NUMBERS.sub("0", self._word)
                self._words = [*self._words[-_WORDS * _WORD_TIMES :], alike]
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
        if self._varies():
            self.cut = len(text)
            return True
        if self.holds and told[-1] == told[-1 - self._size]:
            self._again += 1
            letters = sum(map(len, told[-self._size :]))
            times = next((times for most, times in _TIMES if letters < most), _SAID_TWICE)
            return self._again > self._size * (times - _SAID_TWICE)
        self.holds = False
        for size in range(1, _MOST_BLOCK + 1):
            if self._times(told, size) >= _SAID_TWICE:
                self.holds, self._size, self._again, self.cut = True, size, 0, len(text)
                break
        return False

    def _varies(self) -> bool:
        """Return whether the last sentences are the same but for numbers, or repetition within."""
        alike = self._alike = [*self._alike, _REPEATED.sub(r"\1", _NUMBERS.sub("0", self._sentences[-1][0]))]
        if self._sentences[-1][0].isdigit():  # counting is not a loop
            return False
        for size in range(1, _MOST_BLOCK + 1):
            times = self._times(alike, size)
            letters = sum(map(len, alike[-size:]))
            if times >= (_ALIKE if letters >= _SHORT else _ALIKE_SHORT):
                return True
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
            times = self._times(self._words, size)
            if times >= _WORD_TIMES and sum(map(len, self._words[-size * times :])) >= _WORD_LETTERS:
                return True
        return False

    def _runs(self) -> bool:
        last = self._letters = self._letters[-_RUN:]
        if len(last) < _RUN:
            return False
        if len(set(last)) == 1:  # a long laugh is not a loop
            self._laughs += _STRIDE
            return self._laughs > _LAUGH
        self._laughs = 0
        return any(last[size:] == last[:-size] for size in range(2, _PERIOD + 1))


def whole(text: str, most: int) -> str:
    """End a text of ``most`` characters with the last whole sentence, if that is not too early; else with a word."""
    ends = [end.end() for end in SENTENCE.finditer(text + " ") if end.end() > most // 2]
    blank = text.rfind(" ", most // 2)
    return text[: ends[-1] if ends else blank if blank > 0 else most]
