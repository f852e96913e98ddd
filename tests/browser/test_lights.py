"""The bar of the desk pages: its lights say what is not there, and its tabs lead only to what is."""

import asyncio
import json
import os
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.e2e.show import Show as Program
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(180)]

BESIDE = "name => innerWidth - document.querySelector(name).getBoundingClientRect().right"
"""A script that returns how many pixels there are to the right of something."""
DESK = {
    "overlay": "/",
    "start": "/start/",
    "dock": "/dock/",
    "settings": "/settings/",
    "graph": "/graph/",
    "help": "/help/",
}
NOTHING = {
    "CHZZK_CLIENT_ID": "",
    "CHZZK_CLIENT_SECRET": "",
    "CHZZK_ACCESS_TOKEN": "",
    "GROQ_API_KEY": "",
    "HF_HUB_OFFLINE": "1",
    "TTS_REMOTE_URL": "",
}
"""The environment of somebody who has set up nothing yet."""
BARE = """\
name: bare
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence}
"""


def without_a_voice(root: Path) -> None:
    """Break the package of the embedded voice, and leave the avatar's port without anybody behind it."""
    (root / "onnxruntime.py").write_text("raise ImportError('DLL load failed')\n", encoding="utf-8")
    graph = root / "graphs" / "live.yaml"
    text = graph.read_text("utf-8").replace("hotkeys: {}}", "hotkeys: {}, discover: false}")
    graph.write_text(text, encoding="utf-8")


def bare(root: Path) -> None:
    (root / "graphs" / "bare.yaml").write_text(BARE, encoding="utf-8")


async def started(folder: Path, graph: str, **given: object) -> Program:
    program = Program(folder, graph, **given)  # type: ignore[arg-type]
    await asyncio.to_thread(program.until, lambda: program.get("/api/graph"), 60)
    return program


async def opened(browser: Browser, url: str, size: tuple[int, int] = (1280, 720)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    await page.goto(url)
    return page


async def states(page: Page) -> dict[str, str]:
    found = "list => Object.fromEntries(list.map(one => [one.dataset.light, one.dataset.state]))"
    return await page.eval_on_selector_all(".desk-light", found)


async def become(page: Page, wanted: dict[str, str], seconds: float = 60) -> None:
    async def so() -> bool:
        found = await states(page)
        return all(found.get(name) == state for name, state in wanted.items())

    try:
        await until(so, seconds)
    except AssertionError:
        raise AssertionError(f"{await states(page)} instead of {wanted}") from None


async def titled(page: Page, title: str) -> None:
    async def so() -> bool:
        return await page.title() == title

    try:
        await until(so)
    except AssertionError:
        raise AssertionError(f"{await page.title()!r} instead of {title!r}") from None


async def says(page: Page, light: str) -> str:
    await page.click(f"[data-light={light}]")
    text = await page.inner_text(".desk-panel")
    await page.keyboard.press("Escape")
    return text


async def _advised(page: Page) -> bool:
    return "설정에서 'Start API'를 켜 주세요" in await says(page, "avatar")  # as the doctor says


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"lights-{name}.png")


@pytest_asyncio.fixture
async def unready(tmp_path: Path) -> AsyncIterator[Program]:
    env = {**NOTHING, "VTS_PORT": str(free_port())}
    with await started(tmp_path, "graphs/live.yaml", env=env, prepare=without_a_voice) as program:
        yield program


async def test_a_live_show_without_anything_set_up_is_red_on_every_page_with_the_remedy(
    browser: Browser, unready: Program
) -> None:
    wanted = {"chat": "bad", "reply": "bad", "voice": "bad", "avatar": "bad", "obs": "waiting"}
    for name, path in DESK.items():
        page = await opened(browser, unready.url + path)
        await become(page, wanted)
        assert "aischoco.py login" in await says(page, "chat") or "CHZZK_CLIENT_ID" in await says(page, "chat")
        assert "GROQ_API_KEY" in await says(page, "reply")
        assert "자막만" in await says(page, "voice")
        assert "연결되지 않았어요" in await says(page, "avatar")
        await until(lambda page=page: _advised(page), 30)
        await page.click("[data-light=reply]")
        await picture(page, f"unready-{name}")
        await page.close()


async def test_what_viewers_see_has_no_bar(browser: Browser, unready: Program) -> None:
    page = await opened(browser, f"{unready.url}/?obs")
    await page.wait_for_timeout(500)
    assert await page.locator(".desk-light").count() == 0
    assert await page.locator("a").count() == 0


async def test_the_obs_light_follows_the_page_that_viewers_see(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/bare.yaml", prepare=bare) as program:
        page = await opened(browser, program.url)
        await become(page, {"obs": "waiting", "reply": "good", "chat": "none", "voice": "none", "avatar": "none"})
        await page.click("[data-light=obs]")
        await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        assert await page.inner_text(".source small >> nth=0") == "1920 × 1080"
        assert await page.locator(".source").count() == 3, "this graph has neither a stage nor a dock"
        await page.click(".source-copy >> nth=0")
        assert await page.evaluate("navigator.clipboard.readText()") == f"{program.url}/?obs"
        shown = await opened(browser, f"{program.url}/?obs")
        await become(page, {"obs": "good"})
        await shown.close()
        await become(page, {"obs": "waiting"})


async def test_the_demonstration_becomes_green(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await opened(browser, program.url)
        await become(page, {"chat": "none", "reply": "good", "voice": "good", "avatar": "good", "obs": "waiting"})
        shown = await opened(browser, f"{program.url}/?obs")
        await become(page, {"obs": "good"})
        for name, path in DESK.items():
            await page.goto(program.url + path)
            await become(page, {"voice": "good"})
            for size in ((1440, 900), (800, 600), (360, 740)):
                await page.set_viewport_size({"width": size[0], "height": size[1]})
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, size)
                if name == "overlay":
                    assert await page.evaluate(BESIDE, "[data-language]") < 40, "at the right, also alone"
                await picture(page, f"{name}-{size[0]}")
        await shown.close()


async def test_the_lights_go_out_when_the_program_does(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        pages = [await opened(browser, program.url + path) for path in DESK.values()]
        for page in pages:
            await become(page, {"voice": "good"})
        program.process.kill()
        for page in pages:
            await become(page, dict.fromkeys(("chat", "reply", "voice", "avatar", "obs"), "unknown"))


async def test_tabs_lead_to_the_pages_that_the_graph_has_and_each_tab_of_the_browser_has_its_own_title(
    browser: Browser, tmp_path: Path
) -> None:
    with await started(tmp_path / "demo", "graphs/demo.yaml") as program:
        page = await opened(browser, program.url)
        for tab, title in (
            ("준비", "준비 · 초코"),
            ("조종판", "조종판 · 초코"),
            ("설정", "설정 · 초코"),
            ("그래프", "그래프 · 초코"),
            ("도움말", "도움말 · 초코"),
            ("무대", "무대 · 초코"),
        ):
            await page.click(f".desk-tabs a:text-is('{tab}')")
            await titled(page, title)
            assert await page.inner_text(".desk-tabs [aria-current=page]") == tab
        await page.goto(f"{program.url}/stage/")
        await titled(page, "아바타 · 초코")
    with await started(tmp_path / "bare", "graphs/bare.yaml", prepare=bare) as program:
        page = await opened(browser, program.url)
        await page.wait_for_selector(".desk-tabs a")
        assert await page.locator(".desk-tabs a").all_inner_texts() == ["무대", "준비", "설정", "그래프", "도움말"]


async def test_a_person_who_is_lost_gets_a_page_with_the_ways_and_a_program_gets_json(
    browser: Browser, tmp_path: Path
) -> None:
    with await started(tmp_path, "graphs/bare.yaml", prepare=bare) as program:
        for path in ("/nowhere", "/dock", "/graph/nowhere.html"):
            page = await browser.new_page()
            answer = await page.goto(program.url + path)
            assert answer is not None
            assert answer.status == 404
            await page.wait_for_selector(".desk-tabs a:text-is('무대')")
            assert "없는 페이지" in await page.inner_text("h1")
            await page.set_viewport_size({"width": 360, "height": 740})
            assert await page.evaluate(BESIDE, "[data-language]") < 40, "at the right, also alone"
            await picture(page, f"missing{path.replace('/', '-')}")
            await page.close()
        for path, accept in (("/nowhere", "*/*"), ("/api/nothing", "text/html"), ("/ws/nothing", "text/html")):
            status, content = await asyncio.to_thread(asked, program.url + path, accept)
            assert (status, set(json.loads(content))) == (404, {"error"})


def asked(url: str, accept: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Accept": accept}), timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
