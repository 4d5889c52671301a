"""The fields of a form, made from the command table: labels, help, defaults, checks, and the words they make. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Argument, Command, Takes
from papa_protocol.errors import CommandError, ProtocolError
from papa_protocol.options import Option, is_option_word
from papa_protocol.typed import TypedError, check, split_typed
from papa_protocol.words import escape, to_bytes, unescape


class Shape(Enum):
    """How a field is filled in."""

    TEXT = "one text"
    CHOICE = "one of a few"
    WORDS = "words, as they are typed at the prompt"
    PAIRS = "lines NAME=VALUE"
    PROSE = "a text of several lines"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Args:
        id: its key in the values of the form.
        label: what stands before it.
        about: what it is for.
        shape: how it is filled in.
        option: the option that it sets.
        needed: whether it must be filled in.
        common: whether it is shown without asking for more.
    """

    id: str
    label: str
    about: str
    shape: Shape = Shape.TEXT
    option: Option | None = None
    needed: bool = False
    common: bool = True

    @property
    def default(self) -> str:
        """What holds where it is left empty."""
        return self.option.default if self.option else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A command as a form.

    Args:
        command: the command.
        kind: what it makes: ``sockets``, ``processes`` or ``values``.
        fields: in the order in which they are shown.
    """

    command: Command
    kind: str
    fields: tuple[Field, ...]


Values = Mapping[str, str]

NAME, EXECUTABLE, ARGUMENTS, ENVIRONMENT, LIMITS, VALUE = "name", "executable", "arguments", "env", "rlimit", "value"
_COMMON = {
    "socket": ("host", "port", "path", "backlog"),
    "process": ("env.", "working_dir", "uid"),
}
# Another name for an option makes no field; nor does watch, for the console never consumes.
_LEFT_OUT = ("watch",)
_ABOUT = {
    Takes.NEW_NAME: "what to call it; dots make namespaces",
    Takes.VALUE: "what to call it; dots make namespaces",
    Takes.EXECUTABLE: "a path, or the name of a program in /bin:/usr/bin or env's PATH",
    Takes.PROGRAM_ARGUMENT: "words; a backslash keeps a space; $(socket.NAME.fileno) stands for a number",
    Takes.TEXT: "any text",
}
_IDS = {
    Takes.NEW_NAME: NAME,
    Takes.VALUE: NAME,
    Takes.EXECUTABLE: EXECUTABLE,
    Takes.PROGRAM_ARGUMENT: ARGUMENTS,
    Takes.TEXT: VALUE,
}
_SHAPES = {Takes.PROGRAM_ARGUMENT: Shape.WORDS, Takes.TEXT: Shape.PROSE}


def _argument_field(argument: Argument) -> Field:
    takes = argument.takes
    needed = not argument.optional
    return Field(_IDS[takes], _IDS[takes], _ABOUT[takes], _SHAPES.get(takes, Shape.TEXT), needed=needed)


def _option_field(option: Option, *, common: bool) -> Field:
    key = option.key.rstrip(".")
    shape = Shape.PAIRS if option.is_family else Shape.CHOICE if option.choices else Shape.TEXT
    about = f"{option.summary}: {option.expected}" if not option.choices else option.summary
    return Field(key, key, about, shape, option, common=common)


def _sheet(words: tuple[str, ...], kind: str) -> Sheet:
    command = COMMANDS.by_words[words]
    arguments = [_argument_field(a) for a in command.arguments if a.takes is not Takes.OPTION]
    common = _COMMON.get(words[-1], ())
    options = [o for o in command.options if not o.alias_of and o.key not in _LEFT_OUT]
    first = sorted((o for o in options if o.key in common), key=lambda o: common.index(o.key))
    rest = [o for o in options if o.key not in common]
    fields = [*arguments, *(_option_field(o, common=True) for o in first)]
    return Sheet(command, kind, (*fields, *(_option_field(o, common=False) for o in rest)))


SOCKET = _sheet(("make", "socket"), "sockets")
PROCESS = _sheet(("make", "process"), "processes")
SET_VALUE = _sheet(("set",), "values")


def split_words(text: str) -> list[str]:
    """Return the words of a text, as the prompt reads them.

    Raises:
        CommandError: an escape that there is not.
    """
    return [unescape(to_bytes(word.raw)) for word in split_typed(text)]


def join(words: Sequence[str]) -> str:
    """Return words as the prompt reads them; the opposite of ``split_words``."""
    return " ".join(map(escape, words))


def _pairs(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _field_words(field: Field, text: str) -> list[str]:
    """Return the words that a field makes."""
    if field.shape is Shape.PAIRS:
        return [f"{field.id}.{line}" for line in _pairs(text)]
    if field.shape is Shape.PROSE:
        return [text]
    if not text:
        return []
    if field.shape is Shape.WORDS:
        return split_words(text)
    return [f"{field.option.key}={text}" if field.option else text]


def _placed(sheet: Sheet, values: Values) -> list[tuple[str, Field | None]]:
    """Return the words of the command in the order of the wire, each with the field that makes it."""
    order = [f for f in sheet.fields if f.id == NAME]
    order += [f for f in sheet.fields if f.option is not None]
    order += [f for f in sheet.fields if f not in order]
    words: list[tuple[str, Field | None]] = [(word, None) for word in sheet.command.words]
    for field in order:
        words += [(word, field) for word in _field_words(field, values.get(field.id, ""))]
    return words


def words_of(sheet: Sheet, values: Values) -> list[str]:
    """Return the words of the command.

    Raises:
        CommandError: a field cannot be read.
    """
    return [word for word, _ in _placed(sheet, values)]


def preview(sheet: Sheet, values: Values) -> str:
    """Return the command as it would be typed; where a field cannot be read, as far as it can."""
    parts = list(sheet.command.words)
    readable = {field.id: values.get(field.id, "") for field in sheet.fields if not field_error(field, values)}
    if not readable.get(NAME):
        parts.append("NAME")
    try:
        return join(words_of(sheet, readable)) if readable.get(NAME) else _without_name(sheet, readable)
    except (CommandError, ProtocolError):
        return join(parts)


def _without_name(sheet: Sheet, values: Values) -> str:
    count = len(sheet.command.words)
    words = words_of(sheet, values)
    return join([*words[:count], "NAME", *words[count:]])


def field_error(field: Field, values: Values) -> str:
    """Return what is wrong with one field; an empty text where it can be read or is not filled in."""
    text = values.get(field.id, "")
    try:
        words = _field_words(field, text)
        for word in words:
            escape(word)
        if field.option is not None:
            for word in words:
                _check_option(field, field.option, word)
    except (CommandError, ProtocolError) as error:
        return str(error)
    if field.id == EXECUTABLE and is_option_word(text):
        return f'the kernel would take "{text}" for an option: write it as a path'
    return ""


def _check_option(field: Field, option: Option, word: str) -> None:
    key, equals, value = word.partition("=")
    if field.shape is Shape.PAIRS and (not equals or key == option.key):
        raise CommandError(f'{field.id}: expected NAME=VALUE, not "{word.removeprefix(option.key)}"')
    option.read_value(key, value)


def errors(sheet: Sheet, values: Values) -> dict[str, str]:
    """Return what is wrong, by the id of the field; what concerns no single field has an empty id.

    What is missing is not in it: ``missing`` has that.
    """
    found = {field.id: error for field in sheet.fields if (error := field_error(field, values))}
    if found or missing(sheet, values):
        return found
    placed = _placed(sheet, values)
    try:
        check(join([word for word, _ in placed]))
    except TypedError as error:
        return {_field_at(sheet, placed, error): str(error)}
    return {}


def _field_at(sheet: Sheet, placed: Sequence[tuple[str, Field | None]], error: TypedError) -> str:
    """Return the id of the field that an error is about: the one that it names, else the one where it points."""
    named = str(error).partition(":")[0]
    if any(field.id == named for field in sheet.fields):
        return named
    at = 0
    for word, field in placed:
        at += len(escape(word)) + 1
        if error.start < at:
            return field.id if field else ""
    return ""


def missing(sheet: Sheet, values: Values) -> list[str]:
    """Return the ids of the fields that must still be filled in."""
    return [f.id for f in sheet.fields if f.needed and f.shape is not Shape.PROSE and not values.get(f.id)]
