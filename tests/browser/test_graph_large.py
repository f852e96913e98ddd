"""/graph while a large graph is edited in a small window: all can be read, seen, and reached by keys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_graph_edit import editing, picture
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

SIZES = [(800, 600), (360, 740)]
ROWS, LONG = 6, 5
READABLE = 9.5
"""Height of the smallest letters in CSS pixels."""
SCALE = "document.getElementById('sketch').getBoundingClientRect().width / sketch.viewBox.baseVal.width"
SEEN = """name => {
  const [box, room] = [document.querySelector(`#sketch [data-node="${name}"]`), document.getElementById("sketch-scroll")].map((each) => each.getBoundingClientRect());
  return box.left >= room.left && box.right <= room.right && box.top >= room.top && box.bottom <= room.bottom;
}"""  # noqa: E501
"""Whether a box is within the part of the picture that shows."""
APART = """() => {
  const places = [...document.querySelectorAll('#sketch [data-port^="dock."] .dot')].map((dot) => dot.getBoundingClientRect());
  const far = (one, other) => Math.hypot(one.x - other.x, one.y - other.y) - one.width;
  return Math.min(...places.flatMap((one, i) => places.slice(i + 1).map((other) => far(one, other))));
}"""  # noqa: E501
"""How many pixels there are at least from one port of the dock to the next."""


def written(root: Path) -> None:
    """Write a graph of forty nodes, and the shipped one with the most ports."""
    lines = ["name: forty", "nodes:", "  typed: {type: chat.typed}", "  parse: {type: chat.parse, in: typed}"]
    for row in range(ROWS):
        names = [f"filter{row}{number}" for number in range(LONG)]
        befores = ["parse", *names]
        lines += [
            f"  {name}: {{type: chat.filter, in: {before}}}" for name, before in zip(names, befores, strict=False)
        ]
    ends = ", ".join(f"filter{row}{LONG - 1}" for row in range(ROWS))
    lines += [
        f"  batch: {{type: chat.batch, in: [{ends}]}}",
        "  reply: {type: reply.canned, in: batch}",
        "  split: {type: reply.split, in: reply}",
        "  overlay: {type: overlay.web, chat: parse, reply: split.sentence}",
        *(f"  spare{number}: {{type: reply.split, in: reply}}" for number in range(4)),
    ]
    (root / "graphs" / "forty.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest_asyncio.fixture
async def forty(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/forty.yaml", prepare=written) as program:
        yield program


async def focused(page: Page) -> str:
    return await page.evaluate("document.activeElement.dataset.node || document.activeElement.id || ''")


@pytest.mark.parametrize("size", SIZES, ids=["800", "360"])
async def test_a_large_graph_is_read_seen_and_walked_through_in_a_small_window(
    browser: Browser, forty: Program, size: tuple[int, int]
) -> None:
    page = await editing(browser, forty, size)
    assert await page.locator("#sketch [data-node]").count() == 40
    await until(lambda: page.locator("#sheet-node .pick").count())
    assert "null" not in await page.inner_text("#sheet-node")
    assert 13 * await page.evaluate(SCALE) >= READABLE
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, f"forty-{size[0]}")

    assert not await page.evaluate(SEEN, "overlay"), "the picture is larger than its room"
    await page.focus("#pick-overlay")
    await page.keyboard.press("Enter")
    await until(lambda: page.evaluate(SEEN, "overlay"))
    assert await focused(page) == "node-title"
    assert await page.evaluate("document.getElementById('node-title').getBoundingClientRect().top") > 0
    await picture(page, f"forty-chosen-{size[0]}")

    await page.focus('#sketch [data-node="overlay"]')
    visited = set()
    for key in ("ArrowUp", "ArrowLeft", "ArrowUp", "ArrowLeft", "ArrowRight", "ArrowDown"):
        for _ in range(8):
            await page.keyboard.press(key)
            at = await focused(page)
            visited.add(at)
            assert await page.evaluate(SEEN, at), f"{at} has the focus and is not seen"
    assert len(visited) > 10
    assert "parse" in visited
    for _ in range(12):
        await page.keyboard.press("Tab")
        if await focused(page) == "edit-tab-node":
            break
    assert await focused(page) == "edit-tab-node", "forty boxes are one stop on the way"
    assert await findings(page) == []


async def test_ports_of_a_box_that_has_many_can_be_told_apart(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml", prepare=written) as program:
        page = await editing(browser, program, SIZES[0])
        await page.wait_for_selector('#sketch [data-node="dock"]')
        assert await page.evaluate(APART) >= 1.5
        await picture(page, "ports-800")
