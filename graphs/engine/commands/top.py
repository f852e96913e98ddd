"""``aischoco.py top``: shows what a running graph does in the terminal; polls the program's web server every second."""

import argparse
import contextlib
import http.client
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, build_opener

from rich.console import Console, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from graphs.engine.commands import OWN
from graphs.engine.commands._top.picture import Frame, draw
from graphs.engine.language.env import environment
from graphs.engine.web import address as pages
from nodes.phrases import described, phrase
from schemas.command import FAILED
from schemas.graph import GraphError

EVERY_S = 1.0
PATIENCE_S = 3.0
"""A response may take at most this long."""
TURNS = 8
_opener = build_opener(ProxyHandler({}))


class Unreachable(Exception):
    """No program that we know answers there; the text says what to do."""


def main(words: Sequence[str], root: Path) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="aischoco.py top", description=described(OWN["top"]))
    parser.add_argument("--once", action="store_true", help=phrase("print one frame and end"))
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
        text = phrase("{url} is not aischoco, or an older one: it answers {code}", url=url, code=error.code)
        raise Unreachable(text) from None
    except (URLError, http.client.HTTPException, OSError) as error:
        reason = getattr(error, "reason", error)
        text = phrase(
            "nothing runs at {url} ({why}). Start it with: python aischoco.py; if it listens elsewhere, set "
            "OVERLAY_HOST and OVERLAY_PORT as it has them",
            url=url,
            why=reason,
        )
        raise Unreachable(text) from None
    except ValueError:
        raise Unreachable(phrase("{url} is not aischoco: its answer cannot be read", url=url)) from None
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
