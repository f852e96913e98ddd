"""How long a viewer's line takes from CHZZK's socket to the page: the real command, a real socket.io 2.0.3 server and a
real browser, all on one machine and therefore on one clock."""

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_overlay import opened
from tests.e2e.conftest import figure
from tests.e2e.show import Show
from tests.peers.chzzk_peer import ACCESS_TOKEN, Peer, install

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.asyncio, pytest.mark.timeout(300)]

PER_S, COUNT = 20, 300
P99_MS = 100.0
TRIES = 2
"""Something else may take both cores of a machine for a while, but not for twice 15 s."""

GRAPH = """
name: latency
nodes:
  chzzk: {type: chat.chzzk, api_url: "${CHZZK_API_URL}", access_token: "${CHZZK_ACCESS_TOKEN}"}
  parse: {type: chat.parse, in: chzzk}
  filter: {type: chat.filter, in: parse, duplicate_window_s: 0}
  overlay: {type: overlay.web, chat: filter}
"""
WATCH = """
window.__seen = []
new MutationObserver((changes) => {
  const at = performance.timeOrigin + performance.now()
  for (const change of changes)
    for (const node of change.addedNodes) if (node.textContent) window.__seen.push([at, node.textContent])
}).observe(document.body, { childList: true, subtree: true })
"""


@pytest.fixture
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    peer = Peer(install(tmp_path_factory.mktemp("chzzk")))
    peer.start()
    yield peer
    peer.kill()


async def measured(peer: Peer, page: Page) -> list[float]:
    """Measure the milliseconds of each line, sorted; every line came, once and in order."""
    await page.evaluate("window.__seen.length = 0")
    await asyncio.to_thread(peer.do, "rate", per_s=PER_S, count=COUNT)

    async def all_there() -> Any:
        seen = await page.evaluate("window.__seen")
        return seen if len(seen) >= COUNT else None

    seen: list[tuple[float, str]] = await until(all_there, COUNT / PER_S + 15)
    sent = (await asyncio.to_thread(peer.do, "state"))["sent_at"]
    numbers = [int(found[1]) for _, text in seen if (found := re.search(r"메시지 (\d+)", text))]
    assert numbers == list(range(COUNT))
    return sorted(shown - written for (shown, _), written in zip(seen, sent, strict=True))


async def test_a_line_is_on_the_page_within_100_ms_of_the_socket(
    browser: Browser, tmp_path: Path, peer: Peer, figure: Callable[[str], None]
) -> None:
    graph = tmp_path / "latency.yaml"
    graph.write_text(GRAPH, encoding="utf-8")
    env = {"CHZZK_API_URL": peer.url, "CHZZK_ACCESS_TOKEN": ACCESS_TOKEN}
    with Show(tmp_path, str(graph), env=env) as show:
        await asyncio.to_thread(show.until, lambda: "치지직 채팅을 받아요" in show.log)
        page = await opened(browser, f"{show.url}/?obs")
        await page.evaluate(WATCH)
        p99 = P99_MS
        for _ in range(TRIES):
            delays = await measured(peer, page)
            p99 = delays[COUNT * 99 // 100]
            figure(
                f"{COUNT} lines at {PER_S}/s, socket to DOM: p50 {delays[COUNT // 2]:.1f} ms, p99 {p99:.1f} ms, "
                f"max {delays[-1]:.1f} ms"
            )
            if p99 < P99_MS:
                break
        await asyncio.to_thread(show.signal, 2)
    assert p99 < P99_MS
    assert show.report["errors"] == []
