import re

import pytest

from nodes.speech._http.servers import OPENAI, SYNTHESIZE, Server, Servers, addresses

A, B, C = "http://a:1", "http://b:1", "http://c:1"


def urls(servers: Servers, now: float = 0.0) -> list[str]:
    return [server.url for server in servers.order(now)]


def test_the_first_of_the_list_comes_first() -> None:
    assert urls(Servers([A, B])) == [A, B]


def test_blank_addresses_and_repeated_ones_are_left_out() -> None:
    assert urls(Servers(["", "  ", f"{A}/", A + "/", B])) == [A, B]


def test_a_password_in_an_address_is_sent_and_not_shown() -> None:
    server = Server.at("http://choco:MARK-pass@[::1]:8880/v1?token=MARK-token")
    assert server.url == "http://[::1]:8880/v1"
    assert server.speech == "http://choco:MARK-pass@[::1]:8880/v1/audio/speech?token=MARK-token"
    assert server.root == "http://choco:MARK-pass@[::1]:8880"


def test_the_one_with_the_least_to_do_comes_first() -> None:
    servers = Servers([A, B, C])
    servers.all[0].in_flight, servers.all[1].in_flight = 2, 1
    assert urls(servers) == [C, B, A]


def test_one_that_failed_is_passed_over_longer_each_time() -> None:
    servers = Servers([A, B])
    first = servers.all[0]
    waits: list[float] = []
    for _ in range(7):
        first.failed(now=100.0)
        waits.append(first.due - 100.0)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert urls(servers, 100.0) == [B]
    assert urls(servers, 130.0) == [B, A]


def test_a_server_that_tells_when_to_come_back_is_heeded_within_bounds() -> None:
    server = Servers([A]).all[0]
    server.failed(0.0, at_least_s=7.0)
    assert server.due == 7.0
    server.failed(0.0, at_least_s=3600.0)
    assert server.due == 30.0


def test_when_all_are_down_all_are_asked_the_longest_down_first() -> None:
    servers = Servers([A, B])
    servers.all[0].failed(10.0)
    servers.all[1].failed(9.0)
    assert urls(servers, 10.0) == [B, A]
    assert servers.due(10.0) == [servers.all[1]]


def test_one_that_answers_is_up_and_one_that_gave_sound_is_trusted_again() -> None:
    servers = Servers([A, B])
    first = servers.all[0]
    first.failed(0.0)
    first.failed(0.0)
    first.answered()
    assert urls(servers) == [A, B]
    first.failed(0.0)
    assert first.due == 4.0
    first.worked()
    first.failed(0.0)
    assert first.due == 1.0


@pytest.mark.parametrize(
    ("url", "like"),
    [
        ("192.168.0.20:5000", "http://192.168.0.20:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("foo", "http://foo"),
        ("ftp://a", "http://192.168.0.20:5000"),
        ("http://", "http://192.168.0.20:5000"),
        ("http://a:99999", "http://192.168.0.20:5000"),
    ],
)
def test_what_is_no_address_is_told_with_how_to_write_it(url: str, like: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"주소가 아니에요: {url!r}. {like} 처럼")):
        addresses((A, url))


def test_addresses_and_blank_ones_pass() -> None:
    given = ("", " ", "https://voice.example", " http://[::1]:5000/ ", "http://gpu1:8091")
    assert addresses(given) == given


@pytest.mark.parametrize(
    ("url", "speech", "root"),
    [
        ("http://h:8880", "http://h:8880/v1/audio/speech", "http://h:8880"),
        ("http://h:8880/v1", "http://h:8880/v1/audio/speech", "http://h:8880"),
        ("http://h:8880/v1/", "http://h:8880/v1/audio/speech", "http://h:8880"),
        ("http://h/v1/audio/speech", "http://h/v1/audio/speech", "http://h"),
        ("http://h/v1/audio/speech/", "http://h/v1/audio/speech", "http://h"),
        ("http://h/v1/audio", "http://h/v1/audio/speech", "http://h"),
        ("http://h/api/v1", "http://h/api/v1/audio/speech", "http://h/api"),
        ("http://h/v1beta", "http://h/v1beta/audio/speech", "http://h"),
        ("https://h/v1/openai/audio/speech", "https://h/v1/openai/audio/speech", "https://h/v1/openai"),
        ("http://h/V1/Audio/Speech", "http://h/V1/audio/speech", "http://h"),
        ("http://h:4123/v1/audio/speech/stream", "http://h:4123/v1/audio/speech/stream", "http://h:4123"),
        ("http://h/v1/audio/voices", "http://h/v1/audio/speech", "http://h"),
        ("http://h/web/", "http://h/v1/audio/speech", "http://h"),
        ("http://h/openapi.json", "http://h/v1/audio/speech", "http://h"),
        ("http://h/health", "http://h/v1/audio/speech", "http://h"),
        ("http://h/v1/models", "http://h/v1/audio/speech", "http://h"),
        ("http://h/v1/chat/completions", "http://h/v1/audio/speech", "http://h"),
        ("http://h/index.html", "http://h/v1/audio/speech", "http://h"),
        ("http://h/synthesize", "http://h/v1/audio/speech", "http://h"),
        ("http://h/v1/audio/speech?api-version=2", "http://h/v1/audio/speech?api-version=2", "http://h"),
    ],
)
def test_an_address_may_end_in_the_path_of_the_api(url: str, speech: str, root: str) -> None:
    server = Server.at(url)
    assert (server.address(OPENAI), server.root) == (speech, root)
    assert server.address(SYNTHESIZE).partition("?")[0] == f"{root}/synthesize"
    assert server.paths == ((SYNTHESIZE,) if url.endswith("synthesize") else ())


def test_two_ways_to_write_an_address_are_one_server() -> None:
    assert len(Servers([A, f"{A}/v1", f"{A}/v1/audio/speech"]).all) == 1
