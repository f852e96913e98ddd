"""Defines the base of a node's settings and the special kinds of value in them."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings of one node; a key that the node does not know is an error. Every field has a description.

    What checks them is built when the first node of the type is made: all types together would take 0.2 s of the start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Watched:
    """Marks a path whose content is read live: a change of the file takes effect without rebuilding the node."""


class Live:
    """Marks a setting that may change in a running node; the node reads it from its settings at each event."""


WatchedFile = Annotated[Path, Watched()]
"""A text file that a node reads through ``Files.watch``; relative to the project folder."""


@cache
def fields_with(settings: type[Settings], kind: type) -> frozenset[str]:
    """Find the settings that hold a mark of this module or a type, directly or nested (``WatchedFile | None``)."""
    fields = settings.model_fields.items()
    return frozenset(name for name, field in fields if _holds([field.annotation, *field.metadata], kind))


def _holds(parts: Iterable[Any], kind: type) -> bool:
    return any(part is kind or isinstance(part, kind) or _holds(get_args(part), kind) for part in parts)
