"""Output in Python's logging: what each record says, and that nothing is acknowledged before handlers have taken it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import papa
from papa.logs import Delivering, Line, forward, read_lines
from papa_protocol.watch import Kind, Record
from support.waiting import wait_for


class Taker(logging.Handler):
    """Keeps what it is given, and fails once it has so much."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[logging.LogRecord] = []
        self.most = 1000

    def emit(self, record: logging.LogRecord) -> None:
        if len(self.taken) >= self.most:
            raise OSError("no room")
        self.taken.append(record)


@contextmanager
def handled(name: str, handler: logging.Handler) -> Iterator[None]:
    """Let a handler take what is forwarded to a logger, and leave the logger as it was."""
    logger = logging.getLogger(name)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)


@pytest.fixture
def taker() -> Iterator[Taker]:
    """A handler of all that is forwarded."""
    taker = Taker()
    with handled("papa", taker):
        yield taker


def test_each_line_is_a_record_of_its_process_s_logger(client: papa.Papa, taker: Taker) -> None:
    made = client.make_process("web.1", "/bin/sh", ["-c", "echo 100% one; echo two >&2; printf last"])

    forward(client, "web.*")

    records = sorted((record.levelname, record.name, record.getMessage()) for record in taker.taken)
    assert records == [
        ("ERROR", "papa.web.1", "two"),
        ("INFO", "papa.web.1", "100% one"),
        ("INFO", "papa.web.1", "last"),
    ]
    assert all(made["started"] - 1 < record.created < made["started"] + 20 for record in taker.taken)
    assert client.list_processes() == {}


def test_what_a_handler_does_not_take_is_not_acknowledged(client: papa.Papa, taker: Taker) -> None:
    client.make_process("p", "/bin/sh", ["-c", "seq 1 100"])
    taker.most = 50

    with pytest.raises(OSError, match="no room"):
        forward(client, "p")

    assert client.list_processes("p")["p"]["buffered"] == len("".join(f"{n}\n" for n in range(1, 101)))
    taker.most = 1000
    forward(client, "p")
    numbers = [int(record.getMessage()) for record in taker.taken]
    assert numbers == [*range(1, 51), *range(1, 101)]


def test_what_the_kernel_had_to_drop_is_a_warning(client: papa.Papa, taker: Taker) -> None:
    client.make_process("p", "/usr/bin/seq", ["1000"], bufsize=512)
    wait_for(lambda: client.list_processes()["p"]["position"] == 3894, "all of its output and its end have been read")
    dropped = client.list_processes()["p"]["dropped"]

    forward(client, "p")

    said = [record.getMessage() for record in taker.taken if record.levelno == logging.WARNING]
    assert said == [f"{dropped} bytes of output were lost: the kernel had to drop them"]


def test_a_level_that_is_not_wanted_is_not_handled(client: papa.Papa, taker: Taker) -> None:
    logging.getLogger("papa").setLevel(logging.ERROR)
    client.make_process("p", "/bin/sh", ["-c", "echo out; echo err >&2"])

    forward(client, "p")

    assert [record.getMessage() for record in taker.taken] == ["err"]


def test_a_handler_of_logging_that_would_only_print_its_failure_raises_it(client: papa.Papa) -> None:
    class Broken(Delivering, logging.StreamHandler):  # type: ignore[type-arg]
        pass

    closed = io.StringIO()
    closed.close()
    client.make_process("p", "/bin/echo", ["hello"])

    with handled("papa.p", Broken(closed)), pytest.raises(ValueError, match="closed file"):
        forward(client, "p")

    assert client.list_processes("p")["p"]["buffered"] == 6


def out(data: bytes, time: float = 1.0, kind: Kind = Kind.OUT, name: str = "p") -> Record:
    return Record(kind, name, time, data)


def line(text: str, time: float = 1.0, level: int = logging.INFO, name: str = "p") -> Line:
    return Line(name, time, level, text)


def lost() -> Line:
    return line("7 bytes of output were lost: the kernel had to drop them", level=logging.WARNING)


LOST = Record(Kind.LOST, "p", 1.0, number=7)


@pytest.mark.parametrize(
    ("records", "lines"),
    [
        ([out(b"a\nb\n")], [line("a"), line("b")]),
        ([out(b"a"), out(b"b\n", 2.0)], [line("ab", 2.0)]),
        ([out(b"a"), out(b"x\n", 1.5, Kind.ERR), out(b"b\n", 2.0)], [line("x", 1.5, logging.ERROR), line("ab", 2.0)]),
        ([out(b"a"), out(b"x\n", name="q"), out(b"\n")], [line("x", name="q"), line("a")]),
        ([out(b"a\nrest")], [line("a"), line("rest")]),
        ([out(b"\n\r\n\xff\n")], [line(""), line(""), line("\\xff")]),
        ([Record(Kind.CLOSED, "p", 1.0, number=3)], []),
        ([LOST, out(b"a\n")], [lost(), line("a")]),
        ([out(b"a"), out(b"b", name="q"), LOST, out(b"c\n")], [line("a"), lost(), line("c"), line("b", name="q")]),
    ],
)
def test_pieces_of_output_make_lines(records: list[Record], lines: list[Line]) -> None:
    assert list(read_lines(records)) == lines
