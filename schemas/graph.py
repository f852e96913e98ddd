"""Models a checked graph: nodes with validated settings, wires with their policies; and the problems of a wrong one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from schemas.event import Event, Overflow
from schemas.language import Language
from schemas.settings import Settings


@dataclass(frozen=True, slots=True)
class Policy:
    """What an edge does when it fills up."""

    overflow: Overflow = "block"
    capacity: int = 64
    """The edge holds at most this many events; 1 if the overflow is ``latest``."""
    capacity_s: float | None = None
    """The edge holds at most this many seconds of sound; None for no such limit."""
    max_age_s: float | None = None
    """Seconds after which a waiting event is dropped as stale; None for never."""

    @classmethod
    def of(cls, event: type[Event]) -> "Policy":
        """Give the policy that an event class asks for."""
        capacity = 1 if event.overflow == "latest" else event.capacity
        return cls(event.overflow, capacity, event.capacity_s, event.max_age_s)


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge: what the node ``source`` gives at ``output`` goes to ``target`` at ``input``."""

    source: str
    output: str
    target: str
    input: str
    policy: Policy
    feedback: bool = False
    """Whether a cycle may close through this input."""

    @property
    def ends(self) -> tuple[str, str, str, str]:
        """What identifies the wire: everything but its policy."""
        return self.source, self.output, self.target, self.input

    def __str__(self) -> str:
        return f"{self.source}.{self.output} -> {self.target}.{self.input}"


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node as it is written in a graph."""

    name: str
    type: str
    settings: Settings
    fingerprint: str
    """SHA-256, hex, of the type and the resolved settings. The same fingerprint means the same node. Secrets go in as
    their hash; for a watched file the path goes in, but not its content."""
    line: int
    """The line of its name in the file, from 1."""
    at: str | None = None
    """The place where it runs; None for here."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a place knows about the whole graph that it is part of."""

    place: str
    answering: frozenset[str]
    """Nodes of this place through which a viewer event reaches its answer, here or elsewhere."""
    speaking: frozenset[str]
    """Nodes of this place without which a turn is never heard to its end."""
    voiced: bool
    """Whether any node of the whole graph speaks."""


@dataclass(frozen=True, slots=True)
class Intro:
    """What a graph says of itself to a person who chooses one."""

    about: Mapping[str, str] = field(default_factory=dict[str, str])
    """Language -> a sentence; one that is written without a language has an empty one."""
    example: bool = False
    """Whether it is there to be looked at more than to be run."""


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph without problems."""

    name: str
    file: str
    nodes: Mapping[str, NodeEntry]
    """In the order of the file."""
    wires: tuple[Wire, ...]
    """In the order of the file; no two have the same ends."""
    text: str
    part: Part | None = None
    """Set if this is one place of a larger graph (see graphs.engine.language.cut)."""
    character: str = "초코"
    """The name of the character."""
    budget_s: float | None = None
    """Seconds that the graph promises from a turn's first message to its first sound; None for no promise."""
    languages: Mapping[str, Language] = field(default_factory=dict[str, Language])
    """Node -> the language of the nearest voice behind it; a node that leads to no voice is not in it."""
    intro: Intro = field(default_factory=Intro)
    note: str = field(default="", compare=False)
    """What a person should know of the file, such as that it is not UTF-8; empty if there is nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem in a file; ``str`` gives ``file:line:column: what is wrong (what to do)``."""

    file: str
    line: int
    """From 1."""
    column: int
    """In characters, from 1."""
    message: str
    hint: str = ""
    unset: str = ""
    """The variable that has no value, where that is the problem."""
    path: tuple[str | int, ...] = field(default=(), compare=False)
    """The keys that lead to the value in the file, as far as they are known."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class GraphError(ValueError):
    """A graph that cannot run, with every problem in it; ``str`` gives a line for each problem."""

    def __init__(self, problems: Iterable[Problem], name: str = "", intro: Intro | None = None) -> None:
        """
        Args:
            name: the name of the graph; empty if it has none that can be read.
            intro: as far as it can be read.
        """
        self.name = name
        self.intro = intro or Intro()
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
