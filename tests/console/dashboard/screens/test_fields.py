"""The fields of forms: made from the command table, checked by it, and turned into its words."""

import pytest

from papa_console.dashboard.screens import fields
from papa_console.dashboard.screens.fields import PROCESS, SET_VALUE, SOCKET, Sheet
from papa_protocol.typed import check, split_typed


@pytest.mark.parametrize("sheet", [SOCKET, PROCESS], ids=["socket", "process"])
def test_every_option_has_a_field_but_another_name_for_one_and_watch(sheet: Sheet) -> None:
    keys = {option.key for option in sheet.command.options}

    shown = {field.option.key for field in sheet.fields if field.option is not None}

    assert keys - shown == {"output", "watch"} & keys


@pytest.mark.parametrize("sheet", [SOCKET, PROCESS], ids=["socket", "process"])
def test_labels_help_and_defaults_are_those_of_the_table(sheet: Sheet) -> None:
    for field in sheet.fields:
        if field.option is not None:
            assert field.label == field.option.key.rstrip(".")
            assert field.about.startswith(field.option.summary)
            assert field.default == field.option.default


WORDS = [
    (SOCKET, {"name": "web"}, ["make", "socket", "web"]),
    (
        SOCKET,
        {"name": "web", "port": "8080", "reuseport": "1", "host": "::1", "family": "inet6"},
        ["make", "socket", "web", "host=::1", "port=8080", "family=inet6", "reuseport=1"],
    ),
    (
        PROCESS,
        {"name": "a b", "executable": "/bin/sh", "arguments": r"-c echo\ hi $(socket.web.fileno)"},
        ["make", "process", "a b", "/bin/sh", "-c", "echo hi", "$(socket.web.fileno)"],
    ),
    (
        PROCESS,
        {"name": "x", "executable": "/opt/my app/run", "env": "A=1 2\n\nB=", "rlimit": "nofile=10:20", "uid": "0"},
        ["make", "process", "x", "env.A=1 2", "env.B=", "uid=0", "rlimit.nofile=10:20", "/opt/my app/run"],
    ),
    (SET_VALUE, {"name": "motd", "value": "two words\nand  more "}, ["set", "motd", "two words\nand  more "]),
    (SET_VALUE, {"name": "empty", "value": ""}, ["set", "empty", ""]),
]


@pytest.mark.parametrize(("sheet", "values", "words"), WORDS)
def test_what_is_filled_in_becomes_the_words_of_the_command(
    sheet: Sheet, values: dict[str, str], words: list[str]
) -> None:
    assert fields.words_of(sheet, values) == words
    assert fields.errors(sheet, values) == {}


@pytest.mark.parametrize(("sheet", "values", "words"), WORDS)
def test_the_preview_typed_at_the_prompt_is_the_same_command(
    sheet: Sheet, values: dict[str, str], words: list[str]
) -> None:
    preview = fields.preview(sheet, values)

    assert [word.text for word in split_typed(preview)] == words
    assert check(preview) is sheet.command


WRONG = [
    (SOCKET, {"name": "w", "port": "99999"}, "port", 'port: expected a number from 0 to 65535, not "99999"'),
    (SOCKET, {"name": "w", "path": "/x", "host": "::1"}, "host", "host: not for a Unix socket, which has a path"),
    (SOCKET, {"name": "w", "path": "x"}, "path", 'path: expected an absolute path, not "x"'),
    (PROCESS, {"name": "w", "executable": "x", "env": "A"}, "env", 'env: expected NAME=VALUE, not "A"'),
    (PROCESS, {"name": "w", "executable": "x", "env": "=1"}, "env", 'env: expected NAME=VALUE, not "=1"'),
    (PROCESS, {"name": "w", "executable": "x", "env": "A=1\nA=2"}, "env", "env.A: given twice"),
    (PROCESS, {"name": "w", "executable": "x", "rlimit": "nofile=y"}, "rlimit", "rlimit.nofile: expected a number"),
    (PROCESS, {"name": "w", "executable": "x", "arguments": r"a\q"}, "arguments", r"Bad escape \q"),
    (PROCESS, {"name": "w", "executable": "a=b"}, "executable", 'the kernel would take "a=b" for an option'),
    (PROCESS, {"name": "w\0", "executable": "x"}, "name", "a NUL character cannot be sent"),
]


@pytest.mark.parametrize(("sheet", "values", "field", "sentence"), WRONG)
def test_what_is_wrong_is_told_at_its_field(sheet: Sheet, values: dict[str, str], field: str, sentence: str) -> None:
    errors = fields.errors(sheet, values)

    assert list(errors) == [field]
    assert errors[field].startswith(sentence)


def test_all_that_is_wrong_is_told_at_once_even_while_something_is_missing() -> None:
    errors = fields.errors(PROCESS, {"bufsize": "lots", "uid": "", "env": "A"})

    assert sorted(errors) == ["bufsize", "env"]
    assert fields.missing(PROCESS, {"bufsize": "lots"}) == ["name", "executable"]


def test_a_preview_leaves_out_what_cannot_be_read_and_says_what_is_missing() -> None:
    assert fields.preview(SOCKET, {"port": "x", "backlog": "7"}) == "make socket NAME backlog=7"


@pytest.mark.parametrize("words", [["a", "b c", "", "\\", "$(x)"], []])
def test_joined_words_are_read_back(words: list[str]) -> None:
    assert fields.split_words(fields.join(words)) == words
