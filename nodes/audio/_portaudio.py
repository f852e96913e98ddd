"""Keeps what plays by PortAudio playing: its list of devices is only renewed while nothing does.

PortAudio lists the devices once, when it begins; it has to end and begin again to see one that was plugged in since,
and what plays ends with it.
"""

import contextlib
import sys
from threading import Lock
from typing import Any

_open: set["Stream"] = set()
turn = Lock()
"""PortAudio must not begin again in one thread while another one opens a device or reads the list."""


class Stream:
    """A stream of ``sounddevice`` that plays."""

    def __init__(self, stream: Any, library: Any) -> None:
        self.library = library
        self.latency = float(stream.latency)
        self._stream = stream
        _open.add(self)

    @property
    def active(self) -> bool:
        with contextlib.suppress(Exception):  # a device that does not even answer this is gone
            return bool(self._stream.active)
        return False

    def close(self) -> None:
        for end in (self._stream.abort, self._stream.close):
            with contextlib.suppress(Exception):  # a device that is gone refuses it
                end()
        _open.discard(self)


def playing() -> bool:
    """Whether something plays by PortAudio in this process."""
    library = sys.modules.get("sounddevice")
    return any(each.library is library and each.active for each in _open.copy())


def renew(library: Any) -> None:
    """Let PortAudio list the devices again, unless something plays."""
    if not playing():
        with contextlib.suppress(library.PortAudioError):  # it did not initialize last time
            library._terminate()
        library._initialize()
