"""Measures each file of nodes/ and graphs/engine/ by its own tests: ``python -m tests.coverage_by_file [FILE...]``.

The tests of ``nodes/chat/batch.py`` are ``tests/nodes/chat/test_batch.py``, those of ``nodes/chat/_chzzk/tokens.py``
are ``tests/nodes/chat/chzzk/test_tokens.py``; a private file without tests of its own is measured by those of the
public files of its folder that import it. The unit tests run first; where lines are missing, the component tests of the
same files run too.

Prints each file below 100 % of lines with the missing lines, as soon as they are known, and ends with 1 if such a file
is not excused below. All files take about 15 minutes, with --unit about 6.
"""

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from coverage import Coverage

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("nodes", "graphs/engine")
PROCESSES = 2
LIMIT_S = 300
KINDS = ("not component and not slow", "component and not slow")
NO_TESTS = 5
"""The exit code of pytest if no test was selected."""

THROWN = "CPython 3.11 ends the trace of a frame into which an awaited error was thrown, as a timeout is; it runs"
WITHOUT_TORCH = "needs the packages of requirements-gpu.txt, which are not installed here"
EXCUSED: dict[str, dict[str, str]] = {
    "graphs/engine/reload/live.py": {"Live._reload": THROWN},
    "nodes/audio/_player.py": {"Player.play": THROWN},
    "nodes/chat/_chzzk_anon/session.py": {"AnonReception._chat": THROWN},
    "nodes/chat/_chzzk/session.py": {"Session.events": THROWN},
    "nodes/llm/eval.py": {"evaluate": THROWN},
}
"""File -> function (``Class.method``, or ``*`` for all of it) -> why its own tests cannot reach every line of it."""
if find_spec("torch") is None:
    for _part in ("decoder", "frames", "model", "prompts"):
        EXCUSED[f"nodes/speech/_qwen/{_part}.py"] = {"*": WITHOUT_TORCH}

ELSEWHERE = r'if sys\.platform == "(?!' + re.escape(sys.platform) + r')\w+"'
"""Lines for other operating systems do not count here."""


@dataclass
class Measured:
    """The result of one file after its tests."""

    path: str
    tests: tuple[str, ...]
    lines: int = 0
    missing: list[int] = field(default_factory=list[int])
    trouble: str = ""

    @property
    def share(self) -> float:
        return 1.0 if not self.lines else 1.0 - len(self.missing) / self.lines


def sources() -> list[str]:
    """Return the files to measure, relative to the project."""
    found = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    return sorted(path.relative_to(ROOT).as_posix() for path in found if _statements(path))


def tests_of(path: str) -> tuple[str, ...]:
    """Return the test files of one source file; empty if the mirror tree has none."""
    own = _mirror(Path(path))
    if own.is_file():
        return (own.relative_to(ROOT).as_posix(),)
    through = [_mirror(each) for each in _importers(Path(path))] if _private(Path(path)) else []
    return tuple(sorted(each.relative_to(ROOT).as_posix() for each in through if each.is_file()))


def _mirror(path: Path) -> Path:
    folders = (part.lstrip("_") for part in path.parent.parts)
    return ROOT.joinpath("tests", *folders, f"test_{path.stem.strip('_')}.py")


def _private(path: Path) -> bool:
    return any(part.startswith("_") for part in path.parts)


def _importers(path: Path) -> set[Path]:
    """Return the public files of the folder that import a private one, directly or through other private ones."""
    folder = next(each for each in path.parents if not _private(each))
    others = {each.relative_to(ROOT): each.read_text("utf-8") for each in (ROOT / folder).rglob("*.py")}
    public, seen, wanted = set[Path](), set[Path](), [path]
    while wanted:
        one = wanted.pop()
        seen.add(one)
        module = ".".join(one.with_suffix("").parts)
        package, _, name = (re.escape(part) for part in module.rpartition("."))
        imported = re.compile(rf"\b{re.escape(module)}\b|from {package} import (\([^)]*|[^(\n]*)\b{name}\b")
        for other in {other for other, text in others.items() if imported.search(text)} - seen:
            wanted.append(other) if _private(other) else public.add(other)
    return public


def _statements(path: Path) -> bool:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return any(not isinstance(each, ast.Expr) for each in body)


def measure(paths: Iterable[str], kinds: Sequence[str] = KINDS) -> Iterator[Measured]:
    """Run the tests of each file, once for files that share their tests; yield each result as soon as it is known."""
    together: dict[tuple[str, ...], list[Measured]] = {}
    for path in paths:
        one = Measured(path, tests_of(path))
        together.setdefault(one.tests, []).append(one)
    with ThreadPoolExecutor(PROCESSES) as pool:
        for done in as_completed(pool.submit(_measure_together, group, kinds) for group in together.values()):
            yield from done.result()


def _measure_together(group: list[Measured], kinds: Sequence[str]) -> list[Measured]:
    tests = group[0].tests
    if not tests:
        for one in group:
            one.trouble = "it has no test file"
        return group
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "coverage")
        for kind in kinds:
            _read(group, data, _run(tests, kind, data, [one.path for one in group]))
            if all(not one.missing or one.trouble for one in group):
                break
    return group


def _run(tests: tuple[str, ...], kind: str, data: Path, paths: list[str]) -> str:
    """Run the tests of one kind and add to the data; return what went wrong, or an empty text."""
    include = f"--include={','.join(str(ROOT / path) for path in paths)}"
    command = [sys.executable, "-m", "coverage", "run", "-a", "--rcfile=/dev/null", f"--data-file={data}", include]
    command += ["-m", "pytest", "-q", "-x", "-p", "no:randomly", "-m", kind, *tests]
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"its tests take more than {LIMIT_S} s"
    if ran.returncode in (0, NO_TESTS):
        return ""
    return "its tests fail: " + ran.stdout.decode(errors="replace").strip().rpartition("\n")[2]


def _read(group: list[Measured], data: Path, trouble: str) -> None:
    coverage = Coverage(data_file=str(data), config_file=False)
    coverage.exclude(ELSEWHERE)
    coverage.load()
    for one in group:
        one.trouble = trouble
        _, statements, _, missing, _ = coverage.analysis2(str(ROOT / one.path))
        one.lines, one.missing = len(statements), list(missing)


def excuses(one: Measured) -> tuple[list[int], list[str]]:
    """Return the missing lines that nothing excuses, and the excuses that nothing needs."""
    given = EXCUSED.get(one.path, {})
    places = _functions(ROOT / one.path) if given else {}
    left: list[int] = []
    needed: set[str] = set()
    for line in one.missing:
        found = [name for name in given if name == "*" or line in places.get(name, ())]
        needed.update(found)
        if not found:
            left.append(line)
    return left, sorted(given.keys() - needed)


def _functions(path: Path) -> dict[str, range]:
    """Map each ``Class.method`` and ``function`` to its lines."""
    places: dict[str, range] = {}

    def visit(node: ast.AST, before: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                places[before + child.name] = range(child.lineno, (child.end_lineno or child.lineno) + 1)
                visit(child, f"{before}{child.name}.")
            else:
                visit(child, before)

    visit(ast.parse(path.read_text(encoding="utf-8")), "")
    return places


def ranges(lines: Iterable[int]) -> str:
    """Write ``[3, 4, 5, 9]`` as ``3-5, 9``."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def line(one: Measured) -> tuple[bool, str]:
    """Return whether a file passes, and what to say about it."""
    left, useless = excuses(one)
    said = [one.trouble] if one.trouble else []
    said += [f"{ranges(left)} missing"] if left else []
    good = not said
    said += [f"nothing to excuse in {name}" for name in useless]
    said += [f"{ranges(set(one.missing) - set(left))} excused"] if len(left) < len(one.missing) else []
    return good, f"{one.path:44} {one.share:6.1%}  {'; '.join(said)}" if said else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", nargs="*", help="a source file; all of them if none is named")
    parser.add_argument("--unit", action="store_true", help="without the component tests")
    given = parser.parse_args()
    named = [Path(each).resolve().relative_to(ROOT).as_posix() for each in given.file] or sources()
    bad = whole = 0
    for one in measure(named, KINDS[:1] if given.unit else KINDS):
        good, said = line(one)
        bad += not good
        whole += not one.missing and not one.trouble
        if said:
            print(said, flush=True)
    print(f"{whole} of {len(named)} files are at 100 % of lines from their own tests, {bad} below without an excuse")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
