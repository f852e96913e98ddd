"""Voices, sound devices and a voice of one's own on /settings: heard before they are chosen, and chosen by name."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from tests.browser.forms import field, own, picture, says, settings, text_of
from tests.browser.stand import until
from tests.browser.test_accessible import findings
from tests.browser.test_lights import started
from tests.e2e.show import Show as Program
from tests.nodes.speech.qwen.test_sample import TEXT, speech, wav
from tests.peers.pulse import Pulse, pulse

__all__ = ["pulse"]

pytestmark = [pytest.mark.component, pytest.mark.asyncio, pytest.mark.timeout(300)]

HEARD = """() => {
  window.heard = [];
  const start = AudioBufferSourceNode.prototype.start;
  AudioBufferSourceNode.prototype.start = function (...given) {
    const loudest = this.buffer.getChannelData(0).reduce((most, each) => Math.max(most, Math.abs(each)), 0);
    window.heard.push({ seconds: this.buffer.duration, loudest });
    return start.apply(this, given);
  };
}"""
"""Keeps what the page plays."""
DROPPED = """bytes => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], "우리 초코.wav"));
  return data;
}"""
CLONED = """
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  batch: {type: chat.batch, in: parse}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  speech: {type: speech.ladder, in: split.sentence, voices: [{type: qwen}, {type: kokoro}]}
  voice: {type: audio.play, in: speech}
  overlay: {type: overlay.web, chat: parse, reply: split.sentence}
"""


@pytest_asyncio.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Program]:
    with await started(tmp_path, "graphs/demo.yaml") as program:
        yield program


async def offered(page: Page, node: str, name: str) -> str:
    """Wait for the list of a field; return the start of the ids in it."""
    await field(page, node, name).locator(".offer, .offers .hear").first.wait_for()
    return f"#f-{node}_{name}"


async def count(page: Page) -> int:
    return await page.evaluate("window.heard.length")


async def test_a_voice_is_heard_before_it_is_chosen_and_chosen_by_its_name(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "voice")
    await page.evaluate(HEARD)
    ids = await offered(page, "speech", "voice")
    rows = field(page, "speech", "voice").locator(".offer")
    assert [(await each.locator("b").inner_text()) for each in await rows.all()] == [
        "네즈미",
        "곤기쓰네",
        "알파",
        "데부쿠로",
        "구모",
    ]
    assert await page.is_checked(f"{ids}-jf_nezumi")
    await picture(page, "voices-1280")

    await page.click(f"{ids}-jm_kumo-hear")
    await expect(page.locator(f"{ids}-jf_alpha-hear")).to_be_disabled()  # one at a time
    await until(lambda: count(page), 120)
    (heard,) = await page.evaluate("window.heard")
    assert heard["seconds"] > 1
    assert heard["loudest"] > 0.05
    assert "jm_kumo" not in text_of(demo, "demo.yaml"), "what is heard is not saved"
    assert await page.is_checked(f"{ids}-jf_nezumi")
    await says(page, f"{ids}-jm_kumo-hear", "들어 보기")

    await page.check(f"{ids}-jm_kumo")
    await says(page, "#save", "1개 바뀌었어요")
    await page.click("#saveNow")
    await own(page)
    await says(page, "#note", "방송에 나갔어요", 60)
    assert "voice: jm_kumo" in text_of(demo)
    assert await page.is_checked(f"{ids}-jm_kumo")


async def test_a_sound_device_is_chosen_by_name_after_a_beep_and_one_that_is_gone_is_told(
    browser: Browser, tmp_path: Path, pulse: Pulse
) -> None:
    pulse.add("Second_Sink")
    with await started(tmp_path, "graphs/demo.yaml", env={"TTS_OUTPUT_DEVICE": "auto"}) as program:
        page = await settings(browser, program, "sound")
        ids = await offered(page, "voice", "device")
        place = field(page, "voice", "device")
        names = await place.locator(".offer b").all_inner_texts()
        assert names[0] == "기본 장치"
        assert {"CABLE_Input", "Second_Sink"} <= set(names)
        assert names[-2:] == ["페이지 소리", "소리 없음"]
        await picture(page, "devices-1280")
        with pulse.record("Second_Sink") as recording:
            for _ in range(2):  # the monitor of a sink that sleeps may miss the first one
                await page.click(f"{ids}-Second_Sink-hear")
                await says(page, ".told", "삐 소리를 냈어요", 60)
        assert np.abs(recording.samples).max() > 0.1
        await page.check(f"{ids}-Second_Sink")
        came, pressed = asyncio.Event(), asyncio.Event()

        async def late(route: Route) -> None:
            answer = await route.fetch()
            came.set()
            await pressed.wait()
            await route.fulfill(response=answer)

        await page.route("**/api/settings/offers*device*", late, times=1)
        await page.click("#saveNow")
        await own(page)
        await says(page, "#note", "방송에 나갔어요", 60)
        assert 'device: "Second_Sink"' in text_of(program)
        await came.wait()
        await asyncio.to_thread(pulse.remove, "Second_Sink")
        await page.click(f"{ids}-again")  # while the list from before is still on its way
        pressed.set()
        await says(page, ".remedy", "지금 이 장치가 없어서 기본 장치로 소리가 나가요")
        assert not await page.locator(f"{ids}-Second_Sink-hear").count()
        assert await page.is_checked(f"{ids}-Second_Sink")
        await picture(page, "device-gone")


async def test_a_meter_shows_the_voice_that_plays(browser: Browser, demo: Program) -> None:
    page = await settings(browser, demo, "sound")
    await offered(page, "voice", "device")
    meter = page.locator(".meter")
    await meter.wait_for()

    async def loud() -> bool:
        return int(await meter.get_attribute("aria-valuenow") or 0) > 20

    await until(loud, 120)


async def test_a_recording_that_is_dropped_is_judged_in_words_and_offered(browser: Browser, tmp_path: Path) -> None:
    good, short = wav(tmp_path / "우리 초코.wav", speech()), wav(tmp_path / "short.wav", speech(1.0))

    def cloned(root: Path) -> None:
        (root / "graphs" / "mine.yaml").write_text(f"name: mine{CLONED}", encoding="utf-8")

    with await started(tmp_path, "graphs/mine.yaml", prepare=cloned) as program:
        page = await settings(browser, program, "voice")
        await offered(page, "speech", "voices")
        ids = "#f-speech_voices-0-samples"
        samples = program.root / "assets" / "voice_samples"
        before = sorted(samples.iterdir())
        await page.set_input_files(f"{ids}-file", short)
        await says(page, ".verdict", "초뿐이에요")
        await says(page, ".verdict", "저장하지 않았어요")
        assert sorted(samples.iterdir()) == before
        await picture(page, "voice-refused")

        data = await page.evaluate_handle(
            DROPPED,
            list(good.read_bytes()),
        )
        await page.dispatch_event(".drop", "drop", {"dataTransfer": data})
        await says(page, ".verdict", "쓸 수 있어요")
        await says(page, ".verdict", "글을 넣으면 훨씬 닮아요")
        await page.fill(f"{ids}-said", TEXT)
        await page.click(f"{ids}-text")
        await says(page, ".verdict", "좋은 녹음이에요")
        assert (samples / "우리-초코" / "ref_text.txt").read_text("utf-8").strip() == TEXT
        assert "우리-초코/ref.wav 파일을 페이지에서 받았어요" in program.log
        await picture(page, "voice-kept")
        await page.click(f"{ids}-use")
        await page.click("#saveNow")
        await says(page, "#note", "방송에 나갔어요", 60)
        assert "samples: assets/voice_samples/우리-초코" in text_of(program, "mine.yaml")
        assert await findings(page) == []


@pytest.mark.parametrize("card", ["voice", "sound"])
async def test_on_a_phone_nothing_hangs_over(browser: Browser, demo: Program, card: str) -> None:
    page = await settings(browser, demo, card, (360, 740))
    await offered(page, *{"voice": ("speech", "voice"), "sound": ("voice", "device")}[card])
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
    assert await findings(page) == []
    await picture(page, f"offers-{card}-360")
