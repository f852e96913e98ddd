"""Reads ``config/fleet.yaml``: which shows a fleet keeps on air, and in how many processes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath

from pydantic import Field, field_validator

from graphs.engine.language.load import load
from graphs.engine.language.settings import SettingsCheck
from nodes.file_name import unfit
from nodes.phrases import phrase, reason_of
from nodes.written import contents
from schemas.graph import GraphError, Problem
from schemas.settings import Settings

PACK = 10
_SCRAP = 0.001
"""A process takes this much of a named resource: it only needs to be on a machine that has some."""


class Entry(Settings):
    """One show: a graph, or one place of it."""

    graph: Path = Field(description="A graph, relative to the project folder.", examples=["graphs/live.yaml"])
    at: str | None = Field(None, description="The place of the graph that runs here; the whole graph if left out.")
    on: str | None = Field(
        None, description="Only on machines with this resource: ray start --resources='{\"gpu_box\": 1}'."
    )
    cpus: float = Field(0.25, ge=0, le=256, description="Share of processor cores.")
    gpus: float = Field(0.0, ge=0, le=64, description="Share of graphics cards; such a show has a process of its own.")
    alone: bool = Field(False, description="Has a process of its own.")
    env: dict[str, str | int | float] = Field(
        default_factory=dict[str, str | int | float],
        description="Variables of this show, before those of .env: {OVERLAY_PORT: 9001}.",
    )

    @field_validator("gpus")
    @classmethod
    def _whole_or_part(cls, value: float) -> float:
        if value > 1 and value != int(value):
            raise ValueError(phrase("above 1 it must be a whole number"))
        return value


class Fleet(Settings):
    """A fleet."""

    shows: dict[str, Entry] = Field(min_length=1, description="Name -> show.")
    pack: int = Field(PACK, ge=1, le=100, description="Light shows in a process.")
    address: str = Field("auto", description="The Ray cluster; auto: the one of this machine.")
    port: int = Field(8770, ge=0, le=65535, description="The page of the fleet on this machine; 0 for any free one.")


@dataclass(frozen=True, slots=True)
class Show:
    """A show as its process gets it."""

    name: str
    graph: str
    """The graph's path, relative to the project folder."""
    at: str | None
    env: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """A process, and what it needs from the machine it is placed on."""

    name: str
    shows: tuple[Show, ...]
    cpus: float
    gpus: float
    resources: Mapping[str, float]


def read_fleet(path: Path, root: Path, env: Mapping[str, str]) -> Fleet:
    """Read and check a fleet's file.

    Raises:
        GraphError: every problem of the file at once.
    """
    try:
        raw = contents(path)
    except OSError as error:
        raise GraphError([Problem(str(path), 1, 1, phrase("cannot be read: {why}", why=reason_of(error)))]) from error
    if not raw.strip():
        what, hint = phrase("the file is empty"), phrase("a fleet begins with 'shows:'")
        raise GraphError([Problem(str(path), 1, 1, what, hint)])
    document = load(raw, str(path), env)
    found: Fleet | None = SettingsCheck(document, root).validated(Fleet, document.data, (), phrase("the fleet"))
    for name, show in found.shows.items() if found is not None else ():
        if why := unfit(name):
            text = phrase("a show cannot be called '{name}': {why}", name=name, why=why)
            document.problem(document.key(("shows", name)), text)
        mark = document.value(("shows", name, "graph"))
        if not (root / show.graph).is_file():
            text = phrase("{name}: there is no file {file}", name=name, file=show.graph.as_posix())
            document.problem(mark, text, phrase("look into graphs/"))
        for port, first in _twice(found.shows, name) if found is not None else ():
            mark = document.value(("shows", name, "env", port))
            text = phrase("{name}: {port} is that of '{first}' too", name=name, port=port, first=first)
            document.problem(mark, text, phrase("each show needs a port of its own"))
    if document.problems or found is None:
        raise GraphError(document.problems)
    return found


def _twice(shows: Mapping[str, Entry], name: str) -> Iterable[tuple[str, str]]:
    """Find ports of a show that an earlier show also uses, as (variable, the other show). On different machines they
    could be equal, but nobody knows where a show will run after a machine is lost."""
    for variable, value in shows[name].env.items():
        if not variable.endswith("_PORT") or str(value) == "0":
            continue
        for other, entry in shows.items():
            if other == name:
                break
            if str(entry.env.get(variable)) == str(value):
                yield variable, other
                break


def processes(fleet: Fleet) -> list[Process]:
    """Decide which shows share a process: light ones for the same machines, at most ``pack`` of them, in file order."""
    groups: list[tuple[str, list[tuple[str, Entry]]]] = []
    opened: dict[str | None, list[tuple[str, Entry]]] = {}
    for name, show in fleet.shows.items():
        if show.alone or show.gpus:
            groups.append((name, [(name, show)]))
            continue
        group = opened.get(show.on)
        if group is None or len(group) == fleet.pack:
            group = opened[show.on] = []
            groups.append((f"{name}+" if fleet.pack > 1 else name, group))
        group.append((name, show))
    return [_process(name, members) for name, members in groups]


def _process(name: str, members: list[tuple[str, Entry]]) -> Process:
    on = members[0][1].on
    return Process(
        name,
        tuple(
            Show(
                each,
                PurePath(show.graph).as_posix(),
                show.at,
                {variable: str(value) for variable, value in show.env.items()},
            )
            for each, show in members
        ),
        round(sum(show.cpus for _, show in members), 4),
        members[0][1].gpus,
        {} if on is None else {on: _SCRAP},
    )
