"""Shows feelings through hotkeys and expressions of the model, without I/O.

For a hotkey that toggles an expression, the expression is set instead of triggering the hotkey, since a single missed
toggle would leave it inverted from then on.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, cast

from nodes.avatar._vts.calls import Answer, ApiError, Data

AGAIN_S = 0.4
"""Wait before retrying a hotkey that VTube Studio was too busy for, and how often to try."""
TRIES = 3
BUSY = frozenset({200, 203, 205})
ABSENT = frozenset({202, 204, 600, 601, 650, 651})

Request = tuple[str, Data, Callable[[Answer], None]]


class Faces:
    """Keeps track of what the face of the model should show and what it does show."""

    def __init__(
        self,
        hotkeys: Mapping[str, str],
        expressions: Mapping[str, str],
        cooldown_s: float,
        tell: Callable[[str], object],
    ) -> None:
        """
        Args:
            hotkeys: emotion -> hotkey, by name (in any case) or id.
            expressions: emotion -> file of an expression (``*.exp3.json``).
        """
        self._hotkeys = hotkeys
        self._expressions = expressions
        self._cooldown_s = cooldown_s
        self._tell = tell
        self._told: set[str] = set()
        self._files: dict[str, str] = {}
        """Hotkey that toggles an expression, by id and by lower-case name -> the expression's file."""
        self._wanted: str | None = None
        self._shown: set[str] = set()
        """Files of the expressions that we have switched on."""
        self._next_at = -inf
        self._left = 0

    @property
    def used(self) -> bool:
        return bool(self._hotkeys or self._expressions)

    def feel(self, emotion: str) -> None:
        """Set the feeling to show; the newest one counts."""
        self._wanted, self._left = emotion, TRIES

    def listed(self, hotkeys: Data) -> None:
        """Take a HotkeysInCurrentModelResponse."""
        self._files.clear()
        found = hotkeys.get("availableHotkeys")
        for each in cast(list[Any], found) if isinstance(found, list) else []:
            if isinstance(each, dict):
                fields = cast(Data, each)
                file = fields.get("file")
                if fields.get("type") == "ToggleExpression" and isinstance(file, str) and file and file.isprintable():
                    for key in ("hotkeyID", "name"):
                        self._files[str(fields.get(key)).lower()] = file

    def loaded(self) -> None:
        """Note that a model was loaded: it shows none of the expressions that we switched on."""
        self._shown.clear()

    def due(self, now: float) -> list[Request]:
        """Return the requests to send now; there are none during the cooldown."""
        if self._wanted is None or now < self._next_at:
            return []
        emotion, self._wanted = self._wanted, None
        hotkey = self._hotkeys.get(emotion)
        file = self._expressions.get(emotion) or (self._files.get(hotkey.lower()) if hotkey else None)
        requests = [self._expression(each, False, emotion, now) for each in sorted(self._shown) if each != file]
        if file is not None and file not in self._shown:
            requests.append(self._expression(file, True, emotion, now))
        if hotkey and file is None:
            requests.append(("HotkeyTrigger", {"hotkeyID": hotkey}, self._heard(hotkey, emotion, now)))
        if requests:
            self._next_at = now + self._cooldown_s
        return requests

    def _expression(self, file: str, active: bool, emotion: str, now: float) -> Request:
        then = self._heard(file, emotion, now)
        self._note(file, active)

        def answered(answer: Answer) -> None:
            if isinstance(answer, ApiError):
                self._note(file, not active and answer.id in BUSY)
            then(answer)

        return "ExpressionActivation", {"expressionFile": file, "active": active, "fadeTime": 0.25}, answered

    def _note(self, file: str, active: bool) -> None:
        if active:
            self._shown.add(file)
        else:
            self._shown.discard(file)

    def _heard(self, name: str, emotion: str, now: float) -> Callable[[Answer], None]:
        def answered(answer: Answer) -> None:
            if not isinstance(answer, ApiError):
                return
            if answer.id in BUSY and self._left > 0 and self._wanted is None:
                self._left -= 1
                self._wanted, self._next_at = emotion, now + AGAIN_S
            elif answer.id in ABSENT and name not in self._told:
                self._told.add(name)
                self._tell(f"모델에 없는 단축키나 표정입니다: {name}")

        return answered
