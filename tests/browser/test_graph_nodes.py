"""/graph while it is edited: another type, the keyboard alone on a narrow page, and what goes wrong at first."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from tests.browser.forms import says
from tests.browser.stand import until
from tests.browser.test_graph_edit import applied, draft_says, editing, nodes, picture, press, text_of
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

SPOKEN = """\
name: own
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  tts: {type: speech.http, in: split.sentence, urls: ["http://127.0.0.1:9"], speed: 1.2}
  voice: {type: audio.play, in: tts}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence, heard: voice.heard}
"""


@pytest_asyncio.fixture
async def spoken(tmp_path: Path) -> AsyncIterator[Program]:
    def own(root: Path) -> None:
        (root / "graphs" / "own.yaml").write_text(SPOKEN, encoding="utf-8")

    with await started(tmp_path, "graphs/own.yaml", prepare=own) as program:
        yield program


async def chosen(page: Page, node: str) -> None:
    await press(page, f'#sketch [data-node="{node}"]')
    await until(lambda: page.locator(f'#node-name[data-of="{node}"]').count(), 30)


async def test_a_node_of_another_type_keeps_what_fits_and_says_what_went(browser: Browser, spoken: Program) -> None:
    page = await editing(browser, spoken)
    await chosen(page, "tts")
    await page.select_option("#node-type", "speech.system")
    await page.click("#retype")
    await draft_says(page, "tts: {type: speech.system, in: split.sentence, speed: 1.2}")
    await says(page, "#retype-hint", "뺐어요: urls")
    await picture(page, "retyped")
    await page.click("#edit-undo")
    await draft_says(page, "type: speech.http")
    assert "뺐어요" not in await page.inner_text("#retype-hint")
    await chosen(page, "batch")
    await page.select_option("#node-type", "chat.thanks")
    await page.click("#retype")
    await says(page, "#retype-hint", "뺐어요: parse.chat → batch.chat")
    await until(lambda: page.locator('#sketch .is-wrong [data-node="batch"]').count(), 30)
    assert "speaking: voice.speaking" in await page.evaluate("document.getElementById('script').value")
    await page.click("#edit-undo")
    await chosen(page, "reply")
    await page.select_option("#node-type", "llm.reply")
    await page.click("#retype")
    await says(page, "#retype-hint", "빠진 것은 없어요")


async def reached(page: Page, wanted: str, key: str = "Tab") -> None:
    """Move to an element as one does without a mouse."""
    for _ in range(250):
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {wanted}")


async def test_a_node_is_made_renamed_retyped_connected_and_deleted_by_keys_alone_on_a_narrow_page(
    browser: Browser, spoken: Program
) -> None:
    page = await editing(browser, spoken, (360, 740))

    async def enter(wanted: str, key: str = "Enter") -> None:
        await reached(page, wanted)
        await page.keyboard.press(key)

    await reached(page, '#sketch [data-node="typed"]')
    await reached(page, '#sketch [data-node="parse"]', "ArrowDown")
    await page.keyboard.press("Enter")
    await enter("#edit-tab-node", "ArrowRight")
    await enter('[id="add-chat.filter"]')
    await draft_says(page, "filter: {type: chat.filter}")
    await until(lambda: page.locator('#node-name[data-of="filter"]').count(), 30)
    await reached(page, "#node-name")
    await page.keyboard.press("Control+a")
    await page.keyboard.type("거르기")
    await page.keyboard.press("Enter")
    await draft_says(page, "거르기: {type: chat.filter}")
    await enter("#join-in-chat")
    await page.wait_for_selector('[id="fit-parse-chat"]')
    await enter('[id="fit-parse-chat"]')
    await draft_says(page, "거르기: {type: chat.filter, in: parse.chat}")
    await enter("#join-out-out")
    await enter('[id="fit-batch-chat"]')
    await draft_says(page, "in: [parse, 거르기]")
    await enter("#copy-node")
    await draft_says(page, "거르기2: {type: chat.filter, in: parse.chat}")
    await until(lambda: page.locator('#node-name[data-of="거르기2"]').count(), 30)
    await reached(page, "#node-type")
    await page.keyboard.press("ArrowDown")
    assert await page.input_value("#node-type") == "chat.moderate"
    await enter("#retype")
    await draft_says(page, "거르기2: {type: chat.moderate, in: parse.chat}")
    await enter("#remove-node")
    await until(lambda: gone(page, "거르기2"), 30)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    await page.keyboard.press("Control+s")
    await says(page, "#note", "방송에 나갔어요")
    assert "  거르기: {type: chat.filter, in: parse.chat}\n" in text_of(spoken)
    assert "batch: {type: chat.batch, in: [parse, 거르기], speaking: voice.speaking}" in text_of(spoken)


async def gone(page: Page, name: str) -> bool:
    return name not in await nodes(page)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("내 노드", "글자로 시작"),
        ("a: b", "글자로 시작"),
        ("*voice", "글자로 시작"),
        ("# 메모", "글자로 시작"),
        ("1호", "글자로 시작"),
        ("parse", "다른 이름"),
    ],
)
async def test_a_name_that_cannot_be_is_refused_beside_its_field(
    browser: Browser, spoken: Program, name: str, remedy: str
) -> None:
    page = await editing(browser, spoken)
    await chosen(page, "batch")
    await page.fill("#node-name", name)
    await page.click("#rename")
    await says(page, "#rename-hint", remedy)
    assert await page.get_attribute("#node-name", "aria-invalid") == "true"
    assert await page.input_value("#node-name") == name, "what was written can be corrected"
    assert "고침" not in await page.inner_text("#edit-state")
    await page.fill("#node-name", "no")
    await page.press("#node-name", "Enter")
    await draft_says(page, '"no": {type: chat.batch')
    await draft_says(page, 'in: "no"')
    assert await page.get_attribute("#node-name", "aria-invalid") == "false"


async def test_what_goes_wrong_at_first_is_told_at_its_node_with_a_remedy(browser: Browser, spoken: Program) -> None:
    page = await editing(browser, spoken)

    async def told(node: str, *words: str) -> None:
        await until(lambda: page.locator(f'#sketch .is-wrong [data-node="{node}"]').count(), 30)
        await chosen(page, node)
        for word in words:
            await says(page, "#sheet-node .faults", word)
        assert await page.locator("#edit-apply").is_disabled()

    await chosen(page, "batch")
    await page.click("#remove-node")
    await told("reply", "ChatBatch", "in: ...")
    await page.click("#edit-undo")
    await until(lambda: no_fault(page), 30)

    await chosen(page, "tts")
    await page.click("#remove-node")
    await told("voice", "Speech")
    await page.click("#edit-undo")
    await until(lambda: no_fault(page), 30)

    await chosen(page, "voice")
    await page.click("#remove-node")
    await says(page, "#note", "이제 아무도 받지 않아요: tts")
    await chosen(page, "tts")
    await says(page, "#sheet-node .hint", "아무도 받지 않아요")
    await page.click("#edit-undo")
    await until(lambda: no_fault(page), 30)

    await page.click("#edit-tab-text")
    for old, new, node, words in [
        ("reply: {type: reply.canned, in: batch}", "reply: {type: reply.canned, in: typed}", "reply", ["RawPayload"]),
        ("batch, in: parse,", "batch, in: [parse, reply],", "batch", ["ReplyChunk", "parse.chat"]),
        ("parse, in: typed}", "parse, in: typed}\n  again: {type: chat.typed}", "again", ["하나만", "typed"]),
        (
            "parse, in: typed}",
            "parse, in: typed}\n  one: {type: chat.filter, in: two}\n  two: {type: chat.filter, in: one}",
            "one",
            ["one -> two -> one", "되먹임"],
        ),
    ]:
        await page.click("#edit-tab-text")
        await page.fill("#script", SPOKEN.replace(old, new))
        await told(node, *words)
    await page.click("#edit-tab-text")
    await page.fill("#script", SPOKEN.replace("speed: 1.2", "speed: 1.1"))
    await until(lambda: no_fault(page), 30)
    await applied(page)


async def no_fault(page: Page) -> bool:
    return not await page.locator("#sketch .is-wrong").count()


async def cut(page: Page, edge: str) -> bool:
    return not await page.locator(f'#sketch [data-edge="{edge}"]').count()


async def test_what_is_begun_while_a_connection_is_still_being_cut_goes_on(browser: Browser, spoken: Program) -> None:
    page = await editing(browser, spoken)
    begun = asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        await begun.wait()
        await route.fulfill(response=answer)

    await press(page, '#sketch [data-edge="parse.chat -> batch.chat"]')
    await page.route("**/api/settings/draft*", late, times=1)
    await page.click("#cut")
    await press(page, '#sketch [data-port="parse.chat"][data-side="out"]')
    begun.set()
    await until(lambda: cut(page, "parse.chat -> batch.chat"))
    await press(page, '#sketch .is-lit[data-port="batch.chat"][data-side="in"]')
    await until(lambda: page.locator('#sketch [data-edge="parse.chat -> batch.chat"]').count(), 30)
