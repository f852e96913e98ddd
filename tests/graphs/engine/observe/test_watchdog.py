"""The watchdog on a real loop that is really held up, for some hundredths of a second."""

import asyncio
import threading
import time

from graphs.engine.observe.watchdog import Watchdog


class Lines:
    def __init__(self):
        self.lines = []
        self.on_the_terminal = []

    def info(self, text, **fields):
        raise AssertionError(text)

    def note(self, text, **fields):
        self.lines.append((text, fields))

    def warning(self, text, **fields):
        self.note(text, **fields)
        self.on_the_terminal.append(fields)


def watch(tmp_path, story, **more):
    """Run ``story`` under a watchdog that finds 50 ms late."""
    log = Lines()
    made = {"late_s": 0.05, "dump_s": 5.0, "beat_s": 0.01, **more}
    watchdog = Watchdog(log, tmp_path / "logs" / "hang.log", **made)

    async def main():
        watchdog.start()
        await asyncio.sleep(0.02)
        await story()
        started = time.perf_counter()
        watchdog.dispose()
        assert time.perf_counter() - started < 0.2

    asyncio.run(main())
    assert "watchdog" not in [thread.name for thread in threading.enumerate()]
    return watchdog, log.lines, tmp_path / "logs" / "hang.log"


def hold_up(seconds):
    time.sleep(seconds)


async def a_hold_up():
    hold_up(0.14)
    await asyncio.sleep(0.02)


def of_hold_up(lines):
    """A busy machine may be late by itself; that is reported too, and not meant here."""
    return [(text, fields) for text, fields in lines if "hold_up" in fields.get("held_by", "").split(" < ")[0]]


def test_a_hold_up_is_told_once_with_its_length_and_who_did_it(tmp_path):
    watchdog, lines, _ = watch(tmp_path, a_hold_up)
    ((text, fields),) = of_hold_up(lines)
    assert text == "모든 것이 멈춰 있었어요"
    assert fields["seconds"] >= 0.12
    assert "test_watchdog.py" in fields["held_by"]
    assert "see" not in fields
    assert fields not in watchdog._log.on_the_terminal, "a moment tells a person there nothing"
    assert watchdog.report() == {"lag_max_s": round(watchdog.lag_max_s, 4), "incidents": len(lines)}
    assert watchdog.lag_max_s >= 0.12


def test_two_hold_ups_are_two_incidents(tmp_path):
    async def story():
        await a_hold_up()
        await a_hold_up()

    watchdog, lines, _ = watch(tmp_path, story)
    assert len(of_hold_up(lines)) == 2
    assert watchdog.incidents == len(lines)


def test_a_loop_that_keeps_time_is_not_mentioned(tmp_path):
    async def story():
        await asyncio.sleep(0.05)

    watchdog, lines, dump = watch(tmp_path, story, late_s=0.5)
    assert (watchdog.incidents, lines, dump.read_text()) == (0, [], "")
    assert watchdog.lag_max_s < 0.5


def test_the_stacks_of_all_threads_are_written_when_it_stands_for_long(tmp_path):
    ended = threading.Event()

    def another_thread_waits():
        ended.wait()

    other = threading.Thread(target=another_thread_waits)
    other.start()
    try:
        watchdog, lines, dump = watch(tmp_path, a_hold_up, dump_s=0.05)
    finally:
        ended.set()
        other.join()
    written = dump.read_text()
    assert "in hold_up" in written
    assert "in another_thread_waits" in written
    assert of_hold_up(lines)[0][1]["see"] == dump
    assert of_hold_up(lines)[0][1] in watchdog._log.on_the_terminal


def test_without_a_file_it_still_watches(tmp_path):
    (tmp_path / "logs").write_text("a file in the way")
    watchdog, lines, _ = watch(tmp_path, a_hold_up)
    assert watchdog.incidents >= 1
    assert "hang.log 파일을 쓸 수 없어요" in lines[0][0]
    assert len(of_hold_up(lines)) == 1


def test_a_computer_that_slept_is_not_blamed_on_a_node():
    from traceback import FrameSummary

    from graphs.engine.observe.watchdog import _told

    stack = [FrameSummary("base_events.py", 1, "_run_once"), FrameSummary("selectors.py", 468, "select")]
    assert _told(stack) == "the computer itself (busy or asleep)"
    assert _told(stack[:1]) == "base_events.py:1 _run_once"
    assert _told([]) == ""


def test_of_files_with_one_name_it_says_which_one_held_the_loop_up():
    from traceback import FrameSummary

    from graphs.engine.observe.watchdog import _told

    stack = [FrameSummary(f"/show/nodes/speech/{name}/voice.py", 7, "say") for name in ("_http", "_qwen")]
    assert _told(stack) == "_qwen/voice.py:7 say < _http/voice.py:7 say"


def test_a_hold_up_that_nobody_could_look_into_says_so(tmp_path):
    log = Lines()
    watchdog = Watchdog(log, tmp_path / "x", late_s=0.05, beat_s=0.01)

    async def main():
        watchdog._beat = time.perf_counter() - 1.0
        watchdog._on_beat()
        watchdog._timer.cancel()

    asyncio.run(main())
    assert log.lines[0][1]["held_by"].startswith("알 수 없음")
