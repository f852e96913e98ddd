"""Shows feelings through hotkeys and expressions of the model, without I/O.

For a hotkey that toggles an expression, the expression is set instead of triggering the hotkey, since a single missed
toggle would leave it inverted from then on.
"""

from collections import deque
from collections.abc import Callable, Mapping
from math import inf

from nodes.avatar._vts.calls import Answer, ApiError, Data
from nodes.avatar._vts.hotkeys import Hotkey, read
from nodes.phrases import phrase

AGAIN_S = 0.4
"""Wait before retrying a hotkey that VTube Studio was too busy for, and how often to try."""
TRIES = 3
PRESSES = 8
"""At most this many hotkeys that a person tries wait to be sent."""
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
        self.known: tuple[Hotkey, ...] = ()
        """The hotkeys of the model."""
        self._pressed: deque[Hotkey] = deque(maxlen=PRESSES)
        """Hotkeys that a person tries, which are not due yet."""
        self._wanted: str | None = None
        self._shown: set[str] = set()
        """Files of the expressions that we have switched on."""
        self._next_at = -inf
        self._left = 0

    def feel(self, emotion: str) -> None:
        """Set the feeling to show; the newest one counts."""
        self._wanted, self._left = emotion, TRIES

    def listed(self, hotkeys: Data) -> None:
        """Take a HotkeysInCurrentModelResponse."""
        self.known = read(hotkeys)
        self._pressed.clear()

    def press(self, hotkey: Hotkey) -> None:
        """Trigger a hotkey once, whatever the feeling is."""
        self._pressed.append(hotkey)

    def loaded(self) -> None:
        """Note that a model was loaded: it shows none of the expressions that we switched on."""
        self._shown.clear()

    def due(self, now: float) -> list[Request]:
        """Return the requests to send now; a feeling has none during the cooldown."""
        pressed = [self._press(self._pressed.popleft(), now) for _ in range(len(self._pressed))]
        return pressed + self._felt(now)

    def _press(self, hotkey: Hotkey, now: float) -> Request:
        file = _toggles(hotkey)
        if file:
            return self._expression(file, file not in self._shown, "", now)
        return "HotkeyTrigger", {"hotkeyID": hotkey.id or hotkey.name}, self._heard(hotkey.name, "", now)

    def _felt(self, now: float) -> list[Request]:
        if self._wanted is None or now < self._next_at:
            return []
        emotion, self._wanted = self._wanted, None
        hotkey = self._hotkeys.get(emotion)
        file = self._expressions.get(emotion) or (self._file(hotkey) if hotkey else None)
        requests = [self._expression(each, False, emotion, now) for each in sorted(self._shown) if each != file]
        if file is not None and file not in self._shown:
            requests.append(self._expression(file, True, emotion, now))
        if hotkey and file is None:
            requests.append(("HotkeyTrigger", {"hotkeyID": hotkey}, self._heard(hotkey, emotion, now)))
        if requests:
            self._next_at = now + self._cooldown_s
        return requests

    def _file(self, hotkey: str) -> str | None:
        """Return the file of the expression that a hotkey toggles."""
        return next((_toggles(each) for each in self.known if each.called(hotkey) and _toggles(each)), None)

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
            if answer.id in BUSY and emotion and self._left > 0 and self._wanted is None:
                self._left -= 1
                self._wanted, self._next_at = emotion, now + AGAIN_S
            elif answer.id in ABSENT and name not in self._told:
                self._told.add(name)
                self._tell(phrase("The model has no such hotkey or expression: {name}", name=name))

        return answered


def _toggles(hotkey: Hotkey) -> str:
    """Return the file of the expression that the hotkey toggles; empty if it does something else."""
    return hotkey.file if hotkey.type == "ToggleExpression" else ""
