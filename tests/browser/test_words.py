"""What pages say is in one language: no English sentence in Korean, no Hangul in English; the browser chooses first."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.browser.test_pages import PATHS, UP, becomes, started
from tests.nodes.test_particles import NAMES

pytestmark = [pytest.mark.component, pytest.mark.timeout(300)]

SAID = """() => {
  const parts = [...document.querySelectorAll("body *")].filter((part) => !part.matches("script, [data-language]"));
  const own = (part) => [...part.childNodes].filter((node) => node.nodeType === 3).map((node) => node.textContent);
  const named = (part) => [part.title, part.placeholder, part.getAttribute("aria-label"), part.dataset?.empty];
  return [document.title, ...parts.flatMap((part) => [...own(part), ...named(part)])].filter(Boolean);
}"""
"""A script that collects the texts of a page one by one, including those that are hidden now."""
ENGLISH = re.compile(r"\b[A-Za-z]+(?:'[a-z]+)?(?: [a-z]+(?:'[a-z]+)?){2,}")
"""Three words in a row: names of products and what a file calls its nodes are no sentence."""
HANGUL = re.compile("[가-힣]")
OF_THE_CHARACTER = re.compile("초코|한국어")
PATHS_AND_MISSING = {**PATHS, "missing": "/nowhere"}
UP_OR_MISSING = {**UP, "missing": "document.querySelector('h1').textContent"}


def foreign(texts: list[str], language: str) -> list[str]:
    """Return the texts that have a sentence of the other language."""
    there = [OF_THE_CHARACTER.sub("", text) for text in texts]
    return [text for text in there if (HANGUL if language == "en" else ENGLISH).search(text)]


def test_sentences_of_the_other_language_are_found() -> None:
    assert foreign(["Go on", "연결: a", "모두 OBS Browser Source 안에", "초코"], "ko") == []
    assert foreign(["연결: the server is gone", "Don't do this"], "ko") == ["연결: the server is gone", "Don't do this"]
    assert foreign(["Go on", "초코", "켜기"], "en") == ["켜기"]


@pytest_asyncio.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    page = await browser.new_page(viewport={"width": 1280, "height": 720})
    yield page
    await page.close()


@pytest.mark.asyncio
async def test_a_particle_on_a_page_fits_as_in_the_program(page: Page, tmp_path: Path) -> None:
    fill = """async (names) => {
      const { filled } = await import("/shared/particles.js");
      return names.map((name) => filled("{name}는 {name}로 {name}예요", { name }));
    }"""
    with await started(tmp_path / "show") as show:
        await page.goto(f"{show.url}{PATHS['dock']}")
        assert await page.evaluate(fill, [name for name, _ in NAMES]) == [said for _, said in NAMES]
        quoted = """import("/shared/particles.js").then(({ filled }) => filled("'{a}'가 {b} {a}가방", { a: "별" }))"""
        assert await page.evaluate(quoted) == "'별'이 {b} 별가방"


@pytest.mark.asyncio
@pytest.mark.parametrize("program", ["ko", "en"])
async def test_every_page_speaks_one_language_whatever_the_program_speaks(
    page: Page, tmp_path: Path, program: str
) -> None:
    with await started(tmp_path / "show", AISCHOCO_LANG=program) as show:
        for language in ("ko", "en"):
            for name, path in PATHS_AND_MISSING.items():
                await page.goto(f"{show.url}{path}{'&' if '?' in path else '?'}lang={language}")
                await becomes(page, UP_OR_MISSING[name])
                assert await page.evaluate("document.documentElement.lang") == language
                if name == "graph":
                    await page.click("[data-node=batch]")
                    await becomes(page, "document.querySelector('dl.settings dt')")
                texts: list[str] = await page.evaluate(SAID)
                assert len(texts) > 2 or name in ("air", "stage")
                assert foreign(texts, language) == [], f"{name} in {language}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("browsers", "program", "desk", "air"),
    [
        ("en-GB", "ko", "en", "ko"),
        ("ko-KR", "en", "ko", "en"),
        ("de-DE", "ko", "ko", "ko"),
        ("de-DE", "en", "en", "en"),
    ],
)
async def test_a_page_at_the_desk_speaks_as_the_browser_on_air_as_the_program(
    browser: Browser, tmp_path: Path, browsers: str, program: str, desk: str, air: str
) -> None:
    with await started(tmp_path / "show", AISCHOCO_LANG=program) as show:
        context = await browser.new_context(locale=browsers)
        page = await context.new_page()
        for name in ("overlay", "dock", "graph", "stage"):
            await page.goto(show.url + PATHS[name])
            await becomes(page, f"document.documentElement.lang === '{desk}' && {UP[name]}")
        await page.goto(show.url + PATHS["air"])
        await becomes(page, f"document.documentElement.lang === '{air}' && {UP['air']}")
        await page.goto(show.url + PATHS["dock"])
        await page.click("[data-language]")
        chosen = "ko" if desk == "en" else "en"
        for name in ("overlay", "graph", "stage"):
            await page.goto(show.url + PATHS[name])
            await becomes(page, f"document.documentElement.lang === '{chosen}'")
        await page.goto(show.url + PATHS["air"])
        await becomes(page, f"document.documentElement.lang === '{air}'")
        await context.close()
