"""How much may be asked of a model now, according to the headers of its server's answers.

Source: https://console.groq.com/docs/rate-limits. ``x-ratelimit-*-tokens`` is for a minute; ``x-ratelimit-*-requests``
for a day. Both fill up steadily, and ``reset`` says when they are full.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import inf

from nodes.waits import wait

LEAST_PART = 0.02
"""This share of a minute's tokens is never asked for, because the server's count may differ from ours."""


@dataclass(slots=True)
class Bucket:
    """Something that is used up and fills up again; nothing is known of it before the first ``set``."""

    limit: float = inf
    left: float = inf
    at: float = 0.0
    rate: float = 0.0
    """How much comes back in a second."""

    def now(self, now: float) -> float:
        return min(self.limit, self.left + self.rate * max(0.0, now - self.at))

    def set(self, limit: float, left: float, reset_s: float, now: float) -> None:
        missing = max(0.0, limit - left)
        self.limit, self.left, self.at = limit, left, now
        self.rate = missing / reset_s if missing and reset_s > 0 else self.rate or limit / 60

    def take(self, amount: float, now: float) -> None:
        self.left, self.at = self.now(now) - amount, now

    def wait_s(self, amount: float, now: float) -> float:
        """Return the seconds until this much is available; ``inf`` if it never is."""
        missing = amount - self.now(now)
        if missing <= 0:
            return 0.0
        return missing / self.rate if amount <= self.limit and self.rate else inf


class Limits:
    """The limits of every model of one server."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._tokens: dict[str, Bucket] = {}
        self._requests: dict[str, Bucket] = {}
        self._closed: dict[str, float] = {}
        self._spent: dict[str, float] = {}
        self._contexts: dict[str, int] = {}

    def note(self, model: str, headers: Mapping[str, str]) -> None:
        """Take in the headers of an answer; what is missing or cannot be read in them changes nothing."""
        for name, buckets in (("tokens", self._tokens), ("requests", self._requests)):
            with suppress(ValueError, KeyError):
                limit = float(headers[f"x-ratelimit-limit-{name}"])
                left = float(headers[f"x-ratelimit-remaining-{name}"])
                if not (0 < limit < inf and -inf < left < inf):
                    continue  # some gateways say 0 or -1 where there is no limit
                reset_s = wait(headers.get(f"x-ratelimit-reset-{name}", ""), headers.get("date", "")) or 0.0
                buckets.setdefault(model, Bucket()).set(limit, left, reset_s, self._now())

    def spend(self, model: str, tokens: int) -> None:
        """Count a request that goes out; the headers of its answer will correct the count."""
        if model in self._tokens:
            self._tokens[model].take(tokens, self._now())
        if model in self._requests:
            self._requests[model].take(1, self._now())

    def close(self, model: str, seconds: float, *, daily: bool = False) -> None:
        """Do not ask the model for this many seconds; ``daily``: because what it may do in a day is used up."""
        if daily:
            self._spent[model] = self._now() + seconds
        self._closed[model] = max(self._closed.get(model, 0.0), self._now() + seconds)

    def closed_s(self, model: str) -> float:
        """Return the seconds until the model may be asked at all."""
        now = self._now()
        requests = self._requests.get(model, Bucket()).wait_s(1, now)
        return max(0.0, self._closed.get(model, 0.0) - now, requests)

    def day_left(self, model: str) -> float | None:
        """Return how much of what the model may do in a day is left, 0 to 1; None if nothing is known."""
        bucket, now = self._requests.get(model), self._now()
        if self._spent.get(model, 0.0) > now:
            return 0.0
        return None if bucket is None or not 0 < bucket.limit < inf else max(0.0, bucket.now(now)) / bucket.limit

    def room(self, model: str) -> int | None:
        """Return the tokens, of prompt and answer together, that a request may have now; None if nothing is known."""
        bucket = self._tokens.get(model)
        if bucket is None:
            return None
        return max(0, int(bucket.now(self._now()) - LEAST_PART * bucket.limit))

    def fit(self, model: str, tokens: int) -> None:
        """Remember that the model has no room for more than this many tokens, whenever it is asked."""
        self._contexts[model] = min(tokens, self._contexts.get(model, tokens))

    def context(self, model: str) -> int | None:
        """Return the tokens that fit into the model; None while every request did."""
        return self._contexts.get(model)

    def wait_s(self, model: str, tokens: int) -> float:
        """Return the seconds until a request with this many tokens may go out; ``inf`` if it never may."""
        bucket = self._tokens.get(model)
        wait = 0.0 if bucket is None else bucket.wait_s(tokens + LEAST_PART * bucket.limit, self._now())
        return max(self.closed_s(model), wait)
