"""Rows: read in slices, and not again as long as they are the same."""

import asyncio

import pytest

from papa_console.dashboard.held.rows import Rows
from papa_protocol.errors import RemoteProtocolError
from papa_protocol.rows import read_process_row, read_value_row
from papa_protocol.words import Dialect

V2 = Dialect.V2


def test_only_rows_that_differ_are_read_again() -> None:
    read: list[str] = []

    def counting(row: str, dialect: Dialect) -> tuple[str, str]:
        read.append(row)
        return read_value_row(row, dialect)

    async def main() -> None:
        rows = Rows(counting)
        first = await rows.take_in("a 1\nb 2\nc 3", V2), rows.found
        second = await rows.take_in("a 1\nb 2\nc 3", V2), rows.found
        third = await rows.take_in("a 1\nb 4\nc 3", V2), rows.found
        fourth = await rows.take_in("b 4", V2), rows.found
        fifth = await rows.take_in("", V2), rows.found

        assert [changed for changed, _ in (first, second, third, fourth, fifth)] == [True, False, True, True, True]
        assert second[1] is first[1]
        assert (third[1], fourth[1], fifth[1]) == ({"a": "1", "b": "4", "c": "3"}, {"b": "4"}, {})
        assert read == ["a 1", "b 2", "c 3", "b 4"]

    asyncio.run(main())


def test_a_row_that_is_the_same_is_the_same_object() -> None:
    async def main() -> None:
        rows = Rows(read_process_row)
        await rows.take_in("a pid=1 args=x\nb pid=2 args=y", V2)
        before = rows.found

        await rows.take_in("a pid=1 args=x\nb pid=2 position=5 args=y", V2)

        assert rows.found["a"] is before["a"]
        assert rows.found["b"] == {"pid": 2, "position": 5, "args": "y", "argv": ["y"]}

    asyncio.run(main())


def test_what_is_distrusted_is_read_anew() -> None:
    async def main() -> None:
        rows = Rows(read_process_row)
        await rows.take_in("a pid=1 args=x", V2)
        before = rows.found

        rows.distrust()
        kept = rows.found
        changed = await rows.take_in("a pid=1 args=x", V2)

        assert kept is before
        assert changed
        assert rows.found == before

    asyncio.run(main())


def test_a_row_that_cannot_be_read_leaves_the_rows_of_before() -> None:
    async def main() -> None:
        rows = Rows(read_process_row)
        await rows.take_in("a pid=1 args=x", V2)

        with pytest.raises(RemoteProtocolError):
            await rows.take_in("b\\q pid=1", V2)

        assert list(rows.found) == ["a"]

    asyncio.run(main())


def test_others_run_while_many_rows_are_read() -> None:
    async def main() -> None:
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_turns())
        rows = Rows(read_value_row)
        text = "\n".join(f"name.{number} value\\ {number}" for number in range(20_000))

        await rows.take_in(text, V2)

        counting.cancel()
        assert len(rows.found) == 20_000
        assert turns > 1

    asyncio.run(main())
