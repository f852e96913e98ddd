"""The words that a list stopped, in the dock: seen, and allowed with one click. ``SCREENSHOTS`` names a folder."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser

from graphs.engine.books.ledger import Ledger
from graphs.engine.flow.files import ProjectFiles
from graphs.engine.observe.stopped import serve_stopped
from nodes.rude import Profanity
from nodes.services import Files, Verdicts
from nodes.stops import Stops
from nodes.words import BannedWords
from schemas.chat import ChatMessage
from schemas.reply import Sentence
from tests.browser.stand import until
from tests.browser.test_dock import Show, opened, picture, sees
from tests.harness import run

pytestmark = [pytest.mark.component, pytest.mark.asyncio]
LIST = Path("words.txt")


async def test_a_stopped_word_is_seen_and_one_click_lets_it_pass(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / LIST
    file.write_text("수박\n", encoding="utf-8")
    files = ProjectFiles(tmp_path)
    stops = Stops(files.watch(LIST, BannedWords.parse), LIST, Profanity())
    ledger = Ledger(lambda: 0.0)
    for number, text in enumerate(("오늘 수박바 먹었어요 <b>굵게</b>", "아 시발 또 졌네")):
        event = ChatMessage(id=f"m{number}", author="달토끼", text=text)
        found = stops.found(text)
        assert found is not None
        ledger.received(event)
        ledger.stopped(event, found)
    show = await Show().start()
    served = serve_stopped(ledger, show.web)
    try:
        page = await opened(browser, show)
        await sees(page, "#stoppedTitle", "막은 말")
        await page.click("#stoppedTitle")
        await sees(page, "#stopped", "수박 · words.txt")
        await sees(page, "#stopped", "시발 · 기본 욕설 목록")
        assert await page.locator("#stopped b").count() == 2, "what a viewer wrote is text"
        await page.locator("#stopped").scroll_into_view_if_needed()
        await picture(page, "dock-stopped")
        await page.locator("#stopped li", has_text="수박바").locator("button").click()
        await sees(page, "#note", "수박바")
        await sees(page, "#stopped", "이제 지나가요")
        await picture(page, "dock-allowed")
        assert await page.locator("#stopped button").count() == 1
        assert file.read_text(encoding="utf-8").endswith("+수박바\n")
        assert files.refresh(file, file.read_bytes()) == []
        assert (stops.found("오늘 수박바 먹었어요"), stops.found("수박") is None) == (None, False)
        english = page.locator("#language")
        await english.click()
        await sees(page, "#stopped", "This is fine")
    finally:
        served.dispose()
        await show.stop()


async def test_a_sentence_that_the_character_did_not_say_is_seen_and_one_click_lets_it_be_said(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / LIST
    file.write_text("수박\n", encoding="utf-8")
    files = ProjectFiles(tmp_path)
    ledger = Ledger(lambda: 0.0)
    lent = {Verdicts: ledger, Files: files}
    said = Sentence(
        turn="t1", index=0, text="저는 수박바가 좋아요.", spoken="저는 수박바가 좋아요.", emotion="happy", last=True
    )
    given = {"sentence": [(0.0, said)]}
    settings = {"banned_words": LIST.as_posix()}
    ran = await asyncio.to_thread(run, "reply.guard", given, settings=settings, root=tmp_path, services=lent)
    assert [event.text for event in ran.events()] != [said.text], "the guard put another line in its place"
    show = await Show().start()
    served = serve_stopped(ledger, show.web)
    try:
        page = await opened(browser, show)
        await page.click("#stoppedTitle")
        await sees(page, "#stopped", "저는 수박바가 좋아요.")
        await sees(page, "#stopped", "수박 · words.txt")
        await sees(page, "#stopped b", "지나간 대답")
        await page.locator("#stopped button").click()
        await sees(page, "#stopped", "이제 지나가요")
        assert file.read_text(encoding="utf-8").endswith("+수박바가\n")
    finally:
        served.dispose()
        await show.stop()


async def test_a_program_that_stops_no_words_shows_no_list(browser: Browser) -> None:
    show = await Show().start()
    try:
        page = await opened(browser, show)
        await until(lambda: page.locator("#stoppedPart").is_hidden())
    finally:
        await show.stop()
