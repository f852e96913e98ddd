"""A small show, to be looked at while it runs: the odd messages are dropped, each of the others is a turn."""

SHOW = {
    "a": ("chat.count", {"count": 4, "every_s": 1.0}),
    "b": "chat.refuse",
    "c": "chat.single",
    "d": ("audio.say", {"work_s": 0.5}),
}
WIRES = ("a -> b", "b -> c", "c -> d", "d.speaking -> c.speaking")
