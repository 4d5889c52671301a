"""Options: ``name=value`` words, what kinds of value there are, and how each is read."""

import re
from collections.abc import Callable, Sequence

from papa_protocol.errors import CommandError
from papa_protocol.hints import Any, NamedTuple

# Compiled when they are first needed, which for the kernel is later than its start.
_SIZE = r"(?i)([0-9]{1,18})([kmg]?)b?"
_UMASK = r"(?i)0(?:o(?=[0-7]))?(?P<octal>[0-7]{0,6})|(?P<decimal>[1-9][0-9]{0,3})"
# What the system counts bytes with.
_LARGEST = 2**63 - 1
# What systemd takes for the name of a descriptor.
_LONGEST_FD_NAME = 255
_UNITS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
}
UNLIMITED = -1


class BadValue(ValueError):  # noqa: N818 - it never leaves this package
    """The value of an option is not of its kind."""


def read_text(value: str) -> str:
    """Return a value that may be any text but the empty one."""
    if not value:
        raise BadValue
    return value


def read_size(value: str) -> int:
    """Return a number of bytes: ``4096``, ``64k``, ``2m``, ``1g``."""
    match = re.fullmatch(_SIZE, value)
    size = int(match[1]) * _UNITS[match[2].lower()] if match else _LARGEST + 1
    if size > _LARGEST:
        raise BadValue
    return size


def read_umask(value: str) -> int:
    """Return a file mode mask: octal after ``0`` or ``0o``, as papa 1.0's clients send it decimal otherwise."""
    match = re.fullmatch(_UMASK, value)
    if not match:
        raise BadValue
    mask = int(match["decimal"]) if match["decimal"] else int(match["octal"] or "0", 8)
    if mask > 0o777:
        raise BadValue
    return mask


def read_number(low: int, high: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from ``low`` to ``high``."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdigit() and len(value) < 20 and low <= int(value) <= high):
            raise BadValue
        return int(value)

    return read


def read_flag(value: str) -> bool:
    """Return whether an option is switched on: ``1`` or ``0``."""
    try:
        return _FLAGS[value.lower()]
    except KeyError:
        raise BadValue from None


def read_choice(*choices: str) -> Callable[[str], str]:
    """Return a reader of one of ``choices``, in any case."""

    def read(value: str) -> str:
        if value.lower() not in choices:
            raise BadValue
        return value.lower()

    return read


def read_path(value: str) -> str:
    """Return an absolute path."""
    if not value.startswith("/"):
        raise BadValue
    return value


def read_names(value: str) -> tuple[str, ...]:
    """Return names of sockets, as sd_listen_fds(3) can pass them on: ``web,admin``."""
    names = tuple(value.split(","))
    fit = all(name and len(name) <= _LONGEST_FD_NAME and ":" not in name for name in names)
    if not (fit and value.isascii() and value.isprintable() and len(set(names)) == len(names)):
        raise BadValue
    return names


def read_any(value: str) -> str:
    """Return a value that may be any text at all."""
    return value


def read_limit(value: str) -> tuple[int, int]:
    """Return the soft and the hard value of a resource limit: ``N``, ``SOFT:HARD``, sizes, ``unlimited``."""
    soft, colon, hard = value.partition(":")
    return _read_one_limit(soft), _read_one_limit(hard if colon else soft)


def _read_one_limit(value: str) -> int:
    return UNLIMITED if value.lower() in ("-1", "unlimited", "infinity") else read_size(value)


class Option(NamedTuple):
    """One option of a command.

    Args:
        key: what stands before ``=``; a final dot makes it a family (``env.``): ``env.NAME=``.
        summary: what it does, with units.
        read: turns the text after ``=`` into its value, or raises BadValue.
        expected: what the text after ``=`` must be, for error messages and help.
        field: the parameter that it sets.
        default: what holds where it is not given, as text for help.
        choices: the values that there are, where they are few.
        alias_of: the option that this is another name for.
    """

    key: str
    summary: str
    read: Callable[[str], Any]
    expected: str
    field: str
    default: str = ""
    choices: tuple[str, ...] = ()
    alias_of: str = ""

    @property
    def is_family(self) -> bool:
        """Whether the key goes on after its dot: ``env.NAME``."""
        return self.key.endswith(".")

    def read_value(self, key: str, value: str) -> Any:
        """Return the value of ``key=value``.

        Raises:
            CommandError: ``value`` is not of the option's kind.
        """
        try:
            return self.read(value)
        except BadValue:
            raise CommandError(f'{key}: expected {self.expected}, not "{value}"') from None


def is_option_word(word: str) -> bool:
    """Whether ``word`` is written as an option; a path that holds ``=`` is not, nor words of a shell in one."""
    key, equals, _ = word.partition("=")
    return bool(equals) and (key.startswith("env.") or not ("/" in key or " " in key))


def find_option(options: Sequence[Option], key: str) -> Option | None:
    """Return the option that ``key`` names, whatever its case, or None."""
    wanted = key.lower()
    for option in options:
        named = wanted.startswith(option.key) and len(wanted) > len(option.key)
        if named if option.is_family else wanted == option.key:
            return option
    return None


def unwrap(word: str) -> str:
    """Return an option without the quotes that papa 1.0's client puts around a value that ends in a backslash."""
    key, _, value = word.partition("=")
    return f"{key}={value[1:-1]}" if value.startswith('"') and value.endswith('\\"') else word


def read_options(
    options: Sequence[Option], words: Sequence[str], *, wrapped: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Read the options at the start of ``words``; they end at the first word that is not one.

    Args:
        options: those that there are.
        words: of a command, after the name.
        wrapped: whether they may be written as by papa 1.0's client.

    Returns:
        The values by field (a family's as a dict by what follows its dot) and the remaining words.

    Raises:
        CommandError: an unknown option, a bad value, or one given twice.
    """
    values: dict[str, Any] = {}
    taken = 0
    for word in words:
        if not is_option_word(word):
            break
        read_option(options, unwrap(word) if wrapped else word, values)
        taken += 1
    return values, list(words[taken:])


def read_option(options: Sequence[Option], word: str, values: dict[str, Any]) -> None:
    """Read one word that is written as an option into ``values``, which holds those before it.

    Raises:
        CommandError: an unknown option, a bad value, or one given before.
    """
    key, _, text = word.partition("=")
    option = find_option(options, key)
    if option is None:
        known = ", ".join(f"{option.key}{'NAME' * option.is_family}=" for option in options)
        shell = f"; for a variable of the shell, begin with export {key}=" if values.get("shell") else ""
        raise CommandError(f'Unknown option "{key}": expected one of {known}{shell}')
    value = option.read_value(key, text)
    if option.is_family:
        name = key[len(option.key) :]
        _put(values.setdefault(option.field, {}), name, value, key)
    else:
        _put(values, option.field, value, key)


def _put(values: dict[str, Any], field: str, value: object, key: str) -> None:
    if field in values:
        raise CommandError(f"{key}: given twice; leave one out")
    values[field] = value
