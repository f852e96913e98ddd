"""A light whose remedy is a setting has a button for it, on each desk page; a shipped graph is copied first."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Route

from tests.browser.forms import text_of
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import NOTHING, become, opened, picture, started, without_a_voice
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(180)]


@pytest.mark.parametrize("path", ["/dock/", "/"])
async def test_the_stage_of_another_show_is_shared_at_a_press(browser: Browser, tmp_path: Path, path: str) -> None:
    port = free_port()
    offer = {"text": f"{port}번 포트에 연결", "settings": {"port": port}}

    async def offered(route: Route) -> None:  # as the doctor does, which hears the stages of this machine
        answer = await route.fetch()
        told = await answer.json()
        for light in told["lights"]:
            if light["name"] == "avatar" and light["state"] == "bad":
                light["mend"] = offer
        await route.fulfill(response=answer, json=told)

    env = {**NOTHING, "VTS_PORT": str(free_port())}
    other = started(tmp_path / "other", "graphs/demo.yaml", env={"STAGE_PORT": str(port)})
    mine = started(tmp_path / "mine", "graphs/live.yaml", env=env, prepare=without_a_voice)
    with await other, await mine as program:
        page = await opened(browser, "about:blank", (360, 740))
        await page.route("**/api/graph", offered)
        await page.goto(program.url + path)
        await become(page, {"avatar": "bad"})
        await page.click("[data-light=avatar]")
        await page.wait_for_selector(".desk-do")
        await picture(page, f"mend{path.replace('/', '-')}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await findings(page) == []
        await page.click(".desk-do")

        async def saved() -> bool:
            return "my.yaml에 저장했어요" in await page.inner_text(".desk-panel")

        await until(saved, 60)
        assert f"port: {port}," in text_of(program)
        assert "VTS_PORT" in text_of(program, "live.yaml"), "the shipped one is as it was"
        await become(page, {"avatar": "good"})
        assert await page.locator(".desk-do").count() == 0
