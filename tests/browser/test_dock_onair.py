"""What the operator does on air with one press and takes back with another: being silent, clearing the screen."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

import pytest
import pytest_asyncio
from playwright.async_api import Browser
from reactivex.scheduler.eventloop import AsyncIOScheduler

from nodes.services import Web
from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Stop
from tests.browser import test_dock
from tests.browser.stand import Stand, until
from tests.browser.test_dock import BATCH, got, opened, picture, sees

pytestmark = [pytest.mark.component, pytest.mark.asyncio]


class Show(test_dock.Show):
    """The dock and the overlay of one graph, behind one web server; the last turn took ``took_s`` until its sound."""

    def __init__(self) -> None:
        super().__init__()
        self.took_s = 0.8
        self.overlay = Stand("overlay", "overlay.web", ("chat", "heard"), 0, {Web: self.web}, title="초코")

    async def start(self) -> Self:
        self.overlay.node.start(AsyncIOScheduler(asyncio.get_running_loop()))
        return await super().start()

    async def stop(self) -> None:
        await self.overlay.node.close()
        await super().stop()

    def graph(self) -> dict[str, Any]:
        return {**super().graph(), "voice": {"targets_s": {"turn_to_sound": 1.0}}}

    def turn(self) -> dict[str, Any]:
        told = super().turn()
        return {**told, "marks": {**told["marks"], "first_sound": told["marks"]["batched"] + self.took_s}}


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show().start()
    yield show
    await show.stop()


async def test_the_way_on_from_stop_all_is_the_same_button(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    await sees(page, "#stop", "모두 멈춤")
    await page.click("#stop")
    assert await got(show, Stop) == [Stop(turn="t1")]
    await sees(page, "#stop", "다시 시작")
    await sees(page, "#state", "조용히 있어요 (0:0")
    await picture(page, "dock-silent")
    held = ChatBatch(turn="t2", lane="donation", events=BATCH.events)
    show.node.feed("batch", held)
    assert show.given(ChatBatch) == [BATCH]
    await page.click("#stop")
    assert await got(show, ChatBatch, 2) == [BATCH, held]
    await sees(page, "#stop", "모두 멈춤")
    assert await page.get_attribute("#pause", "aria-pressed") == "false"


async def test_while_a_paused_character_still_speaks_stop_all_still_stops(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    await page.click("#pause")
    await until(lambda: _is(page, "#pause", "aria-pressed", "true"))
    await sees(page, "#state", "말하는 중")
    await sees(page, "#stop", "모두 멈춤")
    await page.click("#stop")
    assert await got(show, Stop) == [Stop(turn="t1")]
    await sees(page, "#stop", "다시 시작")


@pytest.mark.parametrize(("took_s", "pace"), [(0.8, ""), (1.6, "late"), (3.3, "slow")])
async def test_the_time_to_the_first_sound_is_one_number_that_warns(
    browser: Browser, show: Show, took_s: float, pace: str
) -> None:
    show.took_s = took_s
    page = await opened(browser, show)
    show.speak()
    await sees(page, "#pace", f"첫 소리까지 {took_s}초")
    assert await page.get_attribute("#pace", "data-pace") == pace
    assert await page.locator("#marks").is_hidden()
    await page.click("#marksPart summary")
    await sees(page, "#marks", "차례를 기다림0.4초")
    await sees(page, "#marks", "첫 문장0.7초")


async def test_viewers_are_counted_as_a_streamer_thinks_of_them(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await sees(page, "#sum", "대답 96 · 대기 9 · 넘김 23")
    assert "128" not in await page.inner_text("main")
    await page.click("#droppedPart summary")
    await sees(page, "#total", "들어옴 128 = 대답 96 + 대기 9 + 넘김 23")
    await sees(page, "#dropped li", "금지어\n2")


async def test_the_screen_is_cleared_from_the_dock_and_brought_back(browser: Browser, show: Show) -> None:
    air = await browser.new_page(viewport={"width": 1280, "height": 720})
    await air.goto(f"{show.web.url}/?obs")
    page = await opened(browser, show)
    assert await page.is_disabled("#clear")
    for number, role in enumerate(("viewer", "streamer")):
        show.overlay.node.feed("chat", ChatMessage(id=f"c{number}", author="달토끼", text="안녕", role=role))
    lines = air.locator(".aischoco-line")
    await until(lambda: _counts(lines, 2))
    await until(lambda: page.locator("#clear").is_enabled())
    assert not await page.is_visible("#restore")
    boxes: list[Any] = [await page.locator(name).bounding_box() for name in ("#streamer", "#clear")]
    assert boxes[0]["height"] == boxes[1]["height"]
    await picture(page, "dock-screen")
    await page.click("#clear")
    await until(lambda: _counts(lines, 0))
    await page.click("#restore")
    await until(lambda: _counts(lines, 2))
    assert await lines.evaluate_all("all => all.map((line) => line.dataset.id)") == ["c0", "c1"]
    await page.locator("#restore").wait_for(state="hidden")


async def test_the_streamers_lines_are_a_switch_that_shows_how_it_stands(browser: Browser, show: Show) -> None:
    air = await browser.new_page(viewport={"width": 1280, "height": 720})
    await air.goto(f"{show.web.url}/?obs")
    show.overlay.node.feed("chat", ChatMessage(id="own", author="주인", text="공지", role="streamer"))
    line = air.locator(".is-streamer")
    await line.wait_for()
    page, phone = await opened(browser, show), await opened(browser, show, (390, 844))
    await page.click("#streamer")
    await until(line.is_hidden)
    await until(lambda: _is(phone, "#streamer", "aria-pressed", "false"))
    await phone.click("#streamer")
    await until(line.is_visible)
    await until(lambda: _is(page, "#streamer", "aria-pressed", "true"))


async def test_the_page_itself_has_no_button_that_changes_what_is_on_air(browser: Browser, show: Show) -> None:
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    await page.goto(show.web.url)
    await page.locator(".aischoco-address").wait_for()
    buttons = await page.locator(".aischoco-top button:visible").all_inner_texts()
    assert "OBS 주소 복사" in buttons
    assert not {"지우기", "방장 채팅"} & set(buttons)


async def test_a_wrong_amount_is_told_in_the_words_of_the_page(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#testPart summary")
    await page.select_option("#testKind", "donation")
    assert await page.inner_text("#testUnit") == "치즈"
    for amount, told in (("50", "100치즈부터 보낼 수 있어요."), ("2000000", "1,000,000치즈까지 보낼 수 있어요.")):
        await page.fill("#testNumber", amount)
        await page.click("#test button")
        await sees(page, "#note", told)
    await page.fill("#testNumber", "150")
    await page.click("#test button")
    await sees(page, "#note", "보냈어요.")
    assert [said["amount"] for said in show.said] == [150]


async def test_what_viewers_write_is_in_the_font_of_the_page(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    line = page.locator("#why li").first
    await line.wait_for()
    assert "Pretendard" in await line.evaluate("(line) => getComputedStyle(line).fontFamily")


async def _counts(lines: Any, count: int) -> bool:
    return await lines.count() == count


async def _is(page: Any, selector: str, attribute: str, value: str) -> bool:
    return await page.get_attribute(selector, attribute) == value
