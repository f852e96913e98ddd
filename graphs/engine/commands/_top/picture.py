"""Draws what a running graph does, as it answers ``/api/graph`` and ``/api/turns``."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

LATE = 0.05
"""A larger fraction of turns over their budget is too much: then the 95th percentile is over it too."""
LONGEST = 400
"""At most this many characters of an error are shown."""

STYLES = {
    "running": "green",
    "restarting": "yellow",
    "degraded": "bold red",
    "draining": "blue",
}
"""How states that need attention look; the others are dim."""

LANES = {"host": "green", "donation": "yellow", "subscription": "magenta", "mention": "cyan"}


class Frame(NamedTuple):
    """The response of the program."""

    graph: Mapping[str, Any]
    turns: Sequence[Mapping[str, Any]]


def draw(frame: Frame) -> RenderableType:
    """Draw the whole frame: a header with the chat counts, nodes, edges, turns, latest errors."""
    parts = [_head(frame.graph), _nodes(frame.graph["nodes"]), _edges(frame.graph["edges"]), _turns(frame)]
    errors = _errors(frame.graph["nodes"])
    return Group(*parts, *([] if errors is None else [errors]))


def _head(graph: Mapping[str, Any]) -> RenderableType:
    chat = graph["viewer_events"]
    lost = sum(chat["dropped"].values())
    line = Text.assemble(
        (f"{graph['name']}", "bold"),
        (f"  {graph['file']}", "dim"),
        f"  generation {graph.get('generation', '-')}  up {_clock(graph['seconds'])}\n",
        "chat ",
        (f"{chat['in']} in", "bold"),
        " = ",
        (f"{chat['answered']} answered", "green"),
        " + ",
        (f"{chat['waiting']} waiting", "yellow"),
        " + ",
        (f"{lost} dropped", "red" if lost else ""),
        (f" ({_reasons(chat['dropped'])})" if lost else "", "dim"),
    )
    loop = graph.get("loop")
    if loop:
        line.append(f"\nlongest stall {_span(loop['lag_max_s'])}", style="dim")
    line.append(_usage(graph.get("usage")), style="dim")
    return line.append("\n")


def _usage(usage: Mapping[str, Any] | None) -> str:
    """Tell what each process takes, and how full each graphics card is."""
    if not usage:
        return ""
    parts = [
        f"{each['name']} {each['pid']}: {each['cores']:.2f} of {usage['cores']} cores, {_size(each['memory_mb'])}"
        + (f", GPU {_size(each['gpu_mb'])}" if each["gpu_mb"] else "")
        for each in usage["processes"]
    ]
    parts += [f"{gpu['name']}: {_size(gpu['used_mb'])} of {_size(gpu['total_mb'])} used" for gpu in usage["gpus"]]
    return "".join(f"\n{_plain(part)}" for part in parts)


def _nodes(nodes: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("node", "type", "state", "in", "out", "/s", "errors", "restarts", right=3)
    for node in nodes:
        state = node["state"]
        table.add_row(
            Text(node["name"], style="bold"),
            Text(node["type"], style="dim"),
            Text(state, style=STYLES.get(state, "dim")),
            str(node["events_in"]),
            str(node["events_out"]),
            _rate(max(node["rate_in"], node["rate_out"])),
            Text(str(node["errors"]), style="red" if node["errors"] else "dim"),
            Text(str(node["restarts"]), style="yellow" if node["restarts"] else "dim"),
        )
    return table


def _edges(edges: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("edge", "/s", "total", "queue", "age p95", "dropped", right=1, left=5)
    for edge in edges:
        table.add_row(
            Text(edge["key"]),
            _rate(edge["rate"]),
            str(edge["count"]),
            Text(f"{edge['length']}/{edge['capacity']}", style=_fill(edge)),
            _span(edge["age_p95_s"]),
            Text(_reasons(edge["dropped"]), style="red"),
        )
    return table


def _turns(frame: Frame) -> RenderableType:
    voice = frame.graph["voice"]
    chat, turn, aim = voice["chat"], voice["turn"], voice["targets_s"]["turn_to_sound"]
    head = Text.assemble(
        ("\nchat to voice ", "bold"),
        f"p50 {_span(chat['p50_s'])}  p95 {_span(chat['p95_s'])}  ({chat['count']} turns)",
        _promise(chat),
        "\n",
        f"turn to voice p50 {_span(turn['p50_s'])}  p95 {_span(turn['p95_s'])}  target {_span(aim)}",
    )
    table = _table("lane", "waited", "first sound", "answer", right=1, left=3)
    for each in frame.turns:
        marks = each["marks"]
        took = _between(marks, "batched", "first_sound")
        table.add_row(
            Text(each["lane"], style=LANES.get(each["lane"], "")),
            _span(_between(marks, "received", "batched")),
            Text(_span(took), style="red" if took is not None and took > aim else ""),
            Text(_plain(each["text"]), overflow="ellipsis", no_wrap=True),
        )
    return Group(head, table)


def _promise(chat: Mapping[str, Any]) -> Text:
    """Show the graph's ``budget_s`` and how many turns took longer; nothing if there is no budget."""
    if chat.get("budget_s") is None:
        return Text("")
    share = chat["over_share"] or 0.0
    return Text.assemble(
        f"  budget {_span(chat['budget_s'])}, ", (f"over {chat['over']} ({share:.0%})", "red" if share > LATE else "")
    )


def _errors(nodes: Sequence[Mapping[str, Any]]) -> RenderableType | None:
    failed = [node for node in nodes if node["last_error"]]
    if not failed:
        return None
    lines = [Text.assemble((f"{node['name']} ", "bold"), _plain(node["last_error"])[:LONGEST]) for node in failed]
    return Panel(Group(*lines), title="last errors", title_align="left", border_style="red")


def _table(*heads: str, right: int, left: int = 99) -> Table:
    """Make a table whose columns from ``right`` up to ``left`` hold numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim underline", expand=False)
    for number, head in enumerate(heads):
        wide = number == len(heads) - 1
        justify = "right" if right <= number < left else "left"
        table.add_column(head, justify=justify, no_wrap=True, min_width=None if wide else cell_len(head))
    return table


def _plain(text: str) -> str:
    """Make one line without what a terminal would obey: control characters, direction marks."""
    return "".join(sign if unicodedata.category(sign) not in ("Cc", "Cf", "Cs") else " " for sign in text)


def _between(marks: Mapping[str, float | None], first: str, last: str) -> float | None:
    begin, end = marks[first], marks[last]
    return None if begin is None or end is None else end - begin


def _fill(edge: Mapping[str, Any]) -> str:
    if edge["policy"] == "latest" or not edge["capacity"]:
        return "dim"
    part = edge["length"] / edge["capacity"]
    return "bold red" if part > 0.8 else "yellow" if part > 0.4 else ""


def _reasons(dropped: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in dropped.items())


def _rate(per_second: float) -> str:
    return f"{per_second:.1f}" if per_second >= 0.05 else "-"


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 0.001:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _size(mb: float) -> str:
    return f"{mb:.0f} MB" if mb < 1000 else f"{mb / 1000:.1f} GB"


def _clock(seconds: float) -> str:
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}"
