"""What the graph page shows to whom: text stays text, nothing comes from or goes elsewhere, paths stay here."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from schemas.chat import ChatMessage
from tests.browser.stand import until
from tests.browser.test_graph_page import INERT, NODES, WIRES, XSS, Show, becomes, names, opened, picture, press
from tests.graphs.engine.stage import graph_of

pytestmark = [pytest.mark.component, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show(graph_of(NODES, *WIRES)).start()
    yield show
    await show.stop()


async def test_nothing_is_loaded_from_elsewhere_and_nothing_is_said_in_the_console(
    browser: Browser, show: Show
) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(f"{show.web.url}/graph")
    await page.wait_for_selector("[data-node]")
    await press(page, "node", "refuse")
    await press(page, "edge", "source.out -> refuse.chat")
    await until(page.locator(".passed").count)
    assert asked
    assert all(url.startswith((show.web.url, "data:")) for url in asked)
    # the font belongs to the overlay, which this graph does not have
    assert [text for text in said if "404" not in text] == []
    assert sum("404" in text for text in said) <= 1


async def test_what_viewers_write_and_what_nodes_are_called_stays_text(browser: Browser) -> None:
    wicked = "<img src=x onerror=hack()>"
    nodes = {**NODES, "source": ("chat.count", {"count": 1}), wicked: ("chat.pass", {"bad": ("bad",)})}
    show = await Show(graph_of(nodes, *WIRES, f"refuse -> {wicked}")).start()
    try:
        page = await opened(browser, show)
        key = f"refuse.out -> {wicked}.chat"
        assert wicked in await names(page, "node")
        line = "[...document.querySelectorAll('[data-edge]')].find((e) => e.dataset.edge === key)"
        await page.evaluate(f"(key) => {line}.dispatchEvent(new Event('click'))", key)
        await page.wait_for_selector("#passing")
        await asyncio.sleep(0.6)
        station = show.runtime.stations["refuse"]
        for number, text in enumerate(XSS):
            event = ChatMessage(id=f"x{number}", author=text, text=text)
            show.runtime.ledger.received(event)
            station.emit("out", event)
        station.emit("out", ChatMessage(id="bad", author=wicked, text=wicked))
        await becomes(page, f"document.querySelectorAll('.passed').length > {len(XSS)}")
        seen = await page.locator("#passing").inner_text()
        assert all(text in seen for text in XSS)
        for turn in show.runtime.turns.turns.values():
            turn.text = wicked
        show.runtime.stations["turn"].last_error = f"ValueError: {wicked}"
        show.status["problems"] = [{"file": wicked, "line": 1, "column": 1, "message": wicked, "hint": ""}]
        await becomes(page, "[...document.querySelectorAll('.said')].some((e) => e.textContent.includes('<img'))")
        await becomes(page, "document.querySelector('#problems').innerText.includes('<img')")
        await press(page, "node", "turn")
        assert wicked in await page.locator(".fault").inner_text()
        await page.click("#tab-why")
        for text in XSS:
            await page.fill("#query", text)
            await becomes(page, "document.querySelector('.message')")
        await page.click("#view-tables")
        assert await page.locator(INERT).count() == 0
        assert await page.evaluate("window.hacked") is None
        await picture(page, "graph-xss")
    finally:
        await show.stop()


async def test_the_line_of_a_node_opens_in_the_editor(browser: Browser) -> None:
    show = await Show(graph_of(NODES, *WIRES), file=lambda: Path("/방송 #1/demo.yaml")).start()
    try:
        page = await opened(browser, show)
        await press(page, "node", "turn")
        link = await page.get_attribute(".place a", "href")
        assert link == "vscode://file/%EB%B0%A9%EC%86%A1%20%231/demo.yaml:1"
        assert await page.get_attribute(".place button", "title") == "/방송 #1/demo.yaml:1"
    finally:
        await show.stop()


async def test_without_a_path_there_is_no_link(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await press(page, "node", "turn")
    assert await page.locator(".place").inner_text() == "sample.yaml:1"
    assert await page.locator("a[href^=vscode]").count() == 0


@pytest.mark.parametrize("path", ["/graph/", "/graph/main.js", "/api/graph", "/api/why?q=x", "/api/turns"])
async def test_other_pages_and_other_names_get_nothing(show: Show, path: str) -> None:
    async with aiohttp.ClientSession(show.web.url) as client:
        for headers, refused in (
            ({"Host": "evil.example"}, 421),
            ({"Host": "evil.example:8765"}, 421),
            ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Origin": "https://evil.example"}, 403),
            ({}, 200),
        ):
            async with client.get(path, headers=headers) as reply:
                assert reply.status == refused
                assert "Access-Control-Allow-Origin" not in reply.headers
                assert "frame-ancestors 'self'" in reply.headers["Content-Security-Policy"]
        async with client.post(path.partition("?")[0], json={}, headers={"Origin": "https://evil.example"}) as reply:
            assert reply.status == 403
