"""``aischoco.py fleet``: keeps many shows on air on many machines. Ray places and restarts them."""

import argparse
import asyncio
import contextlib
import html
import importlib
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphs.engine.commands import OWN
from graphs.engine.commands._fleet_file import Fleet, Process, processes, read_fleet
from graphs.engine.commands._fleet_process import Shows
from graphs.engine.language.env import environment
from nodes.phrases import described, noted, phrase, reason_of, tongue
from schemas.command import FAILED, OK, USAGE
from schemas.graph import GraphError

LOOK_S = 1.0
"""Seconds between status checks of the processes."""
ANSWER_S = 5.0
LOST_S = 10.0
"""A process that has not answered for this long is shown as lost."""
EPILOG = noted(
    "A saved graph takes effect at once; one that was chosen on the dock is on air until the show is started again."
)
INSTALL = "pip install -r requirements-fleet.txt"
COLUMNS = {
    "show": noted("show"),
    "state": noted("state"),
    "graph": noted("graph"),
    "at": noted("place"),
    "process": noted("process"),
    "node": noted("machine"),
    "pid": "PID",
    "starts": noted("starts"),
    "moves": noted("moves"),
    "viewer_events": noted("viewer events"),
    "answered": noted("answered"),
    "page": noted("page"),
    "why": noted("why"),
}
"""Field of a line -> its head on the page."""
STATES = (noted("starting"), noted("on air"), noted("failed"), noted("lost"), noted("waiting for a machine"))


@dataclass(slots=True)
class Kept:
    """A process that Ray keeps alive."""

    process: Process
    actor: Any
    run: Any
    """The call that never returns."""
    told: dict[str, Any] = field(default_factory=dict[str, Any])
    at: float | None = None
    """When it last answered."""
    moves: int = 0
    """How often it was restarted, here or elsewhere."""
    why: str = ""
    """What Ray reports while it does not answer."""


class Driver:
    """Starts and watches the processes of a fleet. They end with the program that created the driver."""

    def __init__(self, ray: Any, fleet: Fleet, root: Path) -> None:
        """
        Args:
            ray: the package, connected to a cluster.
            root: the project folder; the same path on every machine.
        """
        self.kept: list[Kept] = []
        self._ray = ray
        self._root = root
        self._kind = ray.remote(Shows)
        self._wanted = processes(fleet)

    def start(self) -> None:
        """Request every process. One that fits on no machine waits until one has room."""
        for process in self._wanted:
            actor = self._kind.options(
                name=f"aischoco {process.name}",
                num_cpus=process.cpus,
                num_gpus=process.gpus,
                resources=dict(process.resources),
                max_restarts=-1,
                scheduling_strategy="SPREAD",
            ).remote(str(self._root), process.name, process.shows)
            # Ray calls it again in the process that replaces a lost one.
            self.kept.append(Kept(process, actor, actor.run.options(max_task_retries=-1).remote()))

    async def look(self) -> None:
        """Ask every process for its state, once."""
        await asyncio.gather(*(self._ask(kept) for kept in self.kept))

    async def watch(self) -> None:
        """Ask again and again until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_S)

    def end(self) -> None:
        """End the processes."""
        for kept in self.kept:
            self._ray.kill(kept.actor)

    def state(self) -> list[dict[str, Any]]:
        """Give a line for each show, in the order of the file."""
        return [line for kept in self.kept for line in _lines(kept)]

    async def _ask(self, kept: Kept) -> None:
        try:
            async with asyncio.timeout(ANSWER_S):
                told: dict[str, Any] = await kept.actor.state.remote()
        except TimeoutError:
            return
        except Exception as error:  # lost for now, or it cannot start; Ray handles both
            kept.why = f"{type(error).__name__}: {error}".strip().splitlines()[-1][:200]
            return
        if kept.told and kept.told["since"] != told["since"]:
            kept.moves += 1
        kept.told, kept.at, kept.why = told, time.monotonic(), ""


def _lines(kept: Kept) -> list[dict[str, Any]]:
    silent = None if kept.at is None else time.monotonic() - kept.at
    lost = "waiting for a machine" if silent is None else "lost" if silent > LOST_S else ""
    return [
        {
            "show": show.name,
            "graph": show.graph,
            "at": show.at or "",
            "process": kept.process.name,
            "node": kept.told.get("node", ""),
            "pid": kept.told.get("pid", 0),
            "moves": kept.moves,
            **kept.told.get("shows", {}).get(show.name, {"state": "", "why": "", "page": "", "starts": 0}),
            **({"state": lost, "why": kept.why} if lost else {}),
        }
        for show in kept.process.shows
    ]


def _cell(column: str, line: Mapping[str, Any]) -> str:
    value = str(line.get(column, ""))
    return described(value) if column == "state" and value in STATES else value


def page(lines: Sequence[Mapping[str, Any]]) -> str:
    """Render the fleet as a page that reloads itself."""
    head = "".join(f"<th>{described(name)}</th>" for name in COLUMNS.values())
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(name, line))}</td>" for name in COLUMNS) + "</tr>" for line in lines
    )
    return (
        f'<!doctype html><html lang="{tongue()}"><meta charset="utf-8"><meta http-equiv="refresh" content="2">'
        "<title>aischoco fleet</title><style>body{font:14px system-ui}td,th{padding:4px 10px;text-align:left}</style>"
        f"<table><tr>{head}</tr>{rows}</table></html>"
    )


async def serve(driver: Driver, port: int) -> Any:
    """Serve the fleet at ``http://127.0.0.1:port/``, and as JSON at ``/api/fleet``; call ``cleanup`` on the result."""
    from aiohttp import web

    async def whole(_: web.Request) -> web.Response:
        return web.Response(text=page(driver.state()), content_type="text/html")

    async def plain(_: web.Request) -> web.Response:
        return web.json_response(driver.state())

    app = web.Application()
    app.router.add_get("/", whole)
    app.router.add_get("/api/fleet", plain)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
    except OSError:
        await runner.cleanup()
        raise
    return runner


def main(argv: Sequence[str], root: Path) -> int:
    """Keep a fleet on air until Ctrl-C or SIGTERM.

    Returns:
        0 if the operator ended it, 1 if it could not be started, 2 if the file is wrong.
    """
    parser = argparse.ArgumentParser(
        prog="aischoco.py fleet", description=described(OWN["fleet"]), epilog=described(EPILOG)
    )
    parser.add_argument("file", nargs="?", type=Path, default=root / "config" / "fleet.yaml", help="config/fleet.yaml")
    parser.add_argument("--plan", action="store_true", help=phrase("only tell which shows share a process"))
    asked = parser.parse_args(argv)
    try:
        fleet = read_fleet(asked.file, root, environment(root))
    except GraphError as error:
        print(error)
        return USAGE
    if asked.plan:
        print(told(processes(fleet)))
        return OK
    try:
        ray: Any = importlib.import_module("ray")
    except ModuleNotFoundError:
        print(phrase("there is no ray: {command} (Linux)", command=INSTALL))
        return FAILED
    try:
        ray.init(address=fleet.address, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        command = "ray start --head --port=6379"
        text = phrase(
            "the Ray cluster cannot be reached ({address}): {why}\nFirst: {command}",
            address=fleet.address,
            why=error,
            command=command,
        )
        print(text)
        return FAILED
    try:
        return asyncio.run(keep(Driver(ray, fleet, root), fleet.port))
    finally:
        ray.shutdown()


def told(planned: Sequence[Process]) -> str:
    """Describe a plan in words."""
    return "\n".join(
        f"{each.name}: {', '.join(show.name for show in each.shows)} (cpus {each.cpus:g}, gpus {each.gpus:g}"
        + "".join(f", on {name}" for name in each.resources)
        + ")"
        for each in planned
    )


async def keep(driver: Driver, port: int) -> int:
    """Keep the fleet on air until a signal."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, ended.set)
    try:
        runner = await serve(driver, port)
    except OSError as error:
        print(phrase("127.0.0.1:{port}: {why}; set another port in the file", port=port, why=reason_of(error)))
        return FAILED
    try:
        driver.start()
        page = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        print(phrase("fleet: {page} Ctrl+C ends it", page=page), flush=True)
        watching = loop.create_task(driver.watch())
        await ended.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    finally:
        driver.end()
        await runner.cleanup()
    return OK
