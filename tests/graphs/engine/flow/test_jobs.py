import asyncio
import threading
import time

import pytest
from reactivex import Subject

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from graphs.engine.flow.jobs import InstanceJobs
from schemas.chat import ChatMessage
from schemas.playback import Stop
from schemas.reply import Emotion
from tests.graphs.engine.stage import REGISTRY, graph_of
from tests.harness import on_virtual_time


class Host:
    def __init__(self):
        self.out, self.log, self.gate, self.blocked, self.kept = [], [], None, 0, Keeping()

    def emit(self, port, event):
        self.out.append(event.id)

    def failed(self, event, error):
        self.log.append((event and event.id, str(error)))

    def finished(self):
        self.log.append("finished")

    def wake(self):
        self.log.append("wake")

    def writable(self):
        return self.gate


def chat(name):
    return ChatMessage(id=name, author="x")


def instance_of(type_, host, **settings):
    from reactivex.scheduler.eventloop import AsyncIOScheduler

    entry = graph_of({"n": (type_, settings)}).nodes["n"]
    spec = REGISTRY[type_]
    made = Instance("n", spec, entry.settings, {port.name for port in spec.inputs}, {}, host)
    made.start(AsyncIOScheduler(asyncio.get_running_loop()))
    return made


def test_one_event_is_worked_on_at_a_time_and_the_port_is_busy_meanwhile():
    async def story():
        host = Host()
        made = instance_of("chat.slow", host, work_s=1.0)
        made.feed("chat", chat("a"))
        assert not made.ready("chat")
        await asyncio.sleep(1.5)
        assert made.ready("chat")
        assert host.out == ["a"]
        await made.close()

    on_virtual_time(story())


def test_completion_waits_for_the_job_that_runs():
    async def story():
        host = Host()
        made = instance_of("chat.slow", host, work_s=1.0)
        made.feed("chat", chat("a"))
        made.feed("chat", chat("b"))
        made.complete()
        assert "finished" not in host.log
        await asyncio.sleep(3.0)
        assert host.out == ["a", "b"]
        assert host.log[-1] == "finished"

    on_virtual_time(story())


def test_a_failing_job_names_its_event():
    async def story():
        host = Host()
        made = instance_of("chat.slow", host, work_s=1.0, bad=("a",))
        made.feed("chat", chat("a"))
        await asyncio.sleep(1.5)
        assert ("a", "cannot stand a") in host.log
        assert not made.ready("chat")
        await made.close()

    on_virtual_time(story())


def test_a_yield_waits_until_the_out_edges_can_take_it():
    async def story():
        host = Host()
        host.gate = asyncio.get_running_loop().create_future()
        made = instance_of("chat.count", host, count=3, every_s=0.0)
        await asyncio.sleep(1.0)
        assert host.out == ["0"]
        host.gate.set_result(None)
        await asyncio.sleep(1.0)
        assert host.out == ["0", "1", "2"]
        await made.close()

    on_virtual_time(story())


def test_closing_cancels_what_runs():
    async def story():
        host = Host()
        made = instance_of("chat.slow", host, work_s=100.0)
        made.feed("chat", chat("a"))
        await made.close()
        assert host.out == []
        assert len(asyncio.all_tasks()) == 1

    on_virtual_time(story())


def test_a_source_can_be_told_to_end():
    async def story():
        host = Host()
        made = instance_of("chat.count", host, count=1000)
        await asyncio.sleep(0.55)
        made.complete()
        await asyncio.sleep(1.0)
        assert len(host.out) == 5
        await made.close()

    on_virtual_time(story())


def test_blocking_calls_run_in_one_thread_of_the_node_and_never_overlap():
    async def story():
        made = instance_of("chat.slow", Host())
        names, running = [], []

        def block():
            running.append(1)
            names.append(threading.current_thread().name)
            assert len(running) == 1
            running.pop()

        await asyncio.gather(*(made.jobs.thread(block) for _ in range(5)))
        await made.close()
        return names

    assert set(on_virtual_time(story())) == {"aischoco-n_0"}


def test_another_thread_enters_through_post():
    async def story():
        made = instance_of("chat.slow", Host())
        came = asyncio.get_running_loop().create_future()
        await made.jobs.thread(made.jobs.post, came.set_result, "from the thread")
        assert await came == "from the thread"
        await made.close()

    on_virtual_time(story())


def test_a_call_that_does_not_return_is_left_behind_after_the_deadline():
    async def story():
        made = instance_of("chat.slow", Host())
        go_on = threading.Event()
        call = asyncio.ensure_future(made.jobs.thread(go_on.wait, 5.0))
        await asyncio.sleep(0)
        started = time.monotonic()
        await made.jobs.close(0.02)
        assert time.monotonic() - started < 1.0
        go_on.set()
        assert await call is True

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(story())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def test_a_job_that_cleans_up_behind_a_call_that_does_not_return_is_left_behind_too():
    cleaned = []

    async def story():
        made = instance_of("chat.slow", Host())
        go_on = threading.Event()

        async def work():
            try:
                await made.jobs.thread(go_on.wait, 5.0)
            finally:
                await made.jobs.thread(cleaned.append, "late")

        job = made.jobs.start(work())
        await asyncio.sleep(0.01)
        started = time.monotonic()
        await made.jobs.close(0.05)
        assert time.monotonic() - started < 1.0
        await asyncio.wait([job], timeout=1.0)
        assert job.cancelled(), "what it waits for is not called any more"
        go_on.set()

    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(story())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
    assert cleaned == []


def test_a_source_that_is_told_to_end_before_its_first_step_completes():
    async def story():
        host = Host()
        made = instance_of("chat.count", host)
        made.complete()
        await asyncio.sleep(1.0)
        assert host.out == []
        assert "finished" in host.log
        await made.close()

    on_virtual_time(story())


class Worked:
    """``each`` with a stop on subjects: two pieces for an event, one second apart."""

    def __init__(self):
        self.jobs = InstanceJobs("n", Host())
        self.events, self.stops, self.log = Subject(), Subject(), []
        sequence = self.jobs.each(self.work, self.stops)(self.events)
        self.subscription = sequence.subscribe(
            self.log.append, lambda error: self.log.append(str(error)), lambda: self.log.append("completed")
        )

    async def work(self, event):
        try:
            yield f"{event.turn}1"
            await asyncio.sleep(1.0)
            yield f"{event.turn}2"
        finally:
            await asyncio.sleep(0.1)
            self.log.append(f"{event.turn} closed")

    def feed(self, turn):
        self.events.on_next(Emotion(turn=turn, emotion="happy"))


def test_a_stop_breaks_off_the_work_of_its_turn_and_the_next_one_begins():
    async def story():
        worked = Worked()
        worked.feed("a")
        worked.feed("b")
        await asyncio.sleep(0.5)
        worked.stops.on_next(Stop(turn="a"))
        worked.stops.on_next(Stop(turn="a"))
        await asyncio.sleep(5.0)
        assert worked.log == ["a1", "a closed", "b1", "b2", "b closed"]
        assert worked.jobs.busy == {}
        worked.events.on_completed()
        assert worked.log[-1] == "completed"

    on_virtual_time(story())


def test_a_stop_of_another_turn_changes_nothing():
    async def story():
        worked = Worked()
        worked.feed("a")
        await asyncio.sleep(0.5)
        worked.stops.on_next(Stop(turn="b"))
        await asyncio.sleep(5.0)
        assert worked.log == ["a1", "a2", "a closed"]
        worked.subscription.dispose()

    on_virtual_time(story())


def test_what_comes_for_a_stopped_turn_is_passed_over():
    async def story():
        worked = Worked()
        worked.stops.on_next(Stop(turn="a"))
        worked.feed("a")
        worked.events.on_completed()
        assert worked.log == ["completed"]

    on_virtual_time(story())


def test_a_node_that_is_closed_in_the_middle_of_a_stop_ends():
    async def story():
        worked = Worked()
        worked.feed("a")
        worked.feed("b")
        await asyncio.sleep(0.5)
        worked.stops.on_next(Stop(turn="a"))
        await worked.jobs.close()
        assert worked.log in (["a1", "a closed"], ["a1"])
        await asyncio.sleep(5.0)
        assert "b1" not in worked.log

    on_virtual_time(story())


def test_a_stop_port_that_fails_fails_the_node():
    async def story():
        worked = Worked()
        worked.stops.on_error(ValueError("the dock is gone"))
        assert worked.log == ["the dock is gone"]

    on_virtual_time(story())


def test_a_worker_has_a_thread_of_its_own_and_ends_with_the_node():
    async def story():
        jobs = InstanceJobs("n", Host())
        held = threading.Event()
        busy = asyncio.ensure_future(jobs.thread(held.wait, 10))
        worker = jobs.worker("other")
        assert (await worker.thread(threading.current_thread)).name.startswith("aischoco-n-other")
        held.set()
        assert await busy
        threads = {thread for thread in threading.enumerate() if thread.name.startswith("aischoco-n")}
        await jobs.close()
        for thread in threads:
            thread.join(5)
        assert len(threads) == 2
        assert not any(thread.is_alive() for thread in threads)

    on_virtual_time(story())


def test_a_call_ahead_holds_nobody_up_and_its_thread_ends_with_it():
    async def story():
        jobs = InstanceJobs("n", Host())
        jobs.started()
        go_on, called = threading.Event(), []
        jobs.ahead(lambda number: called.append((number, go_on.wait(10), threading.current_thread())), 7)
        assert await jobs.thread(lambda: "not behind it") == "not behind it"
        go_on.set()
        await asyncio.wait(jobs._calls)
        ((number, waited, thread),) = called
        thread.join(5)
        assert (number, waited, thread.is_alive()) == (7, True, False)
        await jobs.close()

    on_virtual_time(story())


def test_closing_waits_for_a_call_ahead_and_one_that_fails_fails_nothing():
    async def story():
        host, called = Host(), []
        jobs = InstanceJobs("n", host)
        jobs.ahead(lambda: called.append(time.sleep(0.05)))
        jobs.started()
        jobs.ahead(lambda: 1 / 0)
        await jobs.close()
        assert (len(called), host.log) == (1, [])

    on_virtual_time(story())


def test_a_call_ahead_waits_until_the_node_starts_and_is_dropped_if_it_never_does():
    async def story():
        called = []
        jobs, never = InstanceJobs("n", Host()), InstanceJobs("m", Host())
        for each in (jobs, never):
            each.ahead(called.append, each)
        await asyncio.sleep(0.05)
        assert called == []
        jobs.started()
        await jobs.close()
        await never.close()
        assert called == [jobs]

    on_virtual_time(story())


def test_a_source_that_raises_fails_its_observer_after_what_it_gave():
    async def produce():
        yield "first"
        raise ValueError("the line is dead")

    async def story():
        log = []
        jobs = InstanceJobs("n", Host())
        jobs.source(produce).subscribe(log.append, lambda error: log.append(str(error)), lambda: log.append("done"))
        await asyncio.sleep(1.0)
        assert log == ["first", "the line is dead"]
        assert not jobs.running
        await jobs.close()

    on_virtual_time(story())


def test_a_stop_that_the_last_event_of_its_turn_sets_off_spares_the_next_turn():
    async def story():
        jobs, stops, events, log = InstanceJobs("n", Host()), Subject(), Subject(), []

        async def work(event):
            await asyncio.sleep(0.1)
            yield event.turn

        def heard(turn):
            log.append(turn)
            if turn == "a":
                stops.on_next(Stop(turn="a"))

        jobs.each(work, stops)(events).subscribe(heard, lambda error: log.append(str(error)), lambda: log.append("end"))
        for turn in "ab":
            events.on_next(Emotion(turn=turn, emotion="happy"))
        await asyncio.sleep(1.0)
        events.on_next(Emotion(turn="c", emotion="happy"))
        events.on_completed()
        await asyncio.sleep(1.0)
        assert log == ["a", "b", "c", "end"]
        assert jobs.busy == {}

    on_virtual_time(story())


def test_a_job_that_is_left_behind_gets_no_new_thread():
    held, called = threading.Event(), []

    async def story():
        jobs = InstanceJobs("left", Host())

        async def work():
            try:
                await asyncio.sleep(100.0)
            finally:
                try:
                    await jobs.thread(held.wait, 10)
                finally:
                    await jobs.thread(called.append, "too late")

        job = jobs.start(work())
        await asyncio.sleep(0)
        await jobs.close(0.0)
        late = jobs.worker("late")
        held.set()
        assert isinstance((await asyncio.gather(job, return_exceptions=True))[0], asyncio.CancelledError)
        job = jobs.start(late.thread(called.append, "later still"))
        assert isinstance((await asyncio.gather(job, return_exceptions=True))[0], asyncio.CancelledError)

    on_virtual_time(story())
    for thread in threading.enumerate():
        if thread.name.startswith("aischoco-left"):
            thread.join(5.0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("aischoco-left")]
    assert called == []


def observed(seen, source):
    return source.subscribe(seen.append, lambda error: seen.append(str(error)), lambda: seen.append("completed"))


def test_what_runs_beside_the_events_gives_nothing_and_completes_when_it_is_done():
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []

        async def work():
            await asyncio.sleep(1.0)
            seen.append("worked")
            return "a result that nobody gets"

        observed(seen, jobs.beside(work))
        await asyncio.sleep(2.0)
        assert seen == ["worked", "completed"]

    on_virtual_time(story())


def test_what_fails_beside_the_events_fails_its_observer():
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []

        async def work():
            raise ValueError("bad line")

        observed(seen, jobs.beside(work))
        await asyncio.sleep(1.0)
        assert seen == ["bad line"]

    on_virtual_time(story())


@pytest.mark.parametrize("when", ["before its first step", "while it waits"])
def test_what_runs_beside_the_events_ends_with_the_inputs(when):
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []

        async def work():
            try:
                await asyncio.sleep(100.0)
            finally:
                seen.append("cleaned up")

        observed(seen, jobs.beside(work))
        if when == "while it waits":
            await asyncio.sleep(1.0)
        jobs.end_sources()
        await asyncio.sleep(1.0)
        assert seen == (["cleaned up"] if when == "while it waits" else []) + ["completed"]

    on_virtual_time(story())


@pytest.mark.parametrize("kind", ["beside", "source"])
def test_what_runs_to_the_end_outlives_the_inputs_and_is_cancelled_once_when_the_node_is_closed(kind):
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []

        async def work():
            try:
                await asyncio.sleep(100.0)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        async def produce():
            await work()
            yield chat("never")

        made = jobs.beside(work, to_the_end=True) if kind == "beside" else jobs.source(produce, to_the_end=True)
        subscription = observed(seen, made)
        jobs.end_sources()
        await asyncio.sleep(10.0)
        assert seen == []
        subscription.dispose()
        await jobs.close()
        assert seen == ["cancelled"]

    on_virtual_time(story())


@pytest.mark.parametrize("kind", ["beside", "source"])
def test_what_runs_to_the_end_completes_when_it_has_come_there(kind):
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []

        async def work():
            await asyncio.sleep(5.0)

        async def produce():
            await work()
            yield "last"

        observed(
            seen, jobs.beside(work, to_the_end=True) if kind == "beside" else jobs.source(produce, to_the_end=True)
        )
        jobs.end_sources()
        await asyncio.sleep(10.0)
        assert seen == (["last"] if kind == "source" else []) + ["completed"]

    on_virtual_time(story())


def test_work_for_each_event_that_gives_nothing_is_a_coroutine():
    async def story():
        jobs, seen = InstanceJobs("n", Host()), []
        given = Subject()

        async def work(event):
            if event == "bad":
                raise ValueError("cannot stand it")
            await asyncio.sleep(1.0)
            seen.append(event)

        observed(seen, given.pipe(jobs.each(work)))
        for event in ("a", "b", "bad"):
            given.on_next(event)
        await asyncio.sleep(1.5)
        assert seen == ["a"]
        await asyncio.sleep(1.0)
        assert seen == ["a", "b", "cannot stand it"]
        assert jobs.culprit == "bad"

    on_virtual_time(story())
