"""Fuzzes what a language model server sends (events, an answer in one piece, an error), and what the model writes.

A first line such as ``429 retry-after: 2`` makes the rest the body of an error with that status and header. A first
line ``text`` makes the rest what the model writes. The length of the input determines how it is cut into pieces.
"""

import asyncio
import math
import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx

from nodes.llm._model.answer import LONGEST, Answer
from nodes.llm._model.chat_wire import Delta, Refused, Usage, error
from nodes.llm._model.errors import MOST
from nodes.llm._model.stream import Queue, read_answer
from nodes.llm._model.traits import Traits
from nodes.waits import duration, retry_after
from schemas.reply import EMOTIONS
from tests.fuzz.targets._laws import must

_STATUS = re.compile(r"([1-9]\d\d)(?: ([a-z-]+): (.*))?")
_BODY = {"model": "m", "messages": [], "max_tokens": 1, "temperature": 0.8, "stop": ["x"], "reasoning_effort": "low"}


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    first, _, rest = text.partition("\n")
    status = _STATUS.fullmatch(first)
    if status:
        headers: Mapping[str, str] = {status[2]: status[3]} if status[2] else {}
        _refused(error(int(status[1]), headers, rest))
        return
    if first == "text":
        _written(rest[:2000])
        return
    size = 1 + len(data) * 7 % 61
    whole, cut = _read([data]), _read([data[at : at + size] for at in range(0, len(data), size)])
    must(_told(whole) == _told(cut), "it is something else in pieces of", size)
    _pieces([each for each in whole if isinstance(each, Delta)])
    seconds = duration(first)
    must(seconds is None or seconds >= 0, seconds)
    wait = retry_after({"retry-after": first, "date": "Mon, 30 Nov 2026 12:00:00 GMT"}, rest[:MOST])
    must(wait is None or wait >= 0, wait)


async def _at_once(call: Callable[[], Any]) -> Any:
    return call()


def _read(parts: list[bytes]) -> list[Delta | Refused | None]:
    """Read the whole stream: its end is always reported, once, and last."""
    queue: Queue = asyncio.Queue()

    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    reading = read_answer(httpx.Response(200, content=stream()), queue, _at_once)
    try:
        reading.send(None)
    except StopIteration:
        pass
    except Refused as refused:
        queue.put_nowait(refused)
    else:
        raise AssertionError("it waits for something that is there")
    told = [queue.get_nowait() for _ in range(queue.qsize())]
    ends = [each for each in told if not isinstance(each, Delta)]
    must(len(ends) == 1 and told[-1] is ends[0], "ends:", ends)
    if isinstance(ends[0], Refused):
        _refused(ends[0])
    return told


def _told(found: list[Delta | Refused | None]) -> list[object]:
    return [(each.kind, str(each)) if isinstance(each, Refused) else each for each in found]


def _written(text: str) -> None:
    """Check that the spoken text is bounded, is never taken back, and does not depend on how the text was cut."""
    size = 1 + len(text) * 7 % 13
    whole = _said([text])
    must(whole == _said([text[at : at + size] for at in range(0, len(text), size)]), "it says something else in pieces")
    must(len(whole[0]) <= LONGEST, "too long")


def _said(parts: list[str]) -> tuple[str, str | None, str]:
    answer, said = Answer(EMOTIONS, names=("하늘",), own=("초코",)), ""
    for part in parts:
        piece = answer.feed(part)
        said += piece.text if piece else ""
    piece = answer.finish()
    said += piece.text if piece else ""
    must(said == answer.text, "what was given out is not what is remembered")
    must(answer.emotion is None or answer.emotion in EMOTIONS, answer.emotion)
    return said, answer.emotion, answer.why


def _pieces(pieces: list[Delta]) -> None:
    for piece in pieces:
        must(isinstance(piece.text, str) and isinstance(piece.finish, str), piece)
        if isinstance(piece.usage, Usage):
            must(all(isinstance(each, int) for each in (piece.usage.prompt, piece.usage.completion)), piece)


def _refused(refused: Refused) -> None:
    must(len(str(refused)) <= 300, "a long text")
    must(len(refused.told.message) <= MOST, "a long message")
    wait = refused.retry_after_s
    must(wait is None or (wait >= 0 and not math.isnan(wait)), wait)
    traits, body = Traits(), dict[str, Any](_BODY)
    for _ in range(12):
        if not traits.learn(refused, body, ("stop",)):
            break
        body = traits.fitted(_BODY, {}, ("stop",))
    else:
        raise AssertionError("it learns for ever")
