"""``aischoco.py top``: shows what a running graph does in the terminal; polls the program's web server every second."""

import argparse
import contextlib
import http.client
import json
import sys
import time
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from graphs.engine.language.env import environment
from graphs.engine.web import address as pages
from schemas.command import FAILED
from schemas.graph import GraphError

EVERY_S = 1.0
PATIENCE_S = 3.0
"""A response may take at most this long."""
TURNS = 8
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

LANES = {"donation": "yellow", "subscription": "magenta", "mention": "cyan"}

_opener = build_opener(ProxyHandler({}))


class Frame(NamedTuple):
    """The response of the program."""

    graph: Mapping[str, Any]
    turns: Sequence[Mapping[str, Any]]


class Unreachable(Exception):
    """No program that we know answers there; the text says what to do."""


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py top")
    parser.add_argument("--once", action="store_true", help="print one frame and end")
    arguments = parser.parse_args(words)
    try:
        env = environment(root)
    except GraphError as error:
        print(error, file=sys.stderr)
        return FAILED
    return top(env, once=arguments.once)


def address(env: Mapping[str, str]) -> str:
    """Read where this machine's program listens from OVERLAY_HOST and OVERLAY_PORT: ``http://127.0.0.1:8765``.

    Raises:
        Unreachable: OVERLAY_PORT is not a valid port.
    """
    try:
        host, port = pages.address(env)
    except ValueError as error:
        raise Unreachable(str(error)) from None
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def fetch(url: str) -> Frame:
    """Fetch one frame.

    Raises:
        Unreachable: nothing runs there, or something else does.
    """
    try:
        graph, turns = _get(f"{url}/api/graph"), _get(f"{url}/api/turns?last={TURNS}")
        if not (isinstance(graph, dict) and "nodes" in graph and isinstance(turns, list)):
            raise ValueError("another answer")
    except HTTPError as error:
        error.close()
        raise Unreachable(f"{url} is not aischoco, or an older one: it answers {error.code}") from None
    except (URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(
            f"nothing runs at {url} ({reason}). Start it with: python aischoco.py; "
            "if it listens elsewhere, set OVERLAY_HOST and OVERLAY_PORT as it has them"
        ) from None
    except ValueError:
        raise Unreachable(f"{url} is not aischoco: its answer cannot be read") from None
    return Frame(graph, turns)  # pyright: ignore[reportUnknownArgumentType] - JSON


def top(env: Mapping[str, str], *, once: bool = False, console: Console | None = None) -> int:
    """Show the running graph until Ctrl-C, or print one frame.

    Returns:
        0, or 1 when nothing runs there.
    """
    screen = console or Console()
    try:
        url = address(env)
        first = draw(fetch(url))
    except Unreachable as error:
        screen.print(Text(str(error)), soft_wrap=True)
        return 1
    if once:
        screen.print(first)
        return 0
    with contextlib.suppress(KeyboardInterrupt):
        _follow(screen, url, first)
    return 0


def _follow(screen: Console, url: str, first: RenderableType) -> None:
    with Live(first, console=screen, screen=True, auto_refresh=False) as live:
        while True:
            time.sleep(EVERY_S)
            try:
                live.update(draw(fetch(url)), refresh=True)
            except Unreachable as error:
                live.update(Panel(Text(str(error)), border_style="yellow"), refresh=True)


def _get(url: str) -> Any:
    with _opener.open(quote(url, safe=":/?=[]&"), timeout=PATIENCE_S) as answer:
        return json.load(answer)


# The picture.


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
    return line.append("\n")


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


def _clock(seconds: float) -> str:
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}"
