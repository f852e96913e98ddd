"""Graphs that are written as few people write them, and that can be read all the same."""

_LONG = "가나다 " * 8_000

ODD = {
    "json": '{"name":"j","nodes":{"a":{"type":"chat.typed"},"b":{"type":"chat.filter","in":["a"],"min_length":2}}}',
    "json on many lines": """\
{
  "nodes": {
    "a": {"type": "chat.typed"},
    "b": {
      "type": "chat.filter",
      "in": "a",
      "min_length": 2
    }
  }
}
""",
    "one line": ("nodes: {a: {type: chat.typed}, b: {type: chat.filter, in: a, min_length: 2, names: [가, 나]}}\n"),
    "directive and end": ("%YAML 1.2\n---\nnodes:\n  a: {type: chat.typed}\n  b: {type: chat.filter, in: a}\n...\n"),
    "tabs between": (
        "nodes:\n"
        "  a:\t{type:\tchat.typed}\t# a\n"
        "  b:\t\n"
        "    type:\tchat.filter\t\n"
        "    in:\ta\t#\tb\n"
        "    names:\t[x,\ty]\n"
    ),
    "explicit keys": "nodes:\n  ? a\n  : {type: chat.typed}\n  ? b\n  : type: chat.filter\n    in: a\n",
    "quoted keys": (
        '"nodes":\n'
        "  'a': {'type': chat.typed}\n"
        '  "b":\n'
        "    'type': \"chat.filter\"\n"
        "    \"in\": 'a'\n"
        "    'min_length': 2\n"
    ),
    "comments everywhere": """\
# one
nodes:  # two
# three
  a:  # four
      # five
    type: chat.typed  # six

  # seven

  b:
    # eight
    type: chat.filter
    # nine
    in:  # ten
      # eleven
      - a  # twelve
      # thirteen
    min_length: 2
      # fourteen
# fifteen
""",
    "comments in brackets": """\
nodes: {  # one
  # two
  a: {type: chat.typed},  # three
  b: {type: chat.filter,  # four
      # five
      in: [a  # six
      # seven
      ], min_length: 2  # eight
  }  # nine
  # ten
}
""",
    "anchors": """\
x-limits: &limits {min_length: 2, names: &names [가, 나]}
nodes:
  a: {type: chat.typed}
  b: {type: chat.filter, in: &first a, <<: *limits}
  c: &whole
    type: chat.filter
    in: *first
    names: *names
    max_length: &most 9
  d: {<<: [*limits], type: chat.filter, in: c, max_length: *most}
  e: *whole
""",
    "names of the world": """\
nodes:
  채팅: {type: chat.typed}
  Ünïcode_ñ: {type: chat.filter, in: 채팅, names: ["🙂", "e\\u0301", "\\U0001F600"]}
  日本-語: {type: chat.filter, in: [채팅, Ünïcode_ñ]}
""",
    "words": """\
nodes:
  "no": {type: chat.typed}
  "null": {type: chat.filter, in: "no", names: [no, on, 'null', "~", 12:30, 0o17, 1e3, .5, "2024-01-01"]}
  y: {type: chat.filter, in: ["null", 'no']}
""",
    "long lines": (
        f"nodes:\n"
        f"  a: {{type: chat.typed}}\n"
        f"  b: {{type: chat.filter, names: ['{_LONG}'], in: a, min_length: 2}}  # {_LONG}\n"
    ),
    "blocks": """\
nodes:
  a: {type: chat.typed}
  b:
    type: chat.filter
    in: >-  # where from
      a
    commands: |2+  # as it stands

        indented

    names:
    - |
      가
      나
    -
      - 다
    - >
      라
    min_length: 2
""",
    "deep indents": (
        "nodes:\n"
        "        a:\n"
        "                    type: chat.typed\n"
        "        b:\n"
        "         type: chat.filter\n"
        "         in:\n"
        "         -   a\n"
    ),
    "no last line end": "nodes:\n  a: {type: chat.typed}\n  b:\n    type: chat.filter\n    in: a",
    "blank lines with blanks": (
        "\n   \nnodes:\n\n  a: {type: chat.typed}\n     \n  b: {type: chat.filter, in: a}\n  \n \n"
    ),
    "empty values": (
        "name:\n"
        "nodes:\n"
        "  a: {type: chat.typed, guest: }\n"
        "  b:\n"
        "    type: chat.filter\n"
        "    in: a\n"
        "    names:\n"
        "    commands: \n"
    ),
    "strings over lines": (
        "nodes:\n"
        "  a: {type: chat.typed}\n"
        "  b:\n"
        "    type: chat.filter\n"
        "    names: ['한\n"
        "      줄\n"
        "\n"
        "      둘', \"셋\\\n"
        '      넷"]\n'
        "    in: a\n"
    ),
}
"""Name -> text."""

UNREADABLE = {
    "a line of a tab": ("nodes:\n\t\n  a: {type: chat.typed}\n", "a tab"),
    "tabs as indents": ("nodes:\n\ta: {type: chat.typed}\n", "tab"),
    "two documents": ("nodes:\n  a: {type: chat.typed}\n---\nnodes:\n  b: {type: chat.typed}\n", "second document"),
    "a key twice": ("nodes:\n  a: {type: chat.typed}\n  a: {type: chat.filter}\n", "'a' is given twice"),
    "a tag": ("nodes:\n  a: {type: !!str chat.typed}\n", "a graph has no tags"),
    "an alias of nothing": ("nodes:\n  a: *b\n", "b"),
    "a list": ("- a\n- b\n", "'key: value' lines"),
    "nothing": ("# only this\n", "the file is empty"),
    "an odd line break": ("nodes:\n  a: {type: chat.typed}  # x\x85\n", "U\\+0085"),
    "an open quote": ('nodes:\n  a: {type: "chat.typed}\n', 'quote|string|"'),
    "a key that is a list": ("nodes:\n  ? [a]\n  : {type: chat.typed}\n", "a key must be a plain text"),
}
"""Name -> text, and what is said about it."""
