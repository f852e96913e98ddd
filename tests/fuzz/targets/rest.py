"""Fuzzes answers to our HTTP requests, and datagrams; the first line names the kind, and the status of an answer.

``chzzk 200 30`` (status and Retry-After), ``naver``, ``broadcast`` (of VTube Studio).
"""

from collections.abc import Callable

from nodes.avatar._vts import find as vts_find
from nodes.chat._chzzk import rest as chzzk
from nodes.chat._chzzk import scopes
from nodes.tool import _naver as naver
from tests.fuzz.targets._laws import must, writable

_SECRET = "secret-token"
_PATHS = (scopes.SESSION, scopes.SEND, chzzk.TOKEN, f"{scopes.SUBSCRIBE}/chat")


def check(data: bytes) -> None:
    head, _, body = data.partition(b"\n")
    kind, *words = head.decode("utf-8", "replace").split() or [""]
    if (read := _KINDS.get(kind)) is not None:
        read(words, body)


def _chzzk(words: list[str], body: bytes) -> None:
    status = int(words[0]) if words and words[0].isascii() and words[0].isdigit() and len(words[0]) == 3 else 200
    code, message, content = chzzk._envelope(status, body)
    must(100 <= code < 1000 or code == status, code)
    must(content is None or isinstance(content, dict), content)
    told = chzzk._told(message, [_SECRET])
    must(len(told) < 210 and _SECRET not in told and "\n" not in told, told)
    wait = chzzk.seconds(" ".join(words[1:]), 30.0)
    must(0 < wait < 1e9, wait)
    for path in _PATHS:
        error = chzzk._error(path, code, told, wait)
        must(0 < len(str(error)) < 1000, error)
    for value in (content or {}).values():
        must(0 < chzzk.seconds(value, 30.0) < 1e9, value)


def _naver(_: list[str], body: bytes) -> None:
    try:
        lines = naver.read(body, 3)
    except naver.SearchError as error:
        must(str(error), "it does not say why")
        return
    must(len(lines) <= 3, len(lines))
    for line in lines:
        must(line.isprintable() and 0 < len(writable(line)) <= naver.LONGEST_TITLE + naver.LONGEST_TEXT + 2, line)
        must("<" not in line and ">" not in line, line)


def _broadcast(_: list[str], body: bytes) -> None:
    found = vts_find.read(body)
    must(found is None or (type(found.port) is int and 0 < found.port < 65536), found)


_KINDS: dict[str, Callable[[list[str], bytes], None]] = {"chzzk": _chzzk, "naver": _naver, "broadcast": _broadcast}
