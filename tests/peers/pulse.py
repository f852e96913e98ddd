"""Runs a private PulseAudio with a null sink named like a virtual cable; what is played into it can be recorded."""

import os
import shutil
import signal
import subprocess
import threading
import time

import numpy as np
import pytest

SINK = "CABLE_Input"
RATE = 48_000
MICROPHONE = "StreamMic"
NEEDED = ("pulseaudio", "parec", "pactl")


class Pulse:
    """A running sound server; programs reach it with the variables in ``env``."""

    def __init__(self, folder):
        self.env = {
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder / "pulse"),
            "PULSE_STATE_PATH": str(folder / "state"),
            "PULSE_SERVER": f"unix:{folder}/pulse/native",
            "HOME": str(folder),
        }
        for name in ("pulse", "state"):
            (folder / name).mkdir(mode=0o700)
        self._socket = folder / "pulse" / "native"
        self._log = (folder / "pulse.log").open("wb")
        self._server = subprocess.Popen(
            [
                *(
                    "pulseaudio",
                    "-n",
                    "--daemonize=no",
                    "--exit-idle-time=-1",
                    "--use-pid-file=no",
                    "--log-target=stderr",
                ),
                *("-L", f"module-native-protocol-unix socket={self._socket} auth-anonymous=1"),
                *(
                    "-L",
                    f"module-null-sink sink_name={SINK} rate={RATE} channels=2 "
                    f"sink_properties=device.description={SINK}",
                ),
                *("-L", "module-always-sink"),
            ],
            env={**os.environ, **self.env},
            stderr=self._log,
        )
        end = time.monotonic() + 10
        while not self._socket.exists():
            if self._server.poll() is not None or time.monotonic() > end:
                self.stop()
                raise RuntimeError(f"pulseaudio did not start, see {folder}/pulse.log")
            time.sleep(0.02)

    def stop(self):
        if self._server.poll() is None:
            self._server.send_signal(signal.SIGTERM)
            self._server.wait(10)
        self._log.close()

    def die(self):
        """End at once, without telling the programs that are playing."""
        self._server.kill()
        self._server.wait(10)

    def record(self, sink=SINK):
        return Recording(self, sink)

    def streams(self):
        """Count the streams that are playing now."""
        return len(self._control("list", "short", "sink-inputs").splitlines())

    def listeners(self):
        """Count the streams that are recording now."""
        return len(self._control("list", "short", "source-outputs").splitlines())

    def add(self, sink):
        """Add another device, as if it were plugged in."""
        self._control(
            *("load-module", "module-null-sink", f"sink_name={sink}", f"rate={RATE}", "channels=2"),
            f"sink_properties=device.description={sink}",
        )

    def prefer(self, sink):
        """Make a device the default one."""
        self._control("set-default-sink", sink)

    def remove(self, sink):
        """Unplug a device and return when (monotonic). A stream that may be moved goes to another device."""
        for module in self._control("list", "short", "modules").decode().splitlines():
            number, name, words = [*module.split("\t"), ""][:3]
            if name == "module-null-sink" and f"sink_name={sink}" in words.split():
                at = time.monotonic()
                self._control("unload-module", number)
                return at
        raise LookupError(sink)

    def nowhere_else(self):
        """Unload the sink that PulseAudio makes when there is no other."""
        self._control("unload-module", "module-always-sink")

    def sinks(self):
        """Return the existing devices."""
        return [line.split("\t")[1] for line in self._control("list", "short", "sinks").decode().splitlines()]

    def _control(self, *words):
        env = {**os.environ, **self.env}
        return subprocess.run(["pactl", *words], env=env, capture_output=True, check=False).stdout


class Recording:
    """Records the monitor of a sink while it is open: float32 mono at ``RATE``. The monitor delivers nothing until a
    stream plays."""

    def __init__(self, pulse, sink=SINK):
        self._data = bytearray()
        self._came = []  # (time, samples so far) of each block
        self._parec = subprocess.Popen(
            [
                *("parec", "-d", f"{sink}.monitor", "--format=s16le", f"--rate={RATE}"),
                *("--channels=1", "--raw", "--latency-msec=20"),
            ],
            env={**os.environ, **pulse.env},
            stdout=subprocess.PIPE,
        )
        self._reader = threading.Thread(target=self._read)

    def _read(self):
        for block in iter(lambda: self._parec.stdout.read(1920), b""):
            self._data.extend(block)
            self._came.append((time.monotonic(), len(self._data) // 2))

    def __enter__(self):
        self._reader.start()
        return self

    def __exit__(self, *_):
        self._parec.terminate()
        self._parec.wait(10)
        self._reader.join(10)
        self._parec.stdout.close()

    @property
    def samples(self):
        data = bytes(self._data[: len(self._data) // 2 * 2])
        return np.frombuffer(data, "<i2").astype(np.float32) / 32767

    def at(self, sample):
        """Return when (monotonic) a sample came."""
        return next(when for when, count in self._came if count > sample)


class Microphone:
    """A device that a test speaks into, unplugs and plugs in again: the monitor of another sink. Silence is played into
    it all the time, as a real one always gives sound."""

    def __init__(self, pulse):
        self._pulse = pulse
        self._silence = None

    def plug(self):
        self._pulse.add(MICROPHONE)
        self._silence = subprocess.Popen(
            ["pacat", "-d", MICROPHONE, "--format=s16le", "--rate=16000", "--channels=1", "--raw", "/dev/zero"],
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._pulse.env},
        )

    def unplug(self):
        """Return when, by ``time.monotonic``."""
        at = self._pulse.remove(MICROPHONE)
        self.close()
        return at

    def close(self):
        if self._silence is not None:
            self._silence.kill()
            self._silence.wait(10)
            self._silence = None

    def says(self, file):
        """Begin to speak."""
        return subprocess.Popen(
            ["paplay", "-d", MICROPHONE, str(file)],
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self._pulse.env},
        )


def match(recorded, reference):
    """Return how well the reference is found in the recording: (correlation, where it begins)."""
    size = 1 << (len(recorded) + len(reference)).bit_length()
    product = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(reference, size)), size)
    at = int(np.argmax(product[: len(recorded)]))
    part = recorded[at : at + len(reference)]
    if len(part) < len(reference):
        return 0.0, at
    return float(np.dot(part, reference) / np.sqrt(np.dot(part, part) * np.dot(reference, reference) + 1e-12)), at


@pytest.fixture
def pulse(tmp_path, monkeypatch):
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    # a socket's path may not be longer than 107 bytes
    folder = tmp_path / "p"
    folder.mkdir(mode=0o700)
    server = Pulse(folder)
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    yield server
    server.stop()
