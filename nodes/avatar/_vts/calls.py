"""The envelope of the VTube Studio API, without I/O: sends requests, matches answers to them; the rest are events.

The requests are as pyvts builds them, but pyvts itself is not used: its import needs OpenCV (250 MB, and libraries that
a server lacks) for one icon helper, and its transport treats the next message as the answer, whatever it is.
Source: README.md of github.com/DenchiSoft/VTubeStudio.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

Data = dict[str, Any]


class ApiError(Exception):
    """Raised when VTube Studio refused a request; ``id`` as in its ErrorID.cs, 0 if it gave none."""

    def __init__(self, id_: int, text: str) -> None:
        super().__init__(f"{text} ({id_})")
        self.id = id_


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Answer = Data | ApiError
Then = Callable[[Answer], None]


@dataclass(slots=True)
class _Call:
    answer: str
    then: Then
    since: float


class Calls:
    """The requests of one connection that have no answer yet."""

    def __init__(self) -> None:
        self._open: dict[str, _Call] = {}
        self._number = 0

    def open(self, kind: str, data: Mapping[str, Any], now: float, then: Then) -> str:
        """Return the text to send for the request ``kind`` + ``Request``; ``then`` receives the answer."""
        self._number += 1
        id_ = f"aischoco-{self._number}"
        self._open[id_] = _Call(f"{kind}Response", then, now)
        message = {
            "apiName": "VTubeStudioPublicAPI",
            "apiVersion": "1.0",
            "requestID": id_,
            "messageType": f"{kind}Request",
            "data": data,
        }
        return _encode(message)

    def receive(self, text: str) -> tuple[str, Data] | None:
        """Take a message: an answer goes to its request, an event is returned as (name, data), noise is ignored.

        An event may carry the id of a request that is still open, so an answer is recognized by both id and type.
        """
        try:
            message: Any = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(message, dict):
            return None
        fields = cast(Data, message)
        kind, given = str(fields.get("messageType")), fields.get("data")
        data = cast(Data, given) if isinstance(given, dict) else {}
        id_ = str(fields.get("requestID"))
        call = self._open.get(id_)
        if call is not None and kind in (call.answer, "APIError"):
            del self._open[id_]
            call.then(_error(data) if kind == "APIError" else data)
            return None
        return (kind, data) if kind.endswith("Event") else None

    def waiting_s(self, now: float) -> float:
        """Return how long the oldest request has been waiting; 0 if none is."""
        return max((now - call.since for call in self._open.values()), default=0.0)


def _error(data: Data) -> ApiError:
    id_ = data.get("errorID")
    return ApiError(id_ if isinstance(id_, int) else 0, str(data.get("message", "")))


def ranges(answer: Data) -> dict[str, tuple[float, float]]:
    """Map each input in an ``InputParameterListResponse`` to its lowest and highest value; skip what cannot be read."""
    found: dict[str, tuple[float, float]] = {}
    for key in ("defaultParameters", "customParameters"):
        listed = answer.get(key)
        for each in cast(list[Any], listed) if isinstance(listed, list) else []:
            if isinstance(each, dict):
                fields = cast(Data, each)
                found[str(fields.get("name"))] = _range(fields.get("min"), fields.get("max"))
    return found


def _range(low: Any, high: Any) -> tuple[float, float]:
    """Return the range that VTube Studio reports for an input if it makes sense, else the widest one it accepts."""
    if isinstance(low, int | float) and isinstance(high, int | float) and -1e6 <= low < high <= 1e6:
        return float(low), float(high)
    return -1e6, 1e6
