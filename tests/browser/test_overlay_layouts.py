"""Where things stand on the overlay page: nothing covers the avatar's face, and nothing is cut in half."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from schemas.chat import ChatMessage
from schemas.show import ShowState
from tests.browser.stand import until
from tests.browser.test_overlay import SENTENCE, Show, picture, shows
from tests.harness import ROOT

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

CHIN = 0.71
"""Where the chin of the built-in avatar is, as a part of the height of its canvas in an upright page."""
HAIR = 0.285
"""How far her hair reaches to each side, as a part of the height of a wide page."""


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show(avatar=True).start()
    show.web.folder("/stage", ROOT / "assets/stage")
    yield show
    await show.stop()


async def opened(browser: Browser, show: Show, query: str, size: tuple[int, int]) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(f"{show.web.url}/{query}")
    await shows(page, opens=1)
    return page


async def box(page: Page, name: str) -> dict[str, float]:
    found: Any = await page.locator(f".aischoco-{name}").bounding_box()
    assert found is not None, f"{name} is not shown"
    return found


@pytest.mark.parametrize(("query", "size"), [("?obs", (540, 960)), ("?obs", (720, 900)), ("", (390, 844))])
async def test_in_an_upright_page_chat_and_answers_lie_below_the_chin(
    browser: Browser, show: Show, query: str, size: tuple[int, int]
) -> None:
    page = await opened(browser, show, query, size)
    show.script()
    await shows(page, lines=5, answers=1)
    await page.locator(".aischoco-stage").wait_for()
    stage = await box(page, "stage")
    assert stage["y"] < size[1] * 0.1
    for name in ("chat", "answers"):
        column = await box(page, name)
        assert column["y"] >= stage["y"] + CHIN * stage["height"], name
        assert column["height"] > size[1] * 0.2, name
    await picture(page, f"upright-{size[0]}")


@pytest.mark.parametrize("size", [(800, 600), (1280, 720), (1440, 900)])
async def test_in_a_wide_page_the_columns_leave_the_hair_alone(
    browser: Browser, show: Show, size: tuple[int, int]
) -> None:
    page = await opened(browser, show, "?obs", size)
    show.node.feed("chat", ChatMessage(id="c", author="달토끼", text="ㅋ 하 " * 60))
    await shows(page, lines=1)
    line = await box(page, "line")
    assert line["x"] + line["width"] <= size[0] / 2 - HAIR * size[1]
    assert line["width"] >= 190


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("?obs&layout=wide", True),
        ("?obs&layout=wide&avatar=off", False),
        ("?obs&layout=chat", False),
        ("?obs&layout=answer", False),
        ("?obs&layout=caption", False),
        ("?obs&layout=chat&avatar=on", True),
    ],
)
async def test_a_page_of_one_part_shows_the_avatar_only_when_asked(
    browser: Browser, show: Show, query: str, seen: bool
) -> None:
    page = await opened(browser, show, query, (1280, 720))
    if seen:
        await page.locator(".aischoco-stage").wait_for()
    else:
        await page.wait_for_function("window.__stage === undefined")
        assert await page.locator(".aischoco-stage").is_hidden()


@pytest.mark.parametrize(
    ("query", "size", "seen"),
    [
        ("?obs", (1280, 720), False),
        ("?obs&layout=caption", (1280, 720), False),
        ("?obs&show=off", (1280, 720), False),
        ("?obs&show=on", (1280, 720), True),
        ("?obs&show=on&theme=pastel", (540, 960), True),
        ("?obs&show=on&layout=chat&theme=outline", (480, 640), True),
        ("?obs&layout=show", (900, 80), True),
        ("?show=on", (1280, 720), True),
    ],
)
async def test_the_line_of_the_show_is_there_only_when_asked_and_covers_nothing(
    browser: Browser, show: Show, query: str, size: tuple[int, int], seen: bool
) -> None:
    page = await opened(browser, show, f"{query}&lang=ko", size)
    since = asyncio.get_running_loop().time() - 3930
    state = ShowState(title="저녁 <b>방송</b>", category="마인크래프트", live_since=since, followers=1234, goal=2000)
    show.node.feed("show", state)
    for number in range(20):
        show.node.feed("chat", ChatMessage(id=f"c{number}", author="달토끼", text=f"{number}번째 이야기"))
    await shows(page, lines=20)
    line = page.locator(".aischoco-show")
    if not seen:
        assert await line.is_hidden()
        return
    await line.wait_for()
    assert await line.inner_text() == "저녁 <b>방송</b> · 마인크래프트 · 방송 1시간 5분 넘게 · 팔로워 1,234 / 2,000"
    box_ = await box(page, "show")
    assert box_["x"] >= 0
    assert box_["x"] + box_["width"] <= size[0]
    assert box_["y"] + box_["height"] <= size[1]
    if "layout=show" not in query:
        assert box_["y"] + box_["height"] <= (await box(page, "chat"))["y"]
    await picture(page, f"show-{size[0]}-{query.count('&')}")
    show.node.feed("show", ShowState())
    await until(line.is_hidden)


async def test_a_caption_stands_in_the_middle_from_its_first_word_on(browser: Browser, show: Show) -> None:
    page = await opened(browser, show, "?obs", (1280, 720))
    places: list[float] = []
    for fraction in (0.1, 0.6, 1.0):
        show.heard(fraction, ended=fraction == 1.0)
        await until(lambda fraction=fraction: _revealed(page, fraction))
        ends = await page.evaluate(
            "[...document.querySelectorAll('.aischoco-said, .aischoco-rest')].filter((part) => part.textContent && "
            "getComputedStyle(part).visibility === 'visible').flatMap((part) => [...part.getClientRects()])"
            ".map(({ left, right }) => [left, right])"
        )
        left, right = min(left for left, _ in ends), max(right for _, right in ends)
        assert abs((left + right) / 2 - 640) < 3, fraction
        places.append(left)
    assert max(places) - min(places) < 1, "nothing moves while it is revealed"


async def _revealed(page: Page, fraction: float) -> bool:
    revealed = await page.evaluate("window.__overlay.revealed")
    return len(revealed) >= len(SENTENCE) * fraction


async def test_a_card_at_the_upper_edge_fades_as_a_whole(browser: Browser, show: Show) -> None:
    page = await opened(browser, show, "?obs", (800, 600))
    for number in range(20):
        show.node.feed("chat", ChatMessage(id=f"c{number}", author="달토끼", text=f"{number}번째 " * (1 + number % 9)))
    await shows(page, lines=20)
    lines = """() => [...document.querySelectorAll('.aischoco-line')].map((line) => [
      line.getBoundingClientRect().top - line.parentNode.getBoundingClientRect().top,
      Number(getComputedStyle(line).opacity)])"""

    async def whole() -> bool:
        return all(opacity == (0 if top < -1 else 1) for top, opacity in await page.evaluate(lines))

    await until(whole)
    found = await page.evaluate(lines)
    assert any(top < -1 for top, _ in found)
    assert any(top >= 0 for top, _ in found)
    mask = "getComputedStyle(document.querySelector('.aischoco-chat')).webkitMaskImage"
    assert await page.evaluate(mask) == "none"


async def test_the_newest_card_is_seen_however_tall_it_is(browser: Browser, show: Show) -> None:
    page = await opened(browser, show, "?obs&layout=vertical", (360, 480))
    show.node.feed("chat", ChatMessage(id="long", author="달토끼", text="아주 긴 이야기 " * 30))
    line = page.locator(".aischoco-line.is-past")
    await line.wait_for()
    await until(lambda: _opaque(line))
    show.node.feed("chat", ChatMessage(id="next", author="달토끼", text="끝"))
    await until(lambda: _opaque(line, 0))


async def _opaque(line: Any, how_much: float = 1) -> bool:
    return await line.evaluate("(line) => Number(getComputedStyle(line).opacity)") == how_much
