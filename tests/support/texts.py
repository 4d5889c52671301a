"""Strings and bytes for hypothesis: anything that a name, a value or an argument can be."""

from collections.abc import Iterator

from hypothesis import strategies as st

NASTY = (
    "",
    " ",
    "  a  b ",
    "\t",
    "\n",
    "a\nb",
    "a\r",
    "\r\n",
    "\\",
    "\\\\",
    "a\\",
    "\\ a",
    "\\n",
    "\\x41",
    '"',
    '""',
    "'a b'",
    ">",
    "> ",
    "\n> ",
    "]",
    "] ",
    "x\n] ",
    "Error:",
    "Error: x",
    "\nError: x",
    "args=",
    "a args=b",
    " pid=1",
    "pid=abc",
    "a:b:1:2",
    "closed:a:1.0:0",
    "$(socket.a.port)",
    "*",
    "a*",
    "-1",
    "é",
    "😀",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\xa0",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\udc80",
    "\udcff\udcfe",
    "a\udcffb",
)


def from_bytes(data: bytes) -> str:
    """Return what a program sees for bytes that need not be UTF-8."""
    return data.replace(b"\0", b"").decode("utf-8", "surrogateescape")


TEXTS = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.binary().map(from_bytes),
    st.text('\\" \n\r\t>]Error:x0=*', max_size=12),
)
WORDS = st.lists(TEXTS, min_size=1, max_size=6)


def cuts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Return ``data`` in two parts, cut at every position."""
    for at in range(len(data) + 1):
        yield data[:at], data[at:]
