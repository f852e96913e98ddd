"""Says what a graph would be after changes that are not saved yet: its text, nodes, connections, and what is wrong."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from reactivex.abc import DisposableBase

from graphs.engine.editing.edits import Edit, edited, edits_of
from graphs.engine.editing.references import inputs, items, named, nodes_of
from graphs.engine.flow.runtime import Runtime
from graphs.engine.language.check import check
from graphs.engine.language.env import environment
from graphs.engine.language.load import load_tree
from graphs.engine.reload.choices import as_json
from graphs.engine.reload.desk import MOST_BYTES, history
from graphs.engine.reload.editor import Editor
from graphs.engine.reload.live import Live
from graphs.engine.studio.copies import shipped
from graphs.engine.studio.written import written_state
from graphs.engine.web.server import LocalWeb
from nodes import NodeSpec, Port, types
from nodes.phrases import phrase
from nodes.services import Json
from schemas.graph import GraphError, NodeEntry, Problem

MOST = 1000
"""At most this many steps make one draft."""

Step = str | Sequence[Edit]
"""A whole new text, or edits of the one before."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """The text after some steps."""

    text: str
    made: int
    """How many of the steps were made; the next one cannot be."""
    problems: Sequence[Problem] = ()
    """Why it cannot be made."""


def serve(
    runtime: Runtime, live: Live, editor: Editor, web: LocalWeb, root: Path, path: Callable[[object], Path]
) -> DisposableBase:
    """Answer requests until disposed.

    A POST to ``/api/settings/draft`` takes ``file``, the hash ``base`` of the text that the page has seen, and
    ``steps``: each of them ``{"edits": [...]}`` or ``{"text": ...}``. Nothing is written. It answers with the hash
    ``base`` and, if that is another one, the text ``saved`` of the file; with the ``text`` after the steps, its nodes
    and ``graph`` (``written_state``), its ``wires``, and ``problems``; with ``made``, the number of steps that could be
    made, and ``refused``, why the next one cannot be. A text that is no YAML has no nodes.
    """

    async def draft(said: Mapping[str, Any]) -> Json:
        file, steps = path(said.get("file", "")), _steps(said.get("steps", []))
        name, running = runtime.files.shown(file), file == live.file
        answer: dict[str, Any] = {"file": name, "running": running, "shipped": shipped(file, root)}
        try:
            saved, base, kept = await editor.text(file)
        except GraphError as error:
            return {**answer, "problems": as_json(error.problems)}
        answer |= {"base": base, **({"saved": saved} if said.get("base") != base else {}), **history(kept)}
        done = await asyncio.to_thread(drafted, saved, name, steps, types)
        nodes: Mapping[str, NodeEntry] = runtime.graph.nodes if running else {}

        def state() -> dict[str, Any]:
            try:
                found = written_state(done.text, name, types, nodes, runtime.log.redact)
            except GraphError as error:
                return {"problems": as_json(error.problems)}
            return {**found, "wires": list(wires_of(done.text, name, types)), "problems": _wrong(done.text, name, root)}

        refused = as_json(done.problems)
        return {**answer, "text": done.text, "made": done.made, "refused": refused, **await asyncio.to_thread(state)}

    return web.post("/api/settings/draft", draft, body_bytes=MOST_BYTES, may=web.private.desk)


def _steps(said: object) -> list[Step]:
    if not isinstance(said, list) or len(cast(list[object], said)) > MOST:
        raise ValueError(phrase('"steps" is a list of at most {most} steps', most=MOST))
    return [_step(each) for each in cast(list[object], said)]


def _step(said: object) -> Step:
    step = cast(dict[str, Any], said) if isinstance(said, dict) else {}
    if isinstance(text := step.get("text"), str):
        return text
    if "edits" not in step:
        raise ValueError(phrase('a step has "edits" or "text"'))
    return edits_of(step["edits"])


def drafted(text: str, file: str, steps: Sequence[Step], registry: Mapping[str, NodeSpec]) -> Drafted:
    """Take the steps one after another, up to the first that cannot be made. Blocking."""
    for made, step in enumerate(steps):
        try:
            text = step if isinstance(step, str) else edited(text, file, step, registry)
        except GraphError as error:
            return Drafted(text, made, error.problems)
    return Drafted(text, len(steps))


def wires_of(text: str, file: str, registry: Mapping[str, NodeSpec]) -> Iterator[dict[str, Any]]:
    """Yield what the inputs of a text's nodes take, right or wrong: with the ends of a wire, and ``from`` as it is
    written.

    Raises:
        GraphError: the text cannot be read.
    """
    document, _ = load_tree(text, file, None)
    nodes = nodes_of(document.data)
    for name, body in nodes.items():
        spec = _spec(body, registry)
        for key in inputs(body, registry):
            first = spec.inputs[0] if spec is not None and spec.inputs else None
            port = first if key == "in" else spec.input(key) if spec is not None else None
            for said in dict.fromkeys(text for each in items(body[key]) if (text := named(cast(object, each)))):
                source, _, output = said.partition(".")
                output = output or _meant(_spec(nodes.get(source), registry), port)
                into = port.name if port is not None else key
                yield {
                    "key": f"{source}.{output} -> {name}.{into}",
                    "source": source,
                    "output": output,
                    "target": name,
                    "input": into,
                    "feedback": port is not None and port.feedback,
                    "from": said,
                }


def _spec(body: object, registry: Mapping[str, NodeSpec]) -> NodeSpec | None:
    type_ = cast(dict[str, Any], body).get("type") if isinstance(body, dict) else None
    return registry.get(type_) if isinstance(type_, str) else None


def _meant(source: NodeSpec | None, port: Port | None) -> str:
    """Return the output that a node's name alone means: the only one that fits the input, else the first one."""
    outputs = source.outputs if source is not None else ()
    fitting = [each.name for each in outputs if port is not None and issubclass(each.event, port.event)]
    return fitting[0] if len(fitting) == 1 else outputs[0].name if outputs else "out"


def _wrong(text: str, file: str, root: Path) -> Json:
    try:
        check(text, file, types, environment(root), root)
    except GraphError as error:
        return as_json(error.problems)
    return []
