"""Encodes an event as bytes: one line of JSON with its fields, then the raw samples of its sound.

Events within events carry their type (``{"$": "Donation", ...}``); values of ``Clock.now`` are converted from the
clock of the sender to that of the reader. Sound is float32 or int16, as its field says, little-endian.
"""

import dataclasses
import inspect
import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final, cast, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, InstanceOf, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError

import schemas.bus
import schemas.chat
import schemas.host
import schemas.playback
import schemas.pose
import schemas.reply
import schemas.show
import schemas.speech
from schemas.event import Event, Moment

VERSION: Final = "1"
"""The version of this format and of the events together; a reader accepts no other version."""
_MODULES = (
    schemas.bus, schemas.chat, schemas.host, schemas.playback, schemas.pose, schemas.reply, schemas.show, schemas.speech
)  # fmt: skip
_SOUNDS: Final = ((NDArray[np.float32], np.dtype("<f4")), (NDArray[np.int16], np.dtype("<i2")))
"""The annotation of a sound field (compared as a whole, since its origin differs from numpy 2.5 on), and its bytes."""


class Unreadable(ValueError):
    """Raised for bytes that are not an event of this version."""


def encode(event: Event) -> tuple[str, bytes]:
    """Return (name of the event's type, bytes)."""
    sound: list[np.ndarray[Any, Any]] = []
    fields = _fields(event, sound)
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return type(event).__name__, b"\n".join([line, *(_samples(array) for array in sound)])


def decode(type_: str, body: bytes, shift: float = 0.0) -> Event:
    """Read an event from bytes.

    Args:
        shift: added to every moment: minus the sender's time at which the reader's clock was 0.

    Raises:
        Unreadable: the bytes are of another version, or broken.
    """
    line, _, sound = body.partition(b"\n")
    try:
        fields: Any = json.loads(line.decode("utf-8", "surrogatepass"))
        return _event(type_, fields, sound, shift)
    except (ValueError, TypeError, RecursionError, ValidationError) as error:
        raise Unreadable(f"{type_}: {str(error).splitlines()[0][:200]}") from None


def _fields(event: Event, sound: list[np.ndarray[Any, Any]]) -> dict[str, Any]:
    if not dataclasses.is_dataclass(event):
        return {}
    return {field.name: _plain(getattr(event, field.name), sound) for field in dataclasses.fields(event)}


def _plain(value: Any, sound: list[np.ndarray[Any, Any]]) -> Any:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Event):
        return {"$": type(value).__name__, **_fields(value, sound)}
    if isinstance(value, Mapping):
        plain = {str(key): _plain(inner, sound) for key, inner in cast(Mapping[Any, Any], value).items()}
        return {"$map": plain} if any(key.startswith("$") for key in plain) else plain
    if isinstance(value, np.ndarray):
        sound.append(cast("np.ndarray[Any, Any]", value))
        return None
    return [_plain(inner, sound) for inner in cast(Iterable[Any], value)]


def _event(type_: str, fields: Any, sound: bytes, shift: float) -> Event:
    class_ = _classes().get(type_)
    if class_ is None or not isinstance(fields, dict):
        raise Unreadable(f"no event {type_!r}")
    readers = _readers(class_)
    made: dict[str, Any] = {}
    for name, value in cast(dict[str, Any], fields).items():
        if name not in readers:
            raise Unreadable(f"{type_} has no {name!r}")
        adapter, moment = readers[name]
        if isinstance(adapter, np.dtype):
            if len(sound) % adapter.itemsize:
                raise Unreadable(f"{type_}: incomplete sample")
            made[name] = np.frombuffer(sound, adapter).astype(adapter.newbyteorder("="), copy=False)
        else:
            read = adapter.validate_python(_inner(value, shift))
            made[name] = read + shift if moment else read
    return class_(**made)


def _inner(value: Any, shift: float) -> Any:
    """Return the value with events in place of the mappings that represent them."""
    if isinstance(value, list):
        return [_inner(each, shift) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        if "$map" in fields:
            return {name: _inner(inner, shift) for name, inner in fields["$map"].items()}
        if isinstance(type_ := fields.get("$"), str):
            return _event(type_, {name: inner for name, inner in fields.items() if name != "$"}, b"", shift)
        return {name: _inner(inner, shift) for name, inner in fields.items()}
    return value


@cache
def _classes() -> dict[str, type[Event]]:
    found: dict[str, type[Event]] = {}
    for module in _MODULES:
        for each in vars(module).values():
            if isinstance(each, type) and issubclass(each, Event) and dataclasses.is_dataclass(each):
                found[each.__name__] = each
    return found


@cache
def _readers(class_: type[Event]) -> dict[str, tuple[TypeAdapter[Any] | np.dtype[Any], bool]]:
    """Map each field to (the validator of its value, or the kind of its samples; whether it is a moment)."""
    hints = get_type_hints(class_, include_extras=True)
    names = [field.name for field in dataclasses.fields(class_)]  # type: ignore[arg-type]
    return {name: (_adapter(hints[name]), hints[name] == Moment) for name in names}


def _samples(array: "np.ndarray[Any, Any]") -> bytes:
    kind = np.dtype("<i2" if array.dtype == np.int16 else "<f4")
    return array.astype(kind, copy=False).tobytes()


def _adapter(hint: Any) -> "TypeAdapter[Any] | np.dtype[Any]":
    for annotation, kind in _SOUNDS:
        if hint == annotation or annotation in get_args(hint):
            return kind
    if inspect.isclass(hint) and issubclass(cast(type, hint), Event):  # it has been read before it comes here
        return TypeAdapter(cast(Any, InstanceOf)[hint])
    try:
        return TypeAdapter(hint, config=ConfigDict(arbitrary_types_allowed=True))
    except (PydanticSchemaGenerationError, TypeError):  # pragma: no cover - a field of a kind that no event has
        return TypeAdapter(Any)
