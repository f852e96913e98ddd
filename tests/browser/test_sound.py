"""The voice in a real browser: PCM over a WebSocket into an AudioWorklet, heard by its own meter."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
import soxr
from playwright.async_api import Browser, CDPSession, Page, async_playwright

from graphs.engine.web.server import LocalWeb
from nodes.troubles import Troubles
from schemas.playback import Heard, Level, Stop
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.stand import until
from tests.harness import ROOT
from tests.nodes.audio.fakes import RATE, tone
from tests.nodes.audio.stage import RealTime
from tests.nodes.audio.test_sound_server import speechlike
from tests.peers.pulse import RATE as SINK_RATE
from tests.peers.pulse import SINK, Pulse, match, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component, pytest.mark.alone, pytest.mark.asyncio]

GESTURE = "--autoplay-policy=no-user-gesture-required"
STEADY = "--audio-buffer-size=4096"
"""Frames of spare time for the browser's output on a machine at its limit; what it plays comes later by as much."""
STRICT = "--autoplay-policy=document-user-activation-required"
"""The policy outside OBS; user-gesture-required concerns media elements and lets an AudioContext run."""


class Silent(Troubles):
    def info(self, text: str, **_: object) -> None: ...
    def warning(self, text: str, **_: object) -> None: ...


class Voice(RealTime):
    """The real server with the page, and the node."""

    def __init__(self, port: int = 0) -> None:
        self.web = LocalWeb("127.0.0.1", port, Silent(), root=ROOT)
        super().__init__(self.web, device="page", prebuffer_ms=300, turn_pause_s=0)  # for machines at their limit

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
    """Check that all of it was sent to the page and played there without a gap."""

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
    assert voice.lines[-1].startswith("목소리가 나가는 곳: page ")
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


async def test_a_page_whose_player_cannot_be_loaded_gives_its_audio_context_back(
    browser: Browser, voice: Voice
) -> None:
    page = await browser.new_page()
    await page.add_init_script(
        "AudioWorklet.prototype.addModule = () => Promise.reject(new Error('not loaded'));"
        "window.given = 0; const close = AudioContext.prototype.close;"
        "AudioContext.prototype.close = function () { window.given += 1; return close.call(this); };"
    )
    await page.goto(f"{voice.web.url}/?obs")
    await in_state(page, "failed")
    assert await page.evaluate("window.given") == 1


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
    assert voice.lines[-1] == "목소리가 나가는 곳: none"
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
    return len(voice.web._clients)


@asynccontextmanager
async def sounding_browser(pulse: Pulse, *arguments: str) -> AsyncIterator[Browser]:
    """Start a Chromium whose sound goes to the null sink."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[*ARGUMENTS, *arguments],
            ignore_default_args=["--mute-audio"],
            env={**os.environ, **pulse.env, "PULSE_SINK": SINK},
        )
        yield browser
        await browser.close()


async def awake(recording: Any) -> None:
    """Wait for the null sink, which may sleep once for 2 s after a stream or a recorder connects."""
    await until(lambda: asyncio.sleep(0, len(recording.samples) > 3 * SINK_RATE), 20)


def heard_from(recorded: Any) -> Any:
    return np.flatnonzero(np.abs(recorded) > 0.02)


@pytest.mark.timeout(150)
@pytest.mark.parametrize("sentences", [5, pytest.param(20, marks=pytest.mark.slow, id="a minute")])
async def test_what_the_page_plays_is_at_the_sink_as_it_was_made(voice: Voice, pulse: Pulse, sentences: int) -> None:
    async with sounding_browser(pulse, STEADY) as browser:
        page = await opened(browser, voice)
        with pulse.record() as recording:
            await awake(recording)
            for number in range(sentences):
                await voice.say(f"t{number}", speechlike())
            await voice.over(f"t{sentences - 1}", 30)
            await asyncio.sleep(1.0)
        told = await meter(page)
    assert told["played"] == told["sent"] == sentences * len(speechlike())
    assert told["underruns"] == 0
    fits = each_time(recording.samples, soxr.resample(speechlike(), RATE, SINK_RATE), sentences)
    print(f"\nby the page at the sink: no underrun; {sentences} sentences, r at least {min(fits):.4f}")
    assert min(fits) > 0.99, fits


async def test_a_turn_that_is_stopped_is_silent_at_the_sink_of_the_page_soon(voice: Voice, pulse: Pulse) -> None:
    async with sounding_browser(pulse) as browser:
        page = await opened(browser, voice)
        with pulse.record() as recording:
            await awake(recording)
            await voice.say("cut", tone(1.9))
            await asyncio.sleep(0.8)
            before = len(recording.samples)
            voice.node.feed("stop", Stop(turn="cut"))
            await voice.over("cut", 1.0)
            await asyncio.sleep(1.0)
        assert (await meter(page))["underruns"] == 0
    late = (heard_from(recording.samples)[-1] - before) / SINK_RATE
    print(f"\nstopped -> silent at the sink of the page {1000 * late:.0f} ms")
    assert late <= 0.25


def each_time(recorded: Any, wanted: Any, times: int) -> list[float]:
    """Return how well each repetition is found in the recording at the place where the previous one ended."""
    at = match(recorded[: 6 * SINK_RATE + len(wanted)], wanted)[1]
    fits: list[float] = []
    for _ in range(times):
        begin = max(0, at - SINK_RATE // 10)
        correlation, found = match(recorded[begin : begin + len(wanted) + SINK_RATE], wanted)
        at = begin + found + len(wanted)
        fits.append(correlation)
    return fits


async def test_outside_obs_a_click_turns_the_sound_on(voice: Voice) -> None:
    async with async_playwright() as playwright:
        arguments = [*(argument for argument in ARGUMENTS if argument != GESTURE), STRICT]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = await browser.new_page()
        hand = await page.context.new_cdp_session(page)
        await page.goto(voice.web.url)
        await until(lambda: untouched(hand, "window.__sound?.state === 'suspended'"), 20)
        await voice.speak("a", 0.5)
        await voice.over("a")
        assert await untouched(hand, "window.__sound.sent === 0 && !navigator.userActivation.hasBeenActive")
        await click(hand, ".aischoco-sound")
        await in_state(page, "running")
        assert not await page.locator(".aischoco-sound").is_visible()
        await voice.speak("b", 0.5)
        await voice.over("b")
        await whole(page, 0.5)
        await browser.close()


async def untouched(hand: CDPSession, expression: str) -> Any:
    """Evaluate without a user gesture; ``page.evaluate`` counts as one: an AudioContext made after it has sound."""
    return (await hand.send("Runtime.evaluate", {"expression": expression, "returnByValue": True}))["result"]["value"]


async def click(hand: CDPSession, selector: str) -> None:
    """Press and release the mouse on an element, as trusted input."""
    box = await untouched(hand, f"document.querySelector('{selector}').getBoundingClientRect().toJSON()")
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    for kind in ("mousePressed", "mouseReleased"):
        await hand.send("Input.dispatchMouseEvent", {"type": kind, **at, "button": "left", "clickCount": 1})
