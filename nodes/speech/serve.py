"""``aischoco.py serve-tts``: this machine's voice for others, over HTTP."""

import argparse
import asyncio
import contextlib
import json
import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from nodes import bad_requests
from nodes.commands import command
from nodes.loopback import is_loopback
from nodes.patience import Listener
from nodes.phrases import phrase, said_by
from nodes.speech._speaking.voice import Voice, VoiceError
from nodes.speech._voices import Choice, HttpChoice, local
from nodes.troubles import Troubles
from nodes.written import NotText, contents, written
from schemas.command import FAILED, OK, USAGE

T = TypeVar("T")

HOST, PORT = "127.0.0.1", 5000
_log = logging.getLogger("aischoco.serve_tts")
_REFERENCES = {"samples": "REF_AUDIO_DIR", "model": "REF_MODEL_PATH"}
"""Setting of the cloned voice -> the variable that may hold it."""


class Hand:
    """A ``Worker`` outside a graph."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="aischoco-voice")

    async def thread(self, call: Callable[..., T], *args: Any) -> T:
        """Run it in the single thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)

    def close(self) -> None:
        """Take no more calls; a running one is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Terminal(Troubles):
    """A ``Log`` on the terminal."""

    def info(self, text: str, **fields: object) -> None:
        print(" ".join([text, *(f"{name}={value}" for name, value in fields.items())]), flush=True)

    warning = info

    def hide(self, secret: str) -> None:
        """Do nothing: no secret is logged here."""


@command("serve-tts", "serve this machine's voice to others over HTTP (OpenAI speech API and /synthesize)")
def serve_tts(argv: Sequence[str], root: Path, env: Mapping[str, str]) -> int:  # noqa: ARG001
    """Serve until told to stop.

    Returns:
        0 ended by the operator, 1 the voice or the address cannot be had, 2 a token is missing or a
            setting is wrong.
    """
    asked = _parser(env).parse_args(argv)
    if asked.token_file is not None:
        try:
            asked.token = written(contents(asked.token_file)).text.strip()
        except (OSError, NotText) as error:
            print(phrase("{file}: cannot be read: {why}", file=f"--token-file {asked.token_file}", why=said_by(error)))
            return USAGE
    elif asked.token and asked.token != env.get("TTS_SERVER_TOKEN"):
        print(phrase("other users of this machine can see --token; use TTS_SERVER_TOKEN in .env or --token-file"))
    if not is_loopback(asked.host) and not asked.token:
        text = phrase(
            "{host}: an address that others can reach needs TTS_SERVER_TOKEN in .env, long and secret, or --token-file",
            host=asked.host,
        )
        print(text)
        return USAGE
    try:
        config = _settings(asked.voice, asked.settings, env)
    except (ValidationError, ValueError) as error:
        print(f"--settings: {error}")
        return USAGE
    hand = Hand()
    try:
        asyncio.run(_serve(local(config, hand, _Terminal()), asked))
    except KeyboardInterrupt:
        pass
    except (VoiceError, OSError) as error:
        print(phrase("The voice server could not be opened. {why}", why=said_by(error)))
        return FAILED
    finally:
        hand.close()
    print(phrase("The voice server is closed."))
    return OK


def _parser(env: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="aischoco.py serve-tts", description=phrase("Serve this machine's voice."))
    parser.add_argument("--voice", choices=("kokoro", "qwen", "system"), default="kokoro", help=phrase("which voice"))
    parser.add_argument("--settings", default="{}", metavar="JSON", help=phrase('its settings: {"voice": "jm_kumo"}'))
    parser.add_argument(
        "--host", default=env.get("TTS_SERVER_HOST") or HOST, help=phrase("0.0.0.0 for the whole network")
    )
    parser.add_argument(
        "--port", type=int, default=env.get("TTS_SERVER_PORT") or PORT, help=phrase("0 for any free one")
    )
    parser.add_argument(
        "--token",
        default=env.get("TTS_SERVER_TOKEN") or "",
        help=phrase("what a caller must show; better in TTS_SERVER_TOKEN, for others can see it here"),
    )
    parser.add_argument("--token-file", type=Path, metavar="FILE", help=phrase("a file that holds the token alone"))
    parser.add_argument("--queue", type=int, default=8, help=phrase("how many requests may wait; more get 503"))
    return parser


def _settings(voice: str, settings: str, env: Mapping[str, str]) -> Any:
    """Return the voice's settings: what the variables of .env say, then what was given.

    Raises:
        ValueError: they are not valid.
    """
    given = json.loads(settings)
    if not isinstance(given, dict):
        raise ValueError(phrase("must be a JSON object"))
    told: dict[str, Any] = {"type": voice}
    if voice == "qwen":
        told.update({name: env[variable] for name, variable in _REFERENCES.items() if env.get(variable)})
        if env.get("MODELS_DIR") and env.get("MODEL_FOLDER"):
            told.setdefault("model", str(Path(env["MODELS_DIR"]) / env["MODEL_FOLDER"]))
    config: Any = TypeAdapter(Choice).validate_python({**told, **given})
    assert not isinstance(config, HttpChoice)  # noqa: S101 - the choice has no such voice
    return config


async def _serve(voice: Voice, asked: argparse.Namespace) -> None:
    """Answer at once, with 503 until the voice is prepared.

    Raises:
        VoiceError: it cannot be prepared.
        OSError: the address is taken.
    """
    from nodes.speech._serve_app import Desk

    desk = Desk(voice, asked.voice, asked.token, asked.queue)
    _log.addFilter(bad_requests.keep)
    # handler_cancellation: a caller that goes away stops the voice.
    listener = Listener(desk.application(), logger=_log, handler_cancellation=True, shutdown_timeout=1.0)
    port = await listener.open(asked.host, asked.port)
    try:
        stopped = asyncio.Event()
        with contextlib.suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
        try:
            await voice.prepare()
            desk.ready = True
            host = f"[{asked.host}]" if ":" in asked.host else asked.host
            text = phrase(
                "voice server: {address} ({voice}). Ctrl+C ends it", address=f"http://{host}:{port}", voice=asked.voice
            )
            print(text, flush=True)
            await stopped.wait()
        finally:
            await voice.close()
    finally:
        await listener.close()
