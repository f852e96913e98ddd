"""The body of an answer: pieces of text as they come, then how it ended.

The kind is recognised by content, not by label: JSON in one piece, or server-sent events, of which only the fields
``data`` and ``error`` matter here. All of it is bounded (``nodes.bodies``, ``nodes.sse``).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from nodes.bodies import LARGE, pieces
from nodes.llm._model.chat_wire import Delta, Refused, event, failed, whole
from nodes.llm._model.content import paired
from nodes.phrases import phrase
from nodes.sse import Field, Fields, TooLong

if TYPE_CHECKING:
    import httpx

_LONGEST_EVENT = 512 * 1024
"""Most bytes of one line of a stream."""
_LONGEST_ANSWER = 8 * 1024 * 1024
"""Most bytes that a server may send for one request, including thoughts."""
_MOST_WORDS = 2_000
"""Keep at most this many characters of a text that is no stream."""
_BLANK = b" \t\r\n"
_BOM = b"\xef\xbb\xbf"

Queue = asyncio.Queue[Delta | Refused | None]
"""Pieces, then None if the answer is complete, else why it is not."""
Thread = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Runs a blocking call elsewhere."""


async def read_answer(response: "httpx.Response", queue: Queue, thread: Thread) -> None:
    """Read a body to its end, whatever is in it: only then can the connection be reused, and only an httpx generator
    that is not left in the middle leaves nothing to clean up."""
    begin, events = b"", _Events(queue)
    whole_text: bytearray | None = None
    page = False
    async with aclosing(pieces(response, _LONGEST_ANSWER)) as parts:
        async for part in parts:
            if events.begun:
                events.push(part)
            elif whole_text is not None:
                whole_text += part
            elif not page:
                begin = (begin + part).lstrip(_BLANK).removeprefix(_BOM).lstrip(_BLANK)
                page = begin[:1] == b"<"
                if begin[:1] in (b"{", b"["):
                    whole_text = bytearray(begin)
                elif not page and not _BOM.startswith(begin):
                    events.push(begin)
    if page:
        raise Refused("refused", phrase("a web page came; base_url is not the address of an API"))
    if whole_text is None:
        events.end()
        return
    text = whole_text.decode("utf-8", "replace")
    queue.put_nowait(await thread(lambda: whole(text)) if len(text) > LARGE else whole(text))
    queue.put_nowait(None)


_DONE = ("done", "end", "complete", "completed", "close", "message_stop")
_MARKS = ("DONE", "[DONE]", "<DONE>")
_LONGEST_MARK = 16
_HALF = re.compile("[\ud800-\udbff]$")


class _Events:
    """Turns the fields of a stream into pieces; its end is reported once, and last."""

    def __init__(self, queue: Queue) -> None:
        self.begun = False
        self._queue = queue
        self._fields = Fields(_LONGEST_EVENT)
        self._data = ""
        """Data of an event whose JSON spans several lines."""
        self._name = self._words = ""
        """The name of the event; lines that are no field of an event."""
        self._half = ""
        """The first half of a sign that was cut in two."""
        self._index: int | None = None
        """Of several answers the one that is read."""
        self._texts = self._said = False
        """Text came; some of it was not the arguments of a function."""
        self._loads = False
        """The thoughts are told about the load of the model."""
        self._over = self._finished = False

    def push(self, part: bytes) -> None:
        self.begun = True
        if not self._over:
            self._take(lambda: self._fields.push(part))

    def end(self) -> None:
        self._take(lambda: [*self._fields.end(), ("", "")])
        if not self._finished and self._words and not self._texts:
            self._end(failed(self._words))
        self._end(None if self._finished else Refused("broken", phrase("the answer ended in the middle")))

    def _take(self, fields: Callable[[], list[Field]]) -> None:
        try:
            for name, value in fields():
                if not self._over:
                    self._field(name, value)
        except TooLong as problem:
            self._end(Refused("broken", str(problem)))
        except Refused as refused:
            self._end(refused)

    def _field(self, name: str, value: str) -> None:
        """Treat each line of ``data`` that is JSON as an event: some servers leave out the blank line between two."""
        if name == "error":  # llama.cpp until the end of 2025
            raise failed(value)
        if name == "event":
            self._name = value.strip().lower()
        elif name == "data":
            self._line(value)
        elif name.strip().upper() == "[DONE]":
            self._end(None)
        elif name not in ("", "id", "retry"):
            self._words = f"{self._words} {name} {value}"[:_MOST_WORDS]
        elif not name:
            data, self._data = self._data, ""
            if data.strip():
                self._event(data)
            if self._name in _DONE:
                self._end(None)
            self._name = ""

    def _line(self, value: str) -> None:
        while not self._data and value.startswith("data:"):  # put in front twice, by a proxy
            value = value[5:].lstrip()
        if self._data:
            self._data += "\n" + value
        elif len(value) < _LONGEST_MARK and value.strip(" \t\"'").upper() in _MARKS:
            self._end(None)
        elif value.rstrip().endswith("}"):
            self._event(value)
        else:
            self._data = value

    def _event(self, data: str) -> None:
        if self._name == "error":
            raise failed(data)
        for delta in event(data):
            if self._index is None and (delta.text or delta.finish):
                self._index = delta.choice
            if delta.choice != (self._index or 0) and delta.usage is None:
                continue
            again = (delta.whole and self._texts) or (delta.called and self._said)
            text = "" if again else self._paired(delta.text)
            self._texts = self._texts or bool(text)
            self._said = self._said or (bool(text) and not delta.called)
            self._finished = self._finished or bool(delta.finish)
            if delta.thought:
                delta = self._of_load(delta)
            self._queue.put_nowait(delta if text == delta.text else delta._replace(text=text))

    def _of_load(self, delta: Delta) -> Delta:
        """Return a thought, or what a server says in place of one while it loads the model."""
        load = delta.load or ("goes on" if self._loads else "")
        if load != "rule":
            self._loads = load in ("begins", "goes on")
        return delta._replace(load=load, thought=not load)

    def _paired(self, text: str) -> str:
        """Return the text with the halves of a sign put together that came in two pieces; one alone cannot be sent."""
        if not self._half and text.isascii():
            return text
        text, self._half = self._half + text, ""
        half = _HALF.search(text)
        if half:
            text, self._half = text[: half.start()], half[0]
        return paired(text)

    def _end(self, how: Refused | None) -> None:
        if not self._over:
            self._over = True
            self._queue.put_nowait(how)
