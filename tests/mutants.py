"""Finds what the tests of a module do not notice: ``python -m tests.mutants graphs/engine/flow/station.py``.

Changes one thing at a time in a copy of the project (a comparison, a number, a statement that is left out), runs the
module's own tests (see ``tests.coverage_by_file``), and prints the changes that they let pass. Not all of these are
gaps: some change nothing, or only a wording. A change takes about 2 s; ``--most`` tries only some, drawn by chance.

mutmut passes over functions with a decorator, as every node has one; cosmic-ray changes the files of the checkout.
"""

import argparse
import ast
import contextlib
import difflib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from queue import SimpleQueue

from tests.coverage_by_file import PROCESSES, ROOT, tests_of

LEFT_OUT = (".git", ".venv", ".env", "__pycache__", "cache", "history", "node_modules", "*.egg-info")
OTHERS: dict[type[ast.AST], str] = {
    ast.Eq: "!=", ast.NotEq: "==", ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">",
    ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is", ast.And: "or", ast.Or: "and",
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.Mod: "*",
}  # fmt: skip
"""Operator -> what is put in its place."""
OPPOSITES = {"min": "max", "max": "min", "any": "all", "all": "any", "and": " or ", "or": " and "}


@dataclass(frozen=True, order=True)
class Mutant:
    """One change: the bytes from ``start`` to ``end`` of a source become ``text``."""

    line: int
    kind: str
    start: int
    end: int
    text: str

    def of(self, source: str) -> str:
        raw = source.encode()
        return (raw[: self.start] + self.text.encode() + raw[self.end :]).decode()

    def shown(self, source: str) -> str:
        """Return the lines that differ, as in a diff."""
        both = (text.splitlines() for text in (source, self.of(source)))
        lines = list(difflib.unified_diff(*both, lineterm="", n=0))[2:]
        return "\n".join(f"    {line}" for line in lines if not line.startswith("@@"))


def mutants(source: str) -> list[Mutant]:
    """Return the changes of a source that can still be compiled, in the order of their lines."""
    found = {each for each in _Finder(source).found if each.of(source) != source}
    return sorted(each for each in found if _compiles(each.of(source)))


def _compiles(source: str) -> bool:
    try:
        return bool(compile(source, "mutant", "exec", dont_inherit=True))
    except SyntaxError:
        return False


class _Finder(ast.NodeVisitor):
    """Finds what can be changed, outside annotations, decorators, docstrings and f-strings."""

    def __init__(self, source: str) -> None:
        self.found: list[Mutant] = []
        self._starts = [0]
        for line in source.encode().splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.visit(ast.parse(source))

    def _put(self, kind: str, node: ast.expr | ast.stmt, text: str, until: ast.expr | None = None) -> None:
        start, last = self._starts[node.lineno - 1] + node.col_offset, until or node
        end = self._starts[(last.end_lineno or 0) - 1] + (last.end_col_offset or 0)
        self.found.append(Mutant(node.lineno, kind, start, end, text))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None: ...  # its parts have no places before Python 3.12

    def visit_arg(self, node: ast.arg) -> None: ...  # its annotation

    def visit_ClassDef(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in node.body if isinstance(node, ast.ClassDef) else [node.args, *node.body]:
            self.visit(part)

    visit_FunctionDef = visit_AsyncFunctionDef = visit_ClassDef

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Compare(self, node: ast.Compare) -> None:
        if len(node.ops) == 1 and (other := OTHERS.get(type(node.ops[0]))):
            self._put("comparison", node, f"({ast.unparse(node.left)} {other} {ast.unparse(node.comparators[0])})")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        parts, sign = [f"({ast.unparse(each)})" for each in node.values], OTHERS[type(node.op)]
        self._put("boolean", node, f"({f' {sign} '.join(parts)})")
        for at in range(len(parts)):
            self._put("boolean", node, f"({OPPOSITES[sign].join(parts[:at] + parts[at + 1 :])})")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        values = (getattr(each, "values", getattr(each, "value", None)) for each in (node.left, node.right))
        if (other := OTHERS.get(type(node.op))) and not any(isinstance(each, str | list) for each in values):
            self._put("arithmetic", node, f"(({ast.unparse(node.left)}) {other} ({ast.unparse(node.right)}))")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._put("boolean", node, f"({ast.unparse(node.operand)})")
        self.generic_visit(node)

    def visit_If(self, node: ast.If | ast.IfExp | ast.While) -> None:
        if not isinstance(node.test, ast.Compare | ast.UnaryOp):
            self._put("condition", node.test, f"(not ({ast.unparse(node.test)}))")
        self.generic_visit(node)

    visit_IfExp = visit_While = visit_If

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool):
            self._put("constant", node, str(not node.value))
        elif isinstance(node.value, int | float):
            self._put("constant", node, f"({node.value!r} + 1)")

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self._put("return", node, "return None")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        alike = isinstance(node.func, ast.Name) and node.func.id in OPPOSITES  # in whatever order they are given
        if len(node.args) > 1 and not alike and not any(isinstance(each, ast.Starred) for each in node.args[:2]):
            first, second = node.args[:2]
            self._put("arguments", first, f"{ast.unparse(second)}, {ast.unparse(first)}", until=second)
        if isinstance(node.func, ast.Name) and (other := OPPOSITES.get(node.func.id)):
            self._put("call", node.func, other)
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            self._removed(node)

    def _removed(self, node: ast.stmt) -> None:
        self._put("statement", node, "pass")
        self.generic_visit(node)

    visit_AugAssign = visit_Raise = visit_Delete = visit_Continue = visit_Break = _removed

    def visit_Assign(self, node: ast.Assign) -> None:
        if all(isinstance(each, ast.Attribute | ast.Subscript) for each in node.targets):
            self._put("statement", node, "pass")
        self.generic_visit(node)


def passes(root: Path, module: str, source: str, tests: Sequence[str], limit_s: float) -> bool:
    """Return whether tests pass with this source of the module, which is written; those that do not end do not pass."""
    (root / module).write_text(source, encoding="utf-8")
    Path(cache_from_source(str(root / module))).unlink(missing_ok=True)
    command, quiet = [sys.executable, "-m", "pytest", "-x", "-q", *tests], subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=root, stdout=quiet, stderr=quiet, start_new_session=True)
    try:
        return process.wait(limit_s) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError):  # also what the tests started
            os.killpg(process.pid, signal.SIGKILL) if os.name == "posix" else process.kill()
        process.wait()


def survivors(
    root: Path, module: str, chosen: Sequence[Mutant], tests: Sequence[Sequence[str]], processes: int = PROCESSES
) -> Iterator[Mutant]:
    """Yield the mutants with which all tests pass, as soon as each is known.

    Args:
        tests: what is run one after the other until the mutant is noticed.

    Raises:
        RuntimeError: the tests fail with the module as it is.
    """
    source = (root / module).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(processes) as pool:
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(processes):
            free.put(shutil.copytree(root, Path(folder, str(number)), ignore=shutil.ignore_patterns(*LEFT_OUT)))
        limits: list[float] = []
        for each in tests:
            begun = time.monotonic()
            if not passes(Path(folder, "0"), module, source, each, 1800):
                raise RuntimeError(f"{' '.join(each)}: they fail without any change")
            limits.append(20 + 5 * (time.monotonic() - begun))

        def lives(mutant: Mutant) -> bool:
            copy = free.get()
            try:
                changed = mutant.of(source)
                return all(passes(copy, module, changed, *each) for each in zip(tests, limits, strict=True))
            finally:
                free.put(copy)

        running = {pool.submit(lives, mutant): mutant for mutant in chosen}
        try:
            for done in as_completed(running):
                if done.result():
                    yield running[done]
        finally:
            pool.shutdown(cancel_futures=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("module", help="a source file of nodes/, graphs/engine/ or schemas/")
    parser.add_argument("--most", type=int, help="try at most this many changes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tests", nargs="+", help="other tests than the module's own")
    parser.add_argument("--then", nargs="+", help="tests for what the others let pass, such as tests/graphs")
    given = parser.parse_args()
    module = Path(given.module).resolve().relative_to(ROOT).as_posix()
    tests = [given.tests or list(tests_of(module)), *([given.then] if given.then else [])]
    if not tests[0]:
        parser.error(f"{module} has no tests of its own; name some with --tests")
    source = (ROOT / module).read_text(encoding="utf-8")
    chosen = mutants(source)
    if given.most is not None and given.most < len(chosen):
        chosen = sorted(random.Random(given.seed).sample(chosen, given.most))
    passed = 0
    for mutant in survivors(ROOT, module, chosen, tests):
        passed += 1
        print(f"{module}:{mutant.line} {mutant.kind}\n{mutant.shown(source)}", flush=True)
    print(f"{len(chosen)} changes, {passed} not noticed by {' '.join(tests[-1])}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
