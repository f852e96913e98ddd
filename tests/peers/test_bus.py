"""The bus against a real nats-server: what it costs, what it survives. Figures are printed (``pytest -s``)."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.chat._chzzk.wire import kst
from tests.harness import ROOT
from tests.peers.bus_side import CHANNELS, WARM_S, lines
from tests.peers.nats_peer import NatsPeer, program

pytest.importorskip("nats")
pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed"),
    pytest.mark.timeout(120),
]

PATIENCE_S = 3.0
"""The patience of ``speech.fallback``."""
MARKS = ("begun", "shown", "over")
"""What is recorded about a turn: its batch, its first caption, its end."""


class Sides:
    """Runs places as processes."""

    def __init__(self, folder: Path, url: str, before: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.url = url
        self.recording = folder / "chat.jsonl"
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, graph: str, place: str, seconds: float, *more: int, before: tuple[str, ...] = (), url: str = ""):
        words = [sys.executable, "-m", "tests.peers.bus_side", graph, place, url or self.url, str(self.file(place))]
        env = {**os.environ, "RECORDING": str(self.recording)}
        process = subprocess.Popen([*before, *words, str(seconds), *map(str, more)], cwd=ROOT, env=env)
        self.running.append(process)
        return process

    def file(self, place: str) -> Path:
        return self.folder / f"{place or 'whole'}.jsonl"

    def wait(self) -> None:
        for process in self.running:
            process.wait(90)

    def end(self) -> None:
        """End all places, the last one that was started first."""
        for process in reversed(self.running):
            process.terminate()
            process.wait(90)

    def read(self, place: str, key: str) -> list:
        return [line[key] for line in lines(self.file(place)) if key in line]

    def until(self, place: str, key: str, count: int, within_s: float = 30.0) -> None:
        end = time.monotonic() + within_s
        while len(self.read(place, key)) < count:
            assert time.monotonic() < end, f"{place} has {len(self.read(place, key))} of {count} {key}"
            time.sleep(0.05)


@contextlib.contextmanager
def sides(folder: Path, url: str) -> Iterator[Sides]:
    made = Sides(folder, url)
    try:
        yield made
    finally:
        for process in made.running:
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def peer(tmp_path):
    with NatsPeer(tmp_path / "nats") as server:
        yield server


def gifts(made: Sides, count: int) -> tuple[list[int], float]:
    """Return what the far place handled, in order, and the longest gap after the first."""
    far = [line for line in lines(made.file("gpu")) if "handled" in line]
    times = [line["at"] for line in far]
    gap = max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)
    return [line["handled"] for line in far], gap


def check_gifts(made: Sides, count: int, outage_s: float, what: str) -> None:
    """Check that nothing is lost or handled twice, that the order is kept, and that it soon goes on."""
    handled, gap = gifts(made, count)
    counts = made.read("pc", "counts")[-1]
    print(f"\n{what}: {count} donations, handled {len(handled)}, twice {len(handled) - len(set(handled))}, ", end="")
    print(f"books {counts['answered']} answered {counts['waiting']} waiting, longest gap {gap:.2f} s")
    assert sorted(set(handled)) == list(range(count))
    assert len(handled) == count
    assert handled == sorted(handled)
    assert counts["in"] == count
    assert (counts["answered"], counts["waiting"]) == (count, 0)
    assert made.read("pc", "errors") == [[]]
    assert gap <= outage_s + 1.5


def test_donations_survive_a_server_that_is_killed_three_times(tmp_path, peer):
    with sides(tmp_path, peer.url) as made:
        made.start("gifts", "gpu", 100)
        made.start("gifts", "pc", 100, 500, 50)
        for done in (80, 200, 350):
            made.until("gpu", "handled", done)
            peer.kill()
            time.sleep(1.0)
            peer.start()
        made.until("pc", "answered", 500)
        made.end()
        check_gifts(made, 500, 1.0, "server kill -9 three times, 1 s each")


def test_donations_survive_a_server_that_does_not_answer_for_five_seconds(tmp_path, peer):
    with sides(tmp_path, peer.url) as made:
        made.start("gifts", "gpu", 17)
        made.start("gifts", "pc", 16, 300, 50)
        made.until("gpu", "handled", 80)
        with peer.paused():
            time.sleep(5.0)
        made.until("gpu", "handled", 300)
        made.wait()
        check_gifts(made, 300, 5.0, "server stopped for 5 s")


@pytest.mark.alone
def test_donations_survive_a_reader_that_is_killed(tmp_path, peer):
    """The reader begins the events it left without a verdict again: their turns were not over."""
    with sides(tmp_path, peer.url) as made:
        first = made.start("gifts", "gpu", 60)
        made.start("gifts", "pc", 16, 300, 50)
        made.until("gpu", "handled", 100)
        first.kill()
        first.wait()
        seen = [line["handled"] for line in lines(made.file("gpu")) if "handled" in line]
        time.sleep(1.0)
        second = made.start("gifts", "gpu", 11)
        made.until("gpu", "handled", 300)
        made.running[1].wait(60)
        second.wait(60)
        handled, gap = gifts(made, 300)
        counts = made.read("pc", "counts")[-1]
        twice = len(handled) - len(set(handled))
        print(f"\nreader kill -9: 300 donations, handled again {twice}, gap {gap:.2f} s, books {counts}")
        assert sorted(set(handled)) == list(range(300))
        assert handled[len(seen) :] == sorted(handled[len(seen) :])
        assert twice <= 2, "only what had no verdict yet is done again"
        assert (counts["answered"], counts["waiting"]) == (300, 0)


def test_donations_wait_where_the_disk_is_full_and_come_when_there_is_room(tmp_path):
    with NatsPeer(tmp_path / "nats", max_file="40KB") as peer, sides(tmp_path, peer.url) as made:
        made.start("gifts", "gpu", 14)
        made.start("gifts", "pc", 13, 150, 50)
        time.sleep(2 * WARM_S + 3.0)
        came = len(made.read("gpu", "handled"))
        peer.stop()
        peer.configure("64MB")
        peer.start()
        made.wait()
        counts, handled = made.read("pc", "counts")[-1], made.read("gpu", "handled")
        print(f"\ndisk of 40 kB: {came} of 150 came, with room {len(handled)}, books {counts}")
        assert came < 150
        assert handled == list(range(150))
        assert (counts["answered"], counts["waiting"]) == (150, 0)
        assert made.read("pc", "errors") == [[]]


def spread_of(times: list[float]) -> tuple[float, float, float]:
    """Return p50, p95 and p99 in milliseconds."""
    ordered = [1000 * each for each in sorted(times)]
    return tuple(ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.95, 0.99))  # type: ignore[return-value]


@pytest.mark.alone
def test_twenty_channels_of_speech_arrive_without_a_gap(tmp_path, peer):
    with sides(tmp_path, peer.url) as made:
        made.start("speech", "pc", 13)
        made.start("speech", "gpu", 12, 96)
        time.sleep(2 * WARM_S)
        before = peer.cpu_s()
        made.wait()
        heard, took = made.read("pc", "heard"), made.read("pc", "took")
        p50, p95, p99 = spread_of(took)
        cpu = {place: made.read(place, "cpu")[-1] for place in ("pc", "gpu")}
        print(f"\n{CHANNELS} channels of 48 kB/s, 8 s: {len(heard)} chunks, ", end="")
        print(f"p50 {p50:.2f} p95 {p95:.2f} p99 {p99:.2f} ms; CPU s with start: reader {cpu['pc']:.2f}, ", end="")
        print(f"sender {cpu['gpu']:.2f}; server {peer.cpu_s() - before:.2f}")
        assert sorted(heard) == sorted(list(range(96)) * CHANNELS)
        assert p99 < 500.0


@pytest.mark.alone
def test_a_voice_at_another_place_adds_little(tmp_path, peer):
    with sides(tmp_path, peer.url) as made:
        made.start("echo", "", 8, 100, 20)
        made.wait()
        made.start("echo", "gpu", 9)
        made.start("echo", "pc", 8, 100, 20)
        made.wait()
        whole, cut = spread_of(made.read("", "took")), spread_of(made.read("pc", "took"))
        print(f"\nchat to voice and back: whole {whole}, cut {cut}; added p95 {cut[1] - whole[1]:.2f} ms")
        assert len(made.read("pc", "took")) == 100
        assert cut[1] - whole[1] < 500.0


def record(file: Path, *groups: tuple[float, list[str]]) -> None:
    """Write a recorded chat: (seconds, what is said then); ``1000 text`` is a donation."""
    lines = []
    for number, (at, text) in enumerate((at, text) for at, texts in groups for text in texts):
        amount, _, words = text.partition(" ")
        person = {"channelId": "c", "profile": {"nickname": f"시청자{number}"}}
        payload = {**person, "senderChannelId": f"u{number}", "content": text, "messageTime": 1000 + number}
        if amount.isdecimal():
            payload = {**person, "donatorChannelId": f"u{number}", "donatorNickname": f"시청자{number}"}
            payload |= {"payAmount": amount, "donationText": words, "donationType": "CHAT"}
            payload["eventSentAt"] = kst(1_800_000_000_000 + number)  # without it each run has another donation
        event = "DONATION" if amount.isdecimal() else "CHAT"
        lines.append(json.dumps({"t": round(at, 3), "event": event, "payload": payload}, ensure_ascii=False))
    file.write_text("\n".join(lines), encoding="utf-8")


def test_a_recorded_chat_is_decided_alike_whole_and_by_two_processes(tmp_path, peer):
    said = [
        ["안녕하세요", "반가워요"],
        ["1000 힘내세요"],
        ["ㅋ"],
        ["오늘 뭐 해요", "날씨 어때요", "아"],
        ["5000 최고예요"],
        ["잘 자요"],
    ]
    seconds = 1.5 + 1.4 * len(said) + 1.0
    with sides(tmp_path, peer.url) as made:
        record(made.recording, *((1.5 + 1.4 * number, texts) for number, texts in enumerate(said)))
        answers = made.start("far", "gpu", 60)
        made.until("gpu", "started", 1)
        for place in ("pc", ""):
            made.start("far", place, seconds)
        for process in made.running[1:]:
            process.wait(60)
        answers.terminate()
        made.wait()
        whole, cut = ((made.read(place, "turns")[0], made.read(place, "fates")[0]) for place in ("", "pc"))
        errors = [made.read(place, "errors") for place in ("", "pc", "gpu")]
    print(f"\nwhole and cut: {len(whole[0])} turns, fates {sorted(whole[1].values())}")
    assert len(whole[0]) == 5
    assert sorted(whole[1].values()) == sorted(["answered"] * 7 + ["too_short"] * 2)
    assert cut == whole
    assert errors == [[[]], [[]], [[]]]


@pytest.mark.parametrize("lost", ["the voice", "the server"])
def test_the_show_goes_on_by_text_while_the_voice_is_away_and_is_heard_again_when_it_is_back(tmp_path, peer, lost):
    with sides(tmp_path, peer.url) as made:
        record(made.recording, *((2.0 + 0.4 * number, [f"오늘 이야기 {number}"]) for number in range(100)))
        voice = made.start("show", "gpu", 60)
        made.until("gpu", "started", 1)
        show = made.start("show", "pc", 60)
        made.until("pc", "over", 2)
        if lost == "the voice":
            voice.kill()
            voice.wait()
        else:
            peer.kill()
        gone = time.monotonic()
        over = len(made.read("pc", "over"))
        made.until("pc", "over", over + 4)
        spoken = len(made.read("pc", "spoken"))
        back = time.monotonic()
        if lost == "the voice":
            made.start("show", "gpu", 60)
        else:
            peer.start()
        made.until("pc", "spoken", spoken + 1)
        show.terminate()
        show.wait(20)
        told = lines(made.file("pc"))
    begun, shown, over = ({line[key]: line["at"] for line in reversed(told) if key in line} for key in MARKS)
    away = [turn for turn, at in begun.items() if gone < at < back and turn in over]
    waits = sorted(shown[turn] - begun[turn] for turn in away)
    turns = sorted(over[turn] - begun[turn] for turn in over if gone < over[turn] < back)
    heard = [line["at"] for line in told if "spoken" in line]
    again = min(at for at in heard if at > back) - back
    print(f"\n{lost} killed: first captions of {len(away)} turns after {waits[0]:.2f}-{waits[-1]:.2f} s, ", end="")
    print(f"turns of {turns[0]:.2f}-{turns[-1]:.2f} s, speech {again:.2f} s after it was started again")
    assert [at for at in heard if at < gone]
    assert not [at for at in heard if gone + 1.0 < at < back]
    assert len(away) >= 3
    assert waits[-1] < PATIENCE_S + 2.0
    assert waits[len(waits) // 2] < 1.5
    assert turns[-1] < 15.0
    assert again < 15.0
    assert [line["errors"] for line in told if "errors" in line] == [[]]
