"""Fuzzes a plugin's messages to the stage, one a line; ``!1.5`` lets 1.5 seconds pass.

The plugin is already allowed. Another one listens to every event, and must never receive what it cannot read.
"""

import math
from pathlib import Path
from typing import Any

from nodes.avatar._stage.api import Api, Guest
from nodes.avatar._stage.events import EVENTS
from nodes.avatar._stage.grants import Grants
from tests.fuzz.targets._laws import must, seconds, wire

_FIELDS = {"apiName", "apiVersion", "timestamp", "requestID", "messageType", "data"}
_ENVELOPE = '"apiName":"VTubeStudioPublicAPI","apiVersion":"1.0"'


class _Told:
    """The messages sent to a guest; a plugin must be able to read each of them."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def __call__(self, message: dict[str, Any]) -> None:
        must(message.keys() == _FIELDS, message.keys())
        must(len(wire(message)) < 1 << 20, "a message of more than 1 MB")
        self.messages.append(message)


def check(data: bytes) -> None:
    api = Api(Grants(Path("nowhere")), 0.0, allow=True)
    told, heard = _Told(), _Told()
    guest, listener = api.connect(told), api.connect(heard)
    guest.plugin, listener.plugin = ("Fuzz", "Fuzz"), ("Other", "Other")
    now = 0.0
    for name in EVENTS:
        api.take(listener, f'{{{_ENVELOPE},"messageType":"EventSubscriptionRequest","data":'
                           f'{{"eventName":"{name}","subscribe":true}}}}', now)  # fmt: skip
    for line in data.split(b"\n")[:64]:
        if line.startswith(b"!"):
            now += seconds(line[1:])
            api.step(now)
        else:
            _say(api, guest, told, line, now)
        for change in (*api.changes(), api.shown(now)):
            wire(change)
    for place in api.model.place.values():
        must(math.isfinite(place), "it stands nowhere:", api.model.place)
    api.leave(guest)
    heard.messages.clear()
    api.take(listener, f'{{{_ENVELOPE},"messageType":"InputParameterListRequest"}}', now)
    must(heard.messages[0]["messageType"] == "InputParameterListResponse", heard.messages[0])


def _say(api: Api, guest: Guest, told: _Told, line: bytes, now: float) -> None:
    """Send a message, and check that it is answered once or that a person is asked."""
    told.messages.clear()
    asked = api.prompt
    api.take(guest, line, now)
    answers = [each for each in told.messages if not each["messageType"].endswith("Event")]
    must(len(answers) == (1 if api.prompt is asked else 0), line, "was answered", answers)
    must(len(api.inputs.listed(now)["customParameters"]) <= 100, "too many inputs")
