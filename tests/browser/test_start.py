"""/start with the real program behind it: from a first word to a show of one's own, by clicks and by keys alone."""

import asyncio
import os
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Response

from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program
from tests.nodes.chat.chzzk_api import CLIENT_ID, ME, SECRET, ChzzkApi, in_thread
from tests.ports import free_port

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

CARDS = ("talk", "character", "voice", "answers", "chzzk", "body", "obs", "rules", "rehearsal")
LISTENING = 90
"""The first answer may take this many seconds on a machine that does other things too."""


@pytest.fixture
def api() -> Iterator[ChzzkApi]:
    with in_thread() as api:
        yield api


@pytest_asyncio.fixture
async def demo(tmp_path: Path, api: ChzzkApi) -> AsyncIterator[Program]:
    env = {
        "CHZZK_API_URL": api.url,
        "CHZZK_AUTH_URL": api.url,
        "CHZZK_REDIRECT_URI": f"http://localhost:{free_port()}/callback",
        "XDG_CONFIG_HOME": str(tmp_path / "login"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    with await started(tmp_path, "graphs/demo.yaml", env=env) as program:
        yield program


async def at(page: Page, card: str) -> None:
    await page.wait_for_selector(f"[data-step={card}][aria-current]")
    if card != CARDS[-1]:
        await page.wait_for_selector("#forward:not([disabled])")


async def opened(browser: Browser, program: Program, size: tuple[int, int] = (1280, 800)) -> Page:
    page = await browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(40_000)
    await page.goto(f"{program.url}/start/")
    await at(page, "talk")
    return page


async def says(page: Page, selector: str, text: str, seconds: float = 40) -> None:
    async def so() -> bool:
        return text in await page.inner_text(selector)

    try:
        await until(so, seconds)
    except AssertionError:
        raise AssertionError(f"{await page.inner_text(selector)!r} has no {text!r}") from None


async def on(page: Page, card: str) -> None:
    await page.click("#forward")
    await at(page, card)


def mine(program: Program) -> str:
    return (program.root / "graphs" / "my.yaml").read_text("utf-8")


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"start-{name}.png")


def agree(address: str) -> None:
    """Do what CHZZK's page does once a person has agreed: send the browser back to the program."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    back = f"{query['redirectUri']}?{urlencode({'code': 'MARK-code', 'state': query['state']})}"
    with urllib.request.urlopen(back, timeout=5) as answer:
        assert answer.status == 200


async def test_a_person_makes_a_show_of_their_own_by_clicks(browser: Browser, demo: Program) -> None:
    page = await opened(browser, demo)
    heard: list[str] = []

    async def kept(response: Response) -> None:
        if "/api/" in response.url:
            heard.append(await response.text())

    page.on("response", kept)
    await page.fill("#line", "초코야 안녕")
    await page.click("#talk button")
    await says(page, "#sent", "대답했어요", LISTENING)
    assert not (demo.root / "graphs" / "my.yaml").exists(), "nothing is made before a person begins"
    assert await page.locator("[data-step=character]").is_disabled()

    await on(page, "character")
    await page.fill("#name", "  ")
    await page.click("#forward")
    await says(page, "#note", "이름을 써 주세요")
    await page.fill("#name", "<b>")
    await page.click("#forward")
    await says(page, "#note", "글자와 숫자만")
    await page.fill("#name", "모카")
    await page.fill("#persona", "너는 '{character}'다. 커피를 좋아한다.")
    await on(page, "voice")
    assert 'character: "모카"' in mine(demo)
    assert "커피를 좋아한다" in (demo.root / "config" / "character.txt").read_text("utf-8")

    await page.click("input[value=server]")
    await page.click("#forward")
    await says(page, "#note", "목소리 서버의 주소")
    await page.click("input[value=embedded]")
    await on(page, "answers")
    await page.click("#actions .plain")
    await at(page, "chzzk")

    await page.click("input[value=chzzk]")
    await page.click("#forward")
    await says(page, "#note", "클라이언트 ID와 시크릿")
    await page.fill("#CHZZK_CLIENT_ID", CLIENT_ID)
    await page.fill("#CHZZK_CLIENT_SECRET", SECRET)
    await page.click("#login")
    await asyncio.to_thread(agree, str(await page.get_attribute("#loginState a", "href")))
    await says(page, "#loginState", ME["channelName"])
    await picture(page, "login")
    await on(page, "body")
    assert "type: chat.chzzk" in mine(demo)

    await page.reload()
    await at(page, "body")
    assert await page.get_attribute("[data-step=answers]", "data-how") == "skipped"
    assert await page.inner_text("#title") == "모카"
    await on(page, "obs")
    assert await page.inner_text(".source code >> nth=0") == f"{demo.url}/?obs"
    await on(page, "rules")
    await page.click("input[value=called]")
    await on(page, "rehearsal")
    assert "only_mentions: true" in mine(demo)

    before = mine(demo)
    await page.click("#cardBody .primary")
    await page.wait_for_selector("#progress")
    assert mine(demo) == before
    await asyncio.sleep(8)
    await picture(page, "rehearsing")
    await page.click("#cardBody .plain")
    await says(page, ".report", "채팅")
    assert "OBS에서 방송을 시작하면" in await page.inner_text(".live"), "the answers are those of the graph rehearsed"
    await picture(page, "report")
    await page.click(".big")
    await says(page, "#note", "방송 중이에요")
    assert mine(demo) == before
    assert SECRET not in "".join(heard) + demo.log + await page.content()
    assert SECRET in (demo.root / ".env").read_text("utf-8")


@pytest.mark.parametrize("size", [(1280, 720), (360, 740)], ids=["wide", "narrow"])
async def test_every_card_can_be_had_by_keys_and_has_nothing_serious_in_the_way(
    browser: Browser, demo: Program, size: tuple[int, int]
) -> None:
    page = await opened(browser, demo, size)
    found: list[str] = []
    await page.focus("#forward")
    await page.keyboard.press("Enter")
    for card in CARDS[1:]:
        await at(page, card)
        await until(lambda: page.evaluate("document.activeElement?.id === 'cardTitle'"))
        await picture(page, f"{card}-{size[0]}")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), card
        found += [f"{card}: {line}" for line in await findings(page)]
        for _ in range(40):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement?.id === 'forward'"):
                break
        if card != CARDS[-1]:
            await page.keyboard.press("Enter")
    assert found == []
    assert {await page.get_attribute(f"[data-step={card}]", "data-how") for card in CARDS[:-1]} == {"done"}
