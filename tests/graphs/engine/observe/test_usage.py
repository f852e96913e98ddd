import asyncio
import subprocess
import sys
from types import SimpleNamespace

import psutil
import pytest

from graphs.engine.observe import usage
from graphs.engine.observe.usage import Gpu, Sample, Taken, Usage, nvidia


def test_the_processor_time_and_the_memory_of_the_show_are_measured():
    measured = Usage(gpus=tuple)
    first = measured.take(100.0).processes[0]
    assert (first.pid, first.cores) == (psutil.Process().pid, 0.0), "nothing is known of the time before"
    spent = first.cpu_s
    while psutil.Process().cpu_times().user + psutil.Process().cpu_times().system < spent + 0.2:
        sum(range(10_000))
    second = measured.take(102.0).processes[0]
    assert second.cores == pytest.approx((second.cpu_s - spent) / 2.0)
    assert 0.09 <= second.cores < 5
    assert second.memory > 1e7


def test_a_process_that_the_show_started_is_counted_by_itself_until_it_ends():
    measured = Usage(gpus=tuple)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert child.pid in [each.pid for each in measured.take(1.0).processes]
    finally:
        child.communicate(b"\n")
    assert child.pid not in [each.pid for each in measured.take(2.0).processes]


def test_graphics_memory_is_counted_to_the_process_that_holds_it():
    pid = psutil.Process().pid
    cards = (Gpu(0, "one", 5, 9, {pid: 3, 1: 2}), Gpu(1, "two", 7, 9, {pid: 4}))
    sample = Usage(gpus=lambda: cards).take(1.0)
    assert sample.gpus == cards
    assert sample.processes[0].gpu == 7


def test_the_report_is_in_mb():
    sample = Sample((Taken(7, "python", 3.0, 0.25, 200_000_000, 1_500_000),), (Gpu(0, "card", 2_000_000, 8_000_000),))
    assert sample.report() == {
        "cores": psutil.cpu_count(),
        "processes": [{"pid": 7, "name": "python", "cores": 0.25, "memory_mb": 200.0, "gpu_mb": 1.5}],
        "gpus": [{"name": "card", "used_mb": 2.0, "total_mb": 8.0}],
    }


def test_it_is_measured_again_and_again_beside_the_loop():
    async def main():
        measured = Usage(gpus=tuple)
        assert measured.sample is None
        watching = asyncio.create_task(measured.watch(0.01))
        seen = set()
        while len(seen) < 3:
            await asyncio.sleep(0.005)
            seen.add(id(measured.sample))
        watching.cancel()

    asyncio.run(main())


class Driver:
    """NVML with a card, as ``pynvml`` is called."""

    class NVMLError(Exception):
        pass

    def __init__(self, *, running=(), fails=()) -> None:
        self.running, self.fails, self.open = running, fails, 0

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        answers = {
            "nvmlInit": lambda: self._opened(1),
            "nvmlShutdown": lambda: self._opened(-1),
            "nvmlDeviceGetCount": lambda: 1,
            "nvmlDeviceGetHandleByIndex": lambda number: number,
            "nvmlDeviceGetMemoryInfo": lambda card: SimpleNamespace(used=2, total=8),
            "nvmlDeviceGetName": lambda card: "NVIDIA card",
            "nvmlDeviceGetComputeRunningProcesses": lambda card: self.running,
        }
        if name in self.fails:
            return self._fail
        return answers[name]

    def _opened(self, by):
        self.open += by

    def _fail(self, *_):
        raise self.NVMLError("not supported")


@pytest.mark.parametrize(
    ("driver", "cards"),
    [
        (Driver(fails=["nvmlInit"]), ()),
        (Driver(fails=["nvmlDeviceGetCount"]), ()),
        (Driver(fails=["nvmlDeviceGetMemoryInfo"]), ()),
        (Driver(fails=["nvmlDeviceGetComputeRunningProcesses"]), (Gpu(0, "NVIDIA card", 2, 8),)),
        (Driver(running=[SimpleNamespace(pid=7, usedGpuMemory=1)]), (Gpu(0, "NVIDIA card", 2, 8, {7: 1}),)),
        (Driver(running=[SimpleNamespace(pid=7, usedGpuMemory=None)]), (Gpu(0, "NVIDIA card", 2, 8),)),
    ],
)
def test_a_driver_tells_what_it_can_and_is_closed_again(driver, cards, monkeypatch):
    monkeypatch.setattr(usage, "_has_driver", lambda: True)
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    assert nvidia() == cards
    assert driver.open == 0


@pytest.mark.skipif(sys.platform != "linux", reason="the quick look is for Linux")
def test_without_a_driver_the_package_is_not_even_read(monkeypatch):
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    monkeypatch.setattr(usage.ctypes, "CDLL", lambda name: (_ for _ in ()).throw(OSError(name)))
    usage._has_driver.cache_clear()
    assert nvidia() == ()
    assert "pynvml" not in sys.modules
    usage._has_driver.cache_clear()


def test_the_real_library_says_that_there_is_no_driver_or_names_its_cards():
    assert isinstance(usage.nvidia(), tuple)
