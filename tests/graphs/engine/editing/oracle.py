"""Says, by means of its own, what an edit may change in a text: which characters, and which comments may go.

It takes nothing from the code that it judges; places come from the events of PyYAML.
"""

import functools
import re
from collections import Counter
from dataclasses import dataclass, field
from difflib import SequenceMatcher

import yaml

from tests.graphs.engine.editing.ugly import ports


@dataclass(eq=False)
class Spot:
    """A value where it is written."""

    kind: str
    start: int
    end: int
    text: str = ""
    style: str = ""
    flow: bool = False
    anchor: str | None = None
    kids: list["Spot"] = field(default_factory=list)

    @property
    def pairs(self):
        return list(zip(self.kids[::2], self.kids[1::2], strict=True)) if self.kind == "map" else []

    @property
    def merges(self):
        return any(key.text == "<<" and not key.style for key, _ in self.pairs)


@functools.lru_cache(1024)
def spots(text):
    stack, root = [], None
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        start, end = event.start_mark.index, min(event.end_mark.index, len(text))
        if isinstance(event, yaml.CollectionEndEvent):
            done = stack.pop()
            done.end = end if done.flow else done.end
            continue
        if not isinstance(event, yaml.NodeEvent):
            continue
        if isinstance(event, yaml.AliasEvent):
            spot = Spot("alias", start, end, text=event.anchor)
        elif isinstance(event, yaml.ScalarEvent):
            spot = Spot("scalar", start, end, event.value, event.style or "", anchor=event.anchor)
        else:
            kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
            spot = Spot(kind, start, end, flow=bool(event.flow_style), anchor=event.anchor)
        if stack:
            stack[-1].kids.append(spot)
        root = root or spot
        if spot.kind in ("map", "list"):
            stack.append(spot)
    return root


def find(text, path):
    """Return (key, value, holder); the value is None where the path is not written out."""
    key, value, holder = None, spots(text), None
    for step in path:
        holder = value
        if holder.kind == "map":
            key, value = next(((k, v) for k, v in holder.pairs if k.text == step), (None, None))
        else:
            key, value = None, holder.kids[step] if isinstance(step, int) and step < len(holder.kids) else None
        if value is None:
            break
    return key, value, holder


def own_end(text, spot, key=None):
    """Where what belongs to a value ends; the comment on its line does not."""
    if spot.kind in ("map", "list") and not spot.flow:
        return own_end(text, spot.kids[-1], spot.kids[-2] if spot.kind == "map" else None)
    if spot.style in ("|", ">"):
        written = text[spot.start : spot.end]
        return spot.end if re.match(r"(&\S+\s+)?[|>]\d?\+", written) else spot.start + len(written.rstrip())
    if spot.kind == "scalar" and spot.start == spot.end and key is not None:
        colon = re.compile(r"\s*:").match(text, key.end)
        return colon.end() if colon else key.end
    return spot.end


def line_start(text, at):
    return text.rfind("\n", 0, at) + 1


def line_end(text, at):
    """The begin of the next line; a value that ends with its line ends there itself."""
    if at and text[at - 1] == "\n":
        return at
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def around(text, key, value):
    """From the colon of a key to the end of its value; the lines of a block are whole."""
    end = own_end(text, value, key)
    start = key.end if key is not None else value.start
    block = (value.kind in ("map", "list") and not value.flow) or value.style in ("|", ">")
    return (start, line_end(text, end)) if block else (start, max(end, value.end))


def comments(text):
    """(place, text) of every comment."""
    found, end = [], 0
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        start, stop = token.start_mark.index, token.end_mark.index
        if start > end:
            found += [(end + m.start(), m[0]) for m in re.finditer(r"#[^\n]*", text[end:start])]
        if isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            head = re.match(r"[|>][^\s#]*[ \t]*(#[^\n]*)?", text[start:])
            found += [(start + head.start(1), head[1])] if head[1] else []
        end = max(end, stop)
    return found + [(end + m.start(), m[0]) for m in re.finditer(r"#[^\n]*", text[end:])]


def above(text, start):
    """Where the comment right above what begins at ``start`` begins, if it is indented as that is."""
    at = line_start(text, start)
    while at:
        before = line_start(text, at - 1)
        if not text.startswith(" " * (start - line_start(text, start)) + "#", before):
            break
        at = before
    return at


# What an edit may change.


def judge(old, new, op, want):
    """Fail unless ``new`` is ``old`` with no more changed than ``op`` asks for."""
    {"set": _set, "unset": _unset, "type": _set, "add_node": _inserted, "copy_node": _inserted}.get(
        op["op"], globals().get("_" + op["op"])
    )(old, new, op)
    given = [f"# {line.strip()}" for line in (op.get("comment") or "").split("\n") if line.strip()]
    gone, came = _difference(comments(old), comments(new))
    assert sum(came.values()) <= len(given), f"comments came: {came}"
    may = [(place, text) for place, text in comments(old) if any(a <= place < b for a, b in lost(old, op, want))]
    assert gone <= Counter(text for _, text in may), f"comments were lost: {gone}"


def _difference(old, new):
    one, two = (Counter(text for _, text in each) for each in (old, new))
    return one - two, two - one


def path_of(op):
    return ("nodes", op["node"], "type") if op["op"] == "type" else tuple(op["path"])


def _set(old, new, op):
    key, value, _ = find(old, path_of(op))
    if value is None:
        _inserted(old, new, op)
        return
    start, end = around(old, key, value)
    if value.kind in ("scalar", "alias") and value.style not in ("|", ">") and value.start < value.end:
        start, end = value.start, value.end
        wanted = op["value"]
        if value.style in ("'", '"') and isinstance(wanted, str) and new != old and not value.anchor:
            fits = value.style == '"' or re.fullmatch(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]*", wanted)
            assert new[start] == (value.style if fits else '"'), "the quotes are other ones"
    elif value.flow:
        start, end = value.start, value.end
    if value.kind in ("map", "list") and not _anew(value, op["value"]):
        for kid in _staying(value, op["value"]):
            assert old[kid.start : own_end(old, kid)] in new, "an item that stays is written in another way"
    only(old, new, (start, end))
    if value.style in ("|", ">"):  # the comment of its first line stays on this line
        head = re.match(r"[^\n#]*(?:(?<=\s)(#[^\n]*))?", old[value.start :])
        assert not head[1] or head[1] in new[value.start : line_end(new, value.start)] or new == old


def _inserted(old, new, op):
    """Nothing of the old text goes, unless a value is written where none was; and it comes to two places at most."""
    path = ("nodes", op["node"]) if op["op"] in ("add_node", "copy_node") else path_of(op) if "path" in op else None
    before = len(old) - len(common(old, new)[1])
    prefix = len(common(old, new)[0])
    holder_path = path[:-1] if path else None
    if holder_path is not None:
        key, holder, _ = find(old, holder_path)
        if holder is not None and (holder.kind == "scalar" or not holder.kids):
            only(old, new, around(old, key, holder))
            return
        if holder is not None:
            start = line_start(old, holder.kids[0].start) if not holder.flow else holder.start
            only(old, new, (start, line_end(old, own_end(old, holder)) if not holder.flow else holder.end))
    assert old[prefix:before] in new[prefix : len(new) - (len(old) - before)], "something was replaced"


def _unset(old, new, op):
    removed(old, new, path_of(op))


def removed(old, new, path, comments_too=False):
    key, value, holder = find(old, path)
    siblings = holder.pairs if holder.kind == "map" else holder.kids
    if holder.flow:
        only(old, new, (holder.start, holder.end))
        _deleted(old, new)
        return
    if len(siblings) == 1:
        around_key, around_value, _ = find(old, path[:-1])
        only(old, new, around(old, around_key, around_value))
        return
    empty = value.kind == "scalar" and value.start == value.end  # then the dash itself is where it stands
    start = key.start if key is not None else old.rfind("-", 0, value.start + 1 if empty else value.start)
    end = own_end(old, value, key)
    if old[line_start(old, start) : start].strip(" "):  # the first key of ``- a: 1``
        _deleted(old, new)
        return
    first = above(old, start) if comments_too else line_start(old, start)
    last = blank_below(old, holder, value, first, line_end(old, end))
    found = above_it(holder, value)
    if last == len(old) and not old.endswith("\n") and (found is None or found.style not in ("|", ">")):
        first -= 1
    assert new == old[:first] + old[last:], "more or less than its lines went"


def above_it(holder, value):
    """The last value above another one of a block, or None."""
    values = holder.kids[1::2] if holder.kind == "map" else holder.kids
    number = values.index(value)
    found = values[number - 1] if number else None
    while found is not None and found.kind in ("map", "list") and not found.flow and found.kids:
        found = found.kids[-1]
    return found


def blank_below(text, holder, value, first, last):
    """Where the blank lines below end if a block with its last line breaks (``|+``) would come to stand above them."""
    found = above_it(holder, value)
    kept = found is not None and own_end(text, found) == first and text[first - 1 : first] == "\n"
    return re.compile(r"(?:[ \t]*\n)*").match(text, last).end() if kept else last


def _deleted(old, new):
    head, tail = common(old, new)
    assert new[len(head) : len(new) - len(tail)] in old[len(head) : len(old) - len(tail)], "something was written"


def _remove_node(old, new, op):
    spans = list(lost(old, op, None))
    if len(spans) == 1:
        removed(old, new, ("nodes", op["node"]), comments_too=True)
        return
    _, _, holder = find(old, ("nodes", op["node"]))
    if holder.flow:
        only(old, new, (holder.start, len(old)))
        return
    at = len(old)
    for start, end in reversed(spans if not old.endswith("\n") else []):
        at = start if end >= at else at
    only(old, new, *((start - (start == at), end) for start, end in spans))  # what is last then has no end either


def _rename(old, new, op):
    spans = []

    def look(spot):
        if spot.kind == "scalar" and spot.text.partition(".")[0] == op["node"]:
            anchor = re.compile(r"(&\S+\s+)?").match(old, spot.start) if spot.anchor else None
            spans.append((anchor.end() if anchor else spot.start, spot.end))
        for kid in spot.kids:
            look(kid)

    look(spots(old))
    only(old, new, *spans)


def _input(old, op):
    body = {key.text for key, _ in find(old, ("nodes", op["node"]))[1].pairs}
    type_ = find(old, ("nodes", op["node"], "type"))[1].text
    first = op["port"] == ports(type_)[0] and op["port"] not in body
    return ("nodes", op["node"], "in" if first else op["port"])


def _connect(old, new, op):
    key, value, _ = find(old, _input(old, op))
    if value is None:
        _inserted(old, new, {**op, "path": _input(old, op)})
    else:
        only(old, new, around(old, key, value))


def _disconnect(old, new, op):
    key, value, _ = find(old, _input(old, op))
    if value.kind == "list" and any(_reference(kid) != op["from"] for kid in value.kids):
        only(old, new, around(old, key, value))
    else:
        removed(old, new, _input(old, op))


def _reference(spot):
    return next((value.text for key, value in spot.pairs if key.text == "from"), spot.text)


def lost(old, op, want):
    """The spans in which comments may go."""
    do = op["op"]
    if do in ("set", "type"):
        path = path_of(op)
        key, value, _ = find(old, path)
        if value is None or value.kind not in ("map", "list"):
            return [around(old, key, value)] if value is not None and value.style in ("|", ">") else []
        return _changed(old, key, value, op["value"])
    if do in ("unset", "disconnect"):
        return [_entry(old, path_of(op) if do == "unset" else _input(old, op))]
    if do != "remove_node":
        return []
    start, end = _entry(old, ("nodes", op["node"]))
    _, node, holder = find(old, ("nodes", op["node"]))
    first = above(old, start)
    spans = [(first, end if holder.flow else blank_below(old, holder, node, first, end))]
    nodes = find(old, ("nodes",))[1]
    for name, body in nodes.pairs:
        for key, value in body.pairs if body.kind == "map" else []:
            type_ = next((v.text for k, v in body.pairs if k.text == "type"), "")
            if name.text != op["node"] and key.text in ("in", *ports(type_)) and _names(value, op["node"]):
                index = body.kids.index(key)
                first = body.kids[index - 1].end if body.flow and index else line_start(old, key.start)
                last = body.kids[index + 2].start if body.flow and index + 2 < len(body.kids) else 0
                spans.append((first, max(last, _entry(old, ("nodes", name.text, key.text))[1])))
    _, tests, _ = find(old, ("tests",))
    if tests is not None and _names(tests, op["node"]):
        spans.append((line_start(old, find(old, ("tests",))[0].start), line_end(old, own_end(old, tests))))
    return sorted(spans)


def _names(spot, node):
    return spot.text.partition(".")[0] == node or any(_names(kid, node) for kid in spot.kids)


def _entry(old, path):
    """The lines of a key and its value; those of all of its holder if it is the only one there."""
    key, value, holder = find(old, path)
    end = line_end(old, own_end(old, value, key))
    if (len(holder.kids) <= 2 and not holder.flow and len(path) > 1 and holder.kind == "map") or len(holder.kids) == 1:
        around_key, around_value, _ = find(old, path[:-1])
        return around(old, around_key, around_value)
    start = (key or value).start
    if holder.flow:  # with the comma before it
        return start, max(end, holder.end)
    return start, end


def _changed(old, key, value, wanted):
    """The entries of a list or map that do not stay as they are."""
    if _anew(value, wanted):
        return [around(old, key, value)]
    if value.kind == "map":
        return [
            (k.start, line_end(old, own_end(old, v, k)))
            for k, v in value.pairs
            if k.text not in wanted or repr(_plain(v)) != repr(wanted[k.text])
        ]
    stays = _staying(value, wanted)
    return [(kid.start, line_end(old, own_end(old, kid))) for kid in value.kids if kid not in stays]


def _anew(value, wanted):
    """Whether a list or map is written as a whole, not item by item."""
    return not isinstance(wanted, dict if value.kind == "map" else list) or not wanted or not value.kids or value.merges


def _staying(value, wanted):
    """The values that a list or map keeps."""
    if value.kind == "map":
        return [v for k, v in value.pairs if k.text in wanted and repr(_plain(v)) == repr(wanted[k.text])]
    had, stays = [repr(_plain(kid)) for kid in value.kids], []
    for how, a, b, _, _ in SequenceMatcher(None, had, [repr(each) for each in wanted], autojunk=False).get_opcodes():
        stays += value.kids[a:b] if how == "equal" else []
    return stays


def _plain(spot):
    from graphs.engine.language.load import scalar

    if spot.kind == "scalar":
        return spot.text if spot.style else scalar(spot.text)
    if spot.kind == "list":
        return [_plain(kid) for kid in spot.kids]
    return {k.text: _plain(v) for k, v in spot.pairs} if spot.kind == "map" else object()


def common(old, new):
    """What both texts begin with, and what the rest of both ends with."""
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    return old[:head], old[len(old) - tail :]


def only(old, new, *spans):
    """Fail if the text changed outside of these spans."""
    at, found = 0, 0
    pieces = []
    for start, end in sorted(spans):
        pieces.append(old[at : max(at, start)])
        at = max(at, end)
    assert new.startswith(pieces[0]), "changed before it"
    found = len(pieces[0])
    for piece in pieces[1:]:
        place = new.find(piece, found)
        assert place >= 0, f"changed between the edits: {piece!r}"
        found = place + len(piece)
    assert new.endswith(old[at:]), "changed behind it"
    assert len(new) - len(old[at:]) >= found
