"""Reads where the pages of a show are served, and who may use them.

``OVERLAY_HOST``, ``OVERLAY_PORT``, ``OVERLAY_KEY``, ``REMOTE_KEY`` and ``STUDIO_REMOTE``.
"""

from collections.abc import Mapping
from pathlib import Path

from graphs.engine.web.private import REMOTE
from graphs.engine.web.server import LocalWeb
from graphs.engine.web.table import Around, same
from nodes.phrases import phrase
from nodes.services import Log

HOST, PORT = "127.0.0.1", 8765


def web(env: Mapping[str, str], log: Log, root: Path, *, around: Around = same) -> LocalWeb:
    """Make the web server of a show; it does not listen yet, and the log hides its keys.

    Raises:
        ValueError: the port is not valid, or a key is too short.
    """
    host, port = address(env)
    key, remote_key = env.get("OVERLAY_KEY", ""), env.get("REMOTE_KEY", "")
    desk = env.get(REMOTE, "") == "1"
    made = LocalWeb(host, port, log, root=root, key=key, remote_key=remote_key, remote_desk=desk, around=around)
    log.hide(made.access.key)
    log.hide(made.remote.key)
    return made


def address(env: Mapping[str, str]) -> tuple[str, int]:
    """Return host and port; an empty variable counts as unset.

    Raises:
        ValueError: the port is not valid.
    """
    host, port = env.get("OVERLAY_HOST") or HOST, env.get("OVERLAY_PORT") or str(PORT)
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and int(port) < 65536):
        raise ValueError(phrase("OVERLAY_PORT {port}: it must be a number up to 65535", port=repr(port[:20])))
    return host, int(port)


def foreign(web: LocalWeb) -> str:
    """Return the address for other machines; if the server listens on every address, the IP must be filled in."""
    if not web.everywhere:
        return web.url
    return phrase("http://<IP of this computer>:{port}", port=web.url.rpartition(":")[2])
