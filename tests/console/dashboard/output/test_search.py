"""What somebody looks for, in lines of bytes and in text on the screen."""

import signal
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.dashboard.output.search import LOOKED_AT, BadPattern, Matcher

SLOW = "~(a+)+$"
TRAP = b"a" * 40 + b"!"


@pytest.mark.parametrize(
    ("typed", "line", "expected"),
    [
        ("timeout", b"a timeout here", True),
        ("timeout", b"TIMEOUT", True),
        ("Timeout", b"timeout", False),
        ("Timeout", b"Timeout", True),
        ("timeout", b"time out", False),
        ("a.c", b"abc", False),
        ("a.c", b"a.c", True),
        ("~a.c", b"abc", True),
        ("~A.c", b"abc", False),
        ("~^b", b"ab", False),
        (r"~\Sb", b"AB", True),  # a class is no capital letter
        ("!timeout", b"a timeout here", False),
        ("!timeout", b"all is well", True),
        ("!~^a", b"ab", False),
        (r"\!important", b"so !important", True),
        (r"\~user", b"~user", True),
        (r"\n", b"a \\n b", True),
        ("", b"anything", True),
        ("!", b"anything", True),
        ("~", b"anything", True),
        ("für", "FÜR".encode(), True),
        ("Für", "für".encode(), False),
        ("漢", "漢字".encode(), True),
        ("é", b"caf\xe9", False),
        ("~^.$", "漢".encode(), True),
        ("red alert", b"\x1b[31mred\x1b[0m \x1b[1malert\x1b[0m", True),
        ("31m", b"\x1b[31mred\x1b[0m", False),
        ("title", b"\x1b]0;title\x07text", False),
        ("99%", b"1%\r50%\r99%\r", True),
        ("50%", b"1%\r50%\r99%\r", False),
        ("\udce9", b"caf\xe9", False),
    ],
)
def test_a_line_matches_as_it_is_shown(typed: str, line: bytes, expected: bool) -> None:
    matcher = Matcher.parse(typed)

    assert matcher.matches(line) is expected
    assert (
        matcher.select([b"", line, b""])[-1:] == [2] * matcher.matches(b"")
        or matcher.select([b"", line, b""]) == [1] * expected
    )


@pytest.mark.parametrize(
    ("typed", "text", "spans"),
    [
        ("ab", "ab AB abab", [(0, 2), (3, 5), (6, 8), (8, 10)]),
        ("Ab", "ab Ab", [(3, 5)]),
        ("~b*", "abba", [(1, 3)]),
        ("!ab", "ab", []),
        ("", "ab", []),
        ("é", "É é", [(0, 1), (2, 3)]),
        ("k", "k\u212a", [(0, 1)]),  # the Kelvin sign is no k in bytes either
    ],
)
def test_spans_are_where_it_was_found(typed: str, text: str, spans: list[tuple[int, int]]) -> None:
    assert Matcher.parse(typed).spans(text) == spans


def test_an_exclamation_mark_can_be_searched_for() -> None:
    assert Matcher.parse("!", invertible=False).spans("so!") == [(2, 3)]


@pytest.mark.parametrize("typed", ["~(", "~[a", "~*", "~(?P<a>x)(?P<a>y)", "~a{99999999999999}", "!~)"])
def test_what_is_no_regular_expression_is_refused(typed: str) -> None:
    with pytest.raises(BadPattern, match="Not a regular expression: "):
        Matcher.parse(typed)


def test_a_pattern_that_another_python_may_read_otherwise_warns_nobody() -> None:
    assert Matcher.parse("~[[a]").matches(b"a")


def test_only_the_beginning_of_a_long_line_is_looked_at_with_a_regular_expression() -> None:
    line = b"x" * LOOKED_AT + b"needle"

    assert not Matcher.parse("~needle").matches(line)
    assert Matcher.parse("needle").matches(line)


def test_an_expression_that_takes_too_long_is_given_up() -> None:
    matcher = Matcher.parse(SLOW)
    start = time.process_time()

    assert matcher.select([b"aaa", TRAP, b"aaa"]) == []
    assert matcher.too_slow
    assert matcher.spans("aaa") == []
    assert time.process_time() - start < 5
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0, 0)


def test_a_filter_that_takes_too_long_shows_nothing_rather_than_everything() -> None:
    matcher = Matcher.parse("!" + SLOW)

    assert matcher.select([TRAP, b"b"]) == []


def test_the_time_of_others_is_left_alone() -> None:
    before = signal.signal(signal.SIGVTALRM, signal.SIG_IGN)
    try:
        Matcher.parse("~a").matches(b"a")

        assert signal.getsignal(signal.SIGVTALRM) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGVTALRM, before)


def test_other_threads_can_search_too() -> None:
    found: list[bool] = []

    thread = threading.Thread(target=lambda: found.append(Matcher.parse("~a.c").matches(b"abc")))
    thread.start()
    thread.join()

    assert found == [True]


@given(st.text("aAbBé.\x1b[m", min_size=1, max_size=3), st.lists(st.text("aAbBéÉ .\x1b[m\r"), max_size=8))
def test_many_lines_are_judged_as_each_by_itself(needle: str, texts: list[str]) -> None:
    matcher = Matcher("\\" + needle if needle[0] in "!~" else needle)
    lines = [text.encode() for text in texts]

    assert matcher.select(lines) == [index for index, line in enumerate(lines) if matcher.matches(line)]


@given(st.text("aAbBéß", min_size=1, max_size=3), st.text("aAbBéÉß "))
def test_a_text_is_found_in_bytes_where_it_has_spans(needle: str, text: str) -> None:
    matcher = Matcher.parse(needle)

    assert matcher.matches(text.encode()) is bool(matcher.spans(text))


def test_equal_searches_are_equal() -> None:
    assert Matcher.parse("a") == Matcher.parse("a")
    assert len({Matcher.parse("a"), Matcher.parse("a"), Matcher.parse("~a"), Matcher.parse("!a")}) == 3
