"""Lines as text that no terminal can be harmed by."""

import re
import sys
import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.style import Style

from papa_console.dashboard.output.ansi import Styled, parse, strip, strip_lines

RED, BOLD = Style(color="color(1)"), Style(bold=True)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"plain", "plain"),
        (b"", ""),
        ("für 漢字".encode(), "für 漢字"),
        (b"caf\xe9", "caf\ufffd"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
        (b"a\tb\tc", "a       b       c"),
        ("漢\tb".encode(), "漢      b"),
        (b"12345678\tb", "12345678        b"),
        (b"\x1b[31ma\x1b[0m\tb", "a       b"),
        (b"line\r", "line"),
        (b"line\r\r", "line"),
        (b"1%\r50%\r99%", "99%"),
        (b"1%\r50%\r", "50%"),
        (b"1%\r\x1b[K", "1%"),
        (b"1%\ta\r\tb", "        b"),
        (b"\r", ""),
        (b"\x1b[2J\x1b[1;1Hcleared", "cleared"),
        (b"\x1b[?25lno cursor\x1b[?25h", "no cursor"),
        (b"\x1b]0;title\x07text", "text"),
        (b"\x1b]0;title\x1b\\text", "text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        (b"\x1bPq#0\x1b\\after", "after"),
        (b"\x1b_Gf=100\x1b\\after", "after"),
        (b"\x1b(Bset", "set"),
        (b"\x1b7saved\x1b8", "saved"),
        (b"\x1bcreset", "reset"),
        (b"ends\x1b[31", "ends"),
        (b"ends\x1b[", "ends"),
        (b"ends\x1b", "ends␛"),
        (b"ends\x1b]0;title", "ends␛]0;title"),
        (b"\x1b]0;a\x1b[1mb", "␛]0;ab"),
        (b"\x1bPq without end", "␛Pq without end"),
        ("\x9b31mC1".encode(), "C1"),
        ("\x9d0;title\x9cC1".encode(), "C1"),
        ("\x90q\x9cC1".encode(), "C1"),
        ("\x85\x9c".encode(), "\ufffd\ufffd"),
        (b"nul\x00 bell\x07 back\x08 delete\x7f", "nul␀ bell␇ back␈ delete␡"),
        (b"vt\x0bff\x0c", "vt␋ff␌"),
        ("\u202egnp.exe".encode(), "\ufffdgnp.exe"),
        ("\u2066a\u2069\u200f".encode(), "\ufffda\ufffd\ufffd"),
        ("a\u2028b".encode(), "a\ufffdb"),
        ("👩\u200d💻 ❤\ufe0f \ufeffx\u200by".encode(), "👩💻 ❤ xy"),
        ("a\u0301".encode(), "a\u0301"),
        ("\ue0b0".encode(), "\ue0b0"),  # private: the symbols of prompts
    ],
)
def test_only_text_is_left(line: bytes, text: str) -> None:
    assert parse(line).text == text


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        (b"\x1b[31mred\x1b[0m not", [(0, 3, RED)]),
        (b"\x1b[31mred", [(0, 3, RED)]),
        (b"\x1b[31m\x1b[0mnone", []),
        (b"\x1b[mnone", []),
        (b"a\x1b[1mb\x1b[22mc", [(1, 2, BOLD)]),
        (b"\x1b[1mb\x1b[31mb\x1b[39mb", [(0, 1, BOLD), (1, 2, BOLD + RED), (2, 3, BOLD)]),
        (b"\x1b[31mre\x1b[Kd", [(0, 3, RED)]),
        (b"\x1b[1;31;44mx", [(0, 1, Style(bold=True, color="color(1)", bgcolor="color(4)"))]),
        (b"\x1b[91;107mx", [(0, 1, Style(color="color(9)", bgcolor="color(15)"))]),
        (b"\x1b[31;49;39mx", []),
        (b"\x1b[38;5;208mx", [(0, 1, Style(color="color(208)"))]),
        (b"\x1b[38:5:208mx", [(0, 1, Style(color="color(208)"))]),
        (b"\x1b[48;2;1;2;3mx", [(0, 1, Style(bgcolor="#010203"))]),
        (b"\x1b[38:2:1:2:3mx", [(0, 1, Style(color="#010203"))]),
        (b"\x1b[38:2::1:2:3mx", [(0, 1, Style(color="#010203"))]),
        (b"\x1b[58;5;1;1mx", [(0, 1, BOLD)]),
        (b"\x1b[58:2::1:2:3;1mx", [(0, 1, BOLD)]),
        (b"\x1b[38;5;999;1mx", [(0, 1, BOLD)]),
        (b"\x1b[38;2;1;2mx", [(0, 1, Style(color="#010200"))]),
        (b"\x1b[38mx", []),
        (b"\x1b[38;7;1mx", [(0, 1, BOLD)]),
        (b"\x1b[2;3;4;7;9mx", [(0, 1, Style(dim=True, italic=True, underline=True, reverse=True, strike=True))]),
        (b"\x1b[2;3;4;7;9m\x1b[22;23;24;27;29mx", []),
        (b"\x1b[4:3mx\x1b[4:0my", [(0, 1, Style(underline=True))]),
        (b"\x1b[5;6;8mx", []),
        (b"\x1b[999999999999mx", []),
        (b"\x1b[" + b"1" * 5000 + b"mx", []),
        (b"\x1b[1:2:3mx", []),
        (b"\x1b[31mold\rnew", [(0, 3, RED)]),
        (b"\x1b[31m\t", [(0, 8, RED)]),
        ("\x1b[31m漢\x1b[0m".encode(), [(0, 1, RED)]),
    ],
)
def test_colours_survive(line: bytes, spans: list[tuple[int, int, Style]]) -> None:
    assert list(parse(line).spans) == spans


def test_no_character_that_controls_joins_or_reorders_is_let_through() -> None:
    visible = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
    bad = []
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in visible:
            bad.append(character)

    text = parse("".join(bad).encode("utf-8", "surrogatepass")).text

    assert {unicodedata.category(character) for character in set(text)} <= {"So", "Zs"}


PIECES = st.sampled_from(
    ["\x1b", "\x1b[", "\x1b]", "\x1bP", "[", "0", ";", ":", "3", "8", "1", "m", "K", "\x07", "\x1b\\", "\r", "\t", "a",
     "é", "漢", "\x9b", "\x9d", "\x9c", "\u202e", "\u200d", "\x00", " ", "\x7f"]
)  # fmt: skip
LINES = st.one_of(
    st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")),
    st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode()),
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")


@given(LINES)
@example(b"\x1b" * 10)
def test_no_line_yields_a_control_character(line: bytes) -> None:
    styled = parse(line)

    assert _CONTROL.search(styled.text) is None
    edges = [0, *(edge for first, last, _ in styled.spans for edge in (first, last)), len(styled.text)]
    assert edges == sorted(edges)
    assert all(first < last for first, last, _ in styled.spans)


@given(LINES)
def test_what_is_searched_is_what_is_shown(line: bytes) -> None:
    searched = parse(strip(line)).text

    if b"\t" not in line and not any(joiner in line for joiner in ("\u200d".encode(), b"\xe2", b"\xef", b"\xf3")):
        assert searched == parse(line).text
    assert strip(line) == strip(strip(line)) or b"\x1b" in strip(line)


@given(st.lists(LINES, min_size=1, max_size=5))
def test_many_lines_are_stripped_as_each_by_itself(lines: list[bytes]) -> None:
    assert strip_lines(b"\n".join(lines)) == b"\n".join(map(strip, lines))


@pytest.mark.parametrize(
    "piece",
    [b"\x1b]", b"\x1b[", b"\x1bP", b"\x1b", b"\x1b[31m", b"\x00a", b"\r", b"\ta", "\x9d".encode(), b"\x1b[3", b"\xc2"],
)
def test_a_long_line_takes_no_more_than_its_length(piece: bytes) -> None:
    line = piece * (65536 // len(piece))
    start = time.process_time()

    parse(line)
    strip(line)

    assert time.process_time() - start < 2  # 65,536 passes would take minutes


def test_a_heap_of_marks_on_one_letter_is_cut() -> None:
    line = ("a" + "\u0301" * 20_000 + "b" + "\u0301" * 3).encode()

    assert parse(line).text == "a" + "\u0301" * 8 + "b" + "\u0301" * 3


def test_a_plain_line_is_only_decoded() -> None:
    assert parse(b"plain") == Styled("plain", ())
