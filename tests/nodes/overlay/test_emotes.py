"""The store of emote pictures: what may be fetched, what is kept, what is tried again."""

import asyncio
import contextlib

import pytest

from nodes.overlay import _emotes as emotes
from nodes.overlay._emotes import Images, allowed
from nodes.overlay._emotes_http import Image
from tests.harness import LoopClock, on_virtual_time

HOSTS = ("*.pstatic.net", "127.0.0.1")
URL = "https://ssl.pstatic.net/static/nng/glive/icon/b_{}.png"
PICTURE: Image = (b"picture", "image/png")


@pytest.mark.parametrize(
    "url",
    [
        "https://ssl.pstatic.net/a.png",
        "https://nng-phinf.pstatic.net:443/a.png",
        "https://SSL.PSTATIC.NET/a.png",
        "http://127.0.0.1:8000/a.png",
    ],
)
def test_a_picture_of_an_allowed_host_may_be_fetched(url: str) -> None:
    assert allowed(url, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://ssl.pstatic.net/a.png",
        "https://pstatic.net.example.org/a.png",
        "https://example.org/ssl.pstatic.net",
        "https://evilpstatic.net/a.png",
        "https://ssl.pstatic.net@example.org/a.png",
        "https://user:word@ssl.pstatic.net/a.png",
        "https://ssl.pstatic.net:8443/a.png",
        "https://ssl.pstatic.net:99999/a.png",
        "https://example.org\\@ssl.pstatic.net/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a",
        "http://localhost/a.png",
        "http://[::1/a.png",
        "data:image/png;base64,AAAA",
        "//ssl.pstatic.net/a.png",
        "",
    ],
)
def test_nothing_else_may_be_fetched(url: str) -> None:
    assert not allowed(url, HOSTS)
    images = Images()
    assert images.want(url, HOSTS, 0.0) is None
    assert not images.waiting


def test_a_picture_is_wanted_once_and_always_has_the_same_key() -> None:
    images = Images()
    key = images.want(URL.format(1), HOSTS, 0.0)
    assert key == images.want(URL.format(1), HOSTS, 1.0) == Images().want(URL.format(1), HOSTS, 0.0)
    assert list(images.waiting) == [key]
    assert images.find("never asked for") is None


def test_one_that_cannot_be_had_is_left_alone_for_a_while() -> None:
    images = Images()
    key = images.want(URL.format(1), HOSTS, 0.0) or ""
    images.waiting.clear()
    images.missed(key, 0.0)
    images.want(URL.format(1), HOSTS, emotes.AGAIN_S - 1)
    assert not images.waiting
    images.want(URL.format(1), HOSTS, emotes.AGAIN_S)
    assert list(images.waiting) == [key]
    images.came(key, PICTURE)
    assert not images.failed


def test_hours_of_new_emotes_stay_within_bounds() -> None:
    images = Images()
    for number in range(3000):
        key = images.want(URL.format(number), HOSTS, number) or ""
        if number % 3:
            images.came(key, (bytes(200_000), "image/png"))
        else:
            images.missed(key, number)
    assert len(images.waiting) == emotes.WAITING
    assert len(images.ready) <= emotes.MOST
    assert images.bytes == sum(len(content) for content, _ in images.ready.values()) <= emotes.MOST_BYTES
    assert len(images.failed) <= 2 * emotes.MOST
    assert len(images.urls) == 2 * emotes.MOST


def test_what_is_used_again_and_again_stays() -> None:
    images = Images()
    first = images.want(URL.format(0), HOSTS, 0.0) or ""
    images.came(first, PICTURE)
    for number in range(1, 2 * emotes.MOST):
        images.came(images.want(URL.format(number), HOSTS, 0.0) or "", PICTURE)
        images.want(URL.format(0), HOSTS, 0.0)
    assert images.find(first) == PICTURE
    assert len(images.ready) == emotes.MOST


def test_what_waits_is_fetched_in_turn_and_each_is_told() -> None:
    images, asked, told = Images(), list[str](), list[str]()

    async def get(url: str) -> Image | None:
        asked.append(url)
        await asyncio.sleep(1)
        again = images.want(url, HOSTS, 0.0)  # the same emote in the meantime
        assert again not in images.waiting
        return None if url.endswith("2.png") else PICTURE

    async def main() -> None:
        fetching = asyncio.ensure_future(images.fetch(get, LoopClock(), told.append))
        for number in (1, 2, 3):
            images.want(URL.format(number), HOSTS, 0.0)
        await asyncio.sleep(10)
        images.want(URL.format(4), HOSTS, 10.0)
        await asyncio.sleep(10)
        fetching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await fetching

    on_virtual_time(main())
    assert [url[-5] for url in asked] == ["1", "2", "3", "4"]
    assert len(told) == 3
    assert all(images.find(key) == PICTURE for key in told)
    assert len(images.failed) == 1
    assert not images.fetching
