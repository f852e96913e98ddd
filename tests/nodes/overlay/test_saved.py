"""The overlay's file."""

import json
from pathlib import Path
from typing import Any

import pytest

from nodes.overlay import _saved as saved
from nodes.overlay import _state as state
from schemas.chat import ChatMessage, HostLine
from schemas.playback import Heard


def message(name: str) -> ChatMessage:
    return ChatMessage(id=name, author="달토끼", text="안녕", channel_id="c1" if name == "b" else "")


def shown() -> state.Snapshot:
    found = state.empty()
    for name, at in (("a", 10.0), ("b", 90.0)):
        found = state.apply(found, state.viewer_line(message(name), at), 9)
    heard = Heard(turn="t1", sentence=0, text="반가워요!", fraction=0.5)
    for change in state.sentence_heard(found, heard, "happy", [{"id": "a", "user": "달토끼"}], 95.0):
        found = state.apply(found, change, 9)
    return found


def text() -> str:
    return saved.dump(shown(), now=100.0, at=5000.0, authors={"a": ["u1", 1.5]}, images={"k": "https://x"})


def test_a_run_that_began_later_has_the_same_lines_at_their_times() -> None:
    found = saved.load(text(), now=2.0, at=5030.0, keep_s=600.0)
    assert [(line["id"], line["ts"]) for line in found["shown"]["lines"]] == [("a", -118.0), ("b", -38.0)]
    assert [line["processed"] for line in found["shown"]["lines"]] == [True, False]
    assert [line.get("channel") for line in found["shown"]["lines"]] == [None, "c1"]
    assert found["shown"]["answers"] == [shown()["answers"][0] | {"ts": -33.0}]
    assert found["shown"]["caption"] is None
    assert (found["authors"], found["images"]) == ({"a": ("u1", 1.5)}, {"k": "https://x"})


def test_what_the_streamer_said_is_not_written_to_the_file() -> None:
    line = HostLine(id="h1", author="초코주인", text="비밀 이야기")
    spoken = state.apply(shown(), state.host_line(line, 200.0), 9)
    assert spoken["host"]["text"] == "비밀 이야기"
    written = saved.dump(spoken, now=100.0, at=5000.0, authors={}, images={})
    assert "비밀 이야기" not in written
    assert "반가워요!" in written
    assert saved.load(written, now=2.0, at=5030.0, keep_s=600.0)["shown"]["host"] is None


def test_lines_of_a_run_whose_time_of_day_was_ahead_are_not_still_to_come() -> None:
    found = saved.load(text(), now=2.0, at=5000.0 - 3600.0, keep_s=600.0)["shown"]
    assert [line["ts"] for line in found["lines"]] == [-88.0, -8.0]


def test_what_has_faded_in_the_meantime_is_gone() -> None:
    found = saved.load(text(), now=2.0, at=5030.0, keep_s=60.0)["shown"]
    assert [line["id"] for line in found["lines"]] == ["b"]


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"lines": [{}]},
        {"lines": None},
        {"answers": [3]},
        {"answers": [{"id": "t1", "emotion": "happy", "to": [], "ts": 1.0, "sentences": [{"id": 0}]}]},
        {"at": "x"},
        {"at": 10**400},
        {"authors": {"a": ["u1"]}},
        {"images": {"k": 1}},
    ],
)
def test_a_file_that_is_not_as_it_was_written_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the page starts empty
        saved.load(json.dumps(json.loads(text()) | change), now=0.0, at=5000.0, keep_s=600.0)


@pytest.mark.parametrize(
    "part",
    [
        {"ts": 1e999},
        {"ts": 10**400},
        {"ts": 1e308},
        {"user": None},
        {"processed": "yes"},
        {"badges": [{}]},
        {"emotes": []},
    ],
)
def test_a_line_that_is_not_as_it_was_written_is_refused(part: dict[str, Any]) -> None:
    content = json.loads(text())
    content["lines"][0] |= part
    with pytest.raises(ValueError, match="적었던 대로가 아니에요"):
        saved.load(json.dumps(content), now=0.0, at=5000.0, keep_s=600.0)


@pytest.mark.parametrize("broken", ["", "[]", "null", "{", text()[:-9]])
def test_half_a_file_is_refused(broken: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the page starts empty
        saved.load(broken, now=0.0, at=5000.0, keep_s=600.0)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "history" / "overlay.json"
    saved.write(path, "one")
    saved.write(path, "둘\ud83d")
    assert path.read_text(encoding="utf-8") == "둘?"
    assert [found.name for found in path.parent.iterdir()] == ["overlay.json"]
