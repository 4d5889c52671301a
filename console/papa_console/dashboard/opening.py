"""The console is opened on the terminal, or for a picture; however it ends, the user is told in one sentence."""

import asyncio
import io
import os
import signal
import sys
import traceback
from pathlib import Path

from rich.console import Console as Printer
from textual.theme import BUILTIN_THEMES

from papa_console.dashboard.app import Console
from papa_console.dashboard.arguments import PROGRAM, Arguments
from papa_console.dashboard.colors import Colors
from papa_console.dashboard.files.config import Config
from papa_console.dashboard.files.crash import keep_complaints_off_the_terminal, report_crash
from papa_console.dashboard.files.writing import reason
from papa_console.dashboard.options import Options
from papa_console.dashboard.screenshot import take_picture
from papa_console.dashboard.themes import OWN
from papa_console.ending import Ending
from papa_console.flags import UsageError
from papa_console.settings_file import ConfigError
from papa_console.text import clean_line

DONE, FAILED, FAULT = 0, 1, 70


def choose_theme(wanted: str | None, config: Config, colors: Colors) -> str | None:
    """Return the theme to begin with, None for the one that is remembered.

    Where there are few colours, or none, the terminal's own are used unless the command line says otherwise.

    Raises:
        UsageError: the command line names none that there is.
        ConfigError: the settings do.
    """
    known = sorted({*BUILTIN_THEMES, *(theme.name for theme in OWN)})
    expected = f"expected one of {', '.join(known)}"
    if wanted is not None and wanted not in known:
        raise UsageError(f"--theme: {expected}, not {wanted!r}")
    if config.theme and config.theme not in known:
        raise ConfigError([f"theme: {expected}, not {config.theme!r}"])
    if wanted is not None:
        return wanted
    if colors.ansi:
        return config.theme if config.theme.startswith("ansi-") else colors.theme
    return config.theme or None


def open_console(options: Options, ending: Ending) -> int:
    """Show the console on the terminal until the user leaves; return the exit status."""
    if not os.environ.get("NO_COLOR"):
        os.environ.pop("NO_COLOR", None)  # empty, it means nothing, but Textual only asks whether it is there
    keep_complaints_off_the_terminal()
    complaint = ""
    status = DONE
    try:
        console = Console(options)
        console.error_console = Printer(file=io.StringIO())
        asyncio.run(_show(console, ending))
        complaint, status = _outcome(console)
    except Exception:  # noqa: BLE001 - whatever it is, no traceback reaches a user
        complaint, status = report_crash(traceback.format_exc()), FAULT
    ending.has_ended()
    if complaint:
        sys.stderr.write(f"{clean_line(complaint)}\n")
    return ending.status or status


async def _show(console: Console, ending: Ending) -> None:
    loop = asyncio.get_running_loop()
    ending.end = lambda status: loop.call_soon_threadsafe(console.exit, status, status)
    signal.signal(signal.SIGINT, ending)  # the key Ctrl-C sends none: this one came from elsewhere
    await console.run_async(mouse=console.options.config.mouse)


def _outcome(console: Console) -> tuple[str, int]:
    """Return the sentence about a fault, if there was one, and the exit status."""
    printer = console.error_console.file
    if not console.crash and isinstance(printer, io.StringIO) and printer.getvalue():
        return report_crash(printer.getvalue()), FAULT
    return console.crash or "", console.return_code or DONE


def write_picture(options: Options, arguments: Arguments) -> int:
    """Write a picture of the screen; return the exit status."""
    keep_complaints_off_the_terminal()
    path = Path(arguments.given["--screenshot"])
    try:
        picture = asyncio.run(take_picture(Console(options), arguments.size, arguments.keys))
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"{PROGRAM}: {reason(error)}\n")
        return FAILED
    except Exception:  # noqa: BLE001 - whatever it is, no traceback reaches a user
        sys.stderr.write(f"{report_crash(traceback.format_exc())}\n")
        return FAULT
    return DONE
