"""graphs/engine/web/guard.py: which requests are ours to answer."""

import pytest
from aiohttp.test_utils import make_mocked_request

from graphs.engine.web.guard import Guard, unspecified


def status(guard: Guard, method: str = "GET", **headers: str) -> int | None:
    given = {"Host": "127.0.0.1:80", **{name.replace("_", "-"): value for name, value in headers.items()}}
    refusal = guard.refuse(make_mocked_request(method, "/", headers=given), 80)
    return refusal and refusal[0]


@pytest.mark.parametrize(
    ("host", "said", "refused"),
    [
        ("127.0.0.1", "localhost", None),
        ("127.0.0.1", "[::1]:80", None),
        ("127.0.0.1", "localhost:81", 421),
        ("127.0.0.1", "evil.example:80", 421),
        ("127.0.0.1", "192.168.0.7:80", 421),
        ("0.0.0.0", "192.168.0.7:80", None),
        ("0.0.0.0", "evil.example:80", 421),
    ],
)
def test_only_the_names_of_this_server_are_ours(host: str, said: str, refused: int | None) -> None:
    assert status(Guard(host), Host=said) == refused


def test_another_page_may_link_here_and_neither_read_nor_write() -> None:
    guard = Guard("127.0.0.1")
    assert status(guard, Sec_Fetch_Site="cross-site") == 403
    assert status(guard, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate") is None
    assert status(guard, Upgrade="websocket", Origin="http://evil.example") == 403
    assert status(guard, "POST", Origin="http://evil.example", X_Token=guard.token) == 403


def test_a_post_needs_the_token_of_this_server() -> None:
    guard = Guard("127.0.0.1")
    assert [status(guard, "POST", X_Token=token) for token in (guard.token, "", Guard("127.0.0.1").token)] == [
        None,
        403,
        403,
    ]


def test_a_host_is_every_address_or_not() -> None:
    hosts = ("0.0.0.0", "::", "127.0.0.1", "localhost", "::1", "192.168.0.7", "a.example")
    assert [host for host in hosts if unspecified(host)] == ["0.0.0.0", "::"]
