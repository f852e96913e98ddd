"""What the model writes, read while it is being written: the emotion first, then the text piece by piece.

Three readers run in sequence: ``Visible`` removes what is not for others, ``Loose`` reads the JSON object that the
model was asked for (or it is plain text, which may begin with ``[happy]``), and ``Ends`` ends what goes on too long.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from nodes.feelings import NAMES, feeling
from nodes.llm._model.ends import Ends, Why
from nodes.llm._model.fences import (
    FENCE_BEFORE,
    LEADS,
    OPEN_FENCE,
    OPEN_KEY,
    OPEN_TAG,
    QUOTED,
    TAG,
    Fences,
    unfenced,
    unlisted,
)
from nodes.llm._model.loose import Loose
from nodes.llm._model.objects import MAY_BE_OBJECT, OBJECT, OPENED, Objects, nameless
from nodes.llm._model.visible import Visible

PROSE = 60
"""Leave out at most this many characters of plain text in front of JSON: a sentence that is not meant to be said."""
LONGEST = 300
"""Say at most this many characters of one answer."""
_MOST_READ, _MOST_OBJECTS = 16_000, 4
"""Keep at most this many characters, and look at this many objects, of an answer without any form."""

_UNMARKED = re.compile(r"[^<＜\[◁`▁ĠĊ\0&\r]+")
_UNQUOTED = re.compile(r"[^<＜\[◁`▁ĠĊ\0&\"'“”‘’\\\n\r]+")
_WORDS = re.compile(r"[^<＜\[◁`▁ĠĊ\0&\"'“”‘’\\\n\r{#A-Za-z]+")
"""What ``Visible``, an object in another value than the text, and all three readers in the middle of a line only pass
on."""
_NOTHING = re.compile(
    r"[\s{}\[\]\"'`:,]*(?:(?:null|undefined|None|nil|N/A)[\s{}\[\]\"'`:,.]*)?|\s*(?:functions?|tools?)\.\w{1,40}\(\s*\{(?s:.*)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What is new."""

    text: str
    emotion: str | None = None
    """Given once, with the first text if it is known by then."""


class Answer:
    """Reads one answer.

    An answer that begins in the requested form is given as it comes. Other text is held to its end, because it may
    turn out to be a thought whose opening mark was in the prompt; ``trusted`` gives it at once. Valid or not, whatever
    can be made of it is given.

    Args:
        most: say at most this many characters.
        names: the viewers it answers: a line that one of them seems to say ends it; None: it tells of people.
        own: what the character is called.
        trusted: this model is known to answer in plain text without thoughts.
    """

    def __init__(
        self,
        emotions: Iterable[str],
        *,
        most: int = LONGEST,
        names: Iterable[str] | None = (),
        own: Iterable[str] = (),
        trusted: bool = False,
    ) -> None:
        self._emotions = frozenset(emotions)
        self._names = None if names is None else tuple(names)
        self._most, self._own, self._trusted = most, tuple(own), trusted
        self._visible = Visible()
        self.emotion: str | None = None
        self.unknown = ""
        """An emotion that the character does not have."""
        self.text = ""
        """All that was given so far."""
        self._begin()

    def _begin(self) -> None:
        self._form: Literal["", "object", "tag", "plain"] = ""
        self._seen = ""
        self._used = 0
        """Characters of the text found so far that ``Ends`` has been given."""
        self._objects = Objects()
        self._fences = Fences()
        self._tagged = ""
        """The text after a tag."""
        self._found_emotion = self._lead = cast("str | None", None)
        """The feeling; the one in front of an object."""
        self._led = True
        """It stands before the text; one behind it counts only where the answer ends by itself."""
        self._ends = Ends(max(1, self._most - len(self.text)), self._names, self._emotions, self._own)

    @property
    def why(self) -> Why:
        """Why the answer is over before the model has ended; empty while it may go on."""
        return self._ends.why

    @property
    def thoughts(self) -> bool:
        """Whether there were thoughts in the text."""
        return self._visible.thoughts

    @property
    def plain(self) -> bool:
        """Whether the answer came without any form."""
        return self._form == "plain"

    def feed(self, text: str) -> Piece | None:
        """Take what came; return what is new, if anything.

        It is read letter by letter, so that nothing can depend on how it was cut, except for what only adds letters to
        what is being read.
        """
        found, at = None, 0
        while at < len(text) and not self.why:
            begin, at = at, self._run(text, at)
            found = _joined(found, self._all(self._visible.push(text[begin:at]), ended=False))
        return found

    def finish(self) -> Piece | None:
        """End the answer; return what was held back."""
        return None if self.why else self._all(self._visible.end(), ended=True)

    def _run(self, text: str, at: int) -> int:
        """Return where the letters end that can be read at once; one always can."""
        if len(text) == at + 1:
            return at + 1
        letters: re.Pattern[str] | None = None
        if self._visible.deaf or (self._visible.spells and self._form == "plain" and not self._trusted):
            letters = _UNMARKED
        elif self._visible.spells and self._form:
            within = self._objects.within if self._form == "object" else "text"
            letters = _UNQUOTED if within == "value" else _WORDS if within and self._ends.spells else None
        found = letters.match(text, at) if letters else None
        return found.end() if found else at + 1

    def _all(self, stretches: list[str], *, ended: bool) -> Piece | None:
        found = self._take(stretches[0], ended=ended and len(stretches) == 1)
        for number, stretch in enumerate(stretches[1:], 2):
            if self.why:
                break
            self._begin()
            found = _joined(found, self._take(stretch, ended=ended and number == len(stretches)))
        return found

    def _take(self, new: str, *, ended: bool) -> Piece | None:
        if not new and not ended:
            return None
        new = new if self._seen else new.lstrip()
        if len(self._seen) < _MOST_READ:
            self._seen = (self._seen + new)[:_MOST_READ]
        if not self._form:
            new = self._classify(ended)
        if self._form == "object":
            text = self._object(new, ended)
        elif self._form == "tag":
            self._tagged += self._fences.push(new, ended=ended)
            text = self._tagged
        else:
            text = self._prose(ended) if ended or (self._form and self._trusted) else ""
        return self._piece(text, ended)

    def _classify(self, ended: bool) -> str:
        """Detect the form from the beginning; return what the reader of that form starts with."""
        seen = self._seen
        before = FENCE_BEFORE.match(seen)
        start = before.end() if before else 0
        body = seen[start:]
        if not body or (not ended and (OPEN_FENCE.fullmatch(seen) or MAY_BE_OBJECT.fullmatch(body))):
            return ""
        if not ended and self._may_be_tag(body):
            return ""
        if not OPENED.match(body) and (tag := self._tag(body)):
            rest = body[tag.end() :]
            inner = FENCE_BEFORE.sub("", rest, count=1)
            if not ended and (not inner or OPEN_FENCE.fullmatch(rest) or MAY_BE_OBJECT.fullmatch(inner)):
                return ""
            self._found_emotion = self._lead = tag[str(tag.lastgroup)]
            self._form = "object" if OBJECT.match(inner) else "tag"
            return inner if self._form == "object" else rest
        begin = body.lstrip("[ \n\r\t")
        if OBJECT.match(begin) or OPENED.match(begin):
            self._form = "object"
            return begin if begin[0] == "{" else "{" + begin
        self._form = "plain"
        return body

    def _tag(self, text: str) -> re.Match[str] | None:
        """Find an emotion in front of the text; one that the character does not have only where it is named so."""
        tag = TAG.match(text)
        if tag is None:
            return None
        bracket = tag["bare"] and text.lstrip()[:1] == "[" and tag["bare"].isascii() and len(tag["bare"]) > 2
        named = tag["element"] or tag["attribute"] or tag["key"] or bracket
        return tag if named or str(tag[str(tag.lastgroup)]).lower() in (*self._emotions, *NAMES) else None

    def _may_be_tag(self, text: str) -> bool:
        word = text.strip().lstrip("*-• ").rstrip(":|–—, -").lower()
        return bool(
            (text[-1:] != "\n" and any(each.startswith(word) for each in (*self._emotions, *LEADS)))
            or OPEN_TAG.fullmatch(text)
            or OPEN_KEY.fullmatch(text)
        )

    def _object(self, new: str, ended: bool) -> str:
        objects = self._objects
        objects.feed(new)
        if ended:
            objects.finish()
        if objects.named or ended:
            self._found_emotion, self._led = objects.emotion or self._lead, objects.led
        return objects.text if objects.named or self.text or not ended else self._formless()

    def _prose(self, ended: bool) -> str:
        """Return plain text, without a short beginning if an object follows it."""
        seen = self._seen
        for number, found in enumerate(OBJECT.finditer(seen)):
            prose = seen[: found.start()]
            if not ended:
                return unfenced(prose) if len(prose.strip()) >= PROSE else ""
            if number == _MOST_OBJECTS:
                break
            loose = Loose()
            loose.feed(seen[found.start() :])
            loose.finish()
            if loose.named:
                self._found_emotion = self._found_emotion or loose.emotion
                return (unfenced(prose) if self.text else "") + loose.text
        if ended:
            return self._formless()
        if QUOTED.fullmatch(seen):
            return ""
        cut = seen.rfind("{", max(0, len(seen) - 32))
        prose = seen if cut < 0 else seen[:cut]
        return Fences().push(prose) if len(prose.strip()) >= PROSE else ""

    def _formless(self) -> str:
        """Return all of it, if nothing in it is a text of its own."""
        self._found_emotion, seen = unlisted(FENCE_BEFORE.sub("", self._seen, count=1), self._emotions)
        self._found_emotion = self._found_emotion or self._objects.emotion or self._lead
        if _NOTHING.fullmatch(seen):
            return ""
        if self._form == "object" and (found := nameless(seen, self._emotions)):
            self._found_emotion = self._found_emotion or found[0]
            return found[1]
        if tag := self._tag(seen):
            self._found_emotion, seen = tag[str(tag.lastgroup)], seen[tag.end() :]
        if '\\"' in seen:  # an object that was escaped once more
            loose = Loose()
            at = max(seen.find('{\\"'), seen.find("{"))
            loose.feed(seen[at:].replace('\\"', '"'))
            loose.finish()
            if loose.named:
                self._found_emotion = loose.emotion
                return loose.text
        if (quoted := QUOTED.fullmatch(seen)) and quoted["end"]:
            return quoted["text"]
        if seen.lstrip("[ \n")[:1] != "{" or "\n" in seen.strip():
            return unfenced(seen)  # lines of data are left out where the answer ends
        if re.match(r"\s*\{[^{}\n]*\}\s*[^\s{}\],.]", seen):  # {두근두근} 기대돼요!
            return unfenced(seen)
        return "" if re.search(r"[\"']\s*:", seen) else unfenced(seen).strip(" {}\"'\n")

    def _piece(self, text: str, ended: bool) -> Piece | None:
        new = self._ends.push(text[self._used :], ended=ended) if ended or len(text) > self._used else ""
        self._used = max(self._used, len(text))
        given, emotion = None, self._found_emotion
        if emotion is not None and self.emotion is None and (self._led or ended) and (new or self.text):
            words = re.findall(r"[^\W\d]+", emotion.lower()) or [""]
            if not emotion.isascii():
                words.append(feeling(emotion))
            known = next((word for word in words if word in self._emotions), None)
            self.emotion = known or "neutral"
            self.unknown = "" if known else words[0]
            given = self.emotion
        self.text += new
        return Piece(new, given) if new or given else None


def _joined(one: Piece | None, other: Piece | None) -> Piece | None:
    return Piece(one.text + other.text, one.emotion or other.emotion) if one and other else one or other
