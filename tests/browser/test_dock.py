"""The dock in a real browser: what an operator sees and does. ``SCREENSHOTS`` names a folder for pictures."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Self

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from nodes.services import Verdicts
from schemas.chat import ChatBatch, ChatMessage, Donation, Subscription, ViewerEvent
from schemas.event import Event
from schemas.playback import Heard, Muted, Speaking, Stop
from schemas.reply import Sentence
from tests.browser.stand import Stand, until

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

WIRED = "batch", "reply", "heard", "speaking", "withdrawn", "show", "listening", "ignored"
XSS = [
    '<b>굵게</b><img src=x onerror="window.hacked=1">',
    "<script>window.hacked=1</script>",
    '"><svg onload=window.hacked=1>',
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
    "</li></ul><iframe srcdoc='<script>parent.hacked=1</script>'>",
]
BATCH = ChatBatch(
    turn="t1",
    lane="donation",
    events=(
        Donation(id="d1", author="월급루팡", text="노래 한 곡만 불러줘", amount=10000),
        ChatMessage(id="c1", author="달토끼", text="오늘 방송 기다렸어요!! ㅋㅋㅋ"),
    ),
)
SENTENCES = "월급루팡님, 만 원이나! 정말 고마워요.", "노래는 조금 이따가 꼭 불러 드릴게요!"


HOTKEYS = [
    {"id": "h1", "name": "손 흔들기", "type": "TriggerAnimation", "file": ""},
    {"id": "h2", "name": XSS[0], "type": "ToggleExpression", "file": "x.exp3.json"},
]


class Show(Stand):
    """The node ``overlay.dock``; the engine's addresses describe a made-up graph."""

    def __init__(self, port: int = 0) -> None:
        super().__init__("dock", "overlay.dock", WIRED, port, {Verdicts: self}, title="초코")
        self.drops: list[tuple[str, str]] = []
        self.nodes: list[dict[str, Any]] = [
            _node("typed", "chat.typed"),
            _node("reply", "llm.reply"),
            _node("dock", "overlay.dock"),
        ]
        self.reload: dict[str, Any] = {"generation": 1, "problems": [], "undo": False, "last": None}
        self.undone: list[Any] = []

    def drop(self, event: ViewerEvent, reason: str) -> None:
        self.drops.append((event.id, reason))

    def malformed(self, kind: str) -> None: ...
    async def start(self) -> Self:
        self.web.get("/api/graph", lambda _: self.graph())
        self.web.get("/api/turns", lambda _: [self.turn()])
        self.web.get("/api/reload", lambda _: self.reload)
        self.web.post("/api/reload", self._undo)
        return await super().start()

    def graph(self) -> dict[str, Any]:
        counts = {"in": 128, "answered": 96, "waiting": 9, "dropped": {"stale": 14, "banned_word": 2, "duplicate": 7}}
        waiting = {"donation": 1, "subscription": 0, "chat": 8}
        return {"name": "live", "nodes": self.nodes, "viewer_events": counts, "waiting": waiting}

    def turn(self) -> dict[str, Any]:
        marks = {"received": 10.0, "batched": 10.4, "first_token": 10.8, "first_sentence": 11.1, "first_sound": 11.9}
        sure = {"confidence": 0.8, "processing_time": 1.234}
        return {"id": "t1", "lane": "donation", "rung": "model", "marks": marks, **sure}

    def speak(self) -> None:
        """Speak a turn: its first sentence is over, the second has begun."""
        self.node.feed("batch", BATCH)
        for index, text in enumerate(SENTENCES):
            self.node.feed(
                "reply", Sentence(turn="t1", index=index, text=text, spoken=text, emotion="excited", last=index == 1)
            )
        self.node.feed("speaking", Speaking(turn="t1", speaking=True))
        self.node.feed("heard", Heard(turn="t1", sentence=0, text=SENTENCES[0], fraction=1.0, ended=True))
        self.node.feed("heard", Heard(turn="t1", sentence=1, text=SENTENCES[1], fraction=0.4))

    def given(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.out if isinstance(event, kind)]

    def _undo(self, said: Any) -> dict[str, Any]:
        self.undone.append(said)
        self.reload["undo"] = False
        return {"accepted": True}


def _node(name: str, type_: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type_, "state": "running", "errors": 0, "restarts": 0, "last_error": "", **more}


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show().start()
    yield show
    await show.stop()


async def opened(browser: Browser, show: Show, size: tuple[int, int] = (300, 900)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(f"{show.web.url}/dock")

    async def ready() -> bool:
        now = await page.evaluate("window.__dock || {}")
        return now.get("opens") == 1 and now.get("states", 0) > 0 and now.get("looks", 0) > 0

    await until(ready)
    return page


async def sees(page: Page, selector: str, text: str) -> None:
    async def there() -> bool:
        return text in " ".join(await page.locator(selector).all_inner_texts())

    await until(there)


async def got(show: Show, kind: type[Event], count: int = 1) -> list[Any]:
    await until(lambda: asyncio.sleep(0, len(show.given(kind)) >= count))
    return show.given(kind)


async def picture(page: Page, name: str) -> None:
    if "SCREENSHOTS" in os.environ:
        await page.evaluate("document.fonts.ready.then(() => 1)")
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png")


async def test_it_shows_what_is_said_and_why_and_what_waits(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    assert await page.locator("#state").inner_text() == "기다리는 중"
    show.speak()
    await sees(page, "#state", "말하는 중")
    await sees(page, "#why", "월급루팡10,000치즈 노래 한 곡만 불러줘")
    await sees(page, "#lane", "후원")
    await sees(page, "#rung", "모델")
    await sees(page, "#pace", "첫 소리까지 1.5초")
    await page.click("#marksPart summary")
    await sees(page, "#marks", "첫 소리1.5초")
    await sees(page, "#marks", "확신80%")
    await sees(page, "#marks", "다 쓰기까지1.2초")
    await sees(page, "#said .heard", SENTENCES[0])
    ahead = "".join(await page.locator("#said .ahead").all_text_contents()).strip()
    assert SENTENCES[1].endswith(ahead)
    assert 0 < len(ahead) < len(SENTENCES[1])
    assert await page.locator("#lanes").inner_text() == "후원\n1\n구독\n0\n채팅\n8"
    assert await page.locator("#sum").inner_text() == "대답 96 · 대기 9 · 넘김 23"


async def test_while_the_voice_speaks_what_it_answers_stays_as_it_is(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    await page.wait_for_selector("#why li")
    await page.evaluate("document.querySelector('#why li').known = true")
    heard = await page.inner_text("#said .heard >> nth=1")
    show.node.feed("heard", Heard(turn="t1", sentence=1, text=SENTENCES[1], fraction=0.8))
    await until(lambda: _differs(page, heard))
    assert await page.evaluate("document.querySelector('#why li').known")


async def _differs(page: Page, heard: str) -> bool:
    return await page.inner_text("#said .heard >> nth=1") != heard


async def test_a_skip_ends_the_turn_and_two_docks_show_the_same(browser: Browser, show: Show) -> None:
    page, phone = await opened(browser, show), await opened(browser, show, (390, 844))
    show.speak()
    await sees(phone, "#state", "말하는 중")
    await page.click("#skip")
    assert await got(show, Stop) == [Stop(turn="t1")]
    await sees(page, "#state", "기다리는 중")
    await sees(phone, "#state", "기다리는 중")
    assert await page.locator("#skip").is_disabled()


async def test_a_stop_ends_the_turn_and_pauses(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    await page.click("#stop")
    assert await got(show, Stop) == [Stop(turn="t1")]
    await sees(page, "#state", "조용히 있어요")
    assert await page.get_attribute("#pause", "aria-pressed") == "true"
    await page.click("#pause")
    await sees(page, "#state", "기다리는 중")


async def test_undo_is_there_only_where_there_is_something_to_undo(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#graphPart summary")
    assert not await page.locator("#undo").is_visible()
    show.reload |= {"undo": True, "generation": 2, "last": {"changes": ["filter: min_length 1 -> 2"]}}
    await until(lambda: page.locator("#undo").is_visible())
    await sees(page, "#changed", "설정이 바뀌었어요.")
    await page.click("#changePart summary")
    await sees(page, "#change", "filter: min_length 1 -> 2")
    await page.click("#undo")
    await until(lambda: asyncio.sleep(0, show.undone == [{"undo": True}]))
    await until(lambda: page.locator("#undo").is_hidden())


async def test_a_wrong_graph_and_a_node_that_fails_are_told(browser: Browser, show: Show) -> None:
    show.reload["problems"] = [
        {"file": "live.yaml", "line": 3, "column": 9, "message": "no 'max_itmes'", "hint": "did you mean max_items?"}
    ]
    show.nodes[1] |= {"state": "restarting", "errors": 3, "last_error": "<b>HTTP 429</b>"}
    page = await opened(browser, show)
    assert await page.locator("#problems").inner_text() == "live.yaml:3:9: no 'max_itmes' (did you mean max_items?)"
    assert await page.locator("#ill").inner_text() == "1"
    await page.click("#graphPart summary")
    told = await page.locator("#nodes").inner_text()
    assert "다시 켜는 중 · 오류 3" in told
    assert "<b>HTTP 429</b>" in told


async def test_what_viewers_write_stays_text(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    await page.click("#approving")
    await until(lambda: _pressed(page, "#approving"))
    wrote = [ChatMessage(id=f"x{number}", author=text[:40], text=text) for number, text in enumerate(XSS)]
    show.node.feed("batch", ChatBatch(turn="t3", lane="chat", events=tuple(wrote)))
    await until(lambda: _count(page, "#held .card", 1))
    for text in XSS:
        assert text in await page.locator("#held .card").inner_text()
    await page.click("#held .approve")
    await got(show, ChatBatch)
    for index, text in enumerate(XSS):
        show.node.feed("reply", Sentence(turn="t3", index=index, text=text, spoken="", emotion="happy"))
        await sees(page, "#said", text)
    assert await page.locator("main :is(img, script, iframe, svg)").count() == 0
    assert await page.evaluate("window.hacked") is None


async def test_the_language_is_switched_and_remembered(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    assert await page.locator("#skip").inner_text() == "건너뛰기"
    await page.click("#language")
    assert await page.locator("#skip").inner_text() == "Skip"
    await page.reload()
    await sees(page, "#state", "Waiting")
    assert await page.evaluate("document.documentElement.lang") == "en"


async def test_every_control_has_a_name_and_can_be_reached_by_key(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    show.speak()
    for part in ("testPart", "emotionPart", "graphPart"):
        await page.click(f"#{part} summary")
    nameless = """[...document.querySelectorAll("button, select, input, textarea, a")].filter((element) =>
        element.offsetParent && !(element.textContent.trim() && element.tagName !== "SELECT")
        && !element.getAttribute("aria-label") && !element.labels?.length).map((element) => element.outerHTML)"""
    assert await page.evaluate(nameless) == []
    reached = []
    for _ in range(12):
        await page.keyboard.press("Tab")
        reached.append(await page.evaluate("document.activeElement.id"))
    assert {"language", "skip", "stop", "pause", "approving", "mute", "sayText"} <= set(reached)


async def test_nothing_is_wider_than_the_dock_and_nothing_comes_from_elsewhere(browser: Browser, show: Show) -> None:
    asked: list[str] = []
    for width in (240, 300, 390):
        page = await browser.new_page(viewport={"width": width, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        await page.goto(f"{show.web.url}/dock")
        show.node.feed("heard", Heard(turn=f"w{width}", sentence=0, text="긴" * 200, fraction=0.5))
        await sees(page, "#said", "긴" * 200)
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await page.close()
        show.node.feed("speaking", Speaking(turn=f"w{width}", speaking=False))
    assert {url for url in asked if not url.startswith((show.web.url, "data:"))} == set()


async def test_it_finds_the_program_again_after_a_restart_and_orders_work(browser: Browser, show: Show) -> None:
    page = await opened(browser, show)
    port = int(show.web.url.rpartition(":")[2])
    await show.stop()
    await until(lambda: page.locator("#loading").is_visible())
    again = await Show(port).start()
    try:
        await until(lambda: page.locator("#loading").is_hidden())
        await page.click("#mute")
        await got(again, Muted)
    finally:
        await again.stop()
        await show.web.start()


async def test_an_order_without_the_token_or_from_another_page_is_refused(show: Show) -> None:
    order, url = {"order": "mute", "to": True}, f"{show.web.url}/api/dock"
    token, evil = {"X-Token": show.web.token}, {"Origin": "http://evil.example"}
    async with aiohttp.ClientSession() as session:
        for headers, status in (({}, 403), ({"X-Token": "old"}, 403), ({**token, **evil}, 403), (token, 200)):
            async with session.post(url, json=order, headers=headers) as answer:
                assert answer.status == status, headers
            assert len(show.given(Muted)) == (status == 200)
        async with session.post(
            url, data=json.dumps({"order": "dance"}), headers={**token, "Content-Type": "application/json"}
        ) as answer:
            assert answer.status == 400
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(f"{show.web.url}/ws/dock", headers=evil)
        assert refused.value.status == 403


@pytest.mark.parametrize("size", [(300, 900), (390, 844)])
async def test_the_picture_of_a_busy_show(browser: Browser, show: Show, size: tuple[int, int]) -> None:
    page = await opened(browser, show, size)
    show.speak()
    await sees(page, "#pace", "첫 소리까지")
    await page.click("#approving")
    await until(lambda: _pressed(page, "#approving"))
    waiting = Subscription(id="s1", author="새벽감성", text="벌써 반년이네요", months=6, tier_name="티어 2")
    show.node.feed("batch", ChatBatch(turn="t2", lane="subscription", events=(waiting,)))
    await until(lambda: _count(page, "#held .card", 1))
    for name in ("skip", "stop", "pause"):
        box = await page.locator(f"#{name}").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size[1], f"{name} is in sight without scrolling"
    await picture(page, "dock" if size[0] == 300 else "dock-phone")


async def _empty(page: Page, field: str) -> bool:
    return await page.input_value(field) == ""


async def _count(page: Page, selector: str, count: int) -> bool:
    return await page.locator(selector).count() == count


async def _pressed(page: Page, switch: str) -> bool:
    return await page.get_attribute(switch, "aria-pressed") == "true"
