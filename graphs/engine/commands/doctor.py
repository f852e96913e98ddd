"""``aischoco.py doctor GRAPH``: checks everything a live show needs before it begins; every red line has a remedy.

Nothing is changed: no message is sent, no voice is heard. Each node type declares what it needs (``nodes.exams``).
"""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import nodes.exams
from graphs.engine.commands import OWN
from graphs.engine.commands import _machine as machine
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.log.redact import Redactor, secrets_in_environment, secrets_in_settings
from graphs.engine.observe.examined import examined
from graphs.engine.web.address import HOST, PORT
from nodes import broken, load_all
from nodes.exams import Exam, Finding, Tried
from nodes.phrases import described, phrase, reason_of
from nodes.services import Web
from nodes.written import contents
from schemas.command import FAILED, OK
from schemas.graph import Graph, GraphError, NodeEntry

_GREEN, _RED, _PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"


TRYING = 4
"""Where other values are tried too, an exam may take this many times as long."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list."""

    where: str
    """``graph``, ``machine``, or the names of the nodes concerned."""
    ok: bool
    what: str
    remedy: str
    seconds: float
    measured: Mapping[str, float] = field(default_factory=dict[str, float])
    """See ``nodes.exams.Finding``, also for what was tried."""
    tried: tuple[Tried, ...] = ()


class Doctor:
    """Checks everything at once."""

    def __init__(
        self, root: Path, env: Mapping[str, str], exams: Mapping[str, Exam] | None = None, *, trying: bool = False
    ) -> None:
        """
        Args:
            exams: by node type; None for those that the node types declare.
            trying: try other values of settings too, which takes longer.
        """
        self._trying = trying
        self._root = root
        self._env = env
        self._exams = nodes.exams.exams if exams is None else exams
        self._redact = Redactor()
        self._redact.hide(secrets_in_environment(env))
        self._dates: list[tuple[str, datetime]] = []

    async def examine(self, file: Path) -> list[Line]:
        """Make the list: the graph, the machine, then the nodes in the order of the file."""
        graph = await asyncio.to_thread(self._read, file)
        looks: list[Awaitable[list[Line]]] = [self._machine(graph if isinstance(graph, Graph) else None)]
        unloaded = [
            Line("nodes", False, phrase("node file {file}", file=each), each.remedy, 0.0) for each in broken.values()
        ]
        if isinstance(graph, Graph):
            said = f" ({graph.note})" if graph.note else ""
            what = phrase("graph {name}: {count} nodes", name=graph.name, count=len(graph.nodes))
            first = Line("graph", True, f"{what}{said}", "", 0.0)
            for entry in graph.nodes.values():
                self._redact.hide(secrets_in_settings(entry.settings))
            looks += [self.node(entry, graph) for entry in graph.nodes.values() if entry.type in self._exams]
        else:
            first = graph
        found = [line for lines in await asyncio.gather(*looks) for line in lines]
        clock = [_line("machine", finding, 0.0) for finding in machine.clock(self._dates)]
        return [self._told(line) for line in _merged([first, *unloaded, *found, *clock])]

    def _read(self, file: Path) -> Graph | Line:
        try:
            return check(contents(file), str(file), load_all(), self._env, self._root)
        except OSError as error:
            remedy = phrase("check the name of the file and where it is")
            return Line("graph", False, phrase("graph {file}: {why}", file=file, why=reason_of(error)), remedy, 0.0)
        except GraphError as error:
            said = [self._redact.known(str(problem)) for problem in error.problems]
            what = phrase("graph {file}: mistakes: {count}", file=file.name, count=len(said))
            return Line("graph", False, what, "\n".join(said), 0.0)

    async def _machine(self, graph: Graph | None) -> list[Line]:
        root = self._root
        called: list[Awaitable[Finding | None]] = [
            asyncio.to_thread(machine.python),
            asyncio.to_thread(machine.packages, root),
            asyncio.to_thread(machine.disk, root),
            asyncio.to_thread(machine.folder, root),
            asyncio.to_thread(machine.env_file, root),
        ]
        specs = [load_all()[entry.type] for entry in graph.nodes.values()] if graph else []
        if any(Web in spec.services.values() for spec in specs):
            called += [machine.page(self._env, HOST, PORT), machine.connected(self._env, HOST, PORT)]
        return [_line("machine", found, 0.0) for found in await asyncio.gather(*called) if found is not None]

    async def node(self, entry: NodeEntry, graph: Graph) -> list[Line]:
        """Examine one node, whose type has an exam, by its settings alone."""
        exam = self._exams[entry.type]
        loop = asyncio.get_running_loop()
        began = loop.time()
        within_s = exam.within_s * (TRYING if self._trying else 1)
        found = await examined(
            exam, entry, graph, self._redact, within_s=within_s, dated=self._dated, trying=self._trying
        )
        return [_line(entry.name, finding, loop.time() - began) for finding in found]

    def _dated(self, header: str) -> None:
        self._dates.append((header, datetime.now(UTC)))

    def _told(self, line: Line) -> Line:
        return replace(line, what=self._redact.text(line.what), remedy=self._redact.text(line.remedy))


def _line(where: str, finding: Finding, seconds: float) -> Line:
    return Line(where, finding.ok, finding.what, finding.remedy, round(seconds, 3), finding.measured, finding.tried)


def _merged(lines: Iterable[Line]) -> list[Line]:
    """Merge the lines of nodes with the same finding (one login, one server)."""
    found: dict[tuple[bool, str, str], Line] = {}
    for line in lines:
        key = (line.ok, line.what, line.remedy)
        known = found.get(key)
        found[key] = line if known is None else replace(known, where=f"{known.where}, {line.where}")
    return list(found.values())


def shown(lines: Sequence[Line], *, colour: bool) -> str:
    """Format the list for a person."""
    wide = max((len(line.where) for line in lines), default=0)
    good, bad = phrase("[ ok ]"), phrase("[ no ]")
    rows: list[str] = []
    for line in lines:
        sign = str(good if line.ok else bad)
        if colour:
            sign = f"{_GREEN if line.ok else _RED}{sign}{_PLAIN}"
        rows.append(f"{sign} {line.where:{wide}}  {line.what}")
        rows += [f"         → {row}" for row in line.remedy.splitlines() if not line.ok]
    red = sum(not line.ok for line in lines)
    rows.append(phrase("to fix: {count}", count=red) if red else phrase("Ready to go on air."))
    return "\n".join(rows)


def main(argv: Sequence[str], root: Path) -> int:
    """Run the command.

    Returns:
        0 when every line is green, 1 when one is red.
    """
    parser = argparse.ArgumentParser(prog="aischoco.py doctor", description=described(OWN["doctor"]))
    parser.add_argument("graph", nargs="?", type=Path, help=phrase("a YAML file; graphs/live.yaml if none is named"))
    parser.add_argument("--json", action="store_true", help=phrase("print the list as JSON"))
    arguments = parser.parse_args(argv)
    file: Path = (arguments.graph or root / "graphs" / "live.yaml").absolute()
    try:
        env = environment(root)
    except GraphError:  # reported as a line of the list
        env = dict(os.environ)
    os.chdir(root)
    lines = asyncio.run(Doctor(root, env).examine(file))
    ok = all(line.ok for line in lines)
    if arguments.json:
        rows = [{name: getattr(line, name) for name in ("where", "ok", "what", "remedy", "seconds")} for line in lines]
        print(json.dumps({"graph": str(file), "ok": ok, "lines": rows}, ensure_ascii=False, indent=1))
    else:
        print(phrase("Check before the show: {file}", file=file.name))
        print(shown(lines, colour=sys.stdout.isatty()))
    return OK if ok else FAILED
