"""``aischoco.py init``: asks five questions, then writes a graph (graphs/my.yaml) and its settings (.env).

With ``--from FOLDER`` it moves in a folder of the original AIsChoco instead (``studio.moving``).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.editing.first import GRAPH, QUESTIONS, Question, env_of, graph_of, wrong
from graphs.engine.studio.moving.folder import Refused, move_in
from nodes.phrases import described, phrase, reason_of, said_by
from nodes.shared_file import replace
from nodes.written import NotText, contents, written
from schemas.command import FAILED, OK

ENV = Path(".env")

Asking = Callable[[str], str]


def main(argv: Sequence[str], root: Path, ask: Asking = input) -> int:
    """Run the command; returns 0, or 1 if the user kept the existing file or ended the questions."""
    parser = argparse.ArgumentParser(prog="aischoco.py init", description=described(OWN["init"]))
    parser.add_argument("--yes", action="store_true", help=phrase("take every default, and overwrite nothing"))
    parser.add_argument(
        "--from", dest="source", type=Path, metavar="FOLDER", help=phrase("move in a folder of the original AIsChoco")
    )
    arguments = parser.parse_args(argv)
    if arguments.source is not None:
        return _moved(arguments.source, root)
    try:
        return _written(root, (lambda _: "") if arguments.yes else ask)
    except (OSError, NotText) as error:
        where = (
            f"{error.filename}: {reason_of(error)}" if isinstance(error, OSError) else f"{root / ENV}: {said_by(error)}"
        )
        print(phrase("could not be written: {file}", file=where), file=sys.stderr)
        if isinstance(error, OSError):
            print(phrase("Move the program where you may write, such as the desktop, and try again"), file=sys.stderr)
        return FAILED
    except (EOFError, KeyboardInterrupt):
        print("\n" + phrase("Stopped. Nothing was written."), file=sys.stderr)
        return FAILED


def _moved(source: Path, root: Path) -> int:
    well = True
    try:
        for fine, line in move_in(source, root):
            print(f"  {line}" if fine else f"! {line}")
            well = well and fine
    except Refused as refused:
        text = phrase("{why}. Nothing was moved.", why=said_by(refused))
        print(f"! {text}", file=sys.stderr)
        return FAILED
    print(phrase("Nothing was changed in {folder}.", folder=source))
    print(phrase("Next:"))
    for command in ("init", "login", "doctor graphs/my.yaml"):
        print(f"  python aischoco.py {command}")
    return OK if well else FAILED


def _written(root: Path, ask: Asking) -> int:
    answers = {question.key: _answer(question, ask) for question in QUESTIONS}
    graph = graph_of(answers, root)
    lines = env_of(answers, written(contents(root / ENV)).text if (root / ENV).exists() else "")
    if (root / GRAPH).exists():
        question = phrase("{file} is there already. Overwrite it?", file=GRAPH.as_posix())
        if ask(f"{question} [y/N] ").strip().lower() != "y":
            print(phrase("{file} is left as it is.", file=GRAPH.as_posix()))
            return FAILED
    (root / GRAPH).write_text(graph, encoding="utf-8", newline="\n")
    replace(root / ENV, lines.encode())
    print(phrase("{file} and .env are written. Open .env and fill in what is empty.", file=GRAPH.as_posix()))
    login = "python aischoco.py login\n  " if answers["chat"] == "chzzk" else ""
    graph = GRAPH.as_posix()
    print(f"{phrase('Next:')}\n  {login}python aischoco.py doctor {graph}\n  python aischoco.py {graph}")
    return OK


def _answer(question: Question, ask: Asking) -> str:
    """Ask until there is an answer; a choice is chosen by its number, and an empty line is the default."""
    numbers = {str(number): choice for number, choice in enumerate(question.choices, 1)}
    choices = "".join(f"\n  {number}) {described(choice.text)}" for number, choice in numbers.items())
    usual = next((number for number, choice in numbers.items() if choice.value == question.default), question.default)
    while True:
        said = ask(f"{described(question.text)}{choices}\n[{usual}] ").strip() or usual
        if numbers and said not in numbers:
            print(phrase("answer with one of these numbers: {numbers}", numbers=", ".join(numbers)))
        elif not (problem := wrong(question, value := numbers[said].value if numbers else said)):
            return value
        else:
            print(problem)
