"""The jitter buffer against a listener who plays 10 ms every 10 ms and counts gaps within sentences."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.audio._cushion import FLOOR_MS, LATELY, LONGEST_HOLD_S, Cushion

STEP_S = 0.01


class Listener:
    """Hears sentences of a voice one after the other; ``gaps`` and ``waits`` (seconds) are of each sentence."""

    def __init__(self, prebuffer_ms="auto"):
        self.cushion = Cushion(prebuffer_ms)
        self.gaps, self.waits, self.holds = [], [], []
        self._steps = 0

    def hear(self, parts, pause=1.0):
        """A sentence of (seconds after its beginning, seconds of sound) parts, and a pause."""
        cushion, begun, waiting = self.cushion, self._steps, sorted(parts)
        hand, playing, gaps, first = 0.0, False, 0, None
        cushion.begin()
        while waiting or hand > 1e-9:
            now = self._steps * STEP_S
            arrived = False
            while waiting and begun * STEP_S + waiting[0][0] <= now + 1e-9:
                arrived = True
                seconds = waiting.pop(0)[1]
                cushion.add(now, seconds, hand)
                hand += seconds
            if arrived and not waiting:
                cushion.end(now)
            enough = hand > 0 and (not waiting or hand * 1000 >= cushion.floor_ms - 1e-6)
            if not playing and enough and cushion.open(now):
                playing = True
                first = now if first is None else first
            if playing:
                if hand < STEP_S - 1e-9 and waiting:
                    gaps, playing = gaps + 1, False
                hand = max(0.0, hand - STEP_S)
            self._steps += 1
        self.gaps.append(gaps)
        self.waits.append(first - begun * STEP_S - min(parts)[0])
        self.holds.append(cushion.hold_s)
        self._steps += round(pause / STEP_S)


def bursts(period, count, late=lambda: 0.0):
    """Parts of ``period`` seconds that come every ``period`` seconds, each by ``late()`` later."""
    return [(number * period + (late() if number else 0.0), period) for number in range(count)]


steps = st.one_of(
    st.just("begin"),
    st.just("end"),
    st.floats(0, 3).map(lambda ahead: ("cut", ahead)),
    st.tuples(st.floats(0.0, 10.0), st.floats(0.001, 3.0), st.floats(0.0, 3.0)),
)


@given(st.lists(steps, max_size=60), st.one_of(st.just("auto"), st.integers(0, 1000)))
def test_whatever_arrives_no_sentence_is_held_longer_than_the_bound_and_a_fixed_one_never(script, prebuffer_ms):
    cushion, now = Cushion(prebuffer_ms), 0.0
    for step in script:
        match step:
            case "begin":
                cushion.begin()
            case "end":
                cushion.end(now)
                assert cushion.open(now)
            case "cut", ahead:
                cushion.cut(now, ahead)
                assert cushion.open(now)
            case wait, seconds, ahead:
                now += wait
                cushion.add(now, seconds, ahead)
        assert 0.0 <= cushion.hold_s <= (LONGEST_HOLD_S if prebuffer_ms == "auto" else 0.0)
    cushion.end(now)
    cushion.begin()
    cushion.add(now + 100.0, 2.0, 0.0)
    assert cushion.open(now + 100.0 + cushion.hold_s + 1e-6)


@given(
    part=st.sampled_from([0.02, 0.04, 0.08]),
    faster=st.floats(1.0, 20.0),
    before=st.floats(0.0, 2.0),
    count=st.integers(10, 60),
)
def test_a_steady_voice_comes_back_to_the_floor_from_whatever_was_before(part, faster, before, count):
    listener = Listener()
    listener.hear(bursts(0.3, 3, lambda: before))
    steady = [(number * part / faster, part) for number in range(count)]
    for _ in range(30):
        listener.hear(steady)
    assert listener.holds[-1] == 0.0
    assert listener.waits[-1] <= FLOOR_MS / 1000 + 1e-9
    assert listener.gaps[1:] == [0] * 30
    assert listener.holds[1:] == sorted(listener.holds[1:], reverse=True)


@given(period=st.floats(0.15, 1.5), late=st.floats(0.0, 0.5), count=st.integers(2, 8))
def test_a_voice_that_comes_in_bursts_has_no_gap_after_one_sentence(period, late, count):
    listener = Listener()
    for _ in range(10):
        listener.hear(bursts(period, count, lambda: late))
    assert listener.gaps[1:] == [0] * 9
    assert listener.waits[-1] <= (late + 0.05) * 1.25 + 2 * STEP_S


@given(seed=st.integers(0, 10_000))
@settings(max_examples=15)  # a law of chance: some seed breaks it
def test_with_random_lateness_gaps_become_rare(seed):
    chance = random.Random(seed)
    jittery = [bursts(0.25, 12, lambda: chance.uniform(0.0, 0.3)) for _ in range(40)]
    learning, fixed = Listener(), Listener(FLOOR_MS)
    for sentence in jittery:
        learning.hear(sentence)
        fixed.hear(sentence)
    assert sum(learning.gaps[2:]) <= 3
    assert sum(learning.gaps[2:]) * 10 <= sum(fixed.gaps[2:])


def test_one_bad_sentence_costs_little_after_a_few_good_ones():
    listener = Listener()
    listener.hear(bursts(0.3, 3, lambda: 5.0))
    assert listener.holds == [LONGEST_HOLD_S]
    for _ in range(15):
        listener.hear([(number * 0.04, 0.08) for number in range(20)])
    assert listener.holds[-1] < 0.2
    assert listener.gaps[1:] == [0] * 15


def test_a_sentence_that_comes_in_one_piece_teaches_nothing():
    listener = Listener()
    listener.hear(bursts(0.3, 3, lambda: 0.2))
    held = listener.holds[-1]
    assert held > 0.2
    listener.hear([(0.0, 2.0)])
    assert listener.holds[-1] == held


def test_a_whole_sentence_is_not_held_for_more():
    listener = Listener()
    listener.hear(bursts(0.3, 3, lambda: 0.4))
    listener.hear([(0.0, 0.3)])
    assert listener.waits[-1] == 0.0
    listener.hear([(0.0, 0.05)])
    assert listener.waits[-1] == 0.0


def held_for(late):
    """One whose next sentence will be held; at 100 s."""
    cushion = Cushion("auto")
    cushion.begin()
    cushion.add(0.0, 0.3, 0.0)
    cushion.add(0.3 + late, 0.3, 0.0)
    cushion.end(0.3 + late)
    assert cushion.hold_s == pytest.approx((late + 0.04) * 1.25)
    return cushion


def test_a_sentence_that_follows_another_has_the_lead_of_that_one():
    cushion = held_for(0.2)
    cushion.begin()
    cushion.add(100.0, 1.0, 0.0)
    assert not cushion.open(100.0)
    assert cushion.open(100.31)
    cushion.add(100.9, 1.0, 0.0)
    cushion.end(101.0)
    cushion.begin()
    cushion.add(101.0, 1.0, 0.0)
    assert cushion.open(101.0), "a pause between two sentences that no lateness asks for"


def test_nothing_of_a_held_sentence_is_given_before_enough_of_it_was_collected():
    cushion = held_for(0.2)
    cushion.begin()
    cushion.add(100.0, 0.1, 0.0)
    assert not cushion.open(105.0)
    cushion.add(105.0, 0.1, 0.0)
    assert not cushion.open(105.2)
    assert cushion.open(105.31)


def test_a_part_that_had_to_wait_for_the_output_is_not_late():
    cushion = Cushion("auto")
    cushion.begin()
    cushion.add(0.0, 1.0, 0.0)
    cushion.add(3.0, 1.0, 1.0)
    cushion.end(3.0)
    assert cushion.hold_s == 0.0


def test_what_arrives_after_a_stop_is_not_measured():
    cushion = held_for(0.2)
    before = cushion.hold_s
    cushion.begin()
    cushion.add(100.0, 0.3, 0.0)
    cushion.add(100.3, 0.3, 0.0)
    cushion.cut(100.4, 0.0)
    cushion.add(103.0, 0.3, 0.0)
    cushion.end(103.0)
    assert cushion.hold_s == before
    cushion.begin()
    cushion.add(110.0, 0.3, 0.0)
    assert not cushion.open(110.2)
    assert cushion.open(110.31)


def test_a_measured_buffer_leaves_few_of_the_gaps_of_a_fixed_one_and_waits_less_than_a_long_one():
    """200 sentences of 12 parts of 250 ms; a tenth of the parts up to 400 ms late, the others up to 60 ms."""
    chance = random.Random(5)

    def late():
        return chance.uniform(0.0, 0.4 if chance.random() < 0.1 else 0.06)

    voice = [bursts(0.25, 12, late) for _ in range(200)]
    gaps, waits = {}, {}
    for prebuffer_ms in (FLOOR_MS, 300, 600, "auto"):
        listener = Listener(prebuffer_ms)
        for sentence in voice:
            listener.hear(sentence)
        gaps[prebuffer_ms], waits[prebuffer_ms] = sum(listener.gaps), sum(listener.waits) / len(voice)
        print(f"\n{prebuffer_ms}: {gaps[prebuffer_ms]} gaps, begun after {1000 * waits[prebuffer_ms]:.0f} ms")
    assert gaps["auto"] * 20 < gaps[FLOOR_MS]
    assert waits["auto"] < 0.75 * waits[600]


def test_a_sentence_that_is_ready_while_other_sound_is_heard_is_not_held():
    cushion = held_for(0.4)
    cushion.begin()
    cushion.add(100.0, 1.0, 0.0)
    cushion.end(100.0)
    cushion.pause(100.1, 0.25)
    cushion.begin()
    cushion.add(100.2, 0.3, 1.0)
    assert cushion.open(100.2), "held although it was ready a second before its time"
    cushion.cut(100.3, 0.0)
    cushion.begin()
    cushion.add(110.0, 0.3, 0.0)
    assert not cushion.open(110.5)


def test_what_was_late_some_answers_ago_counts_no_more():
    cushion = held_for(0.4)
    for number in range(1, LATELY + 1):
        assert cushion.hold_s > 0.4
        cushion.begin()
        cushion.add(10.0 * number, 0.3, 0.0)
        cushion.add(10.0 * number + 0.1, 0.3, 0.2)
        cushion.end(10.0 * number + 0.2)
    assert cushion.hold_s == 0.0


def test_a_late_part_of_a_sentence_that_has_time_does_not_make_the_voice_look_punctual():
    cushion = held_for(0.4)
    for number in range(1, 9):
        cushion.begin()
        cushion.add(10.0 * number, 0.3, 2.0)
        cushion.add(10.0 * number + 0.7, 0.3, 1.6)
        cushion.end(10.0 * number + 0.8)
    assert cushion.hold_s > 0.4
