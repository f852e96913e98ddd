"""Runs what a node's operators schedule; what raises there is the failure of that node, as in any other callback."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from reactivex.abc import DisposableBase, ScheduledAction
from reactivex.disposable import Disposable
from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.books.at_work import AtWork
from graphs.engine.flow.failures import failure

S = TypeVar("S")


class Timers(AsyncIOScheduler):
    """The scheduler of one node instance.

    Without it an exception in a timer reaches the loop: an ordinary one is only logged, and the node stays dead; a
    ``SystemExit`` ends the program.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, failed: Callable[[Exception], None], at_work: AtWork | None = None
    ) -> None:
        """
        Args:
            failed: called with what a scheduled action raises.
        """
        super().__init__(loop)
        self._failed = failed
        self._zero = datetime.now(UTC) - timedelta(seconds=loop.time())
        self._invoke = (at_work or AtWork()).call(super().invoke_action)

    @property
    def now(self) -> datetime:
        """The time by the loop's clock: ``delay`` reads it, and would hold events for hours if the time of day were set
        back, or for real time in a replay."""
        return self._zero + timedelta(seconds=self._loop.time())

    def invoke_action(self, action: ScheduledAction[S], state: S | None = None) -> DisposableBase:
        try:
            return self._invoke(action, state)
        except BaseException as error:
            self._failed(failure(error))
            return Disposable()
