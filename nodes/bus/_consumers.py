"""Creates the consumers of readers, so that letters delivered but not done come again at once and in order.

Each time a reader (re)connects, it creates a new consumer that starts after what it has done, and then deletes its
older ones; nothing waits for an ``ack_wait`` to expire. Source: docs.nats.io, reference: JetStream API; tried on
nats-server 2.15.
"""

import asyncio
import contextlib
import json
from collections.abc import Generator
from secrets import token_hex
from typing import Any

from nodes.bus._streams import FRESH_S, IN_FLIGHT, PAID_IN_FLIGHT, WEEK_S

ANSWER_S = 1.0
"""How long the server may take to answer; while several servers are electing a new leader, none answers."""
MADE_S = 10.0
"""How long creating something may take at most: several servers first elect a leader for it, which takes them up to
9 s after one is lost; each abandoned attempt leaves them one more to agree on."""


class Patience:
    """Decides how long the server may take to create something; doubles the time after a timeout."""

    def __init__(self, replicas: int) -> None:
        """
        Args:
            replicas: the number of servers that hold a stream.
        """
        self._first = ANSWER_S if replicas == 1 else MADE_S
        self._given: dict[str, float] = {}

    @contextlib.contextmanager
    def of(self, what: str) -> Generator[float]:
        """Yield the seconds for ``what``, which is tried in the block and raises TimeoutError if they were too few."""
        seconds = self._given.get(what, self._first)
        try:
            yield seconds
        except TimeoutError:
            self._given[what] = min(2 * seconds, MADE_S)
            raise
        self._given.pop(what, None)


class Consumers:
    """Creates consumers, and remembers where this process began to read."""

    def __init__(self, api: Any, errors: Any, patience: Patience) -> None:
        """
        Args:
            api: the module ``nats.js.api``, which is imported late.
            errors: the module ``nats.js.errors``.
        """
        self._api = api
        self._errors = errors
        self._patience = patience
        self._first: dict[tuple[str, str], int] = {}
        """Subject and reader -> the last sequence number before its first read."""

    async def make(
        self, client: Any, stream: str, subject: str, kind: str, reader: str, since: int | None
    ) -> tuple[str, int]:
        """Create the consumer of a reader; return its name and the number of letters already waiting for it.

        Args:
            reader: see ``Line.read``, also for ``since``.

        Raises:
            nats.errors.Error: an answer did not come in time.
            nats.js.errors.Error: the server refuses.
        """
        api, js = self._api, client.jetstream(timeout=ANSWER_S)
        older = await self._older(client, stream, reader) if reader else []
        state = (await js.stream_info(stream)).state
        start = since if not reader or kind != "sure" else None
        if start is None and reader:
            first = self._first.setdefault((subject, reader), state.last_seq)
            start = first if kind == "block" else await self._done(js, stream, older)
        if start is not None and start > state.last_seq:  # not the stream that the reader knew
            start = 0
        how: dict[str, Any] = {"deliver_policy": api.DeliverPolicy.NEW}
        if start is not None:
            how = {"deliver_policy": api.DeliverPolicy.BY_START_SEQUENCE, "opt_start_seq": start + 1}
        elif kind == "sure":
            how = {"deliver_policy": api.DeliverPolicy.ALL}
        name = f"{reader or 'past'}_{token_hex(4)}"
        lasting = {"durable_name": name} if reader and kind == "sure" else {"inactive_threshold": FRESH_S}
        config = api.ConsumerConfig(
            name=name,
            filter_subject=subject,
            ack_policy=api.AckPolicy.EXPLICIT if reader else api.AckPolicy.NONE,
            ack_wait=WEEK_S,
            max_ack_pending=(PAID_IN_FLIGHT if kind == "sure" else IN_FLIGHT) if reader else None,
            **how,
            **lasting,
        )
        with self._patience.of(f"{subject} {reader}") as seconds:
            made = await client.jetstream(timeout=seconds).add_consumer(stream, config)
        for each in older:
            with contextlib.suppress(self._errors.NotFoundError):
                await js.delete_consumer(stream, each)
        return name, int(made.num_pending or 0)

    async def _older(self, client: Any, stream: str, reader: str) -> list[str]:
        """Return the names of the consumers that a reader of this name created before.

        Names only: a list with the progress of each waits for those that were on a server that is gone.
        """
        names: list[str] = []
        while True:
            wish = json.dumps({"offset": len(names)}).encode()
            answer = await client.request(f"$JS.API.CONSUMER.NAMES.{stream}", wish, timeout=ANSWER_S)
            page: dict[str, Any] = json.loads(answer.data)
            if "error" in page:
                raise self._errors.APIError.from_error(page["error"])
            names += page.get("consumers") or ()
            if len(names) >= int(page.get("total", 0)) or not page.get("consumers"):
                return [name for name in names if name[:-9] == reader]

    async def _done(self, js: Any, stream: str, older: list[str]) -> int | None:
        """Return the highest number up to which one of these consumers is done; None if there are none."""
        told = await asyncio.gather(*(js.consumer_info(stream, name) for name in older), return_exceptions=True)
        errors = [each for each in told if isinstance(each, BaseException)]
        for error in errors:
            if len(errors) == len(told) and not isinstance(error, self._errors.NotFoundError):
                raise error
        floors = [each.ack_floor for each in told if not isinstance(each, BaseException)]
        return max((floor.stream_seq for floor in floors if floor), default=None)
