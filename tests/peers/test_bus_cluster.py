"""The bus against three real nats-servers that hold the same data. Figures are printed (``pytest -s``)."""

import itertools

import pytest

from nodes.bus._streams import name_of
from tests.peers.bus_side import lines
from tests.peers.nats_cluster import SERVERS, NatsCluster
from tests.peers.nats_peer import program
from tests.peers.test_bus import Sides, sides

pytest.importorskip("nats")
pytestmark = [
    pytest.mark.component,
    pytest.mark.skipif(program() is None, reason="nats-server is not installed"),
    pytest.mark.timeout(120),
]

GAP_S = 20.0
"""The remaining servers elect a new leader for the stored data, and then one for its readers: 4 to 9 s each, if no
server has taken the lead before."""
KILLED_AT, DONATIONS, PER_S = 60, 200, 50


def test_donations_survive_the_loss_of_the_server_that_leads(tmp_path, monkeypatch):
    monkeypatch.setenv("NATS_REPLICAS", str(SERVERS))
    stream = name_of("gifts", "sure")
    with NatsCluster(tmp_path / "nats") as cluster, sides(tmp_path, cluster.url) as made:
        made.start("gifts", "gpu", 60)
        made.start("gifts", "pc", 60, DONATIONS, PER_S)
        made.until("gpu", "handled", KILLED_AT)
        assert cluster.holders(stream) == set(cluster.servers)
        leader = cluster.leader(stream)
        before = len(made.read("gpu", "handled"))
        cluster.servers[leader].kill()
        made.until("gpu", "handled", DONATIONS, 40)
        made.until("pc", "answered", DONATIONS, 20)
        for process in made.running:
            process.terminate()
        made.wait()
        assert cluster.leader(stream) != leader
    check(made, before)


def check(made: Sides, before: int) -> None:
    """Check that all came, each once and in order, and not too late."""
    far = [line for line in lines(made.file("gpu")) if "handled" in line]
    handled, times = [line["handled"] for line in far], [line["at"] for line in far]
    gap = max(later - earlier for earlier, later in itertools.pairwise(times))
    print(f"\nleader of three killed after {before} of {DONATIONS} donations: {len(handled)} handled, ", end="")
    print(f"twice {len(handled) - len(set(handled))}, longest gap {gap:.2f} s")
    assert before < DONATIONS
    assert handled == list(range(DONATIONS))
    assert made.read("pc", "errors") == made.read("gpu", "errors") == [[]]
    assert gap <= GAP_S
