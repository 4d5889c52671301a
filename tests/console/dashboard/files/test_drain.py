"""A drain saves what a process writes, acknowledges it only then, and can be stopped or lost at any time."""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import papa
from papa_console.dashboard.files.drain import Drain
from papa_console.dashboard.files.rotating import RotatingFile
from support.gates import Gate
from support.kernels import KernelProcess
from support.waiting import wait_for
from support.wire import TIMEOUT


@pytest.fixture
def client(kernel: KernelProcess) -> Iterator[papa.Papa]:
    with papa.Papa(kernel.path) as connected:
        yield connected


def run(client: papa.Papa, script: str, name: str = "web") -> None:
    client.make_process(name, "/bin/sh", ["-c", script], env={"PATH": os.defpath})


async def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, f"never so: {what}"
        await asyncio.sleep(0.005)


def drained(drain: Drain, play: Callable[[], Awaitable[None]]) -> None:
    """Drain while something is played."""

    async def main() -> None:
        drain.start()
        try:
            await play()
        finally:
            await drain.stop()

    asyncio.run(main())


def logs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns)


def receipt(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path(f"{path}.json").read_text())
    return document


def test_each_piece_is_saved_and_then_acknowledged(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    run(client, f"printf 'one\n'; {gate.wait}; printf 'two\n' >&2; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=folder)

    async def play() -> None:
        await until(lambda: drain.acknowledged == 4, "the first piece is acknowledged")
        gate.open()
        await until(lambda: drain.acknowledged == 8, "the second piece is acknowledged")
        assert drain.status == f"saves: 8 bytes saved in {drain.path}"

    drained(drain, play)

    (file,) = logs(folder)
    assert file.read_bytes() == b"one\ntwo\n"
    assert client.list_processes("web")["web"]["buffered"] == 0
    assert drain.status == f"stopped: 8 bytes saved in {file}"
    assert receipt(file)["sha256"] == hashlib.sha256(b"one\ntwo\n").hexdigest()
    assert receipt(file)["acknowledged"] is True


def test_nothing_is_acknowledged_that_is_not_on_the_disk(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[int] = []
    really = RotatingFile.append

    def append(file: RotatingFile, records: Any, acknowledged: int | None) -> None:
        held.append(client.list_processes("web")["web"]["buffered"])
        really(file, records, acknowledged)
        held.append(client.list_processes("web")["web"]["buffered"])

    monkeypatch.setattr(RotatingFile, "append", append)
    run(client, f"printf 'one\n'; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=tmp_path)

    drained(drain, lambda: until(lambda: drain.acknowledged, "it is acknowledged"))

    assert held == [4, 4]


def test_the_end_of_a_process_is_saved_and_stays_in_the_kernel(
    client: papa.Papa, kernel: KernelProcess, tmp_path: Path
) -> None:
    run(client, "echo oops >&2; exit 3")
    drain = Drain(kernel.path, "web", folder=tmp_path)

    drained(drain, lambda: until(lambda: not drain.running, "it has come to its end"))

    (file,) = logs(tmp_path)
    assert file.read_bytes() == b"oops\n"
    assert receipt(file)["exit_status"] == 3
    assert receipt(file)["problem"] == "the end of the process is not acknowledged"
    assert drain.status == f"over: the process ended with status 3, which is not acknowledged: 5 bytes saved in {file}"
    info = client.list_processes("web")["web"]
    assert (info["status"], info["buffered"]) == (3, 0)


def test_only_the_newest_files_are_kept(client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    pieces = "; ".join(f"printf '%01000d' {number}; {gate.wait}" for number in range(6))
    run(client, pieces)
    drain = Drain(kernel.path, "web", folder=folder, limit=1500)

    async def play() -> None:
        for number in range(6):
            await until(lambda upto=1000 * (number + 1): drain.acknowledged == upto, "a piece is acknowledged")  # type: ignore[misc]
            gate.open()

    drained(drain, play)

    assert [int(path.read_bytes()) for path in logs(folder)] == [2, 3, 4, 5]
    assert all(receipt(path)["acknowledged"] for path in logs(folder))
    assert len(list(folder.iterdir())) == 8
    assert drain.status.endswith("; only the newest 4 files are kept, 2 are gone")


def test_a_full_disk_stops_it_and_the_rest_stays_in_the_kernel(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "saved"
    run(client, f"printf one; {gate.wait}; printf two; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=folder)
    really = os.fsync

    async def play() -> None:
        await until(lambda: drain.acknowledged == 3, "the first piece is acknowledged")

        def fsync(fd: int) -> None:
            if os.readlink(f"/proc/self/fd/{fd}").endswith(".log"):
                raise OSError(28, "No space left on device")
            really(fd)

        monkeypatch.setattr(os, "fsync", fsync)
        gate.open()
        await until(lambda: not drain.running, "it has given up")

    drained(drain, play)

    (file,) = logs(folder)
    assert file.read_bytes() == b"one"
    assert drain.problem == "No space left on device"
    assert drain.status == "stopped, and what was not saved was not acknowledged: No space left on device"
    assert client.list_processes("web")["web"]["buffered"] == 3
    assert (receipt(file)["bytes"], receipt(file)["acknowledged"]) == (3, True)


def test_it_goes_on_after_the_connection_was_lost_with_nothing_twice(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "saved"
    run(client, f"printf one; {gate.wait}; printf two; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=folder)
    lost: list[int] = []
    really = drain._client.acknowledge_processes

    async def acknowledge(name: str | int, upto: int) -> bool:
        if not lost:
            lost.append(upto)
            raise papa.LostConnectionError("The connection was lost")
        return await really(name, upto)

    monkeypatch.setattr(drain._client, "acknowledge_processes", acknowledge)

    async def play() -> None:
        await until(lambda: drain.acknowledged == 3, "the first piece is acknowledged, in the end")
        gate.open()
        await until(lambda: drain.acknowledged == 6, "the second piece is acknowledged")

    drained(drain, play)

    (file,) = logs(folder)
    assert lost == [3]
    assert file.read_bytes() == b"onetwo"


def test_a_kernel_that_ends_is_waited_for(client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path) -> None:
    run(client, f"printf one; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=tmp_path / "saved")

    async def play() -> None:
        await until(lambda: drain.acknowledged == 3, "it drains")
        kernel.stop()
        await until(lambda: drain.status.startswith("waits for the kernel: "), "it waits")
        assert drain.running

    drained(drain, play)

    assert drain.status.startswith("stopped: 3 bytes saved in ")


def test_a_process_that_is_removed_is_drained_to_its_end(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path
) -> None:
    run(client, f"printf one; {gate.wait}; exit 4")
    drain = Drain(kernel.path, "web", folder=tmp_path / "saved")

    async def play() -> None:
        await until(lambda: drain.acknowledged == 3, "it drains")
        client.remove_processes("web")
        gate.open()
        await until(lambda: not drain.running, "it has come to its end")

    drained(drain, play)

    (file,) = logs(tmp_path / "saved")
    assert file.read_bytes() == b"one"
    assert receipt(file)["exit_status"] == 4
    assert client.list_processes() == {}


def test_a_process_that_is_not_held_is_not_drained(kernel: KernelProcess, tmp_path: Path) -> None:
    drain = Drain(kernel.path, "web", folder=tmp_path / "saved")

    drained(drain, lambda: until(lambda: not drain.running, "it has ended"))

    assert drain.status == "over: the process is no longer held: 0 bytes saved"
    assert not (tmp_path / "saved").exists()


def test_output_under_load_is_saved_byte_by_byte(client: papa.Papa, kernel: KernelProcess, tmp_path: Path) -> None:
    run(client, "i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); echo line $i; [ $((i % 7)) = 0 ] && echo $i >&2; done")
    drain = Drain(kernel.path, "web", folder=tmp_path)

    drained(drain, lambda: until(lambda: not drain.running, "it has come to its end"))

    (file,) = logs(tmp_path)
    lines = file.read_text().splitlines()
    assert [line for line in lines if line.startswith("line")] == [f"line {number}" for number in range(1, 3001)]
    assert [line for line in lines if not line.startswith("line")] == [str(number) for number in range(7, 3001, 7)]
    assert receipt(file)["lost_bytes"] == 0


def test_stopping_it_while_it_writes_waits_for_the_file(
    client: papa.Papa, kernel: KernelProcess, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, go_on = Gate(tmp_path / "writing"), Gate(tmp_path / "go on")
    really = RotatingFile.append

    def append(file: RotatingFile, records: Any, acknowledged: int | None) -> None:
        writing.open()
        os.read(go_on._fd, 1)
        really(file, records, acknowledged)

    monkeypatch.setattr(RotatingFile, "append", append)
    run(client, f"printf one; {gate.wait}")
    drain = Drain(kernel.path, "web", folder=tmp_path / "saved")

    async def main() -> None:
        drain.start()
        await asyncio.to_thread(os.read, writing._fd, 1)
        stopping = asyncio.create_task(drain.stop())
        await asyncio.sleep(0)
        go_on.open()
        await stopping

    with writing, go_on:
        asyncio.run(main())

    (file,) = logs(tmp_path / "saved")
    assert file.read_bytes() == b"one"
    assert receipt(file)["acknowledged"] is False
    assert client.list_processes("web")["web"]["buffered"] == 3


def test_two_drains_in_one_second_have_files_of_their_own(
    client: papa.Papa, kernel: KernelProcess, tmp_path: Path
) -> None:
    for name in ("web", "mail"):
        run(client, f"printf {name}", name)
        wait_for(lambda name=name: not client.list_processes(name)[name]["running"], "it has ended")  # type: ignore[misc]

    for name in ("web", "mail", "web"):
        drain = Drain(kernel.path, name, folder=tmp_path, clock=lambda: 1_763_900_000.0)
        drained(drain, lambda drain=drain: until(lambda: not drain.running, "it has come to its end"))  # type: ignore[misc]

    assert sorted(path.read_text() for path in logs(tmp_path)) == ["", "mail", "web"]
