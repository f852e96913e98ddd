"""The envelope of the VTube Studio API as the server sees it, its error ids, and readers for the fields of a request.

Source: README.md and Files/ErrorID.cs of github.com/DenchiSoft/VTubeStudio. Texts of errors are ours; a plugin relies
on the id.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, cast

Data = dict[str, Any]

API_NAME, API_VERSION = "VTubeStudioPublicAPI", "1.0"
LARGEST = 1e6
"""Values of inputs lie between minus and plus this number."""


class Error(IntEnum):
    """Official error ids; the names are those of ErrorID.cs in our spelling."""

    INTERNAL = 0
    JSON_INVALID = 2
    API_NAME_INVALID = 3
    API_VERSION_INVALID = 4
    REQUEST_ID_INVALID = 5
    TYPE_MISSING = 6
    TYPE_UNKNOWN = 7
    NOT_AUTHENTICATED = 8
    TOKEN_DENIED = 50
    TOKEN_ONGOING = 51
    PLUGIN_NAME_INVALID = 52
    DEVELOPER_NAME_INVALID = 53
    PLUGIN_ICON_INVALID = 54
    TOKEN_MISSING = 100
    PLUGIN_NAME_MISSING = 101
    DEVELOPER_NAME_MISSING = 102
    MODEL_ID_MISSING = 150
    MODEL_ID_INVALID = 151
    MODEL_ID_NOT_FOUND = 152
    MODEL_COOLDOWN = 153
    HOTKEY_QUEUE_FULL = 200
    HOTKEY_NOT_FOUND = 202
    HOTKEY_COOLDOWN = 203
    HOTKEY_ITEM_NOT_FOUND = 207
    TINT_MISSING = 251
    TINT_INVALID = 252
    MOVE_MISSING = 301
    MOVE_OUT_OF_RANGE = 302
    CUSTOM_NAME_INVALID = 350
    CUSTOM_VALUES_INVALID = 351
    CUSTOM_OF_OTHER = 352
    CUSTOM_EXPLANATION_LONG = 353
    CUSTOM_IS_DEFAULT = 354
    CUSTOM_LIMIT_PLUGIN = 355
    CUSTOM_LIMIT_TOTAL = 356
    DELETE_NAME_INVALID = 400
    DELETE_NOT_FOUND = 401
    DELETE_OF_OTHER = 402
    DELETE_DEFAULT = 403
    INJECT_NO_DATA = 450
    INJECT_VALUE = 451
    INJECT_WEIGHT = 452
    INJECT_NAME = 453
    INJECT_CONTROLLED = 454
    INJECT_MODE = 455
    VALUE_NOT_FOUND = 500
    EXPRESSION_NAME_INVALID = 600
    EXPRESSION_NOT_FOUND = 601
    ACTIVATION_NAME_INVALID = 650
    ACTIVATION_NOT_FOUND = 651
    NO_PHYSICS = 701
    ITEM_NAME_MISSING = 750
    ITEM_NOT_FOUND = 751
    ITEM_ANIMATION_NOT_FOUND = 850
    ITEM_MOVE_NOT_FOUND = 900
    EVENT_UNKNOWN = 950
    MESHES_UNKNOWN = 1002
    ITEM_PIN_NOT_LOADED = 1050
    PERMISSION_UNKNOWN = 1100
    ITEM_SORT_NOT_FOUND = 1250
    TEST_MESSAGE_LONG = 100000
    EVENT_MODEL_ID = 100050
    EVENT_HOTKEY_ACTION = 100100


class Refused(Exception):
    """Raised to answer a request with an APIError."""

    def __init__(self, error: Error, text: str) -> None:
        super().__init__(text)
        self.error = error


@dataclass(frozen=True, slots=True)
class Request:
    """A request with a valid envelope."""

    id: str
    kind: str
    """The message type without ``Request``."""
    data: Data


def read(text: str | bytes, fallback_id: str) -> Request:
    """Read a message of a plugin.

    Raises:
        Broken: the envelope is invalid; the exception carries the id to answer with.
    """
    try:
        parsed: Any = json.loads(text)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise Broken(fallback_id, Error.JSON_INVALID, "the message is not a JSON object")
    fields = cast(Data, parsed)
    id_ = fields.get("requestID", fallback_id)
    if not isinstance(id_, str) or not re.fullmatch(r"[\x20-\x7e]{1,64}", id_):
        raise Broken(fallback_id, Error.REQUEST_ID_INVALID, "requestID must be 1 to 64 ASCII characters")
    if fields.get("apiName") != API_NAME:
        raise Broken(id_, Error.API_NAME_INVALID, f"apiName must be {API_NAME}")
    if fields.get("apiVersion") != API_VERSION:
        raise Broken(id_, Error.API_VERSION_INVALID, f"apiVersion must be {API_VERSION}")
    type_ = word(fields, "messageType")
    if not type_:
        raise Broken(id_, Error.TYPE_MISSING, "messageType is missing")
    if not type_.endswith("Request"):
        raise Broken(id_, Error.TYPE_UNKNOWN, f"there is no request {type_[:64]}")
    data = fields.get("data")
    return Request(id_, type_.removesuffix("Request"), cast(Data, data) if isinstance(data, dict) else {})


class Broken(Refused):
    """Raised for a message with an invalid envelope."""

    def __init__(self, id_: str, error: Error, text: str) -> None:
        super().__init__(error, text)
        self.id = id_


def message(id_: str, type_: str, data: Mapping[str, Any]) -> Data:
    """Return a message of the server; ``timestamp`` is the time of day in ms, on which no decision depends."""
    return {
        "apiName": API_NAME,
        "apiVersion": API_VERSION,
        "timestamp": int(datetime.now(UTC).timestamp() * 1000),
        "requestID": id_,
        "messageType": type_,
        "data": dict(data),
    }


def refusal(id_: str, refused: Refused) -> Data:
    """Return an error as a message."""
    return message(id_, "APIError", {"errorID": int(refused.error), "message": str(refused)})


def word(data: Mapping[str, Any], name: str) -> str:
    """Return a text field; empty if there is none."""
    value = data.get(name)
    return _whole(value) if isinstance(value, str) else ""


def words(data: Mapping[str, Any], name: str) -> list[str]:
    """Return a field that is a list of texts; anything else in it is skipped."""
    value = data.get(name)
    found = cast(list[Any], value) if isinstance(value, list) else []
    return [_whole(each) for each in found if isinstance(each, str)]


def _whole(text: str) -> str:
    """Return the text with ``?`` for each half character (lone surrogate), which no answer or file could hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def number(value: Any, low: float, high: float) -> float | None:
    """Return the value if it is a number within the range, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        return None
    return float(value)


def part(data: Mapping[str, Any], name: str) -> Data:
    """Return a field that is an object; empty if there is none."""
    value = data.get(name)
    return cast(Data, value) if isinstance(value, dict) else {}
