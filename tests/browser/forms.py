"""What a person does on /settings, for the tests of that page."""

import os
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.e2e.show import Show as Program


async def settings(browser: Browser, program: Program, card: str, size: tuple[int, int] = (1280, 800)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(30_000)
    await page.goto(f"{program.url}/settings/#{card}")
    await page.wait_for_selector(f"#way-{card}[aria-current]")
    await page.wait_for_selector(".field, .source, .empty")
    return page


def field(page: Page, node: str, name: str) -> Any:
    return page.locator(f'.field[data-key="{node} {name}"]')


async def says(page: Page, selector: str, text: str, seconds: float = 30) -> None:
    async def so() -> bool:
        return text in " ".join(await page.locator(selector).all_inner_texts())

    try:
        await until(so, seconds)
    except AssertionError:
        raise AssertionError(f"{await page.locator(selector).all_inner_texts()} has no {text!r}") from None


async def typed(page: Page, node: str, name: str, value: str) -> None:
    place = field(page, node, name).locator("input[type=number], input[type=text], textarea").first
    await place.fill(value)
    await place.press("Tab")


def text_of(program: Program, name: str = "my.yaml") -> str:
    return (program.root / "graphs" / name).read_text("utf-8")


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"settings-{name}.png")


async def own(page: Page) -> None:
    """Agree to work on a copy of the shipped graph."""
    await page.click("#ask .primary")
    await says(page, "#file", "my.yaml")
