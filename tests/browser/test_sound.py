"""The voice in a real browser: PCM over a WebSocket into an AudioWorklet, heard by its own meter."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soxr
from playwright.async_api import Browser, Page, async_playwright

from graphs.engine.web import LocalWeb
from schemas.playback import Heard, Level, Stop
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.test_overlay import until
from tests.harness import ROOT
from tests.nodes.audio.fakes import RATE, tone
from tests.nodes.audio.stage import RealTime
from tests.nodes.audio.test_sound_server import speechlike
from tests.peers.pulse import RATE as SINK_RATE
from tests.peers.pulse import SINK, Pulse, match, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component, pytest.mark.asyncio]

GESTURE = "--autoplay-policy=no-user-gesture-required"


class Silent:
    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...


class Voice(RealTime):
    """The real server with the page, and the node."""

    def __init__(self, port: int = 0) -> None:
        self.web = LocalWeb("127.0.0.1", port, Silent(), root=ROOT)
        super().__init__(self.web, device="page", prebuffer_ms=300)  # for machines at their limit

    async def open(self) -> "Voice":
        self.web.folder("/", Path("assets/overlay"))
        self.start()
        await self.web.start()
        return self

    async def stop(self) -> None:
        await self.close()
        await self.web.stop()

    async def speak(self, turn: str, seconds: float) -> float:
        return await self.say(turn, tone(seconds))


@pytest_asyncio.fixture
async def voice() -> AsyncIterator[Voice]:
    voice = await Voice().open()
    yield voice
    await voice.stop()


async def meter(page: Page) -> dict[str, Any]:
    return await page.evaluate("({...window.__sound})")


async def opened(browser: Browser, voice: Voice, query: str = "?obs") -> Page:
    page = await browser.new_page()
    await page.goto(f"{voice.web.url}/{query}")
    await in_state(page, "running")
    return page


async def in_state(page: Page, state: str) -> None:
    await until(lambda: page.evaluate(f"!!window.__sound && window.__sound.state === '{state}'"), 20)


async def sounds(page: Page) -> None:
    await until(lambda: page.evaluate("window.__sound.maxRms > 0.05"))


async def whole(page: Page, seconds: float) -> None:
    """All of it was sent to the page and played by it, without a gap."""

    async def played() -> bool:
        now = await meter(page)
        return now["played"] == now["sent"]

    await until(played)
    now = await meter(page)
    assert now["sent"] == int(seconds * RATE)
    assert now["underruns"] == 0
    assert now["maxRms"] == pytest.approx(0.3 / 2**0.5, rel=0.1)


async def test_the_page_plays_all_of_the_voice_and_is_the_clock_of_what_was_heard(
    browser: Browser, voice: Voice
) -> None:
    page = await opened(browser, voice)
    begun = await voice.speak("a", 3.0)
    end = await voice.over("a")
    await whole(page, 3.0)
    assert voice.lines[-1].startswith("the voice goes to: page ")
    assert 2.9 <= end - begun <= 3.8
    heard = [event for _, event in voice.out if isinstance(event, Heard)]
    assert heard[-1].ended
    assert heard[-1].fraction == 1.0


async def test_a_turn_sounds_soon_after_it_was_given(browser: Browser, voice: Voice) -> None:
    page = await opened(browser, voice)
    loop = asyncio.get_running_loop()
    sounded: list[float] = []
    told: list[float] = []
    for number, turn in enumerate("abc"):
        before = int(number * 0.5 * RATE)
        begun = loop.time()
        speaking = asyncio.ensure_future(voice.speak(turn, 0.5))
        await until(lambda before=before: page.evaluate(f"window.__sound.played > {before}"))
        sounded.append(loop.time() - begun)
        await speaking
        await voice.over(turn)
        told.append(voice.first(Level, begun) - begun)
    await whole(page, 1.5)
    for name, delays in (("sound in the page", sounded), ("level", told)):
        print(f"\nfirst {name} after {', '.join(f'{1000 * delay:.0f}' for delay in delays)} ms")
    assert min(told) < 0.5


async def test_of_two_pages_only_one_sounds_and_the_other_follows_when_it_leaves(
    browser: Browser, voice: Voice
) -> None:
    first, second = await opened(browser, voice), await opened(browser, voice)
    await voice.speak("a", 1.0)
    await voice.over("a")
    await whole(first, 1.0)
    assert (await meter(second))["sent"] == 0
    await first.close()
    await voice.speak("b", 1.0)
    await voice.over("b")
    await whole(second, 1.0)


async def test_when_the_page_leaves_mid_sentence_the_show_goes_on(browser: Browser, voice: Voice) -> None:
    page = await opened(browser, voice)
    begun = await voice.speak("a", 3.0)
    await sounds(page)
    await page.close()
    end = await voice.over("a")
    assert voice.lines[-1] == "the voice goes to: none"
    assert 2.9 <= end - begun <= 4.0
    heard = [event for _, event in voice.out if isinstance(event, Heard)]
    assert heard[-1].ended


async def test_a_page_that_is_reloaded_mid_sentence_plays_the_rest(browser: Browser, voice: Voice) -> None:
    page = await opened(browser, voice)
    begun = await voice.speak("a", 4.0)
    await sounds(page)
    await page.reload()
    await in_state(page, "running")
    await sounds(page)
    end = await voice.over("a")
    assert 3.9 <= end - begun <= 5.0
    now = await meter(page)
    assert now["played"] == now["sent"] < 4.0 * RATE


async def test_a_page_comes_back_to_a_server_that_was_restarted(browser: Browser, voice: Voice) -> None:
    page = await opened(browser, voice)
    await voice.speak("a", 0.5)
    await voice.over("a")
    port = int(voice.web.url.rpartition(":")[2])
    await voice.stop()
    again = await Voice(port).open()
    try:
        assert again.web.url == voice.web.url
        await until(lambda: page.evaluate("window.__sound.state === 'running'"))
        await until(lambda: asyncio.sleep(0, _pages(again)))
        await again.speak("b", 0.5)
        await again.over("b")
        await whole(page, 1.0)
    finally:
        await again.stop()
        await voice.web.start()


def _pages(voice: Voice) -> int:
    return voice.web._channels["/ws/sound"].clients


@pytest_asyncio.fixture
async def sounding_browser(pulse: Pulse) -> AsyncIterator[Browser]:
    """A browser whose sound goes to the private sound server."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=ARGUMENTS,
            ignore_default_args=["--mute-audio"],
            env={**os.environ, **pulse.env, "PULSE_SINK": SINK},
        )
        yield browser
        await browser.close()


def heard_from(recorded: Any) -> Any:
    return np.flatnonzero(np.abs(recorded) > 0.02)


async def test_what_the_page_plays_is_at_the_sink_as_it_was_made_and_a_stop_is_silent_soon(
    sounding_browser: Browser, voice: Voice, pulse: Pulse
) -> None:
    page = await opened(sounding_browser, voice)
    with pulse.record() as recording:
        # the null sink may sleep once for 2 s after a stream or a recorder came
        await until(lambda: asyncio.sleep(0, len(recording.samples) > 3 * SINK_RATE), 20)
        for number in range(3):
            await voice.say(f"t{number}", speechlike())
        await voice.over("t2", 30)
        await voice.say("cut", tone(1.9))
        await asyncio.sleep(0.8)
        before = len(recording.samples)
        voice.node.feed("stop", Stop(turn="cut"))
        await voice.over("cut", 1.0)
        await asyncio.sleep(1.0)
    assert (await meter(page))["underruns"] == 0
    wanted = soxr.resample(speechlike(), RATE, SINK_RATE)
    correlation, _ = match(recording.samples[:before], wanted)
    late = (heard_from(recording.samples)[-1] - before) / SINK_RATE
    print(f"\nthe page at the sink: r = {correlation:.4f}; stop -> silence {1000 * late:.0f} ms")
    assert correlation > 0.99
    assert late <= 0.25


# By hand: headless Chromium sometimes lets a page sound without a click, and then there is nothing to show.
@pytest.mark.slow
async def test_outside_obs_a_click_turns_the_sound_on(voice: Voice) -> None:
    async with async_playwright() as playwright:
        quiet = [argument for argument in ARGUMENTS if argument != GESTURE]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=quiet)
        page = await browser.new_page()
        await page.goto(voice.web.url)
        await in_state(page, "suspended")
        await voice.speak("a", 0.5)
        await voice.over("a")
        assert (await meter(page))["sent"] == 0
        await page.click(".aischoco-sound")
        await in_state(page, "running")
        assert not await page.locator(".aischoco-sound").is_visible()
        await voice.speak("b", 0.5)
        await voice.over("b")
        await whole(page, 0.5)
        await browser.close()
