"""Inputs of the stage's avatar, without I/O: the default ones, custom ones, and which plugin sets each of them now.

A value that is not sent again within a second is released. Only one plugin may set an input at a time; any number may
add to it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from nodes.avatar._stage.wire import LARGEST, Data, Error, Refused, number, word
from schemas.pose import VTS_INPUTS

HOLD_S = 1.0
"""How long an injected value stays valid."""
MOST_OF_PLUGIN, MOST = 100, 300
"""At most this many custom inputs of one plugin, and of all plugins."""
EXPLANATION = 256
"""An explanation must be shorter than this many characters."""

Plugin = tuple[str, str]
"""(name, developer)"""


@dataclass(slots=True)
class _Input:
    low: float
    high: float
    rest: float = 0.0
    owner: Plugin | None = None
    """The plugin that created it; None for a default input."""
    setter: Plugin | None = None
    set_at: float = 0.0
    value: float = 0.0
    added: dict[Plugin, tuple[float, float]] = field(default_factory=dict[Plugin, tuple[float, float]])
    """Plugin -> (value, when)."""

    def forget(self, now: float) -> None:
        """Release values that were not sent again in time."""
        if self.setter is not None and now - self.set_at > HOLD_S:
            self.setter = None
        for plugin in [plugin for plugin, (_, at) in self.added.items() if now - at > HOLD_S]:
            del self.added[plugin]

    @property
    def driven(self) -> bool:
        return self.setter is not None or bool(self.added)

    @property
    def now(self) -> float:
        value = self.rest if self.setter is None else self.value
        return value + sum(value for value, _ in self.added.values())


class Inputs:
    """Holds all inputs."""

    def __init__(self) -> None:
        self._inputs = {name: _Input(low, high) for name, (low, high) in VTS_INPUTS.items()}
        self._face_at: float | None = None
        """When a plugin last reported a face."""

    def listed(self, now: float) -> Data:
        """Return ``defaultParameters`` and ``customParameters`` of an InputParameterListResponse."""
        found: dict[str, list[Data]] = {"customParameters": [], "defaultParameters": []}
        for name, each in self._inputs.items():
            found["defaultParameters" if each.owner is None else "customParameters"].append(self.described(name, now))
        return dict(found)

    def described(self, name: str, now: float) -> Data:
        """Return a ParameterValueResponse.

        Raises:
            Refused: there is no such input.
        """
        each = self._inputs.get(name)
        if each is None:
            raise Refused(Error.VALUE_NOT_FOUND, f"there is no input {name[:64]}")
        each.forget(now)
        return {
            "name": name,
            "addedBy": "VTube Studio" if each.owner is None else each.owner[0],
            "value": each.now,
            "min": each.low,
            "max": each.high,
            "defaultValue": each.rest,
        }

    def driven(self, now: float) -> dict[str, float]:
        """Map the inputs that a plugin sets now to their values."""
        found: dict[str, float] = {}
        for name, each in self._inputs.items():
            if each.driven:
                each.forget(now)
                if each.driven:
                    found[name] = round(each.now, 4)
        return found

    def value(self, name: str, now: float) -> float:
        """Return the value of an input; 0 if there is no such input."""
        each = self._inputs.get(name)
        if each is None:
            return 0.0
        each.forget(now)
        return each.now

    def face_found(self, now: float) -> bool:
        return self._face_at is not None and now - self._face_at <= HOLD_S

    def create(self, plugin: Plugin, data: Mapping[str, Any]) -> Data:
        """Handle a ParameterCreationRequest; a repeat by the same plugin changes the range.

        Raises:
            Refused: a field is wrong, the name is taken, or there are too many.
        """
        name = word(data, "parameterName")
        if not re.fullmatch(r"[A-Za-z0-9]{4,32}", name):
            raise Refused(Error.CUSTOM_NAME_INVALID, "parameterName must be 4 to 32 letters and digits")
        low, high, rest = (number(data.get(each), -LARGEST, LARGEST) for each in ("min", "max", "defaultValue"))
        if low is None or high is None or rest is None or low >= high:
            raise Refused(Error.CUSTOM_VALUES_INVALID, "min must be below max, and all within -1000000 and 1000000")
        if len(word(data, "explanation")) >= EXPLANATION:
            raise Refused(Error.CUSTOM_EXPLANATION_LONG, f"explanation must be shorter than {EXPLANATION} characters")
        known = self._inputs.get(name)
        if known is not None:
            self._owned(known, plugin, name, Error.CUSTOM_IS_DEFAULT, Error.CUSTOM_OF_OTHER)
            known.low, known.high, known.rest = low, high, rest
            return {"parameterName": name}
        owners = [each.owner for each in self._inputs.values() if each.owner is not None]
        if owners.count(plugin) >= MOST_OF_PLUGIN:
            raise Refused(Error.CUSTOM_LIMIT_PLUGIN, f"a plugin has {MOST_OF_PLUGIN} custom inputs at most")
        if len(owners) >= MOST:
            raise Refused(Error.CUSTOM_LIMIT_TOTAL, f"there are {MOST} custom inputs at most")
        self._inputs[name] = _Input(low, high, rest, plugin)
        return {"parameterName": name}

    def delete(self, plugin: Plugin, data: Mapping[str, Any]) -> Data:
        """Handle a ParameterDeletionRequest.

        Raises:
            Refused: there is no such input, or it belongs to another plugin.
        """
        name = word(data, "parameterName")
        if not name:
            raise Refused(Error.DELETE_NAME_INVALID, "parameterName is missing")
        known = self._inputs.get(name)
        if known is None:
            raise Refused(Error.DELETE_NOT_FOUND, f"there is no custom input {name[:64]}")
        self._owned(known, plugin, name, Error.DELETE_DEFAULT, Error.DELETE_OF_OTHER)
        del self._inputs[name]
        return {"parameterName": name}

    def _owned(self, known: _Input, plugin: Plugin, name: str, default: Error, other: Error) -> None:
        if known.owner is None:
            raise Refused(default, f"{name} is an input of VTube Studio itself")
        if known.owner != plugin:
            raise Refused(other, f"{name} belongs to the plugin {known.owner[0]}")

    def inject(self, plugin: Plugin, data: Mapping[str, Any], now: float) -> Data:
        """Handle an InjectParameterDataRequest; a refused one changes nothing.

        Raises:
            Refused: a value is wrong, or an input is unknown or set by another plugin.
        """
        mode = data.get("mode", "set")
        if mode not in ("set", "add"):
            raise Refused(Error.INJECT_MODE, 'mode must be "set" or "add"')
        given: Any = data.get("parameterValues")
        if not isinstance(given, list) or not given:
            raise Refused(Error.INJECT_NO_DATA, "parameterValues is missing or empty")
        values = [self._injected(plugin, each, mode, now) for each in cast(list[Any], given)]
        for each, value, weight in values:
            if mode == "add":
                each.added[plugin] = value, now
            else:
                each.value = value * weight + each.rest * (1.0 - weight)
                each.setter, each.set_at = plugin, now
        if data.get("faceFound") is True:
            self._face_at = now
        elif data.get("faceFound") is False:
            self._face_at = None
        return {}

    def _injected(self, plugin: Plugin, given: Any, mode: str, now: float) -> tuple[_Input, float, float]:
        fields = cast(Data, given) if isinstance(given, dict) else {}
        name = word(fields, "id")
        value = number(fields.get("value"), -LARGEST, LARGEST)
        if value is None:
            raise Refused(Error.INJECT_VALUE, f"value of {name[:64]} must be a number within -1000000 and 1000000")
        weight = fields.get("weight")
        share = 1.0 if weight is None else number(weight, 0.0, 1.0)
        if share is None:
            raise Refused(Error.INJECT_WEIGHT, f"weight of {name[:64]} must be between 0 and 1")
        known = self._inputs.get(name)
        if known is None:
            raise Refused(Error.INJECT_NAME, f"there is no input {name[:64]}")
        known.forget(now)
        if mode == "set" and known.setter not in (None, plugin):
            raise Refused(Error.INJECT_CONTROLLED, f"{name} is set by another plugin")
        return known, value, share
