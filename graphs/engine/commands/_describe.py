"""Describes graphs and node types as text: Mermaid, a table, one type in full, Markdown."""

import inspect
import json
from collections.abc import Iterable, Mapping
from typing import Any
from unicodedata import east_asian_width

from graphs.engine.language.schema import in_words, part, settings_schema
from nodes import NodeSpec, Port
from nodes.phrases import described, phrase, tongue
from schemas.graph import Graph

COLUMNS = 80


def mermaid(graph: Graph) -> str:
    """Draw the graph as a Mermaid flowchart; wires into feedback ports are dotted."""
    ids = {name: f"n{number}" for number, name in enumerate(graph.nodes, 1)}
    lines = ["flowchart LR"]
    lines += [f'  {ids[name]}["{name}<br/><small>{entry.type}</small>"]' for name, entry in graph.nodes.items()]
    for wire in graph.wires:
        arrow = "-.->" if wire.feedback else "-->"
        label = f"|{wire.output}|" if wire.output != "out" else ""
        lines.append(f"  {ids[wire.source]} {arrow}{label} {ids[wire.target]}")
    return "\n".join(lines) + "\n"


def table(registry: Mapping[str, NodeSpec]) -> str:
    """Write what each node type does, takes and gives, in lines of at most 80 columns."""
    wide = max((len(name) for name in registry), default=0) + 2
    takes, gives = phrase("takes"), phrase("gives")
    lines: list[str] = []
    for spec in _sorted(registry):
        ports = " · ".join(
            f"{how} {_events(ports)}" for how, ports in ((takes, spec.inputs), (gives, spec.outputs)) if ports
        )
        told = [line for text in (described(spec.summary), ports) for line in _wrapped(text, COLUMNS - wide)]
        lines += [f"{spec.name if not number else '':{wide}}{line}" for number, line in enumerate(told)]
    return "\n".join(lines) + "\n"


def _wrapped(text: str, columns: int) -> list[str]:
    """Break a text into lines of at most so many columns, of which a letter of Hangul takes two."""
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}") <= columns:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def describe(spec: NodeSpec) -> str:
    """Describe a node type in full: its docstring, ports and settings."""
    doc = _doc(spec) if tongue() == "en" else described(spec.summary)
    lines = [spec.name, "", *("  " + line if line else "" for line in doc.splitlines())]
    lines += ["", phrase("takes"), *(f"  {_port(port, port is spec.inputs[0])}" for port in spec.inputs)]
    lines += [] if spec.inputs else [f"  {phrase('nothing')}"]
    lines += ["", phrase("gives"), *(f"  {port.name}: {port.event.__name__}" for port in spec.outputs)]
    lines += [] if spec.outputs else [f"  {phrase('nothing')}"]
    settings = _settings(spec)
    lines += ["", phrase("settings")] if settings else []
    for name, words, default, about in settings:
        usual = phrase("required") if default is None else phrase("default {value}", value=default)
        lines += [f"  {name}: {words}, {usual}", f"      {about}"]
    return "\n".join(lines) + "\n"


def markdown(registry: Mapping[str, NodeSpec]) -> str:
    """Describe the node types as Markdown: a table of all, then the settings of each."""
    lines = [
        f"| {phrase('type')} | {phrase('takes')} | {phrase('gives')} | {phrase('what it does')} |",
        "|---|---|---|---|",
    ]
    for spec in _sorted(registry):
        cells = [f"`{spec.name}`", _events(spec.inputs), _events(spec.outputs), described(spec.summary)]
        lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    for spec in _sorted(registry):
        settings = _settings(spec)
        if settings:
            lines += [
                "",
                f"### `{spec.name}`",
                "",
                f"| {phrase('setting')} | {phrase('value')} | {phrase('default')} | |",
                "|---|---|---|---|",
            ]
            for name, words, default, about in settings:
                cells = [f"`{name}`", words, phrase("required") if default is None else f"`{default}`", about]
                lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _sorted(registry: Mapping[str, NodeSpec]) -> list[NodeSpec]:
    return [registry[name] for name in sorted(registry)]


def _doc(spec: NodeSpec) -> str:
    return inspect.getdoc(spec.build) or ""


def _events(ports: Iterable[Port]) -> str:
    return ", ".join(port.event.__name__ for port in ports) or "-"


def _port(port: Port, first: bool) -> str:
    notes = [
        note
        for note, true in (
            (phrase("also 'in'"), first),
            (phrase("feedback: a cycle may close here"), port.feedback),
            (phrase("may stay unconnected"), port.optional),
        )
        if true
    ]
    return f"{port.name}: {port.event.__name__}" + (f" ({', '.join(notes)})" if notes else "")


def _settings(spec: NodeSpec) -> list[tuple[str, str, str | None, str]]:
    """List the settings as (name, what it may be, default as text or None if it is required, description)."""
    schema = settings_schema(spec.settings)
    properties: Mapping[str, Any] = schema.get("properties", {})
    return [
        (
            name,
            in_words(part(schema, (name,)) or {}),
            None if name in schema.get("required", []) else _default(value),
            described(value.get("description", "")),
        )
        for name, value in properties.items()
    ]


def _default(value: Mapping[str, Any]) -> str:
    default: object = value.get("default")
    if default is None or default == "":
        return phrase("none") if default is None else phrase("empty")
    return default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
