"""The overlay page in a real browser: what a streamer and viewers see. ``SCREENSHOTS`` names a folder for pictures."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from schemas.chat import NO_CHANNEL, ChatBatch, ChatMessage, Donation, Subscription, Withdrawn
from schemas.playback import Heard
from tests.browser.stand import Stand, until

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

SENTENCE = "오늘은 제가 제일 좋아하는 노래로 시작해 볼게요!"
WIRED = "chat", "reply", "heard", "withdrawn", "batch", "host", "show"
XSS = '<b>굵게</b><img src=x onerror="window.hacked=1"> {:d_47:}'


class Show(Stand):
    """The node ``overlay.web``."""

    def __init__(self, port: int = 0, **settings: Any) -> None:
        super().__init__("overlay", "overlay.web", WIRED, port, {}, **{"title": "초코", **settings})

    def script(self) -> None:
        """Show lines of every kind and one answer."""
        for event in (
            ChatMessage(id="c1", author="달토끼", text="오늘 방송 기다렸어요!! ㅋㅋㅋ"),
            ChatMessage(id="c2", author="개발하는곰", text=XSS, role="manager"),
            Donation(id="d1", author="월급루팡", text="노래 한 곡만 불러줘", amount=10000),
            Subscription(id="s1", author="새벽감성", text="벌써 반년", months=6, tier_name="티어 2"),
            ChatMessage(id="c3", author="초코주인", text="다들 어서 와요", role="streamer"),
        ):
            self.node.feed("chat", event)
        to = (ChatMessage(id="c1", author="달토끼"), ChatMessage(id="c2", author="개발하는곰"))
        self.node.feed("batch", ChatBatch(turn="t1", lane="chat", events=to))
        self.heard(1.0, "달토끼님, 기다려 줘서 고마워요!", sentence=0, ended=True)

    def heard(
        self, fraction: float, text: str = SENTENCE, sentence: int = 1, ended: bool = False, turn: str = "t1"
    ) -> None:
        self.node.feed("heard", Heard(turn=turn, sentence=sentence, text=text, fraction=fraction, ended=ended))

    def clients(self) -> int:
        """Count the connected pages."""
        return len(self.web._clients)


async def counters(page: Page) -> Any:
    return await page.evaluate("window.__overlay || {}")


async def shows(page: Page, **wanted: Any) -> None:
    async def right() -> bool:
        now = await counters(page)
        return all(now.get(name) == value for name, value in wanted.items())

    await until(right)


async def texts(page: Page) -> list[str]:
    return await page.evaluate("[...document.querySelectorAll('[data-id]')].map((line) => line.innerText)")


async def picture(page: Page, name: str) -> None:
    if "SCREENSHOTS" in os.environ:
        await page.evaluate("document.fonts.ready.then(() => 1)")
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png", omit_background=True)


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show().start()
    yield show
    await show.stop()


async def opened(browser: Browser, url: str, size: tuple[int, int] = (1920, 1080)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(url)
    await shows(page, opens=1)
    return page


async def test_lines_answers_and_a_caption_that_is_revealed_with_the_voice(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    show.script()
    await shows(page, lines=5, answers=1)
    lines = await texts(page)
    assert "10,000치즈" in lines[2]
    assert "6개월 구독" in lines[3]
    assert "방장" in lines[4]
    assert "달토끼님, 기다려 줘서 고마워요!" in lines[5]
    show.heard(0.0)
    await shows(page, caption=SENTENCE)
    early = len((await counters(page))["revealed"])
    assert early < len(SENTENCE) * 0.9
    show.heard(0.5)

    async def half() -> bool:
        return len((await counters(page))["revealed"]) >= len(SENTENCE) / 2

    await until(half)
    await picture(page, "overlay-1920-obs")
    show.heard(1.0, ended=True)
    await shows(page, revealed=SENTENCE)
    await shows(page, caption="")


async def test_what_viewers_write_stays_text(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    show.script()
    await shows(page, lines=5)
    assert "<b>굵게</b><img src=x" in (await texts(page))[1]
    assert await page.locator(".aischoco-chat b, .aischoco-chat img").count() == 0
    assert await page.locator(".aischoco-emote").inner_text() == "d_47"
    assert await page.evaluate("window.hacked") is None


async def test_a_withdrawn_message_leaves_the_page_and_is_not_there_after_a_refresh(
    browser: Browser, show: Show
) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    for number in range(3):
        show.node.feed(
            "chat", ChatMessage(id=f"w{number}", author="달토끼", author_id="u1", text=f"말 {number}", sent_at=number)
        )
    await shows(page, lines=3)
    show.node.feed("withdrawn", Withdrawn(author_id="u1", sent_at=1.0))
    await shows(page, lines=2)
    left = [text for text in await texts(page) if "말" in text]
    assert [text.split("말 ")[1] for text in left] == ["0", "2"]
    await page.reload()
    await shows(page, lines=2)
    assert not any("말 1" in text for text in await texts(page))


async def test_a_line_names_its_channel_only_while_there_are_several(browser: Browser) -> None:
    show = await Show(channels={"a" * 32: "첫 방송"}).start()
    try:
        page = await opened(browser, f"{show.web.url}/?obs")
        badges = page.locator(".aischoco-channel >> visible=true")
        show.node.feed("chat", ChatMessage(id="1", author="달토끼", text="가", channel_id="a" * 32))
        show.node.feed("chat", ChatMessage(id="2", author="나", text="시험", channel_id=NO_CHANNEL))
        await shows(page, lines=2)
        assert await badges.count() == 0
        show.node.feed("chat", ChatMessage(id="3", author="개발하는곰", text="나", channel_id="b" * 32))
        show.node.feed("chat", Donation(id="4", author="월급루팡", amount=1000, channel_id="b" * 32))
        await shows(page, lines=4)
        assert await badges.all_inner_texts() == ["첫 방송", "bbbbbb", "bbbbbb"]
        await picture(page, "overlay-channels")
        await page.reload()
        await shows(page, lines=4)
        assert await badges.all_inner_texts() == ["첫 방송", "bbbbbb", "bbbbbb"]
    finally:
        await show.stop()


async def test_in_obs_only_what_belongs_on_air_is_there(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    for hidden in ("say", "top"):
        assert not await page.locator(f".aischoco-{hidden}").is_visible()
    for element in ("document.documentElement", "document.body"):
        assert await page.evaluate(f"getComputedStyle({element}).backgroundColor") == "rgba(0, 0, 0, 0)"
        assert await page.evaluate(f"getComputedStyle({element}).backgroundImage") == "none"
    loaded = "document.fonts.load('800 20px \"Pretendard Variable\"', '뷁').then((faces) => faces.length)"
    assert await page.evaluate(loaded) == 1


async def test_custom_css_of_obs_takes_effect(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    await page.evaluate(
        "document.head.append(Object.assign(document.createElement('style'),"
        "{textContent: ':root { --aischoco-caption: rgb(1, 2, 3) }'}))"
    )
    assert await page.evaluate("getComputedStyle(document.querySelector('.aischoco-caption')).color") == "rgb(1, 2, 3)"


async def test_a_refreshed_page_shows_the_same_lines(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/?obs")
    show.script()
    show.heard(0.4)
    await shows(page, lines=5, caption=SENTENCE)
    before = await texts(page)
    await page.reload()
    await shows(page, opens=1, lines=5, caption=SENTENCE)
    assert await texts(page) == before


async def test_a_page_survives_a_restart_of_the_server_without_doubles(browser: Browser, show: Show) -> None:
    page = await opened(browser, f"{show.web.url}/")
    show.script()
    await shows(page, lines=5, answers=1)
    before = await texts(page)
    port = int(show.web.url.rpartition(":")[2])
    await show.stop()
    again = await Show(port).start()
    try:
        again.script()
        await shows(page, opens=2, lines=5, answers=1)
        assert await texts(page) == before
        await page.fill(".aischoco-text", "다시 왔어요")
        await page.press(".aischoco-text", "Enter")
        await until(lambda: asyncio.sleep(0, again.said))
    finally:
        await again.stop()
        await show.web.start()


async def _empty(page: Page) -> bool:
    return await page.input_value(".aischoco-text") == ""


async def test_a_person_can_type_a_line_and_a_donation(browser: Browser, show: Show) -> None:
    page = await opened(browser, show.web.url)
    await page.fill(".aischoco-text", "안녕?")
    await page.press(".aischoco-text", "Enter")
    await until(lambda: asyncio.sleep(0, show.said))
    assert show.said == [{"kind": "chat", "text": "안녕?"}]
    await until(lambda: _empty(page))
    await page.select_option(".aischoco-kind", "donation")
    await page.fill(".aischoco-amount", "5000")
    await page.fill(".aischoco-text", "힘내요")
    await page.click(".aischoco-send")
    await until(lambda: asyncio.sleep(0, len(show.said) == 2))
    assert show.said[1] == {"kind": "donation", "text": "힘내요", "amount": 5000}


COPY = "Object.defineProperty(navigator, 'clipboard', {value: %s})"


async def test_the_address_for_obs_is_copied_as_often_as_one_clicks_and_the_button_is_itself_again(
    browser: Browser, show: Show
) -> None:
    page = await opened(browser, f"{show.web.url}/?theme=pastel")
    label = await page.inner_text(".aischoco-address")
    await page.evaluate(COPY % "{writeText: async (text) => { window.copied = text; }}")
    for _ in range(2):
        await page.click(".aischoco-address")
        await until(lambda: _is(page, ".aischoco-address", label, wrong=True))
    assert await page.evaluate("window.copied") == f"{show.web.url}/?obs&theme=pastel"
    await asyncio.sleep(2.0)  # longer than a word is shown there
    assert await page.inner_text(".aischoco-address") == label


async def test_where_a_page_may_not_copy_the_address_is_shown(browser: Browser, show: Show) -> None:
    page = await opened(browser, show.web.url)
    await page.evaluate(COPY % "undefined")
    await page.click(".aischoco-address")
    await until(lambda: _is(page, ".aischoco-note", f"{show.web.url}/?obs"))


async def _is(page: Page, part: str, text: str, *, wrong: bool = False) -> bool:
    return (await page.inner_text(part) == text) is not wrong


@pytest.mark.parametrize("size", [(1920, 1080), (800, 600), (540, 960)])
async def test_nothing_leaves_the_picture_or_lies_on_the_caption(
    browser: Browser, show: Show, size: tuple[int, int]
) -> None:
    page = await opened(browser, show.web.url, size)
    show.script()
    await shows(page, lines=5, answers=1)
    show.heard(0.5)
    await shows(page, caption=SENTENCE)
    boxes: dict[str, Any] = {
        name: await page.locator(f".aischoco-{name}").bounding_box() for name in ("chat", "answers", "caption", "say")
    }
    for name, box in boxes.items():
        assert box["x"] >= -1, name
        assert box["x"] + box["width"] <= size[0] + 1, name
        assert box["y"] + box["height"] <= size[1], name
    caption, say = boxes["caption"], boxes["say"]
    for name in ("chat", "answers"):
        assert boxes[name]["y"] + boxes[name]["height"] <= caption["y"] + 1, name
    assert caption["y"] + caption["height"] <= say["y"]
    await picture(page, f"overlay-{size[0]}")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [360, 540, 800])
async def test_the_bar_of_the_desk_is_whole_however_narrow_it_is(
    browser: Browser, show: Show, width: int, language: str
) -> None:
    page = await opened(browser, f"{show.web.url}/?lang={language}", (width, 740))
    for part in await page.locator(".aischoco-top > :visible").all():
        box: Any = await part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] < 45, "each on one line"
    await picture(page, f"bar-{width}-{language}")


async def test_a_graph_that_is_wrong_is_told_on_the_page_and_never_on_air(browser: Browser, show: Show) -> None:
    wrong = {"file": "my.yaml", "line": 15, "column": 97, "message": "<b>no</b> 'max_itmes'", "hint": "did you mean?"}
    status: dict[str, Any] = {"problems": [wrong]}
    route = show.web.get("/api/reload", lambda _: status)
    desk, air = await opened(browser, show.web.url), await opened(browser, f"{show.web.url}/?obs")
    told = desk.locator(".aischoco-problem")
    await until(told.count)
    assert await told.all_text_contents() == ["my.yaml:15:97: <b>no</b> 'max_itmes' (did you mean?)"]
    assert await desk.locator(".aischoco-problems").is_visible()
    assert not await air.locator(".aischoco-problems").is_visible()
    if os.environ.get("SCREENSHOTS"):
        await desk.screenshot(path=Path(os.environ["SCREENSHOTS"]) / "problem.png")
    status["problems"] = []
    await until(lambda: told.first.is_hidden())
    route.dispose()
