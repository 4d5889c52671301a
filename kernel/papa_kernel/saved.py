"""What a kernel hands to its successor: records of plain data, and bytes, in a file without a name.

Each record is a line of JSON and the bytes that it announces, which are the same in every version of Python. The
first one has the version of the format, which grows when an older or newer kernel would misread the others. Within
a version records may gain fields: who does not find one takes its default.
"""

import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from papa_protocol.hints import Any, BinaryIO, NamedTuple

FORMAT = 1
_HEAD = "papa"
_KIND = "kind"
_SIZE = "size"
# Small pieces are read so many bytes at a time.
_BLOCK = 64 * 1024
# Of a smaller file nothing is lent, since it is read within milliseconds; nor are small pieces.
_SMALL_FILE = 8 * 1024 * 1024
_SMALL_PIECE = 4096


class StateError(Exception):
    """A saved state cannot be taken over; the text says why."""


class _File:
    """A file whose parts can be lent: mapped into memory, once, until the last of them is let go of."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._lends = os.fstat(fd).st_size > _SMALL_FILE
        self._mapped: memoryview | None = None

    def lend(self, at: int, size: int) -> memoryview | None:
        """Return a part without reading it; None where that does not pay, or the system has no room for it."""
        if not self._lends or size < _SMALL_PIECE:
            return None
        if self._mapped is None:
            try:
                self._mapped = memoryview(mmap.mmap(self.fd, 0, prot=mmap.PROT_READ))
            except OSError:
                return None
        return self._mapped[at : at + size]


class Data:
    """The bytes that come with a record, read as they are taken, for as long as the file is open.

    Args:
        file: where they are.
        at: where they begin.
        size: how many they are.
    """

    def __init__(self, file: _File, at: int, size: int) -> None:
        self._file = file
        self._at = at
        self._end = at + size
        self._block = b""
        self._used = 0  # of the block

    def take(self, size: int) -> bytes:
        """Return the next bytes, ``size`` of them unless fewer are left."""
        if self._used + size > len(self._block):
            self._block = os.pread(self._file.fd, min(max(size, _BLOCK), self._end - self._at), self._at)
            self._used = 0
        data = self._block[self._used : self._used + size]
        self._used += len(data)
        self._at += len(data)
        return data

    def lend(self, size: int) -> bytes | memoryview:
        """Return the next bytes as ``take`` does, or as they are in the file, for any time."""
        lent = self._file.lend(self._at, size)
        if lent is None:
            return self.take(size)
        self._block, self._used = b"", 0
        self._at += size
        return lent

    def lend_all(self) -> bytes | memoryview:
        """Return all that are left, as ``lend`` does."""
        return self.lend(self._end - self._at)

    def take_all(self) -> bytes:
        """Return all that are left."""
        return self.take(self._end - self._at)


class Record(NamedTuple):
    """One record: what it describes, its fields, and the bytes that come with it."""

    kind: str
    fields: dict[str, Any]
    data: Data


def new_file(name: str) -> int:
    """Return the descriptor of an empty file that no folder has, and whose memory is freed with its last descriptor.

    Raises:
        OSError: there can be none.
    """
    if hasattr(os, "memfd_create"):
        return os.memfd_create(name, os.MFD_CLOEXEC)
    path = f"/tmp/{name}-{os.getpid()}-{os.urandom(8).hex()}"  # noqa: S108 - made anew, for nobody else, and unlinked
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    os.unlink(path)
    return fd


def encode(kind: str, fields: Mapping[str, Any], size: int = 0) -> bytes:
    """Return the line that begins a record.

    Args:
        kind: what it describes.
        fields: plain data: texts, numbers, lists and dictionaries.
        size: how many bytes come with it.

    Raises:
        ImportError: Python's own library is not what it was when the kernel was started.
    """
    # Here and not above: it would take a twentieth of the start. Whoever saves can do without it: the kernel goes on
    # as it is.
    from json import dumps  # noqa: PLC0415

    return dumps({_KIND: kind, _SIZE: size, **fields}).encode() + b"\n"


class Writer:
    """Writes records to a file, which the caller closes.

    Args:
        fd: the file, empty.
        skims: whether to leave out the bytes that come with records, for a reader who only tries.

    Raises:
        ImportError: Python's own library is not what it was when the kernel was started.
    """

    def __init__(self, fd: int, *, skims: bool = False) -> None:
        self._skims = skims
        self._file: BinaryIO = open(fd, "wb", closefd=False)  # noqa: SIM115 - `finish` closes it
        self.add(_HEAD, {"format": FORMAT})

    def add(self, kind: str, fields: Mapping[str, Any], data: Iterable[bytes | bytearray | memoryview] = ()) -> None:
        """Append a record.

        Args:
            kind: what it describes.
            fields: plain data: texts, numbers, lists and dictionaries.
            data: pieces of bytes.
        """
        pieces = [] if self._skims else list(data)
        self._file.write(encode(kind, fields, sum(map(len, pieces))))
        for piece in pieces:
            self._file.write(piece)

    def finish(self) -> None:
        """Write what is still buffered."""
        self._file.close()


def read(fd: int, *, torn: bool = False) -> Iterator[Record]:
    """Yield the records of a file from its beginning on, but for the first.

    Args:
        fd: the file.
        torn: whether its writer may have ended in the middle of the last record.

    Raises:
        StateError: it is not a state, or of another format.
    """
    from json import loads  # noqa: PLC0415

    os.lseek(fd, 0, os.SEEK_SET)
    with open(fd, "rb", closefd=False) as file:
        head = True
        pieces = _File(fd)
        for line in file:
            if torn and not line.endswith(b"\n"):
                return
            try:
                fields = loads(line)
                size = fields.pop(_SIZE)
                record = Record(fields.pop(_KIND), fields, Data(pieces, file.tell(), size))
                file.seek(size, os.SEEK_CUR)
            except (ValueError, KeyError, AttributeError):
                raise StateError("it is not the state of a papa kernel") from None
            if head:
                _check_format(record)
                head = False
            else:
                yield record


@contextmanager
def readable() -> Iterator[None]:
    """Find nothing in a state that this version of papa does not expect there.

    Raises:
        StateError: there is something.
    """
    try:
        yield
    except StateError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no reason to let go of what is left
        raise StateError(f"it cannot be read: {type(error).__name__}: {error}") from None


def _check_format(head: Record) -> None:
    found = head.fields.get("format") if head.kind == _HEAD else None
    if found != FORMAT:
        raise StateError(f"its format is {found}, and this version of papa reads {FORMAT}")
