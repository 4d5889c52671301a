"""A line while it is typed: hints and completions as a table, carets, expansion, highlighting."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_protocol.command_table import COMMANDS, PROCESS_OPTIONS
from papa_protocol.highlight import Kind, spans
from papa_protocol.typed import TypedError, check, expand, expand_last, full_word, hint, locate, split_typed
from papa_protocol.words import escape
from support.texts import TEXTS

ROWS = [
    line.split("\t")
    for line in Path(__file__).with_suffix(".txt").read_text().split("\n")
    if "\t" in line
]  # fmt: skip
LINES = st.one_of(
    st.lists(
        st.sampled_from(["l", "list", "m", "p", "s", "h", "web", "a=b", "bufsize=1m", "upto=3", "x", "exit-if-idle"])
    ).map(" ".join),
    st.text("lmpshe =\\.$()ab", max_size=30),
    st.lists(TEXTS.map(escape)).map(" ".join),
)


def completions(text: str) -> str:
    """Return what the last word of ``text`` can become: words of commands, options, else kinds of arguments."""
    place = locate(text)
    if place.choices:
        return " ".join(choice for choice in place.choices if choice.startswith(place.typed.lower()))
    if place.option is not None:
        return f"{place.option.key}={'|'.join(place.option.choices) or place.option.expected}"
    found = []
    for argument in place.expects:
        keys = (
            [option.key for option in place.command.options]
            if place.command and argument.label == "OPTION=VALUE"
            else []
        )
        found += [key for key in keys if key.startswith(place.typed)] or [f"<{argument.takes.value}>"]
    return " ".join(found)


@pytest.mark.parametrize(("line", "shown", "after"), ROWS, ids=repr)
def test_a_line_has_its_hint_and_completions(line: str, shown: str, after: str) -> None:
    assert (hint(line), completions(line)) == (shown, after)


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        ("xyz", "xyz", 'Unknown command "xyz": expected one of make, list'),
        ("exit", "exit", '"exit-if-idle" cannot be abbreviated: type it in full'),
        ("l", " ", '"list" is incomplete: expected one of processes, sockets, values after it'),
        ("l x", "x", 'Unknown word "x" after "list": expected one of processes, sockets, values'),
        ("  l x y", "x", 'Unknown word "x" after "list"'),
        ("set", " ", '"set" needs NAME: set NAME [VALUE…]'),
        ("get a b", "b", 'Unexpected word "b": get NAME'),
        ("r p", " ", '"remove processes" needs NAME|PATTERN|PID'),
        ("m p web", " ", '"make process" needs EXECUTABLE'),
        ("m p web bufsize=1m", " ", "make process needs an EXECUTABLE after its options"),
        ("m p web bufsize=lots sh", "lots", "bufsize: expected a number of bytes, optionally with k, m or g"),
        ("m p web bufsize=1m bufsize=2m sh", "2m", "bufsize: given twice; leave one out"),
        ("m p web foo=1 sh", "foo=1", 'Unknown option "foo": expected one of uid='),
        ("m p web working_dir=tmp sh", "tmp", 'working_dir: expected an absolute path, not "tmp"'),
        ("m s web port=99999", "99999", "port: expected a number from 0 to 65535"),
        ("m s web port=1 foo", "foo", 'Unexpected word "foo": expected OPTION=VALUE'),
        ("m s web family=unix", " ", "path: needed for family=unix, an absolute path"),
        (r"l p a\q", r"a\q", r"Bad escape \q"),
        ("set a b\\", "b\\", "Bad escape \\"),
        ("set a b\ud800 c", "b\ud800", "'\\ud800' is not text and stands for no byte"),
        (r"m p web bufsize\x3dlots sh", r"bufsize\x3dlots", "bufsize: expected a number of bytes"),
        (r"m p web foo\x3d1 sh", r"foo\x3d1", 'Unknown option "foo"'),
        (r"m p web bufsize\x3dlots=1 sh", r"bufsize\x3dlots=1", "bufsize: expected a number of bytes"),
    ],
)
def test_an_error_says_where_and_what(line: str, wrong: str, message: str) -> None:
    with pytest.raises(TypedError) as caught:
        check(line)

    assert str(caught.value).startswith(message)
    assert (line + "  ")[caught.value.start : caught.value.end] == wrong


@pytest.mark.parametrize("word", [r"bufsize\x3d1", r"bufsize\x3d1=2"])
def test_an_option_whose_equals_sign_is_escaped_has_no_place_for_its_value(word: str) -> None:
    place = locate(f"m p web {word}")

    assert (place.start, place.option) == (8, None)


def test_a_surrogate_that_stands_for_no_byte_is_text_while_it_is_typed() -> None:
    line = "set a \ud800"

    assert locate(line).typed == "\ud800"
    assert [span.kind for span in spans(line)] == [Kind.COMMAND, Kind.NAME, Kind.TEXT]


def test_each_option_of_a_long_line_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    counting = [option._replace(read=read.append) for option in PROCESS_OPTIONS]
    monkeypatch.setattr(COMMANDS.by_words["make", "process"], "options", counting)

    check("make process x " + " ".join(f"env.A{number}=" for number in range(500)) + " /bin/true")

    assert len(read) <= 3 * 500


def test_a_blank_line_is_no_command() -> None:
    with pytest.raises(TypedError, match="Nothing was typed"):
        check("  ")


@pytest.mark.parametrize("command", COMMANDS.commands, ids=lambda command: command.text)
def test_the_examples_of_the_help_are_right(command: object) -> None:
    examples = command.examples  # type: ignore[attr-defined]

    assert [check(example) for example in examples] == [command] * len(examples)


@pytest.mark.parametrize(
    ("line", "full"),
    [
        ("l p web", "list processes web"),
        ("s l p", "set l p"),
        ("h l p", "help list processes"),
        ("h m s", "help make socket"),
        ("  g  a", "  get  a"),
        ("M P Web sh", "make process Web sh"),
        ("exit-if", "exit-if"),
        ("x y", "x y"),
        ("l x", "list x"),
        ("i", "info"),
        ("", ""),
    ],
)
def test_command_words_are_written_out_and_nothing_else(line: str, full: str) -> None:
    assert expand(line) == full


@given(LINES)
def test_an_expanded_line_means_the_same(line: str) -> None:
    longer = expand(line)

    assert expand(longer) == longer
    assert _meaning(longer) == _meaning(line)


def _meaning(line: str) -> object:
    try:
        command = check(line)
    except TypedError as error:
        return type(error)
    return command, [word.text for word in split_typed(line)][len(command.words) + 2 * (command.words == ("help",)) :]


@given(LINES)
def test_what_is_typed_never_breaks_the_prompt(line: str) -> None:
    for at in range(len(line) + 1):
        hint(line[:at])
        full_word(line[:at])
        expand_last(line[:at])


@given(LINES)
def test_pieces_are_in_order_and_cover_all_but_blanks(line: str) -> None:
    at = 0

    for span in spans(line):
        assert at <= span.start < span.end <= len(line)
        assert line[at : span.start].strip(" ") == ""
        at = span.end

    assert line[at:].strip(" ") == ""


@pytest.mark.parametrize(
    ("line", "pieces"),
    [
        ("l p web", "command:l command:p name:web"),
        ("xyz", "error:xyz"),
        ("l x", "command:l error:x"),
        ("l", "command:l"),
        ("m p x bufsize=lots sh", "command:m command:p name:x option:bufsize= error:lots text:sh"),
        ("m p x bufsize=lo", "command:m command:p name:x option:bufsize= text:lo"),
        ("m p x a$(socket.w.port)b", "command:m command:p name:x text:a placeholder:$(socket.w.port) text:b"),
        ("m p x sh $(socket.w.fileno)", "command:m command:p name:x text:sh placeholder:$(socket.w.fileno)"),
        ("m p x env.A=$(socket.w.port) sh",
         "command:m command:p name:x option:env.A= placeholder:$(socket.w.port) text:sh"),
        ("h l p", "command:h command:l command:p"),
        ("set a b", "command:set name:a text:b"),
        ("get a b", "command:get name:a error:b"),
        ("exit-i", "command:exit-i"),
    ],
)  # fmt: skip
def test_pieces_are_what_they_are(line: str, pieces: str) -> None:
    assert " ".join(f"{span.kind.value}:{line[span.start : span.end]}" for span in spans(line)) == pieces


def test_a_long_line_is_in_as_many_pieces_as_words() -> None:
    pieces = spans("m p x sh " + "word " * 2000)

    assert len(pieces) == 2004
    assert {span.kind for span in pieces} == {Kind.COMMAND, Kind.NAME, Kind.TEXT}
