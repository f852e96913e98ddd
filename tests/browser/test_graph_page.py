"""The page /graph in a real browser, against a real runtime. ``SCREENSHOTS`` names a folder for pictures."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.observe.api import serve
from graphs.engine.reload.reloader import Reloader
from graphs.engine.web.server import LocalWeb
from schemas.graph import Graph, Policy
from tests.browser.stand import until
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import ROOT

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

NODES: dict[str, Any] = {
    "source": ("chat.count", {"count": 400, "every_s": 0.05}),
    "refuse": "chat.refuse",
    "turn": "chat.single",
    "voice": ("audio.say", {"work_s": 0.4}),
    "seen": "page.see",
}
WIRES = (
    "source -> refuse",
    "refuse -> turn",
    "turn -> voice",
    "voice.speaking -> turn.speaking",
    "refuse -> seen",
)
KEYS = {
    "source.out -> refuse.chat",
    "refuse.out -> turn.chat",
    "turn.out -> voice.batch",
    "voice.speaking -> turn.speaking",
    "refuse.out -> seen.chat",
}
XSS = (
    '<img src=x onerror="window.hacked=1">',
    "<script>window.hacked=1</script>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "</title><style>*{display:none}</style>",
)
INERT = "#stage img, #look img, #why img, #turns img, aside script, aside style, aside svg, main script"


class Show:
    """A runtime and its server on the running loop."""

    def __init__(self, graph: Graph, **options: Any) -> None:
        self.web = LocalWeb("127.0.0.1", 0, EngineLog(quiet=True), root=ROOT)
        self.runtime = Runtime(graph, REGISTRY, root=ROOT, log=EngineLog(quiet=True), web=self.web, seed=1)
        self.reloader = Reloader(self.runtime)
        self.options = options
        self.status: dict[str, Any] = {"problems": [], "history": []}

    async def start(self) -> "Show":
        self.routes = serve(self.runtime, self.web, generation=lambda: self.reloader.generation, **self.options)
        self.reload = self.web.get("/api/reload", lambda _: self.status)
        await self.runtime.start()
        await self.web.start()
        return self

    async def stop(self) -> None:
        self.routes.dispose()
        await self.runtime.stop()


async def becomes(page: Page, expression: str) -> Any:
    return await until(lambda: page.evaluate(expression))


async def opened(browser: Browser, show: Show, size: tuple[int, int] = (1280, 800)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(f"{show.web.url}/graph")
    await page.wait_for_selector("[data-node]")
    return page


async def press(page: Page, kind: str, name: str) -> None:
    await page.dispatch_event(f'[data-{kind}="{name}"]', "click")


async def names(page: Page, kind: str) -> set[str]:
    return set(await page.evaluate(f"[...document.querySelectorAll('[data-{kind}]')].map((e) => e.dataset.{kind})"))


async def picture(page: Page, name: str) -> None:
    if "SCREENSHOTS" in os.environ:
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png")


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show(graph_of(NODES, *WIRES)).start()
    yield show
    await show.stop()


async def test_the_boxes_and_lines_are_the_nodes_and_wires_of_the_graph(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    assert await names(page, "node") == set(NODES)
    assert await names(page, "edge") == KEYS == {str(wire) for wire in show.runtime.graph.wires}
    assert await page.evaluate(
        "document.querySelector('[data-edge=\"voice.speaking -> turn.speaking\"]').classList.contains('feedback')"
    )
    boxes = [await box.bounding_box() for box in await page.locator("[data-node] .card").all()]
    assert len(boxes) == len(NODES)
    for number, a in enumerate(boxes):
        assert a is not None
        for b in boxes[:number]:
            assert b is not None
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]
    assert not await page.evaluate(
        "document.documentElement.scrollWidth > innerWidth || document.documentElement.scrollHeight > innerHeight"
    )
    await becomes(page, "[...document.querySelectorAll('.label .flow')].some((e) => /\\d\\/s · /.test(e.textContent))")
    await becomes(page, "document.querySelector('.tile.came b').textContent !== '0'")
    await picture(page, "graph-boxes")


async def test_a_graph_of_many_ways_is_drawn_whole(browser: Browser) -> None:
    names = [f"n{number}" for number in range(9)]
    nodes: dict[str, Any] = {"source": ("chat.count", {"count": 1}), **dict.fromkeys(names, "chat.pass")}
    chain = ["source", *names]
    steps = [(i, j) for i in range(len(chain)) for j in range(i + 1, len(chain)) if j == i + 1 or not i % 2]
    wires = [f"{chain[i]} -> {chain[j]}" for i, j in steps]
    nodes |= {"turn": "chat.single", "voice": "audio.say"}
    show = await Show(graph_of(nodes, *wires, "n8 -> turn", *WIRES[2:4])).start()
    try:
        page = await opened(browser, show)
        outside = (
            "(() => { const all = document.querySelector('#drawing').viewBox.baseVal; "
            "return [...document.querySelectorAll('.wire')].filter((wire) => { const box = wire.getBBox(); "
            "return box.x < all.x || box.y < all.y || box.x + box.width > all.x + all.width || "
            "box.y + box.height > all.y + all.height }).length })()"
        )
        assert await page.locator(".wire").count() == len(wires) + 3
        assert await page.evaluate(outside) == 0
        assert await page.locator("#drawing [d*=NaN], #drawing [x*=NaN]").count() == 0
        beyond = "[...['Width', 'Height']].filter((side) => scroll[`scroll${side}`] > scroll[`client${side}`] + 1)"
        scrolls = f"((scroll) => {beyond})(document.getElementById('scroll'))"
        assert await page.evaluate(scrolls) == []
        for _ in range(3):
            await page.click("#zoom-in")
        assert "Height" in await page.evaluate(scrolls)
        await page.click("#zoom-fit")
        assert await page.evaluate(scrolls) == []
    finally:
        await show.stop()


async def test_a_pressed_line_shows_the_events_as_they_pass(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await press(page, "edge", "source.out -> refuse.chat")
    first = await until(page.locator(".passed").count)
    text = await page.locator(".passed").first.inner_text()
    assert "ChatMessage" in text
    assert "author x" in text
    await until(lambda: _more(page, first))
    await page.click(".tap-head button")
    await asyncio.sleep(0.5)
    still = await page.locator(".passed").count()
    await asyncio.sleep(1.0)
    assert await page.locator(".passed").count() == still
    assert await page.locator(".facts").inner_text()


async def _more(page: Page, than: int) -> bool:
    return await page.locator(".passed").count() > than


async def test_a_reload_changes_the_drawing_and_what_changed_flashes(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.evaluate("window.stays = 1")
    await press(page, "edge", "refuse.out -> seen.chat")
    show.status["history"] = [{"generation": 1, "time": "", "summary": "started"}]
    await asyncio.sleep(1.2)
    nodes = {**NODES, "voice": ("audio.say", {"work_s": 0.3}), "tally": "chat.tally"}
    del nodes["seen"]
    await show.reloader.apply(graph_of(nodes, *WIRES[:4], "refuse -> tally"))
    show.status["history"].append({"generation": 2, "time": "", "summary": "reloaded: voice, tally"})
    flashed = (
        "['voice', 'tally'].every((n) => document.querySelector(`[data-node=\"${n}\"]`)?.classList.contains('flash'))"
    )
    await becomes(page, flashed)
    assert await names(page, "node") == set(nodes)
    assert await names(page, "edge") == {str(wire) for wire in show.runtime.graph.wires}
    assert not await page.evaluate("document.querySelector('[data-node=\"refuse\"]').classList.contains('flash')")
    assert await page.evaluate("window.stays") == 1
    await becomes(page, "document.querySelector('#news').textContent.includes('reloaded: voice, tally')")
    await becomes(page, "document.querySelector('#look').textContent.includes('이제 없어요')")
    assert "2" in await page.locator("#generation").inner_text()


async def test_turns_are_bars_with_a_line_to_aim_at(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await until(page.locator("[data-turn] .bar.talk").count)
    places = await page.evaluate(
        "[...document.querySelectorAll('[data-turn]:last-child .track')].map((track) => "
        "[track, ...['.bar.talk', '.zero', '.aim'].map((what) => track.querySelector(what))].map((each) => "
        "each.getBoundingClientRect().x))"
    )
    ((left, talk, zero, aim),) = places
    assert left < zero <= talk < aim
    # a slow turn shows in its number and in a bar that crosses the line
    late = next(iter(show.runtime.turns.turns.values()))
    late.marks.update(batched=0.0, first_pcm=3.0, first_sound=9.0, ended=10.0)
    await until(page.locator(".took.late").count)
    assert await page.locator(".took.late").first.inner_text() == "9.0초"


async def test_why_this_was_not_answered(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await becomes(page, "Number(document.querySelector('.tile.answered b').textContent) > 0")
    await page.click("#tab-why")
    await page.fill("#query", "x 1")
    await becomes(page, "document.querySelector('.message')")
    verdicts = "Object.fromEntries([...document.querySelectorAll('.message')].map((e) => [e.dataset.id, e.innerText]))"
    told = await page.evaluate(verdicts)
    assert "넘김" in told["1"]
    assert "같은 말 반복" in told["1"]
    await page.fill("#query", "0")
    await page.press("#query", "Enter")
    await becomes(page, "document.querySelector('[data-id=\"0\"][data-verdict=answered]')")
    await page.click('[data-id="0"] .asLink')
    await becomes(page, "document.querySelector('[data-turn=\"t-0\"].flash')")
    await page.fill("#query", "no such thing")
    await becomes(page, "document.querySelector('#found').textContent.includes('찾지 못했어요')")


async def test_the_state_of_a_node_is_seen_and_heard(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    station = show.runtime.stations["seen"]
    station.state, station.errors, station.last_error = "degraded", 5, "ConnectionError: the page is away"
    box = page.locator('[data-node="seen"]')
    await becomes(page, "document.querySelector('[data-node=seen]').classList.contains('is-degraded')")
    assert "고장" in str(await box.text_content())
    assert "고장" in str(await box.get_attribute("aria-label"))
    await press(page, "node", "seen")
    assert "the page is away" in await page.locator(".fault").inner_text()
    station.state = "restarting"
    await becomes(page, "document.querySelector('[data-node=seen]').classList.contains('is-restarting')")
    station.state = "running"


async def test_a_queue_that_fills_up_and_what_it_drops_is_seen(browser: Browser) -> None:
    nodes = {
        "a": ("chat.count", {"count": 300, "every_s": 0.02}),
        "b": ("chat.slow", {"work_s": 30.0}),
        "c": "page.see",
    }
    show = await Show(graph_of(nodes, "a -> b", "b -> c", policies={"a -> b": Policy("fresh", 4, None, None)})).start()
    try:
        page = await opened(browser, show)
        await becomes(page, "document.querySelector('[data-edge=\"a.out -> b.chat\"]').classList.contains('full')")
        await becomes(page, "/4\\/4\\s+−\\d/.test(document.querySelector('.label .full').textContent)")
        await press(page, "edge", "a.out -> b.chat")
        assert "채팅이 너무 많음" in await page.locator(".facts").inner_text()
    finally:
        await show.stop()


async def test_tables_tell_the_same_and_the_keyboard_reaches_all(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.focus('[data-node="refuse"]')
    await page.keyboard.press("Enter")
    assert "refuse" in await page.locator("#look h3").inner_text()
    await page.focus('[data-edge="refuse.out -> seen.chat"]')
    await page.keyboard.press("Space")
    await page.wait_for_selector("#passing")
    await page.focus("#tab-look")
    await page.keyboard.press("ArrowRight")
    assert await page.locator("#query").is_visible()
    await page.focus("#view-tables")
    await page.keyboard.press("Enter")
    heads = await page.evaluate("[...document.querySelectorAll('tbody th')].map((e) => e.textContent)")
    assert set(heads) == set(NODES) | KEYS
    assert not await page.locator("#drawing").is_visible()
    unnamed = (
        "[...document.querySelectorAll('button, a, input, [role=button], [tabindex]')].filter((e) => "
        "e.offsetParent !== null && !e.textContent.trim() && !e.getAttribute('aria-label')).length"
    )
    assert await page.evaluate(unnamed) == 0


async def test_it_speaks_english_and_keeps_to_it(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    assert await page.evaluate("document.documentElement.lang") == "ko"
    await page.click("#language")
    assert "Turns" in await page.locator(".turns h2").inner_text()
    await page.reload()
    await page.wait_for_selector("[data-node]")
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.click("#view-tables")
    korean = await page.evaluate("document.body.innerText.match(/[가-힣]+/g)")
    assert korean == ["한국어"]


async def test_an_absence_of_the_program_is_told_and_survived(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    port = int(show.web.url.rpartition(":")[2])
    await show.web.stop()
    await becomes(page, "document.body.classList.contains('lost')")
    assert "연결 끊김" in await page.locator("#link").inner_text()
    assert await names(page, "node") == set(NODES)
    show.web._port = port
    await show.web.start()
    await becomes(page, "!document.body.classList.contains('lost')")
