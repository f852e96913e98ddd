from math import inf

import pytest

from nodes.llm._model.limits import Limits


class Now:
    t = 0.0

    def __call__(self) -> float:
        return self.t


def headers(left: str, reset: str, kind: str = "tokens", limit: str = "8000") -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{kind}": limit,
        f"x-ratelimit-remaining-{kind}": left,
        f"x-ratelimit-reset-{kind}": reset,
    }


def test_without_headers_nothing_is_held_back() -> None:
    limits = Limits(Now())
    limits.note("m", {})
    limits.note("m", {"x-ratelimit-limit-tokens": "many", "x-ratelimit-remaining-tokens": "1"})
    limits.spend("m", 10**9)
    assert limits.room("m") is None
    assert limits.wait_s("m", 10**9) == 0.0


@pytest.mark.parametrize("kind", ["tokens", "requests"])
@pytest.mark.parametrize("number", ["0", "-1", "nan", "inf"])
def test_a_gateway_without_limits_says_so_with_numbers_that_are_none(kind: str, number: str) -> None:
    limits = Limits(Now())
    limits.note("m", headers(number, "1s", kind, number))
    assert (limits.room("m"), limits.wait_s("m", 5000)) == (None, 0.0)


@pytest.mark.parametrize("reset", ["1796040030", "1796040030000", "2026-11-30T12:00:30Z"])
def test_a_point_in_time_at_which_a_limit_is_full_is_counted_from_the_date_of_the_answer(reset: str) -> None:
    limits = Limits(Now())
    limits.note("m", {**headers("0", reset, "requests", "20"), "date": "Mon, 30 Nov 2026 12:00:00 GMT"})
    assert limits.closed_s("m") == pytest.approx(1.5)


def test_tokens_come_back_at_the_pace_that_the_headers_tell() -> None:
    now = Now()
    limits = Limits(now)
    limits.note("m", headers("2000", "45s"))  # 6,000 missing, 133.3 a second
    assert limits.room("m") == 1840  # 2 % of the limit stay
    assert limits.wait_s("m", 1840) == 0.0
    assert limits.wait_s("m", 3840) == pytest.approx(15.0)
    now.t = 15.0
    assert limits.wait_s("m", 3840) == pytest.approx(0.0)
    now.t = 1000.0
    assert limits.room("m") == 7840


def test_a_request_that_never_fits_is_told_so() -> None:
    limits = Limits(Now())
    limits.note("m", headers("8000", "0s"))
    assert limits.wait_s("m", 9000) == inf


def test_a_request_under_way_counts_until_its_answer_tells_the_truth() -> None:
    limits = Limits(Now())
    limits.note("m", headers("8000", "0s"))
    limits.spend("m", 5000)
    assert limits.room("m") == 2840
    assert limits.wait_s("m", 4000) == pytest.approx((4160 - 3000) / (8000 / 60))
    limits.note("m", headers("6000", "15s"))
    assert limits.room("m") == 5840


def test_requests_of_a_day_come_back_one_by_one() -> None:
    now = Now()
    limits = Limits(now)
    limits.note("m", headers("1", "23h59m", "requests", "1000"))
    assert limits.closed_s("m") == 0.0
    limits.spend("m", 1)
    assert limits.closed_s("m") == pytest.approx(86_340 / 999)
    assert limits.wait_s("m", 10) == limits.closed_s("m")


def test_a_closed_model_opens_by_itself_and_the_others_stay_open() -> None:
    now = Now()
    limits = Limits(now)
    limits.close("m", 10.0)
    limits.close("m", 3.0)
    assert (limits.closed_s("m"), limits.closed_s("other")) == (10.0, 0.0)
    now.t = 10.0
    assert limits.closed_s("m") == 0.0
