"""The part of a model's text that is meant for others: without thoughts, hidden channels and its chat template's marks.

Servers should remove them and often do not: Qwen and DeepSeek (``<think>``, whose opening is in the prompt, so
that only ``</think>`` comes), Mistral (``[THINK]``), MiniMax (``<mm:think>``), Kimi (``◁think▷``), Gemma
(``<|channel>``, ``<unused94>``), gpt-oss (Harmony: ``<|channel|>analysis<|message|>``, of which a server may leave
``analysis...assistantfinal...``), Ollama (``Thinking...`` to ``...done thinking.``), and special tokens of all of them.
"""

import re
from codecs import getincrementaldecoder
from html import unescape
from typing import Literal

from nodes.llm._model.marks import LAST_MARK, MARK, OPEN_MARK, SPECIAL, THINKING, TRIGGERS

_ESCAPED = re.compile(r"&(lt|gt|quot|apos|#39);")
"""What a proxy makes of marks that it takes for HTML."""
_SIGNS = {ord("▁"): " ", ord("Ġ"): " ", ord("Ċ"): "\n", 0: None}
"""What a tokenizer writes for a blank and for a line break, and what no text holds."""
_HEADER = 48
"""Characters of a header: the role, the channel, and a word or two."""
_SENTENCE = r"(?!(?:이?라[는고]|이?란|[은는을를도])\s|[!?~,.](?:\s|$))"
"""What stands behind a word of a sentence, and not behind the name of a channel."""
_OPEN_SENTENCE = re.compile(r"\s*(?:analysis|commentary|final)(?:이?라[는고]?|이?란|[이은는을를도!?~,.])?")
_BARE = re.compile(
    rf"\s*(?:(?:assistant)?(?:analysis|commentary){_SENTENCE}"
    r"|thinking(?:\.\.\.|…)[ \t]*\n|(?-i:> (\*?)Thinking(?:\.\.\.|…)\1\n))",
    re.IGNORECASE,
)
_BARE_FINAL = re.compile(rf"\s*(?:assistant)?final(?![a-z ]){_SENTENCE}")
_BARE_WORDS = (
    "assistantanalysis", "assistantcommentary", "assistantfinal", "analysis", "commentary", "final",
    "Thinking...", "Thinking…", "> Thinking...", "> Thinking…", "> *Thinking...*", "> *Thinking…*",
)  # fmt: skip
_FINAL = re.compile(r"assistant\s?final|\nfinal[:\n]|(?:\.\.\.|…)done thinking\.", re.IGNORECASE)
_RESPONDS = re.compile(r"[\"'](?:response|reply|응답|대답|답변)[\"']\s*:")
"""A call of a function that holds the answer."""
_MOST_CALLED = 4_000
_QUOTE_ENDS = re.compile(r"\n[ \t]{0,8}(?=[^>\s])")
"""Where thoughts end of which every line is quoted, as Poe writes them."""
_OURS = ("assistant", "model", "bot", "ai")
_THEIRS = ("user", "human", "system", "developer", "tool", "viewer")

_Mode = Literal["text", "thought", "header", "role", "hidden", "between", "theirs", "over", "bare"]


class Visible:
    """Takes the text as it comes; ``push`` gives the part that may be read so far.

    Both ``push`` and ``end`` return stretches of text: all that came before the second of them was a thought, because a
    closing mark came without its opening one.
    """

    def __init__(self) -> None:
        self.thoughts = False
        """There was something that is not for others."""
        self._mode: _Mode = "text"
        self._held = ""
        self._header = ""
        self._begin = ""
        """The first letters, while they may still be the name of a channel without its marks."""
        self._begun = self._said = self._breaks = False
        self._tail = ""
        """What was given last."""
        self._unmarked = False
        """Text came before this channel without a mark of its own."""
        self._closes = ""
        """What ends a thought that is written as another kind of block."""
        self._called = ""
        """What stands in calls."""
        self._quotes = False
        """The thoughts without marks are quoted lines."""
        self._returned = False
        """The last character was a carriage return, so that a line feed behind it is no further line end."""
        self._bytes = getincrementaldecoder("utf-8")("ignore")
        self._stretches: list[str] = []
        self._out: list[str] = []

    @property
    def spells(self) -> bool:
        """Whether text without a mark is passed on as it is."""
        return self._mode == "text" and self._begun and not (self._held or self._breaks)

    @property
    def deaf(self) -> bool:
        """Whether text without a mark is left out."""
        return self._mode in ("thought", "hidden", "between", "theirs", "over") and not self._held

    def push(self, text: str) -> list[str]:
        if self._returned:
            self._returned = not text
            text = text.removeprefix("\n")
            if not text:
                return [""]
        if self.spells and TRIGGERS.isdisjoint(text):
            if not text.isspace():
                self._said, self._tail = True, text
            return [text]
        if "\r" in text:
            self._returned = text[-1] == "\r"
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        data, at = self._held + text, 0
        if "&" in data:
            data = _ESCAPED.sub(lambda found: unescape(found[0]), data)
        for mark in MARK.finditer(data):
            self._plain(data[at : mark.start()])
            self._mark(str(mark.lastgroup), mark[0])
            at = mark.end()
        rest = data[at:]
        tail = OPEN_MARK.search(rest)
        self._held = rest[tail.start() :] if tail else ""
        self._plain(rest[: tail.start()] if tail else rest)
        return self._taken()

    def end(self) -> list[str]:
        """End the text; return what was held back."""
        held, self._held = self._held, ""
        if not SPECIAL.match(held):
            self._plain(held)
        if self._mode in ("header", "role"):
            self._headed(end=True)
        if self._begin:
            self._begin_whole()
        if not self._said and _RESPONDS.search(self._called):
            self._give(self._called)
        return self._taken()

    def _taken(self) -> list[str]:
        given, self._stretches, self._out = [*self._stretches, "".join(self._out)], [], []
        return given

    def _plain(self, text: str) -> None:
        if not text:
            return
        if self._mode == "text" and not self._begun:
            self._beginning(text)
        elif self._mode == "text":
            self._give(text)
        elif self._mode in ("header", "role"):
            self._header += text
            self._headed()
        elif self._mode == "bare":
            self._header += text
            found = (_QUOTE_ENDS if self._quotes else _FINAL).search(self._header)
            if found:
                self._mode = "text"
                self._give(self._header[found.end() :])
            else:
                self._header = self._header[-_HEADER:]
        elif self._mode in ("thought", "hidden"):
            if self._closes == "call":
                self._called = (self._called + text)[:_MOST_CALLED]
            self.thoughts = self.thoughts or (self._closes != "call" and not text.isspace())

    def _beginning(self, text: str) -> None:
        """Read the first letters: Harmony without its marks begins with the name of a channel."""
        self._begin += text
        word = self._begin.lstrip()
        if word and not any(name.startswith(word) for name in _BARE_WORDS) and not _OPEN_SENTENCE.fullmatch(word):
            self._begin_whole()

    def _begin_whole(self) -> None:
        begin, self._begin, self._begun = self._begin, "", True
        if _BARE.match(begin):
            self._mode, self.thoughts, self._quotes = "bare", True, begin.lstrip()[0] == ">"
            self._plain(begin)
        else:
            final = _BARE_FINAL.match(begin)
            self._give(begin[final.end() :] if final else begin)

    def _give(self, text: str) -> None:
        if self._breaks and (text := text.lstrip(" \t")):
            self._breaks = False
            text = "\n" + text if text[0].isalnum() else text
        if text:
            self._begun = True
            if not text.isspace():
                self._said, self._tail = True, text
            self._out.append(text.translate(_SIGNS))

    def _mark(self, kind: str, mark: str) -> None:
        begin, self._begin = self._begin, ""
        if self._mode == "over":
            return
        if kind == "message" and self._mode == "bare":
            self._mode = "hidden"
        elif kind == "message" and self._mode == "text" and _BARE.match(begin):
            self._mode, self.thoughts = "hidden", True  # a channel whose opening mark was removed
        elif kind == "message":
            self._give("" if _BARE_FINAL.fullmatch(begin) else begin)
            if self._mode == "header":
                self._channel()
        elif kind in ("channel", "start"):
            self._unmarked = kind == "channel" and self._mode == "text" and self._said
            self._mode = "header" if kind == "channel" or mark in ("<|start|>", "<|begin|>") else "role"
            self._header = ""
        elif self._mode in ("header", "role") and kind in ("drop", "back"):
            self._headed(end=self._mode == "role")
        elif kind == "open":
            self._give(begin)
            self._mode = "thought"
            ends = {"`": "```", "d": "</details>", "!": "-->"}
            self._closes = ends.get(mark[0] if mark[0] == "`" else mark[1].lower(), "")
        elif kind == "close":
            self._closed()
        elif kind == "shut":
            self._give(begin)
            if self._mode == "thought" and self._closes == mark.lower():
                self._closed()
            elif mark != "</details>":
                self._plain(mark)
        elif kind == "call":
            self._give(begin)
            self._mode, self._closes = "thought", "call"
        elif kind == "called":
            self._give(begin)
            if self._mode == "thought" and self._closes == "call":
                self._mode, self._closes = "text", ""
        elif kind == "back":
            self._give(begin)
            self._mode = "text" if self._mode == "theirs" else self._mode
        elif kind == "wraps":
            self._begin = begin
            if (begin or self._tail).rstrip()[-1:].isalnum():
                self._plain(mark)
        elif kind == "byte":
            self._begin = begin
            self._plain(self._bytes.decode(bytes([int(mark[3:5], 16)])))
        elif kind == "theirs":
            self._give(begin)
            self._other_turn()
        elif kind == "end":
            self._give(begin)
            if self._said:
                self._mode = "between"
            elif self._mode != "text":  # a thought is over: what follows may lack the marks of its channel
                self._mode, self._begun = "text", False
        else:
            self._give(begin)
            self._breaks = self._breaks or (self._said and LAST_MARK.fullmatch(mark) is not None)

    def _closed(self) -> None:
        if self._mode != "thought":
            self._anew()
        self.thoughts, self._mode = True, "text"

    def _anew(self) -> None:
        self._stretches.append("".join(self._out))
        self._out, self._said, self.thoughts = [], False, True

    def _channel(self) -> None:
        """Read a complete header of Harmony."""
        header, self._header = self._header.lower(), ""
        if "final" in header:
            if self._unmarked:
                self._anew()
            self._mode = "text"
        elif THINKING.search(header):
            self._mode, self.thoughts = "hidden", True
        elif any(role in header for role in _THEIRS):
            self._other_turn()
        else:
            self._mode = "text"

    def _headed(self, *, end: bool = False) -> None:
        """Check whether a header is over; one without an end mark is told apart from the text after it by length."""
        if self._mode == "role":
            more = "|$" if end else ""
            found = re.match(rf"\s*([a-z_]+)(?:/think)?(?:[\s:>]|(?=[^a-z_/]){more})", self._header, re.IGNORECASE)
            if found or end or len(self._header) > _HEADER:
                role = found[1].lower() if found else ""
                rest = self._header[found.end() :] if found and role in (*_THEIRS, *_OURS) else self._header
                self._header, self._mode = "", "text"
                if role in _THEIRS:
                    self._other_turn()
                elif found and found[0].rstrip().endswith("/think"):
                    self._mode, self.thoughts = "hidden", True
                else:
                    self._plain(rest)
        elif end or len(self._header) > _HEADER:
            found = re.match(r"\s*(?:assistant)?\s*(final|analysis|commentary)?\s*(?:json)?", self._header)
            channel, rest = (found[1], self._header[found.end() :]) if found else (None, self._header)
            self._header = ""
            if channel == "final" and self._unmarked:
                self._anew()
            self._mode = "bare" if channel in ("analysis", "commentary") else "text"
            self.thoughts = self.thoughts or self._mode == "bare"
            self._plain(rest)

    def _other_turn(self) -> None:
        """Somebody else speaks: an echo of the prompt before the answer, an invention after it."""
        self._mode = "over" if self._said else "theirs"
