"""Holds the newest value of every avatar input, who may set it, and when to send it again, without I/O.

VTube Studio releases an input that is not sent for a second. It refuses a whole request because of one name that it
does not know (453) or that another plugin holds (454), without saying which, so the names of a refused request are
then sent one by one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, Literal

from nodes.avatar._vts.calls import Answer, ApiError, Data
from nodes.phrases import phrase
from schemas.pose import PoseFrame

RESEND_S = 0.5
"""How often to send an unchanged input again; VTube Studio releases it after 1 s."""
HOLD_S = 30.0
"""Release an input that no frame has named for this long."""
WINDOW = 8
"""While this many requests are unanswered, newer values replace older ones instead of being sent."""
AWAY_S = 5.0
"""How long to leave an input to another plugin that holds it."""
FADE_S = 0.5
"""How long taking over an input takes, so that the avatar does not jump."""
FEWEST_WEIGHT = 0.05
FINEST = 5e-5
"""Changes below this are ignored."""
RIDE_S = 0.025
"""Frames that come at least this often set the pace: values from sources with fewer inputs go out with them."""

Tell = Callable[[str], object]


@dataclass(slots=True)
class _Input:
    value: float
    seen_at: float
    sent_at: float = -inf
    offset: float = 0.0
    fresh: bool = True
    """Whether the value has not been sent yet."""
    alone: bool = False
    """Whether it is sent in a request of its own, to learn whether it is the culprit."""
    asked: bool = False
    """Whether its own request is still unanswered."""
    away_until: float = -inf
    low: float = -1e6
    high: float = 1e6


class Feed:
    """Holds the inputs that frames set."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._inputs: dict[str, _Input] = {}
        self._ranges: Mapping[str, tuple[float, float]] | None = None
        self._told: set[tuple[str, str]] = set()
        self._in_flight = 0
        self._generation = 0
        self._ready_at = inf
        self._widest: int = 0
        """Number of inputs in a frame of the source that sets the pace."""
        self._widest_at: float = -inf
        self._steady: bool = False
        """Whether that source sends often enough to wait for it."""

    def take(self, frame: PoseFrame, now: float) -> bool:
        """Take newer values; inputs that they do not name stay as they are.

        Returns:
            Whether to send them now. Of several sources the one with the most inputs sets the pace, so that one
            request a frame is enough; values from the others wait for its next frame, at most 25 ms.
        """
        self._note(frame, now)
        return self._leads(len(frame.values), now)

    def _leads(self, width: int, now: float) -> bool:
        gap = now - self._widest_at
        often = gap <= RIDE_S
        if width >= self._widest or gap > RESEND_S:
            self._steady = often and width == self._widest
            self._widest, self._widest_at = width, now
            return True
        self._steady = self._steady and often  # the pace source is late or gone: the others do not wait for it
        return not self._steady

    def _note(self, frame: PoseFrame, now: float) -> None:
        inputs = self._inputs
        for name, offset in frame.offsets.items():
            known = inputs.get(name)
            if known is not None and isfinite(offset) and offset != known.offset:
                known.offset, known.fresh = offset, True
        for name, value in frame.values.items():
            if not isfinite(value):
                continue
            known = inputs.get(name)
            if known is None:
                low, high = (self._ranges or {}).get(name, (-1e6, 1e6))
                inputs[name] = _Input(value, now, low=low, high=high)
            else:
                known.seen_at = now
                if not -FINEST < value - known.value < FINEST:
                    known.value, known.fresh = value, True

    def begin(self, ranges: Mapping[str, tuple[float, float]], now: float) -> None:
        """Start on a new connection, on which nothing was sent: ``ranges`` are the inputs that VTube Studio has."""
        self._generation += 1
        self._in_flight = 0
        self._ready_at = now
        for each in self._inputs.values():
            each.sent_at, each.alone, each.asked, each.away_until = -inf, False, False, -inf
        self.know(ranges)

    def know(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Update the inputs that VTube Studio has, which may have changed."""
        self._ranges = ranges
        for name, each in self._inputs.items():
            each.low, each.high = ranges.get(name, (-1e6, 1e6))

    def end(self) -> None:
        """Note that the connection is gone."""
        self._ready_at = inf

    def due(self, now: float) -> list[tuple[Data, Callable[[Answer], None]]]:
        """Return the injections to send now, each with its callback; ``data`` is that of InjectParameterDataRequest."""
        if now < self._ready_at or self._ranges is None or self._in_flight >= WINDOW:
            return []
        together, alone = self._pick(now, self._ranges)
        requests = [together] if together else []
        weight = min(1.0, max(FEWEST_WEIGHT, (now - self._ready_at) / FADE_S))
        return [self._request(names, weight, now) for names in (*requests, *([name] for name in alone))]

    def _pick(self, now: float, ranges: Mapping[str, tuple[float, float]]) -> tuple[list[str], list[str]]:
        together: list[str] = []
        alone: list[str] = []
        gone: list[str] = []
        for name, each in self._inputs.items():
            if now - each.seen_at > HOLD_S:
                gone.append(name)
            elif each.asked or now < each.away_until or not (each.fresh or now - each.sent_at >= RESEND_S):
                continue
            elif name not in ranges:
                each.fresh, each.sent_at = False, now
                self._lacks(name)
            else:
                (alone if each.alone else together).append(name)
        for name in gone:
            del self._inputs[name]
        return together, alone

    def _request(self, names: list[str], weight: float, now: float) -> tuple[Data, Callable[[Answer], None]]:
        values: list[dict[str, Any]] = []
        share = {"weight": round(weight, 3)} if weight < 1.0 else {}
        single = len(names) == 1 and self._inputs[names[0]].alone
        for name in names:
            each = self._inputs[name]
            each.fresh, each.sent_at, each.asked = False, now, single
            value = min(max(each.value + each.offset, each.low), each.high)
            values.append({"id": name, "value": round(value, 4), **share})
        generation = self._generation
        self._in_flight += 1

        def answered(answer: Answer) -> None:
            if generation == self._generation:
                self._in_flight -= 1
                self._learn(names, answer, now)

        return {"faceFound": True, "mode": "set", "parameterValues": values}, answered

    def _learn(self, names: list[str], answer: Answer, now: float) -> None:
        inputs = [(name, self._inputs[name]) for name in names if name in self._inputs]
        for _, each in inputs:
            each.asked = False
        if not isinstance(answer, ApiError):
            for _, each in inputs:
                each.alone = False
        elif answer.id not in (453, 454):
            self._once("refused", str(answer.id), phrase("The avatar did not take a movement: {why}", why=answer))
        elif len(names) > 1:
            for _, each in inputs:
                each.alone, each.fresh = True, True
        else:
            self._blame(inputs, answer.id, now)

    def _blame(self, inputs: Iterable[tuple[str, _Input]], error: Literal[453, 454] | int, now: float) -> None:
        for name, each in inputs:
            each.alone, each.away_until = True, now + AWAY_S
            if error == 454:
                every = f"{AWAY_S:g}"
                text = phrase(
                    "Another plugin uses it, so it is tried every {seconds} s: {name}", seconds=every, name=name
                )
                self._once("held", name, text)
            else:
                self._lacks(name)

    def _lacks(self, name: str) -> None:
        self._once("lacking", name, phrase("The avatar has no such input, so it is not sent: {name}", name=name))

    def _once(self, kind: str, name: str, text: str) -> None:
        if (kind, name) not in self._told and len(self._told) < 256:
            self._told.add((kind, name))
            self._tell(text)
