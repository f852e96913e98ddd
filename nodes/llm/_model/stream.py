"""The body of an answer: pieces of text as they come, then how it ended.

The kind is recognised by content, not by label: JSON in one piece, or server-sent events, of which only the fields
``data`` and ``error`` matter here. All of it is bounded (``nodes.bodies``, ``nodes.sse``).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from nodes.bodies import LARGE, pieces
from nodes.llm._model.chat_wire import Delta, Refused, event, failed, whole
from nodes.sse import Field, Fields, TooLong

if TYPE_CHECKING:
    import httpx

_LONGEST_EVENT = 512 * 1024
"""Most bytes of one line of a stream."""
_LONGEST_ANSWER = 8 * 1024 * 1024
"""Most bytes that a server may send for one request, including thoughts."""
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
                begin = (begin + part).lstrip(_BLANK).removeprefix(_BOM)
                page = begin[:1] == b"<"
                if begin[:1] in (b"{", b"["):
                    whole_text = bytearray(begin)
                elif begin and not page:
                    events.push(begin)
    if page:
        raise Refused("refused", "a web page came; base_url is not the address of an API")
    if whole_text is None:
        events.end()
        return
    text = whole_text.decode("utf-8", "replace")
    queue.put_nowait(await thread(lambda: whole(text)) if len(text) > LARGE else whole(text))
    queue.put_nowait(None)


class _Events:
    """Turns the fields of a stream into pieces; its end is reported once, and last."""

    def __init__(self, queue: Queue) -> None:
        self.begun = False
        self._queue = queue
        self._fields = Fields(_LONGEST_EVENT)
        self._data = ""
        """Data of an event whose JSON spans several lines."""
        self._name = ""
        self._over = self._finished = False

    def push(self, part: bytes) -> None:
        self.begun = True
        if not self._over:
            self._take(lambda: self._fields.push(part))

    def end(self) -> None:
        self._take(lambda: [*self._fields.end(), ("", "")])
        self._end(None if self._finished else Refused("broken", "the answer ended in the middle"))

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
            self._name = value
        elif name == "data" and self._data:
            self._data += "\n" + value
        elif name == "data" and value.strip() == "[DONE]":
            self._end(None)
        elif name == "data" and not value.rstrip().endswith("}"):
            self._data = value
        elif name == "data":
            self._event(value)
        elif not name and self._data.strip():
            data, self._data = self._data, ""
            self._event(data)
        if not name:
            self._name = self._data = ""

    def _event(self, data: str) -> None:
        if self._name == "error":
            raise failed(data)
        for delta in event(data):
            self._finished = self._finished or bool(delta.finish)
            self._queue.put_nowait(delta)

    def _end(self, how: Refused | None) -> None:
        if not self._over:
            self._over = True
            self._queue.put_nowait(how)
