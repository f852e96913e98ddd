"""Draws what a running graph does, as it answers ``/api/graph`` and ``/api/turns``."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from graphs.engine.web.words import counted, words_of
from nodes.phrases import phrase

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
    chat, words = graph["viewer_events"], words_of("graph")
    lost = sum(chat["dropped"].values())
    edit = words["generation"].format(number=graph.get("generation", "-"))
    line = Text.assemble(
        (f"{graph['name']}", "bold"),
        (f"  {graph['file']}", "dim"),
        f"  {edit}  {words['running_for']} {_clock(graph['seconds'])}\n",
        f"{words['lanes']['chat']} ",
        (f"{words['came']} {chat['in']}", "bold"),
        " = ",
        (f"{words['answered']} {chat['answered']}", "green"),
        " + ",
        (f"{words['waiting']} {chat['waiting']}", "yellow"),
        " + ",
        (f"{words['dropped']} {lost}", "red" if lost else ""),
        (f" ({_reasons(chat['dropped'])})" if lost else "", "dim"),
    )
    loop = graph.get("loop")
    if loop:
        line.append(f"\n{words['stall']} {_span(loop['lag_max_s'])}", style="dim")
    line.append(_usage(graph.get("usage")), style="dim")
    return line.append("\n")


def _usage(usage: Mapping[str, Any] | None) -> str:
    """Tell what each process takes, and how full each graphics card is."""
    if not usage:
        return ""
    words = words_of("graph")
    parts = [
        f"{each['name']} {each['pid']}: {words['cpu']} {each['cores']:.2f}/{usage['cores']}, {_size(each['memory_mb'])}"
        + (f", {words['gpu']} {_size(each['gpu_mb'])}" if each["gpu_mb"] else "")
        for each in usage["processes"]
    ]
    parts += [f"{gpu['name']}: {_size(gpu['used_mb'])} / {_size(gpu['total_mb'])}" for gpu in usage["gpus"]]
    return "".join(f"\n{_plain(part)}" for part in parts)


def _nodes(nodes: Sequence[Mapping[str, Any]]) -> Table:
    words = words_of("graph")
    heads = ("node", "type", "state", "in", "out", "rate", "errors", "restarts")
    table = _table(*(words[head] for head in heads), right=3)
    for node in nodes:
        state = node["state"]
        table.add_row(
            Text(node["name"], style="bold"),
            Text(node["type"], style="dim"),
            Text(words["states"].get(state, state), style=STYLES.get(state, "dim")),
            str(node["events_in"]),
            str(node["events_out"]),
            _rate(max(node["rate_in"], node["rate_out"])),
            Text(str(node["errors"]), style="red" if node["errors"] else "dim"),
            Text(str(node["restarts"]), style="yellow" if node["restarts"] else "dim"),
        )
    return table


def _edges(edges: Sequence[Mapping[str, Any]]) -> Table:
    heads = ("edge", "rate", "total", "queue", "age", "drops")
    table = _table(*(words_of("graph")[head] for head in heads), right=1, left=5)
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
    words = words_of("graph")
    head = Text.assemble(
        (f"\n{words['voice']} ", "bold"),
        f"{_percentiles(chat)}  ({phrase('{count} turns', count=chat['count'])})",
        _promise(chat),
        "\n",
        f"{words['to_sound']} {_percentiles(turn)}  {words['target']} {_span(aim)}",
    )
    table = _table(words["for_whom"], words["gather"], phrase("first sound"), words["answer"], right=1, left=3)
    for each in frame.turns:
        marks = each["marks"]
        took = _between(marks, "batched", "first_sound")
        table.add_row(
            Text(words["lanes"].get(each["lane"], each["lane"]), style=LANES.get(each["lane"], "")),
            _span(_between(marks, "received", "batched")),
            Text(_span(took), style="red" if took is not None and took > aim else ""),
            Text(_plain(each["text"]), overflow="ellipsis", no_wrap=True),
        )
    return Group(head, table)


def _percentiles(times: Mapping[str, Any]) -> str:
    words = words_of("graph")
    return f"{words['typical']} {_span(times['p50_s'])}  {words['slow']} {_span(times['p95_s'])}"


def _promise(chat: Mapping[str, Any]) -> Text:
    """Show the graph's ``budget_s`` and how many turns took longer; nothing if there is no budget."""
    if chat.get("budget_s") is None:
        return Text("")
    share = chat["over_share"] or 0.0
    return Text.assemble(
        f"  {phrase('budget {time}', time=_span(chat['budget_s']))}, ",
        (phrase("over it {count} ({share})", count=chat["over"], share=f"{share:.0%}"), "red" if share > LATE else ""),
    )


def _errors(nodes: Sequence[Mapping[str, Any]]) -> RenderableType | None:
    failed = [node for node in nodes if node["last_error"]]
    if not failed:
        return None
    lines = [Text.assemble((f"{node['name']} ", "bold"), _plain(node["last_error"])[:LONGEST]) for node in failed]
    return Panel(Group(*lines), title=words_of("graph")["last_error"], title_align="left", border_style="red")


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
    return counted("graph", "reasons", dropped)


def _rate(per_second: float) -> str:
    return f"{per_second:.1f}" if per_second >= 0.05 else "-"


def _span(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 0.001:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else phrase("{seconds} s", seconds=f"{seconds:.1f}")


def _size(mb: float) -> str:
    return f"{mb:.0f} MB" if mb < 1000 else f"{mb / 1000:.1f} GB"


def _clock(seconds: float) -> str:
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}"
