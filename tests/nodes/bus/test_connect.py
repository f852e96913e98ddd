import asyncio

import pytest

from graphs.engine.jobs import InstanceJobs
from nodes.bus._connect import connect
from nodes.bus._errors import Away
from nodes.bus._settings import Bus
from tests.peers.nats_peer import NatsPeer, free_port, program

nats = pytest.importorskip("nats")
pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed"),
]


async def never() -> None:
    raise AssertionError


def ask(**given):
    async def main():
        jobs = InstanceJobs("bus", None)  # type: ignore[arg-type]
        try:
            client = await connect(nats, Bus(graph="show", place="pc", **given), jobs, never)
            await client.close()
        finally:
            await jobs.close()

    asyncio.run(main())


def test_no_server_is_away_at_once():
    with pytest.raises(Away):
        ask(servers=f"nats://127.0.0.1:{free_port()}")


def test_a_second_address_is_tried(tmp_path):
    with NatsPeer(tmp_path) as peer:
        ask(servers=f"nats://127.0.0.1:{free_port()}, {peer.url}")


def test_a_wrong_password_is_told_with_its_remedy(tmp_path):
    peer = NatsPeer(tmp_path)
    conf = tmp_path / "nats.conf"
    conf.write_text(conf.read_text("utf-8") + 'authorization { user: "pc", password: "right" }\n', "utf-8")
    with peer:
        ask(servers=peer.url, user="pc", password="right")
        with pytest.raises(PermissionError, match="NATS_PASSWORD"):
            ask(servers=peer.url, user="pc", password="wrong")
