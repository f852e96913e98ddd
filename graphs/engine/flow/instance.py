"""Runs one generation of a node: input ports -> the node's operators -> ``Host.emit``."""

import asyncio
from collections.abc import Callable
from typing import Any

from reactivex import Observable
from reactivex.abc import SchedulerBase
from reactivex.disposable import CompositeDisposable

from graphs.engine.books.at_work import AtWork
from graphs.engine.flow.edge import Edge
from graphs.engine.flow.failures import failure
from graphs.engine.flow.host import Host
from graphs.engine.flow.inlet import Inlet
from graphs.engine.flow.jobs import CALL_S, InstanceJobs
from nodes import NodeSpec
from nodes.phrases import phrase, said_by
from nodes.services import Jobs, Kept, Log, Preparation
from nodes.troubles import Troubles
from schemas.event import Event
from schemas.settings import Settings


class NotBuilt(Exception):
    """A node cannot be built; ``cause`` is what it raised."""

    def __init__(self, node: str, type_: str, cause: Exception) -> None:
        super().__init__(node, type_, cause)
        self.node = node
        self.type = type_
        self.cause = cause

    @property
    def why(self) -> str:
        """The message of the cause, or the name of its type if it has none."""
        return said_by(self.cause) or type(self.cause).__name__

    def __str__(self) -> str:
        return phrase("{why} in node '{node}' ({type})", why=self.why, node=self.node, type=self.type)


class Instance:
    """A running node; it ends by completing (``complete``), by failing, or by force (``close``)."""

    def __init__(
        self,
        name: str,
        spec: NodeSpec,
        settings: Settings,
        wired: set[str],
        services: dict[type, Any],
        host: Host,
        at_work: AtWork | None = None,
    ) -> None:
        """Build the node's operators without subscribing to them: nothing is emitted yet.

        Args:
            wired: input ports that have an edge; all others must be optional.
            services: protocol -> service that is lent to the node; ``Jobs``, ``Preparation``
                and ``Kept`` are the node's own.
            at_work: notes when its coroutines and threads run.
        """
        self.name = name
        self.spec = spec
        self.settings = settings
        self.log: Troubles | None = services.get(Log)
        self._host = host
        self.jobs = InstanceJobs(name, host, at_work)
        self.busy = self.jobs.busy
        self.inlets = {port.name: Inlet() for port in spec.inputs if port.name in wired}
        self._feedback = {port.name for port in spec.inputs if port.feedback}
        self._subscriptions = CompositeDisposable()
        self._feeding: Event | None = None
        self._open = 0
        self._completing = False
        self.listening = False
        self.ended = False
        own = {Jobs: self.jobs, Preparation: self.jobs, Kept: host.kept}
        lent = {key: own.get(protocol) or services[protocol] for key, protocol in spec.services.items()}
        built = spec.build(settings, **self.inlets, **lent)
        self._outputs: list[tuple[str, Observable[Any]]]
        if not spec.outputs:
            self._outputs = [("", built)]
        elif isinstance(built, Observable):
            self._outputs = [(spec.outputs[0].name, built)]
        else:
            self._outputs = [(port.name, getattr(built, port.name)) for port in spec.outputs]

    def start(self, scheduler: SchedulerBase) -> None:
        """Subscribe to the outputs: sources begin, and from the next loop tick on events are taken.

        A node must therefore subscribe to its inputs at once, as ``nodes.streams.together`` does.
        """
        self._open = len(self._outputs)
        gives = {port.name: port.event for port in self.spec.outputs}
        for port, output in self._outputs:
            emit = _into(self._host.emit, port, gives.get(port, object), self._wrong)
            try:
                self._subscriptions.add(output.subscribe(emit, self.fail, self._completed, scheduler=scheduler))
            except BaseException as error:  # reactivex reports an Exception itself
                self.fail(failure(error))
        self.jobs.started()
        asyncio.get_running_loop().call_soon(self._listen)

    def ready(self, port: str) -> bool:
        """Whether an event may be fed to the port: the instance listens, is not ending, and the port is not busy."""
        return self.listening and not self.ended and not self._completing and port not in self.jobs.busy

    def feed(self, port: str, event: Event) -> None:
        """Feed one event to a port, whether it is ready or not."""
        self.jobs.feeding = port
        self._feeding = event
        try:
            self.inlets[port].on_next(event)
        except BaseException as error:  # a callback at the end of a chain raises into its producer: this call
            self.fail(failure(error))
        finally:
            self._feeding = None

    def feed_from(self, edge: Edge, most: int) -> int:
        """Feed up to ``most`` events of an edge while its port is ready for them; return how many were fed."""
        port, take, inlet, busy = edge.port, edge.take, self.inlets[edge.port], self.jobs.busy
        heedless = port in self._feedback
        self.jobs.feeding = port
        fed = 0
        try:
            while fed < most and not self.ended and port not in busy and (heedless or not self._host.blocked):
                event = take()
                if event is None:
                    break
                fed += 1
                self._feeding = event
                inlet.on_next(event)
        except BaseException as error:  # as in feed
            self.fail(failure(error))
        finally:
            self._feeding = None
        return fed

    def complete(self) -> None:
        """Complete the inputs: the node flushes what it holds, then ``Host.finished`` is called."""
        self._completing = True
        self.jobs.end_sources()
        for inlet in list(self.inlets.values()):
            try:
                inlet.on_completed()
            except BaseException as error:  # as in feed; or one that completed cannot release something
                self.ended = True
                self._host.failed(None, failure(error))
        if not self.inlets and not self.jobs.running and not self.ended:
            # The node only reacts to others, such as requests to an address: nothing of its own would complete it.
            self.ended = True
            self._host.finished()

    async def close(self, deadline_s: float = CALL_S) -> None:
        """End the node by force; what it holds is lost."""
        self.ended = True
        try:
            self._subscriptions.dispose()
        except BaseException as error:
            raise failure(error) from None
        finally:
            await self.jobs.close(deadline_s)

    def _listen(self) -> None:
        self.listening = True
        self._host.wake()

    def _completed(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.ended:
            self.ended = True
            self._host.finished()

    def _wrong(self, port: str, event: object) -> None:
        """Fail on an event that the port does not give, before anybody else sees it.

        It is not raised: in the middle of ``subscribe`` or of a callback that would hit whoever happens to call.
        """
        gives = next(each.event.__name__ for each in self.spec.outputs if each.name == port)
        what = repr(event) if event is None else type(event).__name__
        text = phrase("{what} came out of port {port}, which gives {gives}", what=what, port=repr(port), gives=gives)
        self.fail(TypeError(text))

    def fail(self, error: Exception) -> None:
        """End with a failure, once."""
        if not self.ended:
            self.ended = True
            self._host.failed(self.jobs.culprit or self._feeding, error)


def _into(
    emit: Callable[[str, Any], None], port: str, gives: type, wrong: Callable[[str, object], None]
) -> Callable[[Any], None]:
    right = gives  # the class of the last event: to compare it costs a third of isinstance, and events come in runs

    def on_next(event: object) -> None:  # not a partial: Python calls its own functions faster than through C
        nonlocal right
        if type(event) is not right:
            if not isinstance(event, gives):
                wrong(port, event)
                return
            right = type(event)
        emit(port, event)

    return on_next
