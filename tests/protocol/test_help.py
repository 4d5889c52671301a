"""Help comes from the command table, fits a terminal, and is found by any short form."""

import pytest

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Command
from papa_protocol.errors import CommandError
from papa_protocol.help import WIDTH, command_page, help_page, overview
from papa_protocol.model import ProcessSpec, SocketSpec
from papa_protocol.options import read_options

PAGES = [(), ("list",), ("make",), ("remove",), ("process",), ("sockets",), ("value",)]
PAGES += [command.words for command in COMMANDS.commands]
EXAMPLES = [(command, example) for command in COMMANDS.commands for example in command.examples]


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_prose_fits_the_width_of_a_terminal(words: tuple[str, ...]) -> None:
    prose = help_page(words).partition("\nExamples:\n")[0]

    assert max(map(len, prose.splitlines())) <= WIDTH == 79


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_no_line_of_help_reads_as_a_prompt_or_an_error(words: tuple[str, ...]) -> None:
    page = help_page(words)

    assert page == page.strip("\n")
    assert not [line for line in page.splitlines() if line.startswith(("> ", "] ", "Error:"))]


def test_the_overview_names_every_command_and_what_it_does() -> None:
    joined = " ".join(overview().split())

    for command in COMMANDS.commands:
        assert f" {command.text} {command.summary}" in joined


@pytest.mark.parametrize("command", COMMANDS.commands, ids=lambda command: command.text)
def test_a_page_has_usage_details_options_and_examples(command: Command) -> None:
    page = command_page(command)
    joined = " ".join(page.split())

    assert f"Usage: {command.usage}" in joined
    assert command.examples
    for paragraph in command.details:
        assert " ".join(paragraph.split()) in joined
    for option in command.options:
        assert f"\n    {option.key}" in page
        assert option.summary in joined
        assert option.alias_of or option.expected in joined
        assert option.alias_of or f"(default: {option.default})" in joined or not option.default


@pytest.mark.parametrize(("command", "example"), EXAMPLES, ids=lambda part: part if isinstance(part, str) else "")
def test_every_example_is_a_command_that_works_as_typed(command: Command, example: str) -> None:
    resolved = COMMANDS.resolve(example.split(" "))

    values, _ = read_options(command.options, resolved.rest[1:])

    assert command.text == "help" or resolved.command is command
    values.pop("watch", None)
    if command.text == "make socket":
        SocketSpec(**values)
    if command.text == "make process":
        ProcessSpec(("x",), **values)


@pytest.mark.parametrize(
    ("typed", "beginning"),
    [
        ("", "Commands:"),
        ("help", "Explain a command."),
        ("make process", "Start and hold a process."),
        ("m p", "Start and hold a process."),
        ("l p", "List processes by name or PID."),
        ("w", "Receive the output of processes and consume it."),
        ("TAIL", "Receive the output of processes without consuming it."),
        ("tail processes", "Receive the output of processes without consuming it."),
        ("list", '"list" is followed by one of:'),
        ("rem", '"remove" is followed by one of:'),
        ("process", "Commands for processes:"),
        ("Processes", "Commands for processes:"),
        ("socket", "Commands for sockets:"),
        ("values", "Commands for values:"),
        ("e", "End the kernel if it holds nothing."),
        ("exit", "End the kernel if it holds nothing."),
        ("exit-if-idle", "End the kernel if it holds nothing."),
        ("p", "Choose the dialect of this connection."),
        ("set name", "Set a value, or clear it."),
    ],
)
def test_help_is_found_by_commands_and_objects_in_any_short_form(typed: str, beginning: str) -> None:
    assert help_page(typed.split()).startswith(beginning)


@pytest.mark.parametrize("words", [["bogus"], [""], ["list", "bogus"], ["make", "values"]])
def test_help_for_what_is_not_there_says_what_is(words: list[str]) -> None:
    with pytest.raises(CommandError, match=f'"{words[-1]}".*expected one of'):
        help_page(words)
