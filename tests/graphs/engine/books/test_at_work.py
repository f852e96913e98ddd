"""Who was at work when a process of several shows ended can be read afterwards, and only that show is to blame."""

import asyncio
import threading

import pytest
from aiohttp import ClientSession

from graphs.engine.books.at_work import AtWork, NotedAtWork, _was_at_work, acquit, noted
from graphs.engine.books.journal import Journal
from graphs.engine.books.under_way import UnderWay, read
from graphs.engine.flow.jobs import InstanceJobs
from graphs.engine.flow.runtime import Runtime
from graphs.engine.log.engine_log import EngineLog
from graphs.engine.web.server import LocalWeb
from tests.graphs.engine.flow.test_jobs import Host
from tests.graphs.engine.flow.test_paid import NODES, WIRES, left
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import on_virtual_time


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "history" / "journal" / "show.jsonl"


def busy(folder, name, *ids):
    """Return the journal of a show that answers these events; what it notes is on disk at once."""
    journal = folder / f"{name}.jsonl"
    marks = UnderWay()
    marks.open(journal)
    marks.begun(ids)
    return journal


def test_it_is_at_work_in_a_call_and_in_the_steps_of_a_coroutine_and_not_while_that_waits(journal):
    at_work, seen = NotedAtWork(journal), []

    def look(name):
        seen.append((name, _was_at_work(journal)))

    async def inner():
        look("inner")
        await asyncio.sleep(0)
        look("after")

    async def work():
        look("step")
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            look("cancelled")
            await at_work.steps(inner())
            return "done"

    async def story():
        task = asyncio.get_running_loop().create_task(at_work.steps(work()))
        await asyncio.sleep(0)
        look("waits")
        task.cancel()
        assert await task == "done"
        look("over")
        assert at_work.call(lambda text: look(text) or "given")("call") == "given"
        with pytest.raises(ZeroDivisionError):
            at_work.call(lambda: 1 / 0)()
        never = asyncio.get_running_loop().create_task(at_work.steps(work()))
        never.cancel()
        await asyncio.gather(never, return_exceptions=True)
        look("end")

    asyncio.run(story())
    at = [name for name, was in seen if was]
    assert at == ["step", "cancelled", "inner", "after", "call"]
    assert [name for name, was in seen if not was] == ["waits", "over", "end"]


def test_it_is_at_work_until_its_thread_has_returned(journal):
    at_work, go = NotedAtWork(journal), threading.Event()

    async def story():
        jobs = InstanceJobs("n", Host(), at_work)
        running = asyncio.get_running_loop().create_task(jobs.thread(go.wait, 5))
        await asyncio.sleep(0)
        assert _was_at_work(journal)
        go.set()
        await running
        await asyncio.sleep(0)
        assert not _was_at_work(journal)
        await jobs.close()

    asyncio.run(story())


def test_only_a_show_that_was_at_work_is_to_blame(tmp_path):
    guilty, other, calm = (busy(tmp_path, name, f"of {name}") for name in ("guilty", "other", "calm"))
    for journal in (guilty, other, calm):
        NotedAtWork(journal)
    NotedAtWork(guilty).begin()
    acquit([guilty, other, calm])
    assert read(guilty) == {"of guilty": False}
    assert read(other) == read(calm) == {}


def test_nobody_is_acquitted_where_nobody_was_at_work_who_answered_something(tmp_path):
    first, second = busy(tmp_path, "first", "a"), busy(tmp_path, "second", "b")
    idle = tmp_path / "idle.jsonl"
    NotedAtWork(first)
    NotedAtWork(idle).begin()
    acquit([first, second, idle])
    assert read(first) == {"a": False}
    assert read(second) == {"b": False}, "it has no file that says anything"


def test_a_show_begins_idle_whatever_its_file_says(journal):
    NotedAtWork(journal).begin()
    assert _was_at_work(journal)
    at_work = noted(journal)
    assert isinstance(at_work, NotedAtWork)
    assert not _was_at_work(journal)


def test_where_no_file_can_be_written_a_show_runs_without(tmp_path):
    (tmp_path / "journal").write_text("", encoding="utf-8")
    at_work = noted(tmp_path / "journal" / "show.jsonl")
    assert type(at_work) is AtWork
    assert at_work.call(len)("four") == 4
    at_work.begin()
    at_work.end()


def test_a_running_show_is_at_work_whenever_a_node_gets_an_event_and_not_between(journal):
    graph = graph_of(
        {**NODES, "a": ("chat.count", {"count": 2}), "worked": ("chat.slow", {"work_s": 0.5})}, *WIRES, "b -> worked"
    )
    at_work, seen, idle = NotedAtWork(journal), set(), set()

    async def main():
        runtime = Runtime(graph, REGISTRY, root=journal.parent, log=EngineLog(quiet=True), seed=1, at_work=at_work)
        await runtime.start()
        for name, station in runtime.stations.items():
            for inlet in station.instance.inlets.values():
                inlet.subscribe(looks(name))
        idle.add(_was_at_work(journal))
        runtime.loop.call_later(0.25, lambda: idle.add(_was_at_work(journal)))
        await asyncio.sleep(10)
        runtime.stations["b"].instance.jobs.post(looks("posted"), None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        idle.add(_was_at_work(journal))
        await runtime.stop()

    def looks(name):
        return lambda _: seen.add((name, _was_at_work(journal)))

    on_virtual_time(main())
    assert seen == {(name, True) for name in ("b", "batch", "voice", "worked", "posted")}
    assert idle == {False}


def test_a_donation_that_comes_back_is_handed_on_at_work(journal):
    left(journal, "good", "bad", died=("bad",))
    at_work, seen = NotedAtWork(journal), []

    async def main():
        kept = Journal(journal, print)
        log, graph = EngineLog(quiet=True), graph_of(NODES, *WIRES)
        runtime = Runtime(graph, REGISTRY, root=journal.parent, log=log, journal=kept, at_work=at_work)
        runtime.books.arrived.add(lambda name: seen.append((name, _was_at_work(journal))))
        await runtime.start()
        await asyncio.sleep(10)
        await runtime.stop()

    on_virtual_time(main())
    assert seen == [("good", True), ("bad", True)]


def test_a_request_of_a_page_is_answered_at_work(journal):
    at_work, seen = NotedAtWork(journal), []

    async def main():
        web = LocalWeb("127.0.0.1", 0, EngineLog(quiet=True), around=at_work.steps)
        web.get("/look", lambda _: seen.append(_was_at_work(journal)) or {})
        await web.start()
        async with ClientSession() as session, session.get(f"{web.url}/look") as answer:
            assert answer.status == 200
        assert not _was_at_work(journal)
        await web.stop()

    asyncio.run(main())
    assert seen == [True]
