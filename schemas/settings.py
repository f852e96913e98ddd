"""The base of a node's settings and the special kinds of value in them."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Settings of one node; a key that the node does not know is an error. Every field has a description."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Watched:
    """Marks a path whose content is read live: a change of the file takes effect without rebuilding the node."""


class Live:
    """Marks a number that may change in a running node; the node reads it from its settings at each event."""


WatchedFile = Annotated[Path, Watched()]
"""A text file that a node reads through ``Files.watch``; relative to the project folder."""
