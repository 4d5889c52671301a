"""What the text of a field can become: the prompt's own completion, asked as if the field stood in its command."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from papa_console.dashboard.screens import fields
from papa_console.dashboard.screens.fields import Field, Shape, Sheet, Values
from papa_console.repl.candidate import Candidate
from papa_console.repl.candidates import Known, complete
from papa_protocol.errors import CommandError, ProtocolError
from papa_protocol.words import escape, to_bytes, unescape

_NOBODY = "x"  # a name must stand there before options are expected


def suggester(
    sheet: Sheet, field: Field, values: Callable[[], Values], known: Known
) -> Callable[[str], list[Candidate]]:
    """Return what completes the text of one field; ``values`` has what the others hold."""

    def suggest(text: str) -> list[Candidate]:
        if field.id == fields.NAME or field.shape is Shape.PROSE:
            return []
        try:
            return _suggest(_before(sheet, field, values()), field, text, known)
        except (CommandError, ProtocolError):
            return []

    return suggest


def _before(sheet: Sheet, field: Field, values: Values) -> str:
    """Return the command as far as the field, with a blank after it."""
    given = {f.id: values.get(f.id, "") for f in sheet.fields if f.id != field.id and not fields.field_error(f, values)}
    given[fields.NAME] = _NOBODY
    if field.option is not None or field.id == fields.EXECUTABLE:
        given[fields.EXECUTABLE] = given[fields.ARGUMENTS] = ""
    return fields.join(fields.words_of(sheet, given)) + " "


def _suggest(before: str, field: Field, text: str, known: Known) -> list[Candidate]:
    if field.shape is Shape.WORDS:
        found = complete(before + text, known)
        return [replace(c, start=c.start - len(before)) for c in found if c.start >= len(before)]
    key = field.option.key + "=" * (field.shape is not Shape.PAIRS) if field.option else ""
    line = before + key + (escape(text) if text else "")
    found = complete(line, known)
    return [plain for c in found if (plain := _plain(c, len(before), key, text)) is not None]


def _plain(candidate: Candidate, begin: int, key: str, text: str) -> Candidate | None:
    """Return a candidate for the plain text of a field, in which nothing is escaped."""
    written = candidate.text
    if candidate.start == begin:  # the whole word, of which the key stands before the field
        if not written.startswith(key):
            return None
        written, start = written[len(key) :], 0
    elif key.endswith("="):
        start = 0
    else:
        start = text.find("=") + 1
    return replace(candidate, text=_unescaped(written), start=start)


def _unescaped(written: str) -> str:
    return unescape(to_bytes(written)) if written else ""


def meaning(sheet: Sheet, field: Field, choice: str, known: Known) -> str:
    """Return what a choice means, in a few words."""
    found: Sequence[Candidate] = suggester(sheet, field, dict, known)(choice)
    return next((c.help for c in found if (c.display or c.text) == choice), "")
