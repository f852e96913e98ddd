"""A show whose character has another name is that character's everywhere: pages, answers, stage, log."""

import asyncio
import io
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from playwright.async_api import Browser

from graphs.engine.commands.init import main
from tests.e2e.show import Show

pytestmark = [
    pytest.mark.component,
    pytest.mark.timeout(120),
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process in a copy of the project"),
]
ANSWERS = ("별", "2", "1", "3", "2")
PAGES = ("/", "/?obs", "/dock", "/graph", "/stage")


def prepare(root: Path) -> None:
    said = iter(ANSWERS)
    with redirect_stdout(io.StringIO()):
        assert main([], root, lambda _: next(said)) == 0
    graph = root / "graphs" / "my.yaml"
    graph.write_text(graph.read_text("utf-8").replace("GROQ_API_KEY", "NO_KEY_AT_ALL:-"), "utf-8")


@pytest.mark.asyncio
async def test_a_character_of_another_name_is_called_that_everywhere(browser: Browser, tmp_path: Path) -> None:
    with Show(tmp_path, "graphs/my.yaml", prepare=prepare) as show:
        await asyncio.to_thread(show.until, lambda: show.get("/api/graph"), 60)
        page = await browser.new_page()
        texts = {}
        await page.goto(show.url + "/")
        await page.get_by_text("별이에요").first.wait_for(timeout=60_000)  # somebody asks who is speaking
        for path in PAGES:
            await page.goto(show.url + path)
            await page.wait_for_timeout(1500)
            texts[path] = await page.title() + await page.locator("html").inner_text() + await page.content()
        report = show.get("/api/turns")
    everything = "\n".join([*texts.values(), str(report), show.log])
    assert "초코" not in everything.replace("초콜릿", "")
    assert all("별" in texts[path] for path in ("/", "/dock", "/stage"))
