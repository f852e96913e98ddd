"""The line of the show and the chat of CHZZK in the dock, in a real browser. ``SCREENSHOTS`` names a folder."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from schemas.show import ShowState
from tests.browser.stand import until
from tests.browser.test_dock import XSS, Show, _count, _empty, _node, _pressed, opened, picture, sees

pytestmark = [pytest.mark.component, pytest.mark.asyncio]


class Moderated(Show):
    """Beside the dock, the addresses of a ``chat.moderate`` whose orders are only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes.append(_node("moderate", "chat.moderate"))
        self.orders: list[Any] = []
        self.answer: dict[str, Any] = {"done": True}
        self.chat: dict[str, Any] = {
            "lines": [
                line("m4", "새벽고양이", "조용히 해 주세요", manager=True),
                line("m3", "도배꾼", "ㅋ" * 90),
                line("m2", "광고", "https://example.com 에서 만나요"),
                line("m1", "달토끼", XSS[0]),
            ],
            "shield": {"up": False, "back": False, "slow_s": 30},
            "waiting": 0,
        }
        self.web.get("/api/moderate", lambda _: self.chat)
        self.web.post("/api/moderate", self._take)

    def _take(self, said: Any) -> dict[str, Any]:
        self.orders.append(said)
        if said["order"] == "shield":
            self.chat["shield"]["up"] = said["to"]
        if said["order"] in ("hide", "rest"):
            self.chat["lines"] = [each for each in self.chat["lines"] if each["id"] != said["id"]]
        return self.answer


def line(id_: str, user: str, message: str, *, manager: bool = False) -> dict[str, Any]:
    return {"id": id_, "user": user, "message": message, "manager": manager}


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Moderated]:
    show = Moderated()
    await show.start()
    yield show
    await show.stop()


async def test_what_is_known_of_the_show_is_a_line(browser: Browser, show: Moderated) -> None:
    page = await opened(browser, show)
    assert await page.locator("#showLine").is_hidden()
    now = asyncio.get_running_loop().time()
    told = ShowState(
        title="저녁 <b>방송</b>",
        category="마인크래프트",
        live_since=now - 3930,
        live_seen_begin=True,
        followers=1234,
        goal=2000,
    )
    show.node.feed("show", told)
    await sees(page, "#showLine", "저녁 <b>방송</b> · 마인크래프트 · 방송 1시간 5분째 · 팔로워 1,234 / 2,000")
    show.node.feed("show", ShowState(title="저녁", followers=12, new_followers=3))
    await sees(page, "#showLine", "저녁 · 팔로워 12 · 새 팔로워 3")
    await page.click("#language")
    await sees(page, "#showLine", "저녁 · 12 followers · 3 new")
    show.node.feed("show", ShowState())
    await until(lambda: page.locator("#showLine").is_hidden())


async def test_a_line_is_hidden_and_a_viewer_pauses_by_a_press(browser: Browser, show: Moderated) -> None:
    page = await opened(browser, show)
    await until(lambda: _count(page, "#lines li", 4))
    assert await page.locator("#lines li", has_text="새벽고양이").locator("button").count() == 1, "a manager stays"
    await page.locator("#lines li", has_text="광고").get_by_role("button", name="가리기").click()
    await sees(page, "#note", "가렸어요")
    await until(lambda: _count(page, "#lines li", 3))
    await page.locator("#lines li", has_text="도배꾼").get_by_role("button", name="1분 쉬게").click()
    await until(lambda: _count(page, "#lines li", 2))
    assert show.orders == [{"order": "hide", "id": "m2"}, {"order": "rest", "id": "m3"}]
    assert await page.evaluate("window.hacked") is None


async def test_no_line_moves_away_under_the_pointer(browser: Browser, show: Moderated) -> None:
    page = await opened(browser, show)
    await page.locator("#lines li", has_text="광고").hover()
    show.chat["lines"].insert(0, line("m5", "새 사람", "방금 왔어요"))
    looks = await page.evaluate("window.__dock.looks")
    await until(lambda: page.evaluate(f"window.__dock.looks >= {looks + 2}"))
    assert await page.locator("#lines li").count() == 4
    await page.mouse.move(1, 1)
    await until(lambda: _count(page, "#lines li", 5))


async def test_the_shield_shows_its_state_and_a_notice_is_pinned(browser: Browser, show: Moderated) -> None:
    page = await opened(browser, show)
    await page.click("#shield")
    await until(lambda: _pressed(page, "#shield"))
    await sees(page, "#shieldState", "30초에 한 번")
    await page.click("#shield")
    show.chat["shield"]["back"] = True
    await sees(page, "#shieldState", "되돌리는 중")
    show.answer = {
        "done": False,
        "note": "치지직 개발자 센터에서 API Scope에 '채팅 공지 쓰기'를 넣고 다시 로그인해 주세요.",
    }
    await page.fill("#noticeText", "오늘은 10시에 끝나요")
    await page.press("#noticeText", "Enter")
    await sees(page, "#note", "'채팅 공지 쓰기'")
    assert await page.input_value("#noticeText") == "오늘은 10시에 끝나요", "what was not pinned can be sent again"
    show.answer = {"done": True}
    await page.press("#noticeText", "Enter")
    await until(lambda: _empty(page, "#noticeText"))
    assert [each["order"] for each in show.orders] == ["shield", "shield", "notice", "notice"]


async def test_without_the_node_there_is_nothing_of_it(browser: Browser, show: Moderated) -> None:
    show.nodes.pop()
    page = await opened(browser, show)
    assert await page.locator("#chatPart").is_hidden()
    show.nodes.append(_node("moderate", "chat.moderate"))
    await until(lambda: page.locator("#chatPart").is_visible())


@pytest.mark.parametrize(("width", "language"), [(300, "ko"), (300, "en"), (414, "ko")])
async def test_the_picture_of_a_chat_that_needs_order(
    browser: Browser, show: Moderated, width: int, language: str
) -> None:
    page = await opened(browser, show, (width, 1100))
    if language == "en":
        await page.click("#language")
    await page.click("#shield")
    now = asyncio.get_running_loop().time()
    told = ShowState(
        title="저녁 방송: 건축 대회", category="마인크래프트", live_since=now - 3930, followers=1234, new_followers=3
    )
    show.node.feed("show", told)
    show.speak()
    await until(lambda: _pressed(page, "#shield"))
    await sees(page, "#showLine", "1,234")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await picture(page, f"dock-chat-{width}-{language}")
