"""Standard output and standard error that are closed, full or no longer read: a command that cannot tell its result
says so in one line and fails, whatever is written to standard error may be lost, and a show goes on without either."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import cast


class Output(io.TextIOWrapper):
    """A standard stream that remembers that something could not be written."""

    lost: OSError | None = None
    deaf = False
    """What cannot be written is passed over."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._missed(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._missed(error)

    def _missed(self, error: OSError) -> None:
        if not self.deaf:
            self.lost = error
            raise error


def checked(main: Callable[[], int]) -> int:
    """Run a command with such streams and return its exit code, 1 if its output was lost."""
    output, errors = _stream("stdout", 1, os.O_RDONLY), _stream("stderr", 2, os.O_WRONLY)
    sys.stdout = sys.__stdout__ = output
    sys.stderr = sys.__stderr__ = errors
    errors.deaf = True
    try:
        return main()
    except OSError:
        if output.lost is None:
            raise
        return 1


def pass_over() -> None:
    """From now on output that cannot be written is passed over: what a package prints ends no show."""
    if isinstance(sys.stdout, Output):
        sys.stdout.deaf = True


def told(error: OSError) -> None:
    """Say that the output was lost; a reader that has gone has all that it wants."""
    if isinstance(error, BrokenPipeError):
        return
    with suppress(ImportError, OSError):
        from nodes.phrases import phrase, reason_of

        print(phrase("the output cannot be written: {why}", why=reason_of(error)), file=sys.stderr)


def _stream(name: str, descriptor: int, closed: int) -> Output:
    """Return the stream as an ``Output``.

    Args:
        closed: how to open it if it is closed, so that no file of ours gets its descriptor; what is only read cannot
            be written.
    """
    stream = cast("io.TextIOWrapper | None", getattr(sys, name))
    if stream is None:
        _occupy(descriptor, closed)
        return Output(open(descriptor, "wb", buffering=0, closefd=False), "utf-8", "replace", write_through=True)  # type: ignore[arg-type]
    settings = {"line_buffering": stream.line_buffering, "write_through": stream.write_through}
    encoding, errors = stream.encoding, stream.errors
    return Output(stream.detach(), encoding, errors, None, **settings)  # type: ignore[arg-type]


def _occupy(descriptor: int, mode: int) -> None:
    nowhere = os.open(os.devnull, mode)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)
