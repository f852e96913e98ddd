"""graphs/engine/studio/texts.py: a page reads and writes the texts of the graph on air, and no other file."""

import stat
import sys

import pytest

from tests.graphs.engine.studio.show import TYPED, logged, told

pytestmark = pytest.mark.usefixtures("english")

GRAPH = TYPED.replace("min_length: 2", "banned_words: config/banned.txt")
ADDRESS = "/api/settings/text"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "banned.txt").write_bytes(b"\xef\xbb\xbf# words\r\none\r\n")
    (tmp_path / "config" / "other.txt").write_text("hush", encoding="utf-8")
    (tmp_path / ".env").write_text("A=hush\n", encoding="utf-8")
    return tmp_path


def test_a_text_is_written_with_its_own_line_ends_and_is_in_use_at_once(root):
    path = root / "config" / "banned.txt"
    if sys.platform != "win32":
        path.chmod(0o640)

    async def story(show):
        said = (await show.get(f"{ADDRESS}?path=config/banned.txt")).said
        assert said["text"] == "# words\none\n"
        text = "# words\none\nsecond\n"
        done = (await show.post(ADDRESS, path="config/banned.txt", base=said["base"], text=text)).said
        assert done["status"] == "applied"
        assert path.read_bytes() == b"\xef\xbb\xbf# words\r\none\r\nsecond\r\n"
        assert (await show.get(f"{ADDRESS}?path=config/banned.txt")).said["base"] == done["base"]

    told(root, story, GRAPH)
    assert "config/banned.txt: changed by a page" in logged(root)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    kept = {each.read_bytes() for each in (root / "history" / "texts" / "banned.txt").glob("*.yaml")}
    assert b"\xef\xbb\xbf# words\r\none\r\n" in kept, "what was there before is kept"


def test_a_text_that_a_node_cannot_use_is_refused_with_its_line(root):
    async def story(show):
        base = (await show.get(f"{ADDRESS}?path=config/banned.txt")).said["base"]
        text = f"one\n{'x' * 200}\n"
        done = (await show.post(ADDRESS, path="config/banned.txt", base=base, text=text)).said
        assert (done["status"], done["problems"][0]["line"]) == ("refused", 2)
        assert b"xxx" not in (root / "config" / "banned.txt").read_bytes()

    told(root, story, GRAPH)


def test_what_somebody_else_has_written_is_not_written_over(root):
    async def story(show):
        base = (await show.get(f"{ADDRESS}?path=config/banned.txt")).said["base"]
        (root / "config" / "banned.txt").write_text("theirs\n", encoding="utf-8")
        done = (await show.post(ADDRESS, path="config/banned.txt", base=base, text="mine\n")).said
        assert (done["status"], done["theirs"]) == ("conflict", "theirs\n")
        again = (await show.post(ADDRESS, path="config/banned.txt", base=done["base"], text="mine\n")).said
        assert again["status"] == "applied"
        assert (root / "config" / "banned.txt").read_text("utf-8") == "mine\n"

    told(root, story, GRAPH)


@pytest.mark.parametrize(
    "name", ["config/other.txt", ".env", "../x", "/etc/passwd", "config/../.env", "", "graphs/demo.yaml"]
)
def test_no_other_file_is_read_or_written(root, name):
    async def story(show):
        read = await show.get(f"{ADDRESS}?path={name}")
        wrote = await show.post(ADDRESS, path=name, base="", text="evil")
        assert (read.status, wrote.status) == (404, 404)

    told(root, story, GRAPH)
    assert (root / "config" / "other.txt").read_text("utf-8") == "hush"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a permission there")
def test_a_link_out_of_the_project_is_not_followed(root, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "x.txt"
    outside.write_text("hush\n", encoding="utf-8")
    (root / "config" / "banned.txt").unlink()
    (root / "config" / "banned.txt").symlink_to(outside)

    async def story(show):
        assert (await show.get(f"{ADDRESS}?path=config/banned.txt")).status == 404

    told(root, story, GRAPH)


def test_a_text_has_an_end(root):
    async def story(show):
        base = (await show.get(f"{ADDRESS}?path=config/banned.txt")).said["base"]
        done = await show.post(ADDRESS, path="config/banned.txt", base=base, text="#\n" * 200_000)
        assert done.status == 413
        assert (await show.post(ADDRESS, path="config/banned.txt", base=base, text=1)).status == 400

    told(root, story, GRAPH)
