"""Named values, and how text travels on the wire."""

import pytest

from papa_protocol.words import to_bytes, unescape
from support.kernels import KernelProcess
from support.wire import Wire

AWKWARD = [
    " a", "a ", "a  b", "a\nb", "a\\", "\\", "\\\\", '"', '""', '"q"', "0", "\t", "a\r", "\udcff", "x\n> y",
    "Error: x", "Error:", "> ", ">", "]", "\x1b[2J", "é", "\U0001f600", "a*", "k=v", "$(socket.a.port)",
]  # fmt: skip


def quoted(text: str) -> bytes:
    """Write a word of dialect 2 byte by byte, as the plainest client would."""
    data = text.encode("utf-8", "surrogateescape")
    return "".join(f"\\x{byte:02x}" for byte in data).encode() or b'""'


def unquoted(reply: str) -> str:
    return unescape(to_bytes(reply))


def test_a_value_is_set_got_listed_and_forgotten(wire: Wire) -> None:
    wire.command("set a.b one")
    wire.command("set a.c two words")
    wire.command("set d three")

    assert wire.command("get a.c") == "two words"
    assert wire.command("get nothing") == ""
    assert wire.command("list values") == "a.b one\na.c two words\nd three"
    assert wire.command("list values a.* nothing") == "a.b one\na.c two words"
    assert wire.command("set a.b") == ""
    assert wire.command("list values a.*") == "a.c two words"
    assert wire.command("remove values a.* d") == ""
    assert wire.command("list values") == ""


def test_values_are_the_same_on_every_connection_and_outlive_it(kernel: KernelProcess) -> None:
    with kernel.connect() as first:
        first.command("set a 1")

    with kernel.connect(unix=True) as second:
        assert second.command("get a") == "1"


@pytest.mark.parametrize("line", ["remove values", "remove values *", "remove values a *", "r v * a"])
def test_all_values_are_never_removed_at_once(wire: Wire, line: str) -> None:
    """D30."""
    wire.command("set a 1")

    reply = wire.command(line)

    assert reply.startswith("Error: All values cannot be removed at once")
    assert wire.command("get a") == "1"


@pytest.mark.parametrize("value", AWKWARD)
def test_every_text_comes_back_unchanged_in_dialect_2(wire: Wire, value: str) -> None:
    """D1, D2."""
    wire.command("protocol 2")

    wire.command(b"set " + quoted(value) + b" " + quoted(value))

    assert unquoted(wire.command(b"get " + quoted(value))) == value
    assert not wire.command(b"get " + quoted(value)).startswith("Error: ")


def test_an_empty_value_differs_from_none_in_dialect_2(wire: Wire) -> None:
    """D1."""
    wire.command("protocol 2")

    wire.command('set a ""')

    assert wire.command("get a") == '""'
    assert wire.command("get b") == ""
    assert wire.command("list values") == 'a ""'


def test_a_value_of_a_megabyte_comes_back(wire: Wire) -> None:
    value = "0123456789abcdef" * 65536

    wire.command(f"set a {value}")

    assert wire.command("get a") == value


def test_bytes_that_are_no_text_come_back_in_both_dialects(wire: Wire) -> None:
    wire.command(b"set a x\xfe\x80y")

    assert wire.command("get a") == "x\udcfe\udc80y"
    wire.command("protocol 2")
    assert wire.command("get a") == "x\\xfe\\x80y"


def test_blanks_between_words_count_once_and_escaped_ones_are_kept(wire: Wire) -> None:
    wire.command("set  a  b   c")
    wire.command("set b b\\ \\ \\ c")

    assert wire.command("get a") == "b c"
    assert wire.command("get b") == "b   c"


def test_lines_may_end_as_telnet_ends_them(wire: Wire) -> None:
    wire.command(b"set a 1\r")

    assert wire.command(b"get a\r") == "1"


def test_telnet_options_are_refused_and_do_no_harm(wire: Wire) -> None:
    wire.command("set a 1")

    wire.send(b"\xff\xfd\x03\xff\xfb\x18get a\n")

    assert wire.read_until(b"\n> ") == b"\xff\xfc\x03\xff\xfe\x181\n> "


def test_a_line_with_a_nul_is_refused_and_the_connection_goes_on(wire: Wire) -> None:
    replies = [wire.command(line) for line in (b"set a x\0y", b"set a\0 y", b"\0", b"nothing\0")]

    assert all(reply.startswith("Error: ") and "NUL" in reply for reply in replies), replies
    assert wire.command("list values") == ""


@pytest.mark.parametrize("name", [b"a\x08", b"\x1b[31m", b"a\tb", b"a\xffb", "\u202e".encode()])
def test_a_name_that_would_act_on_a_terminal_is_refused_in_dialect_1(wire: Wire, name: bytes) -> None:
    for kind, rest in ((b"set ", b" 1"), (b"make socket ", b""), (b"make process ", b" /bin/true")):
        assert "name cannot hold" in wire.command(kind + name + rest)

    assert [wire.command(f"list {kind}") for kind in ("values", "sockets", "processes")] == ["", "", ""]


def test_what_dialect_2_put_into_names_and_values_is_shown_harmlessly_in_dialect_1(kernel: KernelProcess) -> None:
    new, old = kernel.connect(), kernel.connect()
    new.command("protocol 2")

    new.command("set a\\ b\\x1b \\x1b[2J\\n>\\ x")

    assert old.command("list values") == "a\\x20b\\x1b \\x1b[2J\\n> x"
    assert new.command("list values") == "a\\ b\\x1b \\x1b[2J\\n>\\ x"
    new.close()
    old.close()
