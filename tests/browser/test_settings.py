"""/settings with the real program behind it: a person changes a running show by clicks, and nothing is lost."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response, Route, expect

from tests.browser.forms import field, own, picture, says, settings, text_of, typed
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

CARDS = ("character", "voice", "answers", "rules", "chzzk", "body", "sound", "screen", "obs", "records", "advanced")


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        yield program


async def test_a_live_setting_acts_when_it_is_let_go_and_others_when_they_are_saved(
    browser: Browser, demo: Program
) -> None:
    shipped = text_of(demo, "demo.yaml")
    page = await settings(browser, demo, "rules")
    await typed(page, "batch", "quiet_s", "0.7")
    assert "복사해서 고칠까요?" in await page.inner_text("#ask")
    await picture(page, "copy")
    await own(page)
    await says(page, "#note", "방송에 나갔어요")
    assert "quiet_s: 0.7" in text_of(demo)
    assert text_of(demo, "demo.yaml") == shipped
    assert "my.yaml" in await field(page, "batch", "quiet_s").locator(".facts").inner_text()

    await field(page, "filter", "profanity").locator("[role=switch]").click()
    await says(page, "#save", "1개 바뀌었어요")
    assert "profanity" not in text_of(demo)
    await picture(page, "unsaved")
    await page.click("#saveNow")
    await says(page, "#note", "방송에 나갔어요")
    assert "profanity: false" in text_of(demo)
    assert await page.locator("#save").is_hidden()
    report = await asyncio.to_thread(demo.get, "/api/reload")
    assert report["ok"] is True
    assert report["generation"] >= 3

    await page.click("#undo")
    await says(page, "#note", "되돌렸어요")
    assert "profanity" not in text_of(demo)
    await page.click("#redo")
    await says(page, "#note", "다시 했어요")
    assert "profanity: false" in text_of(demo)


async def test_a_wrong_value_is_refused_at_its_field_with_a_remedy(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "rules")
    await typed(page, "batch", "quiet_s", "-3")
    place = field(page, "batch", "quiet_s")
    assert "쓸 수 있는 숫자: 0 이상" in await place.locator(".error").inner_text()
    assert await place.locator("input").get_attribute("aria-invalid") == "true"
    await picture(page, "wrong")
    assert not (demo.root / "graphs" / "my.yaml").exists()
    await typed(page, "batch", "quiet_s", "0.5")
    await own(page)
    await says(page, "#note", "방송에 나갔어요")
    assert await place.locator(".error").count() == 0

    await typed(page, "filter", "banned_words", "config/no_such.txt")
    await page.click("#saveNow")
    await says(page, ".error", "banned_words: config/no_such.txt 파일이 없어요")
    assert "no_such" not in text_of(demo), "what the program refuses is not written"
    await picture(page, "refused")
    await page.click("#discard")
    await expect(page.locator(".error")).to_have_count(0)


class Blind:
    """Keeps a page from seeing what is in the file, until it has sent a change of its own."""

    def __init__(self, page: Page) -> None:
        self._page, self._sees = page, False

    async def begin(self) -> None:
        self._sees = False
        self._page.on("response", self._heard)
        await self._page.route("**/api/settings/graph*", self._asked)

    async def _asked(self, route: Route) -> None:
        await (route.continue_() if self._sees else route.abort())

    def _heard(self, response: Response) -> None:
        self._sees = self._sees or "/api/edit" in response.url


async def changed(page: Page, node: str, name: str, value: str) -> None:
    await typed(page, node, name, value)
    await says(page, "#note", "방송에 나갔어요")
    await page.evaluate("document.getElementById('note').replaceChildren()")


async def test_a_change_of_another_page_stays_and_of_the_same_setting_a_person_chooses(
    browser: Browser, demo: Program
) -> None:
    one = await settings(browser, demo, "rules")
    await typed(one, "batch", "max_items", "5")
    await own(one)
    await says(one, "#note", "방송에 나갔어요")
    other = await settings(browser, demo, "rules")

    await Blind(one).begin()
    await changed(other, "batch", "quiet_s", "1.1")
    await changed(one, "batch", "ttl_s", "45")
    assert {"quiet_s: 1.1", "ttl_s: 45"} <= set(re.findall(r"\w+: [\d.]+", text_of(demo))), "both are there"

    for mine, theirs, press, stays in (("4", "3", "내 값으로", "4"), ("6", "5", "저 값으로", "5")):
        await until(lambda: same_on(one, other), 20)
        await Blind(one).begin()
        await changed(other, "batch", "max_wait_s", theirs)
        await typed(one, "batch", "max_wait_s", mine)
        clash = field(one, "batch", "max_wait_s").locator(".clash")
        await clash.wait_for()
        said = await clash.inner_text()
        assert mine in said, "what was typed is shown"
        assert theirs in said, "what the other page has saved is shown"
        await picture(one, f"clash-{mine}")
        await clash.get_by_text(press).click()
        await until(lambda stays=stays: holds(demo, f"max_wait_s: {stays}"), 20)
        await until(lambda clash=clash: gone(clash), 20)
    assert await field(one, "batch", "max_wait_s").locator("input").first.input_value() == "5"


async def holds(program: Program, line: str) -> bool:
    return line in text_of(program)


async def same_on(*pages: Page) -> bool:
    return len({await field(page, "batch", "max_wait_s").locator("input").first.input_value() for page in pages}) == 1


async def gone(place: Any) -> bool:
    return not await place.count()


async def test_one_click_on_another_card_is_enough_right_after_typing(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "screen")
    await field(page, "overlay", "max_lines").locator("input[type=number]").fill("7")
    await page.click("#way-sound")
    await page.wait_for_selector("#way-sound[aria-current]", timeout=5000)
    assert await page.inner_text("#way-screen .count") != "", "what was typed is kept"


SLOWLY_MS = 700
"""Longer than a change needs to be saved and drawn."""


async def test_a_slow_click_beside_a_field_that_was_typed_into_is_not_lost(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "rules")
    for number, (name, value) in enumerate((("quiet_s", "0.9"), ("ttl_s", "45"))):
        await field(page, "batch", name).locator("input[type=number]").fill(value)
        switch = field(page, "filter", "profanity").locator("[role=switch]")
        await switch.evaluate("part => part.scrollIntoView({block: 'center'})")
        on = await switch.get_attribute("aria-checked")
        box = await switch.bounding_box()
        assert box is not None
        await page.mouse.move(box["x"] + 20, box["y"] + box["height"] / 2)
        await page.mouse.down()
        await page.wait_for_timeout(SLOWLY_MS)
        await page.mouse.up()
        if number == 0:
            await own(page)
        await says(page, "#note", "방송에 나갔어요")
        assert f"{name}: {value}" in text_of(demo)
        assert await switch.get_attribute("aria-checked") != on
        await page.evaluate("document.getElementById('note').replaceChildren()")


async def test_a_slow_press_of_the_space_bar_beside_such_a_field_is_not_lost(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "rules")
    await typed(page, "batch", "max_items", "5")
    await own(page)
    await says(page, "#note", "방송에 나갔어요")
    await field(page, "batch", "quiet_s").locator("input[type=number]").fill("0.9")
    switch = field(page, "filter", "profanity").locator("[role=switch]")
    await switch.focus()
    await page.keyboard.down(" ")
    await page.wait_for_timeout(SLOWLY_MS)
    await page.keyboard.up(" ")
    await says(page, "#save", "1개 바뀌었어요")
    assert "quiet_s: 0.9" in text_of(demo)


async def test_what_is_pressed_right_after_a_field_was_left_is_not_drawn_anew(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "rules")
    await field(page, "batch", "quiet_s").locator("input[type=number]").fill("0.9")
    drawn = await page.evaluate(
        """async () => {
            const [left, next] = ["batch quiet_s", "filter profanity"].map((key) =>
                document.querySelector(`.field[data-key="${key}"]`).querySelector("input[type=number], [role=switch]"));
            const tell = (name, event) => next.dispatchEvent(new event(name, { key: " ", bubbles: true }));
            left.blur();
            tell("keydown", KeyboardEvent);
            tell("mousemove", MouseEvent);
            await new Promise((done) => setTimeout(done, 300));
            const held = next.isConnected;
            tell("keyup", KeyboardEvent);
            await new Promise((done) => setTimeout(done, 300));
            return [held, next.isConnected];
        }"""
    )
    assert drawn == [True, False], "it is drawn after the release, and not before"


async def test_the_page_goes_with_the_keyboard_alone(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "voice")
    await field(page, "speech", "speed").locator("input[type=number]").focus()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("1.2")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#ask .primary:focus")
    await page.keyboard.press("Enter")
    await says(page, "#note", "방송에 나갔어요")
    assert "speed: 1.2" in text_of(demo)
    assert await page.evaluate("document.activeElement.id") == "f-speech_speed", "the focus stays where it was"


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)], ids=["wide", "narrow"])
async def test_nothing_serious_is_in_the_way_of_anybody_and_nothing_hangs_over(
    browser: Browser, demo: Program, size: tuple[int, int]
) -> None:
    page = await settings(browser, demo, "character", size)
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    found: list[str] = []
    for card in CARDS:
        await page.evaluate("card => { location.hash = card; }", card)
        await page.wait_for_selector(f"#way-{card}[aria-current]")
        await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        wide = await page.evaluate("document.documentElement.scrollWidth")
        found += [f"{card}: {wide} px wide"] if wide > size[0] else []
        found += [f"{card}: {line}" for line in await findings(page)]
        await picture(page, f"{card}-{size[0]}")
    assert found == []
    assert errors == []
