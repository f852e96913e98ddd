"""Standard streams that take nothing."""

import errno
import io
import os
import sys

import pytest

from graphs.engine.commands.running import streams
from graphs.engine.commands.running.streams import Output, checked, pass_over, told


class Full(io.RawIOBase):
    def writable(self):
        return True

    def write(self, _data, /):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def full():
    return io.TextIOWrapper(Full(), "utf-8", write_through=True)


def run(monkeypatch, command):
    """Run a command where nothing can be written; gives its exit code and what of its output was lost."""
    with monkeypatch.context() as own:  # as long as pytest has its own streams in these places
        for name in ("stdout", "stderr", "__stdout__", "__stderr__"):
            own.setattr(sys, name, full())
        return checked(command), sys.stdout.lost


def test_a_result_that_cannot_be_told_is_a_failure_and_whatever_stands_on_stderr_is_none(monkeypatch):
    def command():
        print("aside", file=sys.stderr, flush=True)
        print("the result")
        return 0

    code, lost = run(monkeypatch, command)
    assert (code, lost.errno) == (1, errno.ENOSPC)


def test_a_show_goes_on_though_nothing_can_be_printed(monkeypatch):
    def command():
        pass_over()
        print("a package says hello", flush=True)
        print("and warns", file=sys.stderr, flush=True)
        return 0

    assert run(monkeypatch, command) == (0, None)


def test_a_failure_of_something_else_stays_one(monkeypatch):
    def command():
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        run(monkeypatch, command)


def test_a_reader_that_has_gone_is_not_told_and_a_full_disk_is(monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    told(BrokenPipeError(errno.EPIPE, "pipe"))
    assert said.getvalue() == ""
    told(OSError(errno.ENOSPC, "full"))
    assert said.getvalue().count("\n") == 1


@pytest.mark.parametrize(("mode", "lost"), [(os.O_RDONLY, True), (os.O_WRONLY, False)])
def test_a_closed_stream_has_its_descriptor_so_that_no_file_gets_it(monkeypatch, mode, lost):
    reader, writer = os.pipe()
    os.close(writer)
    monkeypatch.setattr(sys, "stdout", None)
    stream = streams._stream("stdout", writer, mode)
    try:
        assert isinstance(stream, Output)
        if lost:
            with pytest.raises(OSError, match="descriptor"):
                stream.write("x")
        else:
            assert stream.write("x") == 1
        assert os.fstat(writer).st_rdev == os.stat(os.devnull).st_rdev
    finally:
        os.close(writer)
        os.close(reader)
