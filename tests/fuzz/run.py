"""Fuzz one reader of foreign bytes, guided by the code that each input reaches.

``python -m tests.fuzz.run TARGET --seconds N``. Needs atheris (``pip install atheris``; Linux). It starts from the
corpus of the target. An input that breaks a law, or takes too long, is written to ``--found``, once for each place in
the code, and the run goes on; ``--keep`` adds to the corpus the inputs that reach code of ours that nothing in it
reaches. The exit code is 1 if anything was found.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

from tests.fuzz import corpus
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import MOST_BYTES, TARGETS, load
from tests.harness import ROOT

SLOWER = 12
"""Code that the fuzzer instruments takes this many times as long."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--found", type=Path, help="folder for the inputs that break a law")
    parser.add_argument("--keep", action="store_true", help="add to the corpus what reaches something new")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        _fuzz(arguments.target, arguments.seconds, arguments.child)
    work = Path(tempfile.mkdtemp(prefix=f"fuzz-{arguments.target}-"))
    try:
        return _whole(arguments, work)
    finally:
        shutil.rmtree(work)


def _whole(arguments: argparse.Namespace, work: Path) -> int:
    (work / "new").mkdir()
    (work / "found").mkdir()
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.fuzz.run",
            arguments.target,
            "--seconds",
            str(arguments.seconds),
            "--child",
            work,
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
    )
    told = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    if told is None:
        print(done.stderr[-4000:])
        return 2
    check = load(arguments.target)
    real = [_told(check, path, TARGETS[arguments.target].longest_s) for path in sorted((work / "found").iterdir())]
    found = [path for path in real if path is not None]
    if arguments.found:
        for path in found:
            arguments.found.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, arguments.found)
    added = 0
    if arguments.keep:
        have = [path.read_bytes() for path in corpus.kept(arguments.target)]
        for data in corpus.worth(check, have, (path.read_bytes() for path in (work / "new").iterdir())):
            corpus.keep(arguments.target, data)
            added += 1
    print(
        f"{arguments.target}: {int(told[1]):,} executions in {arguments.seconds} s, {len(found)} broken laws, "
        f"{len(corpus.kept(arguments.target))} files kept ({added} new)"
    )
    return 1 if found else 0


def _told(check: object, path: Path, longest_s: float) -> Path | None:
    """Print what an input breaks, without the fuzzer around it; return its path, or None if it breaks nothing."""
    try:
        took = corpus.cpu_s(check, path.read_bytes())  # type: ignore[arg-type]
    except Exception:
        print(ascii(f"{path.name}:\n{traceback.format_exc(limit=-4)[-1500:]}").replace("\\n", "\n"))
        return path
    if took > longest_s:
        print(f"{path.name}: {took:.3f} s of CPU time")
        return path
    return None


def _fuzz(target: str, seconds: int, work: Path) -> None:
    """Run the fuzzer; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=["nodes", "graphs", "schemas"]):
        check = load(target)
    places: set[str] = set()
    longest_s = TARGETS[target].longest_s * SLOWER

    def one(data: bytes) -> None:
        begun = time.thread_time()
        try:
            check(data)
            place = "slow" if time.thread_time() - begun > longest_s else ""
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-3:]
            place = json.dumps([type(error).__name__, [(frame.filename, frame.lineno) for frame in last]])
        if place and place not in places:
            places.add(place)
            (work / "found" / f"found-{len(places)}").write_bytes(data)

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        chance = Random(seed)
        return atheris.Mutate(data, most) if chance.random() < 0.3 else mutated(data, chance, most)

    atheris.Setup(
        [
            sys.argv[0],
            f"-max_total_time={seconds}",
            f"-max_len={MOST_BYTES}",
            "-timeout=60",
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            f"-artifact_prefix={work / 'found'}{os.sep}",
            str(work / "new"),
            str(corpus.FOLDER / target),
        ],
        one,
        custom_mutator=mutate,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    raise SystemExit(main())
