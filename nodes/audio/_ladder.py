"""Chooses the output for the voice: the best that works, down to nothing (in real time)."""

from nodes.audio._devices import exists, open_device
from nodes.audio._outputs import DeviceOutput, NullOutput, Output, PageOutput
from nodes.audio._pages import Pages
from nodes.phrases import phrase, said_by
from nodes.services import Clock, Jobs, Log, Web
from nodes.sound_devices import DeviceMissing

RETRY_S = (0.5, 5.0)
"""First and longest wait before trying a device again."""


class OutputLadder:
    """Holds the output in use: the named device, else the default device, else a page, else nothing.

    ``choose`` never waits; every call that may block is in ``tend`` and ``close``.
    """

    def __init__(self, device: str, prebuffer_ms: int, clock: Clock, jobs: Jobs, web: Web, log: Log) -> None:
        self.output: Output = NullOutput(clock)
        """The output in use."""
        self._prebuffer_ms = prebuffer_ms
        self._clock = clock
        self._jobs = jobs
        self._log = log
        self._pages = Pages(web, clock, prebuffer_ms) if device != "none" else None
        named: dict[str, tuple[str | None, ...]] = {"none": (), "page": (), "auto": (None,)}
        self._wanted = named.get(device, (device, None))
        self._device: DeviceOutput | None = None
        self._opened: DeviceOutput | None = None
        self._rung = 0
        self._due = clock.now()
        self._wait = RETRY_S[0]
        self._told = False
        self._underruns = 0
        self._sounds: bool | None = None
        """Whether the voice can sound anywhere, as last shown."""

    def choose(self, boundary: bool, gain: float) -> bool:
        """Fall back to another output when this one is lost, and switch to a better one between sentences, or, from
        nothing, as soon as the better one would not stall time. Return True if the output changed."""
        output = self.output
        replaced = isinstance(output, DeviceOutput) and output is not self._device
        if replaced or not output.healthy():
            if isinstance(output, PageOutput) and self._pages is not None:
                self._pages.distrust(output)
            elif output is self._device:
                self._lose()
        elif _rank(output) <= self._best_rank() or not (boundary or self._may_leave(output)):
            return False
        self.tell_underruns()
        if isinstance(output, PageOutput):
            output.cut()
        self.output = self._best(gain)
        self._underruns = self.output.underruns
        self._log.info(phrase("the voice goes to: {name}", name=self.output.name))
        return True

    def cut(self, gain: float) -> None:
        """Go silent now; ``output`` takes what comes next."""
        self.tell_underruns()
        self.output.cut()
        if isinstance(self.output, PageOutput):
            self.output = self._best(gain)
            self._underruns = self.output.underruns

    async def tend(self, idle: bool) -> None:
        """Open a device if none is open, and, while nothing is spoken, the named one if it is back."""
        if self._device is not None and not self._device.healthy():
            self._lose()
        self._show()
        due = self._wanted and self._clock.now() >= self._due
        if not due or (self._device is not None and not (idle and await self._better())):
            return
        self._device = None
        missing = await self._jobs.thread(self._open)
        if missing:
            if not self._told:
                self._tell(missing)
            self._due = self._clock.now() + self._wait
            self._wait = min(RETRY_S[1], self._wait * 2)
        else:
            self._told, self._wait = False, RETRY_S[0]
            self._log.well("device")
        self._show()

    async def close(self) -> None:
        """Close the device."""
        self._device = None
        await self._jobs.thread(self._close)

    def dispose(self) -> None:
        """Disconnect from the pages."""
        if self._pages is not None:
            self._pages.dispose()

    def tell_underruns(self) -> None:
        """Log how often the sound was late since the last time."""
        late, self._underruns = self.output.underruns - self._underruns, self.output.underruns
        if late > 0:
            text = phrase("the voice came too late, {count} times: {name}", count=late, name=self.output.name)
            self._log.warning(text, underruns=late)

    def _show(self) -> None:
        """Switch the light of the voice: without a device and without a page nobody hears it, unless that is wanted."""
        sounds = self._pages is None or self._best_rank() < 2
        if sounds != self._sounds:
            self._sounds = sounds
            if sounds:
                self._log.well("voice")
            else:
                text = phrase(
                    "The voice has nowhere to go. Open the page and press 'Sound on', or connect a sound device."
                )
                self._log.awaited("voice", text)

    def _best_rank(self) -> int:
        if self._device is not None and self._device.healthy():
            return 0
        return 1 if self._pages is not None and self._pages.ready else 2

    def _may_leave(self, output: Output) -> bool:
        """Whether another output may take over from this one in mid-sentence."""
        begins = self._device is None or not self._device.healthy() or self._device.steady
        return isinstance(output, NullOutput) and begins

    def _best(self, gain: float) -> Output:
        rank = self._best_rank()
        if rank == 0 and self._device is not None:
            return self._device
        if rank == 1 and self._pages is not None:
            return self._pages.take(gain)
        return NullOutput(self._clock)

    async def _better(self) -> bool:
        """Whether a device that is preferred to the current one has appeared."""
        name = self._wanted[0]
        if self._rung == 0 or name is None:
            return False
        self._due = self._clock.now() + RETRY_S[1]
        return await self._jobs.thread(exists, name)

    def _open(self) -> list[DeviceMissing]:
        """Worker thread: open the first wanted device that can be opened; return why those before it cannot.

        ``close`` closes what is opened here, even if nobody is waiting for it any more.
        """
        self._close()
        missing: list[DeviceMissing] = []
        for rung, name in enumerate(self._wanted):
            try:
                device = open_device(name, self._clock, self._prebuffer_ms)
            except DeviceMissing as reason:
                missing.append(reason)
                continue
            self._rung = rung
            self._opened = self._device = device
            break
        return missing

    def _close(self) -> None:
        device, self._opened = self._opened, None
        if device is not None and device.stream is not None:
            device.stream.close()

    def _lose(self) -> None:
        if self._device is not None:
            name = self._device.name
            self._log.warning(phrase("The sound device is gone and is looked for again: {name}", name=name))
            self._device = None
            self._due = self._clock.now()

    def _tell(self, missing: list[DeviceMissing]) -> None:
        self._told = True
        name, reason = self._wanted[0], missing[0]
        if name is None:
            text = phrase(
                "There is no sound device. The voice sounds in the page once it is open. ({why})", why=said_by(reason)
            )
            self._log.info(text)
            return
        where = phrase("the page") if self._device is None else phrase("the default device")
        text = phrase(
            'The sound device "{name}" cannot be opened, so the voice sounds at {where}. There are: {there} ({why})',
            name=name,
            where=where,
            there=", ".join(reason.there) or phrase("none"),
            why=said_by(reason),
        )
        self._log.trouble("device", text)


def _rank(output: Output) -> int:
    return 0 if isinstance(output, DeviceOutput) else 1 if isinstance(output, PageOutput) else 2
