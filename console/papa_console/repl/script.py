"""What papa-repl does with its arguments: a command, lines, a pipe, or the prompt.

Only what is needed is imported, since a script starts the program once for each command.
"""

import os
import sys
from collections.abc import Sequence

from papa.endpoint import DEFAULT_TIMEOUT, resolve_endpoint
from papa.errors import Error
from papa_console.extra import needed_for
from papa_console.repl.arguments import Arguments, UsageError, late_option, parse, usage
from papa_console.repl.link import Link
from papa_console.repl.output import BAD_TERMINALS, Output
from papa_console.repl.runner import DONE, INTERRUPTED, SAID_NO, USAGE, Runner
from papa_console.repl.settings import Format, Settings
from papa_console.streams import prepare_streams, print_all

COMPLETION_TIMEOUT = 1.0


def run(argv: Sequence[str]) -> int:
    """Do what the arguments ask for and return the exit status."""
    prepare_streams()
    try:
        arguments = parse(argv)
        if (said := _about(arguments)) is not None:
            return print_all(said, "papa-repl")
        return _carry_out(_runner(arguments), arguments)
    except (UsageError, Error) as error:
        sys.stderr.write(f"papa-repl: {error}\n")
        return USAGE


def _carry_out(runner: Runner, arguments: Arguments) -> int:
    try:
        return _run(runner, arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        runner.output.discard()
        return DONE
    except OSError as error:
        runner.output.discard()
        runner.output.error(f"papa-repl: {error.filename or 'cannot write results'}: {error.strerror}")
        return SAID_NO


def _about(arguments: Arguments) -> str | None:
    """Return what is to be printed without a kernel, None where something is to be run."""
    if arguments.has("--help"):
        return usage() + "\n"
    if arguments.has("--version"):
        from importlib.metadata import version  # noqa: PLC0415 - 15 ms

        return f"papa-repl {version('papa-kernel')}\n"
    if arguments.has("--shell-completion"):
        from papa_console.repl.shells import script_for  # noqa: PLC0415 - asked for once in a lifetime

        return script_for(arguments.given["--shell-completion"])
    return None


def _runner(arguments: Arguments) -> Runner:
    settings = Settings(
        format=arguments.format,
        timing=arguments.has("--time"),
        strict=arguments.has("--strict"),
        keep_going=arguments.has("--keep-going"),
        tee=arguments.given.get("--tee"),
    )
    timeout = arguments.timeout or (COMPLETION_TIMEOUT if arguments.has("--complete") else DEFAULT_TIMEOUT)
    link = Link(resolve_endpoint(arguments.endpoint), timeout, start=arguments.has("--start"))
    return Runner(link, Output(sys.stdout, sys.stderr, arguments.color), settings)


def _run(runner: Runner, arguments: Arguments) -> int:
    if arguments.has("--complete"):
        return _complete(runner, arguments.given["--complete"])
    if arguments.has("-x"):
        return _run_with_input(runner, arguments)
    if arguments.words:
        if late := late_option(arguments.words):
            runner.output.note(f"{late} is a word of the command here: options of papa-repl stand before it")
        return runner.run_words(arguments.words)
    return _run_scripts(runner, arguments.scripts) if arguments.scripts else _run_input(runner, arguments)


def _run_input(runner: Runner, arguments: Arguments) -> int:
    if not sys.stdin.isatty():
        return runner.run_lines(sys.stdin, "stdin")
    if sys.stdout.isatty() and os.environ.get("TERM", "") not in BAD_TERMINALS:
        with needed_for("the prompt"):
            from papa_console.repl.prompt import run_prompt  # noqa: PLC0415 - 100 ms

        return run_prompt(runner, arguments.given.get("--config"), arguments.given.get("--edit"))
    return _run_typed_lines(runner)


def _run_scripts(runner: Runner, scripts: Sequence[tuple[str, str]]) -> int:
    first = DONE
    for flag, value in scripts:
        if flag == "-c":
            status = runner.run_line(value)
        else:
            status = runner.run_lines(sys.stdin, "stdin") if value == "-" else runner.run_file(value)
        first = first or status
        if runner.left or status == INTERRUPTED or (status and not runner.settings.keep_going):
            break
    return first


def _run_with_input(runner: Runner, arguments: Arguments) -> int:
    """Run the one command that was given, with standard input, as it is, for its last word."""
    scripts = arguments.scripts
    if not arguments.words and [flag for flag, _ in scripts] != ["-c"]:
        return runner.refuse("-x: give one command, whose last word standard input is to be")
    last = sys.stdin.read()
    if arguments.words:
        return runner.run_words([*arguments.words, last])
    from papa_protocol.words import Dialect, join_words, to_text  # noqa: PLC0415 - loaded with the runner

    return runner.run_line(f"{scripts[0][1].rstrip()} {to_text(join_words([last], Dialect.V2))}")


def _run_typed_lines(runner: Runner) -> int:
    """Run what is typed where a prompt would not work; an error is no reason to stop."""
    while not runner.left:
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            continue
        if not line:
            break
        runner.run_line(line.rstrip("\n"))
    return DONE


def _complete(runner: Runner, line: str) -> int:
    from papa_console.repl.candidates import complete_line  # noqa: PLC0415 - one mode of several

    runner.settings.format = Format.RAW
    for candidate in complete_line(line, runner.link):
        runner.output.out.write(candidate + "\n")
    runner.output.flush()
    return DONE
