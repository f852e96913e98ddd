"""The texts of a person on /settings: an editor with a trial of what is not saved yet, and the page in English."""

import asyncio
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.forms import field, own, picture, says, settings, typed
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

KOREAN = re.compile("[가-힣]")


async def written(page: Page, node: str, name: str, more: str) -> str:
    """Open the text of a field and put a line at its end; return the start of the ids of its elements."""
    place = field(page, node, name)
    await place.locator(".text > button").click()
    sheet = place.locator(".sheet textarea")
    await sheet.wait_for()
    await sheet.evaluate("(area, more) => area.setRangeText(more, area.value.length, area.value.length, 'end')", more)
    await sheet.dispatch_event("input")
    return f"#f-{node}_{name}"


async def _holds(file: Path, content: bytes) -> bool:
    return await asyncio.to_thread(file.read_bytes) == content


async def tried(page: Page, ids: str, text: str, told: str) -> None:
    await page.fill(f"{ids}-try", text)
    await page.press(f"{ids}-try", "Enter")
    await says(page, ".tried", told)


async def test_what_a_person_writes_is_tried_before_it_is_saved(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await settings(browser, program, "rules")
        file = program.root / "config" / "banned_words.txt"
        before = file.read_bytes()
        ids = await written(page, "filter", "banned_words", "수박\n")
        await tried(page, ids, "수 박 먹고 싶다", '걸려요: "수박" (config/banned_words.txt)')
        assert file.read_bytes() == before, "a trial saves nothing"
        await tried(page, ids, "오늘 뭐 먹었어요", "지나가요: 오늘 뭐 먹었어요")
        await tried(page, ids, "https://example.com", "걸려요: 링크")
        assert "저장 안 함" in await page.inner_text(".sheet .state")
        await picture(page, "banned")
        await page.click(f"{ids}-keep")
        await says(page, "#note", "banned_words.txt 파일을 저장했어요")
        assert file.read_bytes() == before + "수박\n".encode()
        await page.click("#note button")
        await until(lambda: _holds(file, before))

        await page.click("#way-answers")
        ids = await written(page, "reply", "replies", "- name: 엉터리\n  when: {kind: nothing}\n  lines: [아니요]\n")
        kept = (program.root / "config" / "canned_replies.yaml").read_bytes()
        await page.click(f"{ids}-keep")
        await says(page, ".sheet .error", "번째 줄")
        assert (program.root / "config" / "canned_replies.yaml").read_bytes() == kept
        await picture(page, "replies")
        area = page.locator(f"{ids}-sheet")
        await area.fill((await area.input_value()).partition("- name: 엉터리")[0])
        await tried(page, ids, "안녕하세요", "대답: ")

        await page.click("#way-voice")
        ids = await written(page, "split", "pronunciation", "zorkland2\t조크랜드 투\n")
        await tried(page, ids, "zorkland2 왔어요", "조크랜드 투 왔어요")
        await page.click(f"{ids}-aloud")
        await says(page, "#note", "다음 차례에 말해요")
        await picture(page, "read")


async def test_somebody_elses_words_in_the_same_text_are_not_written_over(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await settings(browser, program, "rules")
        file = program.root / "config" / "banned_words.txt"
        ids = await written(page, "filter", "banned_words", "수박\n")
        theirs = file.read_text("utf-8") + "참외\n"
        file.write_text(theirs, encoding="utf-8")
        await page.click(f"{ids}-keep")
        await says(page, ".clash", "다른 곳에서 banned_words.txt 파일을 바꿨어요")
        assert file.read_text("utf-8") == theirs
        await picture(page, "text-clash")
        await page.get_by_text("저 글로").click()
        await expect(page.locator(f"{ids}-sheet")).to_have_value(theirs)


async def test_the_page_is_english_for_who_reads_english(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await settings(browser, program, "rules")
        await page.click("#language")
        await page.wait_for_function("document.documentElement.lang === 'en'")
        await says(page, "h2", "Chat rules")
        await says(page, ".field", "Banned")
        for card in await page.eval_on_selector_all("#cards a", "list => list.map(each => each.hash.slice(1))"):
            await page.click(f"#way-{card}")
            await page.wait_for_selector(f"#way-{card}[aria-current]")
            await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
            texts = await page.locator(
                "h3, .about, .badge, .facts > span, button, .chip, .hint, .trials p"
            ).all_inner_texts()
            assert [text for text in texts if KOREAN.search(text) and not mine(text)] == [], card
            assert await findings(page) == []
            await picture(page, f"english-{card}")
        await page.click("#way-rules")
        await typed(page, "filter", "banned_words", "config/no_such.txt")
        await page.click("#saveNow")
        await own(page)
        await says(page, ".error", "banned_words: there is no file config/no_such.txt")
        assert not KOREAN.search(await page.inner_text(".error"))


def mine(text: str) -> bool:
    """Whether a text is Korean because a person or the show wrote it, or because it names the other language."""
    return text == "한국어" or any(each in text for each in ("초코", "!!클리어"))
