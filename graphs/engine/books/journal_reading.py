"""Reads what a journal holds when a run begins."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graphs.engine.books.journal_lines import OnAir, event_of, origin, record
from graphs.engine.books.under_way import Died, counted, died, without_text
from nodes.phrases import joined, phrase, said_by
from nodes.written import WrongLine
from schemas.chat import ViewerEvent

_TOLD, _SHOWN = 5, 200
"""Report at most this many unreadable lines, with this many characters of each error."""


@dataclass(slots=True)
class Found:
    """The content of a journal."""

    events: dict[str, tuple[str, ViewerEvent]] = field(default_factory=dict[str, tuple[str, ViewerEvent]])
    """Id -> (name of its source, event) of what the graph on air answers."""
    elsewhere: dict[str, str] = field(default_factory=dict[str, str])
    """Id -> graph of what another graph answers."""
    waiting: dict[str, bytes] = field(default_factory=dict[str, bytes])
    """Id -> line of all of these."""
    authors: dict[str, str] = field(default_factory=dict[str, str])
    """Id -> author of every event in the file, done or not."""
    died: dict[str, Died] = field(default_factory=dict[str, Died])
    """Id -> how often runs died on it, if one did."""
    unread: list[bytes] = field(default_factory=list[bytes])
    """The lines that could not be read."""
    problems: list[str] = field(default_factory=list[str])
    """What is wrong with each of them."""

    def told(self, path: Path, unreadable: Path) -> Iterator[str]:
        """Say what of it this run does not answer."""
        if self.elsewhere:
            graphs = ", ".join(sorted(set(self.elsewhere.values())))[:_SHOWN]
            yield phrase(
                "{file}: {count} wait until a graph with their sources is started: {graphs}",
                file=path,
                count=len(self.elsewhere),
                graphs=graphs,
            )
        if self.problems:
            told = joined(self.problems[:_TOLD])
            if (more := len(self.problems) - _TOLD) > 0:
                told = phrase("{told}; and {count} more", told=told, count=more)
            yield phrase(
                "{file}: could not be read and is set aside in {aside}: {told}",
                file=path,
                aside=unreadable.name,
                told=told,
            )

    def lethal(self) -> list[str]:
        """Return the ids of the events on which too many runs died to answer them as any other."""
        return [name for name in self.events if name in self.died and (self.died[name].plain or self.died[name].aside)]

    def softened(self, names: list[str]) -> list[ViewerEvent]:
        """Let these events come without their text; those that are no longer answered are taken out and returned."""
        given_up: list[ViewerEvent] = []
        for name in names:
            source, event = self.events[name]
            self.events[name] = source, without_text(event)
            if self.died[name].aside:
                del self.events[name], self.waiting[name]
                given_up.append(event)
        return given_up


def found_in(text: bytes, stem: str, on_air: OnAir, under_way: dict[str, bool]) -> Found:
    """Read a journal.

    Args:
        stem: the name of its file, which is that of the graph of lines that do not say.
        under_way: what the last run with this journal died on (see ``under_way.read``); it is counted.
    """
    found = Found()
    for number, each in enumerate(text.split(b"\n"), 1):
        if not each:
            continue
        try:
            fields = record(each)
            if "done" in fields:
                for waiting in (found.events, found.elsewhere, found.waiting):
                    waiting.pop(str(fields["done"]), None)
                continue
            json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()  # rejects lone surrogates and NaN
            event = event_of(fields)
        except (ValueError, RecursionError) as error:
            found.unread.append(each + b"\n")
            found.problems.append(str(WrongLine(number, said_by(error).splitlines()[0][:_SHOWN])))
            continue
        came = origin(fields, stem)
        if on_air.takes(came):
            found.events[event.id] = (str(fields.get("node", "")), event)
        else:
            found.elsewhere[event.id] = came.graph
        found.authors[event.id] = event.author_id
        found.waiting[event.id] = counted(each + b"\n", fields, under_way)
        if died(fields).deaths:
            found.died[event.id] = died(fields)
    return found
