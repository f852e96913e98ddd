"""The dock in a real browser with the real program behind it: from one graph to another, and back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.stand import until
from tests.browser.test_dock import picture, sees
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(120)]

FIRST = """\
name: first
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, quiet_s: 0.05, max_wait_s: 0.1}
  dock: {type: overlay.dock, batch: batch, reply: split.sentence, title: 초코}
  reply: {type: reply.canned, in: dock.batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence}
"""
SECOND = FIRST.replace("first", "second").replace("batch", "gather").replace("chat.gather", "chat.batch")
SECOND = SECOND.replace("dock.gather", "desk.batch").replace(
    "dock: {type: overlay.dock, gather", "desk: {type: overlay.dock, batch"
)
GRAPHS = {
    "first": FIRST,
    "second": SECOND,
    "bare": FIRST.replace("first", "bare").replace("dock.batch", "batch").replace("  dock: ", "  # dock: "),
    "wrong": FIRST.replace("first", "wrong").replace("quiet_s", "quite_s"),
}
SAY = """async (number) => {
    const token = document.querySelector("meta[name=aischoco-token]").content;
    const headers = {"Content-Type": "application/json", "X-Token": token};
    for (let i = 0; i < number; i += 1) {
        const kind = i % 5 ? {kind: "chat"} : {kind: "donation", amount: 1000};
        const body = JSON.stringify({...kind, text: `안녕 ${i}`, name: `손님${i}`});
        const answer = await fetch("/api/say", {method: "POST", headers, body});
        if (!answer.ok) throw new Error(await answer.text());
        await new Promise((done) => setTimeout(done, 20));
    }
    return number;
}"""


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    def prepare(root: Path) -> None:
        for file in (root / "graphs").glob("*.yaml"):
            file.unlink()
        for name, text in GRAPHS.items():
            (root / "graphs" / f"{name}.yaml").write_text(text, encoding="utf-8")

    with Program(tmp_path, "graphs/first.yaml", prepare=prepare) as program:
        await asyncio.to_thread(program.until, lambda: program.get("/health"))
        yield program


async def dock(browser: Browser, program: Program) -> Page:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(f"{program.url}/dock")
    await page.click("#graphPart summary")
    await sees(page, "#choices", "graphs/second.yaml")
    return page


async def on_air(page: Page, name: str) -> None:
    async def there() -> bool:
        now = await page.evaluate("fetch('/api/graph').then((answer) => answer.json())")
        return now["name"] == name and await page.locator("#graph").inner_text() == name

    await until(there, 15)


def row(page: Page, name: str) -> Any:
    return page.locator("#choices .choice", has_text=f"graphs/{name}.yaml")


async def switch(page: Page, name: str) -> None:
    await row(page, name).locator("button").click()
    assert name in await page.locator("#confirmTitle").inner_text()
    await page.click("#switchNow")


async def test_a_person_switches_to_another_graph_and_back_and_no_message_is_lost(
    browser: Browser, program: Program
) -> None:
    page = await dock(browser, program)
    assert await row(page, "first").locator(".tag").inner_text() == "지금"
    speaking = asyncio.ensure_future(page.evaluate(SAY, 120))
    await switch(page, "second")
    await sees(page, "#note", "그래프를 바꿨어요. 설정이 바뀌었어요.")
    await on_air(page, "second")
    await until(lambda: page.locator("#loading").is_hidden())
    assert await page.locator("#changePart #undo").inner_text() == "앞 그래프로: first.yaml"
    await sees(page, "#choices .choice:has-text('second')", "지금")
    await page.locator("#drawn").scroll_into_view_if_needed()
    await picture(page, "dock-switched")
    await page.click("#undo")
    await on_air(page, "first")
    assert await speaking == 120

    async def all_answered() -> bool:
        counts = (await asyncio.to_thread(program.get, "/api/graph"))["viewer_events"]
        assert counts["dropped"] == {}
        return (counts["in"], counts["answered"], counts["waiting"]) == (120, 120, 0)

    await until(all_answered, 30)


LONG = """\
name: long
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking, quiet_s: 0.05, max_wait_s: 0.1}
  dock: {type: overlay.dock, batch: batch, reply: split.sentence, heard: voice.heard, speaking: voice.speaking}
  reply: {type: reply.canned, in: dock.batch, replies: config/long.yaml}
  split: {type: reply.split, in: reply}
  speech: {type: speech.ladder, in: split.sentence, stop: dock.stop, voices: [{type: http, urls: [""]}]}
  voice: {type: audio.play, in: speech, stop: dock.stop, device: none, record: false, caption_s_per_char: 0.2}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence, heard: voice.heard}
"""
SENTENCE = "이 이야기는 정말로 길어서 한참을 더 들려 드려야 끝이 날 것 같아요."


async def test_a_switch_says_what_it_waits_for_and_name_and_badge_change_together(
    browser: Browser, program: Program
) -> None:
    lines = " ".join([SENTENCE] * 8)
    rules = [
        f"- {{name: {kind}, when: {{kind: {kind}}}, lines: ['{lines}']}}"
        for kind in ("chat", "donation", "subscription")
    ]
    (program.root / "config" / "long.yaml").write_text("\n".join(rules) + "\n", encoding="utf-8")
    (program.root / "graphs" / "long.yaml").write_text(LONG, encoding="utf-8")
    page = await dock(browser, program)
    await sees(page, "#choices", "graphs/long.yaml")
    await switch(page, "long")
    await on_air(page, "long")
    assert await page.evaluate(SAY, 1) == 1

    async def talks() -> bool:
        return await page.locator("#state").inner_text() == "말하는 중"

    await until(talks, 20)
    await switch(page, "first")
    await sees(page, "#progress", "목소리가 말을 마치길 기다려요")
    assert await page.locator("#graph").inner_text() == "long → first"
    assert await row(page, "first").locator(".tag").inner_text() == "바꾸는 중"
    await picture(page, "dock-switching")
    await sees(page, "#note", "그래프를 바꿨어요. 목소리, 소리가 꺼졌어요.")
    assert await page.locator("#graph").inner_text() == "first"
    assert await row(page, "first").locator(".tag").inner_text() == "지금"
    status = await asyncio.to_thread(program.get, "/api/reload")
    assert status["last"]["seconds"] < len(SENTENCE) * 0.2 + 3
    assert status["last"]["forced"] == []
    await picture(page, "dock-switch-done")


NEEDY = FIRST.replace(
    "name: first", "name: far\nabout: {ko: 다른 컴퓨터의 목소리, en: A far voice}\nexample: true"
).replace("title: 초코", "title: '${TTS_REMOTE_URL}'")


async def test_a_newcomer_reads_what_a_graph_is_for_finds_examples_folded_and_what_is_missing_in_words(
    browser: Browser, program: Program
) -> None:
    (program.root / "graphs" / "night.yaml").write_text(
        FIRST.replace("name: first", "name: night\nabout: 밤에 하는 방송"), encoding="utf-8"
    )
    (program.root / "graphs" / "far.yaml").write_text(NEEDY, encoding="utf-8")
    page = await dock(browser, program)
    await sees(page, "#choices .choice:has-text('night')", "밤에 하는 방송")
    assert await row(page, "far").count() == 0
    assert await page.locator("#examplesTitle").inner_text() == "다른 예 1개"
    far = page.locator("#examples .choice")
    assert not await far.is_visible()
    await page.click("#examplesTitle")
    text = await far.inner_text()
    assert "far" in text
    assert "다른 컴퓨터의 목소리" in text
    assert "설정 필요" in text
    assert "목소리 서버의 주소가 비어 있어요. .env 파일에 TTS_REMOTE_URL=... 줄을 더해 주세요." in text
    await picture(page, "dock-examples")
    await page.click("#language")
    assert "A far voice" in await far.inner_text()
    assert "The address of the voice server is empty." in await far.inner_text()


async def test_a_change_of_mind_changes_nothing_and_a_wrong_graph_says_why(browser: Browser, program: Program) -> None:
    page = await dock(browser, program)
    await row(page, "second").locator("button").click()
    await picture(page, "dock-switch")
    await page.click("#switchNot")
    assert await page.locator("#confirm").is_hidden()
    assert await row(page, "wrong").locator("button").count() == 0
    assert "quiet_s" in await row(page, "wrong").locator(".found").inner_text()
    order = """(token) => fetch("/api/reload", {
        method: "POST",
        body: JSON.stringify({file: "graphs/wrong.yaml"}),
        headers: {"Content-Type": "application/json", "X-Token": token},
    }).then((answer) => answer.status)"""
    assert await page.evaluate(order, "") == 403
    token = await page.get_attribute("meta[name=aischoco-token]", "content")
    assert await page.evaluate(order, token) == 200
    await sees(page, "#problems", "graphs/wrong.yaml:5:")
    await on_air(page, "first")
    assert (await asyncio.to_thread(program.get, "/api/reload"))["generation"] == 1


async def test_from_a_graph_without_a_dock_there_is_a_way_back(browser: Browser, program: Program) -> None:
    page = await dock(browser, program)
    await row(page, "bare").locator("button").click()
    assert "독이 없어요" in await page.locator("#confirmHint").inner_text()
    await page.click("#switchNow")
    await sees(page, "#loading", "독이 없어요")
    await page.click("#undo")
    await on_air(page, "first")
    await until(lambda: page.locator("#loading").is_hidden(), 15)
