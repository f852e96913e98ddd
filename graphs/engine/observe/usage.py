"""Measures what the show takes of this machine: processor, memory and graphics memory, for each of its processes."""

import asyncio
import contextlib
import ctypes
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import psutil

EVERY_S = 5.0
"""Processor time is averaged over this many seconds."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA graphics card."""

    number: int
    name: str
    used: int
    """Bytes, by all programs."""
    total: int
    processes: dict[int, int] = field(default_factory=dict[int, int])
    """Process id -> bytes; empty where the driver does not say (Windows, a container)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process takes."""

    pid: int
    name: str
    cpu_s: float
    """Processor time since the process began."""
    cores: float
    """Processors that it kept busy lately: 0.5 is half of one."""
    memory: int
    """Resident bytes."""
    gpu: int
    """Bytes of graphics memory, as far as the driver tells."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured at one time; the first process is that of the show."""

    processes: tuple[Taken, ...]
    gpus: tuple[Gpu, ...]

    def report(self) -> dict[str, Any]:
        """Return it as JSON-ready data, in MB."""
        return {
            "cores": psutil.cpu_count() or 1,
            "processes": [
                {
                    "pid": each.pid,
                    "name": each.name,
                    "cores": round(each.cores, 3),
                    "memory_mb": _mb(each.memory),
                    "gpu_mb": _mb(each.gpu),
                }
                for each in self.processes
            ],
            "gpus": [{"name": gpu.name, "used_mb": _mb(gpu.used), "total_mb": _mb(gpu.total)} for gpu in self.gpus],
        }


class Usage:
    """Samples the process of the show and those that it started, in a thread: asking the system takes some ms."""

    def __init__(self, gpus: Callable[[], tuple[Gpu, ...]] | None = None) -> None:
        self.sample: Sample | None = None
        self._gpus = gpus or nvidia
        self._before: dict[tuple[int, float], float] = {}
        self._at = 0.0

    async def watch(self, every_s: float = EVERY_S) -> None:
        """Sample until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self.sample = await asyncio.to_thread(self.take, loop.time())
            await asyncio.sleep(every_s)

    def take(self, now: float) -> Sample:
        """Measure; blocking."""
        gpus = self._gpus()
        seconds, self._at = now - self._at, now
        found: dict[tuple[int, float], float] = {}
        taken: list[Taken] = []
        own = psutil.Process()
        for process in [own, *own.children(recursive=True)]:
            with contextlib.suppress(psutil.Error), process.oneshot():  # it may have ended meanwhile
                times = process.cpu_times()
                key, cpu_s = (process.pid, process.create_time()), times.user + times.system
                before = self._before.get(key)
                cores = 0.0 if before is None or seconds <= 0 else max(0.0, cpu_s - before) / seconds
                gpu = sum(gpu.processes.get(process.pid, 0) for gpu in gpus)
                taken.append(Taken(process.pid, process.name(), cpu_s, cores, process.memory_info().rss, gpu))
                found[key] = cpu_s
        self._before = found
        return Sample(tuple(taken), gpus)


def nvidia() -> tuple[Gpu, ...]:
    """Ask the NVIDIA driver; empty where there is none, or no card."""
    if not _has_driver():
        return ()
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return ()
    try:
        return tuple(_gpus(pynvml))
    finally:
        pynvml.nvmlShutdown()


@cache
def _has_driver() -> bool:
    """Look for the driver's library where that is quick: the package takes 30-50 ms of every start to find none."""
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libnvidia-ml.so.1")
        except OSError:
            return False
    return sys.platform != "darwin"


def _gpus(nvml: Any) -> Iterable[Gpu]:
    with contextlib.suppress(nvml.NVMLError):
        for number in range(nvml.nvmlDeviceGetCount()):
            card = nvml.nvmlDeviceGetHandleByIndex(number)
            memory, name = nvml.nvmlDeviceGetMemoryInfo(card), nvml.nvmlDeviceGetName(card)
            processes: dict[int, int] = {}
            with contextlib.suppress(nvml.NVMLError):
                running = nvml.nvmlDeviceGetComputeRunningProcesses(card)
                processes = {each.pid: int(each.usedGpuMemory) for each in running if each.usedGpuMemory is not None}
            yield Gpu(number, str(name), int(memory.used), int(memory.total), processes)


def _mb(size: int) -> float:
    return round(size / 1e6, 1)
