"""The arguments of the ``papa`` command."""

import argparse
import os
from collections.abc import Sequence

from papa_kernel import VERSION
from papa_kernel.access import find_members, find_user
from papa_kernel.limits import LIMITS
from papa_kernel.usage import ABOUT, EXIT_IN_USE, epilog
from papa_protocol.options import BadValue, read_size

__all__ = ["CHECK_OPTION", "DEFAULT_PORT", "EXIT_IN_USE", "GUARDED_OPTION", "RESUME_OPTION", "parse", "parser"]

DEFAULT_PORT = 20202
# What a kernel passes to the installed code at an upgrade: the file with its state, to try whether it can be read, or
# to go on with it.
CHECK_OPTION = "--check-state"
RESUME_OPTION = "--resume"
# What a guardian passes to the kernel that it runs: the socket that they talk by.
GUARDED_OPTION = "--guarded"


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns or 80
    except (ValueError, OSError):
        return 80


class _Formatter(argparse.HelpFormatter):
    """argparse's own, which at each start would load shutil and all that it needs to learn the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Leave tables as they are; fill paragraphs."""
        return text if "\n" in text else super()._fill_text(text, width, indent)


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the command's arguments, those of the process where None; a wrong one ends it with status 2."""
    reader = parser()
    arguments = reader.parse_args(argv)
    if arguments.guard and not hasattr(os, "splice"):
        reader.error("--guard: this system lacks what a guardian needs; it takes Linux")
    return arguments


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; the manual page and the shells' completion are made from it too."""
    parser = argparse.ArgumentParser(prog="papa", formatter_class=_Formatter, description=ABOUT, epilog=epilog())
    parser.add_argument(
        "-p", "--port", type=_port, metavar="PORT", help=f"port on 127.0.0.1 to listen on (default: {DEFAULT_PORT})"
    )
    parser.add_argument(
        "-u",
        "--unix-socket",
        type=_path,
        metavar="PATH",
        help="absolute path to listen on, mode 0600 unless others are let in",
    )
    parser.add_argument(
        "--allow-user", type=_user, action="append", default=[], metavar="USER", help="let this user in as well"
    )
    parser.add_argument(
        "--allow-group",
        type=_members,
        action="append",
        default=[],
        metavar="GROUP",
        help="let the users in who are in this group now",
    )
    parser.add_argument(
        "--allow-anyone",
        action="store_true",
        help="let every user of this machine in: whoever is in can run programs as the kernel's user",
    )
    parser.add_argument("-d", "--debug", action="store_true", help="log every step to standard error")
    parser.add_argument("--daemonize", action="store_true", help="go on in the background once it listens")
    parser.add_argument(
        "--guard",
        action="store_true",
        help="run under a guardian, who starts the kernel again after a crash, with everything it held",
    )
    parser.add_argument("--log-file", type=_file, metavar="FILE", help="append the log to this file")
    parser.add_argument("--version", action="version", version=f"papa {VERSION}")
    # For clients that start a kernel of their own: it ends at the end of its standard input, or with its last client.
    parser.add_argument("--end-with-input", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--end-with-last-connection", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument(GUARDED_OPTION, type=int, default=-1, metavar="FD", help=argparse.SUPPRESS)
    parser.add_argument(CHECK_OPTION, type=int, metavar="FD", help=argparse.SUPPRESS)
    parser.add_argument(RESUME_OPTION, type=int, metavar="FD", help=argparse.SUPPRESS)
    _add_limits(parser)
    return parser


def _add_limits(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("limits", "The defaults are beyond what an honest user needs.")
    for limit in LIMITS:
        text = f"{limit.rule.format('N')} (default: {limit.usual})"
        group.add_argument(limit.option, dest=limit.key, type=_size, default=limit.default, metavar="N", help=text)


def _size(text: str) -> int:
    try:
        size = read_size(text)
    except BadValue:
        size = 0
    if not size:
        raise argparse.ArgumentTypeError(f'expected a number such as 4096, 64k or 2m, not "{text}"')
    return size


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise argparse.ArgumentTypeError(f'expected a number from 0 to 65535, not "{text}"')
    return int(text)


def _path(text: str) -> str:
    if not text.startswith("/"):
        raise argparse.ArgumentTypeError(f'expected an absolute path, not "{text}"')
    return text


def _user(text: str) -> int:
    try:
        return find_user(text)
    except KeyError:
        raise argparse.ArgumentTypeError(f'there is no user "{text}"') from None


def _members(text: str) -> frozenset[int]:
    try:
        return find_members(text)
    except KeyError:
        raise argparse.ArgumentTypeError(f'there is no group "{text}"') from None


def _file(text: str) -> str:
    return os.path.abspath(text)
