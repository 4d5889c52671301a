"""``papa-console``: reads what was asked for, and leaves the terminal as it was found, whatever happens.

Only what is needed is imported: Textual costs a third of a second.
"""

# ruff: noqa: E402 - the client below may be papa 1.0's, and that is said before
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from papa_console.predecessor import tell_of_predecessor

tell_of_predecessor("papa-console")

from papa.endpoint import DEFAULT_TIMEOUT, resolve_endpoint
from papa.errors import CannotConnectError, Error
from papa_console.dashboard.arguments import PROGRAM, Arguments, parse, usage
from papa_console.ending import Ending, TerminalModes, leave
from papa_console.extra import needed_for
from papa_console.flags import UsageError
from papa_console.settings_file import ConfigError
from papa_console.streams import prepare_streams, print_all

if TYPE_CHECKING:
    from papa_console.dashboard.options import Options

DONE, FAILED, USAGE, CANNOT_CONNECT = 0, 1, 2, 3
# Mouse, focus, pasting and resizing are no longer told of; the keyboard, the main screen and the cursor are back.
_RESET = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"
)


def main() -> None:
    """Run the program and exit with its status."""
    prepare_streams()
    modes = TerminalModes(_RESET)
    ending = Ending(lambda: modes.restore(screen=True))
    ending.install()
    try:
        status = run(sys.argv[1:], ending)
    finally:
        modes.restore()
    leave(status)


def run(argv: Sequence[str], ending: Ending) -> int:
    """Do what the arguments ask for and return the exit status."""
    try:
        arguments = parse(argv)
        if (said := _about(arguments)) is not None:
            return print_all(said, PROGRAM)
        _check_terminal(arguments)
        with _endpoint(arguments) as endpoint:
            return _run(arguments, endpoint, ending)
    except CannotConnectError as error:
        return _refuse([str(error)], CANNOT_CONNECT)
    except (UsageError, Error) as error:
        return _refuse([str(error)], USAGE)
    except ConfigError as error:
        return _refuse(error.messages, USAGE)


def _refuse(messages: Sequence[str], status: int) -> int:
    for message in messages:
        sys.stderr.write(f"{PROGRAM}: {message}\n")
    return status


def _about(arguments: Arguments) -> str | None:
    """Return what is to be printed without a kernel, None where something is to be shown."""
    if arguments.has("--help"):
        return usage() + "\n"
    if arguments.has("--version"):
        from importlib.metadata import version  # noqa: PLC0415 - 15 ms

        return f"{PROGRAM} {version('papa-kernel')}\n"
    return None


def _check_terminal(arguments: Arguments) -> None:
    """See that there is a terminal on which the dashboard can be shown, where it is wanted.

    Raises:
        UsageError: there is none.
    """
    from papa_console.repl.output import BAD_TERMINALS  # noqa: PLC0415

    if arguments.has("--once") or arguments.has("--screenshot"):
        return
    hint = f"; {PROGRAM} --once prints plain lists"
    for name, stream in (("input", sys.stdin), ("output", sys.stdout)):
        if stream is None or not stream.isatty():
            raise UsageError(f"a terminal is needed, and standard {name} is none{hint}")
    term = os.environ.get("TERM", "")
    if term in BAD_TERMINALS:
        raise UsageError(f"a terminal is needed that can move its cursor, and TERM is {term!r}{hint}")
    if sys.stderr is None or not sys.stderr.isatty():
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc] # Textual draws there


@contextmanager
def _endpoint(arguments: Arguments) -> Iterator[int | str]:
    """Yield the endpoint that is meant; that of the demonstration exists only meanwhile."""
    if not arguments.has("--demo"):
        yield resolve_endpoint(arguments.endpoint)
        return
    from papa_console.demo.workload import Workload  # noqa: PLC0415 - one mode of several

    with Workload() as workload:
        yield workload.endpoint


def _run(arguments: Arguments, endpoint: int | str, ending: Ending) -> int:
    if arguments.has("--once"):
        return _print_once(arguments, endpoint)
    gc.disable()  # until the first screen is there: what is made for that stays, and looking through it takes 60 ms
    with needed_for("the console"):
        from papa_console.dashboard.opening import open_console, write_picture  # noqa: PLC0415 - Textual

    options = _options(arguments, endpoint)
    if arguments.has("--screenshot"):
        return write_picture(options, arguments)
    return open_console(options, ending)


def _print_once(arguments: Arguments, endpoint: int | str) -> int:
    import papa  # noqa: PLC0415
    from papa_console.dashboard.once import whole  # noqa: PLC0415

    timeout = arguments.timeout or DEFAULT_TIMEOUT
    with papa.Papa(endpoint, timeout, start=arguments.has("--start")) as client:
        return print_all(whole(client, endpoint), PROGRAM)


def _options(arguments: Arguments, endpoint: int | str) -> "Options":
    """Return what the console is started with.

    Raises:
        ConfigError: the settings are wrong.
        UsageError: an argument is.
    """
    from papa_console.dashboard.actions import ACTIONS  # noqa: PLC0415 - Textual
    from papa_console.dashboard.colors import Colors, colors  # noqa: PLC0415
    from papa_console.dashboard.files.config import load_config  # noqa: PLC0415
    from papa_console.dashboard.opening import choose_theme  # noqa: PLC0415
    from papa_console.dashboard.options import Options  # noqa: PLC0415

    config = load_config(lambda: ACTIONS, arguments.given.get("--config"))
    plain = arguments.has("--screenshot") and not os.environ.get("NO_COLOR")  # a picture has all colours
    found = Colors() if plain else colors(os.environ)
    return Options(
        endpoint=endpoint,
        timeout=arguments.timeout or DEFAULT_TIMEOUT,
        start=arguments.has("--start"),
        read_only=arguments.has("--read-only"),
        config=config,
        theme=choose_theme(arguments.given.get("--theme"), config, found),
        colors=found,
        demo=arguments.has("--demo"),
    )


if __name__ == "__main__":
    main()
