"""Graphs that a person, or several, wrote in a hurry: anchors, merges, blocks, odd indents, comments everywhere."""

import random

from nodes import load_all

REGISTRY = load_all()
TYPES = ["chat.typed", "chat.parse", "chat.filter", "chat.batch", "reply.canned", "reply.split", "speech.ladder"]
TYPES += ["audio.play", "overlay.web", "llm.reply"]
NOTES = ["메모", "a: b", "'", '"', "{[", "- x", "&a *b", "#", "tab\there", "끝,"]
VALUES = [
    1,
    2.5,
    True,
    None,
    "a",
    "초코",
    "a b",
    "it's",
    "x: y",
    "${A:-1}",
    "tab\tin",
    "#no",
    "",
    "no",
    "12:30",
    "a, b",
]
PLAIN = ("a", "초코", "no", "12:30", "a b")
NAMES = ["a", "b", "채팅", "c-d", "e_1", "목소리", "g", "no_1"]


def ports(type_):
    spec = REGISTRY.get(type_) if isinstance(type_, str) else None
    return [port.name for port in spec.inputs] if spec is not None else []


def ugly(seed):
    """Return the text of one; not each of them is a graph that can be read."""
    return _Writer(random.Random(seed)).text()


class _Writer:
    def __init__(self, r):
        self.r = r
        self.step = r.choice([1, 2, 2, 3, 4, 8])
        self.anchors = []
        self.merges = []

    def note(self, chance=0.3):
        return "  # " + self.r.choice(NOTES) if self.r.random() < chance else ""

    def between(self, pad, chance=0.25):
        """Lines that say nothing: blank ones, and comments of any indent."""
        out, r = [], self.r
        while r.random() < chance:
            indent = " " * r.randrange(9)
            out.append(r.choice(["", " " * pad + "# 설명: {x}", " " * pad + "#", f"{indent}# 줄 밖", "   "]))
        return out

    def scalar(self):
        value = self.r.choice(VALUES)
        if isinstance(value, str):
            if value not in PLAIN or self.r.random() < 0.4:
                single, double = value.replace("'", "''"), value.replace('"', '\\"')
                return self.r.choice([f'"{double}"', f"'{single}'"])
            return value
        return {True: "true", None: self.r.choice(["null", "~"])}.get(value if value in (None, True) else 0, str(value))

    def flow(self, depth=0):
        r, kind = self.r, self.r.random()
        if kind < 0.55 or depth > 2:
            return "*" + r.choice(self.anchors) if self.anchors and r.random() < 0.08 else self.scalar()
        keyed = kind < 0.8
        body = [(f"k{i}: " if keyed else "") + self.flow(depth + 1) for i in range(r.randrange(4))]
        comma = ", " if keyed else r.choice([", ", ","])
        trailing = r.choice([",", ", ", ""]) if body else ""
        opened, closed = "{}" if keyed else "[]"
        return opened + r.choice(["", " "]) + comma.join(body) + trailing + closed

    def value(self, pad):
        """The lines of a value; the first one stands behind the colon."""
        r, kind, inner = self.r, self.r.random(), " " * (pad + self.step)
        if kind < 0.55:
            if r.random() < 0.12:
                self.anchors.append(f"n{len(self.anchors)}")
                return [f"&{self.anchors[-1]} {self.scalar()}{self.note()}"]
            return [self.flow() + self.note()]
        if kind < 0.65:
            sign = r.choice(["|", ">", "|-", ">-", "|+", "|2" if self.step == 2 else "|"])
            return [
                sign + self.note(0.2),
                *(inner + x for x in ("첫 줄", "  # 글", "", "끝: 줄")),
                *([""] * r.randrange(2)),
            ]
        if kind < 0.75:
            return ['"두 줄', f'{inner} 이어짐"' + self.note()]
        out = [self.note()]
        if kind < 0.9:
            indent = pad + (0 if kind < 0.8 else self.step)
            for _ in range(r.randrange(1, 4)):
                out += [*self.between(indent), *self.item(indent)]
            return out
        for i in range(r.randrange(1, 4)):
            out += [*self.between(pad + self.step), f"{inner}m{i}:{r.choice([' ', '  '])}{self.flow()}{self.note()}"]
        return out

    def item(self, indent):
        r, pad = self.r, " " * indent
        if r.random() < 0.3:
            first = f"{pad}- a: {self.scalar()}{self.note()}"
            return [first, *self.between(indent + 2, 0.1), f"{pad}  b: {self.flow()}{self.note()}"]
        return [f"{pad}-{r.choice([' ', '   '])}{self.flow()}{self.note()}"]

    def reference(self, others):
        one, two = self.r.choice(others), self.r.choice(others)
        forms = [one, f"[{one}.out, {two}]", f'"{one}"', f"'{one}.out'", f"[ {one} , ]", f"[{one}, {two}]"]
        lines = f"[{one},{self.note(0.5)}\n{' ' * 20}{two}]"
        return self.r.choice([*forms, lines, f"{{from: {one}, capacity: 3}}", f"[{{from: {one}}}, {two}]"])

    def node(self, name, others, pad):
        r, type_, lead = self.r, self.r.choice(TYPES), " " * pad
        inputs = {
            "in" if i == 0 and r.random() < 0.7 else port: self.reference(others)
            for i, port in enumerate(ports(type_))
            if r.random() < 0.6
        }
        merge = [f"<<: *{r.choice(self.merges)}"] if self.merges and r.random() < 0.25 else []
        key = r.choice([name, name, f'"{name}"', f"'{name}'"])
        extra = [f"s{i}" for i in range(r.randrange(4))]
        parts = [f"type: {type_}", *merge, *(f"{k}: {v}" for k, v in inputs.items())]
        kind = r.random()
        if kind < 0.2:
            parts += [f"{k}: {self.flow()}" for k in extra]
            ends = r.choice(["", " ", ",", ", "])
            return [f"{lead}{key}: {{{r.choice(['', ' '])}{', '.join(parts)}{ends}}}" + self.note()]
        if kind < 0.4:
            return self.over_lines(key, [*parts, *(f"{k}: {self.flow()}" for k in extra)], pad)
        out = [f"{lead}{key}:" + self.note()]
        rows = [[part + self.note()] for part in parts]
        for k in extra:
            first, *more = self.value(pad + self.step)
            rows.append([f"{k}:{' ' if first and not first.startswith('  #') else ''}{first}", *more])
        for first, *more in rows:
            out += [*self.between(pad + self.step, 0.15), " " * (pad + self.step) + first, *more]
        return out

    def over_lines(self, key, parts, pad):
        """A node in braces, with a line for each key."""
        r, out = self.r, [f"{' ' * pad}{key}: {{" + self.note()]
        for i, part in enumerate(parts):
            last = i + 1 == len(parts)
            comma = "" if last and r.random() < 0.6 else ","
            out += [*self.between(pad + self.step, 0.15), " " * (pad + self.step) + part + comma + self.note()]
        if r.random() < 0.7:
            return [*out, " " * (pad + 1) + "}" + self.note()]
        return [*out[:-1], out[-1].split("#")[0].rstrip(" ,") + "}"]

    def story(self, names):
        r = self.r
        out = [f"  - name: t{self.note()}", f'    in: {{{names[0]}: "-a"}}']
        out += [f"    fakes: {{{names[1]}: x, '{names[0]}': [y]}}{self.note()}"] if r.random() < 0.5 else []
        if r.random() < 0.5:
            return [*out, f"    out: {{{names[-1]}.out: [a], '{names[0]}': \"a\"}}"]
        return [*out, "    out:", f'      {names[-1]}: "a"' + self.note(), f'      {names[0]}.out: "a"']

    def text(self):
        r = self.r
        out = [*(["# 머리"] if r.random() < 0.5 else []), *(["---"] if r.random() < 0.15 else [])]
        out += ["name: ugly" + self.note()]
        if r.random() < 0.5:
            one_line = "x-common: &common {stop: a.out, volume: 1}"
            out += [one_line] if r.random() < 0.5 else ["x-common: &common", "  stop: a.out", "  volume: 1"]
            self.merges.append("common")
        names = r.sample(NAMES, r.randrange(2, 7))
        if r.random() < 0.05:
            bodies = ", ".join(f"{name}: {{type: {r.choice(TYPES)}, in: {names[0]}}}" for name in names)
            out += [f"nodes: {{{bodies}}}" + self.note()]
        else:
            pad = r.choice([self.step, self.step, 1])
            out += ["nodes:" + self.note()]
            for i, name in enumerate(names):
                out += [*self.between(pad), *self.node(name, names[:i] or [name], pad)]
        if r.random() < 0.4:
            out += ["tests:", *self.story(names), *(self.story(names[::-1]) if r.random() < 0.5 else [])]
        return "\n".join(out) + r.choice(["\n", "\n", "", "", "\n\n\n", "\n# 끝", "\n..."])
