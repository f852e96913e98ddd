"""A day's quota that is nearly used up is reported once, and once that it is well again."""

from typing import Any

import pytest

from nodes.llm._model.limits import Limits
from nodes.llm._quota import watch
from nodes.troubles import Troubles


class Lines(Troubles):
    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []

    def info(self, text: str, **fields: object) -> None:
        self.lines.append(("info", fields.get("alarm")))

    def warning(self, text: str, **fields: object) -> None:
        self.lines.append(("warning", fields.get("alarm")))


def headers(left: int, limit: int = 1000, reset: str = "24h0m0s") -> dict[str, str]:
    return {
        "x-ratelimit-limit-requests": str(limit),
        "x-ratelimit-remaining-requests": str(left),
        "x-ratelimit-reset-requests": reset,
    }


def told(*lefts: int) -> list[tuple[str, Any]]:
    log, limits = Lines(), Limits(lambda: 0.0)
    for left in lefts:
        limits.note("m", headers(left))
        watch(["m"], limits, log)
    return log.lines


@pytest.mark.parametrize(
    ("lefts", "lines"),
    [
        ((1000, 100), []),
        ((99, 98, 0), [("warning", "quota")]),
        ((99, 150, 99), [("warning", "quota")]),
        ((99, 201, 99), [("warning", "quota"), ("info", "quota"), ("warning", "quota")]),
        ((201,), []),
    ],
)
def test_less_than_a_tenth_is_reported_once_until_a_fifth_is_left(lefts: tuple[int, ...], lines: list[Any]) -> None:
    assert told(*lefts) == lines


def test_a_model_of_which_nothing_is_known_is_not_reported() -> None:
    log, limits = Lines(), Limits(lambda: 0.0)
    limits.note("m", {"x-ratelimit-limit-tokens": "100", "x-ratelimit-remaining-tokens": "1"})
    limits.note("n", headers(0, limit=0))
    watch(["m", "n", "other"], limits, log)
    assert log.lines == []


def test_a_day_of_tokens_that_is_used_up_is_reported_until_it_is_over() -> None:
    now = 0.0
    log, limits = Lines(), Limits(lambda: now)
    limits.note("m", headers(900))
    limits.close("m", 60.0)
    watch(["m"], limits, log)
    assert log.lines == [], "a minute's limit is no quota"
    limits.close("m", 900.0, daily=True)
    watch(["m"], limits, log)
    assert log.lines == [("warning", "quota")]
    now = 901.0
    watch(["m"], limits, log)
    assert log.lines[1:] == [("info", "quota")]
