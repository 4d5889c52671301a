"""Typed words find their command, however short, and errors say what may follow."""

import pytest

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Argument, Command, CommandTable, Takes, check_count, plural
from papa_protocol.errors import CommandError

# What papa 1.0.6 takes these words for.
OLD_ABBREVIATIONS = [
    ("l p", "list processes"),
    ("l s", "list sockets"),
    ("l v", "list values"),
    ("li proc", "list processes"),
    ("list process", "list processes"),
    ("list socket", "list sockets"),
    ("list value", "list values"),
    ("m s", "make socket"),
    ("m p", "make process"),
    ("make sockets", "make socket"),
    ("make processes", "make process"),
    ("r s", "remove sockets"),
    ("r p", "remove processes"),
    ("rem v", "remove values"),
    ("w p", "watch processes"),
    ("watch pro", "watch processes"),
    ("s", "set"),
    ("se", "set"),
    ("g", "get"),
    ("h", "help"),
    ("q", "quit"),
    ("exit-if-idle", "exit-if-idle"),
]
NEW_ABBREVIATIONS = [
    ("t p", "tail processes"),
    ("tail p", "tail processes"),
    ("a p", "acknowledge processes"),
    ("ack proc", "acknowledge processes"),
    ("i", "info"),
    ("p", "protocol"),
    ("proto", "protocol"),
]
ALL = [(command.text, command.text) for command in COMMANDS.commands]


@pytest.mark.parametrize(("typed", "meant"), OLD_ABBREVIATIONS + NEW_ABBREVIATIONS + ALL)
@pytest.mark.parametrize("change", [str, str.upper, str.title])
def test_an_abbreviation_in_any_case_finds_its_command(typed: str, meant: str, change: type[str]) -> None:
    words = [*change(typed).split(), "Rest", "of=IT"]

    resolved = COMMANDS.resolve(words)

    assert resolved.command.text == meant
    assert resolved.rest == ("Rest", "of=IT")


@pytest.mark.parametrize("word", ["e", "ex", "exit", "exit-if", "EXIT-IF-IDL"])
def test_exit_if_idle_is_typed_in_full(word: str) -> None:
    with pytest.raises(CommandError, match='"exit-if-idle" cannot be abbreviated: type it in full'):
        COMMANDS.resolve([word])


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (["bogus"], ['Unknown command "bogus"', "make, list, remove, watch, tail", "exit-if-idle"]),
        ([""], ['Unknown command ""']),
        ([], ["Nothing was typed", "make, list, remove, watch, tail", "exit-if-idle"]),
        (["listx", "p"], ['Unknown command "listx"']),
        (["list"], ['"list" is incomplete', "processes, sockets, values"]),
        (["l"], ['"list" is incomplete']),
        (["make"], ['"make" is incomplete', "process, socket"]),
        (["list", "bogus"], ['Unknown word "bogus" after "list"', "processes, sockets, values"]),
        (["list", ""], ['Unknown word "" after "list"']),
        (["make", "v"], ['Unknown word "v" after "make"', "process, socket"]),
        (["watch", "s"], ['Unknown word "s" after "watch"', "processes"]),
        (["tail"], ['"tail" is incomplete', "processes"]),
        (["acknowledge", "x"], ['Unknown word "x" after "acknowledge"', "processes"]),
    ],
)
def test_an_error_names_the_word_and_what_is_expected(words: list[str], parts: list[str]) -> None:
    with pytest.raises(CommandError) as caught:
        COMMANDS.resolve(words)

    for part in parts:
        assert part in str(caught.value)


def test_newer_commands_that_share_a_prefix_need_one_more_letter() -> None:
    table = CommandTable(Command((word,), "", since=since) for word, since in (("get", 1), ("upto", 2), ("upgrade", 2)))

    with pytest.raises(CommandError, match='"up" may stand for upgrade or upto: type one more letter'):
        table.resolve(["up"])
    assert table.resolve(["upg"]).command.text == "upgrade"


def test_an_old_command_goes_before_a_new_one_with_the_same_first_letter() -> None:
    table = CommandTable(Command((word,), "", since=since) for word, since in (("put", 2), ("pop", 1)))

    assert table.resolve(["p"]).command.text == "pop"


def test_no_two_commands_share_their_words() -> None:
    assert len(COMMANDS.by_words) == len(COMMANDS.commands)


def test_new_commands_begin_with_letters_that_the_old_ones_leave() -> None:
    old = {command.words[0][0] for command in COMMANDS.commands if command.since == 1}
    new = {command.words[0] for command in COMMANDS.commands if command.since > 1}

    assert not {word[0] for word in new} & old
    assert len({word[0] for word in new}) == len(new)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("get", '"get" needs NAME: get NAME'),
        ("get a b", 'Unexpected word "b": get NAME'),
        ("info now", 'Unexpected word "now": info'),
        ("acknowledge processes a", '"acknowledge processes" needs upto=POSITION'),
        ("acknowledge processes a upto=1 b", 'Unexpected word "b"'),
        ("protocol", '"protocol" needs 1|2'),
    ],
)
def test_too_few_and_too_many_words_are_named(line: str, complaint: str) -> None:
    resolved = COMMANDS.resolve(line.split())

    with pytest.raises(CommandError) as caught:
        check_count(resolved.command, resolved.rest)

    assert complaint in str(caught.value)


@pytest.mark.parametrize("line", ["get a", "info", "list values a b c", "set a", "protocol 2", "help a b"])
def test_the_right_number_of_words_is_fine(line: str) -> None:
    resolved = COMMANDS.resolve(line.split())

    check_count(resolved.command, resolved.rest)


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        (Argument("NAME", Takes.VALUE), "NAME"),
        (Argument("NAME", Takes.VALUE, optional=True), "[NAME]"),
        (Argument("NAME", Takes.VALUE, repeated=True), "NAME…"),
        (Argument("NAME", Takes.VALUE, optional=True, repeated=True), "[NAME…]"),
    ],
)
def test_usage_shows_what_is_optional_and_what_may_be_repeated(argument: Argument, shown: str) -> None:
    assert str(argument) == shown


@pytest.mark.parametrize(
    ("word", "longest"), [("socket", "sockets"), ("sockets", "sockets"), ("process", "processes"),
                          ("processes", "processes"), ("values", "values")]
)  # fmt: skip
def test_every_form_of_an_object_is_a_prefix_of_the_plural(word: str, longest: str) -> None:
    assert plural(word) == longest
