"""'OBS에 넣기' on /settings: a press makes the source in OBS or mends it, and nothing is sent without one."""

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.browser.forms import picture, says, settings
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.peers.obs_peer import ObsPeer, serving
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(240)]

PASSWORD = "obs-secret-7391"


async def test_a_press_puts_the_page_into_obs_and_each_fault_has_its_remedy(browser: Browser, tmp_path: Path) -> None:
    peer = ObsPeer(password=PASSWORD, port=free_port())
    with await started(tmp_path, "graphs/demo.yaml", env={"OBS_PORT": str(peer.port)}) as program:
        page = await settings(browser, program, "obs")
        await page.click("#put-screen")
        await says(page, ".obs-told.is-wrong", "OBS를 켜고 도구 → WebSocket 서버 설정")
        async with serving(peer):
            await page.click("#put-screen")
            await says(page, ".obs-told.is-wrong", "OBS 비밀번호가 필요하니, 도구 → WebSocket 서버 설정")
            await picture(page, "obs-password-1280")
            for given, said in (("not-it", "OBS 비밀번호가 맞지 않으니"), (PASSWORD, "‘장면’이에요")):
                await page.click("#obs-password")
                await page.fill("input#obs-password", given)
                await page.press("input#obs-password", "Enter")
                await page.wait_for_selector("button#obs-password")
                await page.click("#obs-try")
                await says(page, ".obs-told", said)
            assert peer.inputs == {}, "so far nothing was to be put there"
            await page.click("#put-screen")
            await says(page, ".obs-told", "‘장면’ 장면에 ‘AIsChoco 방송 화면’ 소스를 넣었어요")
            assert peer.inputs["AIsChoco 방송 화면"][1] == {"url": f"{program.url}/?obs", "width": 1920, "height": 1080}
            await picture(page, "obs-made-1280")
            await page.click("#put-screen")
            await says(page, ".obs-told", "이미 제대로 있어요")
            peer.inputs["AIsChoco 방송 화면"][1]["url"] = "http://127.0.0.1:1/?obs"
            await page.click("#put-screen")
            await says(page, ".obs-told", "소스를 고쳤어요")

            await page.click("#way-screen")
            await page.select_option("#look-theme", "outline")
            await page.click("#put-look")
            await says(page, ".obs-told", "소스를 고쳤어요")
            assert peer.inputs["AIsChoco 방송 화면"][1]["url"] == f"{program.url}/?obs&theme=outline"
            assert len(peer.items) == 1
        assert PASSWORD not in program.log
        assert PASSWORD not in await page.content()


async def test_the_card_of_obs_fits_a_phone(browser: Browser, tmp_path: Path) -> None:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        page = await settings(browser, program, "obs", (360, 740))
        await page.click("#obs-password")
        await page.wait_for_selector("input#obs-password")
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360
        assert await findings(page) == []
        await picture(page, "obs-360")
