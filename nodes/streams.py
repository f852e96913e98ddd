"""Operations on streams that nodes of several families need."""

from typing import Any, Never, TypeVar, cast

import reactivex
from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler import ImmediateScheduler

from schemas.event import Event

E = TypeVar("E", bound=Event)


def together(*streams: Observable[Any]) -> Observable[Any]:
    """Merge streams and subscribe to them immediately.

    ``reactivex.merge`` subscribes through the scheduler, one loop tick later for each level of nesting, and anything
    that comes before that is lost.
    """
    return reactivex.from_iterable(streams, ImmediateScheduler.singleton()).pipe(ops.merge_all())


def only(kind: type[E], events: Observable[Any]) -> Observable[E]:
    """Return the events of one kind, for an output port; share ``events`` if several ports derive from it."""
    return cast("Observable[E]", events.pipe(ops.filter(lambda event: isinstance(event, kind))))


def silent(events: Observable[Any]) -> Observable[Never]:
    """Subscribe only for the side effects: emit nothing but completion and failure."""
    return cast("Observable[Never]", events.pipe(ops.ignore_elements()))
