"""Keeps the callbacks to call when the books or the log record something."""

from collections.abc import Callable
from typing import Generic, ParamSpec

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

P = ParamSpec("P")


class Listeners(Generic[P]):
    """Calls every callback in the order in which it was added.

    Not a ``Subject`` of reactivex: that takes a lock for each event and drops a listener that has raised once.
    """

    def __init__(self) -> None:
        self._takes: tuple[Callable[P, object], ...] = ()

    def __bool__(self) -> bool:
        return bool(self._takes)

    def add(self, take: Callable[P, object]) -> DisposableBase:
        """Call ``take`` from now on, until the returned object is disposed."""
        self._takes = (*self._takes, take)

        def dispose() -> None:
            self._takes = tuple(other for other in self._takes if other is not take)

        return Disposable(dispose)

    def tell(self, *args: P.args, **fields: P.kwargs) -> None:
        for take in self._takes:
            take(*args, **fields)
