"""The ``papa`` command's arguments as argparse reads them: help, mistakes, and every spelling that it knows."""

import argparse
import os
from collections.abc import Callable, Sequence

from papa_kernel import VERSION
from papa_kernel.arguments import LIMIT_OPTIONS, OPTIONS, Arguments, Option, lacks_what_guards_need
from papa_kernel.usage import ABOUT, epilog
from papa_protocol.hints import Any
from papa_protocol.options import BadValue


class _Formatter(argparse.HelpFormatter):
    """argparse's own, which would load shutil and all that it needs to learn the terminal's width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Leave tables as they are; fill paragraphs."""
        return text if "\n" in text else super()._fill_text(text, width, indent)


def _columns() -> int:
    try:
        return int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns or 80
    except (ValueError, OSError):
        return 80


def parse_all(words: Sequence[str]) -> Arguments:
    """Read the command's arguments; a wrong one ends it with status 2, and help with status 0."""
    reader = parser()
    arguments = reader.parse_args(words, Arguments())
    if lacks_what_guards_need(arguments):
        reader.error("--guard: this system lacks what a guardian needs; it takes Linux")
    return arguments


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments; the manual page and the shells' completion are made from it too."""
    parser = argparse.ArgumentParser(prog="papa", formatter_class=_Formatter, description=ABOUT, epilog=epilog())
    for option in OPTIONS:
        _add(parser, option)
    parser.add_argument("--version", action="version", version=f"papa {VERSION}")
    limits = parser.add_argument_group("limits", "The defaults are far beyond what ordinary use needs.")
    for option in LIMIT_OPTIONS:
        _add(limits, option)
    return parser


def _add(group: argparse._ActionsContainer, option: Option) -> None:
    summary = option.summary or argparse.SUPPRESS
    if option.read is None:
        group.add_argument(*option.names, dest=option.key, action="store_true", help=summary)
        return
    group.add_argument(
        *option.names,
        dest=option.key,
        type=_explained(option.read),
        action="append" if option.several else "store",
        default=list(option.default) if option.several else option.default,
        metavar=option.metavar,
        help=summary,
    )


def _explained(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Let a mistake be explained by the text of its error, which argparse shows of one class of its own only."""

    def explained(text: str) -> Any:
        try:
            return read(text)
        except BadValue as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return explained
