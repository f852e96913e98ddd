"""The only model of the stage, without I/O: its position, expressions, hotkeys and gestures.

Changes go to ``changes`` for the pages and to ``happened`` for plugins that subscribed to them.
"""

from collections import deque
from math import cos, pi, sin

from nodes.avatar._stage.parts import (
    EXPRESSIONS,
    GESTURES,
    HOTKEYS,
    ID,
    IDENTITY,
    LIVE2D,
    MESHES,
    NAMED,
    Hotkey,
)
from nodes.avatar._stage.wire import Data, Error, Refused, number, word

FRAME_S = 1 / 60
COOLDOWN_S = 5 * FRAME_S
"""Minimum time between two hotkeys, and before one is triggered again: five frames."""
QUEUE = 32
LOAD_S = 2.0
"""Minimum time until a model may be loaded again."""
FADES_S = 0.25
"""How long an expression takes to appear if the plugin does not specify it."""


class Model:
    """Holds the current state of the model."""

    def __init__(self, now: float) -> None:
        self.changes: list[Data] = []
        self.happened: list[tuple[str, Data]] = []
        self.expressions: list[str] = []
        """The active expressions, as keys of ``EXPRESSIONS``."""
        self.place = {"positionX": 0.0, "positionY": 0.0, "rotation": 0.0, "size": 0.0}
        self.loaded_at = now
        self._loadable_at = now
        self._queue: deque[Hotkey] = deque()
        self._triggered: dict[str, float] = {}
        self._next_at = now
        self._ending: list[tuple[float, str]] = []

    def current(self, now: float) -> Data:
        """Return a CurrentModelResponse."""
        return {
            **IDENTITY,
            "vtsModelName": "choco.vtube.json",
            "vtsModelIconName": "",
            "live2DModelName": "choco.model3.json",
            "modelLoadTime": 0,
            "timeSinceModelLoaded": round(1000 * (now - self.loaded_at)),
            "numberOfLive2DParameters": len(LIVE2D),
            "numberOfLive2DArtmeshes": len(MESHES),
            "hasPhysicsFile": False,
            "numberOfTextures": 1,
            "textureResolution": 1024,
            "modelPosition": dict(self.place),
        }

    def load(self, data: Data, now: float) -> Data:
        """Handle a ModelLoadRequest: the only model returns to its initial state.

        Raises:
            Refused: there is no such model, or it was loaded a moment ago.
        """
        if "modelID" not in data:
            raise Refused(Error.MODEL_ID_MISSING, "modelID is missing")
        id_ = word(data, "modelID")
        if not id_ or len(id_) > 64:
            raise Refused(Error.MODEL_ID_INVALID, "modelID must be a text of 1 to 64 characters")
        if id_ != ID:
            raise Refused(Error.MODEL_ID_NOT_FOUND, f"there is no model {id_}")
        if now < self._loadable_at:
            raise Refused(Error.MODEL_COOLDOWN, f"a model can be loaded every {LOAD_S:g} seconds")
        self.loaded_at = now
        self._loadable_at = now + LOAD_S
        self._show([], FADES_S)
        self._stand({"positionX": 0.0, "positionY": 0.0, "rotation": 0.0, "size": 0.0}, 0.0)
        self.happened += [("ModelLoadedEvent", {**IDENTITY, "modelLoaded": False}), ("ModelLoadedEvent", IDENTITY)]
        return {"modelID": ID}

    def move(self, data: Data) -> Data:
        """Handle a MoveModelRequest.

        Raises:
            Refused: a field is missing or out of range.
        """
        relative = data.get("valuesAreRelativeToModel")
        if not isinstance(relative, bool) or "timeInSeconds" not in data:
            raise Refused(Error.MOVE_MISSING, "timeInSeconds and valuesAreRelativeToModel are needed")
        seconds = number(data.get("timeInSeconds"), 0.0, 2.0)
        place = dict(self.place)
        for name, most in (("positionX", 1000.0), ("positionY", 1000.0), ("rotation", 360.0), ("size", 100.0)):
            if data.get(name) is not None:
                value = number(data[name], -most, most)
                if value is None:
                    raise Refused(Error.MOVE_OUT_OF_RANGE, f"{name} must be between {-most:g} and {most:g}")
                place[name] = min(max(place[name] + value, -most), most) if relative else value
        if seconds is None:
            raise Refused(Error.MOVE_OUT_OF_RANGE, "timeInSeconds must be between 0 and 2")
        self._stand(place, seconds)
        return {}

    def moved(self) -> Data:
        """Return a ModelMovedEvent."""
        return {**NAMED, "modelPosition": dict(self.place)}

    def outline(self) -> Data:
        """Return a ModelOutlineEvent: an ellipse around the model, in window coordinates (-1 to 1)."""
        x, y = self.place["positionX"], self.place["positionY"]
        scale = 1.0 + self.place["size"] / 100.0
        hull = [
            {
                "x": round(x + 0.42 * scale * cos(2 * pi * step / 16), 4),
                "y": round(y + 0.95 * scale * sin(2 * pi * step / 16), 4),
            }
            for step in range(16)
        ]
        return {**NAMED, "convexHull": hull, "convexHullCenter": {"x": x, "y": y}, "windowSize": {"x": 1280, "y": 720}}

    def hotkeys(self) -> Data:
        """Return a HotkeysInCurrentModelResponse."""
        return {**IDENTITY, "availableHotkeys": [hotkey.listed() for hotkey in HOTKEYS.values()]}

    def trigger(self, data: Data, now: float) -> Data:
        """Handle a HotkeyTriggerRequest, which gives an id, or a name in any case.

        Raises:
            Refused: there is no such hotkey, or too much was triggered at once.
        """
        if word(data, "itemInstanceID"):
            raise Refused(Error.HOTKEY_ITEM_NOT_FOUND, "there are no items in the scene")
        asked = word(data, "hotkeyID")
        hotkey = HOTKEYS.get(asked) or next(
            (each for each in HOTKEYS.values() if asked and each.name.lower() == asked.lower()), None
        )
        if hotkey is None:
            raise Refused(Error.HOTKEY_NOT_FOUND, f"there is no hotkey {asked[:64]}")
        if now - self._triggered.get(hotkey.id, now - 1.0) < COOLDOWN_S:
            raise Refused(Error.HOTKEY_COOLDOWN, f"{hotkey.name} was triggered less than five frames ago")
        if len(self._queue) >= QUEUE:
            raise Refused(Error.HOTKEY_QUEUE_FULL, f"{QUEUE} hotkeys wait already")
        self._triggered[hotkey.id] = now
        self._queue.append(hotkey)
        self.run(now)
        return {"hotkeyID": hotkey.id}

    def run(self, now: float) -> None:
        """Do what is due: the next hotkey, the end of a gesture."""
        while self._queue and now >= self._next_at:
            self._next_at = now + COOLDOWN_S
            self._do(self._queue.popleft(), now)
        for at, name in [each for each in self._ending if now >= each[0]]:
            self._ending.remove((at, name))
            self._animated("End", name, GESTURES[name][1])

    @property
    def busy(self) -> bool:
        """Whether something will become due without a request."""
        return bool(self._queue or self._ending)

    def _do(self, hotkey: Hotkey, now: float) -> None:
        key = hotkey.id.removeprefix("choco-")
        if key in EXPRESSIONS:
            on = [each for each in self.expressions if each != key]
            self._show(on if key in self.expressions else [*on, key], FADES_S)
        elif key in GESTURES:
            self.changes.append({"type": "gesture", "name": key})
            self._ending.append((now + GESTURES[key][1], key))
            self._animated("Start", key, 0.0)
        else:
            self._show([], FADES_S)
        self.happened.append(
            (
                "HotkeyTriggeredEvent",
                {
                    "hotkeyID": hotkey.id,
                    "hotkeyName": hotkey.name,
                    "hotkeyAction": hotkey.action,
                    "hotkeyFile": hotkey.file,
                    "hotkeyTriggeredByAPI": True,
                    **NAMED,
                    "isLive2DItem": False,
                },
            )
        )

    def _animated(self, kind: str, name: str, seconds: float) -> None:
        told = {
            "animationEventType": kind,
            "animationEventTime": seconds,
            "animationEventData": "",
            "animationName": f"{name}.motion3.json",
            "animationLength": GESTURES[name][1],
            "isIdleAnimation": False,
            **NAMED,
            "isLive2DItem": False,
        }
        self.happened.append(("ModelAnimationEvent", told))

    def expression_state(self, data: Data) -> Data:
        """Return an ExpressionStateResponse.

        Raises:
            Refused: there is no such expression.
        """
        file = word(data, "expressionFile")
        only = self._expression(file, Error.EXPRESSION_NAME_INVALID, Error.EXPRESSION_NOT_FOUND) if file else None
        details = data.get("details") is True
        shown = [
            {
                "name": key,
                "file": f"{key}.exp3.json",
                "active": key in self.expressions,
                "deactivateWhenKeyIsLetGo": False,
                "autoDeactivateAfterSeconds": False,
                "secondsRemaining": 0,
                "usedInHotkeys": [{"name": name, "id": f"choco-{key}"}] if details else [],
                "parameters": [],
            }
            for key, name in EXPRESSIONS.items()
            if only in (None, key)
        ]
        return {**IDENTITY, "expressions": shown}

    def activate(self, data: Data) -> Data:
        """Handle an ExpressionActivationRequest.

        Raises:
            Refused: there is no such expression.
        """
        key = self._expression(word(data, "expressionFile"), Error.ACTIVATION_NAME_INVALID, Error.ACTIVATION_NOT_FOUND)
        others = [each for each in self.expressions if each != key]
        seconds = number(data.get("fadeTime", FADES_S), -1e9, 1e9)
        self._show(
            [*others, key] if data.get("active") is True else others,
            FADES_S if seconds is None else min(max(seconds, 0.0), 2.0),
        )
        return {}

    def _expression(self, file: str, invalid: Error, absent: Error) -> str:
        if not file.endswith(".exp3.json"):
            raise Refused(invalid, "expressionFile must end in .exp3.json")
        key = file.removesuffix(".exp3.json")
        if key not in EXPRESSIONS:
            raise Refused(absent, f"there is no expression {file[:64]}")
        return key

    def _show(self, expressions: list[str], seconds: float) -> None:
        if expressions != self.expressions:
            self.expressions = expressions
            self.changes.append({"type": "expressions", "expressions": list(expressions), "seconds": seconds})

    def _stand(self, place: dict[str, float], seconds: float) -> None:
        if place != self.place:
            self.place = place
            self.changes.append({"type": "place", "place": dict(place), "seconds": seconds})
            self.happened.append(("ModelMovedEvent", self.moved()))
