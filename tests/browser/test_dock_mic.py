"""The microphone on the dock, in a real browser: its modes, its level, the key to talk, and what was not taken."""

import asyncio
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from schemas.host import Ignored, IgnoredWhy, MicMode, MicOrder, MicState
from tests.browser.stand import until
from tests.browser.test_dock import XSS, Show, got, opened, picture, show

pytestmark = [pytest.mark.component, pytest.mark.asyncio]
__all__ = ["show"]

PRESSED = "[...document.querySelectorAll('[data-mode][aria-pressed=true]')].map((each) => each.dataset.mode)"
LEVEL = "document.getElementById('micLevel').value"
IGNORED = """[...document.querySelectorAll('#micIgnored li')]
  .map((line) => [...line.children].map((one) => one.innerText))"""
WHY: dict[IgnoredWhy, str] = {
    "name": "무시함: 이름 없음",
    "noise": "무시함: 소음",
    "echo": "무시함: 되울림",
    "failed": "못 알아들음",
}


def hears(show: Show, mode: MicMode = "hold", **more: Any) -> None:
    show.node.feed("listening", MicState(mode=mode, device="USB Mic", **more))


async def ready(browser: Browser, show: Show, mode: MicMode = "hold") -> Page:
    page = await opened(browser, show)
    hears(show, mode)
    await page.locator("#micPart").wait_for()
    await until(lambda: _is(page, PRESSED, [mode]))
    return page


async def _is(page: Page, script: str, wanted: Any) -> bool:
    return await page.evaluate(script) == wanted


async def ordered(show: Show, count: int) -> list[MicOrder]:
    return await got(show, MicOrder, count)


async def test_a_graph_without_a_microphone_shows_nothing_of_one(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    assert await page.locator("#micPart").is_hidden()
    hears(show)
    await page.locator("#micPart").wait_for()


async def test_a_button_changes_the_mode_and_the_page_shows_what_the_microphone_says(
    browser: Browser, show: Show
) -> None:
    page = await ready(browser, show)
    for count, mode in enumerate(("name", "open", "off", "hold"), 1):
        await page.locator(f"[data-mode={mode}]").click()
        assert (await ordered(show, count))[-1] == MicOrder(mode=mode)
        assert await page.evaluate(PRESSED) != [mode], "not before the microphone says so"
        hears(show, mode)
        await until(lambda mode=mode: _is(page, PRESSED, [mode]))
        assert await page.locator("#talk").is_visible() is (mode == "hold")
    hears(show, state="speaking", recorded=True, trouble="마이크 USB Mic이 사라졌어요.")
    await until(lambda: _is(page, "document.getElementById('micTrouble').innerText", "마이크 USB Mic이 사라졌어요."))
    assert await page.inner_text("#micState") != ""
    assert await page.locator("#micRecorded").is_visible()
    hears(show, "off", state="yielded")
    await page.locator("#micTrouble").wait_for(state="hidden")
    assert await page.inner_text("#micState") == ""
    assert await page.locator("#micRecorded").is_hidden()


async def test_the_level_follows_the_loudness_in_decibels(browser: Browser, show: Show) -> None:
    page = await ready(browser, show)
    for rms, level in ((0.0, 0.0), (0.0316, 0.5), (1.0, 1.0), (0.1, 2 / 3)):
        hears(show, rms=rms)
        await until(lambda level=level: _is(page, f"Math.abs({LEVEL} - {level}) < 0.01", True))


async def test_the_key_t_holds_the_microphone_and_that_is_said_again_until_it_is_released(
    browser: Browser, show: Show
) -> None:
    page = await ready(browser, show)
    await page.keyboard.down("t")
    held = await ordered(show, 3)
    assert held == [MicOrder(held=True, for_s=3.0)] * len(held)
    hears(show, held=True)
    await until(lambda: _is(page, "document.getElementById('talk').getAttribute('aria-pressed')", "true"))
    await picture(page, "dock-mic")
    await page.keyboard.up("t")

    async def released() -> bool:
        return show.given(MicOrder)[-1] == MicOrder(held=False)

    await until(released)
    count = len(show.given(MicOrder))
    await asyncio.sleep(2.2)
    assert len(show.given(MicOrder)) == count


async def test_the_key_is_released_when_the_page_no_longer_sees_it(browser: Browser, show: Show) -> None:
    page = await ready(browser, show)
    await page.keyboard.down("t")
    await ordered(show, 1)
    await page.evaluate("dispatchEvent(new Event('blur'))")
    assert (await ordered(show, 2))[-1] == MicOrder(held=False)
    await page.locator("#talk").hover()
    await page.mouse.down()
    assert (await ordered(show, 3))[-1].held is True
    await page.mouse.move(5, 5)
    await page.mouse.up()
    assert (await ordered(show, 4))[-1].held is False


async def test_a_page_that_is_gone_says_no_more_that_the_key_is_held(browser: Browser, show: Show) -> None:
    page = await ready(browser, show)
    await page.keyboard.down("t")
    await ordered(show, 3)
    await page.close()
    await asyncio.sleep(0.5)
    count = len(show.given(MicOrder))
    await asyncio.sleep(2.2)
    assert len(show.given(MicOrder)) == count


async def test_the_key_does_nothing_in_a_text_or_in_another_mode(browser: Browser, show: Show) -> None:
    page = await ready(browser, show, "name")
    await page.keyboard.press("t")
    hears(show)
    await page.locator("#talk").wait_for()
    await page.locator("textarea:visible, input[type=text]:visible, input:not([type]):visible").first.focus()
    await page.keyboard.press("t")
    await page.evaluate("document.activeElement.blur()")
    await page.keyboard.down("t")
    assert await ordered(show, 1) == [MicOrder(held=True, for_s=3.0)]
    await page.keyboard.up("t")


async def test_what_was_not_taken_is_shown_with_its_reason_the_latest_first(browser: Browser, show: Show) -> None:
    page = await ready(browser, show)
    heard: dict[IgnoredWhy, str] = {"name": "오늘 점심 뭐 먹지", "noise": "", "echo": XSS[0], "failed": ""}
    for why, text in heard.items():
        show.node.feed("ignored", Ignored(utterance=why, why=why, at=1.0, text=text))
    hears(show)
    await until(lambda: _is(page, f"{IGNORED}.length", 3))
    assert await page.evaluate(IGNORED) == [[WHY["failed"], ""], [WHY["echo"], XSS[0]], [WHY["noise"], ""]]
    show.node.feed("ignored", Ignored(utterance="n", why="name", at=2.0, text="오늘 점심 뭐 먹지"))
    hears(show)
    await until(lambda: _is(page, f"{IGNORED}[0]", [WHY["name"], "오늘 점심 뭐 먹지"]))
    assert await page.evaluate("window.hacked") is None
    await picture(page, "dock-mic-ignored")
