"""Where an answer has to end although the model goes on: an invented turn of somebody else, a loop, its length.

Text goes in as it comes and comes out once it is sure to be said; where it ends does not depend on how it was split.
"""

import re
from collections.abc import Iterable
from typing import Literal

from nodes.llm._model import labels
from nodes.llm._model.fences import HEADING, OPEN_HEADING, OPEN_RULE, RULE, opens_code
from nodes.llm._model.loops import SENTENCE, Loop, whole
from nodes.llm._model.loose import RAW_BREAK
from nodes.llm._model.objects import BARE_DATA, CALL, DATA, DATA_BEGINS, OPEN_BARE, OPEN_CALL, OPEN_DATA, invented
from schemas.reply import EMOTIONS

_BRACKETS = {"(": ")", "（": "）", "[": "]", "［": "］", "*": "*", "_": "_"}
_OPEN_LINES = (OPEN_RULE, OPEN_BARE, labels.OPEN_NAMELESS, OPEN_DATA, labels.OPEN_TIMED, OPEN_CALL)
_PLAIN = re.compile(r"[^\n\r{\[`#<A-Za-z(（【*_참비번]*")
_UNBROKEN = re.compile(r"[^\n\r#*_})）\]］]*")
"""In these nothing ends and nothing begins: of a text, of a line that is skipped."""
_OPEN_TAG = re.compile(r"[\[<(]/?[A-Za-z_]{0,20}$")
_BREAKS = "\n" + RAW_BREAK

Why = Literal["", "turn", "loop", "long"]


class Ends:
    """Takes the text of an answer.

    Args:
        most: characters of an answer; the rest is left out, from the end of a sentence on if there is one.
        names: who else may seem to speak in it: the viewers of the batch; None for a text that tells of people.
        emotions: names that are left out where they stand in brackets, but for a change to one that every part of the
            show knows: ``reply.split`` reads ``[sad]`` within an answer.
        own: what the character is called: its name in front of a line is a label like ``Assistant:``.
    """

    def __init__(
        self, most: int, names: Iterable[str] | None = (), emotions: Iterable[str] = (), own: Iterable[str] = ()
    ) -> None:
        self.why: Why = ""
        """Why the answer was ended early."""
        self._most = most
        self._names, self._own, self._listing = labels.fit(names or (), 2), labels.fit(own, 1), names is None
        self._tag = labels.tag(tuple(sorted(emotions)))
        self._line = ""
        """What may become a label, or data in the form of the prompt."""
        self._at_line = True
        self._text = ""
        """All text that passed, except what comes after the end that ``why`` explains."""
        self._given = 0
        self._skips: Literal["", "line", "turn", "code"] = ""
        """What is not part of it: a line of data before it, somebody's words up to its own label, or code in it."""
        self._thinks = False
        """What is skipped are thoughts."""
        self._remark = ""
        """The bracket that closes what is skipped."""
        self._gap = self._korean = self._foreign = 0
        """Empty lines before this one; letters of what is skipped."""
        self._strips = False
        """Skipping blanks and stars after a label."""
        self._starts = 0
        """Where the last line begins."""
        self._broken = self._asks = False
        """It is over; somebody may have said it, and it is held until the next line shows that it was the character."""
        self._tells_of = ""
        """The line after which the character tells what others say."""
        self._kept = ""
        """What is skipped, if it may turn out to be the answer."""
        self._loop = Loop()

    @property
    def spells(self) -> bool:
        """Whether letters that are not of the Latin alphabet only go on with a line."""
        return not (self._at_line or self._line or self._strips)

    def push(self, text: str, *, ended: bool = False) -> str:
        """Return what is new and certain.

        Args:
            ended: nothing more comes.
        """
        if self._kept:
            self._kept = (self._kept + text)[: 2 * self._most]
        data, self._line = self._line + text, ""
        self._read(data, ended)
        if ended and self._skips and not self._text.strip() and labels.korean(self._kept):
            self._skips, self._at_line, self._strips = "", False, False
            self._read(self._kept, ended)
        return self._sure(ended or bool(self.why))

    def _read(self, data: str, ended: bool) -> None:
        while data and not self.why:
            data = self._begin_line(data, ended) if self._at_line else self._within_line(data, ended)

    def _begin_line(self, data: str, ended: bool) -> str:
        """Check whether a line begins with a label; return what is left of the text."""
        blanks = len(data) - len(data.lstrip())
        self._pass(data[:blanks])
        self._gap += data.count("\n", 0, blanks)
        data = data[blanks:]
        said = bool(self._text.strip())
        if self._skips == "code":
            return self._within_code(data, ended)
        if self._thinks and self._skips == "turn" and self._gap and "가" <= data[:1] <= "힣":
            self._skips = "" if self._foreign > 2 * self._korean else "turn"
        timed = CALL.match(data) or (None if said else labels.TIMED.match(data))
        if timed and (ended or timed.end() < len(data) or data[-1] == "\n"):
            return data[timed.end() :]
        rule = RULE.match(data)
        if rule and (ended or rule.end() < len(data) or data[-1] == "\n"):
            self._skips = "code" if not self._skips and opens_code(data, said=said) else self._skips
            return data[rule.end() :]
        if (several := DATA_BEGINS.match(data)) and DATA.match(data):
            data = "{" + data[several.end() :]
        if BARE_DATA.match(data):
            self._at_line = False
            return "{" + data
        line = data.replace(RAW_BREAK, "\n") + ("\n" if ended else "")
        if not (said or self._skips) and labels.MUSES.match(line):
            self._skips, self._thinks, self._korean, self._foreign, self._at_line = "turn", True, 0, 0, False
            return data
        nameless = labels.NAMELESS.match(line)
        if said and (nameless or labels.NOTE.match(line)):
            self.why = "turn"
            return ""
        data = data[1:].lstrip() if nameless else data
        tells = self._listing and labels.PEOPLE.match(data)
        speaker, end = ("", 0) if tells else labels.whose(line, () if self._skips else self._names, self._own)
        known = speaker in ("own", "theirs")
        if known and (said or "가" <= data[0] <= "힣") and (points := labels.points(line, end)):
            speaker = "perhaps" if points == "perhaps" else ""
        elif known and said:
            speaker = "" if self._tells(line[:end], own=speaker == "own") else speaker
        elif speaker == "theirs" and not self._skips and labels.whose(line, (), ())[0] != "theirs":
            speaker, self._asks = "", True
        if not data or (
            not ended
            and (
                speaker == "perhaps"
                or any(begin.fullmatch(data) for begin in _OPEN_LINES)
                or (labels.OPEN_NOTE if said else labels.OPEN_MUSES).fullmatch(data)
            )
        ):
            self._line = data
            return ""
        self._gap = 0
        if speaker not in ("own", "theirs"):
            self._at_line = False
            rest = data.lstrip("#")
            self._pass(data[: len(data) - len(rest)])
            return rest
        if self._text.strip():
            self.why = "turn"
            return ""
        if not self._skips:
            self._kept = data[: 2 * self._most] if speaker == "theirs" and labels.QUOTING.match(data) else ""
        closer = "" if data[:2] == "**" else _BRACKETS.get(data[0], "")
        remark = closer and closer not in data[1:end]  # (생각: ...)
        self._remark = closer if remark and speaker == "theirs" else ""
        self._skips = "" if speaker == "own" else "line" if remark else "turn"
        self._thinks, self._korean, self._foreign = labels.THINKS.search(data, 0, end) is not None, 0, 0
        self._at_line, self._strips = False, True
        return data[end:]

    def _tells(self, label: str, *, own: bool) -> bool:
        """Return whether the character itself tells what this label begins; drop what it seems to be asked before."""
        before = self._text[self._starts :]
        if labels.told(label, self._tells_of or before.rstrip()):
            self._tells_of = self._tells_of or before.rstrip()
            return True
        if own and self._asks and labels.asked(before, over=True):
            self._text, self._loop = self._text[: self._starts], Loop()
        return False

    def _within_code(self, line: str, ended: bool) -> str:
        """Check whether a line ends a block of code; return what is left of the text."""
        if not ended and "```".startswith(line[:3]) and len(line) < 3:
            self._line = line
            return ""
        closes = line.startswith("```")
        self._skips, self._at_line = ("", closes) if closes else ("code", False)
        return line[3:].lstrip(" \t") if closes else line

    def _within_line(self, data: str, ended: bool) -> str:
        if not (self._strips or ended or self._skips == "turn") and (_UNBROKEN if self._skips else _PLAIN).fullmatch(
            data
        ):
            self._pass(data)
            return ""
        if self._strips:
            rest = data.lstrip(" *\n|}],)")
            self._at_line = "\n" in data[: len(data) - len(rest)]
            self._strips = not (rest or self._at_line)
            return rest
        cut = min((at for at in map(data.find, _BREAKS) if at >= 0), default=len(data))
        head = HEADING.search(data, 0, cut)
        cut = head.start() if head else cut
        line, rest = self._tag.sub(self._felt, data[:cut]), data[cut:]
        if self._skips == "line" and self._remark and (at := line.find(self._remark)) >= 0:
            self._skips, self._remark, self._strips = "", "", True
            return line[at + 1 :] + rest
        if self._skips == "turn" and (own := labels.BOLD_OWN.search(line)):
            self._skips, self._strips = "", True
            return line[own.end() :] + rest
        before = "" if self._skips or self._broken else self._text[self._starts :]
        found = None if self._skips == "code" else invented(line, before)
        if found:
            if self._text.strip() or (line[: found.start()].strip() and not self._skips):
                self._pass(line[: found.start()])
                self.why = self.why or "turn"
                return ""
            if not self._skips:
                self._skips, self._remark = "line", "}"
                return line[found.end() :] + rest
            line = "#" * line.endswith("#")  # a heading may begin here
        last = "" if self._skips else self._text[-2:]
        glued = labels.INLINE.search(last + line + "\n" * (rest != "" or ended)) or (
            labels.GLUED.search(last + line) if (rest and not head) or ended else None
        )
        if glued and not self._skips:
            self._pass(line[: max(0, glued.start() - len(last))])
            self.why = self.why or "turn"
            return ""
        line, self._line = self._split(line, rest, ended)
        self._pass(line)
        if rest:
            self._skips = "" if self._skips == "line" else self._skips
            self._at_line = True
            if head:
                return rest
            self._pass(rest[0])
        return rest[1:]

    def _felt(self, tag: re.Match[str]) -> str:
        """Return what is given of a feeling in brackets: the tag where the feeling changes within the answer."""
        name = tag[0][1:-1].lower()
        said = self._text.strip() or self._tag.sub("", tag.string[: tag.start()]).strip()
        if tag[0][0] == "(" and said:
            return tag[0]
        return f"[{name}]" if name in EMOTIONS and said else ""

    def _split(self, line: str, rest: str, ended: bool) -> tuple[str, str]:
        """Return (what is certain, what may become something else) of a line."""
        if rest:
            return line, ""
        tail = OPEN_DATA.search(line)
        if ended:
            return (line[: tail.start()] if tail and "{" in tail[0] else line), ""
        tail = tail or _OPEN_TAG.search(line) or OPEN_HEADING.search(line)
        tail = tail or (labels.OPEN_BOLD.search(line) if self._skips == "turn" else None)
        last = self._text[-2:]
        glued = labels.OPEN_INLINE.search(last + line) or (None if tail else labels.OPEN_GLUED.search(last + line))
        at = min(tail.start() if tail else len(line), max(0, glued.start() - len(last)) if glued else len(line))
        return line[:at], line[at:]

    def _pass(self, text: str) -> None:
        if self._skips and self._thinks:
            self._korean += len(labels.HANGUL.findall(text))
            self._foreign += len(labels.LATIN.findall(text))
        if self._skips or self.why:
            return
        longer = self._text + text
        if self._text and not self._broken and len(longer) <= self._most and self._loop.goes_on(text):
            self._text = longer
            return
        for sign in text:
            if not self._text and sign.isspace():
                continue
            if len(self._text) >= self._most:
                self.why, self._text = "long", whole(self._text, self._most)
                return
            if sign in _BREAKS:
                self._broken = True
            elif self._broken and not sign.isspace():
                self._starts, self._broken, self._asks = len(self._text), False, True
            self._text += sign
            if self._loop.over(self._text, sign):
                self._text = self._text[: self._loop.cut]
                self.why = "loop"
                return

    def _sure(self, over: bool) -> str:
        upto = len(self._text)
        if not over:
            if upto > self._most // 2:
                ends = [end.end() for end in SENTENCE.finditer(self._text, self._most // 2 - 1)]
                upto = max(self._given, ends[-1] if ends else self._most // 2)
            if self._asks:
                self._asks = labels.asked(self._text[self._starts :], over=self._broken)
                upto = min(upto, max(self._given, self._starts)) if self._asks else upto
            if self._loop.holds:
                upto = min(upto, max(self._given, self._loop.cut))
            while upto > self._given and self._text[upto - 1] in _BREAKS:
                upto -= 1
        elif self.why:
            upto = max(self._given, len(self._text.rstrip(_BREAKS)))
        given, self._given = self._text[self._given : upto], max(self._given, upto)
        return given.replace(RAW_BREAK, " ")
