"""What to say about a line while it is typed: the greyed text after the cursor, and the answer to ``?``."""

from collections.abc import Iterable, Iterator

from papa_console.repl.candidates import Known, complete
from papa_console.repl.local import is_local, resolve_local, split_local
from papa_protocol.commands import Argument, Takes
from papa_protocol.errors import CommandError
from papa_protocol.typed import hint, locate

MOST_ROWS = 20
_LEAVING = ("exit",)  # not a command of the kernel's, which has exit-if-idle
_MEANINGS = {
    Takes.SOCKET: "a socket's name, a pattern that ends in *, or a file number",
    Takes.VALUE: "a value's name, or a pattern that ends in *",
    Takes.PROCESS: "a process' name, a pattern that ends in *, or a PID",
    Takes.NEW_NAME: "what to call it; dots make namespaces",
    Takes.TEXT: "any text; several words are joined by one space",
    Takes.OPTION: "an option, as below; they end at the first word without =",
    Takes.EXECUTABLE: "a path, or the name of a program in /bin:/usr/bin or env.PATH",
    Takes.PROGRAM_ARGUMENT: "an argument of the program; $(socket.NAME.fileno) stands for a number",
    Takes.COMMAND_WORD: "a word of a command",
    Takes.NUMBER: "a number",
}


def is_leaving(line: str) -> bool:
    """Whether ``line`` is a word of ours that leaves."""
    return line.strip().lower() in _LEAVING


def ghost(text: str) -> str:
    """Return what to show, greyed, after ``text``."""
    if is_leaving(text):
        return "  ⇢ leave"
    return _local_ghost(text) if is_local(text) else hint(text)


def _local_ghost(text: str) -> str:
    word, rest = split_local(text)
    try:
        command = resolve_local(word)
    except CommandError:
        return ""
    if text.endswith(" ") and not rest:
        return command.arguments
    return f"  ⇢ {command.usage}" if not rest and command.word != word else ""


def explain(text: str, known: Known) -> list[tuple[str, str]]:
    """Return what may follow ``text``: rows of a word and what it means."""
    candidates = complete(text, known)
    rows = [(c.display or c.text, c.help) for c in candidates[:MOST_ROWS]]
    if len(candidates) > MOST_ROWS:
        rows.append((f"… and {len(candidates) - MOST_ROWS} more", "Tab lists them"))
    if is_local(text):
        return rows or [("", "nothing more: Enter runs the line")]
    place = locate(text)
    if place.option is not None:
        about = f"{place.option.expected}: {place.option.summary}"
        return [(place.option.key, about), *rows]
    return [*_arguments(place.expects), *rows] or [("", "nothing more: Enter runs the line")]


def _arguments(arguments: Iterable[Argument]) -> Iterator[tuple[str, str]]:
    for argument in arguments:
        yield str(argument), _MEANINGS[argument.takes]
