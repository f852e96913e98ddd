"""graphs/engine/web/table.py: who answers which address, and that it can leave."""

from typing import Any

import pytest

from graphs.engine.web.table import READ, Table


def handler(name: str) -> Any:
    async def answered(_: Any) -> Any:
        return name

    answered.__name__ = name
    return answered


OTHERWISE, PAGE, BELOW, ASKED, TAKEN = map(handler, ("otherwise", "page", "below", "asked", "taken"))


@pytest.fixture
def table() -> Table:
    table = Table(OTHERWISE)
    table.below("", PAGE)
    table.below("/stage", BELOW)
    table.at("/stage/a", ASKED, *READ)
    return table


@pytest.mark.parametrize(
    ("path", "found"),
    [("/", PAGE), ("/x", PAGE), ("/stagex", PAGE), ("/stage", BELOW), ("/stage/b/c", BELOW), ("/stage/a", ASKED)],
)
def test_an_address_goes_before_the_longest_folder(table: Table, path: str, found: Any) -> None:
    assert [table.find(path, method) for method in (*READ, "POST")] == [found, found, None]


def test_what_nobody_has_is_read_otherwise_and_takes_nothing() -> None:
    assert Table(OTHERWISE).find("/x", "GET") is OTHERWISE
    assert Table(OTHERWISE).find("/x", "POST") is None


def test_reading_and_taking_share_an_address_and_leave_it_one_by_one(table: Table) -> None:
    taken = table.at("/stage/a", TAKEN, "POST")
    assert table.methods("/stage/a") == {"GET", "HEAD", "POST"}
    assert (table.find("/stage/a", "GET"), table.find("/stage/a", "POST")) == (ASKED, TAKEN)
    taken.dispose()
    taken.dispose()
    assert table.methods("/stage/a") == set(READ)
    assert table.methods("/stage/b") == set()


def test_what_left_can_be_taken_and_what_is_taken_cannot(table: Table) -> None:
    with pytest.raises(ValueError, match="/stage/a"):
        table.at("/stage/a", TAKEN, "GET")
    with pytest.raises(ValueError, match="두 노드가 같은 주소를 쓰려고 해요: /\\."):
        table.below("", BELOW)
    first = table.at("/y", ASKED, *READ)
    first.dispose()
    assert table.find("/y", "GET") is PAGE
    table.at("/y", TAKEN, *READ)
    first.dispose()  # a second time: the one that came after stays
    assert table.find("/y", "GET") is TAKEN
