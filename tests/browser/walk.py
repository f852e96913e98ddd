"""A person who goes through the cards of /start with a mouse and a keyboard, for the tests of that page."""

import os
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.async_api import Browser, Error, Page, Response

from tests.browser.stand import until
from tests.e2e.show import Show as Program

CARDS = ("talk", "character", "voice", "answers", "chzzk", "body", "sound", "obs", "rules", "rehearsal")
TYPED = """() => Object.fromEntries([...document.querySelectorAll("#cardBody input, #cardBody textarea")]
  .filter((field) => field.type !== "password" && (field.type !== "radio" || field.checked))
  .map((field) => [field.name || field.id, field.value]))"""
"""A script that returns what stands in the fields of the card, but for secrets."""


KEY_S, CLICK_S = 0.28, 1.35 + 1.1 + 0.2
"""How long a person takes, by the keystroke-level model of Card, Moran and Newell (1980): a key of an average typist;
to make up one's mind, to point and to press and release."""
READ_S = 0.2
"""And a slow reader, for one character."""


class Person:
    """The person, and what the program has sent to the page."""

    def __init__(self, page: Page, program: Program) -> None:
        self.page = page
        self.program = program
        self.clicks = self.keys = self.read = 0
        self.heard: list[str] = []
        page.set_default_timeout(40_000)
        page.on("response", self._hears)

    async def _hears(self, response: Response) -> None:
        if urlsplit(response.url).path.startswith(("/api/", "/start")):
            with suppress(Error):  # of a page that has been closed or left
                self.heard.append(await response.text())

    @property
    def seconds(self) -> float:
        """How long all of that takes a person, without what they do on other sites."""
        return self.clicks * CLICK_S + self.keys * KEY_S + self.read * READ_S

    async def click(self, selector: str) -> None:
        self.clicks += 1
        await self.page.click(selector)

    async def writes(self, selector: str, text: str, *, pasted: bool = False) -> None:
        self.clicks += 1
        self.keys += 2 if pasted else len(text)
        await self.page.fill(selector, text)

    async def at(self, card: str) -> None:
        await self.page.wait_for_selector(f"[data-step={card}][aria-current]")
        if card != CARDS[-1]:
            await self.page.wait_for_selector("#forward:not([disabled])")

    async def on(self, card: str) -> None:
        """Save this card, come to the next one and read it."""
        await self.click("#forward")
        await self.at(card)
        self.read += len(await self.page.inner_text("#card"))

    async def refused(self, *remedies: str) -> None:
        """Try to save this card; the page says what to do."""
        await self.click("#forward")
        for remedy in remedies:
            await self.reads("#note", remedy)

    async def tries(self, *words: str, well: bool) -> None:
        """Have what the card sets up looked at by the doctor."""
        await self.click("#try")
        await self.page.wait_for_selector("#try:not([disabled])")
        for word in words:
            await self.reads(".trial", word)
        assert await self.page.locator(".trial .is-wrong").count() == (0 if well else 1)

    async def reads(self, selector: str, text: str, seconds: float = 40) -> None:
        async def so() -> bool:
            return text in await self.page.inner_text(selector)

        try:
            await until(so, seconds)
        except AssertionError:
            raise AssertionError(f"{await self.page.inner_text(selector)!r} has no {text!r}") from None

    async def reloads(self) -> None:
        """Load the page again: it comes back to the same card, and what was typed still stands there."""
        card = await self.page.get_attribute("[data-step][aria-current]", "data-step")
        before = await self.page.evaluate(TYPED)
        await self.page.reload()
        await self.at(str(card))

        async def so() -> bool:
            return await self.page.evaluate(TYPED) == before

        await until(so)

    async def how(self, card: str) -> str | None:
        return await self.page.get_attribute(f"[data-step={card}]", "data-how")


async def comes(browser: Browser, program: Program, size: tuple[int, int] = (1280, 800)) -> Person:
    """Open the page as a double click on start.sh does."""
    person = Person(await browser.new_page(viewport={"width": size[0], "height": size[1]}), program)
    await person.page.goto(f"{program.url}/start/")
    await person.at("talk")
    return person


def mine(program: Program) -> str:
    return (program.root / "graphs" / "my.yaml").read_text("utf-8")


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("SCREENSHOTS"):
        await page.screenshot(path=Path(folder) / f"start-{name}.png")


def sent_back(address: str, code: str) -> str:
    """Return the address to which CHZZK's page sends the browser once a person has agreed."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return f"{query['redirectUri']}?{urlencode({'code': code, 'state': query['state']})}"


def agree(address: str, code: str) -> None:
    with urllib.request.urlopen(sent_back(address, code), timeout=5) as answer:
        assert answer.status == 200


def told_in(program: Program, secret: str) -> set[str]:
    """Return the files of the project that hold the secret, and the log if it does."""
    files = [path for path in program.root.rglob("*") if path.is_file() and not path.is_symlink()]
    found = {str(path.relative_to(program.root)) for path in files if secret.encode() in path.read_bytes()}
    return found | {"log"} if secret in program.log else found
