"""The JSON object that the model was asked for, read as it comes and as a person would read it.

json-repair reads as much, but only whole texts (42 us a piece, each time from the beginning), and what it makes of the
beginning of a text may change later, when it has already been spoken. Here nothing is taken back, and how the text
was split into pieces changes nothing.
"""

import re
from collections.abc import Sequence
from typing import Literal

from nodes.llm._model.escapes import unescaped

KEYS = (
    "response", "responses", "text", "reply", "replies", "answer", "message", "content", "speech", "say", "line",
    "dialogue", "output", "response_text", "reply_text", "final_answer", "assistant", "utterance",
    "spoken", "말", "응답", "대답", "답변", "대사",
)  # fmt: skip
"""Keys that may hold the text; the first is the one the model is asked for."""
_TONGUES = ("ko", "kr", "ko-kr", "ko_kr", "kor", "korean", "한국어")
"""Keys within the value of such a key, when a model writes its text in several languages."""
_EMOTIONS = ("emotion", "emotions", "mood", "feeling", "emotion_tag", "감정")
_THOUGHTS = re.compile(r"think|thought|reason|analysis|plan|explanation|생각|추론|이유")
"""In the value of a key like this there is no answer."""
_NO_TEXT = re.compile(r"(?:null|none|true|false|[-+.\d]*)$", re.IGNORECASE)
RAW_BREAK = "\r"
"""Stands for a line break that was not escaped."""
_CLOSES = {'"': '"', "'": "'", "“": "”", "‘": "’", "”": "”", "`": "`"}
_STOPS = {quote: re.compile(rf"[\\\n{quote}]") for quote in _CLOSES.values()}
"""What is not just a sign of the string that this quotation mark closes."""
_KEY = re.compile(
    r"[\s,，;{]*(?:\"([^\"\\\n]{0,40})\"|'([^'\\\n]{0,40})'|[“”]([^“”\n]{0,40})[“”]|(\w{1,40}))\s{0,8}[:：=]>?\s*",
)
_PARTIAL_KEY = re.compile(
    r"[\s,，;{]*(?:(?:\"[^\"\\\n]{0,40}\"|'[^'\\\n]{0,40}'|[“”][^“”\n]{0,40}[“”]|\w{1,40})\s{0,8}"
    r"|\"[^\"\\\n]{0,40}|'[^'\\\n]{0,40}|[“”][^“”\n]{0,40})?"
)
"""Every beginning of a key, whatever signs are in it."""
_NEXT_KEY = re.compile(
    r"(?:[,，]\s{0,8}){0,3}[\"'“”][A-Za-z_가-힣][A-Za-z_가-힣0-9]{0,23}[\"'”“]\s{0,8}[:：=]"
    r"|(?:,\s{0,8}){1,3}[A-Za-z_]{1,24}\s{0,8}:"
)
_PARTIAL_NEXT = re.compile(
    r"(?:[,，]\s{0,8}){0,3}(?:[\"'“”](?:[A-Za-z_가-힣][A-Za-z_가-힣0-9]{0,23}(?:[\"'”“]\s{0,8})?)?)?"
    r"|(?:,\s{0,8}){1,3}[A-Za-z_]{0,24}\s{0,8}"
)
_NEXT_BARE = re.compile(r"\s+[A-Za-z_가-힣]{1,24}\s{0,8}=")
_PARTIAL_BARE = re.compile(r"\s+(?:[A-Za-z_가-힣]{1,24}\s{0,8})?")
_COMMENT = re.compile(r"[\s,;]*(?:(?://|#)[^\n]*\n|/\*.*?\*/)", re.DOTALL)
_OPEN_COMMENT = re.compile(r"[\s,;]*(?:/\Z|(?://|#)[^\n]*\Z|/\*(?:(?!\*/).)*\Z)", re.DOTALL)
_MORE = re.compile(r",\s*[\"'“]?\w{1,24}[\"'”]?\s*:")
_ENDS = frozenset("\"'”}]`\\")
_TAIL = re.compile(r"[\"'”}\]`\\][\"'”}\]\s`\\]*\Z")
"""What ends the object if nothing follows: a quotation mark that was escaped, or one of another kind."""
_LONGEST_LOOK = 80
"""Characters after a quotation mark that decide whether it ends the text."""


class Loose:
    """Takes an object from its ``{``; what follows its end is in ``rest``.

    Args:
        keys: which may hold the text.
    """

    def __init__(self, keys: Sequence[str] = KEYS) -> None:
        self._keys = keys
        self.key = ""
        """The one that held the text."""
        self.emotion: str | None = None
        self.led = True
        """The emotion stands before the text."""
        self.text = ""
        self.named = False
        """There is a key that may hold the text."""
        self.over = False
        self.rest = ""
        self._left: str = ""
        self._depth = 0
        self._key: str = ""
        self._quote: str = ""
        """What closes the string that is being read."""
        self._listed = False
        self._hidden = self._many = self._felt = self._spoken = 0
        """Depths from which on there are thoughts, several texts, only the emotion, one text in several languages."""
        self._texting = False
        """The string that is being read is the text, or one of its parts."""
        self._value = self._tail = ""
        """A value that is not the text; what may be the end of the object, and is no part of the text then."""
        self._begun = self._triple = False
        """The string has a character; it stands in three quotation marks."""
        self._ended = False

    @property
    def within(self) -> Literal["", "text", "value"]:
        """What the string belongs to that is being read, of which letters are just more; empty if that is not sure."""
        if not self._quote or self._left:
            return ""
        return "text" if self._texting else "value"

    def feed(self, text: str) -> None:
        if self.over:
            self.rest += text
            return
        self._left += text
        while not self.over and self._step():
            pass

    def finish(self) -> None:
        """End the input: nothing more comes."""
        self._ended = True
        self.feed("")
        if not self.over:
            self._tail = ""
            self._store()

    def _step(self) -> bool:
        """Read on; False if more is needed."""
        if self._quote:
            return self._string()
        if self._listed:
            return self._item()
        return self._bare() if self._key else self._find_key()

    def _find_key(self) -> bool:
        left = self._left
        if comment := _COMMENT.match(left):
            self._left = left[comment.end() :]
            return True
        if not self._ended and _OPEN_COMMENT.match(left):
            return False
        end = re.match(r"[\s,，;]*\}", left)
        if end:
            self._left = left[end.end() :]
            self._down()
            if self._depth <= 0:
                self.over, self.rest, self._left = True, self._left, ""
            return True
        found = _KEY.match(left)
        if found and (found.end() < len(left) or self._ended):
            self._depth += found[0].count("{", 0, found.start(found.lastindex or 1))
            self._left = left[found.end() :]
            self._key = next(filter(None, found.groups()), "").strip().lower()
            inside = self._left[:1] in ("[", "{")
            if inside and _THOUGHTS.search(self._key):
                self._hidden = self._hidden or self._depth + 1
            if self._left[:1] in _CLOSES:
                self._begin_string()
            elif self._left[:1] == "[":
                self._left, self._listed = self._left[1:], True
                self._many = self._many or (self._key in self._keys) * (self._depth + 1)
            elif self._left[:1] == "{":
                self._felt = self._felt or (self._key in _EMOTIONS) * (self._depth + 1)
                self._spoken = self._spoken or (self._key in self._keys) * (self._depth + 1)
                self._key = ""
            return True
        if not left or ((_PARTIAL_KEY.fullmatch(left) or found) and not self._ended):
            return False
        self._left = left[1:]  # anything that is not a key is skipped
        self._depth += left[0] == "{"
        return True

    def _item(self) -> bool:
        """Read the next text of a list."""
        left = self._left.lstrip(" \n\r\t,")
        if not left:
            return False
        if left[0] in _CLOSES:
            self._left = left
            self._begin_string()
            return True
        if left[0] == "{":  # of objects: their own keys hold the texts
            self._left, self._listed, self._key = left, False, ""
            return True
        self._listed = self._listed and left[0] != "]"
        self._left = left[1:]
        if not self._listed:
            self._key = ""
            self._hidden = 0 if self._hidden == self._depth + 1 else self._hidden
        return True

    def _down(self) -> None:
        """Leave an object."""
        self._hidden = 0 if self._hidden == self._depth else self._hidden
        self._felt = 0 if self._felt == self._depth else self._felt
        self._spoken = 0 if self._spoken == self._depth else self._spoken
        self._depth -= 1

    def _begin_string(self) -> None:
        self._quote, self._left = _CLOSES[self._left[0]], self._left[1:]
        several = self._listed or 0 < self._many <= self._depth
        self._begun = self._triple = False
        secret = self._hidden or self._felt
        wanted = self._key in self._keys or (self._spoken > 0 and self._key in _TONGUES)
        self._texting = wanted and not secret and (several or not self.text)
        if self._texting:
            self.named, self.key = True, self._key
            if self.text:
                self.text += " "

    def _string(self) -> bool:
        left = self._left
        stop = _STOPS[self._quote].search(left)
        self._take(left[: stop.start()] if stop else left)
        left = self._left = left[stop.start() :] if stop else ""
        if not left:
            return False
        if left[0] == "\n":
            self._take(RAW_BREAK)
            self._left = left[1:]
            return True
        if left[0] == "\\":
            return self._escape()
        if left[:2] == '""' and not self._begun:
            self._triple, self._begun, self._left = True, True, left[2:]
            return True
        ends = self._ends_triple(left) if self._triple else self._ends(left[1:])
        if ends is None:
            return False
        if not ends:
            self._take(left[0])
        self._left = self._left[1:]
        if ends:
            self._store()
        return True

    def _ends(self, behind: str) -> bool | None:
        """Return whether a quotation mark ends its string, by what follows it; None: not known yet."""
        look = behind.lstrip()[:_LONGEST_LOOK]
        if look[:1] in ("}", "]", ";") or look.startswith(("```", "//", "/*")) or _NEXT_KEY.match(look):
            return True
        if (self._listed and look[:1] == ",") or (not self._texting and _NEXT_BARE.match(behind)):
            return True
        if not (self._texting or self._ended) and behind and _PARTIAL_BARE.fullmatch(behind):
            return None
        if re.match(r"[,，]\s*[\"'”]?\s*(?:\}|/[/*]|# )", look):
            return True
        if self._ended:
            return not look or _PARTIAL_NEXT.fullmatch(look) is not None
        if len(look) < _LONGEST_LOOK and (
            _PARTIAL_NEXT.fullmatch(look.removesuffix("/"))
            or any(mark.startswith(look) for mark in ("```", "//", "/*"))
        ):
            return None
        return False

    def _ends_triple(self, left: str) -> bool | None:
        if left[:3] == '"""':
            self._left = left[2:]
            return True
        return None if len(left) < 3 and not self._ended else False

    def _escape(self) -> bool:
        found = unescaped(self._left, ended=self._ended)
        if found is None:
            return False
        sign, self._left = found
        self._take(sign)
        return True

    def _bare(self) -> bool:
        """Read a value without quotation marks; a text in which there are commas too."""
        found = re.match(r"[^}\n]*" if self._key in self._keys else r"[^,;}\n]*", self._left)
        value = found[0] if found else ""
        self._value += value
        self._left = self._left[len(value) :]
        if not self._left:
            return False
        more = _MORE.search(self._value) if self._key in self._keys else None
        if more:
            self._value, self._left = self._value[: more.start()], self._value[more.start() :] + self._left
        self._store()
        return True

    def _take(self, text: str) -> None:
        self._begun = self._begun or bool(text)
        if not self._texting:
            self._value += text
        elif self._tail or text.rstrip()[-1:] in _ENDS:
            text = self._tail + text
            tail = _TAIL.search(text)
            self._tail = tail[0] if tail else ""
            self.text += text[: tail.start()] if tail else text
        else:
            self.text += text

    def _store(self) -> None:
        """Store a complete value."""
        self.text, self._tail = self.text + self._tail, ""
        value = self._value.strip().strip("\"'")
        if self._felt and self._key not in _EMOTIONS:
            value = "" if _NO_TEXT.match(value) else value
        if (self._felt or self._key in _EMOTIONS) and value and self.emotion is None and not self._hidden:
            self.emotion, self.led = value, not self.text
        elif self._key in self._keys and not (self._hidden or self._felt or self.text or _NO_TEXT.match(value)):
            self.named, self.key, self.text = True, self._key, value
        self._value = self._quote = ""
        self._texting = False
        if not self._listed:
            self._key = ""
