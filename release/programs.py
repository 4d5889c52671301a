"""The three programs as manual pages and completions see them, each read from what reads its arguments."""

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from papa_console.dashboard.actions import ACTIONS
from papa_console.dashboard.arguments import USAGE as CONSOLE
from papa_console.dashboard.screens.help_page import keys_of
from papa_console.flags import Flag
from papa_console.repl.arguments import USAGE as REPL
from papa_console.usage import Rows, Usage
from papa_kernel import usage as kernel
from papa_kernel.parser import parser

_SPELT = str.maketrans({"⇧": "shift+", "⏎": "enter", "␣": "space"})  # not every terminal has the signs


class Group(NamedTuple):
    """Options that belong together."""

    title: str
    about: str
    flags: tuple[Flag, ...]


class Program(NamedTuple):
    """A program: what it says about itself, its options by groups, and the further sections of its manual page."""

    usage: Usage
    groups: tuple[Group, ...]
    signals: Rows = ()
    keys: tuple[tuple[str, Rows], ...] = ()

    @property
    def name(self) -> str:
        """What is typed."""
        return self.usage.program


def _flag(action: argparse.Action) -> Flag:
    summary = (action.help or "").replace("%%", "%")
    several = isinstance(action.default, list)
    return Flag(tuple(action.option_strings), str(action.metavar or ""), summary, several=several)


def _groups(reader: argparse.ArgumentParser) -> Iterator[Group]:
    for group in reader._action_groups:  # noqa: SLF001 - argparse has no public way to list what it reads
        shown = [action for action in group._group_actions if action.help != argparse.SUPPRESS]  # noqa: SLF001
        if shown:
            yield Group((group.title or "").capitalize(), group.description or "", tuple(map(_flag, shown)))


def _kernel() -> Program:
    groups = tuple(_groups(parser()))
    flags = tuple(flag for group in groups for flag in group.flags)
    usage = Usage(
        "papa", kernel.SUMMARY, ("[OPTION…]",), (kernel.ABOUT,), flags,
        kernel.EXAMPLES, kernel.STATUSES, kernel.ENVIRONMENT, files=(),
    )  # fmt: skip
    return Program(usage, groups, signals=kernel.SIGNALS)


def _keys() -> Iterator[tuple[str, Rows]]:
    for where in dict.fromkeys(action.where for action in ACTIONS):
        here = [action for action in ACTIONS if action.where is where]
        yield where.value, tuple((keys_of(action, {}).translate(_SPELT), action.help) for action in here)


PROGRAMS = (
    _kernel(),
    Program(REPL, (Group("Options", "", REPL.flags),)),
    Program(CONSOLE, (Group("Options", "", CONSOLE.flags),), keys=tuple(_keys())),
)
