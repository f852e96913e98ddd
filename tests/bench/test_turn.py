from collections.abc import Callable

import pytest

from tests.bench import turn
from tests.bench.turn import Told
from tests.bench.turns.row import COLLECTED_S, RATE, Row, Turn
from tests.e2e.conftest import figure

__all__ = ["figure"]

SECONDS = 10.0
SLACK_MS = 500.0
"""A busy machine may be late by this much; an idle one stays below 30."""


def heard(batched: float, first: int, second: int = 0) -> Turn:
    told = Turn(oldest=batched - 3, newest=batched - 0.5, messages=4, batched=batched)
    told.hand(first, batched + 0.4)
    told.hand(second, batched + 0.5)
    return told


def test_a_turn_is_in_hand_when_the_device_has_as_much_as_a_jitter_buffer_wants() -> None:
    enough = round(COLLECTED_S * RATE)
    assert heard(0.0, enough).collected == 0.4
    assert heard(0.0, enough - 1, 1).collected == 0.5
    assert heard(0.0, enough - 1).collected is None
    assert heard(0.0, 1, 1).sound == 0.4


def test_turns_before_and_after_the_time_that_counts_and_those_not_heard_are_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    turns = [heard(at, RATE) for at in (4.9, 5.0, 14.9, 15.0)] + [heard(6.0, 1)]
    Row(received=7, dropped={"stale": 2}, cpu_s=0.5).tell(turns, 5.0, 15.0)
    row = Row.read("noise before it\n" + capsys.readouterr().out)
    assert [each.batched for each in row.turns] == [5.0, 14.9]
    assert row.busy_until == pytest.approx(4.9 + 0.4 + 1.0), "the one before them, still heard when they begin"
    assert (row.received, row.dropped, row.cpu_s) == (7, {"stale": 2}, 0.5)


def test_the_table_tells_speed_and_waiting_apart() -> None:
    told = Told.of(Row([heard(1.0, RATE), heard(4.0, 1, RATE)], cpu_s=0.2), seconds=10.0)
    assert told.answer_p50 == pytest.approx(400)
    assert told.collected_p95 == pytest.approx(500)
    assert told.waited_p50 == pytest.approx(500)
    assert told.newest_p50 == pytest.approx(900)
    assert (told.oldest_max_s, told.age_max_s) == (pytest.approx(3.4), pytest.approx(3.0))
    assert (told.turns, told.turns_a_minute) == (2, 12.0)
    assert told.silence_p50 == pytest.approx(1000 * (4.4 - (1.4 + 1.0)), abs=1)
    assert len(told.line("aischoco", told)) == len(turn.HEAD)
    assert "+0 ms" in told.line("aischoco", told)


def test_a_turn_that_was_taken_ahead_is_awaited_from_the_end_of_the_one_before() -> None:
    first, ahead = heard(1.0, RATE), heard(1.5, RATE)
    ahead.sound = ahead.collected = 2.65
    told = Told.of(Row([first, ahead]), seconds=10.0)
    assert told.answer_p50 == pytest.approx((400 + 250) / 2)
    assert Told.of(Row([ahead], busy_until=2.4), 10.0).answer_p50 == pytest.approx(250), "the first that counts"
    assert (told.silence_p50, told.silence_p95) == (pytest.approx(250), pytest.approx(250))


@pytest.mark.component
def test_a_row_that_does_not_start_is_told_with_its_last_words() -> None:
    with pytest.raises(RuntimeError, match=r"nothing: .*No module named"):
        turn.measured(1, 0.1, ["nothing"], {})


@pytest.mark.component
@pytest.mark.alone
@pytest.mark.timeout(120)
def test_at_ten_messages_a_second_the_graph_adds_little_to_its_servers(figure: Callable[[str], None]) -> None:
    rows = turn.measured(10, SECONDS, ["limit", "ours"], {})
    limit, ours = (Told.of(rows[name], SECONDS) for name in ("limit", "ours"))
    figure(f"\n{turn.HEAD}\n{limit.line('limit', None)}\n{ours.line('aischoco', limit)}")
    assert limit.turns >= 5
    assert ours.turns >= 2
    assert ours.silence_p50 < SLACK_MS
    assert ours.answer_p50 < limit.answer_p50 + SLACK_MS
    assert limit.answer_p50 > 400, "the servers keep their pace"
    assert ours.age_max_s < 30.0, "nothing is answered that is older than ttl_s"
    assert rows["ours"].received == pytest.approx(10 * SECONDS, abs=20)
