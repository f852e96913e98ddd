"""How the overlay looks: layouts, themes, custom CSS, emotes. ``SCREENSHOTS`` names a folder for pictures."""

import asyncio
import base64
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, Page

from schemas.chat import ChatBatch, ChatMessage, Donation, Subscription
from tests.browser.stand import until
from tests.browser.test_overlay import Show, opened, shows
from tests.harness import ROOT

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

OVERLAY = ROOT / "assets" / "overlay"
ANSWER = "월급루팡님 만 치즈 정말 고마워요! 그 노래 저도 진짜 좋아하는데,"
SENTENCE = "목 좀 풀고 바로 불러 드릴게요!"
FACES = {
    "hello": ("#ffd45e", "M30 52q20 26 40 0", ""),
    "heart": ("#ff9db8", "M34 58q16 14 32 0", "<path d='M70 8q10-10 16 0t-16 20q-22-12-16-20t16 0' fill='#ff3d6e'/>"),
    "cry": ("#9ed0ff", "M36 66q14-14 28 0", "<path d='M28 50q-8 18 0 24t6-6zM72 50q8 18 0 24t-6-6z' fill='#3f8ff0'/>"),
}
DRAWINGS: dict[str, bytes] = {}
"""The emotes, drawn once: name -> PNG."""
BADGE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 36 36'><rect width='36' height='36' rx='9' fill='#7b5cff'/>\
<path d='m18 6 3.6 7.8 8.4.900-6.3 5.7 1.8 8.4L18 24.6l-7.5 4.2 1.8-8.4L6 14.7l8.4-.900z' fill='#fff'/></svg>"
)


def face(colour: str, mouth: str, more: str) -> str:
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100'><path d='M14 40 18 6l26 16h14L84 6l4 34z' "
        f"fill='{colour}'/><circle cx='50' cy='54' r='42' fill='{colour}'/><circle cx='35' cy='44' r='6.5'/>"
        f"<circle cx='65' cy='44' r='6.5'/><path d='{mouth}' fill='none' stroke='#000' stroke-width='5' "
        f"stroke-linecap='round'/>{more}</svg>"
    )


async def drawn(page: Page, svg: str, size: int) -> bytes:
    await page.set_viewport_size({"width": size, "height": size})
    await page.set_content(f"<body style='margin:0'>{svg}")
    return await page.screenshot(omit_background=True)


@pytest_asyncio.fixture
async def pictures(browser: Browser) -> AsyncIterator[str]:
    """Serve emotes from a host, and give its address."""
    if not DRAWINGS:
        page = await browser.new_page()
        for name, parts in FACES.items():
            DRAWINGS[name] = await drawn(page, face(*parts), 100)
        DRAWINGS["badge"] = await drawn(page, BADGE, 36)
        await page.close()

    async def answer(request: web.Request) -> web.Response:
        found = DRAWINGS.get(request.path[1:].removesuffix(".png"))
        return web.Response(status=404) if found is None else web.Response(body=found, content_type="image/png")

    app = web.Application()
    app.router.add_get("/{name}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
    await asyncio.sleep(0.05)  # the sockets on both sides are closed a tick later


@pytest_asyncio.fixture
async def show(pictures: str) -> AsyncIterator[Show]:
    show = await Show(emote_hosts=["127.0.0.1"]).start()
    yield show
    await show.stop()


def evening(show: Show, pictures: str) -> None:
    """Play a lively minute: every kind of line, two answers, a caption in the middle."""

    def viewer(id_: str, author: str, text: str, **more: Any) -> ChatMessage:
        emotes = {name: f"{pictures}/{name}.png" for name in (*FACES, "lost")}
        return ChatMessage(id=id_, author=author, text=text, emotes=emotes, **more)

    badge = (f"{pictures}/badge.png",)
    first = viewer("c1", "달토끼", "오늘 방송 기다렸어요!! ㅋㅋㅋ {:hello:}")
    gift = Donation(id="d1", author="월급루팡", text="노래 한 곡만 불러줘 {:heart:}", amount=10000, emotes=first.emotes)
    for event in (
        first,
        viewer("c2", "개발하는곰", "초코야 저녁은 먹었어?", badges=badge),
        viewer("c3", "초코매니저", "다들 예쁜 말 써 주세요~", role="manager"),
        Subscription(id="s1", author="새벽감성", text="벌써 반년이네", months=6, tier_name="티어 2"),
        viewer("c4", "민트초코단", "{:heart:}{:heart:}{:hello:}"),
        gift,
        viewer("c5", "초코주인", "오 노래 간다 {:cry:}", role="streamer"),
    ):
        show.node.feed("chat", event)
    show.node.feed("batch", ChatBatch(turn="t0", lane="chat", events=(first, viewer("c2", "개발하는곰", ""))))
    show.node.feed("batch", ChatBatch(turn="t1", lane="donation", events=(gift,)))
    show.heard(1.0, "달토끼님, 기다려 줘서 고마워요! 저녁은 떡볶이 먹었어요.", sentence=0, ended=True, turn="t0")
    show.heard(1.0, ANSWER, sentence=0, ended=True)
    show.heard(0.0, SENTENCE)


async def pictured(page: Page, count: int) -> None:
    loaded = "[...document.images].filter((image) => image.complete && image.naturalWidth).length"

    async def all_there() -> bool:
        return await page.evaluate(loaded) == count

    await until(all_there)


async def lively(
    browser: Browser, show: Show, pictures: str, query: str = "", size: tuple[int, int] = (1280, 720)
) -> Page:
    page = await opened(browser, f"{show.web.url}/?obs{query}", size)
    evening(show, pictures)
    await shows(page, lines=7, answers=2, caption=SENTENCE)
    await pictured(page, 7)
    return page


STAGE = """
document.documentElement.style.background =
  'radial-gradient(circle at 50% 39%, #6f5a86 15vh, transparent 15.2vh), ' +
  'radial-gradient(25vh 38vh at 50% 96%, #6f5a86 99.5%, transparent), ' +
  'linear-gradient(#3a2e52 70%, #4d3d61 70%)';
"""
"""A room with somebody in it, for the pictures."""


async def pose(page: Page, show: Show, name: str) -> None:
    """Take a picture with the caption partly revealed, in front of a background."""
    if "SCREENSHOTS" in os.environ:
        await page.evaluate(STAGE)
        await page.evaluate("document.fonts.ready.then(() => 1)")
        await asyncio.sleep(1)
        show.heard(0.4, SENTENCE)
        await asyncio.sleep(0.3)
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"{name}.png")


@pytest.mark.parametrize("theme", ["default", "pastel", "dark-glass", "outline"])
async def test_a_theme_dresses_the_page(browser: Browser, show: Show, pictures: str, theme: str) -> None:
    page = await lively(browser, show, pictures, f"&theme={theme}")
    value = "getComputedStyle(document.documentElement).getPropertyValue('--aischoco-card').trim()"
    css = (OVERLAY / ("overlay.css" if theme == "default" else "themes.css")).read_text(encoding="utf-8")
    block = css.partition(
        ':root {\n  --aischoco-font: "Pretendard Variable";\n' if theme == "default" else f".theme-{theme} {{"
    )[2]
    assert await page.evaluate(value) == re.findall(r"--aischoco-card: ([^;]+);", block)[0]
    await pose(page, show, "overlay" if theme == "default" else f"overlay-{theme}")


async def test_the_setting_chooses_the_theme_and_the_address_goes_before_it(browser: Browser, pictures: str) -> None:
    show = await Show(theme="pastel", layout="chat").start()
    try:
        for query, wanted in (
            ("", "theme-pastel layout-chat"),
            ("&theme=outline&layout=wide", "theme-outline layout-wide"),
        ):
            page = await opened(browser, f"{show.web.url}/?obs{query}")
            assert (await page.evaluate("document.documentElement.className")).startswith(wanted)
    finally:
        await show.stop()


@pytest.mark.parametrize("layout", ["wide", "vertical", "caption", "chat", "answer"])
async def test_a_layout_shows_its_parts(browser: Browser, show: Show, pictures: str, layout: str) -> None:
    size = (540, 960) if layout in ("vertical", "chat") else (1280, 720)
    page = await lively(browser, show, pictures, f"&layout={layout}", size)
    visible = [name for name in ("chat", "answers", "caption") if await page.locator(f".aischoco-{name}").is_visible()]
    wanted = {"caption": ["caption"], "chat": ["chat"], "answer": ["answers"]}
    assert visible == wanted.get(layout, ["chat", "answers", "caption"])
    await pose(page, show, f"layout-{layout}")


async def test_a_picture_that_cannot_be_had_is_its_name_and_nothing_leaves_this_machine(
    browser: Browser, show: Show, pictures: str
) -> None:
    page = await browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{show.web.url}/?obs")
    await shows(page, opens=1)
    emotes = {"lost": f"{pictures}/lost.png", "far": "https://example.org/far.png", "hello": f"{pictures}/hello.png"}
    show.node.feed(
        "chat", ChatMessage(id="m", author="달토끼", text="{:lost:} {:far:} {:hello:} {:none:}", emotes=emotes)
    )
    await pictured(page, 1)
    assert await page.locator("span.aischoco-emote").all_inner_texts() == ["lost", "far", "none"]
    assert await page.locator("img.aischoco-emote").get_attribute("alt") == "hello"
    assert asked
    assert all(url.startswith((show.web.url, show.web.url.replace("http", "ws"), "data:")) for url in asked), asked
    await page.reload()
    await pictured(page, 1)


async def test_custom_css_of_obs_takes_effect_in_every_theme(browser: Browser, show: Show, pictures: str) -> None:
    """Everything the comment of overlay.css promises holds: it uses each property, and the page has each class name."""
    comment = (OVERLAY / "overlay.css").read_text(encoding="utf-8").partition("*/")[0]
    properties = re.findall(r"^\s+(--aischoco-[a-z-]+):", comment, re.MULTILINE)
    classes = set(re.findall(r"\.((?:aischoco|is)-[a-z-]+)", comment))
    sheets = [(OVERLAY / f"{name}.css").read_text(encoding="utf-8") for name in ("overlay", "cards", "caption")]
    used = "".join(sheets).partition("*/")[2]
    assert len(properties) > 25
    assert [name for name in properties if f"var({name}" not in used] == []
    for theme in ("default", "pastel", "dark-glass", "outline"):
        page = await lively(browser, show, pictures, f"&theme={theme}")
        custom = "".join(f"{name}: {number}px;" for number, name in enumerate(properties))
        await page.evaluate(
            "css => document.head.append(Object.assign(document.createElement('style'), { textContent: css }))",
            f":root {{ {custom} }} .aischoco-line.is-donation {{ color: rgb(1, 2, 3) }}",
        )
        values = (
            "names => names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim())"
        )
        assert await page.evaluate(values, properties) == [f"{number}px" for number in range(len(properties))]
        colour = "getComputedStyle(document.querySelector('.is-donation')).color"
        assert await page.evaluate(colour) == "rgb(1, 2, 3)"
        found = "() => [...document.querySelectorAll('*')].flatMap((element) => [...element.classList])"
        missing = classes - set(await page.evaluate(found)) - {"is-faded", "is-past", "is-without-streamer"}
        assert missing == {"is-of-several", "aischoco-channel"}
    for channel in ("a", "b"):
        show.node.feed("chat", ChatMessage(id=channel, author="옆집", text="안녕", channel_id=channel * 32))
    await page.locator(".is-of-several .aischoco-channel").first.wait_for()


async def test_the_ground_is_transparent_and_a_rare_syllable_needs_no_font_of_the_system(
    browser: Browser, show: Show
) -> None:
    page = await opened(browser, f"{show.web.url}/?obs", (800, 600))
    await page.evaluate("document.fonts.ready.then(() => 1)")
    show.node.feed("chat", ChatMessage(id="r", author="뷁", text="쀍 똠 힣 갏"))
    await shows(page, lines=1)
    loaded = "document.fonts.load('500 20px \"Pretendard Variable\"', '쀍똠힣갏뷁').then((faces) => faces.length)"
    assert await page.evaluate(loaded) == 1
    widths = """() => {
      const context = document.createElement('canvas').getContext('2d');
      context.font = '500 40px "Pretendard Variable", monospace';
      return [...'쀍똠힣갏뷁'].map((sign) => context.measureText(sign).width === context.measureText('가').width);
    }"""
    assert await page.evaluate(widths) == [True] * 5, "all syllables are as wide, of the font of the page"
    shot = await page.screenshot(omit_background=True)
    alpha = """async (png) => {
      const image = await createImageBitmap(await (await fetch('data:image/png;base64,' + png)).blob());
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      return [[400, 20], [790, 300], [400, 590]].map(([x, y]) => context.getImageData(x, y, 1, 1).data[3]);
    }"""
    blank = await browser.new_page()
    assert await blank.evaluate(alpha, base64.b64encode(shot).decode()) == [0, 0, 0]


LONG = (
    "아주 긴 문장을 한 번에 말하더라도 자막은 화면 밖으로 나가지 않고, 채팅과 대답을 가리지 않으며, 잘리지도 않아요. "
    * 2
)


@pytest.mark.parametrize("size", [(800, 600), (1920, 1080), (540, 960)])
async def test_long_texts_are_neither_cut_nor_on_top_of_each_other(
    browser: Browser, show: Show, pictures: str, size: tuple[int, int]
) -> None:
    page = await lively(browser, show, pictures, size=size)
    show.node.feed("chat", ChatMessage(id="w", author="W" * 40, text="가" * 150 + "W" * 140))
    show.node.feed("chat", Donation(id="x", author="긴이름" * 13, text="후원" * 60, amount=100_000_000))
    show.heard(1.0, LONG, sentence=2, ended=True)
    await shows(page, lines=9, revealed=LONG)
    cut = """() => [...document.querySelectorAll('[data-id], [data-id] *, .aischoco-caption')]
      .filter((part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).display !== 'inline')
      .map((part) => part.className)"""
    assert await page.evaluate(cut) == []
    boxes = {name: await page.locator(f".aischoco-{name}").bounding_box() for name in ("chat", "answers", "caption")}
    for name, box in boxes.items():
        assert box is not None
        assert box["x"] >= -1, name
        assert box["x"] + box["width"] <= size[0] + 1, name
        assert box["y"] >= 0, name
        assert box["y"] + box["height"] <= size[1] + 1, name
    chat, answers, caption = (boxes[name] or {} for name in ("chat", "answers", "caption"))
    assert max(box["y"] + box["height"] for box in (chat, answers)) <= caption["y"] + 1
    newest = await page.locator("[data-id=x]").bounding_box()
    assert newest is not None
    assert newest["y"] + newest["height"] <= caption["y"] + 1
    assert newest["x"] + newest["width"] <= answers["x"] + 20
    await page.evaluate(STAGE)
    if "SCREENSHOTS" in os.environ:
        await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"long-{size[0]}.png")


async def test_the_page_speaks_english_when_asked(browser: Browser, show: Show, pictures: str) -> None:
    page = await lively(browser, show, pictures, "&lang=en")
    show.node.feed("chat", Donation(id="anon", author="", amount=2500, anonymous=True))
    await shows(page, lines=8)
    assert await page.locator(".aischoco-badge").all_inner_texts() == ["Mod", "Streamer"]
    assert await page.locator(".aischoco-amount-tag").all_inner_texts() == ["6 months", "10,000 cheese", "2,500 cheese"]
    assert await page.locator(".aischoco-to").all_inner_texts() == ["to 달토끼, 개발하는곰", "to 월급루팡"]
    assert await page.locator("[data-id=anon] .aischoco-name").inner_text() == "Anonymous"
    desk = await opened(browser, f"{show.web.url}/?lang=en", (540, 960))
    assert await desk.locator(".aischoco-address").inner_text() == "Copy OBS address"
    assert await desk.evaluate("document.documentElement.lang") == "en"
    words = """[...document.querySelectorAll('button, option, [placeholder], [aria-label]')]
      .filter((part) => !part.matches('[data-id] *, [role=log], [data-language]'))
      .map((part) => [part.textContent, part.title, part.placeholder, part.ariaLabel].join(' '))"""
    left = [text for text in await desk.evaluate(words) if re.search("[가-힣]", text)]
    assert left == []
