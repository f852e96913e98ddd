"""What the operator lets the character say and feel, and what is tried out, in a real browser."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from schemas.chat import ChatBatch, ChatMessage
from schemas.playback import Muted, Stop
from schemas.reply import Emotion, ReplyChunk
from tests.browser.stand import until
from tests.browser.test_dock import (
    BATCH,
    HOTKEYS,
    Show,
    _count,
    _empty,
    _node,
    _pressed,
    got,
    opened,
    sees,
)

pytestmark = [pytest.mark.component, pytest.mark.asyncio]


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show().start()
    yield show
    await show.stop()


async def test_the_operator_says_something_by_keyboard(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.fill("#sayText", "여러분, 공지가 하나 있어요!")
    await page.select_option("#sayEmotion", "happy")
    await page.press("#sayText", "Enter")
    [chunk] = await got(show, ReplyChunk)
    assert (chunk.text, chunk.emotion, chunk.rung) == ("여러분, 공지가 하나 있어요!", "happy", "operator")
    await sees(page, "#state", "시킨 말을 하는 중")
    await until(lambda: _empty(page, "#sayText"))
    assert await page.input_value("#sayEmotion") == "", "the next words are said as they come"


async def test_what_waits_to_be_said_can_be_taken_back_and_what_cannot_wait_cuts_in(
    browser: Browser, show: Show
) -> None:
    page = await opened(browser, show)
    show.speak()
    await page.fill("#sayText", "나중에 할 말")
    await page.click("#say button[type=submit]")
    await sees(page, "#sayings", "나중에 할 말")
    await page.click("#sayings button")
    await until(lambda: _count(page, "#sayings li", 0))
    await page.fill("#sayText", "지금 할 말")
    await page.click("#sayNow")
    [chunk] = await got(show, ReplyChunk)
    assert chunk.text == "지금 할 말"
    assert show.given(Stop) == [Stop(turn="t1")]


async def test_each_batch_waits_for_a_yes_or_a_no(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#approving")
    await until(lambda: _pressed(page, "#approving"))
    show.node.feed("batch", BATCH)
    show.node.feed("batch", ChatBatch(turn="t2", lane="chat", events=(ChatMessage(id="c9", author="개발하는곰"),)))
    await until(lambda: _count(page, "#held .card", 2))
    assert show.given(ChatBatch) == []
    await page.locator("#held .card", has_text="개발하는곰").locator(".reject").click()
    await until(lambda: asyncio.sleep(0, show.drops == [("c9", "unanswered")]))
    await page.click("#held .approve")
    assert await got(show, ChatBatch) == [BATCH]
    await until(lambda: page.locator("#heldPart").is_hidden())


async def test_mute_and_a_feeling(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#mute")
    assert (await got(show, Muted))[0].muted is True
    await until(lambda: _pressed(page, "#mute"))
    await page.click("#emotionPart summary")
    await page.click("#emotions button:has-text('놀람')")
    assert await got(show, Emotion) == [Emotion(turn="dock", emotion="surprised")]


async def test_hotkeys_of_the_avatar_are_tried_by_a_click_and_picked_for_feelings(browser: Browser, show: Show) -> None:
    pressed: list[str] = []
    shown = {"connected": True, "hotkeys": HOTKEYS, "chosen": {"sad": "옛 이름"}}
    show.web.get("/api/avatar/hotkeys", lambda _: shown)
    show.web.post("/api/avatar/hotkey", lambda body: pressed.append(body["hotkey"]) or {"done": True})
    page = await opened(browser, show)
    await until(lambda: page.locator("#hotkeyPart").is_hidden())
    show.nodes.append(_node("avatar", "avatar.vts"))
    await until(lambda: page.locator("#hotkeyPart").is_visible())
    await page.click("#hotkeyPart summary")
    await page.click("#hotkeys button:has-text('손 흔들기')")
    await until(lambda: asyncio.sleep(0, pressed == ["h1"]))
    await page.locator("#picks li", has_text="기쁨").locator("select").select_option("손 흔들기")
    assert await page.input_value("#hotkeyLine") == 'hotkeys: {sad: "옛 이름", happy: "손 흔들기"}'
    assert await page.evaluate("window.hacked") is None


async def test_a_message_is_tested_as_each_kind_of_viewer(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#testPart summary")
    await page.fill("#testText", "안녕?")
    await page.press("#testText", "Enter")
    await until(lambda: _empty(page, "#testText"))
    await page.select_option("#testKind", "donation")
    await page.fill("#testName", "치즈부자")
    await page.fill("#testNumber", "5000")
    await page.fill("#testText", "힘내요")
    await page.click("#test button")
    await until(lambda: _empty(page, "#testText"))
    await page.select_option("#testKind", "subscription")
    await page.fill("#testNumber", "6")
    await page.click("#test button")
    await until(lambda: asyncio.sleep(0, len(show.said) == 3))
    assert show.said == [
        {"kind": "chat", "text": "안녕?"},
        {"kind": "donation", "text": "힘내요", "name": "치즈부자", "amount": 5000},
        {"kind": "subscription", "text": "", "name": "치즈부자", "months": 6},
    ]


async def test_where_the_graph_takes_no_test_message_the_page_says_so(browser: Browser, show: Show) -> None:
    show.nodes = show.nodes[1:]
    page = await opened(browser, show)
    await page.click("#testPart summary")
    assert await page.locator("#noTest").is_visible()
    assert not await page.locator("#test").is_visible()
