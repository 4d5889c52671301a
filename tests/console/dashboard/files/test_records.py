"""Records are cut at positions so that each byte is on one side, and what is written is counted."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import papa
from papa.aio import AsyncPapa
from papa_console.dashboard.files.records import NotSavedError, Tally, between, data_of, records_upto, start_of
from papa_protocol.watch import Kind, Record
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for


@st.composite
def outputs(draw: st.DrawFn) -> list[Record]:
    """A process' output as the kernel may cut it."""
    records, position = [], draw(st.integers(0, 5))
    for kind in draw(st.lists(st.sampled_from([Kind.OUT, Kind.ERR, Kind.LOST]), max_size=6)):
        size = draw(st.integers(1, 5))
        position += size
        data = bytes((position - size + index) % 256 for index in range(size)) if kind is not Kind.LOST else b""
        records.append(Record(kind, "web", 1.0, data, 0 if data else size, position))
    if draw(st.booleans()):
        records.append(Record(Kind.CLOSED, "web", 1.0, b"", 3, position + 1))
    return records


def told(records: list[Record]) -> list[tuple[int, Kind, int | None]]:
    """Return what records tell of each position."""
    return [
        (place, record.kind, record.data[place - start_of(record)] if record.data else None)
        for record in records
        for place in range(start_of(record), record.position or 0)
    ]


@given(outputs(), st.integers(0, 40))
def test_a_cut_leaves_each_position_on_one_side_as_it_was(records: list[Record], cut: int) -> None:
    before = [part for record in records if (part := between(record, 0, cut)) is not None]
    after = [part for record in records if (part := between(record, cut, 10**9)) is not None]

    assert told(before) == [place for place in told(records) if place[0] < cut]
    assert told(after) == [place for place in told(records) if place[0] >= cut]


@given(outputs())
def test_a_tally_counts_and_hashes_what_a_file_gets(records: list[Record]) -> None:
    tally = Tally()

    tally.add(records[:2])
    tally.add(records[2:])

    data = data_of(records)
    assert (tally.size, tally.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert tally.lost == sum(record.number for record in records if record.kind is Kind.LOST)
    assert tally.exit_status == (3 if records and records[-1].kind is Kind.CLOSED else None)
    if records:
        assert (tally.from_position, tally.to_position) == (start_of(records[0]), records[-1].position)


async def taken(source: AsyncGenerator[list[Record], None]) -> list[Record]:
    return [record async for records in source for record in records]


def fetch(kernel: KernelProcess, upto: int, patience: float = 10) -> list[Record]:
    async def main() -> list[Record]:
        async with AsyncPapa(kernel.path) as client:
            return await taken(records_upto(client, "web", upto, patience))

    return asyncio.run(main())


def say(client: papa.Papa, script: str, size: int) -> None:
    client.make_process("web", "/bin/sh", ["-c", script], env={"PATH": os.defpath}, bufsize=1000)
    wait_for(lambda: client.list_processes("web")["web"].get("position") == size, "the output is there")


def test_what_the_kernel_holds_is_fetched_up_to_a_position(kernel: KernelProcess, gate: Gate) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf 12345; {gate.wait}", 5)
        client.acknowledge_processes("web", 1)

        assert data_of(fetch(kernel, 4)) == b"234"
        assert client.list_processes("web")["web"]["buffered"] == 4


def test_what_was_acknowledged_before_is_not_fetched(kernel: KernelProcess, gate: Gate) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf 12345; {gate.wait}", 5)
        client.acknowledge_processes("web", 3)

        assert fetch(kernel, 2) == []


def test_what_the_kernel_had_to_drop_is_told(kernel: KernelProcess, gate: Gate) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf '%01500d' 7; {gate.wait}", 1500)

        records = fetch(kernel, 1500)

    assert records[0].kind is Kind.LOST
    assert records[0].number + len(data_of(records)) == 1500


def test_output_that_was_never_written_is_not_waited_for_for_ever(kernel: KernelProcess, gate: Gate) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf 12345; {gate.wait}", 5)

        with pytest.raises(NotSavedError, match="web has written less than that: no output up to position 6"):
            fetch(kernel, 6, patience=0.1)


def test_a_process_that_leaves_the_kernel_meanwhile_is_told_of(kernel: KernelProcess, gate: Gate) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf 12345; {gate.wait}", 5)

        async def main() -> None:
            async with AsyncPapa(kernel.path) as other:
                source = records_upto(other, "web", 100)
                assert data_of(await anext(source)) == b"12345"
                gate.open()
                await taken(source)

        with pytest.raises(NotSavedError, match="web is no longer held"):
            asyncio.run(main())
