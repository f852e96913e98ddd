"""The time of day jumps, an hour forward and two hours back, in the middle of a turn: no viewer notices.

The jump is made by libfaketime (``apt install faketime``), which leaves the monotonic clock alone, just as a correction
of a machine's clock does.
"""

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import figure
from tests.e2e.show import Show, accounted, read_srt, read_wav
from tests.faults.test_restart import unreadable
from tests.faults.test_voice_servers import Peer

__all__ = ["figure"]

LIBRARY = next(
    (
        folder / "libfaketimeMT.so.1"
        for folder in [*Path("/usr/lib").glob("*/faketime"), Path("/usr/local/lib/faketime"), Path("/usr/lib/faketime")]
        if (folder / "libfaketimeMT.so.1").is_file()
    ),
    None,
)
pytestmark = [
    pytest.mark.component,
    pytest.mark.timeout(120),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (apt install faketime)"),
]

HOUR_S = 3600
ANSWER_S = 25.0
"""Time to answer three viewers, one after the other; code that used the time of day would wait for an hour."""
GRAPH = """\
name: show
nodes:
  typed: {type: chat.typed}
  parse: {type: chat.parse, in: typed}
  filter: {type: chat.filter, in: parse}
  batch: {type: chat.batch, in: filter, speaking: voice.speaking, quiet_s: 0.2, max_wait_s: 0.5}
  reply: {type: reply.canned, in: batch, replies: config/canned_replies.yaml}
  split: {type: reply.split, in: reply}
  speech: {type: speech.http, in: split.sentence, urls: ["${VOICE}"]}
  voice: {type: audio.play, in: speech, device: none}
  overlay: {type: overlay.web, chat: filter, batch: batch, reply: split, heard: voice.heard, saved: history/page.json}
"""


class FalseTime:
    """Sets the time of day of a process, apart from the true one."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.jump(0)

    def jump(self, seconds: int) -> None:
        """Make the clock show this many seconds more than the true time from now on."""
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{seconds:+}\n", encoding="ascii")
        beside.replace(self._file)

    @property
    def env(self) -> Mapping[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
        }


def say(show: Show, text: str, **more: Any) -> None:
    """Say something as a viewer does, through the page."""
    body = json.dumps({"text": text, "name": text, **more}).encode()
    with urllib.request.urlopen(show.url, timeout=10) as page:
        token = re.search(r'aischoco-token" content="([^"]+)"', page.read().decode())
    assert token
    head = {"Content-Type": "application/json", "X-Token": token[1]}
    with urllib.request.urlopen(urllib.request.Request(f"{show.url}/api/say", body, head), timeout=10) as answer:
        assert json.load(answer)["ok"] is True


def give(show: Show, text: str) -> None:
    say(show, text, kind="donation", amount=1000)


def lines(show: Show) -> list[str]:
    return [line["user"] for line in (show.get("/api/state") or {"viewer_messages": []})["viewer_messages"]]


def counts(show: Show) -> dict[str, Any]:
    return (show.get("/api/graph") or {"viewer_events": {"in": 0, "answered": 0}})["viewer_events"]


def answers(show: Show, events: int) -> float:
    """Wait until this many viewers were answered; return the seconds that it took."""
    begun = time.monotonic()
    show.until(lambda: counts(show)["answered"] >= events, 40)
    return time.monotonic() - begun


def prepare(root: Path, before: Path | None) -> None:
    (root / "show.yaml").write_text(GRAPH, encoding="utf-8")
    if before is not None:
        shutil.copytree(before, root / "history")


def started(folder: Path, clock: FalseTime, voice: str, before: Path | None = None) -> Show:
    return Show(folder, "show.yaml", env={**clock.env, "VOICE": voice}, prepare=lambda root: prepare(root, before))


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Start a voice server with the true time of day."""
    monkeypatch.setenv("TTS_PEER_S_PER_CHAR", "0.05")
    peer = Peer()
    yield peer.url
    peer.end()


def test_a_time_of_day_that_jumps_by_hours_in_a_turn_changes_nothing(
    tmp_path: Path, voice: str, figure: Callable[[str], None]
) -> None:
    clock = FalseTime(tmp_path / "time")
    took: list[float] = []
    with started(tmp_path / "first", clock, voice) as show:
        show.until(lambda: show.get("/api/state"), 60)
        begun = time.monotonic()
        for number, seconds in enumerate((HOUR_S, -HOUR_S), 1):
            give(show, f"앞{number}")
            show.until(show.speaks, 40)
            clock.jump(seconds)
            give(show, f"후원{number}")
            say(show, f"오늘 뭐 했어요 {number}")
            took.append(answers(show, 3 * number))
        edited = time.monotonic()
        (show.root / "show.yaml").write_text(GRAPH.replace("max_wait_s: 0.5", "max_wait_s: 0.6"), "utf-8")
        show.until(lambda: show.get("/api/graph")["generation"] > 1, 10)
        reloaded = time.monotonic() - edited
        seen, turns = lines(show), show.get("/api/turns?last=50")
        seconds = time.monotonic() - begun
        show.process.terminate()
        assert show.ends(20) == 0, show.log
    report, history = show.report, show.root / "history"
    figure(
        f"+1 h and -2 h in a turn: {counted(report)}; turns of {', '.join(f'{one:.1f}' for one in took)} s, "
        f"a saved graph on air after {reloaded:.2f} s"
    )
    assert max(took) < ANSWER_S
    check(report, seen, turns, seconds)
    assert unreadable(history) == []
    heard = read_wav(show.session / "session.wav")
    assert heard.seconds < seconds + 2
    assert [cue.begin for cue in read_srt(show.session / "session.srt")] == sorted(
        cue.begin for cue in read_srt(show.session / "session.srt")
    )
    assert waiting(history) == []
    again(tmp_path, clock, voice, history, seen)


def counted(report: Any) -> str:
    return f"{report['viewer_events']['answered']} of {report['viewer_events']['in']} answered"


def check(report: Any, seen: list[str], turns: list[Any], seconds: float) -> None:
    """Check that everyone was answered once, in good time, and that all times come from a clock that only moves on."""
    events = report["viewer_events"]
    assert accounted(events)
    assert (events["in"], events["answered"], events["dropped"]) == (6, 6, {})
    assert seen == [f"{name}{number}" for number in (1, 2) for name in ("앞", "후원", "오늘 뭐 했어요 ")]
    thanked = [event for turn in report["turns"] for event in turn["batch"]]
    assert len(thanked) == len(set(thanked)) == 6
    for turn in report["turns"]:
        marks = [mark for mark in turn["marks"].values() if mark is not None]
        assert marks == sorted(marks), turn
        assert 0 <= marks[0] <= marks[-1] <= report["seconds"]
    assert len(turns) == len(report["turns"])
    assert seconds <= report["seconds"] < seconds + 60
    assert report["errors"] == []
    assert all(node["errors"] == node["restarts"] == 0 for node in report["nodes"].values())
    assert all((edge["age_p95_s"] or 0.0) < 60 for edge in report["edges"].values())


def waiting(history: Path) -> list[Any]:
    """Return the donations in the journal that have no verdict."""
    text = (history / "journal" / "show.jsonl").read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    for record in map(json.loads, text.splitlines()):
        if "done" in record:
            found.pop(record["done"], None)
        else:
            found[record["event"]["id"]] = record
    return list(found.values())


def again(tmp_path: Path, clock: FalseTime, voice: str, history: Path, seen: list[str]) -> None:
    """Run it an hour before the run whose files it reads: the page is the same, nobody is thanked twice."""
    clock.jump(-2 * HOUR_S)
    with started(tmp_path / "second", clock, voice, history) as show:
        show.until(lambda: show.get("/api/state"), 60)
        assert lines(show) == seen
        state = show.get("/api/state")
        assert all(line["ts"] <= state["now"] for line in state["viewer_messages"])
        give(show, "끝")
        answers(show, 1)
        show.process.terminate()
        assert show.ends(20) == 0, show.log
    assert counted(show.report) == "1 of 1 answered"
    assert len(list((show.root / "history" / "sessions").iterdir())) == 2
    assert unreadable(show.root / "history") == []
