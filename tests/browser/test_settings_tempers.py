"""The tempers on /settings: several settings changed in one step, told in words before, and undone in one."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.forms import own, picture, says, settings, text_of
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]


async def test_a_temper_says_what_it_changes_and_is_one_step_on_air_and_back(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        shipped = text_of(program, "demo.yaml")
        page = await settings(browser, program, "rules")
        await page.click("#temper-usual")
        await says(page, ".temper", "지금 이렇게 맞춰져 있어요")
        await page.click("#temper-called")
        await says(page, ".temper", "이름을 부른 채팅에만 대답하고 먼저 말을 걸지 않아요")
        told = await page.inner_text(".temper ul")
        assert "이름을 부를 때만 대답: 끔 → 켬" in told
        assert "가장 오래 모으는 시간: 2초 → 1.5초" in told
        assert "먼저 말하기" not in told, "this graph has no chat.silence"
        assert not (program.root / "graphs" / "my.yaml").exists(), "to look changes nothing"
        await picture(page, "temper-1280")
        await page.click("#temper-do")
        await page.locator("#ask button:not(.primary)").click()
        await expect(page.locator("#save")).to_be_hidden()  # without a copy nothing is left to save
        await page.click("#temper-do")
        await own(page)
        await says(page, "#note", "방송에 나갔어요")
        text = text_of(program)
        assert all(each in text for each in ("only_mentions: true", "max_wait_s: 1.5", "max_items: 6")), text
        await says(page, ".temper", "지금 이렇게 맞춰져 있어요")
        await page.click("#undo")
        await says(page, "#note", "되돌렸어요")

        async def usual() -> bool:
            return "only_mentions" not in text_of(program) and "max_wait_s: 2.0" in text_of(program)

        await until(usual, 20)
        assert text_of(program, "demo.yaml") == shipped


async def test_the_tempers_fit_a_phone_and_a_graph_that_speaks_up(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/silent.yaml") as program:
        page = await settings(browser, program, "rules", (360, 740))
        await page.click("#temper-called")
        assert "먼저 말하기: 켬 → 끔" in await page.inner_text(".temper ul")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await findings(page) == []
        await picture(page, "temper-360")
