"""chat.replay"""

import json
from pathlib import Path
from typing import Any

import pytest

from schemas.chat import RawPayload
from tests.harness import Ran, run
from tests.nodes.chat.fakes import CHAT, DONATION, chat


def line(t: float, payload: Any = "{}", event: str = "CHAT") -> str:
    return json.dumps({"t": t, "event": event, "payload": payload}, ensure_ascii=False)


def play(folder: Path, *lines: str | bytes, until: float = 3600.0, **settings: Any) -> Ran:
    file = folder / "chat.jsonl"
    file.write_bytes(b"\n".join(each if isinstance(each, bytes) else each.encode() for each in lines))
    return run("chat.replay", {}, settings={"file": file, **settings}, until=until)


def times(ran: Ran) -> list[float]:
    return [at for at, _, _ in ran.out]


def test_events_come_at_their_times_and_then_it_completes(tmp_path: Path) -> None:
    ran = play(tmp_path, line(0.5, '{"a":1}'), line(0.5, {"b": 2}, "DONATION"), line(2))
    assert ran.out == [
        (0.5, "out", RawPayload(event="CHAT", payload='{"a":1}')),
        (0.5, "out", RawPayload(event="DONATION", payload={"b": 2})),
        (2.0, "out", RawPayload(event="CHAT", payload="{}")),
    ]
    assert ran.completed_at == 2.0
    assert ran.error is None


def test_speed_divides_the_times_of_the_recording(tmp_path: Path) -> None:
    assert times(play(tmp_path, line(1), line(4), speed=2)) == [0.5, 2.0]


def test_times_do_not_drift_over_many_events(tmp_path: Path) -> None:
    ran = play(tmp_path, *(line(number / 10) for number in range(2000)))
    assert times(ran) == [round(number / 10, 6) for number in range(2000)]


def test_an_event_out_of_order_comes_at_once(tmp_path: Path) -> None:
    assert times(play(tmp_path, line(2), line(1), line(3))) == [2.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "broken",
    [
        "not json",
        "[1]",
        b'\xff\xfe{"t": 1}',
        '{"t": "1", "event": "CHAT", "payload": "{}"}',
        '{"t": true, "event": "CHAT", "payload": "{}"}',
        '{"t": NaN, "event": "CHAT", "payload": "{}"}',
        f'{{"t": {10**400}, "event": "CHAT", "payload": "{{}}"}}',
        '{"t": -1, "event": "CHAT", "payload": "{}"}',
        '{"t": 1, "event": 5, "payload": "{}"}',
        '{"t": 1, "event": "CHAT", "payload": [1]}',
        "[" * 100_000,
    ],
)
def test_a_broken_line_is_counted_and_passed_over(tmp_path: Path, broken: str | bytes) -> None:
    ran = play(tmp_path, line(1), broken, "", line(2))
    assert times(ran) == [1.0, 2.0]
    assert ran.malformed == ["line"]
    assert len(ran.log) == 1
    assert "chat.jsonl:2" in ran.log[0]
    assert ran.error is None


def test_only_the_first_broken_lines_are_logged(tmp_path: Path) -> None:
    ran = play(tmp_path, *["x"] * 50)
    assert len(ran.malformed) == 50
    assert len(ran.log) == 3


def held(folder: Path, *, guest: bool) -> list[float]:
    file = folder / "chat.jsonl"
    file.write_text(f"{line(1)}\n{line(3)}\n{line(50)}\n", encoding="utf-8")
    came = [(2.0, chat("g", guest=guest))]
    return times(run("chat.replay", {"guest": came}, settings={"file": file}, complete_at=200.0))


def test_the_recording_stands_still_while_a_guest_waits_and_no_longer_than_the_limit(tmp_path: Path) -> None:
    assert held(tmp_path, guest=False) == [1.0, 3.0, 50.0]
    assert held(tmp_path, guest=True) == pytest.approx([1.0, 33.0, 80.0], abs=0.11)


def test_a_loop_plays_again_with_later_message_times(tmp_path: Path) -> None:
    ran = play(tmp_path, line(0, json.dumps(CHAT)), line(2, DONATION), loop=True, until=5.5)
    assert times(ran) == [0.0, 2.0, 3.0, 5.0]
    first, donated, again, donated_again = ran.events()
    assert json.loads(first.payload) == CHAT
    assert json.loads(again.payload) == {
        **CHAT,
        "messageTime": CHAT["messageTime"] + 3000,
        "eventSentAt": "2026-07-26T03:14:21.630000000",
    }
    assert donated.payload == DONATION
    assert donated_again.payload == {**DONATION, "eventSentAt": "2026-07-26T03:14:21.630000000"}


@pytest.mark.parametrize("payload", ["no json", "[1]", "{}"])
def test_a_loop_leaves_a_payload_without_times_as_it_is(tmp_path: Path, payload: str) -> None:
    ran = play(tmp_path, line(0, payload), loop=True, until=1.5)
    assert [event.payload for event in ran.events()] == [payload, payload]


def test_a_loop_over_nothing_ends(tmp_path: Path) -> None:
    assert play(tmp_path, "x", loop=True).completed_at == 0.0


def test_a_missing_file_is_told_when_the_graph_is_built(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"none\.jsonl에 채팅 녹화가 없어요"):
        run("chat.replay", {}, settings={"file": tmp_path / "none.jsonl"})
