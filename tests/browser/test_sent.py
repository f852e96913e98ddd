"""Under the field of the page a newcomer reads what becomes of the line: the real command, and a real browser."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.stand import until
from tests.browser.test_demo import QUIET, ready
from tests.browser.test_overlay import Browser, opened
from tests.e2e.show import Show

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(200)]


async def sent(page: Page) -> str:
    return await page.inner_text(".aischoco-sent")


def says(page: Page, *words: str) -> Callable[[], Awaitable[bool]]:
    async def said() -> bool:
        return (await sent(page)) in words

    return said


async def type_(page: Page, text: str) -> None:
    await page.fill(".aischoco-text", text)
    await page.press(".aischoco-text", "Enter")


async def test_the_page_that_sent_it_says_what_becomes_of_it_and_no_other_page_does(
    browser: Browser, tmp_path: Path
) -> None:
    recording = tmp_path / "quiet.jsonl"
    recording.write_text(QUIET, encoding="utf-8")
    env = {"TTS_OUTPUT_DEVICE": "none", "CHAT_RECORDING": str(recording)}
    with Show(tmp_path, "graphs/demo.yaml", env=env) as show:
        url = (await ready(show)).url
        page, other = await opened(browser, url, (1280, 720)), await opened(browser, url, (1280, 720))
        await asyncio.to_thread(show.until, lambda: "목소리 준비 완료" in show.log, 60)
        seen: list[str] = []

        async def answered() -> bool:
            if (text := await sent(page)) and (not seen or seen[-1] != text):
                seen.append(text)
                if "SCREENSHOTS" in os.environ:
                    await page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"sent-{len(seen)}.png")
            assert await sent(other) == ""
            return text == "대답했어요"

        await type_(page, "이름이 뭐예요?")
        try:
            await until(answered, 60)
        except AssertionError:
            raise AssertionError(seen) from None
        assert "읽었어요 · 말하는 중" in seen, seen
        assert all(text.startswith("읽었어요") for text in seen[:-1]), seen
        await type_(page, "https://example.com 들어오세요")
        await until(says(page, "대답하지 않아요: 링크"))
        await page.click(".aischoco-language")
        assert await sent(page) == "No answer: a link"
        await asyncio.to_thread(show.signal, 2)
    assert show.report["errors"] == []
