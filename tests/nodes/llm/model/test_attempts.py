"""Which request is made next; the stories with a server are in test_asked.py."""

from collections.abc import Sequence
from random import Random

import pytest

from nodes.llm._model.attempts import DAILY_S, LEAST_S, Attempts, Rung, Step
from nodes.llm._model.chat_wire import Over, Refused
from nodes.llm._model.limits import Limits

FIRST, SECOND = Rung("model", "big"), Rung("second_model", "small")


class Now:
    t = 0.0

    def __call__(self) -> float:
        return self.t


def attempts_at(now: Now, rungs: Sequence[Rung] = (FIRST, SECOND), deadline: float = 5.0) -> Attempts:
    return Attempts(rungs, Limits(now), now=now, deadline=deadline, chance=Random(1))


def test_of_two_busy_models_the_one_that_is_free_first_is_waited_for() -> None:
    steps = attempts_at(Now())
    assert steps.step() == Step(FIRST)
    steps.failed(Refused("busy", "", retry_after_s=3.0))
    assert steps.step() == Step(SECOND)
    steps.failed(Refused("busy", "", retry_after_s=4.0))
    step = steps.step()
    assert step is not None
    assert (step.rung, step.wait_s) == (FIRST, pytest.approx(3.05))


def test_no_request_is_begun_shortly_before_the_deadline() -> None:
    now = Now()
    steps = attempts_at(now)
    now.t = 5.0 - LEAST_S + 0.01
    assert steps.step() is None


def test_a_quota_of_a_day_without_a_time_closes_the_model_for_long() -> None:
    now = Now()
    limits = Limits(now)
    steps = Attempts((FIRST,), limits, now=now, deadline=5.0, chance=Random(1))
    steps.step()
    steps.failed(Refused("busy", "", over=Over("TPD")))
    assert limits.closed_s("big") == pytest.approx(DAILY_S, abs=1.0)
    assert steps.step() is None


def test_a_model_without_money_is_left_alone_for_long_and_the_other_one_is_asked() -> None:
    now = Now()
    limits = Limits(now)
    steps = Attempts((FIRST, SECOND), limits, now=now, deadline=5.0, chance=Random(1))
    steps.step()
    steps.failed(Refused("unpaid", "402"))
    assert limits.closed_s("big") == pytest.approx(DAILY_S)
    assert steps.step() == Step(SECOND)


def test_what_a_filter_keeps_back_is_asked_of_the_other_model_and_the_next_chat_of_this_one_again() -> None:
    now = Now()
    limits = Limits(now)
    steps = Attempts((FIRST, SECOND), limits, now=now, deadline=5.0, chance=Random(1))
    steps.step()
    steps.failed(Refused("filtered", "400 content_filter"))
    assert steps.step() == Step(SECOND)
    steps.failed(Refused("filtered", "400 content_filter"))
    assert steps.step() is None
    assert (limits.closed_s("big"), limits.closed_s("small")) == (0.0, 0.0)
