"""Reads the edits that a page asks for, and makes them one after another in the text of a graph."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, TypeAdapter, ValidationError

from graphs.engine.editing.draft import Draft, told
from graphs.engine.editing.nodes import add_node, copy_node, remove_node, rename_node
from graphs.engine.editing.retype import retype
from graphs.engine.editing.settings import set_value, unset
from graphs.engine.editing.wires import connect, disconnect
from nodes import NodeSpec
from nodes.phrases import phrase

MOST = 100
"""At most this many edits make one change."""

_Path = Annotated[tuple[str | Annotated[StrictInt, Field(ge=0)], ...], Field(min_length=1, max_length=32)]


class _Edit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # built by the first edit

    def make(self, draft: Draft) -> None:
        """Make the edit; ``GraphError`` says why it cannot be made."""
        raise NotImplementedError

    def told(self) -> str:
        """Say in short what changes, without the value: it may be private."""
        raise NotImplementedError


class Set(_Edit):
    """Give a value to a path of the graph; what is not there is added, behind the key ``after``."""

    op: Literal["set"]
    path: _Path
    value: Any
    after: str | None = None

    def make(self, draft: Draft) -> None:
        set_value(draft, self.path, self.value, self.after)

    def told(self) -> str:
        return told(_short(self.path))


class Unset(_Edit):
    """Take a value away, so that its default holds."""

    op: Literal["unset"]
    path: _Path

    def make(self, draft: Draft) -> None:
        unset(draft, self.path)

    def told(self) -> str:
        return phrase("{name} removed", name=told(_short(self.path)))


class Retype(_Edit):
    """Change the type of a node; ``fit`` also leaves out the settings and connections that the new type cannot hold."""

    op: Literal["type"]
    node: str
    value: str
    fit: bool = False

    def make(self, draft: Draft) -> None:
        retype(draft, self.node, self.value, fit=self.fit)

    def told(self) -> str:
        return phrase("{node} is {value}", node=self.node, value=self.value)


class Add(_Edit):
    """Add a node behind another one, or as the last."""

    op: Literal["add_node"]
    node: str
    body: dict[str, Any]
    after: str | None = None
    comment: str = Field("", max_length=1000)

    def make(self, draft: Draft) -> None:
        add_node(draft, self.node, self.body, self.after, self.comment)

    def told(self) -> str:
        return phrase("{name} added", name=self.node)


class Copy(_Edit):
    """Write a node once more under another name, behind the first."""

    op: Literal["copy_node"]
    node: str
    to: str

    def make(self, draft: Draft) -> None:
        copy_node(draft, self.node, self.to)

    def told(self) -> str:
        return phrase("{name} added", name=self.to)


class Remove(_Edit):
    """Remove a node; ``disconnect`` takes it out of the inputs and tests that name it."""

    op: Literal["remove_node"]
    node: str
    refs: Literal["refuse", "disconnect"] = "refuse"

    def make(self, draft: Draft) -> None:
        remove_node(draft, self.node, disconnect=self.refs == "disconnect")

    def told(self) -> str:
        return phrase("{name} removed", name=self.node)


class Rename(_Edit):
    """Give a node another name wherever the graph names it."""

    op: Literal["rename"]
    node: str
    to: str

    def make(self, draft: Draft) -> None:
        rename_node(draft, self.node, self.to)

    def told(self) -> str:
        return phrase("{node} is called {name}", node=self.node, name=self.to)


class _Wire(_Edit):
    node: str
    port: str
    source: str = Field(alias="from")


class Connect(_Wire):
    """Let an input take from a node too."""

    op: Literal["connect"]

    def make(self, draft: Draft) -> None:
        connect(draft, self.node, self.port, self.source)

    def told(self) -> str:
        return phrase("{input} takes from {source}", input=f"{self.node}.{self.port}", source=self.source)


class Disconnect(_Wire):
    """Let an input take from a node no more."""

    op: Literal["disconnect"]

    def make(self, draft: Draft) -> None:
        disconnect(draft, self.node, self.port, self.source)

    def told(self) -> str:
        return phrase("{input} takes from {source} no more", input=f"{self.node}.{self.port}", source=self.source)


Edit = Annotated[Set | Unset | Retype | Add | Copy | Remove | Rename | Connect | Disconnect, Field(discriminator="op")]


@cache
def _reader() -> TypeAdapter[list[Edit]]:
    return TypeAdapter(Annotated[list[Edit], Field(min_length=1, max_length=MOST)])


def edits_of(said: object) -> Sequence[Edit]:
    """Read edits from JSON.

    Raises:
        ValueError: they are not edits; the text says which one and why.
    """
    try:
        return _reader().validate_python(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise ValueError(f"edits.{told(first['loc'])}: {first['msg']}") from None


def edited(text: str, file: str, edits: Sequence[Edit], registry: Mapping[str, NodeSpec]) -> str:
    """Return the text after these edits; it reads as exactly what they ask for.

    Args:
        text: as the reader of graphs has it: without the mark of the file, lines end with ``\\n``.
        file: its name, for messages.

    Raises:
        GraphError: one of them cannot be made, with the place and the reason; or the text is not a graph's.
    """
    draft = Draft(text, file, registry)
    for edit in edits:
        edit.make(draft)
    return draft.text


def _short(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    return path[1:] if path[0] == "nodes" and len(path) > 1 else path
