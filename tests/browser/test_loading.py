"""A page that does not have yet what it shows says so; one that cannot get it says why, and asks again at a press."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error, Route

from tests.browser.stand import until
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

PAGES = {"settings": "/settings/", "dock": "/dock/", "graph": "/graph/", "start": "/start/"}
THERE = {
    "settings": ".field, .source",
    "dock": "#stop",
    "graph": "#drawing [data-node]",
    "start": "#cardBody > *",
}
"""What a page shows once it is there."""


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        yield program


class Held:
    """Answers nothing to a page until it is let go, or refuses all that it asks."""

    def __init__(self, status: int = 0) -> None:
        self._status, self._routes = status, list[Route]()
        self.open = False

    async def asked(self, route: Route) -> None:
        if self.open:
            await route.continue_()
        elif self._status:
            await route.fulfill(status=self._status, json={"error": "지금은 못 해요"})
        else:
            self._routes.append(route)

    async def let_go(self) -> None:
        self.open = True
        for route in self._routes:
            with contextlib.suppress(Error):  # the page has stopped waiting for it
                await route.continue_()


NO_SOCKET = "window.WebSocket = function () { return { readyState: 0, send() {} }; };"


async def test_the_dock_says_that_it_loads_until_its_socket_is_open(browser: Browser, demo: Program) -> None:
    page = await browser.new_page()
    await page.add_init_script(NO_SOCKET)
    await page.goto(demo.url + PAGES["dock"], wait_until="commit")
    await until(lambda: page.locator("#loading").is_visible(), 20)
    assert await page.inner_text("#loading") == "불러오는 중…"
    await page.close()


@pytest.mark.parametrize("name", ["settings", "graph", "start"])
async def test_a_page_says_that_it_loads_until_it_is_there(browser: Browser, demo: Program, name: str) -> None:
    page = await browser.new_page()
    held = Held()
    await page.route("**/api/**", held.asked)
    await page.goto(demo.url + PAGES[name], wait_until="commit")
    await until(lambda: page.locator("#loading").is_visible(), 20)
    assert await page.inner_text("#loading") == "불러오는 중…"
    await held.let_go()
    await page.locator(THERE[name]).first.wait_for(timeout=30_000)
    await until(lambda: page.locator("#loading").is_hidden(), 20)
    await page.close()


@pytest.mark.parametrize("name", ["settings", "graph", "start"])
async def test_a_page_that_is_refused_says_why_and_asks_again_at_a_press(
    browser: Browser, demo: Program, name: str
) -> None:
    page = await browser.new_page()
    held = Held(503)
    await page.route("**/api/**", held.asked)
    await page.goto(demo.url + PAGES[name], wait_until="commit")
    await until(lambda: page.locator("#loading button").is_visible(), 20)
    if name != "start":
        assert "지금은 못 해요" in await page.inner_text("#loading")
    held.open = True
    await page.click("#loading button")
    await page.locator(THERE[name]).first.wait_for(timeout=30_000)
    await until(lambda: page.locator("#loading").is_hidden(), 20)
    await page.close()


async def test_a_page_whose_program_has_ended_says_that_it_tries_again(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        pages = {}
        for name, path in PAGES.items():
            pages[name] = await browser.new_page()
            await pages[name].goto(program.url + path, wait_until="commit")
            await pages[name].locator(THERE[name]).first.wait_for(timeout=30_000)
    for name, page in pages.items():
        await until(lambda page=page: page.locator("#loading").is_visible(), 30)
        assert "다시 연결하는 중" in await page.inner_text("#loading"), name
        assert await page.inner_text("#loading button") == "다시 시도"
        await page.close()
