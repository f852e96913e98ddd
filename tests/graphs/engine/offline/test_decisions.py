import asyncio
import json

from graphs.engine.offline.decisions import SHOWN, Decisions, differences, side_by_side
from tests.graphs.engine.stage import graph_of, play

SHOW = {"count": ("chat.count", {"count": 4}), "refuse": "chat.refuse", "batch": "chat.single", "say": "audio.say"}
WIRES = ("count -> refuse.chat", "refuse -> batch.chat", "batch -> say.batch", "say.speaking -> batch.speaking")


def decided(seconds: float = 10.0, stations=SHOW, wires=WIRES) -> Decisions:
    made: list[Decisions] = []

    async def story(runtime):
        made.append(Decisions(runtime))
        await asyncio.sleep(seconds)

    runtime = play(graph_of(stations, *wires), story)
    made[0].close()
    assert runtime.ledger.received_count
    return made[0]


def test_every_turn_and_every_drop_is_taken_down_in_order():
    lines = [json.loads(line) for line in decided().text().splitlines()]
    assert [(line["what"], line.get("id") or line.get("turn")) for line in lines[:-1]] == [
        ("dropped", "1"),
        ("dropped", "3"),
        ("turn", "t-0"),
        ("turn", "t-2"),
    ]
    assert lines[0] == {"t": 0.2, "what": "dropped", "id": "1", "reason": "duplicate", "lane": "chat", "text": "1"}
    assert lines[2]["batch"] == ["0"]
    assert lines[2]["shown"] is True
    assert lines[-1]["what"] == "end"
    assert lines[-1]["viewer_events"]["answered"] == 2


def test_two_may_take_down_one_run_each_whole():
    made: list[Decisions] = []

    async def story(runtime):
        made.extend((Decisions(runtime), Decisions(runtime)))
        await asyncio.sleep(10.0)

    play(graph_of(SHOW, *WIRES), story)
    assert made[0].text() == made[1].text() != ""


def test_the_same_run_gives_the_same_bytes():
    assert decided().text() == decided().text()


def test_a_turn_that_did_not_end_is_told():
    assert [line["turn"] for line in decided(0.45).lines if line["what"] == "unfinished"] == []
    slow = {**SHOW, "say": ("audio.say", {"work_s": 50.0})}
    assert [line["turn"] for line in decided(5.0, slow).lines if line["what"] == "unfinished"]


def test_two_runs_are_compared_message_by_message():
    passing = {**SHOW, "refuse": "chat.pass"}
    one, other = decided(), decided(stations=passing)
    assert differences(one, other) == {"duplicate → answered": ["1", "3"]}
    told = side_by_side(("a", "b"), (one, other))
    assert "duplicate → answered: 2" in told
    assert [line.split() for line in told.splitlines() if line.startswith(("answered", "turns"))] == [
        ["turns", "2", "4"],
        ["answered", "2", "4"],
    ]


def test_equal_runs_differ_in_nothing():
    assert "다르게 다룬 메시지가 없어요" in side_by_side(("a", "b"), (decided(), decided()))


def test_of_many_differences_some_are_named_and_the_rest_is_counted():
    one, other = decided(), decided()
    for number in range(SHOWN + 3):
        one.fates[f"x{number}"] = "link"
    told = side_by_side(("a", "b"), (one, other))
    assert f"link → waiting: {SHOWN + 3}" in told
    assert "... 그 밖에 3개" in told
