import asyncio
import os
import threading
import time

import pytest

from graphs.engine.log.engine_log import EngineLog
from graphs.engine.reload.watch import FolderNotices, Watcher, read_twice
from schemas.graph import Problem
from tests.harness import on_virtual_time


class Bench:
    """A watcher on virtual time whose notices the test gives."""

    def __init__(self, *paths):
        self.paths = set(paths)
        self.told = []
        self.at_first = []
        self.folders = []
        self.closed = 0
        self.fail = None
        self.lines = []
        self.watcher = None
        self.notice = None

    def warning(self, text, **_):
        self.lines.append(text)

    def open(self, folders, notice, log):
        self.folders.append(folders)
        self.notice = notice
        return self

    async def close(self):
        self.closed += 1

    async def changed(self, path):
        self.told.append((round(asyncio.get_running_loop().time(), 3), path.name))
        if self.fail is not None:
            raise self.fail

    def play(self, story):
        async def main():
            self.watcher = Watcher(lambda: self.paths, self.changed, self, notices=self.open)
            running = asyncio.ensure_future(self.watcher.run())
            await asyncio.sleep(1.0)
            self.at_first, self.told = self.told, []
            await story()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        on_virtual_time(main())
        return self.told


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "graph.yaml"
    path.write_text("one", encoding="utf-8")
    return path


def rewrite(file, text, mtime=None):
    file.write_text(text, encoding="utf-8")
    if mtime is not None:
        os.utime(file, ns=(mtime, mtime))


def test_each_file_is_told_of_once_at_first_because_it_may_have_changed_since_it_was_read(file):
    bench = Bench(file, file.with_name(".env"))

    async def story():
        """Nothing happens."""

    bench.play(story)
    assert bench.at_first == [(0.1, "graph.yaml"), (0.25, ".env")]
    assert bench.told == []
    assert bench.folders == [frozenset({file.parent})]
    assert bench.closed == 1


@pytest.mark.parametrize(
    ("asked", "error"), [("is_dir", OSError(64, "the network is gone")), ("resolve", RuntimeError("Symlink loop"))]
)
def test_a_drive_that_is_away_for_a_moment_does_not_end_the_watch(file, monkeypatch, asked, error):
    bench = Bench(file)

    def fail(*_, **__):
        raise error

    async def story():
        with monkeypatch.context() as away:
            away.setattr(type(file), asked, fail)
            bench.notice(False)
            await asyncio.sleep(1.0)
        rewrite(file, "two")
        bench.notice(False)
        await asyncio.sleep(1.0)

    assert [name for _, name in bench.play(story)] == ["graph.yaml"]
    assert bench.folders[-1] == frozenset({file.parent})


@pytest.mark.parametrize("ticks", range(5))
def test_a_show_that_ends_just_when_its_file_changed_ends_all_the_same(file, ticks):
    async def main():
        bench = Bench(file)
        watcher = Watcher(lambda: bench.paths, bench.changed, bench, notices=bench.open)
        running = asyncio.ensure_future(watcher.run())
        await asyncio.sleep(1.0)
        rewrite(file, "two")
        bench.notice(True)
        await asyncio.sleep(0.01)  # it waits for the file to come to rest
        watcher.look()
        for _ in range(ticks):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=10.0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return bool(done), bench.closed

    assert on_virtual_time(main()) == (True, 1)


def test_a_change_is_told_of_when_the_file_has_been_quiet(file):
    bench = Bench(file)

    async def story():
        rewrite(file, "two")
        bench.notice(True)
        await asyncio.sleep(0.04)
        rewrite(file, "two and a half")
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.09, "graph.yaml")]


def test_notices_without_end_about_a_neighbour_do_not_put_a_change_off(file):
    bench = Bench(file)

    async def story():
        rewrite(file, "two")
        for _ in range(20):
            bench.notice(True)
            await asyncio.sleep(0.02)

    assert bench.play(story) == [(1.05, "graph.yaml")]


def test_a_touch_and_a_notice_about_a_neighbour_are_nothing(file):
    bench = Bench(file)

    async def story():
        os.utime(file, ns=(1, 1))
        bench.notice(True)
        await asyncio.sleep(1.0)
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == []


def test_a_change_without_a_notice_is_found_by_looking(file):
    bench = Bench(file)

    async def story():
        rewrite(file, "two")
        bench.notice(False)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.1, "graph.yaml")]


def test_a_change_within_the_same_tick_of_the_drive_is_found_by_its_content(file):
    bench = Bench(file)
    mtime = file.stat().st_mtime_ns

    async def story():
        rewrite(file, "eno", mtime)
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.05, "graph.yaml")]


def test_a_file_that_vanishes_for_a_moment_is_told_of_when_it_is_back(file):
    bench = Bench(file)

    async def story():
        file.unlink()
        bench.notice(True)
        await asyncio.sleep(0.1)
        rewrite(file, "two")
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.15, "graph.yaml")]


def test_a_file_that_comes_back_as_it_was_is_nothing(file):
    bench = Bench(file)

    async def story():
        file.unlink()
        bench.notice(True)
        await asyncio.sleep(0.1)
        rewrite(file, "one")
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == []


def test_a_file_that_stays_away_is_told_of_once(file):
    bench = Bench(file)

    async def story():
        file.unlink()
        bench.notice(True)
        await asyncio.sleep(1.0)
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.2, "graph.yaml")]


def test_the_files_and_their_folders_may_become_others(file, tmp_path):
    other = tmp_path / "config" / "words.txt"
    bench = Bench(file)

    async def story():
        bench.paths = {other}
        bench.watcher.look()
        await asyncio.sleep(1.0)
        assert bench.folders[-1] == frozenset()
        other.parent.mkdir()
        rewrite(other, "가")
        bench.notice(False)
        await asyncio.sleep(1.0)
        rewrite(file, "two")
        bench.notice(True)
        await asyncio.sleep(1.0)

    told = bench.play(story)
    assert [name for _, name in told] == ["words.txt", "words.txt"]  # that it is not there, and that it is
    assert bench.folders == [frozenset({tmp_path}), frozenset(), frozenset({other.parent})]
    assert bench.closed == 3


def test_a_link_that_is_led_to_another_file_is_a_change(file, tmp_path):
    (tmp_path / "v2").mkdir()
    rewrite(tmp_path / "v2" / "new.yaml", "two")
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    bench = Bench(link)

    async def story():
        (tmp_path / "next").symlink_to(tmp_path / "v2" / "new.yaml")
        (tmp_path / "next").replace(link)
        bench.notice(True)
        await asyncio.sleep(1.0)

    assert bench.play(story) == [(1.05, "link.yaml")]
    assert bench.folders[-1] == frozenset({tmp_path, tmp_path / "v2"})


def test_a_watch_that_is_ended_in_the_moment_in_which_it_is_woken_ends(file):
    bench = Bench(file)

    async def story():
        bench.notice(True)
        await asyncio.sleep(0.01)  # now it waits until the file is quiet
        bench.watcher.look()

    bench.play(story)
    assert bench.closed == 1


def test_one_who_fails_on_a_change_is_told_of_the_next_one_too(file):
    bench = Bench(file)
    bench.fail = OSError("no disk")

    async def story():
        for text in ("two", "three"):
            rewrite(file, text)
            bench.notice(True)
            await asyncio.sleep(1.0)

    assert [at for at, _ in bench.play(story)] == [1.05, 2.05]
    assert "OSError('no disk')" in bench.lines[-1]


PROBLEM = Problem("graph.yaml", 1, 1, "unclosed")


def read_attempts(path, answers):
    """How often a file is read, in how many seconds, and what is said at last."""
    left = list(answers)

    async def read():
        return left.pop(0)

    async def main():
        last = await read_twice(path, read)
        return len(answers) - len(left), round(asyncio.get_running_loop().time(), 3), last

    return on_virtual_time(main())


def test_a_half_written_file_is_read_once_more(file):
    assert read_attempts(file, [[PROBLEM], []]) == (2, 0.15, [])


def test_a_young_file_that_is_still_wrong_is_wrong(file):
    assert read_attempts(file, [[PROBLEM], [PROBLEM], []]) == (2, 0.15, [PROBLEM])


def test_a_file_that_is_away_is_read_once_more(tmp_path):
    assert read_attempts(tmp_path / "none", [[PROBLEM], []]) == (2, 0.15, [])


def test_a_wrong_file_that_was_written_long_ago_is_read_once(file):
    os.utime(file, (1, 1))
    assert read_attempts(file, [[PROBLEM], []]) == (1, 0.0, [PROBLEM])


def test_a_good_file_is_read_once(file):
    assert read_attempts(file, [[], [PROBLEM]]) == (1, 0.0, [])


# The thread that watches folders, with a stand-in for what the system tells.


def run_notices(monkeypatch, watch, until):
    """Collect what a thread of notices says until there are this many."""
    monkeypatch.setattr("watchfiles.watch", watch)
    monkeypatch.setattr("graphs.engine.reload.watch.POLL_S", 0.001)
    lines, said = [], []

    class Log(EngineLog):
        def warning(self, text, **_):
            lines.append(text)

    async def main():
        enough = asyncio.Event()

        def notice(moved):
            said.append(moved)
            if len(said) >= until:
                enough.set()

        notices = FolderNotices(frozenset(), notice, Log(quiet=True))
        await asyncio.wait_for(enough.wait(), 5.0)
        await notices.close()

    asyncio.run(main())
    assert not any(thread.name == "aischoco-watch" for thread in threading.enumerate())
    return said[:until], lines


def test_a_change_in_a_folder_is_noticed_and_so_is_a_pause(monkeypatch):
    def watch(*_, stop_event, **__):
        yield {(1, "a")}
        yield set()
        stop_event.wait(5.0)

    assert run_notices(monkeypatch, watch, 2) == ([True, False], [])


def test_files_are_looked_at_by_the_clock_where_folders_cannot_be_watched(monkeypatch):
    def watch(*_, **__):
        raise OSError("no more watches")

    said, lines = run_notices(monkeypatch, watch, 3)
    assert said == [False, False, False]
    assert len(lines) == 1
    assert lines[0].endswith("no more watches")


def test_a_loop_that_is_gone_is_not_told_any_more(monkeypatch):
    monkeypatch.setattr("watchfiles.watch", lambda *_, **__: iter(()))
    monkeypatch.setattr("graphs.engine.reload.watch.POLL_S", 0.001)

    async def main():
        return FolderNotices(frozenset(), lambda _: None, EngineLog(quiet=True))

    notices = asyncio.run(main())
    notices._stop.set()
    notices._thread.join(5.0)
    assert not notices._thread.is_alive()


# Real folders, with every way in which editors save.


def truncate_and_write(file):
    rewrite(file, "two")


def rename_over(file):
    temporary = file.with_name(".graph.yaml.tmp")
    rewrite(temporary, "two")
    temporary.replace(file)


def like_vim(file):
    file.rename(file.with_name("graph.yaml~"))
    rewrite(file, "two")
    file.with_name("graph.yaml~").unlink()


def delete_and_create(file):
    file.unlink()
    rewrite(file, "two")


def write_in_two_parts(file):
    with file.open("w", encoding="utf-8") as out:
        out.write("t")
        out.flush()
        time.sleep(0.06)
        out.write("wo")


@pytest.mark.component
@pytest.mark.alone
@pytest.mark.parametrize("polling", [False, True])
@pytest.mark.parametrize(
    "save", [truncate_and_write, rename_over, like_vim, delete_and_create, write_in_two_parts], ids=lambda f: f.__name__
)
def test_whatever_way_a_real_file_is_saved_its_change_is_told_of_once_and_soon(file, save, polling, monkeypatch):
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "true" if polling else "false")
    told = []

    async def main():
        came = asyncio.Event()

        async def changed(path):
            told.append((time.monotonic(), path.read_text(encoding="utf-8")))
            came.set()

        watcher = Watcher(lambda: {file}, changed, EngineLog(quiet=True))
        running = asyncio.ensure_future(watcher.run())
        await asyncio.wait_for(came.wait(), 5.0)
        await asyncio.sleep(0.2)
        assert [content for _, content in told] == ["one"]
        came.clear()
        await asyncio.to_thread(save, file)
        saved = time.monotonic()
        await asyncio.wait_for(came.wait(), 5.0)
        await asyncio.sleep(0.3)
        assert [content for _, content in told] == ["one", "two"]
        closing = time.monotonic()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return told[1][0] - saved, time.monotonic() - closing

    took, closed = asyncio.run(main())
    print(f"{save.__name__}{' polling' if polling else ''}: {took * 1000:.0f} ms, closed in {closed * 1000:.0f} ms")
    assert took < (1.0 if polling else 0.25)
    assert closed < 0.1
