"""Thirty edits of the graph by its page's address while ten messages a second are written, in the real program."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.e2e.show import Show
from tests.peers.body import percentile

pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

GRAPH = """\
name: own
nodes:
  # what viewers write
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse, min_length: 2}  # short ones
  batch: {type: chat.batch, in: filter, quiet_s: 0.2}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: filter, reply: split.sentence}
"""
EVERY_S = PAUSE_S = 0.1
"""Between two messages, and from one change to the next."""
ON_AIR_S = 0.2
"""From the request to the answer that the change is on air."""


def changes() -> list[list[dict[str, Any]]]:
    """Return thirty edits of the kinds that the page makes; each one can be made after those before it."""

    def at(number: int) -> dict[str, Any]:
        name = "거름" if 4 <= number <= 10 else "filter"  # as it is called by then
        return {"op": "set", "path": ["nodes", name, "max_length"], "value": 100 + number}

    def wire(op: str, node: str, source: str, port: str = "chat") -> dict[str, Any]:
        return {"op": op, "node": node, "port": port, "from": source}

    pass_on = {"type": "chat.filter", "in": "parse", "max_repeat": 9}
    more = [
        [{"op": "add_node", "node": "더", "body": pass_on, "after": "parse", "comment": "한 번 더"}],
        [wire("connect", "filter", "더"), wire("disconnect", "filter", "parse")],
        [{"op": "rename", "node": "더", "to": "two"}],
        [{"op": "rename", "node": "filter", "to": "거름"}],
        [{"op": "copy_node", "node": "reply", "to": "reply2"}],
        [{"op": "remove_node", "node": "reply2"}],
        [wire("connect", "batch", "parse.withdrawn", "withdrawn")],
        [wire("disconnect", "batch", "parse.withdrawn", "withdrawn")],
        [{"op": "rename", "node": "typed", "to": "입력"}],
        [{"op": "rename", "node": "입력", "to": "typed"}],
        [{"op": "rename", "node": "거름", "to": "filter"}],
        [wire("connect", "filter", "parse"), wire("disconnect", "filter", "two")],
        [{"op": "type", "node": "two", "value": "chat.batch", "fit": True}],
        [{"op": "remove_node", "node": "two"}],
        [{"op": "unset", "path": ["nodes", "filter", "max_length"]}],
    ]
    return [edit for number, other in enumerate(more) for edit in ([at(number)], other)]


class Viewers:
    """Writes ten messages a second, and reads what the overlay shows."""

    def __init__(self, page: aiohttp.ClientSession) -> None:
        self._page = page
        self.sent: list[str] = []
        self.shown: list[str] = []
        self.again = 0
        """How often a message was not taken, and was written once more."""

    async def write(self) -> None:
        began = time.monotonic()
        while True:
            number = len(self.sent)
            await asyncio.sleep(max(0.0, began + number * EVERY_S - time.monotonic()))
            while not await self._taken({"text": f"{number}번째 말이에요", "name": f"시청자{number}"}):
                self.again += 1
                await asyncio.sleep(0.01)

    async def _taken(self, body: dict[str, str]) -> bool:
        async with self._page.post("/api/say", json=body) as reply:
            if reply.status != 200:  # the node of this address is being replaced
                return False
            self.sent.append((await reply.json())["id"])
            return True

    async def read(self) -> None:
        async with self._page.ws_connect("/ws/overlay") as socket:
            async for message in socket:
                said = json.loads(message.data)
                if isinstance(line := said.get("line"), dict):
                    self.shown.append(line["id"])


async def on_air(show: Show, figure: Callable[[str], None]) -> None:
    file = show.root / "graphs" / "own.yaml"
    async with aiohttp.ClientSession(show.url) as page:
        async with page.get("/") as reply:
            (token,) = re.findall(r'aischoco-token" content="([^"]+)"', await reply.text())
        page.headers["X-Token"] = token
        viewers = Viewers(page)
        reading = asyncio.create_task(viewers.read())
        await asyncio.sleep(0.5)
        writing = asyncio.create_task(viewers.write())
        took: list[float] = []

        async def change(**what: Any) -> bytes:
            async with page.get("/api/edit") as reply:
                base = (await reply.json())["base"]
            await asyncio.sleep(PAUSE_S)
            begun = time.monotonic()
            async with page.post("/api/edit", json={"base": base, **what}) as reply:
                said = await reply.json()
            took.append(time.monotonic() - begun)
            assert (said["status"], said["on_air"]) == ("applied", True), (what, said["problems"])
            return file.read_bytes()

        before = file.read_bytes()
        for edits in changes():
            after = await change(edits=edits)
            assert after != before
            assert await change(undo=True) == before
            assert await change(redo=True) == after
            before = after
            async with page.get("/api/reload") as reply:
                assert (await reply.json())["problems"] == []
        assert before.decode() == GRAPH, "all of them together lead back to where they began"
        writing.cancel()
        await asyncio.sleep(2)
        reading.cancel()
        assert len(viewers.sent) > 60
        assert viewers.shown == viewers.sent, "none is lost, none comes twice, and they keep their order"
        p95 = percentile(took, 0.95)
        figure(
            f"{len(took)} changes on air, p50 {1000 * percentile(took, 0.5):.0f} ms, p95 {1000 * p95:.0f} ms; "
            f"{len(viewers.sent)} messages, {viewers.again} of them written again"
        )
        assert percentile(took, 0.5) <= ON_AIR_S


def test_thirty_edits_lose_and_double_no_message_and_go_back_and_forth_to_the_same_bytes(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    def own(root: Path) -> None:
        (root / "graphs" / "own.yaml").write_text(GRAPH, encoding="utf-8")

    assert len(changes()) == 30
    with Show(tmp_path, "graphs/own.yaml", prepare=own) as show:
        show.until(lambda: show.get("/api/graph"), 60)
        asyncio.run(on_air(show, figure))
