"""graphs/engine/web/remote.py: who gives orders without a page."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientError, ClientSession
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import BaseRequest

from graphs.engine.web.access import WRONG_AGAIN_S, WRONG_AT_ONCE
from graphs.engine.web.remote import AT_ONCE, PATHS, PER_S, Remote
from graphs.engine.web.server import LocalWeb

KEY = "long-enough-key"
OVERLAY_KEY = "a key of the pages"
BUTTON, PAGES = ({"Authorization": f"Bearer {key}"} for key in (KEY, OVERLAY_KEY))


class Gate:
    """A ``Remote`` in virtual time."""

    def __init__(self, key: str = KEY) -> None:
        self.at = 0.0
        self.told: list[str] = []
        self.remote = Remote(key, now=lambda: self.at, tell=self.told.append)

    def order(self, key: str | None = KEY, path: str = "/api/dock") -> int:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        request: Any = SimpleNamespace(headers=headers, path=path, remote="127.0.0.1")
        refused = self.remote.refuse(request)
        return 200 if refused is None else refused[0]


@pytest.mark.parametrize(
    ("method", "path", "headers", "concerned"),
    [
        ("POST", "/api/dock", {"Authorization": f"Bearer {KEY}"}, True),
        ("POST", "/api/reload", {}, True),
        ("POST", "/api/dock", {"X-Token": ""}, False),
        ("GET", "/api/reload", {"Authorization": f"Bearer {KEY}"}, False),
        ("POST", "/api/say", {"Authorization": f"Bearer {KEY}"}, False),
        ("POST", "/api/dock/", {"Authorization": f"Bearer {KEY}"}, False),
    ],
)
def test_it_is_for_orders_only_and_not_for_those_of_a_page(
    method: str, path: str, headers: dict[str, str], concerned: bool
) -> None:
    assert Remote.concerns(make_mocked_request(method, path, headers=headers)) is concerned


@pytest.mark.parametrize("key", [KEY, f'"{KEY}"', f" {KEY}\n", f"Bearer {KEY}"])
def test_the_key_may_be_written_in_the_ways_that_people_paste_it(key: str) -> None:
    assert Gate(key).order() == 200


@pytest.mark.parametrize("key", ["secret", "열쇠는열두글자이상이어야해요"])
def test_a_key_that_is_short_or_cannot_be_sent_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="REMOTE_KEY") as told:
        Remote(key)
    assert key not in str(told.value)


@pytest.mark.parametrize("key", ["", None, "wrong", KEY + "x", KEY[:-1], "\udcff"])
def test_no_other_key_will_do(key: str | None) -> None:
    gate = Gate()
    assert gate.order(key) == 403
    assert gate.order() == 200


@pytest.mark.parametrize("key", [None, "", KEY])
def test_nobody_gives_orders_without_a_key_in_env(key: str | None) -> None:
    gate = Gate("")
    assert gate.order(key) == 403
    assert "REMOTE_KEY" in gate.told[0]


def test_somebody_who_guesses_is_slowed_down_and_every_reason_is_told_once_without_the_key() -> None:
    gate, compared = Gate(), 0
    for number in range(10_000):
        gate.at = number / 1000
        compared += gate.order(f"guess {number}") == 403
    assert WRONG_AT_ONCE < compared <= WRONG_AT_ONCE + 10 / WRONG_AGAIN_S + 1
    assert gate.order() == 429, "not even the right one is compared"
    assert len(gate.told) == 2
    assert not any(KEY in line or "guess" in line for line in gate.told)
    gate.at += 100
    assert gate.order() == 200


def test_only_so_many_orders_are_taken_and_the_rest_is_refused_and_told_once() -> None:
    gate = Gate()
    assert [gate.order() for _ in range(AT_ONCE + 2)] == [200] * AT_ONCE + [429, 429]
    gate.at = 1.0
    assert [gate.order() for _ in range(PER_S + 1)] == [200] * PER_S + [429]
    assert len(gate.told) == 1
    gate.at = 1e6
    assert [gate.order() for _ in range(AT_ONCE + 1)].count(200) == AT_ONCE


class Side:
    """A server with two orders and one other address, and a client."""

    def __init__(self, web: LocalWeb, client: ClientSession, told: list[str]) -> None:
        self.web, self.client, self.told = web, client, told
        self.orders: list[Any] = []
        for path in (*PATHS, "/api/say"):
            web.post(path, lambda said: (self.orders.append(said), {"done": True})[1])

    async def post(self, headers: Mapping[str, str], path: str = "/api/dock", data: bytes = b"{}") -> tuple[int, str]:
        given = {"Content-Type": "application/json", **headers}
        async with self.client.post(self.web.url + path, data=data, headers=given) as answer:
            return answer.status, str((await answer.json()).get("error", ""))


class Lines:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def info(self, text: str, **_: object) -> None:
        self.lines.append(text)

    warning = info


@pytest_asyncio.fixture
async def side(tmp_path: Path) -> AsyncIterator[Side]:
    log: Any = Lines()
    web = LocalWeb("127.0.0.1", 0, log, root=tmp_path, key=OVERLAY_KEY, remote_key=KEY)
    await web.start()
    async with ClientSession() as client:
        yield Side(web, client, log.lines)
        await web.stop()


@pytest.mark.asyncio
async def test_an_order_with_the_key_is_carried_out_and_one_of_a_page_still_is(side: Side) -> None:
    for headers in (BUTTON, {"X-Token": side.web.token}):
        for path in sorted(PATHS):
            assert (await side.post(headers, path))[0] == 200
    assert len(side.orders) == 4
    assert side.told == []


@pytest.mark.asyncio
async def test_the_key_gives_orders_and_nothing_else(side: Side) -> None:
    assert (await side.post(BUTTON, "/api/say"))[0] == 403
    assert (await side.post({**BUTTON, "X-Token": "old"}))[0] == 403, "a page of the last run is no button"
    assert side.orders == []


@pytest.mark.asyncio
@pytest.mark.parametrize("scheme", [f"bearer {KEY}", f"BEARER {KEY}", f"Bearer   {KEY}", f"Bearer {KEY} "])
async def test_the_word_before_the_key_is_read_as_the_standard_says(side: Side, scheme: str) -> None:
    assert (await side.post({"Authorization": scheme}))[0] == 200


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Authorization": KEY}, ""),
        ({"Authorization": f"Basic {KEY}"}, ""),
        ({"Authorization": f"Token {KEY}"}, ""),
        ({"Authorization": f"Bearer{KEY}"}, ""),
        ({"Authorization": f"Bearer {KEY}, Bearer {KEY}"}, ""),
        ({"Authorization": f"Bearer {KEY} {KEY}"}, ""),
        ({"Authorization": f"Bearer {KEY.upper()}"}, ""),
        ({"Authorization": "Bearer 열쇠는열두글자이상이어야해요"}, ""),
        ({"Authorization": "Bearer " + "x" * 7000}, ""),
        ({"X-Api-Key": KEY}, ""),
        ({"Cookie": f"aischoco_key={KEY}"}, ""),
        ({}, f"?key={KEY}"),
        ({}, f"?token={KEY}"),
        ({**BUTTON, "Origin": "null"}, ""),
        ({**BUTTON, "Origin": "http://localhost"}, ""),
    ],
)
async def test_a_key_anywhere_else_gives_no_order_and_is_not_repeated(
    side: Side, headers: dict[str, str], path: str
) -> None:
    status, why = await side.post(headers, "/api/dock" + path)
    assert status == 403
    assert side.orders == []
    assert not any(KEY in line for line in (why, *side.told))


@pytest.mark.asyncio
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
async def test_only_a_post_is_an_order(side: Side, method: str) -> None:
    async with side.client.request(method, side.web.url + "/api/dock", headers=BUTTON) as answer:
        assert 400 <= answer.status < 500
    assert side.orders == []


@pytest.mark.asyncio
@pytest.mark.parametrize("size", [70_000, 900_000])
async def test_a_body_that_is_too_large_for_an_order_is_refused(side: Side, size: int) -> None:
    with contextlib.suppress(ClientError):  # it hangs up before all of it has come
        status, _ = await side.post(BUTTON, data=b'{"order":"say","text":"' + b"x" * size + b'"}')
        assert status == 413
    assert side.orders == []


@pytest.mark.asyncio
async def test_a_foreign_page_is_refused_with_the_key_and_its_browser_is_not_told_that_it_might_ask(side: Side) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        assert (await side.post({**BUTTON, **headers}))[0] in (403, 421)
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "authorization"}
    async with side.client.options(side.web.url + "/api/dock", headers=asked) as answer:
        assert answer.status == 403
        assert not any(name.startswith("Access-Control") for name in answer.headers)
    assert side.orders == []
    assert len(side.told) == 3
    await side.post({**BUTTON, "Origin": "https://other.example"})
    assert len(side.told) == 3, "each reason once"


@pytest.mark.asyncio
async def test_another_machine_needs_this_key_only_and_the_key_of_the_pages_is_not_it(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LocalWeb, "local", False)
    monkeypatch.setattr(BaseRequest, "remote", "192.168.0.9")
    assert (await side.post(BUTTON))[0] == 200
    assert (await side.post(PAGES))[0] == 403
    assert (await side.post({**PAGES, "X-Token": side.web.token}))[0] == 200
    assert len(side.orders) == 2


@pytest.mark.asyncio
async def test_what_a_korean_windows_prompt_sends_is_refused_with_the_remedy(side: Side) -> None:
    body = '{"order":"say","text":"안녕"}'.encode("cp949")
    status, why = await side.post(BUTTON, data=body)
    assert (status, "UTF-8" in why) == (400, True)


@pytest.mark.asyncio
async def test_a_thousand_orders_in_a_row_are_all_answered(side: Side) -> None:
    async def press() -> list[int]:
        return [(await side.post(BUTTON))[0] for _ in range(125)]

    statuses = Counter(status for some in await asyncio.gather(*(press() for _ in range(8))) for status in some)
    assert (set(statuses), statuses.total()) == ({200, 429}, 1000)
    assert statuses[200] == len(side.orders) >= AT_ONCE
    assert len(side.told) == 1
