"""Which of several servers says the next sentence: a healthy one with the least to do."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from nodes.phrases import phrase

OPENAI, SYNTHESIZE = "/v1/audio/speech", "/synthesize"
"""The two interfaces, by their usual paths."""
_END = (
    r"(?P<speech>/audio/speech(?:/stream(?:ing)?)?)|(?P<audio>/audio(?:/(?:voices|models|transcriptions|translations))?)"
    r"|(?P<original>/synthesize)|/(?:health|docs|redoc|web|ui|index\.html|openapi\.json)|/v1/(?:models|voices|chat/completions)"
)
_VERSION = re.compile(r"/v\d{1,2}(?:beta|alpha)?$", re.IGNORECASE)

BACKOFF_S = (1.0, 30.0)
"""First and longest time for which a server that failed is skipped."""


def addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same addresses, once it is certain that each can be asked; blank ones are not servers.

    Raises:
        ValueError: one is not the address of a web server.
    """
    for url in filter(None, map(str.strip, urls)):
        with suppress(ValueError):
            parts = urlsplit(url)
            if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                continue
        like = "http://192.168.0.20:5000" if "://" in url else f"http://{url}"
        raise ValueError(phrase("{url} is not an address; write it like {like}", url=repr(url), like=like))
    return urls


@dataclass(slots=True, eq=False)
class Server:
    """One server of the list."""

    url: str
    """As the operator is shown it: without a slash at its end, and without a name and a password."""
    root: str
    """The base that ``/health`` is appended to."""
    speech: str
    """The address of the OpenAI interface."""
    synthesize: str
    in_flight: int = 0
    """Number of sentences that it is making now."""
    down: bool = False
    """It failed, and has not answered since then."""
    due: float = 0.0
    """While it is down: when it may be asked again (``Clock.now``)."""
    wait_s: float = BACKOFF_S[0]
    told: bool = False
    """The operator has been told that it is down."""
    paths: tuple[str, ...] = ()
    """Which of the two interfaces it has, once that is known."""

    @classmethod
    def at(cls, url: str) -> "Server":
        """Make a server from its address, which may end in a part of the API, as the documents of servers write it:
        ``http://host:8880``, ``.../v1``, ``.../v1/audio/speech``, ``.../synthesize``."""
        parts = urlsplit(url.strip())
        path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")

        def whole(made: str) -> str:
            return urlunsplit((parts.scheme, parts.netloc, made, parts.query, ""))

        end = re.search(rf"(?:{_END})$", path, re.IGNORECASE)
        base = path[: end.start()] if end else path
        version = _VERSION.search(base)
        root = base[: version.start()] if version else base
        if end and (end["speech"] or end["audio"]):
            speech = base + (end["speech"] or "/audio/speech").lower()
        else:
            speech = f"{base if version else root + '/v1'}/audio/speech"
        bare = parts._replace(query="", fragment="")
        return cls(
            url=urlunsplit(bare._replace(netloc=parts.netloc.rpartition("@")[2])).rstrip("/"),
            root=urlunsplit(bare._replace(path=root)),
            speech=whole(speech),
            synthesize=whole(root + SYNTHESIZE),
            paths=(SYNTHESIZE,) if end and end["original"] else (),
        )

    def address(self, interface: str) -> str:
        return self.speech if interface == OPENAI else self.synthesize

    def failed(self, now: float, at_least_s: float = 0.0) -> None:
        """Skip it for a while, longer each time."""
        self.down = True
        self.due = now + min(BACKOFF_S[1], max(self.wait_s, at_least_s))
        self.wait_s = min(BACKOFF_S[1], 2 * self.wait_s)

    def worked(self) -> None:
        """Note that it gave sound."""
        self.down, self.told, self.wait_s = False, False, BACKOFF_S[0]

    def answered(self) -> None:
        """Note that it is there again; how long it was skipped is forgotten only once it gives sound."""
        self.down = False


class Servers:
    """The list, in the order in which the operator prefers them."""

    def __init__(self, urls: Iterable[str]) -> None:
        """Leave blank ones out, so that an unset variable means no server."""
        servers = (Server.at(url) for url in urls if url.strip())
        self.all = tuple({server.speech: server for server in reversed(tuple(servers))}.values())[::-1]

    def order(self, now: float) -> list[Server]:
        """Return the servers in the order to ask them: those that are up, the least busy first, then by the list; after
        them those that are down and due. When all are down, all of them: there is nothing to lose."""
        up = sorted((each for each in self.all if not each.down), key=lambda each: each.in_flight)
        return up + self.due(now) if up else sorted(self.all, key=lambda each: each.due)

    def due(self, now: float) -> list[Server]:
        """Return those that are down and may be asked again."""
        return sorted((each for each in self.all if each.down and each.due <= now), key=lambda each: each.due)
