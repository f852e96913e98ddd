"""The whole demonstration as a newcomer sees it: the real command, and its page in a real browser.

``SCREENSHOTS=assets/screenshots`` takes the README's pictures of it.
"""

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.stand import until
from tests.browser.test_overlay import Browser, counters, opened
from tests.e2e.conftest import figure
from tests.e2e.show import Show
from tests.harness import ROOT

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(120)]

QUIET = '{"t": 0, "event": "SYSTEM", "payload": "{}"}\n'
WRITTEN_S = 20.0
"""The recorded chat that is played is this long."""
TYPED = "초코야, 지금 뭐 하고 있어?"


async def ready(show: Show) -> Show:
    await asyncio.to_thread(show.until, lambda: show.get("/health"))
    return show


async def sound(page: Page) -> dict[str, Any]:
    return await page.evaluate("window.__sound || {}")


async def pictures(browser: Browser, page: Page, show: Show, folder: Path) -> None:
    """Take pictures of the page as it is now, and of the graph page once there are turns to see."""
    await page.evaluate("document.fonts.ready.then(() => 1)")
    await page.screenshot(path=folder / "demo.jpg", quality=80)
    await asyncio.to_thread(show.until, lambda: len(show.get("/api/turns?last=20")) >= 8, 90)
    graph = await browser.new_page(viewport={"width": 1280, "height": 800})
    await graph.goto(f"{show.url}/graph")
    edge = await graph.wait_for_selector('[data-edge="parse.chat -> filter.chat"]')
    assert edge is not None
    await edge.dispatch_event("click")
    await graph.click("#zoom-fit")
    await asyncio.sleep(8)
    await graph.screenshot(path=folder / "graph.jpg", quality=80)


def as_it_is(_: Path) -> None: ...


def once(root: Path) -> None:
    """Let the recorded chat end: where it goes on, the next answer is on its way before the last one is heard."""
    file = root / "graphs" / "demo.yaml"
    text = file.read_text(encoding="utf-8")
    assert "loop: true" in text
    file.write_text(text.replace("loop: true", "loop: false"), encoding="utf-8")


async def test_the_page_shows_chat_answers_and_captions_and_sounds(browser: Browser, tmp_path: Path) -> None:
    chat = tmp_path / "chat.jsonl"  # nothing that was paid: an answer to chat would end early for it on a slow machine
    recorded = (ROOT / "assets" / "recordings" / "demo.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    pictured = "SCREENSHOTS" in os.environ
    played = [line for line in recorded if pictured or json.loads(line)["event"] == "CHAT"]
    written = [line for line in played if pictured or json.loads(line)["t"] < WRITTEN_S]
    chat.write_text("".join(written), encoding="utf-8")
    env = {"TTS_OUTPUT_DEVICE": "page", "CHAT_RECORDING": str(chat)}
    with Show(tmp_path, "graphs/demo.yaml", env=env, prepare=as_it_is if pictured else once) as show:
        page = await opened(browser, (await ready(show)).url, (1280, 720))

        async def talks() -> bool:
            now, heard = await counters(page), await sound(page)
            caption = now["caption"]
            nearly_said = len(caption) > 14 and len(now["revealed"]) > 0.8 * len(caption)
            return now["lines"] >= 5 and now["answers"] >= 2 and nearly_said and heard["maxRms"] > 0.05

        await until(talks, 40)
        stage = await page.evaluate("({up: window.__stage.up, frames: window.__stage.frames})")
        assert stage["up"]
        assert stage["frames"] > 20
        if pictured:
            await pictures(browser, page, show, Path(os.environ["SCREENSHOTS"]))
        heard = await sound(page)
        assert heard["state"] == "running"

        async def all_played() -> bool:
            heard = await sound(page)
            return 24_000 < heard["played"] == heard["sent"]

        if not pictured:
            await until(all_played, 60)
        await asyncio.to_thread(show.signal, 2)
    assert show.report["errors"] == []


@pytest.mark.alone
async def test_a_typed_message_is_answered_aloud(
    browser: Browser, tmp_path: Path, figure: Callable[[str], None]
) -> None:
    recording = tmp_path / "quiet.jsonl"
    recording.write_text(QUIET, encoding="utf-8")
    with Show(tmp_path, env={"TTS_OUTPUT_DEVICE": "page", "CHAT_RECORDING": str(recording)}) as show:
        page = await opened(browser, (await ready(show)).url, (1280, 720))
        await asyncio.to_thread(show.until, lambda: "목소리 준비 완료" in show.log)
        for number in (1, 2):
            await page.fill(".aischoco-text", f"{TYPED} {number}")
            await page.press(".aischoco-text", "Enter")

            async def answered(number: int = number) -> bool:
                return (await counters(page))["answers"] == number

            await until(answered, 20)

            async def spoken() -> bool:
                heard = await sound(page)
                return heard["played"] == heard["sent"] > 0 and (await counters(page))["caption"] == ""

            await until(spoken, 30)
        assert (await sound(page))["maxRms"] > 0.05
        await asyncio.to_thread(show.signal, 2)
    turns = show.report["turns"]
    assert [turn["marks"]["ended"] is not None for turn in turns] == [True, True]
    waits = [turn["marks"]["first_sound"] - turn["marks"]["first_sentence"] for turn in turns]
    whole = [turn["marks"]["first_sound"] - turn["marks"]["received"] for turn in turns]
    figure(f"first clause to first sound {waits}, message to first sound {whole} s")
    assert max(waits) <= 4  # on two idle cores 1.5 s
