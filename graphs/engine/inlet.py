"""Where events enter a node: a ``Subject`` without its lock and its copies, since everything is on one loop."""

from typing import Any

from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import Disposable


class Inlet(Observable[Any]):
    """An input port of one instance; the engine calls ``on_next`` and ``on_completed``.

    A hop through it costs a third of one through ``reactivex.subject.Subject`` (tests/bench/engine.py).
    """

    def __init__(self) -> None:
        super().__init__()
        self._observers: tuple[ObserverBase[Any], ...] = ()
        self._completed = False

    def _subscribe_core(self, observer: ObserverBase[Any], scheduler: SchedulerBase | None = None) -> DisposableBase:  # noqa: ARG002
        if self._completed:
            observer.on_completed()
            return Disposable()
        self._observers = (*self._observers, observer)

        def dispose() -> None:
            self._observers = tuple(other for other in self._observers if other is not observer)

        return Disposable(dispose)

    def on_next(self, event: Any) -> None:
        for observer in self._observers:
            observer.on_next(event)

    def on_error(self, error: Exception) -> None:
        """Only for tests of nodes: the engine never sends an error into a node."""
        observers, self._observers, self._completed = self._observers, (), True
        for observer in observers:
            observer.on_error(error)

    def on_completed(self) -> None:
        observers, self._observers, self._completed = self._observers, (), True
        for observer in observers:
            observer.on_completed()
