"""Runs three real nats-servers on loopback that hold the same data, so that one of them can be killed."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

from tests.peers.nats_peer import NatsPeer
from tests.ports import free_port

SERVERS = 3
READY_S = 20.0
CONF = """\
cluster {{
  name: aischoco-test
  listen: "127.0.0.1:{port}"
  routes: [{routes}]
}}
"""


class NatsCluster:
    """The servers, each with a folder of its own below ``folder``."""

    def __init__(self, folder: Path) -> None:
        ports = [free_port() for _ in range(SERVERS)]
        routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in ports)
        self.servers = {
            name: NatsPeer(folder / name, name=name, more=CONF.format(port=port, routes=routes))
            for name, port in zip(("a", "b", "c"), ports, strict=True)
        }

    @property
    def url(self) -> str:
        return ",".join(server.url for server in self.servers.values())

    def __enter__(self) -> "NatsCluster":
        try:
            for server in self.servers.values():
                server.start()
            end = time.monotonic() + READY_S
            while not (self._ask("$JS.API.INFO") or {}).get("limits"):
                assert time.monotonic() < end, "the servers have elected nobody"
                time.sleep(0.1)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for server in self.servers.values():
            server.stop()

    def leader(self, stream: str) -> str:
        """Return the name of the server through which everything enters a stream."""
        return self._ask(f"$JS.API.STREAM.INFO.{stream}")["cluster"]["leader"]

    def holders(self, stream: str) -> set[str]:
        """Return the names of all servers that hold a stream."""
        cluster = self._ask(f"$JS.API.STREAM.INFO.{stream}")["cluster"]
        return {cluster["leader"], *(each["name"] for each in cluster["replicas"])}

    def _ask(self, subject: str) -> Any:
        return asyncio.run(self._asked(subject))

    async def _asked(self, subject: str) -> Any:
        import nats  # imported here so that a test is skipped, not broken, if it is not installed

        client = await nats.connect(self.url.split(","), connect_timeout=1)
        try:
            return json.loads((await client.request(subject, b"", timeout=2)).data)
        except nats.errors.Error:
            return None
        finally:
            await client.close()
