"""The objects of an answer, read one after the other: an echo of the prompt first, or an answer in several objects."""

import re
from collections.abc import Collection

from nodes.llm._model.loose import KEYS, Loose

OBJECT = re.compile(r"\{\s{0,80}(?:[\"'“]|[A-Za-z_]{1,24}\s{0,80}:|/[*/])")
"""How an object begins."""
_OPEN_OBJECT = re.compile(r"\{\s{0,80}(?:[A-Za-z_]{1,24}\s{0,80}|/)?\Z")
MAY_BE_OBJECT = re.compile(r"[\[\s]*\{\s*(?:[A-Za-z_]{0,24}\s*|/)|\[\s*|[\[\s]*[\"'“][A-Za-z_가-힣]{0,24}[\"'”]?\s*")
OPENED = re.compile(r"[\"'“](?:emotion|response|감정|응답)[\"'”]\s*:|(?:emotion|mood|감정)\s*=")
"""An object whose beginning was in the prompt, or that has no signs: ``emotion=happy; response=...``."""
_FOLLOWING = re.compile(r"[\s,]{0,80}\{(?=\s{0,80}[\"'“])")
"""One more object, with nothing between."""
_OPEN_WITHIN = re.compile(r"\{\s{0,80}(?:[\"'“]|[A-Za-z_]{1,24}\s{0,80}|/)?")
_MOST_KEYS = 8
NOTHING = (
    "null",
    "none",
    "undefined",
    "nil",
    "nan",
    "n/a",
    "no response",
    "(empty)",
    "[empty]",
    "<empty>",
    "empty string",
)
"""What stands for no text, as a text."""
_LONG = max(map(len, NOTHING))
_MAY_BEGIN = " \n\r\t{"
"""A longer text that begins otherwise is neither such a word nor an object."""
_OPEN_FOLLOWING = re.compile(r"[\s,]{0,80}(?:\{\s{0,80})?\Z")


class Objects:
    """Takes text from the ``{`` of an object on.

    The answer is in the first object that has a text, and in those directly after it that have one under the same key.
    The text of the first is given as it comes, that of another when it is complete: a model that repeats itself may
    repeat the whole object.
    """

    def __init__(self) -> None:
        self.emotion: str | None = None
        self.led = True
        """The emotion stands before the text."""
        self.named = False
        """An object had a key that may hold the text."""
        self._loose = Loose()
        self._felt: str | None = None
        """The emotion of an object without a text."""
        self._texts: list[str] = []
        """Of the objects before this one."""
        self._between = ""
        """What may become the beginning of the next object."""
        self._done = False
        self.text = ""
        self._within: Objects | None = None
        """The object that the text itself is: the answer was written into itself once more."""
        self._handed = 0
        """Characters of the text that were handed to it."""

    @property
    def within(self) -> str:
        """What a string that is being read belongs to: the ``text`` that is given as it comes, or another ``value``."""
        if self._done or (self._texts and self._loose.within):
            return "value"
        return self._loose.within

    def feed(self, text: str) -> None:
        while text and not self._done:
            text = self._look_on(text) if self._loose.over else self._read(text)
        self._tell(over=self._loose.over)

    def finish(self) -> None:
        """End the input: nothing more comes."""
        if not self._loose.over:
            self._loose.finish()
            self._note(over=True)
        if not self.named:
            self.emotion, self.led = self._loose.emotion, self._loose.led
        self._tell(over=True)

    def _tell(self, *, over: bool) -> None:
        """Note what of the text is certain."""
        text = " ".join(self._texts) if self._texts else self._loose.text
        if self._within is None and len(text) > _LONG and text[0] not in _MAY_BEGIN:
            self.text = text
            return
        begin = text.lstrip()
        if self._within is None and OBJECT.match(begin):
            self._within = Objects()
        if within := self._within:
            within.feed(text[self._handed :])
            self._handed = len(text)
            if over:
                within.finish()
            self.emotion = self.emotion or within.emotion
            text = within.text if within.named or not over else text
        elif over:
            text = "" if begin.rstrip(" .\n").lower() in NOTHING else text
        elif _OPEN_WITHIN.fullmatch(begin) or any(word.startswith(begin.lower()) for word in NOTHING):
            text = ""
        self.text = text

    def _read(self, text: str) -> str:
        """Read on in an object; return what follows its end."""
        loose = self._loose
        loose.feed(text)
        self._note(over=loose.over)
        rest, loose.rest = loose.rest, ""
        return rest

    def _note(self, *, over: bool) -> None:
        """Note what the object has told so far."""
        loose = self._loose
        if loose.named and not self._texts:
            self.emotion, self.led, self.named = loose.emotion or self._felt, loose.led, True
        elif over and loose.named:
            self._add()
        self._done = over and self.named and not loose.named  # an invented turn: no answer comes after it

    def _look_on(self, text: str) -> str:
        """Look for the next object; return what is to be read of it."""
        self._between += text
        named, seen = self._loose.named, self._between
        begin = _FOLLOWING.match(seen) if named else OBJECT.search(seen)
        if begin is None:
            may = _OPEN_FOLLOWING.match(seen) if named else _OPEN_OBJECT.search(seen)
            self._between = may[0] if may else ""
            self._done = named and may is None
            return ""
        if named:
            self._add()
        else:
            self._felt = self._loose.emotion
        self._loose = Loose((self._loose.key,) if named else KEYS)
        self._between = ""
        return seen[seen.index("{", begin.start()) :]

    def _add(self) -> None:
        loose = self._loose
        if loose.text and loose.text not in self._texts:
            if self.emotion is None:
                self.emotion, self.led = loose.emotion, loose.led and not self._texts
            self._texts.append(loose.text)


_OURS = "n|u|t|viewers?|lane|won|summary|note|topic|more|donation_won|role|emotion|response"
DATA = re.compile(
    rf"(?:```[a-z]{{0,8}}\s{{0,8}})?(?:\[\s{{0,8}})?\{{\s{{0,8}}(?:[\"'][a-z_]{{1,16}}[\"']|[\"']?(?:{_OURS})[\"']?)\s{{0,8}}:"
)
"""A line in the form of our own prompt, another answer, or any other object."""
_INVENTED = re.compile(
    rf"\{{\s{{0,8}}[\"']?(?:{_OURS}|message|user(?:name)?|name|nickname|id|chat|content|text|speaker|input|output|action"
    r"|tool|tools|function|arguments|parameters|query|type|answer|reply|mood|thought)[\"']?\s{0,8}:"
)
"""Data behind text on the same line, where any other object may be quoted: ``{"volume": 5}``."""
DATA_BEGINS = re.compile(r"(?:\[\s{0,8})?\{\s{1,8}(?=[\"'a-z])")
"""The same on several lines."""
OPEN_DATA = re.compile(
    r"(?:```[a-z]{0,8}\s{0,8})?(?:\[\s{0,8})?\{\s{0,8}(?:[\"']?(?:[a-z_]{0,16}(?:[\"']?\s{0,8})?)?)?\Z"
    r"|(?:```[a-z]{0,8}\s{0,8})?\[\s{0,8}\Z|```[a-z]{0,8}\s{0,8}\Z|`{1,2}\Z"
)
BARE_DATA = re.compile(rf"[\"'](?:{_OURS})[\"']\s{{0,8}}:")
OPEN_BARE = re.compile(r"[\"'](?:[a-z_]{0,12}(?:[\"']\s{0,8})?)?")
"""The same without its bracket, at the beginning of a line."""


def invented(line: str, before: str) -> re.Match[str] | None:
    """Find what ends an answer.

    Args:
        before: what was said on the same line; behind it, or behind text of ``line``, an object may also be quoted.
    """
    if "{" not in line:
        return None
    for found in DATA.finditer(line):
        if not (before + line[: found.start()]).strip() or _INVENTED.match(found[0][found[0].index("{") :]):
            return found
    return None


CALL = re.compile(r"(?:print\()?[a-z_]\w*(?:\.\w+)*\((?:[^()\n]*[\"'=][^()\n]*)?\)+;?[ \t]*(?:\n|$)", re.ASCII)
OPEN_CALL = re.compile(r"[a-z_][\w.]{0,40}(?:\([^\n]{0,200})?", re.ASCII)
"""A call of a function on a line of its own, as Gemini writes one in place of using a tool."""


_ANY_KEY = re.compile(r"[\"'“{,]\s*([A-Za-z_가-힣][A-Za-z_가-힣0-9 ]{0,23}?)\s*[\"'”]?\s*[:：=]")
_ASIDE = re.compile(
    r"think|thought|reason|analysis|action|gesture|motion|pose|name|user|viewer|question|input|transl|생각|행동"
)
"""In the value of a key like this there is no answer."""


def nameless(text: str, emotions: Collection[str]) -> tuple[str | None, str] | None:
    """Find (emotion, text) of an object in which no key is one of ``KEYS``: ``{"emotion":"happy","reponse":"안녕!"}``.

    The text is the value with most Hangul in it, if the key or another one says that it is an answer.
    """
    found: tuple[str | None, str] | None = None
    for key in list(dict.fromkeys(map(str.lower, _ANY_KEY.findall(text))))[:_MOST_KEYS]:
        loose = Loose((key,))
        loose.feed(text)
        loose.finish()
        emotion = loose.emotion or (key if key in emotions else None)
        answers = emotion or key.split("_")[0] in KEYS
        if (
            loose.named
            and answers
            and not _ASIDE.search(key)
            and _hangul(loose.text) > _hangul(found[1] if found else "")
        ):
            found = emotion, loose.text
    return found


def _hangul(text: str) -> int:
    return sum("가" <= sign <= "힣" for sign in text)
