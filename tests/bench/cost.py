"""Measures what a show takes of the machine: ``python -m tests.bench.cost [--seconds N] [--rows ...] [--times N]``.

Each row is the real command in a process of its own, and where pages are named, Chromium with them; CPU is that of the
process, of 100 for one core, after it has warmed up, and memory its resident set at the end. The rows are run one after
the other, all of them ``--times`` times, so that other load on the machine meets all alike; the median is shown.

- ``demo``: the demonstration with its recorded chat and the embedded voice, no page,
- ``captions``: the same without the voice,
- ``flood``: captions at ten messages a second,
- ``idle``: avatar and voice, but nobody writes,
- ``overlay``, ``stage``, ``both``: the pages in Chromium beside ``idle`` (the page's renderer and the GPU process,
  which draws in software here): the overlay without its avatar, the stage, the overlay with its avatar.
"""

import argparse
import contextlib
import re
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import sync_playwright

from tests.bench import figures
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.e2e import flood
from tests.e2e.show import Show

WARM_S = 12.0
"""By then the voice is loaded and has spoken, and the pages have drawn."""
PAGES = {"overlay": "/?obs&avatar=off", "stage": "/stage/?obs", "both": "/?obs"}
ROWS = ("demo", "captions", "flood", "idle", *PAGES)
_VOICE = re.compile(r"^  (speech|lips|lines): .*\n", re.M)


@dataclass(frozen=True, slots=True)
class Cost:
    """What processes took, together."""

    cpu: float
    """Of 100 for one core."""
    mb: float


def _quiet(root: Path) -> None:
    """Nobody writes, and nothing is made ahead: that ends once all of it is kept."""

    def without(text: str) -> str:
        text = re.sub(r"^  (replay|lines): .*\n", "", text, flags=re.M)
        return text.replace("[replay, typed]", "typed").replace(", rehearsal: lines", "")

    _changed(root, without)


def _silent(root: Path) -> None:
    """Take out the voice; the captions end the turns."""

    def without(text: str) -> str:
        text = _VOICE.sub("", text).replace(", lips]", "]")
        text = re.sub(r"^  voice: .*\n", "", text, flags=re.M)
        return re.sub(r", (speaking|heard): voice\.\w+", "", text)

    _changed(root, without)


def _changed(root: Path, change: Callable[[str], str]) -> None:
    graph = root / "graphs" / "demo.yaml"
    text = change(graph.read_text(encoding="utf-8"))
    graph.write_text(text[: text.index("tests:")], encoding="utf-8")


def measured(row: str, seconds: float) -> Cost:
    """Run one row.

    Raises:
        AssertionError: the show ended, or did not start.
    """
    with tempfile.TemporaryDirectory() as made, contextlib.ExitStack() as stack:
        folder = Path(made)
        env: dict[str, str] = {}
        if row == "flood":
            flood.write(folder / "flood.jsonl", WARM_S + seconds + 30)
            env["CHAT_RECORDING"] = str(folder / "flood.jsonl")
        prepare = {"demo": lambda _: None, "captions": _silent, "flood": _silent}.get(row, _quiet)
        show = stack.enter_context(Show(folder, "graphs/demo.yaml", env=env, prepare=prepare))
        show.until(lambda: show.get("/health") == {"ok": True})
        process = psutil.Process(show.process.pid)
        processes = stack.enter_context(_page(show.url + PAGES[row])) if row in PAGES else [process]
        time.sleep(WARM_S)
        begun, before = time.monotonic(), sum(map(_cpu_s, processes))
        time.sleep(seconds)
        took, spent = time.monotonic() - begun, sum(map(_cpu_s, processes)) - before
        assert show.process.poll() is None, show.log
        return Cost(100 * spent / took, sum(each.memory_info().rss for each in processes) / 1e6)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


@contextlib.contextmanager
def _page(url: str) -> Generator[list[psutil.Process]]:
    """Open a page, and give the renderers and the GPU process of its browser."""
    with sync_playwright() as playwright:
        known = {each.pid for each in psutil.Process().children(recursive=True)}
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 800, "height": 600})
        page.goto(url)
        started = [each for each in psutil.Process().children(recursive=True) if each.pid not in known]
        yield [each for each in started if _draws(each.cmdline())]
        browser.close()


def _draws(command: Iterable[str]) -> bool:
    return any(argument in ("--type=renderer", "--type=gpu-process") for argument in command)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each row is measured")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=ROWS)
    figures.options(parser)
    arguments = parser.parse_args()
    found: dict[str, list[Cost]] = {row: [] for row in arguments.rows}
    print(f"{figures.machine()}, load {figures.load()[0]:g}; {arguments.seconds:g} s each, {arguments.times} times")
    for _ in range(arguments.times):
        for row, costs in found.items():
            costs.append(measured(row, arguments.seconds))
    kept: dict[str, float] = {}
    print(f"{'':10} {'CPU %':>8} {'MB':>8}")
    for row, costs in found.items():
        kept[f"{row} CPU %"], kept[f"{row} MB"] = median(c.cpu for c in costs), median(c.mb for c in costs)
        print(f"{row:10} {kept[f'{row} CPU %']:8.1f} {kept[f'{row} MB']:8.1f}", flush=True)
    figures.done(arguments, "cost", kept)


if __name__ == "__main__":
    main()
