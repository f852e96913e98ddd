"""/start with the real program behind it, by keys alone; by clicks, with all that a show needs, in test_walk.py."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.browser.walk import CARDS, comes, picture
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/demo.yaml", env={"XDG_CONFIG_HOME": str(tmp_path / "login")}) as program:
        yield program


async def walks_to_forward(page: Page) -> None:
    """Press Tab until the button that saves the card has the focus."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement?.id === 'forward'"):
            return
    raise AssertionError("no number of tabs comes to the button")


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)], ids=["wide", "narrow"])
async def test_every_card_can_be_had_by_keys_and_has_nothing_serious_in_the_way(
    browser: Browser, demo: Program, size: tuple[int, int]
) -> None:
    me = await comes(browser, demo, size)
    page = me.page
    found: list[str] = []
    await walks_to_forward(page)
    await page.keyboard.press("Enter")
    for card in CARDS[1:]:
        await me.at(card)
        await until(lambda: page.evaluate("document.activeElement?.id === 'cardTitle'"))
        await picture(page, f"{card}-{size[0]}")
        assert await page.evaluate("document.getElementById('cardBody').scrollTop") == 0, "it begins at its top"
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), card
        found += [f"{card}: {line}" for line in await findings(page)]
        if card != CARDS[-1]:
            await walks_to_forward(page)
            await page.keyboard.press("Enter")
    assert found == []
    assert {await me.how(card) for card in CARDS[:-1]} == {"done"}


async def test_what_the_program_is_too_busy_to_tell_at_once_is_not_taken_for_missing(
    browser: Browser, demo: Program
) -> None:
    page = await browser.new_page()
    for path in ("/api/settings/env", "/api/settings/text"):
        await page.route(f"**{path}*", lambda route: route.abort(), times=1)
    await page.goto(f"{demo.url}/start/")
    await page.click("#cardBody summary", timeout=20_000)
    await page.click("#forward")
    await page.wait_for_selector("[data-step=character][aria-current]", timeout=60_000)
    await page.wait_for_selector("#persona", timeout=20_000)
