"""Splits a stream of text into sentences; how the text was divided into chunks never matters."""

import re

from nodes import feelings
from nodes.reply._reading import directions

ENDS = ".!?…~。？！～"
CLOSERS = "\"'”’)]}」』》〉）］】"
EMOTE = re.compile(r"\{:[\w-]{1,64}:\}")
OPEN_EMOTE = re.compile(r"\{:?[\w-]{0,64}:?$")
ADDRESS = re.compile(r"(?:://|www\.)\S*$")
DATE = re.compile(
    r"(?<!\d)(?:(?:19|20)\d\d\.\s?\d{1,2}\.(?:\s?\d{1,2}\.)?|2\d\.\s?\d{1,2}\.\s?\d{1,2}\.|\d{1,2}\.\s\d{1,2}\.)\s*$"
)
"""A date, whose last full stop does not end a sentence."""
AROUND = re.compile(r"(?<![\w*_~])(?:\*{2,3}|__|~~)$")
SPAN = re.compile(r"\d\S*(?:\s\S{1,3})?\s+$")
"""What stands before a tilde that goes on to something: ``5만 원 ~ 10만 원``."""
AFTER_DIGITS = re.compile(r"\d\.\s+$")
QUOTED = re.compile(r"[.!?…~。？！～][\"'”’」』](\s*)$")
"""What somebody is quoted with, if the sentence goes on behind it: ``"안녕!"이라고 했어요``."""
TELLS = "하라이며고는"
"""How words begin that tell of a quotation."""
LISTED = re.compile(r"(?:^|\s)(\d{1,2})\.(?=\s|$)")
"""A number of a list within a line."""
SHORT = re.compile(
    r"(?<![A-Za-z])(?:no|mr|mrs|ms|dr|vs|vol|ep|ver|lv|feat|ft|prof|st|etc|ph\.d|inc|ltd|corp|jr|sr|p|pp|fig|(?:[a-z]\.)+[a-z])\.$",
    re.IGNORECASE,
)
"""Abbreviations that end with a full stop."""


class Cutter:
    """Holds the text of one turn that has not been returned as a sentence yet, and the feeling it is said with."""

    def __init__(self, max_chars: int, *, stage: bool = False) -> None:
        """
        Args:
            stage: sentences keep their stage directions, for the caption.
        """
        self._max_chars = max_chars
        self._stage = stage
        self._text = ""
        self._emotion = ""
        self._code = False
        self._closes = ""
        """Signs of emphasis that stood before a direction, and stand behind it too."""
        self.emotion = "neutral"
        """The feeling from here on."""

    def feed(self, text: str, emotion: str | None = None) -> list[tuple[str, str]]:
        """Take more text; return (sentence, emotion at its start) for each sentence now certain to be complete.

        A feeling tag, or a stage direction that names one, ends a sentence: ("", feeling) stands in its place.
        """
        if emotion is not None:
            self.emotion = emotion
        done: list[tuple[str, str]] = []
        for character in text:
            if self._closes:
                behind, self._closes = self._closes, self._closes[1:] if character == self._closes[0] else ""
                if character == behind[0]:
                    continue
            if self._complete(character):
                done += self._give()
            if not self._text:
                self._emotion = self.emotion
            if self._text or not character.isspace():
                self._text += character
            if character in directions.CLOSING:
                done += self._felt()
            elif character == "`":
                done += self._fenced()
        return done

    def flush(self) -> list[tuple[str, str]]:
        """Return what is left as a last sentence, if there is anything to show."""
        if self._code:
            self._text, self._code = "", False
        return self._give()

    def _give(self) -> list[tuple[str, str]]:
        shown = directions.shown(EMOTE.sub("", self._text), stage=self._stage)
        self._text = ""
        return [(shown, self._emotion)] if shown else []

    def _felt(self) -> list[tuple[str, str]]:
        """Handle the character just taken if it closes a tag or a direction that names a feeling."""
        if self._code or not (found := directions.closed(self._text)):
            return []
        feeling = feelings.feeling(directions.within(found))
        if not feeling:
            return []
        kept = "" if directions.is_tag(directions.within(found)) else found[0]
        self._text = self._text[: found.start()]
        if around := AROUND.search(self._text):
            self._text, self._closes = self._text[: around.start()], around[0]
        done = self._give() if directions.shown(self._text) else []
        self._text, self.emotion = self._text + kept, feeling
        self._emotion = feeling
        return [*done, ("", feeling)]

    def _fenced(self) -> list[tuple[str, str]]:
        """Handle the character just taken if it begins or ends a code block."""
        if not self._text.endswith("```"):
            return []
        if self._code:
            self._text, self._code = "", False
            return []
        self._text = self._text[:-3]
        done = self._give()
        self._code = True
        return done

    def _complete(self, following: str) -> bool:
        """Return whether a sentence ends right before the character ``following``."""
        if self._code:
            self._text = self._text[-3:]
            return False
        if following in "\r\n":
            return True
        if following in ENDS or following in CLOSERS or (following == "*" and self._emphasis()):
            return False
        return self._ended(following) or self._too_long(following)

    def _ended(self, following: str) -> bool:
        quoted = QUOTED.search(self._text)
        if quoted and (following.isspace() or following in TELLS or (not quoted[1] and "가" <= following <= "힣")):
            return False
        if quoted and quoted[1]:
            return self._outside()
        body = self._text.rstrip(CLOSERS + "*")
        if AFTER_DIGITS.search(body):
            number = body.strip(" .").isdecimal() or DATE.search(body) or _listed(body)
            return not (following.isspace() or following.isdecimal() or number) and self._outside()
        words = body.rstrip(ENDS)
        end = body[len(words) :]
        if not end or not words.strip() or (not following.isspace() and ADDRESS.search(body)):
            return False
        if end == ".":
            # 3.14, example.com, the "1." of a list, and 2024. 3. 5.: what follows a digit shows whether it goes on
            if (words[-1:].isdecimal() and following.isspace()) or SHORT.search(body) or DATE.search(body):
                return False
            if words.strip().isdecimal():
                return False
            if _is_jamo(words[-1:]) and _is_jamo(following):
                return False  # ㅠ.ㅠ
            return not (following.isascii() and following.isalnum()) and self._outside()
        if set(end) == {"."}:
            return False  # a pause
        if set(end) <= set("~～") and SPAN.search(words):
            return False
        return (following.isspace() or not set(end) <= set("~～")) and self._outside()

    def _emphasis(self) -> bool:
        """Return whether an asterisk would close what another one opened."""
        return self._text.count("*") % 2 == 1 or self._text.count("**") % 2 == 1

    def _outside(self) -> bool:
        """Return whether no bracket is open that may become a stage direction."""
        return directions.OPENING.search(self._text) is None

    def _too_long(self, following: str) -> bool:
        length = len(self._text)
        if length < self._max_chars or not self._outside():
            return False
        if following.isspace() or (self._text[-1] in ",，、" and not following.isdecimal()):
            return True
        return length >= 2 * self._max_chars and not OPEN_EMOTE.search(self._text)


def _listed(body: str) -> bool:
    """Return whether a text ends with the next number of a list: ``1. 사과 2.``."""
    found = [int(number) for number in LISTED.findall(body)[-2:]]
    return len(found) == 2 and found[0] + 1 == found[1]


def _is_jamo(character: str) -> bool:
    return "ㄱ" <= character <= "ㅣ"
