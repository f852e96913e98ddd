"""The voice server: whatever is sent, it answers with sound that our own client can read, or with a refusal."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import pytest
import yaml
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from nodes.speech._http.wire import decoder
from nodes.speech._serve_app import Desk
from tests.fuzz import voice
from tests.fuzz.attack import installed
from tests.nodes.speech.stage import FakeVoice

ROUTES: dict[str, Any] = yaml.safe_load(voice.ROUTES.read_text(encoding="utf-8"))["paths"]
POSTS = sorted(path for path, methods in ROUTES.items() if "post" in methods)
LONG = "a number longer than Python reads"
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.just(LONG), st.floats(), st.text(max_size=20), st.just("\ud800")
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
KNOWN: dict[str, list[Any]] = {
    "input": ["안녕하세요", "x" * 4096, "가" * 4097, "가" * 12_000, "\u202e\u0301", "🙂"],
    "text": ["안녕하세요", " ", "x" * 4097],
    "response_format": ["pcm", "wav", "mp3"],
    "stream_format": ["sse", "audio", "x"],
    "stream": [True, False],
    "speed": [0.5, 2.0, 1, 2.1, 10**400],
    "emotion": ["happy", "", "none"],
}
FIELDS = st.fixed_dictionaries(
    {"input": st.sampled_from(KNOWN["input"]) | VALUES, "text": st.sampled_from(KNOWN["text"]) | VALUES},
    optional={name: st.sampled_from(some) | VALUES for name, some in KNOWN.items() if name not in ("input", "text")},
)


def _bytes(value: object) -> bytes:
    return json.dumps(value).replace(f'"{LONG}"', "9" * 5000).encode()


BODIES = st.one_of(st.binary(max_size=64), VALUES.map(_bytes), FIELDS.map(_bytes), FIELDS.map(_bytes))


class Side:
    """Runs a server in this process, with a client."""

    def __enter__(self) -> "Side":
        self._loop = asyncio.Runner()
        self._loop.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.run(self._stop())
        self._loop.close()

    async def _start(self) -> None:
        desk = Desk(FakeVoice(), "fake", "", 2)
        desk.ready = True
        self._server = TestServer(desk.application())
        await self._server.start_server(shutdown_timeout=0.1)
        self._session = aiohttp.ClientSession()

    async def _stop(self) -> None:
        await self._session.close()
        await self._server.close()

    def post(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Return (status, Content-Type, content)."""
        return self._loop.run(asyncio.wait_for(self._post(path, body), 10))

    async def _post(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        headers = {"Content-Type": "application/json"}
        async with self._session.post(self._server.make_url(path), data=body, headers=headers) as answer:
            return answer.status, answer.headers["Content-Type"], await answer.read()


def test_whatever_is_asked_is_said_in_a_form_that_our_client_reads_or_refused_with_a_reason() -> None:
    @given(st.sampled_from(POSTS), BODIES)
    def law(path: str, body: bytes) -> None:
        status, kind, content = side.post(path, body)
        assert status == (413 if len(body) > 65_536 else status) in (200, 400, 413), content
        if status != 200:
            told = json.loads(content)["error"]["message"] if kind.startswith("application/json") else content.decode()
            assert 0 < len(told) < 200
            return
        sound = decoder({"content-type": kind}).push(content)
        assert 0.04 <= len(sound) / 24_000 <= 0.21
        assert np.all(np.abs(sound) <= 0.51)

    with Side() as side:
        law()
        assert side.post("/synthesize", b'{"text":"x"}')[0] == 200


@pytest.mark.component
@pytest.mark.timeout(180)
@pytest.mark.skipif(not installed(), reason="needs schemathesis, which the project does not: pip install it")
def test_a_voice_server_keeps_its_laws_under_schemathesis(tmp_path: Path) -> None:
    found = voice.fuzz(tmp_path, examples=10, seed=1)
    assert found.broken == []
    assert len(found.attack.cases) == sum(len(methods) for methods in ROUTES.values())
