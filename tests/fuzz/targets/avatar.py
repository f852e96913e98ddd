"""Fuzzes messages from VTube Studio, one a line, after requests of ours; ``$`` stands for the newest request's id."""

import math

from nodes.avatar._vts.calls import Answer, ApiError, Calls
from nodes.avatar._vts.faces import Faces
from nodes.avatar._vts.feed import Feed
from nodes.avatar._vts.session import ranges
from schemas.pose import PoseFrame
from tests.fuzz.targets._laws import must, wire

_FRAME = PoseFrame(at=0.0, values={"FaceAngleX": 3.0, "MouthOpen": 0.5, "Ours": 1.0}, offsets={"FaceAngleX": 0.1})


def check(data: bytes) -> None:
    said: list[str] = []
    calls, feed = Calls(), Feed(said.append)
    faces = Faces({"happy": "웃음", "sad": "choco-sad"}, {"angry": "angry.exp3.json"}, 0.2, said.append)
    now = 0.0
    feed.begin({}, now)
    opened = 0

    def ask(kind: str, fields: dict[str, object], then: object) -> None:
        nonlocal opened
        opened += 1
        must(len(calls.open(kind, fields, now, then)) < 1 << 20)  # type: ignore[arg-type]

    def heard(answer: Answer) -> None:
        if isinstance(answer, ApiError):
            must(isinstance(answer.id, int), answer.id)
            return
        known = ranges(answer)
        must(all(math.isfinite(low) and math.isfinite(high) and low < high for low, high in known.values()), known)
        feed.know(known)
        faces.listed(answer)

    for number, line in enumerate(data.decode("utf-8", "replace").split("\n")[:64]):
        now += 0.25
        faces.feel(("happy", "sad", "angry")[number % 3])
        feed.take(_FRAME, now)
        for kind, fields, then in faces.due(now):
            wire(fields)
            ask(kind, fields, then)
        for fields, then in feed.due(now):
            wire(fields)
            ask("InjectParameterData", fields, then)
        if number % 2 == 0:
            ask("InputParameterList", {}, heard)
        event = calls.receive(line.replace("$", f"aischoco-{opened}"))
        must(event is None or event[0].endswith("Event"), event)
    must(calls.waiting_s(now) >= 0 and len(said) < 600, said)
