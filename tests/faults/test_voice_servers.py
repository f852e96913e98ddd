"""Two voice servers, one of which is killed or frozen in the middle of a sentence."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.speech._http.voice import Http, HttpVoice
from nodes.speech._speaking.voice import VoiceError
from nodes.speech.serve import Hand
from nodes.troubles import Troubles
from tests.nodes.speech.stage import sentence
from tests.peers.tts_peer import SECONDS

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.component, pytest.mark.timeout(120)]


class Peer:
    """Runs ``serve-tts`` in a process."""

    def __init__(self, module: str = "tests.peers.tts_peer", *arguments: str, wait_s: float = 0.0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *(["-m", module] if module else []), *arguments, "--port", "0"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", "TTS_PEER_WAIT_S": str(wait_s)},
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        found = re.search(r"http://\S+", told)
        assert found, told
        self.url = found.group()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        if self._process.poll() is None:
            self._process.kill()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return self._process.wait(10)

    def left(self) -> tuple[int, str]:
        """Wait for its end; return the exit code and its last output."""
        assert self._process.stdout is not None
        words = self._process.stdout.read()
        return self._process.wait(20), words


@pytest.fixture
def peers() -> Iterator[tuple[Peer, Peer]]:
    first = Peer()
    try:
        second = Peer()
        try:
            yield first, second
        finally:
            second.end()
    finally:
        first.end()


class Told(Troubles):
    """``Clock`` and ``Log``."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def now(self) -> float:
        return time.monotonic()

    def info(self, text: str, **_: object) -> None:
        self.lines.append(text)

    warning = info

    def hide(self, secret: str) -> None:
        pass


async def _break_one(peers: tuple[Peer, Peer], blow: signal.Signals, stall_s: float) -> tuple[float, float, float]:
    """Return seconds: of sound before the blow; from the blow to the end of the sentence; to the next one's sound."""
    hand, told = Hand(), Told()
    voice = HttpVoice(Http(urls=tuple(peer.url for peer in peers), stall_s=stall_s), hand, told, told)
    try:
        await voice.prepare()
        heard, struck = 0.0, 0.0
        over = 0.0
        try:
            async for sound in voice.say(sentence("하나", 0)):
                heard += len(sound.samples) / sound.rate
                if heard > 1.0 and not struck:
                    struck = time.monotonic()
                    peers[0].send(blow)
        except VoiceError:
            over = time.monotonic() - struck
        assert over, "the sentence was said to its end"
        async for _ in voice.say(sentence("둘", 1)):
            break
        again = time.monotonic() - struck
        whole = 0.0
        async for sound in voice.say(sentence("셋", 2)):
            whole += len(sound.samples) / sound.rate
        assert whole == pytest.approx(SECONDS, abs=0.01)
        assert [line for line in told.lines if "건너뛰어요" in line]
        return heard, over, again
    finally:
        await voice.close()
        hand.close()


@pytest.mark.alone
@pytest.mark.parametrize(("blow", "stall_s"), [(signal.SIGKILL, 3.0), (signal.SIGSTOP, 0.5)])
def test_a_server_that_dies_in_a_sentence_costs_no_more_than_that_sentence(
    peers: tuple[Peer, Peer], blow: signal.Signals, stall_s: float
) -> None:
    heard, over, again = asyncio.run(_break_one(peers, blow, stall_s))
    print(f"{blow.name}: heard {heard:.2f} s, ended after {1000 * over:.0f} ms, next sound after {1000 * again:.0f} ms")
    assert 1.0 < heard < 2.5
    quiet = stall_s if blow is signal.SIGSTOP else 0.0
    assert over < quiet + 0.5
    assert again < quiet + 1.0


async def _whole(voice: HttpVoice, index: int) -> float:
    """Return the seconds of sound of a sentence."""
    return sum([len(sound.samples) / sound.rate async for sound in voice.say(sentence(str(index), index))])


@pytest.mark.alone
def test_of_two_servers_the_one_with_less_to_do_is_asked(peers: tuple[Peer, Peer]) -> None:
    async def story() -> list[float]:
        hand, told = Hand(), Told()
        voice = HttpVoice(Http(urls=tuple(peer.url for peer in peers)), hand, told, told)
        try:
            await voice.prepare()
            begun = time.monotonic()
            both = await asyncio.gather(_whole(voice, 0), _whole(voice, 1))
            return [*both, time.monotonic() - begun]
        finally:
            await voice.close()
            hand.close()

    first, second, took = asyncio.run(story())
    print(f"two sentences at once by two servers: {took:.2f} s")
    assert [first, second] == pytest.approx([SECONDS, SECONDS], abs=0.01)
    # One server speaks one sentence at a time, so a second one in its queue would end after twice the time.
    assert took < 2 * SECONDS / 2


@pytest.mark.alone
def test_a_slow_server_is_left_before_its_first_sound_and_a_killed_one_is_passed_over() -> None:
    async def story(slow: Peer, good: Peer, urls: tuple[str, ...]) -> tuple[list[float], list[float], int]:
        hand, told = Hand(), Told()
        voice = HttpVoice(Http(urls=urls, first_chunk_s=0.5), hand, told, told)
        whole: list[float] = []
        times: list[float] = []
        failures = 0
        try:
            await voice.prepare()
            for index in range(3):
                if index == 2:
                    good.send(signal.SIGKILL)
                begun = time.monotonic()
                try:
                    whole.append(await _whole(voice, index))
                except VoiceError:
                    failures += 1
                times.append(time.monotonic() - begun)
        finally:
            await voice.close()
            hand.close()
        return whole, times, failures

    slow = Peer(wait_s=30.0)
    try:
        good = Peer()
        try:
            whole, times, failures = asyncio.run(story(slow, good, (slow.url, good.url)))
        finally:
            good.end()
    finally:
        slow.end()
    print("sentences took", [round(each, 2) for each in times])
    assert whole == pytest.approx([SECONDS, SECONDS], abs=0.01)
    assert failures == 1
    assert 0.5 <= times[0] < SECONDS
    assert times[1] < SECONDS


@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be told to end there")
def test_a_server_that_is_told_to_end_says_goodbye() -> None:
    peer = Peer()
    peer.send(signal.SIGTERM)
    code, words = peer.left()
    peer.end()
    assert (code, words.strip()) == (0, "목소리 서버를 닫았어요.")


def test_the_command_serves_the_embedded_voice_to_the_node() -> None:
    async def story(url: str) -> float:
        hand, told = Hand(), Told()
        voice = HttpVoice(Http(urls=(url,), first_chunk_s=60.0), hand, told, told)
        try:
            await voice.prepare()
            return sum(
                [len(sound.samples) / sound.rate async for sound in voice.say(sentence("안녕하세요, 반갑습니다!"))]
            )
        finally:
            await voice.close()
            hand.close()

    peer = Peer("", "aischoco.py", "serve-tts", "--voice", "kokoro")
    try:
        assert 1.2 < asyncio.run(story(peer.url)) < 4.0
    finally:
        peer.end()
