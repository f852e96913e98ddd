import pytest

from nodes.loopback import is_at_home, is_confidential, is_loopback, names_loopback


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "::1", "::1%lo", "::ffff:127.0.0.1", "localhost", "LocalHost"]
)
def test_these_hosts_are_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", None, "0.0.0.0", "::", "192.168.0.2", "::ffff:10.0.0.1", "fe80::1%eth0"])
def test_these_addresses_are_not(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.com", "127.0.0.1.example.com", "my.localhost", "2130706433", "unix"]
)
def test_a_name_that_may_mean_anything_is_not(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["127.0.0.1:8011", "localhost", "[::1]:80"])
def test_a_request_to_this_machine_names_it(host: str) -> None:
    assert names_loopback(host)


@pytest.mark.parametrize("host", [None, "", "[", "evil.example:8011", "127.0.0.1@evil.example", "192.168.0.2"])
def test_a_request_that_names_another_host_does_not(host: str | None) -> None:
    assert not names_loopback(host)


@pytest.mark.parametrize("url", ["https://a.example/x", "http://127.0.0.1:1/x", "http://localhost"])
def test_a_secret_may_be_sent_encrypted_or_within_this_machine(url: str) -> None:
    assert is_confidential(url)


@pytest.mark.parametrize("url", ["http://a.example", "http://192.168.0.2", "https://", "ftp://127.0.0.1", "a", ""])
def test_a_secret_is_not_sent_where_it_can_be_read(url: str) -> None:
    assert not is_confidential(url)


@pytest.mark.parametrize(
    ("url", "home"),
    [
        ("http://localhost:11434/v1", True),
        ("http://my.localhost", True),
        ("http://[::1]:1/v1", True),
        ("http://192.168.0.7:8000/v1", True),
        ("http://100.101.2.3:8000/v1", True),
        ("http://GPU-box:8000", True),
        ("http://gpu.tail12ab.ts.net", True),
        ("https://api.example.com/v1", False),
        ("http://8.8.8.8/v1", False),
        ("http://local.example.com", False),
    ],
)
def test_what_is_at_home_is_no_service(url: str, home: bool) -> None:
    assert is_at_home(url) is home
