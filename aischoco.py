"""The command: ``python aischoco.py [run] [GRAPH]``, ``check``, ``nodes``, ``show``, ``test``. See ``--help``."""

import signal

if __name__ == "__main__":  # Ctrl-C while Python reads what stands below ends it without a word
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import contextlib
import os
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from graphs.engine.commands._python import refusal  # noqa: E402 - found by the line above


def main() -> int:
    """Hand on to the engine, which reads packages once it knows the command; a missing one is answered with the command
    that installs it."""
    try:
        from graphs.engine.cli import main as run

        return run(sys.argv[1:], ROOT)
    except ModuleNotFoundError as missing:
        name = (missing.name or "").partition(".")[0]
        if name in ("", "graphs", "nodes", "schemas"):
            raise
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        install = f"{python} -m pip install -r requirements.txt"
        print(f"없는 패키지예요: {name}. 이렇게 설치해 주세요: {install}\n{name} is not installed. Run: {install}")
        return 1
    except KeyboardInterrupt:  # of a command that does not run a graph, which hears of it as a signal
        return 130


def leave(code: int, patience_s: float = 1.0) -> None:
    """End the process: all is written by now, so a thread that does not end is not waited for.

    Such a thread is inside a native call that nothing can interrupt, or a library forgot it, or the terminal takes no
    more lines.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gone: list[object] = []
    flushing = threading.Thread(target=_flush, args=(gone,), daemon=True)
    flushing.start()
    others = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
    foreign = [each for each in others if not each.name.startswith("aischoco-")]  # ours were waited for by the engine
    for thread in [flushing, *foreign]:
        thread.join(patience_s / (1 + len(foreign)))
    if gone:
        code = code or 1
    if any(thread.is_alive() for thread in [flushing, *others]):
        os._exit(code)
    sys.exit(code)


def _flush(gone: "list[object]") -> None:
    """Write what is still in the streams; what a stream has whose reader has gone goes nowhere. Say what was lost."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # AttributeError: there never was one
            gone.append(stream)
            with contextlib.suppress(OSError, ValueError, AttributeError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    lost = getattr(sys.stdout, "lost", None)
    if lost is not None:
        from graphs.engine.commands.running.streams import told

        gone.append(sys.stdout)
        told(lost)


if __name__ == "__main__":
    if refusal():
        sys.exit(refusal())
    from graphs.engine.commands.running.garbage import put_off  # which an old Python cannot read
    from graphs.engine.commands.running.streams import checked

    put_off()
    leave(checked(main))
