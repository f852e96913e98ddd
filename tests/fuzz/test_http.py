"""The web server and what is behind its addresses: whatever is sent, it answers what was requested, or refuses."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.read import read_graph
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe import api
from graphs.engine.web.server import LocalWeb
from nodes import load_all
from tests.e2e.show import accounted
from tests.fuzz import http
from tests.fuzz.attack import installed
from tests.harness import ROOT

ROUTES: dict[str, Any] = http.routes()["paths"]
OF_THE_RELOAD = {"/api/reload", "/api/graphs", "/api/edit"} | {
    path for path in ROUTES if path.startswith("/api/settings/")
}
"""Addresses of the whole program, which the graph alone does not serve."""
GETS = sorted(path for path, methods in ROUTES.items() if "get" in methods and path not in OF_THE_RELOAD)
POSTS = sorted(path for path, methods in ROUTES.items() if "post" in methods and path not in OF_THE_RELOAD)

TEXTS = st.one_of(st.text(max_size=20), st.sampled_from(["\ud800", "\0\r\n", ""]))
LONG = "a number longer than Python reads"
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.just(LONG), st.floats(), TEXTS)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
KNOWN: dict[str, list[Any]] = {
    "kind": ["chat", "donation", "subscription"],
    "text": ["안녕하세요", "x" * 501, "\u202e\u0301\u0301\u0301"],
    "name": ["나", ""],
    "amount": [1, 1000, -1, 1.0, True],
    "months": [1, 1200, 1201],
    "order": ["skip", "approve", "reject", "unsay", "stop", "pause", "approving", "mute", "say", "feel"],
    "turn": ["dock-1", "t-1"],
    "to": [True, False, 0],
    "emotion": ["happy", "", "none"],
    "at_once": [True, False],
}


def _bytes(value: object) -> bytes:
    return json.dumps(value).replace(f'"{LONG}"', "9" * 5000).encode()


def _fields() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(some) | VALUES for name, some in KNOWN.items()})


def _script(name: bytes) -> bytes:
    return b"/" + name + b".js"


BODIES = st.one_of(st.binary(max_size=64), VALUES.map(_bytes), _fields().map(_bytes))
WORDS = [b"9" * 5000, b"typed.out -> parse.payload", b"1", b"-1", b"\r\nX: y"]
MOST = 7000
"""The most characters of a query: the HTTP library refuses a longer address before our code sees it."""
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["id", "q", "last", "edge", "after", "mask", ""]),
        st.one_of(st.binary(max_size=20), st.sampled_from(WORDS)),
    ),
    max_size=3,
)
PATHS = st.one_of(
    st.sampled_from([path.encode() for path in GETS]),
    st.one_of(st.binary(max_size=20), st.just(b"a" * 300)).map(_script),
    st.sampled_from([b"/graph", b"/dock", b"/emote/x", b"/ws/dock", b"//", b"/../x.js"]),
)


class Side:
    """Runs the fuzzer's graph in this process, with a client that sends bytes unchanged."""

    def __init__(self, folder: Path) -> None:
        file = folder / "fuzz.yaml"
        file.write_text(http.GRAPH, encoding="utf-8")
        self.lines: list[str] = []
        self.log = EngineLog(quiet=True)
        self.web = LocalWeb("127.0.0.1", 0, self.log, root=ROOT)
        self.graph = read_graph(file, ROOT)
        self.loop = asyncio.Runner()

    def __enter__(self) -> "Side":
        self.loop.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.run(self._stop())
        self.loop.close()
        assert self.lines == []

    async def _start(self) -> None:
        self.loop.get_loop().set_exception_handler(lambda _, context: self.lines.append(str(context)))
        self.runtime = Runtime(self.graph, load_all(), root=ROOT, log=self.log, web=self.web)
        await self.web.start()
        self.served = api.serve(self.runtime, self.web)
        await self.runtime.start()

    async def _stop(self) -> None:
        self.served.dispose()
        await self.runtime.stop()
        await self.web.stop()

    def ask(self, method: bytes, target: bytes, body: bytes = b"") -> tuple[int, dict[str, str], bytes]:
        """Return (status, headers, content) of the answer."""
        return self.loop.run(asyncio.wait_for(self._ask(method, target, body), 10))

    async def _ask(self, method: bytes, target: bytes, body: bytes) -> tuple[int, dict[str, str], bytes]:
        port = int(self.web.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"Host: 127.0.0.1:{port}\r\nX-Token: {self.web.token}\r\nContent-Length: {len(body)}\r\n"
        head += "Content-Type: application/json\r\nConnection: close\r\n\r\n"
        writer.write(method + b" " + target + b" HTTP/1.1\r\n" + head.encode() + body)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        top, _, content = answer.partition(b"\r\n\r\n")
        status, *lines = top.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return int(status.split()[1]), headers, content


def test_whatever_is_posted_is_taken_or_refused_and_every_viewer_event_is_accounted_for(tmp_path: Path) -> None:
    said = 0

    def post(path: str, body: bytes) -> int:
        nonlocal said
        status, headers, content = side.ask(b"POST", path.encode(), body)
        assert status in (200, 400), content
        assert "Content-Security-Policy" in headers
        assert ("error" in json.loads(content)) == (status == 400)
        said += status == 200 and path == "/api/say"
        return status

    @given(st.sampled_from(POSTS), BODIES)
    def law(path: str, body: bytes) -> None:
        post(path, body)

    with Side(tmp_path) as side:
        law()
        good = {"/api/allow": b'{"id":"x"}'}
        assert all(post(path, good.get(path, b'{"text":"x","order":"stop"}')) == 200 for path in POSTS)
    counts = side.runtime.ledger.counts()
    assert counts["in"] == said
    assert accounted(counts)


def test_whatever_is_asked_for_is_told_or_refused(tmp_path: Path) -> None:
    @given(PATHS, QUERIES)
    def law(path: bytes, query: list[tuple[str, bytes]]) -> None:
        asked = "&".join(f"{name}={quote_from_bytes(value)}" for name, value in query)[:MOST]
        status, headers, content = side.ask(b"GET", quote_from_bytes(path).encode() + b"?" + asked.encode())
        assert status in (200, 308, 400, 404, 426), content
        assert "Content-Security-Policy" in headers
        if status in (400, 404, 426):
            assert json.loads(content)["error"]

    with Side(tmp_path) as side:
        law()
        assert all(
            side.ask(b"GET", path.encode() + b"?edge=typed.out%20-%3E%20parse.payload&id=x&node=filter")[0] == 200
            for path in GETS
        )


@pytest.mark.component
@pytest.mark.timeout(180)
@pytest.mark.skipif(not installed(), reason="needs schemathesis, which the project does not: pip install it")
def test_a_running_show_keeps_its_laws_under_schemathesis(tmp_path: Path) -> None:
    found = http.fuzz(tmp_path, examples=10, seed=1)
    assert found.broken == []
    assert len(found.attack.cases) == sum(len(methods) for methods in ROUTES.values())
    assert found.viewers["in"] > 0
