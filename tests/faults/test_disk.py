"""A full disk, or a history/ that cannot be written: the show goes on, reports it once, and goes on writing."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import figure
from tests.e2e.show import Show, accounted, read_srt, read_wav
from tests.faults.test_voice_servers import Peer

__all__ = ["figure"]

pytestmark = [pytest.mark.component, pytest.mark.timeout(120)]

GRAPH = """\
name: disk
nodes:
  replay: {type: chat.replay, file: gifts.jsonl}
  parse: {type: chat.parse, in: replay}
  filter: {type: chat.filter, in: parse}
  batch: {type: chat.batch, in: filter, quiet_s: 0.1, max_wait_s: 0.3}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  overlay: {type: overlay.web, chat: filter, batch: batch, reply: split.sentence, saved: history/overlay.json}
"""
PER_S = 4
FULL_S = 4.0
BACK_S = 20.0
TOLD = ("가득 찼어요", "폴더가 아닌 것이", "cannot be written", "쓰지 못했어요", "저장하지 못했어요", "쓸 수 없어요")


def gift(number: int) -> dict[str, Any]:
    body = {"donationType": "CHAT", "channelId": "c" * 32, "donatorChannelId": f"{number:032x}", "emojis": {}}
    body |= {"donatorNickname": f"후원자{number}", "payAmount": "1000", "donationText": f"{number}번째 응원이야"}
    return {"t": number / PER_S, "event": "DONATION", "payload": json.dumps(body, ensure_ascii=False)}


def prepare(root: Path) -> None:
    gifts = "".join(json.dumps(gift(number), ensure_ascii=False) + "\n" for number in range(90 * PER_S))
    (root / "gifts.jsonl").write_text(gifts, encoding="utf-8")
    (root / "disk.yaml").write_text(GRAPH, encoding="utf-8")


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """Mount a file system of 2 MB at ``folder``; skip the test where that is not permitted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        done = subprocess.run(mount, capture_output=True, timeout=10, check=False)
    except OSError:
        pytest.skip("there is no mount")
    if done.returncode:
        pytest.skip("mounting is not permitted")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], timeout=10, check=False)


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as filler:
        for size in (65536, 512, 1):
            with contextlib.suppress(OSError):
                while filler.write(bytes(size)):
                    pass


def answered(show: Show) -> int:
    return (show.get("/api/graph") or {"viewer_events": {"answered": 0}})["viewer_events"]["answered"]


def troubles(show: Show) -> list[str]:
    return [line for line in show.log.splitlines() if any(part in line for part in TOLD)]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
def test_on_a_full_disk_donations_are_answered_and_when_there_is_room_it_writes_again(
    tmp_path: Path, figure: Callable[[str], None]
) -> None:
    history = tmp_path / "history"
    with small_disk(history):
        with Show(tmp_path / "show", "disk.yaml", prepare=lambda root: (prepare(root), linked(root, history))) as show:
            show.until(lambda: answered(show) >= 4, 60)
            fill(history / "filler")
            before = answered(show)
            time.sleep(FULL_S)
            meanwhile = answered(show) - before
            assert os.statvfs(history).f_bavail == 0
            said = troubles(show)
            (history / "filler").unlink()
            freed = time.monotonic()
            show.until(lambda: "is written again" in show.log, BACK_S)
            back = time.monotonic() - freed
            page = history / "overlay.json"
            show.until(lambda: page.stat().st_mtime > time.time() - 1.5, BACK_S)
            show.process.terminate()
            assert show.ends(20) == 0, show.log
        figure(
            f"full for {FULL_S:.0f} s: {meanwhile} donations answered meanwhile, {len(said)} lines about it, donations "
            f"are on the disk again {back:.1f} s after there was room"
        )
        done = show.report
        json.loads(page.read_text(encoding="utf-8"))
        for line in (history / "journal" / "disk.jsonl").read_bytes().splitlines():
            json.loads(line)
    assert meanwhile >= 0.5 * FULL_S * PER_S
    assert accounted(done["viewer_events"])
    assert done["viewer_events"]["dropped"] == {}
    assert 1 <= len(said) <= 4, said
    assert all(node["restarts"] == node["errors"] == 0 for node in done["nodes"].values())


def linked(root: Path, history: Path) -> None:
    (root / "history").symlink_to(history)


def test_with_a_file_in_the_place_of_history_the_show_goes_on(tmp_path: Path, figure: Callable[[str], None]) -> None:
    def no_folder(root: Path) -> None:
        prepare(root)
        (root / "history").write_text("", encoding="utf-8")

    with Show(tmp_path, "disk.yaml", prepare=no_folder) as show:
        show.until(lambda: answered(show) >= 12, 60)
        said = troubles(show)
        (show.root / "history").unlink()
        removed = time.monotonic()
        show.until(lambda: (show.root / "history" / "overlay.json").is_file(), BACK_S)
        back = time.monotonic() - removed
        show.until(lambda: answered(show) >= 16, 20)
        show.process.terminate()
        assert show.ends(20) == 0, show.log
    figure(f"no folder: {len(said)} lines about it; the page is saved {back:.1f} s after it could be")
    assert 1 <= len(said) <= 5, said
    assert done_well(show.report)


def done_well(report: Any) -> bool:
    return accounted(report["viewer_events"]) and report["viewer_events"]["dropped"] == {} and not report["errors"]


SPOKEN = """\
name: spoken
nodes:
  replay: {type: chat.replay, file: gifts.jsonl}
  parse: {type: chat.parse, in: replay}
  batch: {type: chat.batch, in: parse, speaking: voice.speaking, quiet_s: 0.1, max_wait_s: 0.3}
  reply: {type: reply.canned, in: batch}
  split: {type: reply.split, in: reply}
  speech: {type: speech.http, in: split.sentence, urls: ["${VOICE}"]}
  voice: {type: audio.play, in: speech, device: none}
"""
RECORDED_S = 1.0


def recorded_s(folder: Path) -> float:
    """Return the length of the recording, which must be exactly as long as its header says."""
    for file in folder.glob("*/session.wav"):
        data = file.read_bytes()
        size = int.from_bytes(data[40:44], "little")
        assert data[:4] == b"RIFF"
        assert len(data) >= 44 + size
        return read_wav(file).seconds
    return 0.0


@pytest.mark.skipif(sys.platform != "linux", reason="needs a small file system of its own")
def test_the_recording_of_the_voice_stays_whole_on_a_full_disk_and_goes_on_when_there_is_room(
    tmp_path: Path, figure: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoken(root: Path) -> None:
        prepare(root)
        (root / "spoken.yaml").write_text(SPOKEN, encoding="utf-8")
        linked(root, history)

    monkeypatch.setenv("TTS_PEER_S_PER_CHAR", "0.05")
    history, sessions, voice = tmp_path / "history", tmp_path / "history" / "sessions", Peer()
    with contextlib.ExitStack() as ending:
        ending.callback(voice.end)
        ending.enter_context(small_disk(history))
        with Show(tmp_path / "show", "spoken.yaml", env={"VOICE": voice.url}, prepare=spoken) as show:
            show.until(lambda: recorded_s(sessions) > RECORDED_S, 60)
            fill(history / "filler")
            show.until(lambda: "녹음하지 못해요" in show.log, 20)
            before = recorded_s(sessions)
            time.sleep(FULL_S / 2)
            assert recorded_s(sessions) == before
            (history / "filler").unlink()
            freed = time.monotonic()
            show.until(lambda: "목소리를 다시 녹음해요" in show.log, BACK_S)
            back = time.monotonic() - freed
            after = recorded_s(sessions)
            show.process.terminate()
            assert show.ends(20) == 0, show.log
        (folder,) = sessions.iterdir()
        whole, cues = read_wav(folder / "session.wav"), read_srt(folder / "session.srt")
        assert sorted(file.name for file in folder.iterdir()) == ["session.srt", "session.wav"]
        assert (folder / "session.wav").stat().st_size == 44 + 2 * len(whole.samples)
    figure(f"recorded {before:.1f} s before, {after:.1f} s when it went on, {back:.1f} s after there was room")
    assert after >= before + FULL_S / 2
    assert whole.seconds >= after
    assert show.log.count("녹음하지 못해요") == 1
    assert [cue.begin for cue in cues] == sorted(cue.begin for cue in cues)
    assert cues[-1].end <= whole.seconds + 0.1
    assert done_well(show.report)
