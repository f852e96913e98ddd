"""Who answers which address: it changes with the graph, while the server runs."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any

from reactivex.abc import DisposableBase
from reactivex.disposable import Disposable

from nodes.phrases import phrase

if TYPE_CHECKING:
    from aiohttp.web import Request, StreamResponse

Handler = Callable[["Request"], Awaitable["StreamResponse"]]
Around = Callable[[Coroutine[Any, Any, "StreamResponse"]], Awaitable["StreamResponse"]]
"""What runs the coroutine of a request."""
READ = ("GET", "HEAD")
"""The methods that only read."""


def same(work: Coroutine[Any, Any, "StreamResponse"]) -> Awaitable["StreamResponse"]:
    """Leave a request as it is."""
    return work


class Table:
    """Addresses, and folders of addresses, with what handles each."""

    def __init__(self, otherwise: Handler) -> None:
        """
        Args:
            otherwise: handles what is read at an address that nobody has.
        """
        self._at: dict[str, dict[str, Handler]] = {}
        self._below: dict[str, Handler] = {}
        self._otherwise = otherwise

    def at(self, path: str, handler: Handler, *methods: str) -> DisposableBase:
        """Let a handler answer these methods at one address.

        Raises:
            ValueError: another one does.
        """
        taken = self._at.get(path, {})
        if not taken.keys().isdisjoint(methods):
            raise _two_want(path)
        self._at[path] = taken | dict.fromkeys(methods, handler)

        def leave() -> None:
            rest = {method: each for method, each in self._at.pop(path).items() if method not in methods}
            if rest:
                self._at[path] = rest

        return Disposable(leave)

    def below(self, prefix: str, handler: Handler) -> DisposableBase:
        """Let a handler answer what is read at ``prefix`` and below it; a longer prefix goes first, and ``at`` before.

        Raises:
            ValueError: another one does.
        """
        if prefix in self._below:
            raise _two_want(prefix)
        self._below[prefix] = handler
        return Disposable(lambda: self._below.pop(prefix) and None)

    def methods(self, path: str) -> set[str]:
        """Return the methods that are answered at just this address."""
        return set(self._at.get(path, ()))

    def find(self, path: str, method: str) -> Handler | None:
        """Return the handler of a request."""
        if path in self._at or method not in READ:
            return self._at.get(path, {}).get(method)
        for prefix in sorted(self._below, key=len, reverse=True):
            if path == prefix or path.startswith(f"{prefix}/"):
                return self._below[prefix]
        return self._otherwise


def _two_want(path: str) -> ValueError:
    return ValueError(phrase("two nodes want the address {path}; give one of them another", path=path or "/"))
