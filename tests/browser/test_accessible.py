"""The desk pages and axe-core: nothing serious is in the way of a person who cannot see well or uses no mouse."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_lights import DESK, opened, picture, started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

SIZES = ((1280, 720), (800, 600), (540, 960), (360, 740))
"""One for each way in which the style sheets arrange the pages."""
LOOK = "axe.run({resultTypes: ['violations'], preload: {assets: ['media']}}).then(found => found.violations)"
"""No style sheet is fetched again: only a rule that is off by default asks for that."""
SERIOUS = ("serious", "critical")
OPEN = """() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
    document.querySelector("[data-light=obs]")?.click();
}"""
"""Shows what is folded, and the panel of a light."""


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        await asyncio.to_thread(program.until, program.speaks, 60)
        yield program


async def findings(page: Page) -> list[str]:
    """Return what axe-core finds serious, each with the elements and why."""
    from axe_playwright_python.async_playwright import Axe  # needed by component tests alone

    if not await page.evaluate("Boolean(window.axe)"):
        await page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = await page.evaluate(LOOK)
    return [
        f"{one['id']}: {node['html'][:160]}: {node['failureSummary']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


async def test_a_page_that_leaves_a_person_out_is_found(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content(
        '<html lang="ko"><title>x</title><p style="color: #999; background: #fff">흐린 글</p><button></button>'
    )
    assert {line.partition(":")[0] for line in await findings(page)} == {"color-contrast", "button-name"}


async def test_nothing_serious_is_found_on_the_pages_of_a_show(browser: Browser, demo: Program) -> None:
    found: list[str] = []
    for name, path in DESK.items():
        page = await opened(browser, demo.url + path)
        await page.emulate_media(reduced_motion="reduce")  # in the middle of a fade every colour is another one
        await until(lambda page=page: page.locator("[data-light=voice][data-state=good]").is_visible(), 60)
        for size in SIZES:
            await page.set_viewport_size({"width": size[0], "height": size[1]})
            found += [f"{name} {size[0]}: {line}" for line in await findings(page)]
            await picture(page, f"accessible-{name}-{size[0]}")
        await page.evaluate(OPEN)
        await page.wait_for_timeout(1500)  # the dock asks for what it shows once a second
        found += [f"{name} unfolded: {line}" for line in await findings(page)]
        await picture(page, f"accessible-{name}-unfolded")
        await page.close()
    assert found == []
