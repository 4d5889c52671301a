"""Lines and words: what each dialect carries, and what it refuses loudly."""

import sys
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papa_protocol.errors import CommandError, LocalProtocolError
from papa_protocol.words import Dialect, escape, join_words, show, split_line, to_bytes, to_text, unescape
from support.texts import NASTY, TEXTS, WORDS

V1, V2 = Dialect.V1, Dialect.V2


@given(WORDS)
@example(list(NASTY))
def test_every_word_survives_the_journey_in_dialect_2(words: list[str]) -> None:
    line = join_words(words, V2)

    arrived = split_line(line, V2)

    assert arrived == words


@given(WORDS)
@example(list(NASTY))
def test_a_line_of_dialect_2_is_printable_and_one_line(words: list[str]) -> None:
    line = join_words(words, V2).decode()

    assert not {"\n", "\r", "\t", "\0", "\x1b", "\u2028", "\u202e"} & set(line)


def test_every_character_is_itself_in_dialect_2_but_those_that_separate_break_or_reorder() -> None:
    ranges = [(0x00, 0x20), (0x5C, 0x5C), (0x7F, 0xA0), (0x2028, 0x202E), (0x2066, 0x206F), (0xFEFF, 0xFEFF)]
    special = {chr(code) for first, last in [*ranges, (0xD800, 0xDFFF)] for code in range(first, last + 1)}
    plain = [chr(code) for code in range(sys.maxunicode + 1) if chr(code) not in special]

    changed = [character for character in plain if escape(character) != character and character not in ">]"]

    assert changed == []
    refused = {"\0", *map(chr, (*range(0xD800, 0xDC80), *range(0xDD00, 0xE000)))}
    for character in special - refused:
        assert escape(character).startswith("\\")
        assert unescape(escape(character).encode()) == character


@given(TEXTS)
@example("Error:")
@example("> x")
def test_no_word_of_dialect_2_reads_as_a_prompt_or_an_error(text: str) -> None:
    line = join_words([text, "more"], V2)

    assert not line.startswith((b"> ", b"] ", b"Error: "))


@given(WORDS)
@example(["a ", "b"])
@example(["\t"])
@example(["a\\", "b"])
def test_dialect_1_carries_words_unchanged_or_refuses_them(words: list[str]) -> None:
    try:
        line = join_words(words, V1)
    except LocalProtocolError:
        return

    assert split_line(line, V1) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b"   ", []),
        (b"list processes", ["list", "processes"]),
        (b"  list   processes  ", ["list", "processes"]),
        (b"set a b\\ c", ["set", "a", "b c"]),
        (b"set a \\ b", ["set", "a", " b"]),
        (b"set a b\\ \\ c", ["set", "a", "b  c"]),
        (b"set a b\\", ["set", "a", "b "]),
        (b"set a b\\n", ["set", "a", "b\\n"]),
        (b'set a ""', ["set", "a", '""']),
        (b"set a b\tc", ["set", "a", "b\tc"]),
        (b"set a \xff", ["set", "a", "\udcff"]),
    ],
)
def test_dialect_1_splits_as_papa_1_0_does(line: bytes, words: list[str]) -> None:
    assert split_line(line, V1) == words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"", []),
        (b"  ", []),
        (b"set  a   b", ["set", "a", "b"]),
        (b"set a b\\ c", ["set", "a", "b c"]),
        (b"set a \\ ", ["set", "a", " "]),
        (b"set a \\\\ b", ["set", "a", "\\", "b"]),
        (b"set a \\\\\\ b", ["set", "a", "\\ b"]),
        (b"set a \\n\\r\\t", ["set", "a", "\n\r\t"]),
        (b"set a \\x41\\xC3\\xa9", ["set", "a", "Aé"]),
        (b'set a ""', ["set", "a", ""]),
        (b'set a "b"', ["set", "a", '"b"']),
        (b"set a \xff", ["set", "a", "\udcff"]),
        (b"set a b\tc", ["set", "a", "b\tc"]),
    ],
)
def test_dialect_2_reads_every_escape(line: bytes, words: list[str]) -> None:
    assert split_line(line, V2) == words


@pytest.mark.parametrize(
    ("line", "escape_shown"),
    [
        (b"set a \\q", "\\q"),
        (b"set a \\x4", "\\x"),
        (b"set a \\xzz", "\\x"),
        (b"set a b\\", "\\"),
        (b"set a \\\xff", "\\"),
    ],
)
def test_an_unknown_escape_is_refused_with_its_word_and_what_is_expected(line: bytes, escape_shown: str) -> None:
    with pytest.raises(CommandError) as caught:
        split_line(line, V2)

    text = str(caught.value)
    assert text.startswith(f"Bad escape {escape_shown}")
    assert to_text(line.split()[-1]) in text
    assert "expected backslash-space" in text


@pytest.mark.parametrize("dialect", Dialect)
def test_a_nul_is_refused(dialect: Dialect) -> None:
    with pytest.raises(CommandError, match="NUL"):
        split_line(b"set a b\0c", dialect)


def test_an_escaped_nul_is_refused() -> None:
    with pytest.raises(CommandError, match=r"The word a\\x00b holds a NUL"):
        unescape(b"a\\x00b")


@pytest.mark.parametrize("word", ["a\0b", "\ud800", "a\udc00"])
def test_what_no_bytes_can_stand_for_is_refused_by_the_sender(word: str) -> None:
    with pytest.raises(LocalProtocolError):
        escape(word)


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("", "an empty word"),
        ("a\nb", "a line feed"),
        ("a\rb", "a carriage return"),
        ("a\0b", "a NUL"),
        ("a\\", "ends in a backslash"),
        (" a", "blanks"),
        ("a ", "blanks"),
        ("\t", "blanks"),
        ("a \tb", "blanks"),
        ("a\xa0", "blanks"),
    ],
)
def test_dialect_1_says_which_word_it_cannot_send_and_why(word: str, complaint: str) -> None:
    with pytest.raises(LocalProtocolError, match=complaint) as caught:
        join_words(["set", "a", word], V1)

    assert not word or repr(word) in str(caught.value)


def test_a_complaint_about_a_long_word_is_short() -> None:
    with pytest.raises(LocalProtocolError) as caught:
        join_words(["x" * 5000 + "\n"], V1)

    assert len(str(caught.value)) < 150


@given(st.binary().filter(lambda data: b"\0" not in data))
def test_bytes_that_are_no_text_come_back_as_they_were(data: bytes) -> None:
    assert to_bytes(to_text(data)) == data
    assert to_bytes(unescape(escape(to_text(data)).encode())) == data


@given(TEXTS.filter(bool))
def test_dialect_1_shows_text_on_one_line_without_control_characters(text: str) -> None:
    shown = show(text, V1)

    assert not [character for character in shown if character in "\n\r\x1b\x7f\x85\u2028\u202e"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two words", "two words"),
        ("back\\slash", "back\\slash"),
        ("tab\there", "tab\there"),
        ("line\nbreak", "line\\nbreak"),
        ("\x1b[31m", "\\x1b[31m"),
        ("nul\0", "nul\\x00"),
        ("\u202eevil", "\\xe2\\x80\\xaeevil"),
        ("\udcff", "\udcff"),
    ],
)
def test_dialect_1_shows_text_as_it_is_where_it_can(text: str, shown: str) -> None:
    assert show(text, V1) == shown


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("plain", "plain"),
        ("", '""'),
        ('""', '\\x22"'),
        (">", "\\x3e"),
        ("]", "\\x5d"),
        ("Error:", "\\x45rror:"),
        ("two words", "two\\ words"),
        ("a\\b", "a\\\\b"),
        ("\n\r\t", "\\n\\r\\t"),
        ("é😀", "é😀"),
        ("\x1b", "\\x1b"),
        ("\udcff", "\\xff"),
        ("\u2028", "\\xe2\\x80\\xa8"),
    ],
)
def test_dialect_2_writes_each_kind_of_character(text: str, word: str) -> None:
    assert escape(text) == word


@pytest.mark.parametrize("unit", [b"\\x01", b"\\ ", b"\\\\", b"x", b"x "])
def test_the_longest_line_is_split_in_a_few_times_its_size(unit: bytes) -> None:
    line = b"set a \\n" + unit * (1024 * 1024 // len(unit))
    tracemalloc.start()

    words = split_line(line, V2)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert words[0] == "set"
    assert peak < 100 * len(line)
