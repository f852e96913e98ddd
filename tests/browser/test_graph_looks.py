"""What the page /graph tells at a look and at a press: a shipped graph as a whole, settings, one answer, one line."""

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from graphs.engine.language.check import check
from nodes import load_all
from tests.browser.stand import until
from tests.browser.test_graph_page import NODES, WIRES, Show, becomes, opened, picture, press
from tests.graphs.engine.stage import graph_of
from tests.harness import ROOT

pytestmark = [pytest.mark.component, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show(graph_of(NODES, *WIRES)).start()
    yield show
    await show.stop()


def state_of(name: str) -> dict[str, Any]:
    """Return what ``GET /api/graph`` would say about a shipped graph."""
    path = ROOT / "graphs" / f"{name}.yaml"
    registry = load_all()
    graph = check(path.read_text("utf-8"), path.name, registry, {}, ROOT)
    shown = {"version": "1", "state": "running", "rate_in": 1.0, "rate_out": 1.0, "last_error": "", "about": ""}
    nodes = [
        {"name": key, "type": entry.type, "line": entry.line, **shown}
        | dict.fromkeys(("events_in", "events_out", "errors", "restarts"), 0)
        for key, entry in graph.nodes.items()
    ]
    edges: list[dict[str, Any]] = []
    for wire in graph.wires:
        source, target = str(wire).split(" -> ")
        to, port = target.split(".")
        read = registry[graph.nodes[to].type].input(port)
        edges.append(
            {"key": str(wire), "source": source.split(".")[0], "output": source.split(".")[1], "target": to}
            | {"input": port, "event": "", "feedback": bool(read and read.feedback), "policy": "fresh", "rate": 1.0}
            | {"length": 0, "capacity": 9, "count": 1, "dropped": {}, "queue_max": 0}
            | {"age_p50_s": 0.001, "age_p95_s": 0.001}
        )
    voice = {"chat": {"count": 0}, "targets_s": {"turn_to_sound": 2.5}}
    counts = {"in": 0, "answered": 0, "waiting": 0, "dropped": {}}
    return {"name": name, "file": f"graphs/{name}.yaml", "path": None, "generation": 1, "seconds": 5.0} | {
        "nodes": nodes,
        "edges": edges,
        "voice": voice,
        "viewer_events": counts,
    }


async def shipped(browser: Browser, show: Show, name: str, size: tuple[int, int]) -> Page:
    told = json.dumps(state_of(name))

    async def tell(route: Route) -> None:
        await route.fulfill(body=told, content_type="application/json")

    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.route("**/api/graph", tell)
    await page.goto(f"{show.web.url}/graph")
    await page.wait_for_selector("[data-node]")
    return page


async def test_what_is_heard_of_a_node_begins_with_what_is_seen_of_it(browser: Browser, show: Show) -> None:
    page = await shipped(browser, show, "demo", (1280, 720))
    await becomes(page, "document.querySelector('[data-node=batch] .speed').textContent")
    spoken = await page.locator("[data-node=batch]").get_attribute("aria-label")
    seen = await page.locator("[data-node=batch]").text_content()
    assert spoken
    assert seen
    assert spoken.startswith(" ".join(seen.split()))


@pytest.mark.parametrize("name", ["demo", "live"])
async def test_a_shipped_graph_fits_on_load_and_says_what_its_nodes_do(browser: Browser, show: Show, name: str) -> None:
    page = await shipped(browser, show, name, (1280, 720))
    room = await page.locator("#scroll").bounding_box()
    assert room is not None
    for card in await page.locator("[data-node] .card").all():
        box = await card.bounding_box()
        assert box is not None
        assert room["x"] <= box["x"] <= box["x"] + box["width"] <= room["x"] + room["width"]
        assert room["y"] <= box["y"] <= box["y"] + box["height"] <= room["y"] + room["height"]
        assert box["height"] > 22, "it can be read"
    zoom = await page.locator("#zoom").bounding_box()
    assert zoom is not None
    assert zoom["y"] + zoom["height"] <= room["y"], "no button lies on a node"
    assert "모으기" in (await page.locator("[data-node=batch]").text_content() or "")
    assert await page.locator("#generation").inner_text() == "수정 1번째 · 켠 지 0:05"
    await picture(page, f"graph-{name}")


async def test_of_lines_side_by_side_the_one_under_the_pointer_is_chosen(browser: Browser, show: Show) -> None:
    page = await shipped(browser, show, "demo", (1280, 720))
    lanes = await page.evaluate(
        """() => {
          const groups = [...document.querySelectorAll('.edge.feedback')];
          const output = (group) => group.dataset.edge.split(' -> ')[0];
          const points = (group) => {
            const wire = group.querySelector('.wire');
            const length = wire.getTotalLength();
            const at = (part) => wire.getPointAtLength(length * part).matrixTransform(wire.getScreenCTM());
            return Array.from({ length: 41 }, (_, index) => at(0.1 + index * 0.02));
          };
          const lanes = groups.map((group) => ({ group, points: points(group) }));
          // the place of each, not below a box, where those of other outputs, which may cross it, are farthest
          return lanes.map(({ group, points }) => {
            const others = lanes.filter((lane) => output(lane.group) !== output(group)).flatMap((lane) => lane.points);
            const apart = (one, other) => Math.hypot(other.x - one.x, other.y - one.y);
            const room = (point) => Math.min(...others.map((other) => apart(point, other)));
            const free = points.filter((point) => document.elementFromPoint(point.x, point.y)?.closest('.edge'));
            const best = free.reduce((one, other) => (room(other) > room(one) ? other : one));
            const middle = points[20];
            return { key: group.dataset.edge, x: best.x, y: best.y, lane: middle.x };
          });
        }"""
    )
    assert len(lanes) >= 5
    xs = sorted({round(lane["lane"], 1) for lane in lanes})
    assert min(b - a for a, b in pairwise(xs)) < 10, "they lie closer together than they reach"
    for lane in lanes:
        await page.mouse.click(lane["x"], lane["y"])
        chosen = await page.locator(".edge.chosen").get_attribute("data-edge")
        assert chosen
        assert chosen.split(" -> ")[0] == lane["key"].split(" -> ")[0], "all edges from one output share a lane"


async def test_a_pressed_node_shows_its_settings_with_their_values(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await press(page, "node", "source")
    await becomes(page, "document.querySelector('#look .settings')")
    rows = await page.locator("#look .settings >> nth=0").inner_text()
    assert "count\n400" in rows
    assert "every_s\n0.05" in rows
    await press(page, "node", "voice")
    await becomes(page, "document.querySelector('#look .settings')?.textContent.includes('work_s')")
    summary = page.locator("#look details summary")
    if await summary.count():
        await summary.click()
        await page.wait_for_timeout(1500)
        assert await page.locator("#look details").get_attribute("open") is not None, "a refresh keeps it open"


async def test_a_row_opens_the_whole_answer_and_whom_it_was_for(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    row = page.locator("[data-turn] button").last
    await row.wait_for()
    turn = await page.locator("[data-turn]").last.get_attribute("data-turn")
    await row.focus()
    await page.keyboard.press("Enter")
    await becomes(page, "document.querySelector('#look .asked')?.textContent.includes('x 0')")
    assert "걸린 시간" in await page.locator("#look").inner_text()
    await page.wait_for_timeout(1500)
    focused = "document.activeElement.closest('[data-turn]')?.dataset.turn"
    assert await page.evaluate(focused) == turn, "a refresh keeps the focus"
    await picture(page, "graph-turn")


async def test_how_long_ago_is_said_as_people_say_it(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await until(lambda: page.evaluate("document.querySelector('.tile.came b').textContent !== '0'"))
    await page.click("#tab-why")
    await page.fill("#query", "x")
    await becomes(page, "document.querySelector('.message small')")
    told = await page.locator(".message small").first.inner_text()
    assert told.endswith(("방금", "초 전"))
    assert "ms" not in told
