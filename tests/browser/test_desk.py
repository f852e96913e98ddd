"""The first page at the desk: its buttons beside what viewers see, its own hints, clearing where there is no dock."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_dock_switch import SAY
from tests.browser.test_lights import bare, opened, picture, started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(120)]

SIZES = ((1440, 900), (1280, 720), (800, 600), (640, 480), (540, 960), (360, 740))
OVERLAP = """() => {
    const head = document.querySelector(".aischoco-top").getBoundingClientRect();
    const log = document.querySelector(".aischoco-chat");
    const style = getComputedStyle(document.body);
    return {top: parseFloat(style.paddingTop), head: head.bottom, lines: log.getBoundingClientRect().top};
}"""


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/bare.yaml", prepare=bare) as program:
        yield program


async def says(page: Page, text: str) -> None:
    await page.fill(".aischoco-text", text)
    await page.click(".aischoco-send")


async def test_the_buttons_never_lie_on_the_lines(browser: Browser, program: Program) -> None:
    page = await opened(browser, program.url)
    await page.evaluate("document.querySelector('.aischoco-sound').hidden = false")  # as before the first key
    await until(lambda: page.locator(".aischoco-clear").is_visible())
    assert await page.evaluate(SAY, 12) == 12
    for width, height in SIZES:
        await page.set_viewport_size({"width": width, "height": height})
        await page.wait_for_timeout(150)
        found = await page.evaluate(OVERLAP)
        assert found["head"] <= found["top"] + 1, (width, found)
        assert found["head"] <= found["lines"] + 1, (width, found)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        await picture(page, f"desk-{width}")


async def test_a_wrong_amount_is_told_in_the_words_of_the_page_and_not_sent(browser: Browser, program: Program) -> None:
    page = await opened(browser, program.url)
    await page.select_option(".aischoco-kind", "donation")
    assert await page.inner_text(".aischoco-unit") == "치즈"
    for amount, told in (
        ("50", "100치즈부터 보낼 수 있어요."),
        ("2000000", "1,000,000치즈까지 보낼 수 있어요."),
        ("", "100치즈부터 보낼 수 있어요."),
    ):
        await page.fill(".aischoco-amount", amount)
        await says(page, "힘내요")
        assert await page.inner_text(".aischoco-note") == told
        assert await page.evaluate("document.activeElement.className") == "aischoco-amount"
    await picture(page, "desk-amount")
    await page.fill(".aischoco-amount", "150")
    await says(page, "힘내요")
    await until(lambda: page.locator(".aischoco-line.is-donation").is_visible())
    assert await page.inner_text(".aischoco-note") == ""
    assert await page.locator(".aischoco-line.is-donation").count() == 1


async def test_without_a_dock_the_screen_is_cleared_and_brought_back_here(browser: Browser, program: Program) -> None:
    page, shown = await opened(browser, program.url), await opened(browser, f"{program.url}/?obs")
    clear = page.locator(".aischoco-clear")
    await until(clear.is_visible)
    assert await clear.is_disabled()
    await says(page, "안녕하세요")
    await until(shown.locator(".aischoco-line").is_visible)
    await until(clear.is_enabled, 15)
    assert await clear.inner_text() == "화면 지우기"
    await clear.click()
    await until(shown.locator(".aischoco-line").is_hidden)
    await until(lambda: _says(page, "지운 것 되돌리기"))
    await clear.click()
    await until(shown.locator(".aischoco-line").is_visible)
    assert await shown.locator(".aischoco-clear").count() == 0


async def _says(page: Page, text: str) -> bool:
    return await page.inner_text(".aischoco-clear") == text


async def test_where_there_is_a_dock_the_screen_is_cleared_there_alone(browser: Browser, tmp_path: Path) -> None:
    def docked(root: Path) -> None:
        bare(root)
        file = root / "graphs" / "bare.yaml"
        text = file.read_text("utf-8").replace("in: batch}", "in: dock.batch}")
        file.write_text(f"{text}  dock: {{type: overlay.dock, batch: batch, reply: split.sentence}}\n", "utf-8")

    with await started(tmp_path, "graphs/bare.yaml", prepare=docked) as program:
        page = await opened(browser, program.url)
        await page.wait_for_selector(".desk-tabs a:text-is('조종판')")
        await page.wait_for_timeout(500)
        assert await page.locator(".aischoco-clear").is_hidden()
