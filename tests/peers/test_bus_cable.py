"""The bus between three network namespaces, one of which loses its cable for a minute (Linux, root)."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.peers.nats_peer import NatsPeer, program
from tests.peers.test_bus import check_gifts, sides

pytest.importorskip("nats")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed"),
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("ip"), reason="needs root"),
    pytest.mark.timeout(240),
]
HOSTS = {"server": "10.77.0.1", "pc": "10.77.0.2", "gpu": "10.77.0.3"}
PREFIX = f"aisc{os.getpid() % 10000}"


def ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=True)


def inside(host: str) -> tuple[str, ...]:
    return ("ip", "netns", "exec", f"{PREFIX}-{host}")


@pytest.fixture
def cables() -> Iterator[None]:
    """A switch with a cable to each host."""
    try:
        ip("link", "add", PREFIX, "type", "bridge")
        ip("link", "set", PREFIX, "up")
        for host, address in HOSTS.items():
            name, ours, theirs = f"{PREFIX}-{host}", f"{PREFIX}{host[:2]}", f"{PREFIX}{host[:2]}i"
            ip("netns", "add", name)
            ip("link", "add", ours, "type", "veth", "peer", "name", theirs)
            ip("link", "set", theirs, "netns", name)
            ip("link", "set", ours, "master", PREFIX, "up")
            ip("-n", name, "addr", "add", f"{address}/24", "dev", theirs)
            ip("-n", name, "link", "set", theirs, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for host in HOSTS:
            ip("link", "del", f"{PREFIX}{host[:2]}", check=False)
            ip("netns", "del", f"{PREFIX}-{host}", check=False)
        ip("link", "del", PREFIX, check=False)


@pytest.mark.parametrize("host", ["gpu", "pc"])
def test_donations_survive_a_cable_that_is_out_for_a_minute(tmp_path, cables, host):
    seconds = 60.0
    peer = NatsPeer(tmp_path / "nats", host=HOSTS["server"], before=inside("server"))
    with peer, sides(tmp_path, peer.url) as made:
        made.start("gifts", "gpu", 92, before=inside("gpu"))
        made.start("gifts", "pc", 90, 1500, 20, before=inside("pc"))
        made.until("gpu", "handled", 100)
        ip("link", "set", f"{PREFIX}{host[:2]}", "down")
        time.sleep(seconds)
        ip("link", "set", f"{PREFIX}{host[:2]}", "up")
        made.until("gpu", "handled", 1500, 60.0)
        made.wait()
        check_gifts(made, 1500, seconds, f"cable of {host} out for {seconds:.0f} s")
