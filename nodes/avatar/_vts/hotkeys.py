"""The hotkeys of the model: what VTube Studio lists, and the addresses at which a person sees and tries them."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any, cast

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes.avatar._vts.calls import Data
from nodes.phrases import phrase
from nodes.services import Json, Web

MOST = 200
"""Keep at most this many hotkeys of a model."""
LONGEST = 128


@dataclass(frozen=True, slots=True)
class Hotkey:
    """One hotkey of the model."""

    id: str
    name: str
    type: str
    """What it does, as VTube Studio calls it: ``ToggleExpression``, ``TriggerAnimation`` ..."""
    file: str = ""
    """The expression or animation that it belongs to."""

    def called(self, name: str) -> bool:
        """Whether this is the hotkey of that name, in any case, or id."""
        return name.lower() in (self.name.lower(), self.id.lower())


def read(answer: Data) -> tuple[Hotkey, ...]:
    """Read a HotkeysInCurrentModelResponse; skip what cannot be read."""
    listed = answer.get("availableHotkeys")
    found: list[Hotkey] = []
    for each in cast(list[Any], listed)[:MOST] if isinstance(listed, list) else []:
        if isinstance(each, dict):
            fields = cast(Data, each)
            id_, name, type_, file = (_word(fields.get(key)) for key in ("hotkeyID", "name", "type", "file"))
            if id_ or name:
                found.append(Hotkey(id_, name, type_, file))
    return tuple(found)


def names(hotkeys: tuple[Hotkey, ...]) -> str:
    """Return their names for a person."""
    return ", ".join(dict.fromkeys(hotkey.name or hotkey.id for hotkey in hotkeys))


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows."""

    connected: bool
    hotkeys: tuple[Hotkey, ...]
    chosen: Mapping[str, str]
    """Emotion -> hotkey, as in the settings."""


def open_page(web: Web, shown: Callable[[], Shown], press: Callable[[Hotkey], None]) -> DisposableBase:
    """Register ``GET /api/avatar/hotkeys`` and ``POST /api/avatar/hotkey`` with ``{"hotkey": name or id}``.

    Raises:
        ValueError: another node already has one of them.
    """

    def told(_: Mapping[str, str]) -> Json:
        now = shown()
        hotkeys = [asdict(hotkey) for hotkey in now.hotkeys]
        return {"connected": now.connected, "hotkeys": hotkeys, "chosen": dict(now.chosen)}

    def take(body: Mapping[str, Any]) -> Json:
        name = body.get("hotkey")
        if not isinstance(name, str) or not 0 < len(name) <= LONGEST:
            raise ValueError(phrase("hotkey: write the name or the id of a hotkey."))
        now = shown()
        if not now.connected:
            return {"done": False, "note": phrase("The avatar is not connected.")}
        hotkey = next((each for each in now.hotkeys if each.called(name)), None)
        if hotkey is None:
            return {"done": False, "note": phrase("The model has no such hotkey now.")}
        press(hotkey)
        return {"done": True}

    with ExitStack() as opened:
        opened.callback(web.get("/api/avatar/hotkeys", told).dispose)
        opened.callback(web.post("/api/avatar/hotkey", take).dispose)
        return Disposable(opened.pop_all().close)


def _word(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else ""
