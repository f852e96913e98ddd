"""/help: how to begin, what each page is for, and what to do when something is not there."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.stand import until
from tests.browser.test_lights import bare, opened, picture, started
from tests.browser.test_words import SAID, foreign

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(180)]

TERMS = "list => list.map(term => term.textContent)"


async def test_every_way_of_the_help_leads_somewhere_by_keyboard_too(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await opened(browser, f"{program.url}/help/")
        await page.wait_for_selector("#pages a")
        assert await page.eval_on_selector_all("#pages dt", TERMS) == ["무대", "준비", "조종판", "설정", "그래프"]
        assert await page.locator("#sources .source").count() == 5
        assert "1920 × 1080" in await page.inner_text("#sources")
        for href in await page.eval_on_selector_all("main a", "list => list.map(one => one.href)"):
            answer = await page.request.get(href)
            assert answer.ok, href
        await page.focus("#next a >> nth=0")
        async with page.expect_response("**/api/graph*"):
            pass
        await page.wait_for_timeout(200)  # what is focused stays when the page looks again
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{program.url}/settings/#character")
        await until(lambda: page.locator("#way-character[aria-current]").is_visible())


async def test_only_what_the_graph_has_is_told_in_one_language_and_it_fits_a_phone(
    browser: Browser, tmp_path: Path
) -> None:
    with await started(tmp_path, "graphs/bare.yaml", prepare=bare) as program:
        page = await opened(browser, f"{program.url}/help/?lang=ko", (360, 740))
        await page.wait_for_selector("#pages a")
        assert await page.eval_on_selector_all("#pages dt", TERMS) == ["무대", "준비", "설정", "그래프"]
        for language in ("ko", "en"):
            texts: list[str] = await page.evaluate(SAID)
            assert len(texts) > 60
            assert foreign(texts, language) == []
            for width in (360, 800, 1280):
                await page.set_viewport_size({"width": width, "height": 740})
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (language, width)
                await picture(page, f"help-{language}-{width}")
            await page.click("[data-language]")
        await page.goto(f"{program.url}/?obs")
        await page.wait_for_timeout(500)
        assert await page.locator("a[href*=help]").count() == 0
