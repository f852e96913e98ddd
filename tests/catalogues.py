"""Keeps the catalogues (``ko.po``) as the source is: ``python -m tests.catalogues`` writes what changed and names it.

New sentences come in with an empty translation, those that are nowhere any more go. Sentences are what ``phrase`` and
``noted`` of ``nodes.phrases`` are given, the first line of what each node says of itself, the titles and descriptions
of its settings, and the help of commands. Needs Babel (requirements-dev.txt).
"""

import ast
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from tests.harness import ROOT

NAMES = ("phrase", "noted")
HEADER = "# The Korean of {package}. Made by python -m tests.catalogues"
TOLD_BY = ("info", "warning", "error", "note", "trouble", "well", "awaited")
"""Methods of a log."""
ONE_LANGUAGE = re.compile(r"[가-힣]|[A-Za-z']+(?: [A-Za-z']+){2}")
WIRE = ("nodes/avatar/_stage/", "nodes/speech/_serve_wire.py")
"""What these tell goes over a protocol to other programs, which expect English."""
PAGES = ROOT / "assets" / "ko.po"
"""Words of pages have a context, ``page:name`` or ``page:group:name``; they are written by hand."""


def sentences(package: Path) -> dict[str, list[str]]:
    """Return the sentences of a package: English -> the files that have it, in the order of the files."""
    found: dict[str, list[str]] = {}
    for file in files(package):
        name = file.relative_to(ROOT).as_posix()
        for english in of_file(parsed(file)):
            places = found.setdefault(english, [])
            if name not in places:
                places.append(name)
    return found


@cache
def parsed(file: Path) -> ast.Module:
    """Return the syntax tree of a file, which is parsed once."""
    return ast.parse(file.read_text(encoding="utf-8"))


def of_file(tree: ast.AST) -> Iterator[str]:
    """Yield the sentences of a file in their order."""
    found = [(node.lineno, node.col_offset, text) for node in ast.walk(tree) for node, text in _of(node)]
    yield from (text for *_, text in sorted(found, key=lambda each: each[:2]))


def _of(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node, ast.FunctionDef) and any(_called(each) == "node" for each in node.decorator_list):
        text = (ast.get_docstring(node) or "").partition("\n")[0]
        yield node.decorator_list[0], text
    elif isinstance(node, ast.Call):
        described = [each.value for each in node.keywords if each.arg in ("title", "description")]
        wanted = {"Field": described, "command": node.args[1:2], **dict.fromkeys(NAMES, node.args[:1])}.get(
            _called(node), []
        )
        yield from (
            (each, each.value) for each in wanted if isinstance(each, ast.Constant) and isinstance(each.value, str)
        )


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def untold(tree: ast.AST) -> Iterator[int]:
    """Yield the lines on which a person is told something in one language only: in a log, on the terminal, by an error.

    An English text counts from three words on: fewer are names.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            said = node.exc.args
        elif isinstance(node, ast.Call) and _tells(node.func):
            said = node.args
        else:
            continue
        if any(ONE_LANGUAGE.search(_plain(text)) for text in said):
            yield node.lineno


def _tells(called: ast.expr) -> bool:
    if isinstance(called, ast.Attribute):
        return called.attr in TOLD_BY and "log" in ast.unparse(called.value).lower()
    return isinstance(called, ast.Name) and called.id in ("print", "say", "Finding", "Problem")


def _plain(text: ast.expr) -> str:
    """Return what a literal says itself, with signs in place of its values."""
    if isinstance(text, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "|" for part in text.values)
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else ""


def packages() -> list[Path]:
    """Return the packages that have, or should have, a catalogue: the engine, the nodes' common parts, each family."""
    nodes = ROOT / "nodes"
    families = sorted(folder for folder in nodes.iterdir() if (folder / "__init__.py").is_file())
    return [ROOT / "graphs" / "engine", nodes, *families]


def files(package: Path) -> list[Path]:
    """Return the files whose sentences are in the catalogue of a package."""
    return sorted(package.glob("*.py") if package == ROOT / "nodes" else package.rglob("*.py"))


def read(file: Path) -> Catalog:
    """Read a catalogue; an empty one if it is not there."""
    if not file.is_file():
        return Catalog(locale="ko")
    return read_po(io.BytesIO(file.read_bytes()), locale="ko")


def renewed(package: Path, old: Catalog) -> Catalog:
    """Return the catalogue that the package should have, with the translations of ``old``."""
    new = Catalog(locale="ko", header_comment=HEADER.format(package=package.relative_to(ROOT).as_posix()))
    for english, places in sentences(package).items():
        known = old.get(english)
        new.add(english, known.string if known else "", [(place, 0) for place in places])
    return new


def written(catalogue: Catalog) -> bytes:
    """Return a catalogue as its file has it: a sentence a line, no line numbers, nothing that changes by itself."""
    out = io.BytesIO()
    write_po(out, catalogue, width=0, omit_header=True, include_lineno=False)
    head = f"{catalogue.header_comment}\n" + 'msgid ""\nmsgstr ""\n'
    head += '"Language: ko\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    return f"{head}\n{out.getvalue().decode().strip()}\n".encode()


def translations(catalogue: Catalog) -> Mapping[tuple[str, str], str]:
    """Return (context, English) -> Korean."""
    return {(each.context or "", str(each.id)): str(each.string) for each in catalogue if each.id}


def main() -> None:
    """Write the catalogues that are not as they should be."""
    for package in packages():
        file = package / "ko.po"
        new = renewed(package, read(file))
        raw = written(new)
        if len(new) and (not file.is_file() or file.read_bytes() != raw):
            file.write_bytes(raw)
            print(file.relative_to(ROOT))
        for each in new:
            if each.id and not each.string:
                print(f"{file.relative_to(ROOT)}: no Korean for {each.id!r}")


if __name__ == "__main__":
    main()
