r"""A line while it is being typed: where the cursor is, what may follow, what is wrong with it.

Pure, and read from the command table alone, so that the REPL and the console complete, hint, highlight, expand and
check in the same way. Words are typed as dialect 2 writes them: a backslash makes a space part of a word.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Argument, Command, Takes, check_count, plural
from papa_protocol.errors import CommandError, LocalProtocolError
from papa_protocol.hints import Any, NamedTuple
from papa_protocol.model import SocketSpec
from papa_protocol.options import Option, find_option, is_option_word, read_option, read_options
from papa_protocol.words import to_bytes, unescape

_WORD = re.compile(r"(?:[^ \\]|\\.|\\$)+", re.DOTALL)
_HELP = "help"


class Word(NamedTuple):
    """A word as it was typed, and where: ``line[start:end]``."""

    raw: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.raw)

    @property
    def text(self) -> str:
        """What it stands for; itself where an escape is unknown or unfinished."""
        try:
            return unescape(to_bytes(self.raw))
        except (CommandError, LocalProtocolError):
            return self.raw

    @property
    def value_start(self) -> int:
        """Where the value after ``=`` begins; where the word does, if it has no ``=`` or its first one is escaped."""
        key, equals, _ = self.raw.partition("=")
        plain = equals and "=" not in self._replace(raw=key).text
        return self.start + len(key) + 1 if plain else self.start


class TypedError(CommandError):
    """What is wrong with a line, and where: ``line[start:end]``."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = max(end, start + 1)


class Place(NamedTuple):
    """Where the cursor is.

    Args:
        start: where the word, or the value after its ``=``, begins.
        typed: what of it has been typed, as text.
        expects: the arguments that could stand here; several where optional ones may be left out.
        command: the command that the line begins with, once its words are complete.
        words: the words before, beyond the command's own, as text.
        choices: the full words that can stand here, for a word of a command.
        option: the option whose value is being typed.
    """

    start: int
    typed: str
    expects: tuple[Argument, ...] = ()
    command: Command | None = None
    words: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    option: Option | None = None

    def takes(self, kind: Takes) -> bool:
        """Whether such a word may stand here."""
        return any(argument.takes is kind for argument in self.expects)


def split_typed(line: str) -> list[Word]:
    """Return the words of a line."""
    return [Word(match[0], match.start()) for match in _WORD.finditer(line)]


def _objects(verb: str) -> tuple[str, ...]:
    return tuple(command.words[1] for command in COMMANDS.of_verb(verb) if len(command.words) > 1)


def _help_choices(words: Sequence[Word]) -> tuple[str, ...]:
    if not words:
        objects = sorted({plural(command.words[1]) for command in COMMANDS.commands if len(command.words) > 1})
        return (*COMMANDS.verbs, *objects)
    try:
        return _objects(COMMANDS.resolve_verb(words[0].text)) if len(words) == 1 else ()
    except CommandError:
        return ()


def _command_choices(words: Sequence[Word]) -> tuple[str, ...]:
    """Return the words that can follow ``words`` as a part of a command."""
    if not words:
        return tuple(COMMANDS.verbs)
    try:
        verb = COMMANDS.resolve_verb(words[0].text)
    except CommandError:
        return ()
    if verb == _HELP:
        return _help_choices(words[1:])
    return _objects(verb) if len(words) == 1 else ()


def assign(command: Command, words: Sequence[str]) -> tuple[list[Argument | None], tuple[Argument, ...]]:
    """Say which argument of a command each of ``words`` is (None: one too many), and which may still follow."""
    arguments = list(command.arguments)
    roles: list[Argument | None] = []
    for word in words:
        while arguments and arguments[0].takes is Takes.OPTION and not is_option_word(word):
            arguments.pop(0)
        roles.append(arguments[0] if arguments else None)
        if arguments and not arguments[0].repeated:
            arguments.pop(0)
        elif arguments:
            arguments[0] = arguments[0]._replace(optional=True)  # one was given
    return roles, tuple(arguments)


def _expected(arguments: Sequence[Argument]) -> tuple[Argument, ...]:
    """Return those of ``arguments`` that the next word may be: options may be left out."""
    expected: list[Argument] = []
    for argument in arguments:
        expected.append(argument)
        if argument.takes is not Takes.OPTION or not argument.optional:
            break
    return tuple(expected)


def locate(text: str) -> Place:
    """Say what the word at the end of ``text``, which is what stands before the cursor, can be."""
    words = split_typed(text)
    at_word = bool(words) and words[-1].end == len(text)
    current = words.pop() if at_word else Word("", len(text))
    choices = _command_choices(words)
    if choices:
        return Place(current.start, current.text, choices=choices)
    try:
        resolved = COMMANDS.resolve([word.text for word in words])
    except CommandError:
        return Place(current.start, current.text)
    command = resolved.command
    expects = _expected(assign(command, resolved.rest)[1])
    start = current.value_start
    if start > current.start and any(argument.takes is Takes.OPTION for argument in expects):
        key, _, value = current.text.partition("=")
        option = find_option(command.options, key)
        return Place(start, value, expects, command, resolved.rest, option=option)
    return Place(current.start, current.text, expects, command, resolved.rest)


def _resolve_word(place: Place, words: Sequence[Word]) -> str | None:
    """Return the full command word that is being typed, None where it stands for none."""
    if len(place.choices) >= len(COMMANDS.verbs):  # the first word, or the first after help
        try:
            return COMMANDS.resolve_verb(place.typed)
        except CommandError:
            if len(words) == 1:
                return None
    typed = place.typed.lower()
    return next((choice for choice in sorted(place.choices) if typed and plural(choice).startswith(typed)), None)


def full_word(text: str) -> str | None:
    """Return the full form of the command word that ``text`` ends with, None where it ends with none."""
    place = locate(text)
    if not place.choices or not place.typed:
        return None
    return _resolve_word(place, split_typed(text))


def expand_last(text: str) -> str | None:
    """Return ``text`` with the command word at its end in full, None where there is nothing to expand."""
    word = full_word(text)
    if word is None or text.endswith(word):
        return None
    return text[: locate(text).start] + word


def expand(line: str) -> str:
    """Return a line with all its command words in full; arguments stay as they are."""
    done = 0
    for _ in range(3):
        rest = split_typed(line[done:])
        if not rest:
            break
        end = done + rest[0].end
        longer = expand_last(line[:end])
        if longer is None and full_word(line[:end]) is None:
            break
        line = (longer or line[:end]) + line[end:]
        done = len(longer or line[:end])
    return line


def hint(text: str) -> str:
    """Return what to show, greyed, after the cursor: the word meant, or what may follow."""
    place = locate(text)
    if place.choices and place.typed:
        return _hint_word(text, place)
    if place.choices and place.start:
        return "|".join(place.choices) if len(place.choices) < len(COMMANDS.verbs) else "[WORD…]"
    if place.typed or place.command is None or place.option is not None:
        return ""
    return " ".join(map(str, assign(place.command, place.words)[1]))


def _hint_word(text: str, place: Place) -> str:
    in_full = next((c.text for c in COMMANDS.commands if c.in_full_only and c.text.startswith(place.typed.lower())), "")
    if in_full and place.start == 0:
        return "" if in_full == place.typed.lower() else f"  ⇢ {in_full}: type it in full"
    longer = expand_last(text)
    return "" if longer is None else f"  ⇢ {expand(longer).lstrip()}"


def check(line: str) -> Command:
    """Check a whole line as far as that can be done without a kernel, and return its command.

    Raises:
        TypedError: what is wrong, and where.
    """
    words = split_typed(line)
    if not words:
        raise TypedError("Nothing was typed", 0, 1)
    for word in words:
        try:
            unescape(to_bytes(word.raw))
        except (CommandError, LocalProtocolError) as error:
            raise TypedError(str(error), word.start, word.end) from None
    command = _check_command(line, words)
    rest = words[len(command.words) :]
    _check_arguments(line, command, rest)
    return command


def _check_command(line: str, words: Sequence[Word]) -> Command:
    texts = [word.text for word in words]
    try:
        COMMANDS.resolve_verb(texts[0])
    except CommandError as error:
        raise TypedError(str(error), words[0].start, words[0].end) from None
    try:
        return COMMANDS.resolve(texts).command
    except CommandError as error:
        where = words[1] if len(words) > 1 else Word("", len(line.rstrip()) + 1)
        raise TypedError(str(error), where.start, where.end) from None


def _check_arguments(line: str, command: Command, rest: Sequence[Word]) -> None:
    texts = [word.text for word in rest]
    if command.options and rest:
        _check_options(command, rest[1:])
    try:
        check_count(command, texts)
        if command.words == ("make", "socket"):
            SocketSpec(**read_options(command.options, texts[1:])[0])
    except CommandError as error:
        too_many = len(rest) > len(command.arguments)
        where = rest[len(command.arguments)] if too_many else Word("", len(line.rstrip()) + 1)
        raise TypedError(str(error), where.start, where.end) from None
    _check_leftover(command, rest)
    _check_program(line, command, texts)


def _check_leftover(command: Command, rest: Sequence[Word]) -> None:
    """Check that nothing follows the options of a command that ends with them."""
    if not command.options or command.arguments[-1].takes is not Takes.OPTION:
        return
    for word in rest[1:]:
        if not is_option_word(word.text):
            raise TypedError(f'Unexpected word "{word.text}": expected OPTION=VALUE', word.start, word.end)


def _check_options(command: Command, words: Sequence[Word]) -> None:
    given: dict[str, Any] = {}
    for word in takewhile(lambda word: is_option_word(word.text), words):
        try:
            read_option(command.options, word.text, given)
        except CommandError as error:
            known = find_option(command.options, word.text.partition("=")[0])
            raise TypedError(str(error), word.value_start if known else word.start, word.end) from None


def _check_program(line: str, command: Command, texts: Sequence[str]) -> None:
    """Check that an executable follows the options, since ``check_count`` takes any word for it."""
    if not any(argument.takes is Takes.EXECUTABLE for argument in command.arguments):
        return
    if not read_options(command.options, texts[1:])[1]:
        end = len(line.rstrip()) + 1
        raise TypedError(f"{command.text} needs an EXECUTABLE after its options: {command.usage}", end, end + 1)
