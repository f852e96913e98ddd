"""``aischoco.py init``: asks five questions, then writes a graph (graphs/my.yaml) and its settings (.env).

With ``--from FOLDER`` it moves in a folder of the original AIsChoco instead (``_moving``).
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphs.engine.commands import OWN
from graphs.engine.commands._moving.files import put_privately
from graphs.engine.commands._moving.folder import Refused, move_in
from nodes.phrases import described, phrase
from nodes.written import NotText, contents, written
from schemas.command import FAILED, OK

GRAPH = Path("graphs") / "my.yaml"
ENV = Path(".env")

Asking = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question; an empty answer is the default."""

    key: str
    text: str
    choices: Mapping[str, str]
    """Answer -> what it means; empty where any text will do."""
    default: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A line of .env that an answer requires."""

    name: str
    text: str
    example: str = ""


QUESTIONS = (
    Question("name", "캐릭터의 이름은 무엇인가요?", {}, "초코"),
    Question("chat", "채팅은 어디서 받나요?", {"1": "치지직 방송", "2": "녹화된 채팅으로 연습"}, "1"),
    Question("model", "대답은 무엇이 하나요?", {"1": "Groq (무료 키)", "2": "이 컴퓨터의 Ollama"}, "1"),
    Question(
        "voice", "목소리는요?", {"1": "이 컴퓨터의 내장 목소리", "2": "다른 컴퓨터의 목소리 서버", "3": "자막만"}, "1"
    ),
    Question("avatar", "아바타는요?", {"1": "VTube Studio", "2": "내장 아바타"}, "1"),
)
VARIABLES: Mapping[tuple[str, str], tuple[Variable, ...]] = {
    ("chat", "1"): (
        Variable("CHZZK_CLIENT_ID", "치지직 개발자 센터의 클라이언트 ID"),
        Variable("CHZZK_CLIENT_SECRET", "치지직 개발자 센터의 클라이언트 시크릿"),
    ),
    ("model", "1"): (Variable("GROQ_API_KEY", "https://console.groq.com/keys 에서 만든 키"),),
    ("model", "2"): (Variable("OLLAMA_MODEL", "Ollama 모델의 이름", "gemma3:4b"),),
    ("voice", "2"): (Variable("TTS_REMOTE_URL", "목소리 서버의 주소", "http://192.168.0.10:5000"),),
}
HEAD = "# yaml-language-server: $schema=../schemas/graph.schema.json\n# `python aischoco.py init`이 쓴 그래프입니다. "
TESTS = (
    "# 이 그래프의 시험: `python aischoco.py test graphs/my.yaml`. 한 글자가 0.1초, -는 아무 일 없음, (ab)는 동시에.\n"
)
PARTS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("chat", "2"): ("replay", ("chzzk", "typed")),
    ("model", "2"): ("local-llm", ("reply",)),
    ("voice", "2"): ("live-remote-voice", ("speech",)),
}
"""Answer -> (shipped graph, the blocks of live.yaml that its blocks replace)."""


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
    login = "python aischoco.py login\n  " if answers["chat"] == "1" else ""
    print(
        f"다음 / next:\n  {login}python aischoco.py doctor {GRAPH.as_posix()}\n  python aischoco.py {GRAPH.as_posix()}"
    )
    return OK


def _answer(question: Question, ask: Asking) -> str:
    choices = "".join(f"\n  {key}) {what}" for key, what in question.choices.items())
    while True:
        said = ask(f"{question.text}{choices}\n[{question.default}] ").strip() or question.default
        if question.choices and said not in question.choices:
            print(" 또는 ".join(question.choices) + "로 답해 주세요.")
        elif not question.choices and not said.replace(" ", "").isalnum():
            print("글자와 숫자만 써 주세요.")
        else:
            return said


def graph_of(answers: Mapping[str, str], root: Path) -> str:
    """Build the graph for these answers from the blocks of the shipped ones."""
    base = "silent" if answers["voice"] == "3" else "live"
    text = _shipped(root, base)
    nodes, tests = _blocks(text), text[text.index("\ntests:\n") + 1 :]
    for choice, (shipped, names) in PARTS.items():
        if answers[choice[0]] == choice[1]:
            other = _blocks(_shipped(root, shipped))
            for name in names:
                nodes[name] = other.get(name) or other["replay"].replace("  replay:", f"  {name}:")
    if answers["avatar"] == "2":
        demo = _blocks(_shipped(root, "demo"))
        nodes["avatar"] = demo["stage"] + demo["avatar"]
        if answers["voice"] == "3":
            nodes["avatar"] = nodes["avatar"].replace("[pose, lips]", "pose")
    body = "".join(nodes.values())
    name = json.dumps(answers["name"], ensure_ascii=False)  # in quotes, so that a name of digits stays text
    return f"{HEAD}방송 중에 고치고 저장하면 바로 바뀝니다.\nname: my\ncharacter: {name}\nnodes:\n{body}{TESTS}{tests}"


def _shipped(root: Path, name: str) -> str:
    return (root / "graphs" / f"{name}.yaml").read_text("utf-8")


def _blocks(text: str) -> dict[str, str]:
    """Map each node to its lines, with the comment above them."""
    found: dict[str, str] = {}
    comment, name = "", ""
    for line in text.split("\nnodes:\n", 1)[1].splitlines(keepends=True):
        if not line.startswith(" "):
            break
        if line.startswith("  #"):
            comment += line
        elif line.startswith("   "):
            found[name] += comment + line
            comment = ""
        else:
            name = line.strip().partition(":")[0]
            found[name], comment = comment + line, ""
    return found


def env_of(answers: Mapping[str, str], old: str) -> str:
    """Give the new text of .env: the old text, plus a line for each variable that it lacks."""
    named = {line.partition("=")[0].strip() for line in old.splitlines()}
    added = "".join(
        f"# {variable.text}\n{variable.name}={variable.example}\n"
        for (key, said), variables in VARIABLES.items()
        if answers[key] == said
        for variable in variables
        if variable.name not in named
    )
    return old + ("\n" if old and not old.endswith("\n") else "") + added
