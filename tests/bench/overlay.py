"""Measures the overlay in a real Chromium: ``python -m tests.bench.overlay [--lines N] [--rate N]``.

It takes the time from an event at ``overlay.web`` to its line on the page, and what an event costs this process (the
node, the web server and Python's side of the browser automation). CHROMIUM names the browser if it is not
/usr/bin/chromium.
"""

import argparse
import asyncio
import time

from playwright.async_api import async_playwright

from tests.bench import figures
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.test_overlay import Show, opened
from tests.browser.test_overlay_hours import delays
from tests.peers.body import percentile


async def measure(lines: int, rate: float) -> dict[str, float]:
    show = await Show().start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = await opened(browser, f"{show.web.url}/?obs", (800, 600))
            await delays(page, show, "warm", 20, 1 / rate)
            cpu = time.process_time()
            took = await delays(page, show, "l", lines, 1 / rate)
            cpu = time.process_time() - cpu
            elements = await page.evaluate("document.querySelectorAll('*').length")
            await browser.close()
    finally:
        await show.stop()
    return {
        "event to line p50 ms": percentile(took, 0.5),
        "event to line p95 ms": percentile(took, 0.95),
        "event to line p99 ms": percentile(took, 0.99),
        "CPU an event ms": 1000 * cpu / lines,
        "elements on the page": float(elements),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=300)
    parser.add_argument("--rate", type=float, default=20.0, help="lines a second")
    figures.options(parser)
    arguments = parser.parse_args()
    kept = asyncio.run(measure(arguments.lines, arguments.rate))
    print(f"{figures.machine()}, load {figures.load()[0]:g}; {arguments.lines} lines at {arguments.rate:g}/s")
    for name, value in kept.items():
        print(f"{name:24} {value:8.2f}")
    figures.done(arguments, "overlay", kept)


if __name__ == "__main__":
    main()
