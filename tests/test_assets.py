"""assets/: the pages' own files, read as text. What the pages do is tested in a browser (tests/browser)."""

import re
from pathlib import Path

import pytest

from nodes import load_all
from nodes.phrases import entries
from tests.harness import ROOT

ASSETS = ROOT / "assets"
FILES = sorted(
    path.relative_to(ASSETS).as_posix()
    for path in ASSETS.rglob("*")
    if path.suffix in (".js", ".css", ".html") and "vendor" not in path.parts
)
SCRIPTS = [name for name in FILES if name.endswith(".js")]

NEWER = re.compile(
    r":has\(|@container|@layer|@scope|color-mix\(|text-wrap|\d[dsl]v[hw]\b|&\s*\.|oklch|@starting-style"
    r"|\.toSorted\(|\.toReversed\(|\.with\(|groupBy\(|withResolvers|\.isWellFormed|Array\.fromAsync|\bsetHTML"
    r"|AbortSignal\.any|^\s*(?:scale|rotate|translate):",
    re.MULTILINE,
)
"""Features that Chromium 103, the one in OBS 29, does not have."""

MARKUP = re.compile(r"(?:inner|outer)HTML\s*\+?=[^=]|insertAdjacentHTML|document\.write|\beval\(|new Function")
NAMED = re.compile(r"""(?:from|src=|href=|url\(|import\(|URL\()\s*["`]([./\w-]+\.\w+)["`?]""")
"""Another file that a file names."""

TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
    |(?P<text>"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)
    |(?P<single>'(?:\\.|[^'\\\n])*')
    |(?P<regex>(?<=[(,=?:!&|\[])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*)""",
    re.DOTALL | re.VERBOSE,
)
OPENS_A_VALUE = re.compile(r"(?:=|=>|\breturn) \{$")
"""The end of a line whose closing bracket ends a statement."""
BEGINS_A_BLOCK = re.compile(r"(?:} )?(?:else )?(?:if|for|while) \(.*\)$")
GOES_ON = re.compile(r"[.?:&|+\-*/,)\];=]|in\b|of\b")
"""The beginning of a line that continues the one before."""


def bare(script: str) -> str:
    """Return the script without comments, with an empty string in place of each string and each regular expression."""

    def shorter(found: re.Match[str]) -> str:
        return "" if found["comment"] else "''" if found["single"] else '""'

    return TOKEN.sub(shorter, script)


def unfinished(script: str) -> list[str]:
    """Return the lines that lack a semicolon at the end."""
    lines = [line for line in bare(script).splitlines() if line.strip()]
    found: list[str] = []
    opened: list[tuple[str, str]] = []
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        closed = ("", "")
        for sign in re.findall(r"[(\[{}\])]", line):
            if sign in "([{":
                opened.append((sign, line))
            elif opened:
                closed = opened.pop()
        inside = bool(opened) and opened[-1][0] in "(["
        ended = line.strip()
        value = ended == "}" and OPENS_A_VALUE.search(closed[1])
        statement = re.search(r"[\w\"'\])]$", ended) and not BEGINS_A_BLOCK.match(ended)
        if not inside and (value or statement) and not GOES_ON.match(after.strip()):
            found.append(line)
    return found


def test_the_pages_are_all_looked_at() -> None:
    assert {"shared/link.js", "overlay/overlay.js", "dock/dock.js", "graph/main.js", "stage/main.js"} <= set(SCRIPTS)
    assert {"shared/base.css", "overlay/index.html"} <= set(FILES)


def test_every_type_of_node_has_a_name_for_people_on_the_graph_page() -> None:
    names = [context.removeprefix("graph:types:") for context, _ in entries(ASSETS / "ko.po") if ":types:" in context]
    assert sorted(names) == sorted(load_all())


@pytest.mark.parametrize("name", FILES)
def test_a_page_needs_nothing_newer_than_the_chromium_of_obs_29(name: str) -> None:
    assert NEWER.findall((ASSETS / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_viewer_writes_cannot_become_markup_or_code(name: str) -> None:
    script = bare((ASSETS / name).read_text(encoding="utf-8"))
    assert MARKUP.findall(script) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_are_written_in_one_style(name: str) -> None:
    text = (ASSETS / name).read_text(encoding="utf-8")
    script = bare(text)
    assert re.findall(r"''", script) == [], "texts stand in double quotes"
    assert unfinished(text) == [], "statements end with a semicolon"
    assert re.findall(r"\bvar |[^=!]==[^=]|!=[^=]", script) == []
    assert re.findall(r"\t| +$|\r", text, re.MULTILINE) == []
    depths = {len(line) - len(line.lstrip()) for line in text.splitlines() if not line.lstrip().startswith("*")}
    assert not any(depth % 2 for depth in depths if name != "stage/shapes.js"), "two spaces a level"


@pytest.mark.parametrize(
    "wrong",
    [
        "const a = 1\nconst b = 2;",
        "call(a)\nb();",
        "const act = () => {\n  go();\n}\nact();",
        "const it = {\n  a,\n}\nact();",
        'say("a")',
        "const text = `a ${b}`\nact();",
        "return a[0]\n}",
    ],
)
def test_a_missing_semicolon_is_seen(wrong: str) -> None:
    assert unfinished(wrong)


@pytest.mark.parametrize(
    "right",
    [
        "function act() {\n  go();\n}\n\nact();",
        "const it = html(\n  tag,\n  {},\n  a\n);",
        "const a = b\n  ? c\n  : d;",
        "if (a) {\n  b();\n} else if (c) {\n  d();\n}",
        "for (const a of b)\n  c(a);",
        'const a = b.replace(/^.*\\//, "");  // it\'s a comment',
    ],
)
def test_what_is_finished_is_not_complained_about(right: str) -> None:
    assert unfinished(right) == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_only_shared_files_open_links_send_orders_and_keep_the_language(name: str) -> None:
    if name.startswith("shared/"):
        return
    script = (ASSETS / name).read_text(encoding="utf-8")
    assert re.findall(r"new WebSocket|\bfetch\(|X-Token|localStorage|clipboard\.|createElement\(", script) == []


def test_every_file_that_a_page_names_is_there() -> None:
    served = {"/shared/": ASSETS / "shared", "/graph/": ASSETS / "graph", "/stage/": ASSETS / "stage"}
    served["/"] = ASSETS / "overlay"
    missing: list[str] = []
    for name in FILES:
        path = ASSETS / name
        for found in NAMED.findall(path.read_text(encoding="utf-8")):
            prefix = next((prefix for prefix in served if found.startswith(prefix)), None)
            target = path.parent / found if prefix is None else served[prefix] / found.removeprefix(prefix)
            if not target.is_file() and target != ASSETS / "shared/catalogue.js":
                missing.append(f"{name}: {found}")
    assert missing == []


PAGES = {
    **{page: f"{page}/index.html" for page in ("dock", "graph", "help", "overlay", "settings", "stage", "start")},
    "missing": "shared/missing.html",
}
"""Page, as the catalogue calls it -> its file."""


@pytest.mark.parametrize("page", PAGES)
def test_every_word_that_a_page_names_is_in_the_catalogue_under_the_name_of_the_page(page: str) -> None:
    contexts = {context for context, _ in entries(ASSETS / "ko.po")}
    markup = (ASSETS / PAGES[page]).read_text(encoding="utf-8")
    named = set(re.findall(r'data-(?:text|title|label|placeholder)="(\w+)"', markup))
    assert named
    for script in (ASSETS / page).rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        named |= set(re.findall(r'\bword\("(\w+)"', text))
        for group in re.findall(r'\bamong\("(\w+)"', text):
            assert any(each.startswith(f"{page}:{group}:") for each in contexts), group
    assert sorted(name for name in named if f"{page}:{name}" not in contexts) == []


def test_every_word_of_the_forms_is_in_the_catalogue() -> None:
    contexts = {context for context, _ in entries(ASSETS / "ko.po")}
    text = "".join(script.read_text(encoding="utf-8") for script in (ASSETS / "shared" / "forms").glob("*.js"))
    named = set(re.findall(r'\bword\("(\w+)"', text))
    assert len(named) > 30
    assert sorted(name for name in named if f"forms:{name}" not in contexts) == []


def test_the_files_of_a_page_are_where_they_always_were() -> None:
    """People keep copies of pages in folders of their own, which refer to these files."""
    for old in ("overlay/overlay.js", "overlay/sound.js", "overlay/themes.css", "stage/stage.js", "stage/choco.js"):
        assert (ASSETS / Path(old)).is_file()


IMPORTED = re.compile(r"^import \{([^}]*)\} from \"([^\"]+)\";$", re.MULTILINE)
EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|const|let|class) (?:\{([^}]*)\}|(\w+))", re.MULTILINE)


@pytest.mark.parametrize("name", [name for name in SCRIPTS if IMPORTED.search((ASSETS / name).read_text("utf-8"))])
def test_a_script_imports_only_what_the_other_one_exports(name: str) -> None:
    script = ASSETS / name
    for wanted, file in IMPORTED.findall(script.read_text("utf-8")):
        other = ASSETS / file.lstrip("/") if file.startswith("/") else script.parent / file
        if "vendor" in other.parts:
            continue
        given = {
            word.strip()
            for several, one in EXPORTED.findall(other.read_text("utf-8"))
            for word in (several or one).split(",")
        }
        assert {word.split(" as ")[0].strip() for word in wanted.split(",") if word.strip()} <= given, file
