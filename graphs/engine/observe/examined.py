"""Runs the exam of a node (``nodes.exams``): for the doctor before a show, for the lights of the pages during one."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from graphs.engine.log.redact import Redactor
from nodes.exams import Exam, Finding, Probe
from nodes.phrases import phrase, said_by
from nodes.troubles import Troubles
from schemas.graph import Graph, NodeEntry

T = TypeVar("T")


class _Silent(Troubles):
    """The ``Log`` of an exam: nobody reads it, so it only registers secrets to hide."""

    def __init__(self, redact: Redactor) -> None:
        self._redact = redact

    def info(self, text: str, **fields: object) -> None: ...
    def warning(self, text: str, **fields: object) -> None: ...
    def hide(self, secret: str) -> None:
        self._redact.hide([secret])


class _Clock:
    def now(self) -> float:
        return asyncio.get_running_loop().time()


class _Worker:
    """The ``Worker`` of an exam. Its thread is abandoned if a call in it does not return."""

    def __init__(self, name: str) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix=f"aischoco-doctor-{name}")

    def thread(self, call: Callable[..., T], *args: Any) -> Awaitable[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, call, *args)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


@contextmanager
def probing(
    name: str,
    graph: Graph,
    redact: Redactor,
    dated: Callable[[str], object] = lambda _: None,
    *,
    trying: bool = False,
) -> Generator[Probe]:
    """Lend what an exam of a node of this name needs."""
    worker = _Worker(name)
    others = tuple(each.settings for each in graph.nodes.values())
    try:
        yield Probe(worker, _Clock(), _Silent(redact), others, dated, trying)
    finally:
        worker.close()


async def examined(
    exam: Exam,
    entry: NodeEntry,
    graph: Graph,
    redact: Redactor,
    *,
    within_s: float,
    dated: Callable[[str], object] = lambda _: None,
    trying: bool = False,
) -> Sequence[Finding]:
    """Run the exam of a node; that it fails or takes too long is a finding too.

    Args:
        redact: learns the secrets that the exam comes across.
        within_s: the exam is cancelled after this long.
        dated: see ``Probe``, as ``trying``.
    """
    with probing(entry.name, graph, redact, dated, trying=trying) as probe:
        try:
            async with asyncio.timeout(within_s):
                return await exam.run(entry.settings, probe)
        except TimeoutError:
            what = phrase("{type}: no answer in {seconds} s", type=entry.type, seconds=f"{exam.within_s:g}")
            return [Finding(False, what, phrase("check the connection and the address, and try again"))]
        except Exception as error:
            why = phrase("{name}: {why}", name=type(error).__name__, why=said_by(error))
            what = phrase("{type}: the check failed: {why}", type=entry.type, why=why)
            return [Finding(False, what, phrase("check the settings of this node"))]
