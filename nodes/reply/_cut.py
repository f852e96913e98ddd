"""Cuts a stream of text into sentences; how the text was chopped into pieces never matters."""

import re

ENDS = ".!?…~。？！～"
CLOSERS = "\"'”’)]}」』》〉"
EMOTE = re.compile(r"\{:[\w-]{1,64}:\}")
OPEN_EMOTE = re.compile(r"\{:?[\w-]{0,64}:?$")
ADDRESS = re.compile(r"(?:://|www\.)\S*$")


class Cutter:
    """The text of one turn that has not been given as a sentence yet."""

    def __init__(self, max_chars: int) -> None:
        self._max_chars = max_chars
        self._text = ""
        self._emotion = ""

    def feed(self, text: str, emotion: str) -> list[tuple[str, str]]:
        """Take more text; give (sentence, emotion at its start) for each that is now certain to be complete."""
        done: list[tuple[str, str]] = []
        for character in text:
            if self._complete(character):
                done += self.flush()
            if not self._text:
                self._emotion = emotion
            if self._text or not character.isspace():
                self._text += character
        return done

    def flush(self) -> list[tuple[str, str]]:
        """What is left, as a last sentence, if there is anything to show."""
        shown = EMOTE.sub("", self._text).strip()
        self._text = ""
        return [(shown, self._emotion)] if shown else []

    def _complete(self, following: str) -> bool:
        """Whether a sentence ends right before the character ``following``."""
        if following in "\r\n":
            return True
        if following in ENDS or following in CLOSERS:
            return False
        return self._ended(following) or self._too_long(following)

    def _ended(self, following: str) -> bool:
        body = self._text.rstrip(CLOSERS)
        words = body.rstrip(ENDS)
        end = body[len(words) :]
        if not end or (not following.isspace() and ADDRESS.search(body)):
            return False
        if end == ".":
            # 3.14, example.com, and the "1." of a list
            return not (following.isascii() and following.isalnum()) and not words.strip().isdecimal()
        if set(end) == {"."}:
            return False  # a pause
        return following.isspace() or not set(end) <= set("~～")

    def _too_long(self, following: str) -> bool:
        length = len(self._text)
        if length < self._max_chars:
            return False
        if following.isspace() or (self._text[-1] in ",，、" and not following.isdecimal()):
            return True
        return length >= 2 * self._max_chars and not OPEN_EMOTE.search(self._text)
