"""Explains a file under nodes/ that cannot be imported: where the error is, and which node types it makes missing."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nodes.phrases import joined, phrase, said_by

HERE = Path(__file__).resolve().parent
"""The folder nodes/."""
_NODE = re.compile(rb"^@node\(\s*[\"']([\w.]+)[\"']", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a module is missing."""

    file: str
    """The file with the error, such as ``nodes/chat/mine.py``; it may be one that the module imports."""
    line: int
    error: str
    types: frozenset[str]
    """The node types that the module would have registered."""
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.error}"


def broken_by(module: str, error: BaseException) -> Broken:
    """Find the place in our files where an import failed."""
    file, line = _place(error) or (_source(module), 1)
    told = " ".join(f"{type(error).__name__}: {getattr(error, 'msg', None) or said_by(error)}".split())
    lacking = error.name if isinstance(error, ModuleNotFoundError) else None
    remedy: str = phrase("correct {file}, or take it out of nodes/", file=_shown(file))
    if isinstance(lacking, str) and lacking.partition(".")[0] not in ("nodes", "schemas", "graphs"):
        package = lacking.partition(".")[0]
        remedy = phrase("python -m pip install -r requirements.txt (or: pip install {package})", package=package)
    return Broken(_shown(file), line, told, _types(_source(module)), remedy)


def missing(type_: str, broken: Mapping[str, Broken]) -> Broken | None:
    """Return why a node type is missing, if a broken file is the reason."""
    return next((each for each in broken.values() if type_ in each.types), None)


def told(broken: Mapping[str, Broken]) -> list[str]:
    """Return a line for each place with an error, with the node types that are missing because of it."""
    return [
        f"{joined((place, _without(each)))} ({each[0].remedy})" for place, each in _by_place(broken.values()).items()
    ]


def _by_place(broken: Iterable[Broken]) -> dict[str, list[Broken]]:
    found: dict[str, list[Broken]] = {}
    for each in broken:
        found.setdefault(str(each), []).append(each)
    return found


def _without(broken: Iterable[Broken]) -> str:
    types = sorted({type_ for each in broken for type_ in each.types})
    return phrase("without it there is no {types}", types=", ".join(types)) if types else ""


def _place(error: BaseException) -> tuple[Path, int] | None:
    """Return the deepest line in our files; for a syntax error, the line with the error."""
    if isinstance(error, SyntaxError) and error.filename and _ours(Path(error.filename)):
        return Path(error.filename), error.lineno or 1
    found: tuple[Path, int] | None = None
    trace = error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if _ours(file) and file.parent != HERE:
            found = file, trace.tb_lineno
        trace = trace.tb_next
    return found


def _ours(file: Path) -> bool:
    return file.is_relative_to(HERE)


def _shown(file: Path) -> str:
    return file.relative_to(HERE.parent).as_posix()


def _source(module: str) -> Path:
    """Return the file of a module, which may be impossible to import."""
    path = HERE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _types(file: Path) -> frozenset[str]:
    try:
        text = file.read_bytes()
    except OSError:
        return frozenset()
    return frozenset(name.decode("ascii", "replace") for name in _NODE.findall(text))
