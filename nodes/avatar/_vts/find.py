"""Finds VTube Studio by its broadcast: it announces its port on UDP 47779 every 2 s, even if its API is off."""

import asyncio
import json
import socket
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4, uuid5

PORT = 47779
STAGE = "AIsChoco"
"""The window title in the broadcast of a built-in stage."""
_PROCESS = uuid4()
LARGEST = 2048
"""At most this many bytes in a datagram; a broadcast has about 300."""
_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """A VTube Studio on this machine."""

    port: int
    active: bool
    """Whether its API is switched on."""
    others: bool = False
    """Whether it is the built-in stage of another show, which has its own character."""


def instance(page: str) -> str:
    """Return the instance in the broadcasts of the stages of one show.

    Args:
        page: the address of its page, by which several shows in one process differ.
    """
    return uuid5(_PROCESS, page).hex


def read(datagram: bytes, own: str = "") -> Found | None:
    """Read a ``VTubeStudioAPIStateBroadcast``; None for anything else.

    Args:
        own: the instance of the stages of the show that asks.
    """
    try:
        message: Any = json.loads(datagram)
    except (ValueError, RecursionError):
        return None
    fields = cast(dict[str, Any], message) if isinstance(message, dict) else {}
    given = fields.get("data")
    data = cast(dict[str, Any], given) if isinstance(given, dict) else {}
    port = data.get("port")
    if fields.get("messageType") != "VTubeStudioAPIStateBroadcast" or isinstance(port, bool):
        return None
    if not isinstance(port, int) or not 0 < port < 65536:
        return None
    others = data.get("windowTitle") == STAGE and data.get("instanceID") != own
    return Found(port, data.get("active") is True, others)


def is_here(host: str) -> bool:
    """Whether the address belongs to this machine, since only then can a socket be bound to it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError:
            return False
    return True


async def find(seconds: float, own: str = "", port: int = PORT, address: str = "") -> Found | None:
    """Listen for this long, or until a VTube Studio on this machine is heard.

    The stage of another show is returned only if nothing else was heard until the end.

    Args:
        own: see ``read``.
        address: where to listen; everywhere by default, since a broadcast reaches no socket bound to loopback.
    """
    loop = asyncio.get_running_loop()
    listener = _listener(address, port)
    if listener is None:
        await asyncio.sleep(seconds)
        return None
    offered: Found | None = None
    with listener:
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        datagram, sender = await loop.sock_recvfrom(listener, LARGEST)
                    except TimeoutError:
                        raise
                    except OSError:  # Windows: what was received is not a datagram for us (10040, 10054)
                        await asyncio.sleep(_AGAIN_S)
                        continue
                    found = read(datagram, own)
                    if found is None or not is_here(sender[0]):
                        continue
                    if not found.others:
                        return found
                    offered = found
        except TimeoutError:
            return offered


def _listener(address: str, port: int) -> socket.socket | None:
    """Return a socket that shares the port with other plugins that listen; None if there cannot be one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "SO_REUSEPORT"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((address, port))
        listener.setblocking(False)
    except OSError:
        listener.close()
        return None
    return listener
