"""What the streamer says into the microphone, as a caption of its own on the overlay."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from schemas.chat import HostLine
from tests.browser.stand import until
from tests.browser.test_overlay import SENTENCE, Show, picture, shows
from tests.browser.test_overlay_layouts import box, opened

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

WORDS = "초코야, 오늘 게임 뭐부터 할까? 다들 궁금해하는데!"
CLEAR = """() => fetch('/api/clear', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json',
  'X-Token': document.querySelector('meta[name=aischoco-token]').content } }).then((reply) => reply.ok)"""
COLOUR = "(part) => getComputedStyle(part).color"


@pytest_asyncio.fixture
async def show() -> AsyncIterator[Show]:
    show = await Show(host_s=60.0).start()
    yield show
    await show.stop()


def says(show: Show, text: str = WORDS) -> None:
    show.node.feed("host", HostLine(id=text, author="초코주인", role="streamer", text=text))


@pytest.mark.parametrize(
    ("query", "size"), [("?obs", (1280, 720)), ("?obs", (540, 960)), ("?obs&layout=caption", (1280, 720))]
)
async def test_her_words_stand_under_her_name_above_the_caption_in_a_colour_of_their_own(
    browser: Browser, show: Show, query: str, size: tuple[int, int]
) -> None:
    page = await opened(browser, show, query, size)
    assert await page.locator(".aischoco-host").is_hidden()
    show.script()
    says(show)
    show.heard(0.6)
    await shows(page, host=WORDS, caption=SENTENCE)
    assert await page.inner_text(".aischoco-host-name") == "초코주인"
    assert await page.inner_text(".aischoco-host-words") == WORDS
    host, caption = await box(page, "host"), await box(page, "caption")
    assert host["y"] + host["height"] <= caption["y"] + 1
    assert host["x"] >= 0
    assert host["x"] + host["width"] <= size[0]
    if "layout" not in query:
        for name in ("chat", "answers"):
            column = await box(page, name)
            assert column["y"] + column["height"] <= host["y"] + 1, name
    colours = {await page.locator(f".aischoco-{part}").evaluate(COLOUR) for part in ("host", "caption", "host-name")}
    assert len(colours) == 3
    await picture(page, f"host-{size[0]}{'-caption' if 'layout' in query else ''}")


async def test_a_page_that_comes_later_shows_them_and_one_may_leave_them_out(browser: Browser, show: Show) -> None:
    says(show)
    page = await opened(browser, show, "?obs", (1280, 720))
    await shows(page, host=WORDS)
    for query in ("?obs&host=off", "?obs&layout=chat"):
        other = await opened(browser, show, query, (1280, 720))
        show.heard(0.5)
        await shows(other, caption=SENTENCE)
        assert await other.locator(".aischoco-host").is_hidden(), query
    assert await page.locator(".aischoco-host").is_visible()


async def test_they_leave_by_themselves_and_with_what_is_cleared(browser: Browser) -> None:
    show = await Show(host_s=1.0).start()
    try:
        page = await opened(browser, show, "?obs", (1280, 720))
        says(show)
        await shows(page, host=WORDS)
        await shows(page, host="")
        assert await page.locator(".aischoco-host").is_hidden()
    finally:
        await show.stop()
    show = await Show(host_s=60.0).start()
    try:
        page = await opened(browser, show, "?obs", (1280, 720))
        says(show, "<b>초코야</b>")
        await shows(page, host="<b>초코야</b>")
        assert await page.locator(".aischoco-host b").count() == 0
        assert await page.evaluate(CLEAR)
        await until(page.locator(".aischoco-host").is_hidden)
    finally:
        await show.stop()
