"""Make again: what a form is filled in with to make another process like one that there is. Pure."""

import re
from collections.abc import Collection

from papa_console.dashboard.screens import fields
from papa_protocol.command_table import DEFAULT_BUFSIZE
from papa_protocol.model import ProcessInfo

ENVIRONMENT_UNKNOWN = "The kernel does not tell a process' environment: give it again."
_NUMBER = re.compile(r"(.*?)([0-9]+)", re.DOTALL)


def next_free_name(name: str, taken: Collection[str]) -> str:
    """Return ``name`` with its number counted up until nothing is called that: ``web.2`` gives ``web.3``."""
    match = _NUMBER.fullmatch(name)
    start, digits = (match[1], match[2]) if match else (f"{name}.", "1")
    number = int(digits)
    while True:
        number += 1
        proposed = f"{start}{number:0{len(digits)}}"
        if proposed not in taken:
            return proposed


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)


def like_process(info: ProcessInfo) -> dict[str, str]:
    """Return the fields of a form that makes a process like this one; its name and environment are not in it."""
    argv = info.get("argv") or info.get("args", "").split()
    values = {fields.EXECUTABLE: argv[0] if argv else "", fields.ARGUMENTS: fields.join(argv[1:])}
    facts = {key: value for key, value in info.items() if value is not None}
    for field in fields.PROCESS.fields:
        if field.option is not None and field.shape is not fields.Shape.PAIRS and field.id in facts:
            values[field.id] = _text(facts[field.id])
    if info.get("bufsize") == DEFAULT_BUFSIZE:
        del values["bufsize"]
    return {key: value for key, value in values.items() if value and value != _default(key)}


def _default(key: str) -> str:
    return next(field.default for field in fields.PROCESS.fields if field.id == key)
