"""``aischoco.py record EDGE FILE``: records what passes an edge of the running show as JSONL, without affecting it.

It polls the tap of the edge at the page's address. A tap holds the last 200 events and is polled four times a second;
events too fast for that are counted and reported. A reload of the graph does not end a recording.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

from graphs.engine.commands import OWN
from graphs.engine.commands._usage import positive
from graphs.engine.language.env import environment
from graphs.engine.web.address import address
from nodes.phrases import described, phrase, reason_of, said_by
from schemas.command import FAILED, OK
from schemas.graph import GraphError

EVERY_S = 0.25
ASK_S = 5.0
MAX_MB, MAX_MINUTES = 200.0, 480.0

Ask = Callable[[str, Mapping[str, str]], Any]
"""(path, query) -> the JSON of the response."""


class Refused(Exception):
    """The show cannot be reached, or refuses the request; the text is for a person."""


class Asking:
    """The running show, over HTTP."""

    def __init__(self, host: str, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=ASK_S)  # noqa: S104

    def __call__(self, path: str, query: Mapping[str, str]) -> Any:
        """
        Raises:
            Refused: there is no show, or the response is an error.
        """
        try:
            self._connection.request("GET", f"{path}?{urlencode(query)}" if query else path)
            response = self._connection.getresponse()
            body: Any = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            text = phrase("no running show was reached ({why}). Start the show first.", why=type(error).__name__)
            raise Refused(text) from None
        if response.status != 200:
            raise Refused(str(cast(dict[str, Any], body)["error"] if "error" in body else response.status))
        return body

    def close(self) -> None:
        self._connection.close()


def edge_of(word: str, keys: Sequence[str]) -> str:
    """Find the edge that a person means by its full name or its beginning (a node, or a node and its output).

    Raises:
        Refused: there is no such edge.
    """
    if word in keys:
        return word
    plain = re.sub(r"\s+", "", word)
    for key in keys:
        source, _, target = key.partition(" -> ")
        if plain in (source, source.partition(".")[0], f"{source}->{target}", f"{source}->{target.partition('.')[0]}"):
            return key
    near = get_close_matches(word, keys, 3, 0.3) or keys[:3]
    examples = ", ".join(map(repr, near))
    raise Refused(phrase("there is no edge {name}. Examples: {examples}", name=repr(word), examples=examples))


class Recorder:
    """Writes the events of one edge to a file until a limit is reached."""

    def __init__(self, ask: Ask, edge: str, path: Path, *, mask: bool, most_bytes: float, seconds: float) -> None:
        self._ask = ask
        self._query = {"edge": edge, "mask": "1" if mask else "0"}
        self._path = path
        self._most_bytes = most_bytes
        self._seconds = seconds
        self.count = 0
        self.missed = 0
        self.bytes = 0
        self.why: str = ""
        """Why it ended."""

    def run(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Record until the show ends, a limit is reached, or Ctrl-C.

        Raises:
            Refused: the show could not be reached at all.
            OSError: the file cannot be written.
        """
        told = self._ask("/api/record", self._query)
        began, last = float(told["now"]), int(told["count"])
        with self._path.open("xb") as file:
            try:
                while not self.why:
                    sleep(EVERY_S)
                    try:
                        told = self._ask("/api/record", {**self._query, "after": str(last)})
                    except Refused:
                        self.why = phrase("The show ended")
                        break
                    if int(told["count"]) < last or float(told["now"]) < began:
                        self.why = phrase("Another show began")
                        break
                    for one in cast(list[dict[str, Any]], told["lines"]):
                        number = int(one.pop("n"))
                        self.missed += number - last - 1
                        last = number
                        one["t"] = round(max(0.0, float(one["t"]) - began), 4)
                        self._write(file, one)
                        if self.why:
                            break
                    if not self.why and float(told["now"]) - began >= self._seconds:
                        self.why = phrase("The time is over")
            except KeyboardInterrupt:
                self.why = phrase("Stopped")

    def _write(self, file: Any, one: Mapping[str, Any]) -> None:
        text = json.dumps(one, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        if self.bytes + len(text) > self._most_bytes:
            self.why = phrase("The file has reached its size")
            return
        file.write(text)
        file.flush()
        self.bytes += len(text)
        self.count += 1


def main(argv: Sequence[str], root: Path) -> int:
    """Run the command.

    Returns:
        0, or 1 when there is no show, no such edge or no such folder.
    """
    arguments = _parser().parse_args(argv)
    try:
        ask = Asking(*address(environment(root)))
    except (GraphError, ValueError) as error:
        print(error, file=sys.stderr)
        return FAILED
    try:
        state = ask("/api/graph", {})
        edge = edge_of(arguments.edge, [str(each["key"]) for each in state["edges"]])
        recorder = Recorder(
            ask,
            edge,
            arguments.file,
            mask=arguments.mask_names,
            most_bytes=arguments.max_mb * 1e6,
            seconds=60.0 * arguments.max_minutes,
        )
        text = phrase("Recording {edge} → {file}. Ctrl-C ends it.", edge=edge, file=arguments.file)
        print(text, flush=True)
        recorder.run()
    except Refused as refused:
        print(said_by(refused), file=sys.stderr)
        return FAILED
    except FileExistsError:
        print(phrase("{file}: the file exists. Choose another name.", file=arguments.file), file=sys.stderr)
        return FAILED
    except OSError as error:
        print(phrase("{file} cannot be written: {why}", file=arguments.file, why=reason_of(error)), file=sys.stderr)
        return FAILED
    finally:
        ask.close()
    size = f"{recorder.bytes / 1e6:.2f}"
    text = phrase("{why}. Events: {count}, {size} MB", why=recorder.why, count=recorder.count, size=size)
    print(phrase("{told}, missed: {count}", told=text, count=recorder.missed) if recorder.missed else text)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aischoco.py record", description=described(OWN["record"]))
    parser.add_argument(
        "edge", help=phrase("as /graph shows it ('chzzk.out -> parse.payload'), or the node it comes from")
    )
    parser.add_argument("file", type=Path, help=phrase("JSONL to write; it must not exist"))
    parser.add_argument(
        "--mask-names", action="store_true", help=phrase("write nicknames as their first character and ***")
    )
    parser.add_argument(
        "--max-mb", type=positive(), default=MAX_MB, help=phrase("end at this size ({mb})", mb=f"{MAX_MB:g}")
    )
    parser.add_argument(
        "--max-minutes",
        type=positive(),
        default=MAX_MINUTES,
        help=phrase("end after ({minutes})", minutes=f"{MAX_MINUTES:g}"),
    )
    return parser
