"""``audio.play`` on virtual time with pages that tests play the part of, and in real time with real ones."""

import asyncio

from reactivex.scheduler.eventloop import AsyncIOScheduler

from graphs.engine.flow.host import Keeping
from graphs.engine.flow.instance import Instance
from nodes import load_all
from nodes.services import Clock, Files, Log, Web
from nodes.troubles import Troubles
from schemas.playback import Heard, Speaking
from schemas.speech import SpeechChunk, SpeechEnded, SpeechStarted
from tests.fakes import FakeWeb
from tests.harness import LoopClock, run
from tests.nodes.audio.fakes import RATE, frames

TICK = 0.017
"""How late the player may tell: it looks 60 times a second."""


class FakeFiles:
    def __init__(self, folder):
        self.folder = folder

    def watch(self, path, parse):
        raise AssertionError

    def session(self):
        if self.folder is None:
            raise OSError("read-only")
        return self.folder


def play(
    speech,
    web=None,
    folder=None,
    during=None,
    until=60.0,
    complete_at=None,
    stop=(),
    alert=(),
    muted=(),
    kept=None,
    **settings,
):
    """Run the node without a device unless ``device`` says otherwise; it records where ``folder`` is given."""
    wired = {"stop": stop, "alert": alert, "muted": muted}
    ran = run(
        "audio.play",
        {"speech": speech, **{port: given for port, given in wired.items() if given}},
        settings={"device": "none", "record": folder is not None, "lead_ms": 0, **settings},
        services={Web: web or FakeWeb(), Files: FakeFiles(folder)},
        during=during,
        until=until,
        complete_at=complete_at,
        kept=kept,
    )
    assert ran.error is None, ran.error
    return ran


def times(ran, kind):
    """Give the events of a kind and when they came, without those that only tell how much of a turn is left."""
    return [(at, event) for at, _, event in ran.out if isinstance(event, kind) and not is_left(event)]


def is_left(event):
    return isinstance(event, Speaking) and event.left_s is not None


def lefts(ran):
    """Give (when it was told, turn, how many seconds of it were left)."""
    return [(at, event.turn, event.left_s) for at, _, event in ran.out if is_left(event)]


def ends(ran):
    return [(at, event.turn, event.sentence) for at, event in times(ran, Heard) if event.ended]


async def listen(instance, web, name, seconds, start=0.0, stall_at=1e9):
    """A page that is open from ``start`` for this many seconds and plays what it is sent in real time; its messages."""
    await instance.jobs.sleep(start)
    sound = web.opened("/ws/sound")
    sent = sound.connect(name)
    assert sent[0]["rate"] == RATE
    sound.say({"type": "state", "running": True, "rate": RATE}, name)
    step, at = 0.05, start
    played, before, number = 0, 0, 0
    while at < start + seconds:
        begun = [index for index, message in enumerate(sent) if isinstance(message, dict) and "number" in message]
        if begun and sent[begun[-1]]["number"] != number:
            number, played, before = sent[begun[-1]]["number"], 0, frames(sent[: begun[-1]])
        if number and at < stall_at:
            played = min(played + int(step * RATE), frames(sent) - before)
            sound.say({"type": "played", "number": number, "frames": played, "underruns": 0, "rms": 0.1}, name)
        await instance.jobs.sleep(step)
        at += step
    if name in sound.pages:  # the node may have ended before
        sound.leave(name)
    return sent


class RealTime(Troubles):
    """The node on the running loop; ``out`` is what it emitted and when, ``lines`` its log."""

    blocked = 0

    def __init__(self, web, **settings):
        self.out, self.lines, self.error, self.done = [], [], None, asyncio.Event()
        self.kept = Keeping()
        spec = load_all()["audio.play"]
        lent = {Clock: LoopClock(), Web: web, Files: FakeFiles(None), Log: self}
        self.node = Instance("voice", spec, spec.settings(record=False, **settings), {"speech", "stop"}, lent, self)

    def emit(self, port, event):
        self.out.append((asyncio.get_running_loop().time(), event))

    def failed(self, event, error):
        self.error = error
        self.done.set()

    def finished(self):
        self.done.set()

    def wake(self):
        pass

    def writable(self):
        return None

    def info(self, text, **_):
        self.lines.append(text)

    warning = info

    def start(self):
        self.node.start(AsyncIOScheduler(asyncio.get_running_loop()))

    async def feed(self, event):
        while not self.node.ready("speech"):
            assert self.error is None, self.error
            await asyncio.sleep(0.005)
        self.node.feed("speech", event)

    async def say(self, turn, sound):
        """Give it a sentence in pieces of 80 ms as fast as it takes them; the time at which it was begun."""
        begun = asyncio.get_running_loop().time()
        await self.feed(SpeechStarted(turn=turn, sentence=0, text="안녕하세요"))
        size = RATE * 80 // 1000
        for number, at in enumerate(range(0, len(sound), size)):
            chunk = sound[at : at + size]
            await self.feed(SpeechChunk(turn=turn, sentence=0, samples=chunk, rate=RATE, sequence=number))
        await self.feed(SpeechEnded(turn=turn, sentence=0, last=True))
        return begun

    async def over(self, turn, seconds=20.0):
        """Wait for the end of a turn; when it was."""
        wanted = Speaking(turn=turn, speaking=False)
        async with asyncio.timeout(seconds):
            while not (found := [at for at, event in self.out if event == wanted]):
                assert self.error is None, self.error
                await asyncio.sleep(0.005)
        return found[0]

    def first(self, kind, since):
        """Give the time when it first emitted an event of this kind."""
        return next(at for at, event in self.out if at >= since and isinstance(event, kind))

    async def complete(self, seconds=15.0):
        """No more comes: wait until it has ended."""
        while not self.node.ready("speech"):
            await asyncio.sleep(0.005)
        self.node.complete()
        await asyncio.wait_for(self.done.wait(), seconds)

    async def close(self):
        await self.node.close()
        assert self.error is None, self.error
