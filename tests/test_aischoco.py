"""The command file itself."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import aischoco
from tests.harness import ROOT

IN_UTF8 = {**os.environ, "PYTHONIOENCODING": "utf-8"}
"""The name of the folder is told, and not every locale writes it as this test reads it."""


@pytest.mark.parametrize("words", [[], ["check", "x.yaml"], ["doctor"], ["nodes"], ["--help"], ["devices"]])
def test_where_no_package_is_installed_a_command_says_how_to_install_them(words):
    command = [sys.executable, "-S", "aischoco.py", *words]
    ran = subprocess.run(command, cwd=ROOT, env=IN_UTF8, capture_output=True, encoding="utf-8")
    assert (ran.returncode, ran.stderr) == (1, "")
    korean, english = ran.stdout.splitlines()
    assert korean.endswith("-m pip install -r requirements.txt")
    assert "설치해 주세요" in korean
    assert "Run: " in english


def test_a_process_without_workers_ends_with_its_code():
    with pytest.raises(SystemExit) as ended:
        aischoco.leave(2)
    assert ended.value.code == 2


def test_a_worker_that_nothing_can_interrupt_is_not_waited_for(monkeypatch):
    left = []
    stuck = threading.Event()
    worker = threading.Thread(target=stuck.wait, name="aischoco-voice_0")
    worker.start()
    monkeypatch.setattr(aischoco.os, "_exit", left.append)
    with pytest.raises(SystemExit):
        aischoco.leave(0)
    stuck.set()
    worker.join()
    assert left == [0]


ENDINGS = {
    "a thread that a library forgot": "threading.Thread(target=threading.Event().wait).start()",
    "a worker that nothing can interrupt": "ThreadPoolExecutor(1).submit(threading.Event().wait)",
}


@pytest.mark.parametrize("what", ENDINGS)
def test_the_process_ends_though_a_thread_does_not(what):
    imports = "import threading, aischoco\nfrom concurrent.futures import ThreadPoolExecutor\n"
    code = f"{imports}{ENDINGS[what]}\nprint('said')\naischoco.leave(3)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (3, "said\n", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe that nobody reads has no end there")
def test_the_process_ends_though_nobody_reads_what_it_says():
    code = (
        "import sys, threading, aischoco\nsys.stderr.reconfigure(write_through=False, line_buffering=False)\n"
        "threading.Thread(target=lambda: sys.stderr.write('x' * 200_000), daemon=True).start()\naischoco.leave(3)"
    )
    reader, writer = os.pipe()
    try:
        assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, stderr=writer, timeout=30).returncode == 3
    finally:
        os.close(reader)
        os.close(writer)


@pytest.mark.skipif(sys.platform == "win32", reason="`| head` is of other shells")
def test_a_reader_that_has_gone_is_no_traceback():
    commands = ["--help"], ["show", "graphs/demo.yaml"], ["nodes"]
    reader, writer = os.pipe()
    os.close(reader)
    with ThreadPoolExecutor() as pool:
        ended = pool.map(lambda words: _ended(writer, words), commands)
        assert list(ended) == [(1, "")] * 3
    os.close(writer)


def _ended(stdout, words):
    command = [sys.executable, "aischoco.py", *words]
    done = subprocess.run(command, cwd=ROOT, stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8", timeout=50)
    return done.returncode, done.stderr


FULL = "the output cannot be written: the disk is full\n"
CLOSED = "the output cannot be written: Bad file descriptor\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no /dev/full")
@pytest.mark.parametrize(
    ("words", "streams", "code", "said"),
    [
        (["nodes"], ">/dev/full", 1, FULL),
        (["nodes"], ">&-", 1, CLOSED),
        (["check", "graphs/demo.yaml"], ">/dev/full", 1, FULL),
        (["-u", "check", "--help"], ">/dev/full", 1, FULL),
        (["doctor", "graphs/demo.yaml"], ">&-", 1, CLOSED),
        (["check", "graphs/demo.yaml"], "2>/dev/full >&-", 1, ""),
        (["check", "graphs/demo.yaml"], ">/dev/null 2>/dev/full", 0, ""),
        (["check", "graphs/demo.yaml"], ">/dev/null 2>&-", 0, ""),
        (["check", "graphs/none.yaml"], ">&- 2>&-", 1, ""),
        (["no-such-command"], "2>/dev/full", 2, ""),
        (["no-such-command"], ">&- 2>&-", 2, ""),
    ],
)
def test_what_cannot_be_told_is_one_line_and_no_traceback(words, streams, code, said):
    env = {**IN_UTF8, "AISCHOCO_LANG": "en", "PYTHONUNBUFFERED": "1" if "-u" in words else ""}
    words = [word for word in words if word != "-u"]
    command = ["sh", "-c", f'exec "$@" {streams}', "sh", sys.executable, "aischoco.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, encoding="utf-8", timeout=50)
    assert (done.returncode, done.stderr) == (code, said)


CODE = """
import sys
class Finder:
    def find_spec(self, name, *_):
        if name == {name!r}:
            raise {error}
sys.meta_path.insert(0, Finder())
sys.argv = ["aischoco.py", *{words!r}]
import aischoco
aischoco.leave(aischoco.main())
"""
"""A program in which importing the package ``name`` is an error."""


def ended(name, error, words):
    """Run a process in which importing a package is an error, and return how it ends."""
    code = CODE.format(name=name, error=error, words=words)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, env=IN_UTF8, capture_output=True, encoding="utf-8", errors="replace")


PACKAGES = [("graphs.engine.cli", ["init", "--help"]), ("reactivex", ["run", "--help"]), ("rich", ["top", "--help"])]
"""Packages that are read for every command, and those read once the command is known."""


@pytest.mark.parametrize(("name", "words"), PACKAGES)
def test_an_interrupt_while_packages_are_read_is_no_traceback(name, words):
    done = ended(name, "KeyboardInterrupt", words)
    assert (done.returncode, done.stderr) == (130, "")


@pytest.mark.parametrize(("name", "words"), PACKAGES[1:])
def test_a_missing_package_is_answered_with_the_command_that_installs_it(name, words):
    done = ended(name, f"ModuleNotFoundError('no', name={name!r})", words)
    assert (done.returncode, done.stderr) == (1, "")
    python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    assert f"{name} is not installed. Run: {python} -m pip install -r requirements.txt" in done.stdout


def test_a_file_of_ours_that_is_missing_is_a_traceback_and_no_package_to_install():
    done = ended("graphs.engine.cli", "ModuleNotFoundError('no', name='graphs.engine.cli')", [])
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "pip" not in done.stdout
