"""Runs ``avatar.stage`` in its own process, with a person at its page who knows how to answer each plugin.

``python -m tests.peers.stage_process LOG KEPT [--port N] [--allow NAME] [--deny NAME]`` prints its port once it
listens. It writes one JSON line ``[monotonic seconds, {input: value}]`` for each change that a page is sent, the
released inputs to ``LOG.free`` and the plugins that asked to ``LOG.asked``. KEPT is where it keeps its permissions.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.services import Json
from tests.fakes import FakeChannel, FakeWeb
from tests.nodes.avatar.stage_stand import Stand


class Page(FakeWeb):
    """The web server of the stage with one page, which records what it is sent, and a person in front of it."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        super().__init__()
        self._log: Path = arguments.log
        self._answers = {**dict.fromkeys(arguments.deny, False), **dict.fromkeys(arguments.allow, True)}

    def channel(self, path: str, **calls: Any) -> FakeChannel:
        channel = super().channel(path, **calls)
        channel.send = self._told  # type: ignore[method-assign]
        return channel

    def _told(self, message: Json | bytes) -> None:
        assert isinstance(message, Mapping)
        if message["type"] == "values":
            self._write("", message["values"])
            if message["free"]:
                self._write(".free", message["free"])
        elif message["type"] == "prompt" and message["prompt"]:
            self._write(".asked", message["prompt"]["name"])
            answer = self._answers.get(message["prompt"]["name"])
            if answer is not None:
                say = self.open["post", "/api/stage/allow"]
                asyncio.get_running_loop().call_later(0.3, say, {"id": message["prompt"]["id"], "allow": answer})

    def _write(self, suffix: str, what: object) -> None:
        with Path(f"{self._log}{suffix}").open("a", encoding="utf-8") as file:
            file.write(json.dumps([time.monotonic(), what]) + "\n")


async def main(arguments: argparse.Namespace) -> None:
    folder = arguments.kept.parent
    stand = Stand(Page(arguments), folder, port=arguments.port, token_file=arguments.kept)
    url = await stand.start()
    print(url.rpartition(":")[2], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--allow", action="append", default=[])
    parser.add_argument("--deny", action="append", default=[])
    asyncio.run(main(parser.parse_args()))
