"""Finding VTube Studio by its broadcast; here the datagrams come over loopback."""

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest

from nodes.avatar._vts.find import STAGE, Found, find, instance, is_here, read

OWN, OTHER = "http://127.0.0.1:8765", "http://127.0.0.1:8766"
"""The pages of two shows in one process."""


def broadcast(
    port: object = 8002,
    active: object = True,
    kind: str = "VTubeStudioAPIStateBroadcast",
    title: str = "V",
    instance: str = "93aa0d0494304fddb057a8a295c4eb7d",
) -> bytes:
    data = {"active": active, "port": port, "instanceID": instance, "windowTitle": title}
    message = {"apiName": "VTubeStudioPublicAPI", "apiVersion": "1.0", "messageType": kind, "data": data}
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("datagram", "found"),
    [
        (broadcast(), Found(8002, True)),
        (broadcast(active=False), Found(8002, False)),
        (broadcast(title=STAGE), Found(8002, True, others=True)),
        (broadcast(title=STAGE, instance=instance(OWN)), Found(8002, True)),
        (broadcast(title=STAGE, instance=instance(OTHER)), Found(8002, True, others=True)),
        (broadcast(active="yes"), Found(8002, False)),
        (broadcast(port="8002"), None),
        (broadcast(port=True), None),
        (broadcast(port=0), None),
        (broadcast(port=70000), None),
        (broadcast(kind="OtherBroadcast"), None),
        (b"{", None),
        (b"\xff", None),
        (b"[]", None),
        (b'{"messageType": "VTubeStudioAPIStateBroadcast", "data": 3}', None),
        (b"[" * 2000, None),
    ],
)
def test_only_a_whole_broadcast_counts(datagram: bytes, found: Found | None) -> None:
    assert read(datagram, instance(OWN)) == found


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    return free


def test_it_finds_the_one_that_tells_its_port_and_passes_noise_over(port: int) -> None:
    async def main() -> Found | None:
        async def tell() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                for _ in range(100):
                    sender.sendto(b"noise", ("127.0.0.1", port))
                    sender.sendto(broadcast(8003), ("127.0.0.1", port))
                    await asyncio.sleep(0.02)

        telling = asyncio.ensure_future(tell())
        try:
            return await find(5.0, port=port, address="127.0.0.1")
        finally:
            telling.cancel()

    assert asyncio.run(main()) == Found(8003, True)


@pytest.mark.parametrize(("told", "port_found"), [([broadcast(8011, title=STAGE), broadcast(8003)], 8003), ([], 8011)])
def test_the_stage_of_another_show_is_only_returned_if_there_is_nothing_else(
    port: int, told: list[bytes], port_found: int
) -> None:
    async def main() -> Found | None:
        async def tell() -> None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                while True:
                    for each in told or [broadcast(8011, title=STAGE)]:
                        sender.sendto(each, ("127.0.0.1", port))
                    await asyncio.sleep(0.02)

        telling = asyncio.ensure_future(tell())
        try:
            return await find(5.0 if told else 0.3, port=port, address="127.0.0.1")
        finally:
            telling.cancel()

    assert asyncio.run(main()) == Found(port_found, True, others=not told)


def test_what_the_system_says_of_a_datagram_that_it_could_not_take_is_passed_over(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def main() -> Found | None:
        loop = asyncio.get_running_loop()
        answers: list[Exception | tuple[bytes, tuple[str, int]]] = [
            OSError(10040, "a message was larger than the buffer"),
            ConnectionResetError(10054, "port unreachable"),
            (broadcast(8004), ("127.0.0.1", port)),
        ]

        async def receive(*_: object) -> tuple[bytes, tuple[str, int]]:
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(loop, "sock_recvfrom", receive)
        return await find(5.0, port=port, address="127.0.0.1")

    assert asyncio.run(main()) == Found(8004, True)


def test_without_a_broadcast_it_gives_up_in_time(port: int) -> None:
    assert asyncio.run(find(0.05, port=port, address="127.0.0.1")) is None


def test_where_it_cannot_listen_it_waits_as_long(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        assert asyncio.run(find(0.05, port=port, address="127.0.0.1")) is None


def test_a_sender_from_elsewhere_is_known_by_its_address() -> None:
    assert is_here("127.0.0.1")
    assert not is_here("203.0.113.7")
