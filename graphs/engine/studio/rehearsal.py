"""A rehearsal on the page: for a minute invented viewers write to the graph on air, with its own voice and body.

Where chat comes from, the graph of the rehearsal has a recording of an invented crowd; it writes to no chat, and
remembers nothing. It is a file of its own, which is followed for that minute.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml

from graphs.engine.books.budget import rank
from graphs.engine.editing.edits import Edit, Remove, Retype, Set, Unset, edited
from graphs.engine.flow.runtime import Runtime
from graphs.engine.offline.crowd import Crowd, crowd
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from nodes import NodeSpec, types
from nodes.phrases import changed, joined, phrase, reason_of
from schemas.chat import RawPayload
from schemas.graph import GraphError
from schemas.host import Utterance

FILE = Path("history") / "rehearsal" / "graph.yaml"
CROWD = FILE.with_name("crowd.jsonl")
NOBODY = FILE.with_name("nobody.jsonl")
SECONDS, TALK_S = 60.0, 46.0
"""It takes this long; the viewers write for the first part of it, so that all can be answered."""
RATE, FIRST_S = 0.6, 0.5
"""Messages a second; when the first of them may come: by then it is on air, and counted."""
SOURCE = "chat.replay"
WRITERS = frozenset({"chat.send"})
"""What writes to a chat is left out."""
QUIET: Mapping[str, Any] = {"history": None, "record": False, "saved": None}
"""Settings of any node: nothing is remembered."""
DEAF: Mapping[str, Any] = {"mode": "off", "file": None}
"""Settings of a microphone: it is not opened, and nobody is heard in its place."""


class Rehearsal:
    """The rehearsal of a show; one at a time."""

    def __init__(self, runtime: Runtime, live: Live, editor: Editor, root: Path) -> None:
        self._runtime = runtime
        self._live = live
        self._editor = editor
        self._root = root
        self._of = root
        self._task: asyncio.Task[None] | None = None
        self._stopped = asyncio.Event()
        self._since = 0.0
        self._before: dict[str, Any] = {}
        self._errors: dict[str, int] = {}
        self._report: dict[str, Any] | None = None

    def told(self) -> dict[str, Any]:
        """Return whether it runs, for how long, and what the last one showed."""
        running = self._task is not None and not self._task.done()
        passed = min(SECONDS, self._runtime.now() - self._since) if running else 0.0
        return {"running": running, "passed_s": round(passed, 1), "seconds": SECONDS, "report": self._report}

    @property
    def of(self) -> Path:
        """The file that is on air, or would be if it were not rehearsed now."""
        return self._of if self._live.file == self._root / FILE else self._live.file

    async def begin(self) -> None:
        """Begin it.

        Raises:
            ValueError: one runs already, or the graph cannot be rehearsed.
        """
        if self._task is not None and not self._task.done():
            raise ValueError(phrase("the rehearsal is running already"))
        file = self._root / FILE
        try:
            text, _, _ = await self._editor.text(self._live.file)
            await asyncio.to_thread(self._write, rehearsed(text, types), self._runtime.graph.character)
        except GraphError as error:
            raise ValueError(phrase("the graph cannot be rehearsed: {why}", why=error.problems[0].message)) from None
        except OSError as error:
            raise ValueError(phrase("the rehearsal cannot be written: {why}", why=reason_of(error))) from None
        self._of = self.of
        self._live.switch(file)
        await self._live.decided(self._live.asked)
        if self._live.file != file:
            why = joined(problem.message for problem in self._live.problems)
            raise ValueError(phrase("the graph cannot be rehearsed: {why}", why=why))
        self._report = None
        self._stopped = asyncio.Event()
        self._since = self._runtime.now()
        self._before = self._counts()
        self._errors = {name: station.errors for name, station in self._runtime.stations.items()}
        self._task = self._runtime.spawn(self._minute(), "rehearsal")

    async def stop(self) -> None:
        """End it now; its report is about what there was."""
        self._stopped.set()
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _minute(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SECONDS):
                await self._stopped.wait()
        self._report = self._showed()
        if self._live.file == self._root / FILE:  # else a person has chosen another one meanwhile
            self._live.undo()
            await self._live.decided(self._live.asked)

    def _write(self, text: str, character: str) -> None:
        folder = (self._root / FILE).parent
        folder.mkdir(parents=True, exist_ok=True)
        (self._root / FILE).write_text(text, encoding="utf-8", newline="\n")
        (self._root / NOBODY).write_text("", encoding="utf-8")
        how = Crowd(TALK_S, RATE, spam=0.1, bursts=1, raid=False, character=character)
        now = datetime.now()
        lines = crowd(how, round(now.timestamp()), birth_ms=round(now.timestamp() * 1000))
        (self._root / CROWD).write_text("".join(map(_line, lines)), encoding="utf-8", newline="\n")

    def _counts(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self._runtime.ledger.counts())

    def _showed(self) -> dict[str, Any]:
        now, before, runtime = self._counts(), self._before, self._runtime
        dropped = {why: count - before["dropped"].get(why, 0) for why, count in now["dropped"].items()}
        turns = [turn for turn in runtime.turns.turns.values() if (turn.marks["batched"] or 0.0) >= self._since]
        waits = sorted(
            sound - came
            for turn in turns
            if (sound := turn.marks["first_sound"]) is not None and (came := turn.marks["received"]) is not None
        )
        return {
            "seconds": round(runtime.now() - self._since),
            "in": now["in"] - before["in"],
            "answered": now["answered"] - before["answered"],
            "waiting": now["waiting"],
            "dropped": {why: count for why, count in dropped.items() if count},
            "turns": len(turns),
            "heard": len(waits),
            "usual_s": rank(waits, 0.5),
            "slowest_s": waits[-1] if waits else None,
            "written": sum(turn.rung == "canned" for turn in turns),
            "problems": self._problems(),
        }

    def _problems(self) -> list[dict[str, str]]:
        redact = self._runtime.log.redact.text
        return [
            {"node": name, "text": changed(station.last_error, redact)}
            for name, station in self._runtime.stations.items()
            if station.errors > self._errors.get(name, 0)
        ]


def rehearsed(text: str, registry: Mapping[str, NodeSpec]) -> str:
    """Return the text of the rehearsal of a graph.

    Raises:
        GraphError: the text cannot be changed so.
    """
    nodes: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)["nodes"]
    edits: list[Edit] = []
    files = iter([CROWD])
    for name, body in nodes.items():
        spec = registry[body["type"]]
        if body["type"] in WRITERS:
            edits.append(Remove(op="remove_node", node=name, refs="disconnect"))
        elif _is_source(spec):
            edits += _played(name, body, next(files, NOBODY))
        else:
            still = {**QUIET, **(DEAF if _is_microphone(spec) else {})}
            known = spec.settings.model_fields
            edits += [Set(op="set", path=("nodes", name, key), value=still[key]) for key in still if key in known]
    return edited(text, FILE.name, edits, registry)


def _is_source(spec: NodeSpec) -> bool:
    """Whether chat comes from it by itself, and not from a page of ours."""
    return spec.light == "chat" or spec.name == SOURCE


def _is_microphone(spec: NodeSpec) -> bool:
    return any(port.event is Utterance for port in spec.outputs)


def _played(name: str, body: Mapping[str, Any], file: Path) -> Sequence[Edit]:
    keys = [key for key in body if key != "type"]
    return [
        *(Unset(op="unset", path=("nodes", name, key)) for key in keys),
        Retype(op="type", node=name, value=SOURCE),
        Set(op="set", path=("nodes", name, "file"), value=file.as_posix()),
    ]


def _line(each: tuple[float, RawPayload]) -> str:
    at, event = each
    told = {"t": round(FIRST_S + at, 3), "event": event.event, "payload": event.payload}
    return f"{json.dumps(told, ensure_ascii=False)}\n"
