"""Runs the coroutines and threads of one node instance: they are bounded, fail loudly and end with the instance."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, Never, TypeVar, cast

from reactivex import Observable
from reactivex.abc import DisposableBase, ObserverBase, SchedulerBase
from reactivex.disposable import Disposable

from graphs.engine.books.at_work import AtWork
from graphs.engine.flow.failures import failure, is_an_end
from graphs.engine.flow.host import Host
from nodes.services import Worker
from schemas.event import Event
from schemas.playback import Stop

In = TypeVar("In", bound=Event)
Out = TypeVar("Out", bound=Event)
T = TypeVar("T")

CALL_S = 5.0
"""Wait at most this long for a blocking call when its node is closed, then abandon it."""
_STOPPED = 64
"""Remember this many stopped turns, so that their late events can be skipped."""


class InstanceJobs:
    """Implements the ``Jobs`` and ``Preparation`` services (see nodes.services) of one instance."""

    def __init__(self, name: str, host: Host, at_work: AtWork | None = None) -> None:
        self._name, self._host, self._at_work = name, host, at_work or AtWork()
        self._loop = asyncio.get_running_loop()
        self._threads: ThreadPoolExecutor | None = None
        self.running: set[asyncio.Task[None]] = set()
        self._until_complete: set[asyncio.Task[None]] = set()
        """Jobs that end when the inputs complete."""
        self._calls: set[asyncio.Future[Any]] = set()
        self._workers: list[InstanceJobs] = []
        self._closed = False
        self._started, self._early = False, list[Callable[[], object]]()
        self.feeding = ""
        """The input port whose event is being fed right now."""
        self.busy: dict[str, int] = {}
        """Input port -> number of events taken in and not finished."""
        self.culprit: Event | None = None
        """The event whose job failed."""

    def each(
        self, work: Callable[[In], AsyncIterator[Out] | Awaitable[object]], stop: Observable[Stop] | None = None
    ) -> Callable[[Observable[In]], Observable[Out]]:
        def operator(source: Observable[In]) -> Observable[Out]:
            def subscribe(observer: ObserverBase[Out], scheduler: SchedulerBase | None = None) -> DisposableBase:
                return _Sequence(self, work, observer).subscribe(source, stop, scheduler)

            return Observable(subscribe)

        return operator

    def source(
        self, produce: Callable[[], AsyncIterator[Out] | Awaitable[object]], *, to_the_end: bool = False
    ) -> Observable[Out]:
        def subscribe(observer: ObserverBase[Out], _: SchedulerBase | None = None) -> DisposableBase:
            def ended(task: asyncio.Task[None]) -> None:
                self._until_complete.discard(task)
                if task.cancelled():  # possibly before its first step
                    observer.on_completed()

            async def run() -> None:
                try:
                    await self.pour(produce(), observer)
                except BaseException as error:
                    if is_an_end(error):
                        raise
                    observer.on_error(failure(error))
                else:
                    observer.on_completed()

            task = self.start(run())
            if not to_the_end:
                self._until_complete.add(task)
            task.add_done_callback(ended)

            def dispose() -> None:
                task.cancel()

            return Disposable(dispose)

        return Observable(subscribe)

    def beside(self, work: Callable[[], Awaitable[object]], *, to_the_end: bool = False) -> Observable[Never]:
        return cast("Observable[Never]", self.source(work, to_the_end=to_the_end))

    async def thread(self, call: Callable[..., T], *args: Any) -> T:
        if self._closed:  # the job was abandoned: nothing would end a thread that it starts now
            raise asyncio.CancelledError
        if self._threads is None:
            self._threads = ThreadPoolExecutor(1, thread_name_prefix=f"aischoco-{self._name}")
        running = self._loop.run_in_executor(self._threads, call, *args)
        self._follow(running)
        return await asyncio.shield(running)

    def ahead(self, call: Callable[..., object], *args: Any) -> None:
        self._early.append(partial(call, *args))
        if self._started:
            self.started()

    def started(self) -> None:
        """Begin what was asked for ahead: while other nodes are still built, it would hold up the start."""
        self._started = True
        while self._early:
            threads = ThreadPoolExecutor(1, thread_name_prefix=f"aischoco-{self._name}-ahead")
            self._follow(self._loop.run_in_executor(threads, self._early.pop()))
            threads.shutdown(wait=False)

    def worker(self, name: str) -> Worker:
        worker = InstanceJobs(f"{self._name}-{name}", self._host, self._at_work)
        worker._closed = self._closed
        self._workers.append(worker)
        return worker

    def _follow(self, call: asyncio.Future[Any]) -> None:
        self._calls.add(call)
        self._at_work.begin()
        call.add_done_callback(self._returned)

    def _returned(self, call: asyncio.Future[Any]) -> None:
        self._calls.discard(call)
        self._at_work.end()
        if not call.cancelled():
            call.exception()  # marks it as retrieved: the job that waited for it may be gone

    def post(self, call: Callable[..., object], *args: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._at_work.call(self._posted), call, *args)

    def _posted(self, call: Callable[..., object], *args: Any) -> None:
        try:
            call(*args)
        except (SystemExit, KeyboardInterrupt) as error:
            self._host.failed(None, failure(error))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def pour(self, events: AsyncIterator[Out] | Awaitable[object], observer: ObserverBase[Out]) -> None:
        """Emit what ``events`` yields, at the pace of the out-edges; a coroutine yields nothing."""
        if isinstance(events, Awaitable):
            await events
            return
        try:
            async for event in events:
                observer.on_next(event)
                wait = self._host.writable()
                if wait is not None:
                    await wait
        finally:
            close = getattr(events, "aclose", None)
            if close is not None:  # so that its own ``finally`` runs now and not at garbage collection
                await close()

    def start(self, work: Any) -> asyncio.Task[None]:
        task = self._loop.create_task(self._at_work.steps(work), name=f"{self._name} job")
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task

    def taken(self, port: str) -> None:
        self.busy[port] = self.busy.get(port, 0) + 1

    def done(self, port: str) -> None:
        self.busy[port] -= 1
        if not self.busy[port]:
            del self.busy[port]
        self._host.wake()

    def end_sources(self) -> None:
        for task in self._until_complete:
            task.cancel()

    async def close(self, deadline_s: float = CALL_S) -> None:
        """End every job. A blocking call cannot be ended: it is abandoned after this long, with what waits for it."""
        running = list(self.running)
        for task in running:
            task.cancel()
        if running:
            for task in (await asyncio.wait(running, timeout=deadline_s))[0]:
                if not task.cancelled():
                    task.exception()  # marks it as retrieved: what waits for the job already has it
        await asyncio.gather(*(worker.close(deadline_s) for worker in self._workers))
        self._closed = True
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        if self._calls:
            await asyncio.wait(self._calls, timeout=deadline_s)


class _Sequence(Generic[In, Out]):
    """One subscription to the result of ``each``."""

    def __init__(
        self,
        jobs: InstanceJobs,
        work: Callable[[In], AsyncIterator[Out] | Awaitable[object]],
        observer: ObserverBase[Out],
    ) -> None:
        self._jobs = jobs
        self._work = work
        self._observer = observer
        self._waiting: deque[tuple[str, In]] = deque()
        self._task: asyncio.Task[None] | None = None
        self._turn: str | None = None
        """Turn of the event being worked on."""
        self._stopping = False
        self._stopped: deque[str] = deque(maxlen=_STOPPED)
        self._completed = False

    def subscribe(
        self, source: Observable[In], stop: Observable[Stop] | None, scheduler: SchedulerBase | None
    ) -> DisposableBase:
        listening = (
            Disposable() if stop is None else stop.subscribe(self._stop, self._observer.on_error, scheduler=scheduler)
        )
        subscription = source.subscribe(self._next, self._observer.on_error, self._complete, scheduler=scheduler)

        def dispose() -> None:
            listening.dispose()
            subscription.dispose()
            self._waiting.clear()
            if self._task is not None:
                self._task.cancel()

        return Disposable(dispose)

    def _stop(self, stop: Stop) -> None:
        self._stopped.append(stop.turn)
        if not stop.after_sentence and self._task is not None and self._turn == stop.turn and not self._stopping:
            self._stopping = True  # one cancel per stop: a second would interrupt the clean-up after the first
            self._task.cancel()

    def _next(self, event: In) -> None:
        if self._task is None and getattr(event, "turn", None) in self._stopped:
            return
        self._jobs.taken(self._jobs.feeding)
        self._waiting.append((self._jobs.feeding, event))
        if self._task is None:
            self._task = self._jobs.start(self._run())

    def _complete(self) -> None:
        self._completed = True
        if self._task is None:
            self._observer.on_completed()

    async def _run(self) -> None:
        while self._waiting:
            port, event = self._waiting.popleft()
            turn = getattr(event, "turn", None)
            try:
                if turn not in self._stopped:
                    self._turn = turn
                    await self._jobs.pour(self._work(event), self._observer)
                    if self._stopping:  # its last event set off the stop: the cancel takes effect at this await
                        await asyncio.sleep(0)
            except BaseException as error:
                task = asyncio.current_task()
                stopped = self._stopping and isinstance(error, asyncio.CancelledError)
                if stopped and (task is None or not task.uncancel()):
                    continue
                if is_an_end(error):
                    raise  # the node is ending
                self._jobs.culprit = event
                self._observer.on_error(failure(error))
                return
            finally:
                self._turn, self._stopping = None, False
                self._jobs.done(port)
        self._task = None
        if self._completed:
            self._observer.on_completed()
