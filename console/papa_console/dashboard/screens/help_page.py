"""The help page, made from the table of actions: groups in columns, only what contains the words looked for. Pure."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from papa_console.dashboard.actions import Action, Where
from papa_console.dashboard.widgets.footer import key_sign

NARROWEST = 56  # columns that a column of help needs
MOST_COLUMNS = 3
_KEY_COLUMNS = 12
_GAP = 3


@dataclass(frozen=True, slots=True)
class Looks:
    """The styles of a help page."""

    heading: str | Style = ""
    key: str | Style = ""
    match: str | Style = ""


_PLAIN = Looks()


def keys_of(action: Action, keymap: Mapping[str, str]) -> str:
    """Return the keys of an action for people, as the user has bound them."""
    return " ".join(key_sign(key.strip()) for key in keymap.get(action.binding_id, action.keys).split(","))


def found(actions: Iterable[Action], keymap: Mapping[str, str], wanted: str) -> list[Action]:
    """Return the actions of which keys, label, help or place contain every word of ``wanted``."""
    words = wanted.lower().split()

    def text(action: Action) -> str:
        return f"{keys_of(action, keymap)} {action.label} {action.help} {action.where.value}".lower()

    return [action for action in actions if all(word in text(action) for word in words)]


def _rows(action: Action, keymap: Mapping[str, str], columns: int, looks: Looks) -> list[Text]:
    """Return the lines of one action."""
    keys = keys_of(action, keymap)
    lines = textwrap.wrap(action.help, max(columns - _KEY_COLUMNS, 10)) or [""]
    rows = [Text(" " * _KEY_COLUMNS + line) for line in lines]
    if len(keys) < _KEY_COLUMNS:
        rows[0] = Text(keys.ljust(_KEY_COLUMNS) + lines[0])
        rows[0].stylize(looks.key, 0, len(keys))
    else:
        rows.insert(0, Text(keys, looks.key))
    return rows


def _group(
    where: Where, actions: Sequence[Action], keymap: Mapping[str, str], columns: int, looks: Looks
) -> list[Text]:
    rows = [Text(where.value, looks.heading)]
    for action in actions:
        rows += _rows(action, keymap, columns, looks)
    return rows


def _spread(groups: Sequence[list[Text]], count: int) -> list[list[Text]]:
    """Return the groups in columns of about the same height, each group whole and in order where that can be."""
    heights = [len(group) + 1 for group in groups]
    limit = max(heights, default=0)
    while _columns_needed(heights, limit) > count:
        limit += 1
    columns: list[list[Text]] = [[]]
    for group in groups:
        if columns[-1] and len(columns[-1]) + len(group) + 1 > limit:
            columns.append([])
        if columns[-1]:
            columns[-1].append(Text(""))
        columns[-1] += group
    return columns


def _columns_needed(heights: Sequence[int], limit: int) -> int:
    needed, filled = 1, 0
    for height in heights:
        if filled and filled + height > limit:
            needed, filled = needed + 1, 0
        filled += height
    return needed


def page(
    actions: Sequence[Action], keymap: Mapping[str, str], width: int, wanted: str = "", looks: Looks = _PLAIN
) -> Text:  # fmt: skip
    """Return the page.

    Args:
        actions: what there is to explain.
        keymap: the keys that the user has bound, by the id of the binding.
        width: how many columns the page has.
        wanted: words that must be in a row for it to be shown.
        looks: the styles.
    """
    shown = found(actions, keymap, wanted)
    if not shown:
        return Text(f"Nothing here contains {wanted.strip()!r}")
    count = min(max(width // NARROWEST, 1), MOST_COLUMNS)
    columns = (width - _GAP * (count - 1)) // count
    groups = [
        _group(where, inside, keymap, columns, looks)
        for where in Where
        if (inside := [action for action in shown if action.where is where])
    ]
    beside = _spread(groups, count)
    lines = [_line(beside, number, columns) for number in range(max(map(len, beside)))]
    text = Text("\n", no_wrap=True).join(lines)
    text.highlight_words(wanted.split(), looks.match, case_sensitive=False)
    return text


def _line(beside: Sequence[Sequence[Text]], number: int, columns: int) -> Text:
    """Return one line of the page: the same line of each column."""
    line = Text()
    for at, column in enumerate(beside):
        line.append(" " * (at * (columns + _GAP) - line.cell_len))
        if number < len(column):
            line.append_text(column[number])
    return line
