"""Several streams as one."""

from collections.abc import Iterable
from typing import Any

import reactivex
from reactivex import Observable
from reactivex import operators as ops
from reactivex.scheduler import ImmediateScheduler


def together(streams: Iterable[Observable[Any]]) -> Observable[Any]:
    """Merge them at once: ``reactivex.merge`` subscribes a tick later, by the scheduler, and misses what came."""
    return reactivex.from_iterable(streams, ImmediateScheduler.singleton()).pipe(ops.merge_all())
