"""A disk that is full, or a history/ that cannot be written: the show goes on, says so once, and goes on writing."""

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
from tests.e2e.show import Show, accounted

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
TOLD = ("No space left", "Not a directory", "cannot be written", "쓰지 못했습니다", "저장하지 못했습니다")


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
    """A file system of 2 MB at ``folder``; skips the test where that is not permitted."""
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
    """Write until nothing more goes in."""
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
