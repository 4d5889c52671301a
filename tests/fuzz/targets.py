"""What the fuzzers call: each target takes any bytes and fails where a parser does not keep its word.

A parser returns, or raises the error that it documents. One that takes a stream makes the same of it wherever the
bytes are cut.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from papa import requests
from papa.endpoint import check_endpoint
from papa.errors import Error
from papa.following import Following
from papa.requests import Request
from papa_protocol.command_table import COMMANDS, PROCESS_OPTIONS, SOCKET_OPTIONS, UPTO_OPTION
from papa_protocol.commands import check_count
from papa_protocol.errors import CommandError, ProtocolError, RemoteProtocolError
from papa_protocol.foreign import foreign_line, foreign_start
from papa_protocol.help import help_page
from papa_protocol.highlight import spans
from papa_protocol.lines import LineReader
from papa_protocol.model import SocketSpec
from papa_protocol.names import check_name, is_pattern, matches
from papa_protocol.options import BadValue, read_options
from papa_protocol.placeholders import substitute
from papa_protocol.replies import Reply, ReplyReader
from papa_protocol.rows import read_info, read_process_row, read_socket_row, read_value_row
from papa_protocol.telnet import TelnetFilter
from papa_protocol.typed import TypedError, check, expand, expand_last, full_word, hint, locate, split_typed
from papa_protocol.watch import BatchEnd, BatchReader
from papa_protocol.words import Dialect, count_words, join_words, show, show_name, split_line, to_text, unescape

_OPTIONS = (*SOCKET_OPTIONS, *PROCESS_OPTIONS, UPTO_OPTION)
# Input up to this length is cut at every place, longer input only between all its bytes.
_CUT_EVERYWHERE = 64
_LINE_LIMIT = 24


class Reader(Protocol):
    """Takes bytes and turns them into events."""

    def receive(self, data: bytes) -> None:
        """Take in bytes."""

    def next_event(self) -> object | None:
        """Return the next event, or None."""


def attempt(parser: Callable[..., Any], *arguments: object, error: type[Exception] = CommandError) -> Any:
    """Return what a parser makes of its input, or the error that it may raise."""
    try:
        return parser(*arguments)
    except error as caught:
        return type(caught), str(caught)


def texts(data: bytes) -> str:
    """Return text that may hold anything that a str can, halves of surrogate pairs among it."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return to_text(data)


def cuts(data: bytes) -> Iterator[Sequence[bytes]]:
    """Return ``data`` in pieces: byte by byte, and in two parts."""
    yield [data[at : at + 1] for at in range(len(data))]
    if len(data) <= _CUT_EVERYWHERE:
        yield from ((data[:at], data[at:]) for at in range(1, len(data)))


def same_wherever_cut(read: Callable[[Iterable[bytes]], object], data: bytes) -> None:
    """Check that ``read`` makes the same of any pieces of ``data``."""
    whole = read([data])
    for pieces in cuts(data):
        assert read(pieces) == whole, f"{pieces} is not read as {data!r} is"


def events(reader: Reader, pieces: Iterable[bytes], error: type[Exception]) -> list[object]:
    """Return all events up to the first error, and that."""
    found: list[object] = []
    for piece in pieces:
        reader.receive(piece)
        while (event := attempt(reader.next_event, error=error)) is not None:
            found.append(event)
            if isinstance(event, tuple) and isinstance(event[0], type):
                return found
    return found


def lines(data: bytes) -> None:
    def read(pieces: Iterable[bytes]) -> object:
        reader = LineReader(_LINE_LIMIT)
        for piece in pieces:
            reader.receive(piece)
        reader.rest()
        return list(reader.waiting)

    same_wherever_cut(read, data)


def telnet(data: bytes) -> None:
    """Telnet's own bytes are filtered before lines are read, as in a session."""

    def read(pieces: Iterable[bytes]) -> object:
        reader, telnet_filter = LineReader(_LINE_LIMIT), TelnetFilter()
        for piece in pieces:
            reader.receive(telnet_filter.receive(piece))
        reader.rest()
        return list(reader.waiting), telnet_filter.data_to_send()

    same_wherever_cut(read, data)


def foreign(data: bytes) -> None:
    foreign_line(data)
    if data:
        foreign_start(data)


def words(data: bytes) -> None:
    """What was understood in dialect 2 can be said in it, and is understood again."""
    assert count_words(data) > 0
    attempt(unescape, data)
    attempt(split_line, data, Dialect.V1)
    found = attempt(split_line, data, Dialect.V2)
    if isinstance(found, list):
        assert split_line(join_words(found, Dialect.V2), Dialect.V2) == found


def options(data: bytes) -> None:
    text = texts(data)
    for option in _OPTIONS:
        attempt(option.read, text, error=BadValue)
        attempt(option.read_value, "key", text)
    for table in (SOCKET_OPTIONS, PROCESS_OPTIONS, (UPTO_OPTION,)):
        found = attempt(read_options, table, text.split(" "))
        if table is SOCKET_OPTIONS and isinstance(found[0], dict):
            attempt(lambda given: SocketSpec(**given), found[0])


def names(data: bytes) -> None:
    name = to_text(data)
    for dialect in Dialect:
        attempt(check_name, name, "value", dialect)
        attempt(show, name, dialect, error=ProtocolError)
        attempt(show_name, name, dialect, error=ProtocolError)
    assert matches(name, name)
    assert is_pattern(name) == name.endswith("*")


def placeholders(data: bytes) -> None:
    attempt(substitute, texts(data), lambda _name, _field: 7)


def commands(data: bytes) -> None:
    found = texts(data).split(" ")
    resolved = attempt(COMMANDS.resolve, found)
    if not isinstance(resolved[0], type):
        attempt(check_count, *resolved)
    attempt(COMMANDS.resolve_verb, found[0])
    attempt(help_page, found)
    attempt(COMMANDS.resolve, found[1:])


def typed(data: bytes) -> None:
    line = texts(data)
    assert all(line[word.start : word.end] == word.raw for word in split_typed(line))
    place = locate(line)
    assert 0 <= place.start <= len(line)
    for read in (hint, expand, expand_last, full_word):
        read(line)
    error = _typed_error(line)
    assert error is None or 0 <= error.start < error.end <= len(line) + 2


def _typed_error(line: str) -> TypedError | None:
    try:
        check(line)
    except TypedError as error:
        return error
    return None


def highlighting(data: bytes) -> None:
    """The pieces of a line come in order and leave nothing out but blanks."""
    line = texts(data)
    end = 0
    for span in spans(line):
        assert end <= span.start < span.end <= len(line)
        assert not line[end : span.start].strip(" ")
        end = span.end
    assert not line[end:].strip(" ")


def replies(data: bytes) -> None:
    """Dialect 2 has its replies whatever the pieces; dialect 1 takes what is the last in a piece for a prompt."""
    same_wherever_cut(lambda pieces: events(ReplyReader(Dialect.V2), pieces, ProtocolError), data)
    for pieces in cuts(data):
        events(ReplyReader(Dialect.V1), pieces, ProtocolError)
    same_wherever_cut(_first_line_and_replies, data)


def _first_line_and_replies(pieces: Iterable[bytes]) -> object:
    """Read a reply that a stream may follow: its line, then what comes before the next prompt."""
    reader = ReplyReader(Dialect.V2)
    line: str | None = None
    found: list[object] = []
    for piece in pieces:
        reader.receive(piece)
        line = reader.next_line() if line is None else line
        if line is not None:
            found += iter(reader.next_event, None)
    return line, found, reader.rest()


def batches(data: bytes) -> None:
    for dialect in Dialect:
        for positions in (True, False):
            _read_batches(data, dialect, positions=positions)


def _read_batches(data: bytes, dialect: Dialect, *, positions: bool) -> None:
    def read(pieces: Iterable[bytes]) -> object:
        return _shown(events(BatchReader(dialect, positions=positions), pieces, RemoteProtocolError))

    same_wherever_cut(read, data)


def _shown(found: Sequence[object]) -> list[object]:
    """Return events so that they can be compared: a time that is not a number is not equal to itself."""
    return [event if isinstance(event, BatchEnd) else repr(event) for event in found]


def following(data: bytes) -> None:
    """Batches as the clients take them: record by record until one is complete."""

    def read(pieces: Iterable[bytes]) -> object:
        reader = Following(Dialect.V2, consumes=True)
        found: list[object] = []
        for piece in pieces:
            reader.receive(piece)
            while (batch := attempt(reader.next_records, error=RemoteProtocolError)) is not None:
                found.append(batch)
                if reader.ended or isinstance(batch, tuple):
                    return _shown(found), reader.exit_code
        return _shown(found), reader.exit_code

    same_wherever_cut(read, data)


def rows(data: bytes) -> None:
    text = to_text(data)
    for dialect in Dialect:
        for read in (read_socket_row, read_process_row, read_value_row):
            attempt(read, text, dialect, error=RemoteProtocolError)
    attempt(read_info, text, error=RemoteProtocolError)


_REQUESTS: tuple[Request[Any], ...] = (
    requests.list_sockets([]),
    requests.list_processes([]),
    requests.list_values([]),
    requests.get_value("a"),
    requests.info(),
    requests.exit_if_idle(),
    requests.make_socket("a"),
    requests.make_process("a", requests.ProcessOptions("/bin/true")),
    requests.follow("watch", []),
)


def results(data: bytes) -> None:
    """What a client's method makes of a reply: a result, or the one error that its callers catch."""
    for request in _REQUESTS:
        for dialect in Dialect:
            attempt(request.result, Reply(to_text(data)), dialect, error=Error)


def endpoints(data: bytes) -> None:
    attempt(check_endpoint, texts(data), error=Error)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (
        lines, telnet, foreign, words, options, names, placeholders, commands, typed, highlighting, replies, batches,
        following, rows, results, endpoints,
    )
}  # fmt: skip
