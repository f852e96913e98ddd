"""What a server of a language model sends: server-sent events, an answer in one piece, or an error.

A first line such as ``429 retry-after: 2`` makes the rest the body of an error with that status and header.
"""

import asyncio
import math
import re
from collections.abc import Mapping

import httpx

from nodes.llm._model.chat_api import _events
from nodes.llm._model.chat_wire import Delta, Refused, Usage, duration, error, event, whole
from tests.fuzz.targets._laws import must

_STATUS = re.compile(r"([1-9]\d\d)(?: ([a-z-]+): (.*))?")


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    first, _, rest = text.partition("\n")
    status = _STATUS.fullmatch(first)
    if status:
        headers: Mapping[str, str] = {status[2]: status[3]} if status[2] else {}
        _refused(error(int(status[1]), headers, rest))
        return
    for line in text.split("\n")[:64]:
        try:
            _pieces(event(line.removeprefix("data:").strip()))
        except Refused as refused:
            _refused(refused)
    try:
        _pieces([whole(text)])
    except Refused as refused:
        _refused(refused)
    _streamed(data)
    seconds = duration(first)
    must(seconds is None or seconds >= 0, seconds)


def _streamed(data: bytes) -> None:
    """The whole stream: its end is always reported, once, and last."""
    queue: asyncio.Queue[Delta | Refused | None] = asyncio.Queue()
    reading = _events(httpx.Response(200, content=data), queue)
    try:
        reading.send(None)
    except StopIteration:
        pass
    else:
        raise AssertionError("it waits for something that is there")
    told = [queue.get_nowait() for _ in range(queue.qsize())]
    ends = [each for each in told if not isinstance(each, Delta)]
    must(len(ends) == 1 and told[-1] is ends[0], "ends:", ends)


def _pieces(pieces: list[Delta]) -> None:
    for piece in pieces:
        must(isinstance(piece.text, str) and isinstance(piece.finish, str), piece)
        if isinstance(piece.usage, Usage):
            must(all(isinstance(each, int) for each in (piece.usage.prompt, piece.usage.completion)), piece)


def _refused(refused: Refused) -> None:
    must(len(str(refused)) <= 300, "a long text")
    wait = refused.retry_after_s
    must(wait is None or (wait >= 0 and not math.isnan(wait)), wait)
