"""The forms that there are: for a socket, a process, a value, and for another process like one that there is."""

from collections.abc import Mapping

from papa_console.dashboard.held.snapshot import Snapshot
from papa_console.dashboard.screens import fields
from papa_console.dashboard.screens.again import ENVIRONMENT_UNKNOWN, like_process, next_free_name
from papa_console.dashboard.screens.form import Form, Run
from papa_console.dashboard.widgets.known import known

_SHEETS = {"sockets": fields.SOCKET, "processes": fields.PROCESS, "values": fields.SET_VALUE}
_HEADINGS = {"sockets": "Make a socket", "processes": "Make a process", "values": "Set a value"}


def form_for(kind: str, snapshot: Snapshot, run: Run, remembered: Mapping[str, str]) -> Form:
    """Return a form that makes a thing of a kind, filled in as the last time.

    Args:
        kind: ``sockets``, ``processes`` or ``values``.
        snapshot: what there is, for completion.
        run: sends a command.
        remembered: what the fields held the last time.
    """
    return Form(_SHEETS[kind], known(snapshot), run, remembered, _HEADINGS[kind])


def form_like(name: str, snapshot: Snapshot, run: Run, remembered: Mapping[str, str]) -> Form:
    """Return a form that makes another process like ``name``.

    Its environment is taken from what was typed the last time, where that was for the same program.
    """
    values = like_process(snapshot.processes[name])
    values[fields.NAME] = next_free_name(name, snapshot.processes)
    note = ENVIRONMENT_UNKNOWN
    if remembered.get(fields.EXECUTABLE) == values.get(fields.EXECUTABLE) and remembered.get(fields.ENVIRONMENT):
        values |= {key: remembered.get(key, "") for key in (fields.ENVIRONMENT, fields.LIMITS)}
        note = "The kernel does not tell a process' environment: what is here is from the last time."
    heading = f"Make a process like {name}"
    return Form(fields.PROCESS, known(snapshot), run, values, heading, note=note)
