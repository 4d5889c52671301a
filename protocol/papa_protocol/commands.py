"""The command table's types, and how typed words find their command.

Dispatch, abbreviation, help, completion and validation all read the one table in
``command_table.py``. An abbreviation means: the exact word, else the first match among papa 1.0's
commands, else a unique prefix among the newer ones.
"""

import sys
from collections.abc import Iterable, Sequence
from enum import Enum

from papa_protocol.errors import CommandError
from papa_protocol.hints import NamedTuple
from papa_protocol.options import Option


class Takes(Enum):
    """What an argument stands for, so that it can be completed and checked."""

    SOCKET = "socket"
    VALUE = "value"
    PROCESS = "process"
    NEW_NAME = "new name"
    TEXT = "text"
    OPTION = "option"
    EXECUTABLE = "executable"
    PROGRAM_ARGUMENT = "argument of the executable"
    COMMAND_WORD = "word of a command"
    NUMBER = "number"


class Argument(NamedTuple):
    """One place for words after a command; a repeated one takes all that remain."""

    label: str
    takes: Takes
    optional: bool = False
    repeated: bool = False

    def __str__(self) -> str:
        text = self.label + "…" * self.repeated
        return f"[{text}]" if self.optional else text


class Command:
    """One row of the command table.

    Args:
        words: its words in full: a verb, and for most an object.
        summary: one line saying what it does.
        arguments: what follows the words.
        options: its ``name=value`` options.
        details: paragraphs for its help page.
        examples: lines that can be typed.
        reads_only: whether running it twice is the same as running it once.
        in_full_only: whether it must not be abbreviated.
        since: the first release that has it.
    """

    def __init__(  # noqa: PLR0917 - a table is written by position
        self,
        words: tuple[str, ...],
        summary: str,
        arguments: tuple[Argument, ...] = (),
        options: tuple[Option, ...] = (),
        details: tuple[str, ...] = (),
        examples: tuple[str, ...] = (),
        *,
        reads_only: bool = False,
        in_full_only: bool = False,
        since: int = 1,
    ) -> None:
        self.words = words
        self.summary = summary
        self.arguments = arguments
        self.options = options
        self.details = details
        self.examples = examples
        self.reads_only = reads_only
        self.in_full_only = in_full_only
        self.since = since
        # How many words may follow its own.
        self.least = sum(not argument.optional for argument in arguments)
        self.most = sys.maxsize if any(argument.repeated for argument in arguments) else len(arguments)

    @property
    def text(self) -> str:
        """The words in full."""
        return " ".join(self.words)

    @property
    def usage(self) -> str:
        """The words and what follows them."""
        return " ".join([*self.words, *map(str, self.arguments)])


class Resolved(NamedTuple):
    """A command and the words that followed it."""

    command: Command
    rest: tuple[str, ...]


def plural(word: str) -> str:
    """Return the longest form of an object word; every form is a prefix of it."""
    return word if word.endswith("s") and not word.endswith("ss") else word + ("es" if word.endswith("ss") else "s")


_KNOWN = 256


class CommandTable:
    """All commands, and how typed words find theirs.

    Args:
        commands: in the order in which help shows them.
    """

    def __init__(self, commands: Iterable[Command]) -> None:
        self.commands = tuple(commands)
        self.by_words = {command.words: command for command in self.commands}
        first = {command.words[0]: command for command in reversed(self.commands)}
        self._old = sorted(verb for verb, command in first.items() if command.since == 1)
        self._new = sorted(verb for verb, command in first.items() if command.since > 1)
        self._in_full = {verb for verb, command in first.items() if command.in_full_only}
        # What has been typed before: the first word of a command that has one, the first two of others.
        self._known: dict[str | tuple[str, ...], Command] = {}

    @property
    def verbs(self) -> list[str]:
        """The first words of all commands, each once, in the order of the table."""
        return list(dict.fromkeys(command.words[0] for command in self.commands))

    def of_verb(self, verb: str) -> list[Command]:
        """Return the commands that begin with the full word ``verb``."""
        return [command for command in self.commands if command.words[0] == verb]

    def of_object(self, name: str) -> list[Command]:
        """Return the commands whose second word is a form of ``name``."""
        return [command for command in self.commands if plural(command.words[-1]) == name and len(command.words) > 1]

    def resolve_verb(self, word: str) -> str:
        """Return the full first word that ``word`` stands for.

        Raises:
            CommandError: there is none, or it must be typed in full.
        """
        typed = word.lower()
        if typed in self._old or typed in self._new:
            return typed
        if typed:
            for verb in self._old:
                if verb.startswith(typed):
                    return self._unless_in_full(verb)
            newer = [verb for verb in self._new if verb.startswith(typed)]
            if len(newer) == 1:
                return newer[0]
            if newer:
                raise CommandError(f'"{word}" may stand for {_listing(newer)}: type one more letter')
        raise CommandError(f'Unknown command "{word}": expected one of {", ".join(self.verbs)}')

    def _unless_in_full(self, verb: str) -> str:
        if verb in self._in_full:
            raise CommandError(f'"{verb}" cannot be abbreviated: type it in full')
        return verb

    def resolve_object(self, word: str, among: Iterable[str], after: str) -> str:
        """Return the object word, of those in ``among``, that ``word`` stands for."""
        among = sorted(among)
        for name in among:
            if word and plural(name).startswith(word.lower()):
                return name
        raise CommandError(f'Unknown word "{word}" after "{after}": expected {_one_of(among)}')

    def resolve(self, words: Sequence[str]) -> Resolved:
        """Find the command that ``words`` begin with.

        Raises:
            CommandError: the words are unknown or incomplete; it says what may follow.
        """
        if not words:
            raise CommandError(f"Nothing was typed: expected one of {', '.join(self.verbs)}")
        command = self._known.get(words[0]) or self._known.get(tuple(words[:2]))
        if command is None:
            command = self._resolve(words)
            if len(self._known) < _KNOWN:
                self._known[words[0] if len(command.words) == 1 else tuple(words[:2])] = command
        return Resolved(command, tuple(words[len(command.words) :]))

    def _resolve(self, words: Sequence[str]) -> Command:
        verb = self.resolve_verb(words[0])
        if (alone := self.by_words.get((verb,))) is not None:
            return alone
        objects = [command.words[1] for command in self.of_verb(verb)]
        if len(words) < 2:
            raise CommandError(f'"{verb}" is incomplete: expected {_one_of(sorted(objects))} after it')
        return self.by_words[verb, self.resolve_object(words[1], objects, verb)]


def _one_of(words: Sequence[str]) -> str:
    return f"one of {', '.join(words)}" if len(words) > 1 else words[0]


def _listing(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def check_count(command: Command, rest: Sequence[str]) -> None:
    """Check that the words after a command are neither too few nor too many.

    Raises:
        CommandError: it names what is missing or the word that is too much.
    """
    if len(rest) < command.least:
        missing = [argument.label for argument in command.arguments if not argument.optional][len(rest)]
        raise CommandError(f'"{command.text}" needs {missing}: {command.usage}')
    if len(rest) > command.most:
        raise CommandError(f'Unexpected word "{rest[command.most]}": {command.usage}')
