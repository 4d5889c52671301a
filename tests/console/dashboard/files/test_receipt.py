"""Output is on the disk, with a receipt, before the kernel may forget it; after any error it still has everything."""

import asyncio
import hashlib
import json
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import papa
from papa.aio import AsyncPapa
from papa_console.dashboard.files.receipt import Receipt, Subject, save_and_release, save_then_acknowledge
from papa_console.dashboard.files.records import NotSavedError
from papa_protocol.watch import Kind, Record
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for

NOW = 1_763_900_000.25
SUBJECT = Subject("web.1", 4211, NOW - 60, "/run/papa.sock", 99)
OUTPUT = [
    [Record(Kind.LOST, "web.1", NOW - 3, number=7, position=7)],
    [Record(Kind.OUT, "web.1", NOW - 2, b"one\n", position=11), Record(Kind.ERR, "web.1", NOW - 1, b"tw", position=13)],
    [Record(Kind.CLOSED, "web.1", NOW, number=3, position=14)],
]


async def batches(*given: list[Record]) -> AsyncIterator[list[Record]]:
    for records in given:
        yield records


def save(
    acknowledge: Callable[[int], None], folder: Path, source: AsyncIterator[list[Record]] | None = None
) -> Receipt:
    async def told(position: int) -> None:
        acknowledge(position)

    async def main() -> Receipt:
        given = source or batches(*OUTPUT)
        return await save_then_acknowledge(given, SUBJECT, told, folder=folder, clock=lambda: NOW)

    return asyncio.run(main())


def documents(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def test_everything_is_on_the_disk_when_the_kernel_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: set[tuple[int, int]] = set()
    seen: list[Any] = []
    really = os.fsync

    def fsync(fd: int) -> None:
        really(fd)
        facts = os.fstat(fd)
        synced.add((facts.st_dev, facts.st_ino))

    def is_synced(path: Path) -> bool:
        return (path.stat().st_dev, path.stat().st_ino) in synced

    def acknowledge(position: int) -> None:
        (file,) = tmp_path.glob("*.log")
        (receipt,) = tmp_path.glob("*.json")
        assert all(is_synced(path) for path in (file, receipt, tmp_path))
        seen.append((position, file.read_bytes(), json.loads(receipt.read_text())))

    monkeypatch.setattr(os, "fsync", fsync)

    receipt = save(acknowledge, tmp_path)

    ((position, data, document),) = seen
    assert position == 14
    assert data == b"one\ntw"
    assert document["sha256"] == hashlib.sha256(b"one\ntw").hexdigest()
    assert document["acknowledged"] is None
    assert receipt.acknowledged is True


def test_the_receipt_tells_what_was_saved(tmp_path: Path) -> None:
    receipt = save(lambda _: None, tmp_path)

    assert receipt.path == Path(receipt.file + ".json")
    assert documents(tmp_path) == [
        {
            "receipt": 1,
            "file": receipt.file,
            "bytes": 6,
            "sha256": hashlib.sha256(b"one\ntw").hexdigest(),
            "out_bytes": 4,
            "err_bytes": 2,
            "lost_bytes": 7,
            "from_position": 0,
            "to_position": 14,
            "first_time": "2025-11-23T12:13:17.250000+00:00",
            "last_time": "2025-11-23T12:13:20.250000+00:00",
            "exit_status": 3,
            "process": {"name": "web.1", "pid": 4211, "started": "2025-11-23T12:12:20.250000+00:00"},
            "kernel": {"endpoint": "/run/papa.sock", "pid": 99},
            "saved": "2025-11-23T12:13:20.250000+00:00",
            "acknowledged": True,
            "problem": "",
        }
    ]


def test_what_the_kernel_refuses_is_saved_and_the_receipt_says_so(tmp_path: Path) -> None:
    def acknowledge(_: int) -> None:
        raise papa.LostConnectionError("the kernel is gone")

    receipt = save(acknowledge, tmp_path)

    assert Path(receipt.file).read_bytes() == b"one\ntw"
    assert receipt.acknowledged is False
    (document,) = documents(tmp_path)
    assert (document["acknowledged"], document["problem"]) == (False, "the kernel is gone")


def test_a_receipt_whose_answer_never_came_says_nothing_of_it(tmp_path: Path) -> None:
    def acknowledge(_: int) -> None:
        raise asyncio.CancelledError  # as if the program ended here

    with pytest.raises(asyncio.CancelledError):
        save(acknowledge, tmp_path)

    (document,) = documents(tmp_path)
    assert document["acknowledged"] is None
    assert Path(document["file"]).read_bytes() == b"one\ntw"


def test_an_earlier_file_is_never_overwritten(tmp_path: Path) -> None:
    first, second = (save(lambda _: None, tmp_path) for _ in range(2))

    assert first.file != second.file
    assert Path(first.file).read_bytes() == Path(second.file).read_bytes() == b"one\ntw"
    assert len(documents(tmp_path)) == 2


def never(_: int) -> None:
    raise AssertionError("nothing may be acknowledged")


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let writing beyond ``size`` fail, as it does on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", [0, 5, 100], ids=["for nothing", "for a part", "not for the receipt"])
def test_a_full_disk_acknowledges_nothing_and_leaves_nothing(room: int, tmp_path: Path) -> None:
    with pytest.raises(NotSavedError, match="File too large"), largest_file(room):
        save(never, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_output_that_stops_half_way_acknowledges_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[list[Record]]:
        yield OUTPUT[1]
        raise papa.LostConnectionError("the kernel is gone")

    with pytest.raises(papa.LostConnectionError):
        save(never, tmp_path, broken())

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_acknowledges_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(NotSavedError, match="File exists"):
        save(never, tmp_path / "file")


def test_nothing_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotSavedError, match="there is nothing to save"):
        save(never, tmp_path, batches())

    assert list(tmp_path.iterdir()) == []


# with a kernel


def release(kernel: KernelProcess, name: str, upto: int, folder: Path) -> Receipt:
    async def main() -> Receipt:
        async with AsyncPapa(kernel.path) as client:
            return await save_and_release(client, name, upto, folder=folder)

    return asyncio.run(main())


def say(client: papa.Papa, script: str, size: int, name: str = "web") -> None:
    """Run a script, and return once the kernel has its output, which is of that size."""
    client.make_process(name, "/bin/sh", ["-c", script], env={"PATH": os.defpath})
    wait_for(lambda: client.list_processes(name)[name]["buffered"] == size, "the output is there")


def left(client: papa.Papa, size: int, name: str = "web") -> bytes:
    """Return what the kernel still holds, which is that much."""
    data = b""
    with client.tail_processes(name) as tail:
        while len(data) < size:
            batch = tail.read()
            data += b"".join(piece.data for piece in (*batch[0], *batch[1]))
    return data


def test_exactly_what_is_acknowledged_was_saved(kernel: KernelProcess, gate: Gate, tmp_path: Path) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf one; printf two >&2; printf three; {gate.wait}", 11)

        receipt = release(kernel, "web", 8, tmp_path)

        saved = Path(receipt.file).read_bytes()
        assert len(saved) == 8
        assert receipt.acknowledged
        assert (receipt.from_position, receipt.to_position, receipt.exit_status) == (0, 8, None)
        assert receipt.kernel == {"endpoint": kernel.path, "pid": kernel.pid}
        assert receipt.process["pid"] == client.list_processes("web")["web"]["pid"]
        assert client.list_processes("web")["web"]["buffered"] == 3
        assert sorted(saved + left(client, 3)) == sorted(b"onetwothree")


def test_the_end_of_a_process_is_saved_before_it_leaves_the_kernel(kernel: KernelProcess, tmp_path: Path) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, "echo oops >&2; exit 3", 5)
        wait_for(lambda: not client.list_processes("web")["web"]["running"], "it has ended")

        receipt = release(kernel, "web", 6, tmp_path)

        assert receipt.exit_status == 3
        assert receipt.acknowledged
        assert client.list_processes() == {}


def test_what_was_acknowledged_before_is_nothing_to_save(kernel: KernelProcess, gate: Gate, tmp_path: Path) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf 12345; {gate.wait}", 5)
        client.acknowledge_processes("web", 3)

        with pytest.raises(NotSavedError, match="there is nothing to save"):
            release(kernel, "web", 2, tmp_path / "saved")

        assert left(client, 2) == b"45"
        assert list((tmp_path / "saved").iterdir()) == []


@pytest.mark.parametrize("name", ["nobody", "*"])
def test_a_process_that_is_not_held_is_nothing_to_save(name: str, kernel: KernelProcess, tmp_path: Path) -> None:
    with pytest.raises(NotSavedError, match="is no longer held"):
        release(kernel, name, 1, tmp_path)


def test_another_process_under_the_same_name_keeps_its_output(
    kernel: KernelProcess, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with papa.Papa(kernel.path) as client:
        say(client, f"printf old; {gate.wait}", 3)
        really = Receipt.write

        def replace_it(receipt: Receipt) -> None:
            really(receipt)
            if receipt.acknowledged is None:
                gate.open()
                wait_for(lambda: not client.list_processes("web")["web"]["running"], "it has ended")
                client.remove_processes("web")
                say(client, f"printf new; {gate.wait}", 3)

        monkeypatch.setattr(Receipt, "write", replace_it)

        receipt = release(kernel, "web", 3, tmp_path)

        assert receipt.acknowledged is False
        assert receipt.problem == "web is another process by now, or none"
        assert left(client, 3) == b"new"
