"""What was typed into the command bar, made ready to be sent."""

import pytest

from papa_console.dashboard.widgets.commanded import Ready, Refused, ready


@pytest.mark.parametrize(
    ("typed", "words", "line"),
    [
        ("l p", ("list", "processes"), "list processes"),
        (" r  p web.1 ", ("remove", "processes", "web.1"), "remove  processes web.1"),
        (r"set a\ b two words", ("set", "a b", "two", "words"), r"set a\ b two words"),
        ("make socket w port=80", ("make", "socket", "w", "port=80"), "make socket w port=80"),
        ("m p x watch=0 sh", ("make", "process", "x", "watch=0", "sh"), "make process x watch=0 sh"),
        ("tail p web.*", ("tail", "processes", "web.*"), "tail processes web.*"),
        ("exit-if-idle", ("exit-if-idle",), "exit-if-idle"),
        ('set x ""', ("set", "x", ""), 'set x ""'),
    ],
)
def test_a_line_becomes_full_words(typed: str, words: tuple[str, ...], line: str) -> None:
    assert ready(typed) == Ready(words, line)


@pytest.mark.parametrize(
    ("typed", "line", "why", "column"),
    [
        ("w p x", "watch processes x", "The console never consumes output", None),
        ("m p x watch=1 sh", "make process x watch=1 sh", "watch=1 would consume the output", None),
        ("q", "quit", "q leaves the console", None),
        ("exit", "exit", "q leaves the console", None),
        ("protocol 1", "protocol 1", "The console has chosen the dialect", None),
        ("nonsense", "nonsense", "Unknown command", 0),
        ("m s w port=x", "make socket w port=x", "port: expected a number", 19),
        ("m p x", "make process x", "needs EXECUTABLE", 15),
        ("list", "list", '"list" is incomplete', 5),
        ("set api.token …", "set api.token …", "The history does not keep this value", 14),
    ],
)
def test_a_line_that_is_not_sent_says_why_and_where(typed: str, line: str, why: str, column: int | None) -> None:
    made = ready(typed)

    assert isinstance(made, Refused)
    assert (made.line, made.column) == (line, column)
    assert why in made.why
