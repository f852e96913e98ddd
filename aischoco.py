"""The command: ``python aischoco.py [run] [GRAPH]``, ``check``, ``nodes``, ``show``, ``test``. See ``--help``."""

import os
import sys
import threading
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - pip looks at requires-python, this file is run without pip
    sys.exit("aischoco needs Python 3.11 or newer; this is " + sys.version.split()[0])

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))


def main() -> int:
    """Hand on to the engine, which reads packages once it knows the command; a missing one is answered with the command
    that installs it."""
    try:
        from graphs.engine.cli import main as run

        return run(sys.argv[1:], ROOT)
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in ("graphs", "nodes", "schemas"):
            raise
        print(f"{missing.name} is not installed. Run: {sys.executable} -m pip install -r requirements.txt")
        return 1
    except KeyboardInterrupt:  # while packages are read: a graph that runs hears of it as a signal
        return 130


def leave(code: int) -> None:
    """End the process. All is written by now, so a worker inside a native call that nothing can interrupt is not waited
    for."""
    if any(thread.name.startswith("aischoco-") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    leave(main())
