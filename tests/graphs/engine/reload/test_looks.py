import asyncio
import threading
from pathlib import Path

import pytest

from graphs.engine.reload.looks import Looks

HERE, THERE = Path("here"), Path("there")


def test_a_file_on_a_drive_that_does_not_answer_holds_up_nobody_else_and_has_one_thread() -> None:
    answers, asked = threading.Event(), list[Path]()

    def hang(path: Path) -> str:
        asked.append(path)
        answers.wait(10)
        return "at last"

    async def main() -> None:
        looks = Looks()
        for _ in range(3):
            with pytest.raises(TimeoutError, match="대답하지 않아요"):
                await looks(hang, THERE, 0.05)
            assert await looks(str, HERE) == "here"
        assert asked == [THERE]
        answers.set()
        async with asyncio.timeout(5):
            while True:
                try:
                    assert await looks(hang, THERE, 0.05) == "at last"
                    break
                except TimeoutError:
                    await asyncio.sleep(0.01)
        looks.close()

    asyncio.run(main())


def test_what_a_look_raises_is_raised() -> None:
    async def main() -> None:
        looks = Looks()
        with pytest.raises(FileNotFoundError):
            await looks(Path.read_bytes, Path("no such file"))
        looks.close()

    asyncio.run(main())
