"""Save, then acknowledge: output is on the disk, and a receipt for it, before the kernel may forget it.

The order is: write the file, flush and fsync it and its folder, write the receipt the same way, and only then
acknowledge. After any error before that the kernel is told nothing, and still holds everything. The receipt is JSON
beside the file; its ``acknowledged`` is null until the kernel has answered, so that one which was left so by a crash
says no more than is known.
"""

import json
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from papa.aio import AsyncPapa
from papa.endpoint import show_endpoint
from papa.errors import CommandFailedError, Error
from papa_console.dashboard.files.records import NotSavedError, Tally, check_kernel, data_of, records_upto
from papa_console.dashboard.files.threads import in_thread
from papa_console.dashboard.files.writing import (
    file_name,
    fresh_file,
    reason,
    stamp,
    sync_folder,
    write_all,
    write_whole,
)
from papa_console.folders import state_folder
from papa_protocol.model import ProcessInfo
from papa_protocol.watch import Record

FORMAT = 1
_SUFFIX = ".json"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose output it is.

    Args:
        name: the process' name.
        pid: its PID.
        started: when it was started, in seconds since 1970.
        endpoint: where the kernel is.
        kernel_pid: the kernel's PID.
    """

    name: str
    pid: int | None = None
    started: float | None = None
    endpoint: str = ""
    kernel_pid: int | None = None

    def is_still(self, info: ProcessInfo | None) -> bool:
        """Whether it is the process that ``info`` tells of; one made later may have taken its name."""
        return info is not None and (info.get("pid"), info.get("started")) == (self.pid, self.started)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was saved, and whether it was acknowledged.

    ``from_position`` and ``to_position`` are the kernel's; the file has each byte between them, standard output and
    standard error as the kernel read them, except ``lost_bytes``, which it had to drop before. The first and last
    time are when the kernel read them. ``exit_status`` is there where the end of the process is among what was saved.
    """

    file: str
    bytes: int
    sha256: str
    out_bytes: int
    err_bytes: int
    lost_bytes: int
    from_position: int | None
    to_position: int | None
    first_time: str | None
    last_time: str | None
    exit_status: int | None
    process: dict[str, Any]
    kernel: dict[str, Any]
    saved: str
    acknowledged: bool | None = None
    problem: str = ""

    @property
    def path(self) -> Path:
        """Where the receipt is."""
        return Path(self.file + _SUFFIX)

    def write(self) -> None:
        """Write it beside the file, in one step, onto the disk.

        Raises:
            OSError: it cannot be written.
        """
        document = {"receipt": FORMAT, **asdict(self)}
        write_whole(self.path, (json.dumps(document, indent=2) + "\n").encode())


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def receipt_for(path: Path, tally: Tally, subject: Subject, now: float) -> Receipt:
    """Return the receipt for a file, in which nothing is acknowledged yet."""
    out, err = tally.sizes.values()
    return Receipt(
        file=str(path),
        bytes=tally.size,
        sha256=tally.sha256,
        out_bytes=out,
        err_bytes=err,
        lost_bytes=tally.lost,
        from_position=tally.from_position,
        to_position=tally.to_position,
        first_time=_moment(tally.first_time),
        last_time=_moment(tally.last_time),
        exit_status=tally.exit_status,
        process={"name": subject.name, "pid": subject.pid, "started": _moment(subject.started)},
        kernel={"endpoint": subject.endpoint, "pid": subject.kernel_pid},
        saved=_moment(now) or "",
    )


def saved_folder() -> Path:
    """Return where output is saved that is to go nowhere else."""
    return state_folder() / "saved"


Acknowledge = Callable[[int], Awaitable[object]]


async def save_then_acknowledge(
    batches: AsyncIterator[list[Record]],
    subject: Subject,
    acknowledge: Acknowledge,
    *,
    folder: Path | None = None,
    clock: Callable[[], float] = time.time,
) -> Receipt:
    """Save records, and once they and a receipt are on the disk, acknowledge up to the last of them.

    Args:
        batches: the records, in order, without gaps but those that they tell of.
        subject: whose they are.
        acknowledge: called once with the position, after everything is on the disk; what it raises is not raised
            here, since the output is saved: the receipt says so.
        folder: where the file goes, under a name that is free; None takes ``saved_folder()``.
        clock: tells the time in seconds since 1970.

    Returns:
        The receipt, with ``acknowledged`` true or false and, in ``problem``, why it is false.

    Raises:
        NotSavedError: nothing was saved and nothing acknowledged.
        papa.Error: the same, because of the kernel.
    """
    name = f"{file_name(subject.name)}-{stamp(clock())}"
    try:
        path, fd = await in_thread(fresh_file, folder or saved_folder(), name, ".log")
    except OSError as error:
        raise NotSavedError(reason(error)) from None
    try:
        tally = await _write(batches, fd, path)
        receipt = receipt_for(path, tally, subject, clock())
        await in_thread(receipt.write)
    except BaseException as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise NotSavedError(reason(error)) from None
        raise
    return await _acknowledge(receipt, acknowledge)


async def _write(batches: AsyncIterator[list[Record]], fd: int, path: Path) -> Tally:
    """Write the records and see that they are on the disk; the descriptor is closed in any case."""
    tally = Tally()
    try:
        async for records in batches:
            await in_thread(write_all, fd, data_of(records))
            tally.add(records)
        if tally.to_position is None:
            raise NotSavedError("there is nothing to save: all of it has been acknowledged")
        await in_thread(os.fsync, fd)
    finally:
        os.close(fd)
    await in_thread(sync_folder, path.parent)
    return tally


async def _acknowledge(receipt: Receipt, acknowledge: Acknowledge) -> Receipt:
    assert receipt.to_position is not None
    try:
        await acknowledge(receipt.to_position)
    except (Error, NotSavedError) as error:
        receipt = replace(receipt, acknowledged=False, problem=str(error))
    else:
        receipt = replace(receipt, acknowledged=True)
    try:
        await in_thread(receipt.write)
    except OSError as error:
        receipt = replace(receipt, problem=receipt.problem or f"the receipt is not up to date: {reason(error)}")
    return receipt


async def save_and_release(
    client: AsyncPapa, name: str, upto: int, *, folder: Path | None = None, clock: Callable[[], float] = time.time
) -> Receipt:
    """Save what a process wrote up to a position and nobody has acknowledged, then acknowledge exactly that.

    Args:
        client: of the kernel.
        name: the process.
        upto: the position, as a tail's records carry it; the end of the process is included where it lies before.
        folder: as for ``save_then_acknowledge``.
        clock: tells the time.

    Raises:
        NotSavedError: nothing was saved and nothing acknowledged.
        papa.Error: the same, because of the kernel.
    """
    info = await _find(client, name)
    check_kernel(client)
    if info is None:
        raise NotSavedError(f"{name} is no longer held")
    if info.get("running") and not info.get("buffered"):
        raise NotSavedError("there is nothing to save: all of it has been acknowledged")
    subject = Subject(
        name, info.get("pid"), info.get("started"), show_endpoint(client.endpoint), (await client.info())["pid"]
    )

    async def acknowledge(position: int) -> None:
        if not subject.is_still(await _find(client, name)):
            raise NotSavedError(f"{name} is another process by now, or none")
        await client.acknowledge_processes(name, position)

    async with aclosing(records_upto(client, name, upto)) as batches:
        return await save_then_acknowledge(batches, subject, acknowledge, folder=folder, clock=clock)


async def _find(client: AsyncPapa, name: str) -> ProcessInfo | None:
    try:
        return (await client.list_processes(name)).get(name)
    except CommandFailedError:
        return None
