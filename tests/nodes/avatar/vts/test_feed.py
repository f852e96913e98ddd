"""What goes into the avatar; its story with a peer is in test_vts.py, its laws are here."""

from collections.abc import Callable
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from nodes.avatar._vts.calls import Answer, ApiError
from nodes.avatar._vts.feed import AWAY_S, HOLD_S, WINDOW, Feed
from schemas.pose import PoseFrame

RANGES = {"A": (-1.0, 1.0), "B": (-1.0, 1.0), "C": (-1.0, 1.0)}


def frame(**values: float) -> PoseFrame:
    return PoseFrame(values=values, at=0.0)


def feed(told: list[str] | None = None) -> Feed:
    it = Feed((told if told is not None else []).append)
    it.begin(RANGES, 0.0)
    return it


def sent(feed: Feed, now: float) -> list[dict[str, float]]:
    """What goes out now, all of it accepted at once."""
    found: list[dict[str, float]] = []
    for data, answered in feed.due(now):
        found.append({each["id"]: each["value"] for each in data["parameterValues"]})
        answered({})
    return found


def test_before_there_is_a_connection_and_after_it_nothing_goes_out() -> None:
    it = Feed([].append)
    it.take(frame(A=1.0), 0.0)
    assert it.due(0.0) == []
    it.begin(RANGES, 1.0)
    assert sent(it, 1.0) == [{"A": 1.0}]
    it.end()
    it.take(frame(A=0.5), 2.0)
    assert it.due(2.0) == []


def test_only_what_is_new_goes_out_until_it_has_to_be_repeated() -> None:
    it = feed()
    it.take(frame(A=0.1, B=0.2), 0.0)
    assert sent(it, 0.0) == [{"A": 0.1, "B": 0.2}]
    it.take(frame(A=0.3), 0.1)
    assert sent(it, 0.1) == [{"A": 0.3}]
    assert sent(it, 0.2) == []
    assert sent(it, 0.55) == [{"B": 0.2}]


def test_a_change_too_small_to_see_is_none_but_small_ones_add_up() -> None:
    it = feed()
    it.take(frame(A=0.1), 0.0)
    assert sent(it, 0.0) == [{"A": 0.1}]
    it.take(frame(A=0.10004), 0.1)
    assert sent(it, 0.1) == []
    it.take(frame(A=0.10008), 0.2)
    assert sent(it, 0.2) == [{"A": 0.1001}]


def test_an_offset_moves_only_an_input_that_somebody_sets() -> None:
    it = feed()
    it.take(PoseFrame(values={}, offsets={"A": 0.3}, at=0.0), 0.0)
    assert sent(it, 0.0) == []
    it.take(frame(A=0.1), 0.1)
    it.take(PoseFrame(values={}, offsets={"A": 0.3}, at=0.1), 0.1)
    assert sent(it, 0.1) == [{"A": 0.4}]
    it.take(PoseFrame(values={}, offsets={"A": 0.3}, at=0.2), 0.2)
    assert sent(it, 0.2) == []
    it.take(PoseFrame(values={}, offsets={"A": float("nan")}, at=0.2), 0.2)
    assert sent(it, 0.2) == []


def test_full_of_unanswered_requests_it_waits() -> None:
    it = feed()
    answers: list[Callable[[Answer], None]] = []
    for number in range(WINDOW + 5):
        it.take(frame(A=number / 100), number / 60)
        answers += [answered for _, answered in it.due(number / 60)]
    assert len(answers) == WINDOW
    answers[0]({})
    assert sent(it, 1.0) == [{"A": (WINDOW + 4) / 100}]


def test_answers_of_a_connection_that_is_gone_do_not_count() -> None:
    it = feed()
    it.take(frame(A=0.1), 0.0)
    ((_, late),) = it.due(0.0)
    it.begin(RANGES, 1.0)
    late(ApiError(454, "held"))
    late({})
    assert sent(it, 1.0) == [{"A": 0.1}]


def test_an_answer_for_an_input_that_was_let_go_meanwhile_is_no_trouble() -> None:
    it = feed()
    it.take(frame(A=0.1), 0.0)
    ((_, answered),) = it.due(0.0)
    assert it.due(HOLD_S + 1.0) == []
    answered(ApiError(454, "held"))
    assert it.due(HOLD_S + 2.0) == []


@given(st.sets(st.sampled_from("ABC")), st.integers(0, 30), st.integers(0, 1000))
def test_inputs_of_others_never_keep_ours_from_being_sent_in_time(held: set[str], late: int, seed: int) -> None:
    """Whoever holds what and however late answers come (up to half a second), ours are sent again within a second."""
    it, chance = feed(), Random(seed)
    accepted = dict.fromkeys(set("ABC") - held, 0.0)
    pending: list[tuple[float, Callable[[Answer], None], Answer]] = []
    for number in range(400):
        now = number / 60
        for entry in [each for each in pending if each[0] <= now]:
            pending.remove(entry)
            entry[1](entry[2])
        it.take(frame(A=chance.random(), B=chance.random(), C=chance.random()), now)
        for data, answered in it.due(now):
            names = {each["id"] for each in data["parameterValues"]}
            refused = bool(names & held)
            pending.append((now + chance.uniform(0, late) / 60, answered, ApiError(454, "") if refused else {}))
            if not refused:
                accepted |= dict.fromkeys(names, now)
        assert len(pending) <= WINDOW + len(RANGES)
        if number > 90:
            assert all(now - at < 1.0 for at in accepted.values()), (now, accepted)


def test_an_input_that_is_held_is_tried_now_and_then() -> None:
    told: list[str] = []
    it = feed(told)
    tries = 0
    for number in range(60 * 30):
        now = number / 60
        it.take(frame(A=1.0), now)
        for _, answered in it.due(now):
            tries += 1
            answered(ApiError(454, "held"))
    assert 30 / AWAY_S <= tries <= 30 / AWAY_S + 2
    assert told == ["다른 플러그인이 쓰고 있어서 5초마다 다시 해 봐요: A"]


def going(widths: str, gap_s: float = 1 / 120) -> str:
    """Frames this far apart with this many inputs each; ``+`` must go out at once, ``-`` waits.

    ``.`` is a moment without a frame.
    """
    it, inputs = feed(), {f"Input{number}": 0.0 for number in range(9)}
    marks: list[str] = []
    for number, width in enumerate(widths):
        if width != ".":
            values = dict(list(inputs.items())[: int(width)])
            marks.append("+" if it.take(frame(**values), number * gap_s) else "-")
    return "".join(marks)


def test_the_source_with_the_most_inputs_sets_the_pace_and_the_others_ride_along() -> None:
    assert going("93939393") == "+++-+-+-"


def test_sources_of_the_same_width_go_out_each_for_itself() -> None:
    assert going("33333333") == "++++++++"


def test_a_source_that_comes_too_seldom_makes_nobody_wait() -> None:
    assert going("9393933", gap_s=1 / 50) == "+++++++"


def test_a_source_that_ended_makes_nobody_wait() -> None:
    assert going("9393.3.3.3.3", gap_s=1 / 130) == "+++--+++"


def test_another_source_takes_the_pace_over() -> None:
    assert going("9.9.9" + "." * 70 + "3.3.31313") == "+++" + "+++-+-+"


@given(st.lists(st.tuples(st.floats(0.001, 0.3), st.integers(1, 3)), min_size=2, max_size=60))
def test_nothing_waits_longer_than_a_frame_while_frames_come(steps: list[tuple[float, int]]) -> None:
    """A frame that may wait is followed within 25 ms by the pace, or the next frame that comes goes out."""
    it, now, waits = feed(), 0.0, False
    inputs = list(RANGES)
    for gap, width in steps:
        now += gap
        goes = it.take(frame(**dict.fromkeys(inputs[:width], now)), now)
        if waits and gap > 0.025:
            assert goes
        waits = not goes


def test_an_input_that_the_avatar_does_not_have_is_told_once_and_not_sent() -> None:
    it = feed(told := [])
    for at in (0.0, 0.6, 1.2):
        it.take(frame(A=0.1, X=0.1), at)
        assert [set(values) for values in sent(it, at)] == [{"A"}]
    assert len(told) == 1
    assert "X" in told[0]


def test_an_input_that_the_avatar_lost_meanwhile_is_told_once_and_tried_again_later() -> None:
    it = feed(told := [])
    asked = []
    for step in range(40):
        it.take(frame(A=step / 100), now := step / 2)
        for data, answered in it.due(now):
            asked.append(now)
            assert [each["id"] for each in data["parameterValues"]] == ["A"]
            answered(ApiError(453, "no such parameter"))
    assert len(told) == 1
    assert "A" in told[0]
    assert min(later - earlier for earlier, later in pairwise(asked)) >= AWAY_S


def test_another_refusal_is_told_once_and_the_input_goes_on() -> None:
    it = feed(told := [])
    for step in range(3):
        it.take(frame(A=step / 10), float(step))
        [(_, answered)] = it.due(float(step))
        answered(ApiError(50, "not now"))
    assert [line for line in told if "not now" in line] == told
    assert len(told) == 1


def test_what_is_no_number_is_not_sent() -> None:
    it = feed()
    it.take(frame(A=float("nan"), B=0.2), 0.0)
    assert sent(it, 0.0) == [{"B": 0.2}]
