import pytest

from nodes.waits import duration, retry_after

NOW = "Mon, 30 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2m59.56s", 179.56),
        ("7.66s", 7.66),
        ("172ms", 0.172),
        ("1h2m3s", 3723.0),
        ("120", 120.0),
        ("0", 0.0),
        ("250µs", 0.00025),
        (" 3S ", 3.0),
        ("", None),
        ("soon", None),
        ("2m later", None),
        ("-3s", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("9" * 65, None),
    ],
)
def test_a_go_duration_is_read(text: str, seconds: float | None) -> None:
    assert duration(text) == (seconds if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "message", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.4"}, "", 0.4),
        ({"retry-after-ms": "400", "retry-after": "1"}, "", 0.4),
        ({"retry-after-ms": "soon", "retry-after": "2"}, "", 2.0),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:08 GMT", "date": NOW}, "", 8.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT", "date": NOW}, "", 0.0),
        ({"retry-after": "Mon, 30 Nov 2026 12:00:08 GMT"}, "", None),
        ({"retry-after": "Mon, 99 Nov 2026 12:00:08 GMT", "date": NOW}, "", None),
        ({"retry-after": "-3"}, "", None),
        ({"x-ratelimit-reset-after": "5"}, "", 5.0),
        ({"retry-after": "5, 5"}, "", 5.0),
        ({"retry-after": "5 seconds"}, "", 5.0),
        ({"retry-after": "2026-12-01T00:00:10Z"}, "", None),
        ({"retry-after": "2026-11-30T12:00:10Z", "date": NOW}, "", 10.0),
        ({"retry-after": "1796040010", "date": NOW}, "", 10.0),
        ({"retry-after": "1796040010"}, "", None),
        ({"retry-after": "9" * 60, "date": NOW}, "", None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1796040010000", "date": NOW}, "", 10.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "12"}, "", 12.0),
        ({"x-ratelimit-remaining": "7", "x-ratelimit-reset": "12"}, "", None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "50"}, "try again in 3s", 3.0),
        ({"retry-after": "1e3"}, "", None),
        ({}, "Request was throttled. Expected available in 9 seconds.", 9.0),
        ({}, "요청이 너무 많습니다. 12초 후에 다시 시도해 주세요.", 12.0),
        ({}, "1분 30초 뒤에 다시 시도하세요", 90.0),
        ({}, "분당 30회까지예요", None),
        ({}, "Limit 8000, Used 7000. Please try again in 6s. Visit the page", 6.0),
        ({}, "Please try again in 1m2.5s.", 62.5),
        ({}, "Please retry in 12.5s.", 12.5),
        ({}, "Please retry after 4 seconds.", 4.0),
        ({}, "Rate limit reached. Try again in 2 minutes", 120.0),
        ({}, "Try again in 1 minute 30 seconds.", 90.0),
        ({}, "Try again in 250 milliseconds", 0.25),
        ({}, "retry after 30", 30.0),
        ({}, "Try again in a while", None),
        ({}, "", None),
    ],
)
def test_how_long_to_wait_is_read_wherever_a_server_says_it(
    headers: dict[str, str], message: str, seconds: float | None
) -> None:
    assert retry_after(headers, message) == (seconds if seconds is None else pytest.approx(seconds))
