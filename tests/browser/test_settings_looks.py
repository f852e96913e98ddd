"""The look of the overlay on /settings: chosen, seen at once in the page itself, and copied as an address for OBS."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Frame, Page

from tests.browser.forms import picture, settings, typed
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

ADDRESS = ".look-result input"
SHOWING = """\
name: showing
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
  show: {type: chat.show, in: batch}
  overlay: {type: overlay.web, chat: parse, show: show.state}
"""


async def preview(page: Page, program: Program, query: str) -> Frame:
    """Wait until the preview shows this address, with lines in it."""

    async def there() -> Frame | None:
        found = next((frame for frame in page.frames if frame.url == f"{program.url}/{query}&preview"), None)
        if found is None:
            return None
        return found if await found.evaluate("window.__overlay?.opens > 0 && window.__overlay.lines >= 0") else None

    return await until(there, 30)


async def says(frame: Frame, name: str) -> str:
    return await frame.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name
    )


async def test_what_is_chosen_is_in_the_preview_and_in_the_address(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/silent.yaml") as program:
        page = await settings(browser, program, "screen")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        frame = await preview(page, program, "?obs")
        await frame.wait_for_selector(".aischoco-line.is-donation")
        assert "민트초코단" in await frame.inner_text(".aischoco-chat"), "with nothing on air there is a sample"
        assert await page.input_value(ADDRESS) == f"{program.url}/?obs"
        program.post("/api/say", {"kind": "chat", "text": "진짜 채팅이에요"})
        await frame.wait_for_selector("text=진짜 채팅이에요")
        assert "민트초코단" not in await frame.inner_text(".aischoco-chat"), "and no longer once there is something"

        assert await page.locator("#look-show, #look-layout [value=show]").count() == 0, "this graph has no chat.show"
        await page.select_option("#look-theme", "pastel")
        await page.select_option("#look-layout", "vertical")
        frame = await preview(page, program, "?obs&layout=vertical&theme=pastel")
        assert await frame.evaluate("document.documentElement.className.trim()") == (
            "theme-pastel layout-vertical is-on-air"
        )
        before = float((await frame.evaluate("getComputedStyle(document.body).fontSize")).removesuffix("px"))
        await page.evaluate(
            "([id, value]) => { const each = document.getElementById(id); each.value = value; "
            "each.dispatchEvent(new Event('input')); each.dispatchEvent(new Event('change')); }",
            ["look-size", "130"],
        )
        await page.evaluate(
            "([id, value]) => { const each = document.getElementById(id); each.value = value; "
            "each.dispatchEvent(new Event('change')); }",
            ["look-accent", "#203040"],
        )
        query = "?obs&layout=vertical&theme=pastel&size=130&accent=203040"
        frame = await preview(page, program, query)
        after = float((await frame.evaluate("getComputedStyle(document.body).fontSize")).removesuffix("px"))
        assert after == pytest.approx(before * 1.3, rel=0.01)
        assert await says(frame, "--aischoco-accent") == "#203040"
        assert await says(frame, "--aischoco-on-accent") == "#ffffff", "light letters on a dark colour"
        assert await page.input_value(ADDRESS) == f"{program.url}/{query}"
        assert "1080 × 1920" in await page.inner_text(".look-result h4")
        await picture(page, "looks-vertical-1280")

        await page.click("#look-accent-usual")
        await page.select_option("#look-layout", "chat")
        frame = await preview(page, program, "?obs&layout=chat&theme=pastel&size=130")
        assert "560 × 900" in await page.inner_text(".look-result h4")
        assert await says(frame, "--aischoco-accent") == "#ff8fb3", "that of the theme again"
        assert not [url for url in asked if "sound" in url], "a preview makes no sound"
        state = await page.evaluate("fetch('/api/graph').then(reply => reply.json())")
        obs = next(each for each in state["lights"] if each["name"] == "obs")
        assert obs["state"] == "waiting", "a preview is not OBS"


async def test_the_line_of_the_show_is_offered_where_the_graph_has_one(browser: Browser, tmp_path: Path) -> None:
    def showing(root: Path) -> None:
        (root / "graphs" / "showing.yaml").write_text(SHOWING, encoding="utf-8")

    with await started(tmp_path, "graphs/showing.yaml", prepare=showing) as program:
        page = await settings(browser, program, "screen")
        frame = await preview(page, program, "?obs")
        assert not await frame.is_visible(".aischoco-show")
        await page.select_option("#look-show", "on")
        frame = await preview(page, program, "?obs&show=on")
        await frame.wait_for_selector(".aischoco-show:has-text('저녁 이야기 방송')")
        assert await frame.is_visible(".aischoco-chat")
        await page.select_option("#look-show", "")
        await page.select_option("#look-layout", "show")
        frame = await preview(page, program, "?obs&layout=show")
        await frame.wait_for_selector(".aischoco-show:has-text('팔로워 1,234')")
        assert not await frame.is_visible(".aischoco-chat")
        assert await page.input_value(ADDRESS) == f"{program.url}/?obs&layout=show"
        assert "1200 × 80" in await page.inner_text(".look-result h4")
        await picture(page, "looks-show-1280")


async def test_the_preview_shows_what_is_on_air_and_stays_while_other_things_change(
    browser: Browser, tmp_path: Path
) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        await until(lambda: lines(program), 60)
        page = await settings(browser, program, "screen")
        frame = await preview(page, program, "?obs")
        await frame.wait_for_selector(".aischoco-line")
        assert "민트초코단" not in await frame.inner_text(".aischoco-chat")
        await frame.evaluate("window.mark = 'here'")
        await typed(page, "overlay", "max_lines", "7")
        await page.wait_for_selector("#save:not([hidden])")
        assert await frame.evaluate("window.mark") == "here", "it is not loaded anew with the fields"
        await picture(page, "looks-1280")
        await page.click("#way-sound")
        await page.wait_for_selector("#way-sound[aria-current]")
        assert await page.locator("iframe").count() == 0, "it draws only where it is seen"


async def lines(program: Program) -> bool:
    state = program.get("/api/state")
    return bool(state and state["viewer_messages"])


async def test_the_looks_fit_a_phone(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/silent.yaml") as program:
        page = await settings(browser, program, "screen", (360, 740))
        frame = await preview(page, program, "?obs")
        await frame.wait_for_selector(".aischoco-line")
        await page.select_option("#look-ground", "bright")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await findings(page) == []
        await picture(page, "looks-360")
