"""The first graph of a person: a few questions, and the graph that the answers make of the shipped ones.

``aischoco.py init`` asks them in the terminal, the page ``/start`` on its cards.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nodes.phrases import described, noted, phrase

GRAPH = Path("graphs") / "my.yaml"
Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer."""

    value: str
    text: str
    about: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Its texts are in English here, and told by ``nodes.phrases.described``."""

    key: str
    text: str
    choices: tuple[Choice, ...]
    """Empty where any text will do."""
    default: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A line of .env that an answer requires."""

    name: str
    text: str
    example: str = ""


QUESTIONS = (
    Question("name", noted("What is the character called?"), (), "초코"),
    Question(
        "chat",
        noted("Where does chat come from?"),
        (
            Choice("chzzk", noted("A CHZZK broadcast"), noted("Chat, donations and subscriptions of your channel.")),
            Choice(
                "recording",
                noted("Recorded chat, for practice"),
                noted("No account is needed. You can change it at any time."),
            ),
        ),
        "chzzk",
    ),
    Question(
        "model",
        noted("What writes the answers?"),
        (
            Choice("groq", noted("Groq (a free key)"), noted("Fast, and free within its limits.")),
            Choice(
                "ollama", noted("Ollama on this computer"), noted("Nothing leaves the computer; it needs a fast one.")
            ),
        ),
        "groq",
    ),
    Question(
        "voice",
        noted("And the voice?"),
        (
            Choice("embedded", noted("The built-in voice of this computer"), noted("It is there already.")),
            Choice(
                "server",
                noted("A voice server on another computer"),
                noted("A voice of your own, with a graphics card."),
            ),
            Choice("captions", noted("Captions only"), noted("Nothing is heard.")),
        ),
        "embedded",
    ),
    Question(
        "avatar",
        noted("And the avatar?"),
        (
            Choice("vts", noted("VTube Studio"), noted("Your own model.")),
            Choice("builtin", noted("The built-in avatar"), noted("It is there already.")),
        ),
        "vts",
    ),
)
VARIABLES: Mapping[tuple[str, str], tuple[Variable, ...]] = {
    ("chat", "chzzk"): (
        Variable("CHZZK_CLIENT_ID", noted("the client ID of CHZZK's developer centre")),
        Variable("CHZZK_CLIENT_SECRET", noted("the client secret of CHZZK's developer centre")),
    ),
    ("model", "groq"): (Variable("GROQ_API_KEY", noted("a key from https://console.groq.com/keys")),),
    ("model", "ollama"): (Variable("OLLAMA_MODEL", noted("the name of the Ollama model"), "gemma3:4b"),),
    ("voice", "server"): (
        Variable("TTS_REMOTE_URL", noted("the address of the voice server"), "http://192.168.0.10:5000"),
    ),
}
"""What has to stand in .env for an answer."""
PRACTICE: Answers = {"chat": "recording", "model": "groq", "voice": "embedded", "avatar": "builtin"}
"""The answers with which everything works at once, without any account."""
LONGEST_NAME = 30

_PARTS: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("chat", "recording"): ("replay", ("chzzk", "typed")),
    ("model", "ollama"): ("local-llm", ("reply",)),
    ("voice", "server"): ("live-remote-voice", ("speech",)),
}
"""Answer -> (shipped graph, the blocks of live.yaml that its blocks replace)."""
_HEAD = (
    "# yaml-language-server: $schema=../schemas/graph.schema.json\n"
    "# `python aischoco.py init`이나 /start 페이지가 쓴 그래프입니다. 방송 중에 고치고 저장하면 바로 바뀝니다.\n"
)
_TESTS = (
    "# 이 그래프의 시험: `python aischoco.py test graphs/my.yaml`. 한 글자가 0.1초, -는 아무 일 없음, (ab)는 동시에.\n"
)
_NODES = "\nnodes:\n"


def wrong(question: Question, said: str) -> str:
    """Say what is wrong with an answer; empty if nothing is."""
    if question.choices:
        values = [choice.value for choice in question.choices]
        return "" if said in values else phrase("answer one of: {values}", values=", ".join(values))
    if not said.replace(" ", "").isalnum():
        return phrase("use only letters and numbers")
    if len(said) > LONGEST_NAME:
        return phrase("use at most {most} letters", most=LONGEST_NAME)
    return ""


def graph_of(answers: Answers, root: Path) -> str:
    """Build the graph for these answers from the blocks of the shipped ones."""
    base = "silent" if answers["voice"] == "captions" else "live"
    text = _shipped(root, base)
    nodes, tests = _blocks(text), text[text.index("\ntests:\n") + 1 :]
    for (key, value), (shipped, names) in _PARTS.items():
        if answers[key] == value:
            other = _blocks(_shipped(root, shipped))
            for name in names:
                nodes[name] = other.get(name) or other["replay"].replace("  replay:", f"  {name}:")
    if answers["avatar"] == "builtin":
        demo = _blocks(_shipped(root, "demo"))
        nodes["avatar"] = demo["stage"] + demo["avatar"]
        if answers["voice"] == "captions":
            nodes["avatar"] = nodes["avatar"].replace("[pose, lips]", "pose")
    body = "".join(nodes.values())
    return f"{_HEAD}name: my\n{_character(answers['name'])}\nnodes:\n{body}{_TESTS}{tests}"


def answers_of(text: str) -> dict[str, str]:
    """Read the answers off a graph that ``graph_of`` made, even if it was changed by hand since."""
    body = text.partition(_NODES)[2]
    return {
        "name": _named(text),
        "chat": "recording" if re.search(r"\btype: *chat\.replay\b", body) else "chzzk",
        "model": "ollama" if "OLLAMA_" in body else "groq",
        "voice": _voice(body),
        "avatar": "builtin" if re.search(r"\btype: *avatar\.stage\b", body) else "vts",
    }


def with_answers(text: str, answers: Answers, root: Path) -> str:
    """Return the text with what these answers change in it; everything else, also by hand, stays.

    Raises:
        ValueError: it is not written like the graphs of ``graph_of``.
    """
    known = answers_of(text)
    before, after = graph_of(known, root), graph_of({**known, **answers}, root)
    head, nodes, tail = _split(text)
    old, new = _split(before), _split(after)
    if "name" in answers and answers["name"] != known["name"]:
        head, found = re.subn(r"(?m)^character:.*$", lambda _: _character(answers["name"]), head)
        if not found:
            raise _odd()
    gone = [name for name in old[1] if name not in new[1]]
    kept = {name: block for name, block in nodes.items() if name not in gone}
    changed = {name: block for name, block in new[1].items() if old[1].get(name) != block}
    for name, block in new[1].items():
        needed = name not in kept and any(f": {name}\n" in each for each in changed.values())
        if name not in changed and not needed:
            continue
        if name not in kept:
            kept = _put(kept, name, _before(name, list(new[1]), kept))
        kept[name] = block
    tail = new[2] if tail == old[2] else tail
    return f"{head}{_NODES}{''.join(kept.values())}{tail}"


def env_of(answers: Answers, old: str) -> str:
    """Give the new text of .env: the old text, plus a line for each variable that it lacks."""
    named = {line.partition("=")[0].strip() for line in old.splitlines()}
    added = "".join(
        f"# {described(variable.text)}\n{variable.name}={variable.example}\n"
        for (key, said), variables in VARIABLES.items()
        if answers[key] == said
        for variable in variables
        if variable.name not in named
    )
    return old + ("\n" if old and not old.endswith("\n") else "") + added


def _character(name: str) -> str:
    return f"character: {json.dumps(name, ensure_ascii=False)}"  # in quotes, so that a name of digits stays text


def _named(text: str) -> str:
    found = re.search(r"(?m)^character: *(?:\"([^\"]*)\"|'([^']*)'|([^#\n]*))", text)
    return next((each for each in found.groups() if each is not None), "").strip() if found else ""


def _voice(body: str) -> str:
    block = _blocks(_NODES + body).get("speech", "")
    if re.search(r'voices: *\[\{type: http, urls: \[""\]\}\]', block):
        return "captions"
    return "server" if "${TTS_REMOTE_URL}" in block else "embedded"  # that one needs the variable


def _shipped(root: Path, name: str) -> str:
    return (root / "graphs" / f"{name}.yaml").read_text("utf-8")


def _split(text: str) -> tuple[str, dict[str, str], str]:
    """Return what stands before the nodes, the nodes, and what stands behind them."""
    head, nodes, body = text.partition(_NODES)
    lines = body.splitlines(keepends=True)
    length = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith(" ")), len(lines))
    if not nodes:
        raise _odd()
    return head, _blocks(text), "".join(lines[length:])


def _blocks(text: str) -> dict[str, str]:
    """Map each node to its lines, with the comment above them."""
    found: dict[str, str] = {}
    above, name = "", ""
    for line in text.split(_NODES, 1)[1].splitlines(keepends=True):
        if line.strip() and not line.startswith(" "):
            break
        if line.startswith("  #") or not line.strip():
            above += line
        elif line.startswith("   "):
            if not name:
                raise _odd()
            found[name] += above + line
            above = ""
        else:
            name = line.strip().partition(":")[0]
            found[name], above = above + line, ""
    if above and name:
        found[name] += above
    return found


def _before(name: str, order: list[str], there: Mapping[str, str]) -> str | None:
    """Return the node behind which a new one goes: the nearest one before it that is there."""
    return next((each for each in reversed(order[: order.index(name)]) if each in there), None)


def _put(nodes: Mapping[str, str], name: str, behind: str | None) -> dict[str, str]:
    placed: dict[str, str] = {} if behind is not None else {name: ""}
    for each, block in nodes.items():
        placed[each] = block
        if each == behind:
            placed[name] = ""
    return placed


def _odd() -> ValueError:
    return ValueError(
        phrase("the graph is written in another way than the one of init; change it at /settings or by hand")
    )
