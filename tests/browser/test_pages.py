"""All pages side by side with the real program behind them: it is killed and comes back; the language is switched."""

import asyncio
import json
import re
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.stand import until
from tests.e2e.show import Show as Program
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

GRAPH = """\
name: pages
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, quiet_s: 0.05, max_wait_s: 0.1}
  dock: {type: overlay.dock, batch: batch, reply: split.sentence, title: 초코}
  reply: {type: reply.canned, in: dock.batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence, title: 초코}
  stage: {type: avatar.stage, port: "${STAGE_PORT:-8011}", broadcast: false}
"""
PATHS = {"overlay": "/", "air": "/?obs", "dock": "/dock/", "graph": "/graph/", "stage": "/stage/"}
UP = {
    "overlay": "document.querySelector('.aischoco-link').classList.contains('is-up')",
    "air": "document.querySelector('.aischoco-link').classList.contains('is-up')",
    "dock": "document.querySelector('#loading').hidden && document.querySelector('#graph').textContent === 'pages'",
    "graph": "!document.body.matches('.lost, .waiting') && document.querySelector('[data-node]')",
    "stage": "document.querySelector('.aischoco-link').classList.contains('is-up')",
}
"""Scripts that say whether a page shows that it is connected."""
SPOKEN = """() => {
  const parts = [...document.querySelectorAll("body *")].filter((part) => !part.matches("script, [data-language]"));
  const own = (part) => [...part.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent);
  const named = (part) => [part.title, part.placeholder, part.getAttribute("aria-label"), part.dataset?.empty];
  return parts.flatMap((part) => [...own(part), ...named(part)]).filter(Boolean).join(" ");
}"""
"""A script that collects all texts of a page, including those that are hidden now."""


def prepare(root: Path) -> None:
    for file in (root / "graphs").glob("*.yaml"):
        file.unlink()
    (root / "graphs" / "pages.yaml").write_text(GRAPH, encoding="utf-8")


async def started(folder: Path, **env: str) -> Program:
    await asyncio.to_thread(folder.mkdir)
    program = Program(folder, "graphs/pages.yaml", prepare=prepare, env=env)
    url = f"http://127.0.0.1:{env['OVERLAY_PORT']}" if "OVERLAY_PORT" in env else program.url
    await asyncio.to_thread(program.until, lambda: _there(f"{url}/api/state") and _there(f"{url}/stage/"), 60)
    return program


def _there(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


async def opened(context: BrowserContext, url: str) -> dict[str, Page]:
    pages: dict[str, Page] = {}
    for name, path in PATHS.items():
        pages[name] = page = await context.new_page()
        await page.goto(url + path)
        await becomes(page, UP[name])
        await page.evaluate("window.loaded = 1")
    return pages


async def becomes(page: Page, true: str) -> None:
    await until(lambda: page.evaluate(true), 40)


@pytest_asyncio.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    context = await browser.new_context(viewport={"width": 1280, "height": 720})
    yield context
    await context.close()


async def test_after_a_kill_of_the_program_every_page_goes_on_with_the_next_one_and_its_token(
    context: BrowserContext, tmp_path: Path
) -> None:
    stage_port = str(free_port())
    with await started(tmp_path / "one", STAGE_PORT=stage_port) as first:
        port = first.url.rpartition(":")[2]
        pages = await opened(context, first.url)
        tokens = {await pages[name].get_attribute("meta[name=aischoco-token]", "content") for name in ("dock", "stage")}
        first.process.kill()
        await asyncio.to_thread(first.process.wait)
        for name, page in pages.items():
            await becomes(page, f"!({UP[name]})")
        assert "다시 연결하는 중" in await pages["overlay"].inner_text(".aischoco-link")
        assert "다시 연결하는 중" in await pages["dock"].inner_text("#loading")
        assert "다시 연결하는 중" in await pages["stage"].inner_text(".aischoco-link")
        assert "다시 잇는 중" in await pages["graph"].inner_text("#link")
        await pages["overlay"].fill(".aischoco-text", "들리나요")
        await pages["overlay"].press(".aischoco-text", "Enter")
        await becomes(pages["overlay"], "document.querySelector('.aischoco-note').textContent.includes('닿지 않아요')")
        assert await pages["overlay"].input_value(".aischoco-text") == "들리나요", "what was written is not lost"
    with await started(tmp_path / "two", OVERLAY_PORT=port, STAGE_PORT=stage_port):
        for name, page in pages.items():
            await becomes(page, UP[name])
        await pages["overlay"].press(".aischoco-text", "Enter")
        for name in ("overlay", "air"):
            await becomes(pages[name], "document.querySelector('.aischoco-chat').textContent.includes('들리나요')")
        await pages["dock"].click("#pause")
        await becomes(pages["dock"], "document.querySelector('#pause').getAttribute('aria-pressed') === 'true'")
        async with aiohttp.ClientSession() as http, http.ws_connect(f"http://127.0.0.1:{stage_port}") as plug:
            await plug.send_str(json.dumps(asking_for_a_token()))
            await pages["stage"].click(".aischoco-allow")
            assert (await plug.receive_json(timeout=10))["data"]["authenticationToken"]
        fresh = await context.new_page()
        await fresh.goto(f"http://127.0.0.1:{port}/dock/")
        assert await fresh.get_attribute("meta[name=aischoco-token]", "content") not in tokens
        for page in pages.values():
            assert await page.evaluate("window.loaded") == 1, "no page was loaded again"


def asking_for_a_token() -> dict[str, Any]:
    data = {"pluginName": "plug", "pluginDeveloper": "tests"}
    head = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "requestID": "1"}
    return {**head, "messageType": "AuthenticationTokenRequest", "data": data}


async def test_the_language_is_switched_on_any_page_for_all_of_them_and_never_on_air(
    context: BrowserContext, tmp_path: Path
) -> None:
    with await started(tmp_path / "show") as program:
        for name in ("overlay", "dock", "graph", "stage"):
            pages = await opened(context, program.url)
            page = pages[name]
            assert await page.evaluate("document.documentElement.lang") == "ko"
            before = await page.evaluate(SPOKEN)
            await page.click("[data-language]")
            assert await page.evaluate("document.documentElement.lang") == "en"
            assert korean(before)
            assert korean(await said(page)) == []
            for other, each in pages.items():
                await each.reload()
                await becomes(each, UP[other])
                wanted = "ko" if other == "air" else "en"
                assert await each.evaluate("document.documentElement.lang") == wanted, f"{other} after {name}"
            await page.click("[data-language]")
            await becomes(page, "document.documentElement.lang === 'ko'")
            for each in pages.values():
                await each.close()


async def said(page: Page) -> str:
    """Return the page's own texts, without the graph's descriptions and the name of the character."""
    return (await page.evaluate(SPOKEN)).replace("초코", "")


def korean(text: str) -> list[str]:
    return re.findall("[가-힣]+", text)


async def test_the_address_goes_before_the_choice_until_a_person_chooses_again(
    context: BrowserContext, tmp_path: Path
) -> None:
    with await started(tmp_path / "show") as program:
        page = await context.new_page()
        for language, other in (("en", "ko"), ("ko", "en")):
            await page.goto(f"{program.url}/?lang={language}&theme=pastel")
            await becomes(page, f"document.documentElement.lang === '{language}'")
            await page.click("[data-language]")
            assert await page.evaluate("document.documentElement.lang") == other
            assert await page.evaluate("location.search") == "?theme=pastel"
            await page.reload()
            await becomes(page, f"document.documentElement.lang === '{other}'")
        for odd in ("", "fr", "constructor"):
            await page.goto(f"{program.url}/?lang={odd}")
            await becomes(page, "document.documentElement.lang === 'en'")
