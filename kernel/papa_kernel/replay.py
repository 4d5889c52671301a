"""What a kernel held, put together from the records that it left: its state at one time, and what changed later."""

from collections.abc import Callable, Mapping

from papa_kernel.process import Process
from papa_kernel.saved import Record, StateError
from papa_protocol.hints import Any
from papa_protocol.watch import Kind
from papa_protocol.words import to_bytes


class Replay:
    """Takes records in the order in which they were written."""

    def __init__(self) -> None:
        self.sockets: dict[str, dict[str, Any]] = {}
        self.values: dict[str, str] = {}
        self.processes: dict[int, Process] = {}  # by their own numbers
        self.listed: set[int] = set()  # of the processes
        self.begun: dict[int, float] = {}  # of processes about to be started, when that was
        self.changes = [0, 0, 0]  # of the list of processes, of sockets, of values
        self.stopped = False  # the kernel ended as it was told to
        self.made = 0  # how many processes there ever were
        self._take: Mapping[str, Callable[[Record], None]] = {
            "socket": self._take_socket,
            "no socket": self._take_no_socket,
            "values": self._take_values,
            "no value": self._take_no_value,
            "process": self._take_process,
            "output": self._take_output,
            "progress": self._take_progress,
            "no process": self._take_no_process,
            "held": self._take_held,
            "stop": self._take_stop,
        }

    def take(self, record: Record) -> None:
        """Take in what a record tells.

        Raises:
            StateError: this version of papa does not know such records.
        """
        if record.kind not in self._take:
            raise StateError(f"it has a part that this version of papa does not know: {record.kind}")
        self._take[record.kind](record)

    def _take_socket(self, record: Record) -> None:
        self.sockets[record.fields["name"]] = record.fields
        self.changes[1] += 1

    def _take_no_socket(self, record: Record) -> None:
        del self.sockets[record.fields["name"]]
        self.changes[1] += 1

    def _take_values(self, record: Record) -> None:
        sizes = record.fields["values"]
        values = {name: record.data.take(size) for name, size in sizes.items()}
        if sum(map(len, values.values())) < sum(sizes.values()):
            return  # the kernel ended while it wrote them, and what they were before holds
        self.values.update((name, value.decode(errors="surrogateescape")) for name, value in values.items())
        self.changes[2] += 1

    def _take_no_value(self, record: Record) -> None:
        del self.values[record.fields["name"]]
        self.changes[2] += 1

    def _take_process(self, record: Record) -> None:
        process = Process.restored(record.fields, record.data.lend)
        self.processes[process.number] = process
        self.begun[process.number] = record.fields.get("begun", 0.0)
        self.made = max(self.made, process.number)
        self.changes[0] += 1

    def _take_output(self, record: Record) -> None:
        fields = record.fields
        ring = self.processes[fields["number"]].ring
        ring.end = fields["start"]
        if data := record.data.lend_all():  # the kernel may have ended before there was any
            ring.add(Kind(fields["stream"]), data, fields["time"])

    def _take_progress(self, record: Record) -> None:
        process = self.processes[record.fields["number"]]
        process.proceed(record.fields)
        (self.listed.add if record.fields["listed"] else self.listed.discard)(process.number)
        self.changes[0] += 1

    def _take_no_process(self, record: Record) -> None:
        number = record.fields["number"]
        del self.processes[number]
        self.listed.discard(number)
        self.changes[0] += 1

    def _take_stop(self, _: Record) -> None:
        self.stopped = True

    def _take_held(self, record: Record) -> None:
        self.changes = record.fields["changes"]
        self.made = record.fields["made"]
        self.listed.update(record.fields["listed"])


def saved_values(values: Mapping[str, str]) -> tuple[str, dict[str, Any], list[bytes]]:
    """Return the kind, the fields and the bytes of a record of values: in JSON a value could be six times as long."""
    texts = [to_bytes(value) for value in values.values()]
    return "values", {"values": dict(zip(values, map(len, texts), strict=True))}, texts
