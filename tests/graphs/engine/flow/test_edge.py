from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.engine.flow.edge import Edge
from schemas.chat import ChatMessage, Donation
from schemas.graph import Policy
from schemas.speech import SpeechChunk


@dataclass
class Station:
    blocked: int = 0
    woken: int = 0
    instance: object = None
    scheduled: bool = False
    straight: object = None

    def take_now(self, edge, event):
        return False

    def wake(self):
        self.woken += 1


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def chat(number):
    return ChatMessage(id=f"c{number}", author="a")


def gift(number):
    return Donation(id=f"d{number}", author="a", amount=1000)


def edge(overflow, capacity=3, capacity_s=None, max_age_s=None, clock=None):
    verdicts = []
    made = Edge(
        "a -> b.in",
        "chat",
        Policy(overflow, capacity, capacity_s, max_age_s),
        clock or Clock(),
        lambda event, reason: verdicts.append((event.id, reason)),
    )
    made.writer, made.reader = Station(), Station()
    return made, verdicts


def take_all(made):
    out = []
    while made.stamp() is not None:
        out.append(made.take())
    return out


def test_a_fresh_edge_drops_the_oldest_with_a_verdict():
    made, verdicts = edge("fresh")
    for number in range(5):
        made.put(chat(number))
    assert verdicts == [("c0", "flood"), ("c1", "flood")]
    assert [event.id for event in take_all(made)] == ["c2", "c3", "c4"]
    assert made.dropped == {"flood": 2}


def test_a_donation_is_never_dropped_from_a_fresh_edge():
    made, verdicts = edge("fresh", capacity=2)
    for event in (gift(0), chat(1), gift(2), gift(3)):
        made.put(event)
    assert [event.id for event in take_all(made)] == ["d0", "d2", "d3"]
    assert verdicts == [("c1", "flood")]


def test_a_stale_chat_line_is_dropped_and_a_stale_donation_is_not():
    clock = Clock()
    made, verdicts = edge("fresh", max_age_s=30.0, clock=clock)
    made.put(gift(0))
    made.put(chat(1))
    clock.now = 30.1
    assert [event.id for event in take_all(made)] == ["d0"]
    assert verdicts == [("c1", "stale")]


def test_a_full_block_edge_asks_its_writer_to_wait_until_there_is_room():
    made, _ = edge("block", capacity=2)
    made.put(chat(0))
    assert made.writer.blocked == 0
    made.put(chat(1))
    made.put(chat(2))
    assert made.writer.blocked == 1
    made.stamp(), made.take()
    assert made.writer.blocked == 1
    made.take()
    assert (made.writer.blocked, made.writer.woken) == (0, 1)


def test_a_producer_that_cannot_wait_is_cut_off_in_the_end():
    made, verdicts = edge("block", capacity=300)
    for number in range(1300):
        made.put(chat(number))
    assert len(made) == 1200
    assert len(verdicts) == 100
    assert verdicts[0] == ("c1200", "flood")


def test_events_survive_when_an_edge_is_made_smaller():
    made, verdicts = edge("block", capacity=16)
    for number in range(9):
        made.put(chat(number))
    made.set_policy(Policy("block", 1, None, None))
    made.put(chat(9))
    assert (len(made), verdicts) == (10, [])


def test_speech_is_bounded_in_seconds_of_sound():
    made, _ = edge("block", capacity=100, capacity_s=1.0)
    for sequence in range(3):
        samples = np.zeros(12_000, np.float32)
        made.put(SpeechChunk(turn="t", sentence=0, samples=samples, rate=24_000, sequence=sequence))
    assert made.writer.blocked == 1
    made.stamp(), made.take()
    made.take()
    assert made.writer.blocked == 0
    assert made.seconds == pytest.approx(0.5)


def test_a_latest_edge_keeps_one_event_and_gives_no_verdict():
    made, verdicts = edge("latest", capacity=1)
    made.put(chat(0))
    made.put(chat(1))
    assert [event.id for event in take_all(made)] == ["c1"]
    assert (verdicts, made.dropped) == ([], {"superseded": 1})


def test_a_sure_edge_exceeds_its_capacity_rather_than_drop():
    made, verdicts = edge("sure", capacity=1)
    for number in range(5):
        made.put(chat(number))
    assert len(take_all(made)) == 5
    assert verdicts == []


def test_the_writer_of_a_full_edge_is_free_when_it_leaves():
    made, _ = edge("block", capacity=1)
    writer = made.writer
    made.put(chat(0))
    made.leave()
    assert (writer.blocked, made.closing, len(made)) == (0, True, 1)
    made.leave()


def test_new_limits_hold_at_once():
    made, _ = edge("block", capacity=1)
    made.put(chat(0))
    made.set_policy(Policy("block", 2, None, None))
    assert made.writer.blocked == 0


def test_what_is_discarded_gets_its_verdict():
    made, verdicts = edge("block", capacity=1)
    made.put(chat(0))
    assert made.discard("unaccounted") == 1
    assert (verdicts, made.writer.blocked, list(made)) == ([("c0", "unaccounted")], 0, [])


@given(
    st.sampled_from(["fresh", "block", "latest", "sure"]),
    st.integers(1, 4),
    st.lists(st.sampled_from(["chat", "gift", "pop"])),
)
def test_every_event_comes_out_or_is_counted_and_order_is_kept(overflow, capacity, steps):
    made, _ = edge(overflow, capacity)
    entered, left = [], []
    for number, step in enumerate(steps):
        if step == "pop":
            if made.stamp() is not None:
                left.append(made.take())
        else:
            entered.append(chat(number) if step == "chat" else gift(number))
            made.put(entered[-1])
    waiting = list(made)
    assert made.count == len(entered) == len(left) + len(waiting) + sum(made.dropped.values())
    out = [event.id for event in left + waiting]
    assert out == [event.id for event in entered if event.id in set(out)]
    assert [event.id for event in entered if event.overflow == "sure"] == [
        event.id for event in left + waiting if event.overflow == "sure"
    ]
    assert made.writer.blocked == int(made.full)


def test_an_event_that_the_reader_takes_at_once_never_waits():
    made, _ = edge("fresh")
    taken = []
    made.reader.straight = made
    made.reader.take_now = lambda edge, event: taken.append((edge, event.id)) or True
    made.put(chat(0))
    assert taken == [(made, "c0")]
    assert (made.count, len(made), made.queue_max, sum(made.ages.counts)) == (1, 0, 0, 1)
    assert made.reader.woken == 0


def test_an_event_that_the_reader_is_too_busy_for_waits_as_any_other():
    made, _ = edge("fresh")
    made.reader.straight = made
    made.put(chat(0))
    assert [event.id for event in take_all(made)] == ["c0"]
    assert made.reader.woken == 1


def test_an_edge_in_which_nothing_waits_gives_nothing():
    made, verdicts = edge("fresh", max_age_s=30.0, clock=(clock := Clock()))
    assert made.take() is None
    made.put(chat(0))
    clock.now = 31.0
    assert made.take() is None
    assert verdicts == [("c0", "stale")]


def test_what_is_shed_gets_its_verdict_and_what_is_sure_stays():
    made, verdicts = edge("block", capacity=3)
    for event in (chat(0), gift(1), chat(2)):
        made.put(event)
    assert (made.full, made.writer.blocked) == (True, 1)
    assert [event.id for event in made.shed("stopped")] == ["c0", "c2"]
    assert verdicts == [("c0", "stopped"), ("c2", "stopped")]
    assert (made.full, made.writer.blocked, [event.id for event in made]) == (False, 0, ["d1"])
    assert made.shed("stopped") == []


def test_the_writer_runs_while_it_has_an_instance_and_has_not_left():
    made, _ = edge("fresh")
    assert not made.writer_runs
    made.writer.instance = object()
    assert made.writer_runs
    made.leave()
    assert not made.writer_runs


@pytest.mark.parametrize("capacity_s", [None, 2.0])
def test_a_writer_goes_on_when_all_that_it_waits_behind_has_become_stale(capacity_s):
    clock = Clock()
    made, _ = edge("block", 2, capacity_s, max_age_s=1.0, clock=clock)
    for number in range(2):
        made.put(SpeechChunk(turn="t", sentence=number, samples=np.zeros(24_000, np.float32), rate=24_000))
    assert made.writer.blocked == 1
    clock.now = 5.0
    assert made.take() is None
    assert (made.writer.blocked, made.writer.woken, made.seconds) == (0, 1, 0.0)


def test_what_is_sure_still_counts_when_the_rest_is_shed():
    made, _ = edge("block", 10, capacity_s=3.0)

    class Sure(SpeechChunk):
        overflow = "sure"

    for kind in (SpeechChunk, Sure, SpeechChunk):
        made.put(kind(turn="t", sentence=0, samples=np.zeros(24_000, np.float32), rate=24_000))
    assert made.writer.blocked == 1
    made.shed("failed")
    assert (len(made), made.seconds, made.writer.blocked) == (1, 1.0, 0)


def test_how_long_the_first_event_of_each_burst_waited_is_counted():
    clock = Clock()
    made, _ = edge("sure", clock=clock)
    for comes, taken in ((5.0, 8.0), (20.0, 20.001)):
        clock.now = comes
        made.put(gift(comes))
        clock.now = taken
        made.take()
    assert made.ages.total == 2
    assert made.ages.quantile(1.0) == 4.0
    assert made.ages.quantile(0.5) < 0.01
