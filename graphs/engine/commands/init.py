"""``aischoco.py init``: asks five questions, then writes a graph (graphs/my.yaml) and its settings (.env).

With ``--from FOLDER`` it moves in a folder of the original AIsChoco instead (``_moving``).
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.commands._moving.files import put_privately
from graphs.engine.commands._moving.folder import Refused, move_in
from graphs.engine.editing.first import GRAPH, QUESTIONS, Question, env_of, graph_of, wrong
from nodes.phrases import described, phrase
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
        where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else f"{root / ENV}: {error}"
        remedy = "쓸 수 있는 폴더(바탕 화면 같은 곳)로 옮겨서 다시 해 보세요 / move the program where you may write"
        print(f"쓰지 못했습니다 / could not be written: {where}", file=sys.stderr)
        if isinstance(error, OSError):
            print(remedy, file=sys.stderr)
        return FAILED
    except (EOFError, KeyboardInterrupt):
        print("\n그만두었습니다. 아무것도 쓰지 않았습니다. / nothing was written", file=sys.stderr)
        return FAILED


def _moved(source: Path, root: Path) -> int:
    well = True
    try:
        for fine, line in move_in(source, root):
            print(f"  {line}" if fine else f"! {line}")
            well = well and fine
    except Refused as refused:
        print(f"! {refused} / nothing was moved", file=sys.stderr)
        return FAILED
    print(f"{source} 의 파일은 하나도 바꾸지 않았습니다. / nothing was changed there")
    print("다음 / next:")
    for command in ("init", "login", "doctor graphs/my.yaml"):
        print(f"  python aischoco.py {command}")
    return OK if well else FAILED


def _written(root: Path, ask: Asking) -> int:
    answers = {question.key: _answer(question, ask) for question in QUESTIONS}
    graph = graph_of(answers, root)
    lines = env_of(answers, written(contents(root / ENV)).text if (root / ENV).exists() else "")
    if (root / GRAPH).exists() and ask(
        f"{GRAPH.as_posix()} 파일이 이미 있습니다. 덮어쓸까요? [y/N] "
    ).strip().lower() != "y":
        print(f"{GRAPH.as_posix()} 파일을 그대로 두었습니다. / kept as it is")
        return FAILED
    (root / GRAPH).write_text(graph, encoding="utf-8", newline="\n")
    put_privately(root / ENV, lines.encode())
    print(f"{GRAPH.as_posix()} 와 .env를 썼습니다. .env를 열어 빈 값을 채워 주세요. / fill in .env")
    login = "python aischoco.py login\n  " if answers["chat"] == "chzzk" else ""
    print(
        f"다음 / next:\n  {login}python aischoco.py doctor {GRAPH.as_posix()}\n  python aischoco.py {GRAPH.as_posix()}"
    )
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
