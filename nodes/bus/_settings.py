"""Settings that the nodes on the bus share, and the names that are used there."""

import re
import zlib
from typing import Literal

from pydantic import Field, SecretStr

from schemas.event import Event
from schemas.settings import Settings

Kind = Literal["fresh", "sure", "block", "latest"]
"""The class of an event, which decides how it travels; see ``schemas.event.Overflow``."""


class Bus(Settings):
    """Where the bus is and whose side of it this is. ``run --at PLACE`` fills it in; nobody writes it by hand."""

    graph: str = Field(title="Name of the graph", description="The name of the whole graph.", examples=["two-hosts"])
    place: str = Field(title="This place", description="The place that this side runs at.", examples=["pc"])
    servers: str = Field(
        "nats://127.0.0.1:4222",
        title="Servers",
        description="Addresses of NATS servers of one cluster, with commas between them.",
    )
    replicas: int = Field(
        1,
        ge=1,
        le=5,
        title="Copies",
        description="How many servers of the cluster hold each event; 3 where one may be lost.",
    )
    user: str = Field("", title="User", description="The user of this place; empty for none.")
    password: SecretStr = Field(SecretStr(""), title="Password", description="The user's password.")
    ca: str = Field(
        "",
        title="Certificate file",
        description="PEM file with the authority that signed the server's certificate; empty for none.",
    )


def token(text: str) -> str:
    """Return a name as one token of a subject: ASCII letters, digits, ``_``, ``-``; different names stay different."""
    plain = re.sub(r"[^A-Za-z0-9_-]", "_", text)
    return plain if plain == text else f"{plain}_{zlib.crc32(text.encode()):08x}"


def subject(graph: str, place: str, node: str, port: str, kind: str) -> str:
    """Return the subject of an output port's events: ``aischoco.<graph>.<publishing place>.<node>.<port>.<class>``."""
    return f"aischoco.{token(graph)}.{token(place)}.{token(node)}.{token(port)}.{kind}"


def kind_of(event: Event) -> Kind:
    """Return the class of an event, which decides how it travels."""
    return event.overflow
