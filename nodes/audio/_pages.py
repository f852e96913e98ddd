"""The pages that can play sound: which are connected, and which one plays the voice."""

from collections.abc import Iterable, Mapping
from typing import Any

from nodes.audio._outputs import RATE, PageOutput
from nodes.phrases import phrase
from nodes.services import Clock, Json, Web


class Pages:
    """Serves ``/ws/sound``. A page sends ``state`` (running or not) and, while it plays, ``played``."""

    def __init__(self, web: Web, clock: Clock, prebuffer_ms: int) -> None:
        self._clock = clock
        self._prebuffer_ms = prebuffer_ms
        self._running: dict[str, bool] = {}
        self._voice: PageOutput | None = None
        self._number = 0
        self._channel = web.channel("/ws/sound", hello=self._hello, received=self._received, gone=self._gone)

    @property
    def ready(self) -> bool:
        """Whether a page with running sound is connected."""
        return any(self._running.values())

    def take(self, gain: float) -> PageOutput:
        """Make the first page with running sound play the voice.

        Raises:
            LookupError: there is none.
        """
        client = next((client for client, running in self._running.items() if running), None)
        if client is None:
            raise LookupError(phrase("no page with running sound"))
        self._number += 1
        self._voice = PageOutput(
            client,
            self._number,
            lambda message: self._channel.send_to(client, message),
            self._clock,
            self._prebuffer_ms,
            gain,
        )
        return self._voice

    def distrust(self, page: PageOutput) -> None:
        """Do not choose a page that made no progress until it sends ``state`` again."""
        if page.client in self._running:
            self._running[page.client] = False
        page.leave()

    def dispose(self) -> None:
        self._channel.dispose()

    def _hello(self) -> Iterable[Json | bytes]:
        yield {"type": "config", "rate": RATE}

    def _received(self, client: str, message: Mapping[str, Any]) -> None:
        voice = self._voice if self._voice and self._voice.client == client else None
        match message:
            case {"type": "state", "running": bool(running)}:
                self._running[client] = running
                if voice and not running:
                    voice.leave()
            case {"type": "played", "number": int(number), "frames": int(frames), "underruns": int(underruns)}:
                if voice:
                    voice.report(number, frames, underruns)
            case _:
                pass

    def _gone(self, client: str) -> None:
        self._running.pop(client, None)
        if self._voice and self._voice.client == client:
            self._voice.leave()
