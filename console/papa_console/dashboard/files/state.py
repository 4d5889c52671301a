"""What the dashboard remembers from one session to the next: ``$XDG_STATE_HOME/papa/console.json``.

None of it matters enough to fail for: a file that is missing, damaged or someone else's counts as empty, field by
field, and one that cannot be written is only told of. Values that look secret are not kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from papa_console.dashboard.files.writing import make_folder, reason, write_whole
from papa_console.folders import state_folder
from papa_console.masking import looks_secret, mask_secrets

COMMANDS = 500
_LONGEST = 10_000
_LARGEST_FILE = 4 * 2**20


@dataclass(slots=True)
class State:
    """What is remembered.

    Args:
        theme: the name of the colours; empty: none was chosen.
        sorts: for each list the column that it is sorted by, and whether the other way round.
        forms: for each form the texts that were last sent, by their fields.
        commands: what was typed in the command bar, oldest first.
        sizes: columns or rows of the parts of the screen.
        switches: what was switched on or off, such as ``wrap`` or ``tree``.
    """

    theme: str = ""
    sorts: dict[str, tuple[str, bool]] = field(default_factory=dict)
    forms: dict[str, dict[str, str]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    switches: dict[str, bool] = field(default_factory=dict)

    def remember_command(self, line: str) -> None:
        """Add a typed line to the history, once, with values that look secret masked; not if it begins with a space."""
        kept = mask_secrets(line.rstrip())
        if not kept or kept.startswith(" ") or len(kept) > _LONGEST:
            return
        self.commands = _newest([*self.commands, kept])

    def remember_form(self, form: str, texts: Mapping[str, str]) -> None:
        """Keep the texts of a form for the next time, but for what looks secret."""
        self.forms[form] = {key: text for key, text in texts.items() if _may_be_kept(key, text)}


def _may_be_kept(key: str, text: str) -> bool:
    if looks_secret(key) or len(text) > _LONGEST:
        return False
    return all(mask_secrets(line) == line for line in text.splitlines())


def _newest(commands: list[str]) -> list[str]:
    """Return the newest of ``commands``, each once, where it came last."""
    return list(dict.fromkeys(reversed(commands)))[:COMMANDS][::-1]


def state_path() -> Path:
    """Return where it is kept."""
    return state_folder() / "console.json"


def load_state(path: Path | None = None) -> State:
    """Return what is remembered; whatever cannot be read counts as forgotten."""
    file = path or state_path()
    try:
        with file.open("rb") as opened:
            found = json.loads(opened.read(_LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return State()
    return read_state(found)


def read_state(found: object) -> State:
    """Return what a JSON document says, leaving out what is not as it should be."""
    if not isinstance(found, dict):
        return State()
    theme = found.get("theme")
    return State(
        theme=theme if isinstance(theme, str) else "",
        sorts={key: (value[0], value[1]) for key, value in _items(found, "sorts", _is_sort)},
        forms=dict(_items(found, "forms", _is_form)),
        commands=_newest([line for line in _list(found, "commands") if isinstance(line, str)]),
        sizes=dict(_items(found, "sizes", lambda size: type(size) is int and 0 < size < 10_000)),
        switches=dict(_items(found, "switches", lambda switch: isinstance(switch, bool))),
    )


def _items(found: dict[str, Any], name: str, right: Callable[[Any], bool]) -> list[tuple[str, Any]]:
    held = found.get(name)
    return [(key, value) for key, value in held.items() if right(value)] if isinstance(held, dict) else []


def _list(found: dict[str, Any], name: str) -> list[Any]:
    held = found.get(name)
    return held if isinstance(held, list) else []


def _is_sort(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], bool)


def _is_form(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(text, str) for text in value.values())


def save_state(state: State, path: Path | None = None) -> str:
    """Write what is to be remembered; commands that another session added meanwhile stay.

    Returns:
        Why it could not be written, or an empty text.
    """
    file = path or state_path()
    others = [line for line in load_state(file).commands if line not in state.commands]
    merged = asdict(state) | {"commands": _newest([*others, *state.commands])}
    try:
        make_folder(file.parent)
        write_whole(file, json.dumps(merged, indent=1).encode("utf-8", "surrogateescape"))
    except (OSError, ValueError) as error:
        return f"What this session would remember is not kept: {reason(error) if isinstance(error, OSError) else error}"
    return ""
