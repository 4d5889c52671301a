"""What the word at the end of a line can become: read from the command table, the live names and this machine.

Nothing here knows of a screen, and nothing waits but ``complete_line``, which is for shells. What is inserted is
written as dialect 2 writes words.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from papa.errors import Error
from papa_console.repl import names as held
from papa_console.repl import option_values
from papa_console.repl.candidate import Candidate
from papa_console.repl.link import Link
from papa_console.repl.local import LOCAL_COMMANDS, LocalCommand, resolve_local, split_local
from papa_console.repl.names import Names, Picture
from papa_protocol.command_table import COMMANDS
from papa_protocol.commands import Argument, Takes
from papa_protocol.errors import CommandError
from papa_protocol.options import Option
from papa_protocol.typed import Place, Word, locate, split_typed
from papa_protocol.words import escape

MOST = 200
_KINDS = {Takes.SOCKET: held.SOCKETS, Takes.VALUE: held.VALUES, Takes.PROCESS: held.PROCESSES}
_PATTERN_VERBS = ("list", "remove", "watch", "tail")


@dataclass(frozen=True, slots=True)
class Known:
    """What candidates are made from.

    Args:
        picture: the live names.
        now: seconds since 1970, for ages.
    """

    picture: Picture = field(default_factory=Picture)
    now: float = 0.0


def complete(text: str, known: Known) -> list[Candidate]:
    """Return what the word at the end of ``text``, which is what stands before the cursor, can become."""
    if text.lstrip().startswith(":"):
        return _local(text)
    place = locate(text)
    if place.choices:
        return _command_words(text, place)
    if place.option is not None:
        return _option_value(text, place, known)
    found: list[Candidate] = []
    for argument in place.expects:
        found += _argument(place, argument, known)
        if found and argument.takes is Takes.OPTION and place.typed:
            break  # a word may be an option or a program: programs only where it is no option
    return found[:MOST]


def _local(text: str) -> list[Candidate]:
    words = split_typed(text)
    at_word = words[-1].end == len(text)
    current = words[-1] if at_word else Word("", len(text))
    typed = current.text.lower()
    if len(words) == 1 and at_word:
        return [_local_word(command, current.start) for command in LOCAL_COMMANDS if command.word.startswith(typed)]
    try:
        command = resolve_local(split_local(text)[0])
    except CommandError:
        return []
    if command.word == ":help":
        return [_local_word(c, current.start, 1) for c in LOCAL_COMMANDS if c.word[1:].startswith(typed.lstrip(":"))]
    return list(option_values.paths(current.text, current.start)) if command.takes_file else []


def _local_word(command: LocalCommand, start: int, skip: int = 0) -> Candidate:
    return Candidate(command.word[skip:], start, command.summary, command.usage[skip:], space=bool(command.arguments))


def _command_words(text: str, place: Place) -> list[Candidate]:
    before = [word.text for word in split_typed(text[: place.start])]
    typed = place.typed.lower()
    found = [
        Candidate(choice, place.start, _word_help(before, choice))
        for choice in place.choices
        if choice.startswith(typed) and not _only_in_full(choice, typed)
    ]
    if not place.start and not typed:
        found += [_local_word(command, 0) for command in LOCAL_COMMANDS]
    return found


def _only_in_full(choice: str, typed: str) -> bool:
    return bool(typed) and any(command.in_full_only and command.words[0] == choice for command in COMMANDS.commands)


def _word_help(before: list[str], word: str) -> str:
    commands = [command for command in COMMANDS.commands if command.words[0] == word]
    if before and not commands:
        verbs = [COMMANDS.resolve_verb(verb) for verb in before if verb.lower() not in {"h", "he", "hel", "help"}]
        commands = [COMMANDS.by_words[verb, word] for verb in verbs if (verb, word) in COMMANDS.by_words]
    if len(commands) == 1:
        return commands[0].summary
    return ", ".join(command.words[1] for command in commands)


def _argument(place: Place, argument: Argument, known: Known) -> Iterable[Candidate]:
    if argument.takes in _KINDS:
        return _names(place, _KINDS[argument.takes], known)
    if argument.takes is Takes.TEXT:
        return _current_value(place, known)
    if argument.takes is Takes.PROGRAM_ARGUMENT:
        return [*_placeholders(place.typed, place.start, known), *option_values.program_files(place)]
    maker = _MAKERS.get(argument.takes)
    return maker(place) if maker else ()


def _current_value(place: Place, known: Known) -> Iterator[Candidate]:
    value = known.picture.values.get(place.words[0]) if len(place.words) == 1 else None
    if value is not None and (written := escape(value)).startswith(place.typed):
        yield Candidate(written, place.start, "the current value")


def _dialects(place: Place) -> Iterator[Candidate]:
    for number in ("1", "2"):
        if number.startswith(place.typed):
            yield Candidate(number, place.start, f"dialect {number}")


def wanted_value(text: str) -> str | None:
    """Return the name of the value whose text completing ``text`` needs, None where it needs none."""
    place = locate(text)
    if place.command is None or place.command.words != ("set",) or len(place.words) != 1:
        return None
    return place.words[0]


def _names(place: Place, kind: str, known: Known) -> list[Candidate]:
    names = known.picture.kinds[kind]
    given = set(place.words)

    def named(name: str, about: str = "") -> Candidate:
        return Candidate(escape(name), place.start, about or held.facts(kind, name, names, known.now), name)

    low, high = names.bounds(place.typed)
    if high - low > MOST:
        return _segments(place, names, (low, high), named)
    found = [named(name) for name in names.names[low:high] if name not in given]
    if not found and place.typed.isdigit() and kind != held.VALUES:
        numbers = sorted(names.numbers(kind).items())
        found = [
            Candidate(number, place.start, f"{name} {held.facts(kind, name, names, known.now)}")
            for number, name in numbers
            if number.startswith(place.typed) and name not in given
        ]
    if not found and place.typed and high == low:
        typed = place.typed.lower()
        found = [named(name) for name in names.names if typed in name.lower() and name not in given]
    return found[:MOST]


def _segments(
    place: Place, names: Names, bounds: tuple[int, int], named: Callable[[str], Candidate]
) -> list[Candidate]:
    """Return the names up to their next dot, each once, with how many go on from there."""
    found: list[Candidate] = []
    at, high = bounds
    if place.typed.endswith(".") and place.command is not None and place.command.words[0] in _PATTERN_VERBS:
        found.append(Candidate(escape(place.typed) + "*", place.start, f"all {high - at} names"))
    while at < high and len(found) < MOST:
        name = names.names[at]
        dot = name.find(".", len(place.typed)) + 1
        end = names.bounds(name[:dot])[1] if dot else at + 1
        if end - at > 1:
            found.append(Candidate(escape(name[:dot]), place.start, f"{end - at} names", name[:dot], space=False))
        elif name not in place.words:
            found.append(named(name))
        at = end
    return found


def _options(place: Place) -> list[Candidate]:
    assert place.command is not None
    typed = place.typed.lower()
    given = {word.partition("=")[0].lower() for word in place.words}
    options = [option for option in place.command.options if option.is_family or option.key not in given]
    for option in options:
        if option.is_family and typed.startswith(option.key):
            return option_values.family_keys(option, typed[len(option.key) :], place.start, given)
    matching = [option for option in options if option.key.startswith(typed)]
    usual = [option for option in matching if not option.alias_of and option.key != "watch"]
    return [_option(option, place.start) for option in usual or matching]


def _option(option: Option, start: int) -> Candidate:
    default = f" (default: {option.default})" if option.default else ""
    about = f"{option.summary}; {option.expected}{default}"
    return Candidate(option.key + "=" * (not option.is_family), start, about, space=False)


_MAKERS: Mapping[Takes, Callable[[Place], Iterable[Candidate]]] = {
    Takes.OPTION: _options,
    Takes.EXECUTABLE: lambda place: option_values.executables(place) if place.typed else (),
    Takes.NUMBER: _dialects,
}


def _option_value(text: str, place: Place, known: Known) -> list[Candidate]:
    assert place.option is not None
    if place.option.key == "listen":
        return _more_names(place, known)
    key = split_typed(text)[-1].text.partition("=")[0]
    found = [*_placeholders(place.typed, place.start, known)] if place.option.key == "env." else []
    return [*option_values.values(place.option, key, place), *found][:MOST]


def _more_names(place: Place, known: Known) -> list[Candidate]:
    """Return the sockets that a list with commas can go on with."""
    before, comma, typed = place.typed.rpartition(",")
    given = before.split(",")
    names = known.picture.kinds[held.SOCKETS]
    low, high = names.bounds(typed)
    return [
        Candidate(escape(before + comma + name), place.start, held.facts(held.SOCKETS, name, names, known.now), name)
        for name in names.names[low:high][:MOST]
        if name not in given
    ]


def _placeholders(typed: str, start: int, known: Known) -> Iterator[Candidate]:
    """Return the placeholders that the unfinished one at the end of ``typed`` can become; all where it is empty."""
    at = typed.rfind("$")
    if (at < 0 and typed) or ")" in typed[max(at, 0) :]:
        return
    names = known.picture.kinds[held.SOCKETS]
    before = escape(typed[:at]) if at > 0 else ""
    for name in names.names[:MOST]:
        for part in ("fileno", "port"):
            text = f"$(socket.{name}.{part})"
            if text.startswith(typed[max(at, 0) :]) and (part == "fileno" or " port=" in names.rows[name]):
                about = held.facts(held.SOCKETS, name, names, known.now)
                yield Candidate(before + escape(text), start, about, text, space=False)


def kinds_wanted(text: str) -> list[str]:
    """Return the kinds of names that completing ``text`` needs."""
    place = locate(text)
    kinds = [_KINDS[argument.takes] for argument in place.expects if argument.takes in _KINDS]
    if any(argument.takes in {Takes.PROGRAM_ARGUMENT, Takes.OPTION} for argument in place.expects):
        kinds.append(held.SOCKETS)
    return kinds


def complete_line(text: str, link: Link | None) -> list[str]:
    """Return what the last word of a line can become, for shells; ``link`` is asked for names where they are needed."""
    picture = Picture()
    kinds, value = kinds_wanted(text), wanted_value(text)
    if link is not None and (kinds or value):
        try:
            connection = link.open()
            picture = held.look(connection, value, [*kinds, *([held.VALUES] if value else [])])
            connection.close()
        except Error:
            pass  # without a kernel there are no names
    return [candidate.text for candidate in complete(text, Known(picture, time.time()))]
