"""Draining: each piece of a process' output is saved, and acknowledged once it is on the disk, until told to stop.

A tail reads, so nothing leaves the kernel before its position is acknowledged, and that happens only after the fsync.
The end of the process is saved in the receipt but not acknowledged: that would remove the process, which is for the
user to decide. When the kernel is lost the drain waits for it, and skips what it had saved already.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from papa.aio import AsyncPapa, AsyncTail
from papa.endpoint import DEFAULT_TIMEOUT, EndpointLike, show_endpoint
from papa.errors import CannotConnectError, CommandFailedError, Error, LostConnectionError
from papa_console.dashboard.files.receipt import Subject, saved_folder
from papa_console.dashboard.files.records import NotSavedError, between, check_kernel
from papa_console.dashboard.files.rotating import FILES, LIMIT, RotatingFile
from papa_console.dashboard.files.threads import in_thread
from papa_console.dashboard.files.writing import file_name, reason, stamp
from papa_console.text import size
from papa_protocol.model import ProcessInfo
from papa_protocol.watch import Kind, Record

_GATHER_SECONDS = 0.25  # an fsync costs more than what comes meanwhile
_GATHER_BYTES = 2**20
_RECEIPT_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
_FURTHEST = 2**63


class Drain:
    """Saves and acknowledges the output of one process, in a task of its own.

    Args:
        endpoint: where the kernel is.
        name: the process.
        timeout: seconds to wait for each reply.
        folder: where the files go; None takes ``saved_folder()``.
        limit: how many bytes a file has before another is begun; the newest four are kept.
        clock: tells the time in seconds since 1970.
    """

    def __init__(  # noqa: PLR0917 - all but two have a usual value
        self,
        endpoint: EndpointLike,
        name: str,
        timeout: float = DEFAULT_TIMEOUT,
        folder: Path | None = None,
        limit: int = LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.status = "begins"
        self.problem = ""
        self.saved = 0
        self.position = 0  # where what is on the disk ends
        self.acknowledged = 0
        self._client = AsyncPapa(endpoint, timeout, start=False)
        self._folder = folder
        self._limit = limit
        self._clock = clock
        self._subject: Subject | None = None
        self._file: RotatingFile | None = None
        self._exit: int | None = None
        self._receipt_at = 0.0
        self._over = False  # by itself
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether it goes on."""
        return self._task is not None and not self._task.done()

    @property
    def path(self) -> Path | None:
        """The file that is written to, or was last."""
        return self._file.path if self._file is not None else None

    def start(self) -> None:
        """Begin, in the loop that runs."""
        assert self._task is None, "a drain is started once"
        self._task = asyncio.create_task(self._run(), name=f"drain {self.name}")

    async def stop(self) -> None:
        """Stop; what is on the disk but was not acknowledged stays in the kernel as well."""
        if self._task is None:
            return
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if not self._over:
            self.status = self._told("stopped")

    def _told(self, what: str) -> str:
        where = f" in {self.path}" if self.path is not None else ""
        deleted = self._file.deleted if self._file is not None else 0
        only = f"; only the newest {FILES} files are kept, {deleted} are gone" if deleted else ""
        return f"{what}: {size(self.saved)}{' bytes' if self.saved < 1024 else ''} saved{where}{only}"

    async def _run(self) -> None:
        try:
            self.status = self._told(await self._persist())
            self._over = True
        except OSError as error:
            self._give_up(reason(error))
        except (Error, NotSavedError) as error:
            self._give_up(str(error))
        finally:
            await self._finish()

    async def _persist(self) -> str:
        """Drain, over as many connections as it takes; return what happened in the end."""
        pause = _FIRST_PAUSE
        while True:
            before = self.position
            try:
                return await self._drain()
            except (LostConnectionError, CannotConnectError) as error:
                self.status = f"waits for the kernel: {error}"
            pause = _FIRST_PAUSE if self.position > before else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    def _give_up(self, why: str) -> None:
        self._over = True
        self.problem = why
        self.status = f"stopped, and what was not saved was not acknowledged: {why}"

    async def _finish(self) -> None:
        await self._client.close()
        if self._file is not None:
            try:
                await in_thread(self._file.write_receipt, self.acknowledged)
            except OSError as error:
                self.problem = self.problem or f"no receipt: {reason(error)}"
            self._file.close()

    async def _drain(self) -> str:
        """Save and acknowledge until the process has ended or gone; return what happened."""
        await self._client.connect()
        check_kernel(self._client)
        if (gone := await self._meet()) is not None:
            return gone
        async with await self._client.tail_processes(self.name) as tail:
            await self._acknowledge()  # what was saved when the connection was lost
            self.status = self._told("saves")
            while True:
                records = await self._gather(tail)
                await self._save(records)
                self.status = self._told("saves")
                if self._exit is not None:
                    return f"over: the process ended with status {self._exit}, which is not acknowledged"
                if not tail:
                    return "over: the process is no longer held"

    async def _meet(self) -> str | None:
        """See whose output it is; return why there is nothing to drain, None where there is."""
        info = await self._find()
        if info is None:
            return "over: the process is no longer held"
        if self._subject is None:
            kernel = (await self._client.info())["pid"]
            endpoint = show_endpoint(self._client.endpoint)
            self._subject = Subject(self.name, info.get("pid"), info.get("started"), endpoint, kernel)
        return None if self._subject.is_still(info) else "over: the name is that of another process by now"

    async def _find(self) -> ProcessInfo | None:
        try:
            return (await self._client.list_processes(self.name)).get(self.name)
        except CommandFailedError:
            return None

    async def _gather(self, tail: AsyncTail) -> list[Record]:
        """Return the records of a while, up to the end of the process, without what was saved before."""
        records = await tail.read_records()
        with suppress(TimeoutError):
            async with asyncio.timeout(_GATHER_SECONDS):
                while tail and _amount(records) < _GATHER_BYTES and not _ends(records):
                    records += await tail.read_records()
        ends = _ends(records)
        # Output of descendants may follow the end; it stays in the kernel, as the end does.
        upto = ends[0].position if ends else None
        cuts = (between(record, self.position, upto or _FURTHEST) for record in records)
        return [cut for cut in cuts if cut is not None]

    async def _save(self, records: Sequence[Record]) -> None:
        if not records:
            return
        if self._file is None:
            assert self._subject is not None
            name = f"{file_name(self.name)}-{stamp(self._clock())}-drain"
            self._file = RotatingFile(self._folder or saved_folder(), name, self._subject, self._clock, self._limit)
        await in_thread(self._file.append, records, self.acknowledged)
        self.position = records[-1].position or self.position
        self.saved += _amount(records)
        self._exit = next((record.number for record in _ends(records)), None)
        await self._acknowledge()
        if self._clock() - self._receipt_at > _RECEIPT_SECONDS:
            await in_thread(self._file.write_receipt, self.acknowledged)
            self._receipt_at = self._clock()

    async def _acknowledge(self) -> None:
        """Acknowledge what is on the disk, but for the end of the process."""
        upto = self.position if self._exit is None else self.position - 1
        if upto > self.acknowledged:
            await self._client.acknowledge_processes(self.name, upto)
            self.acknowledged = upto


def _ends(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.kind is Kind.CLOSED]


def _amount(records: Sequence[Record]) -> int:
    return sum(len(record.data) for record in records)
