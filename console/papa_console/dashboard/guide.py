"""What the output pane says where there is no output, and how to begin. Pure."""

from collections.abc import Sequence

from papa_console.dashboard.held.snapshot import Connection, Snapshot
from papa_console.text import clean_line
from papa_protocol.model import ProcessInfo

_BEGIN = """papa holds nothing yet. To begin:

  +   make a process, in a form
  :   make socket web port=8080
  :   make process tick shell=1 while :; do date; sleep 1; done
  :   set greeting hello

  ?   all keys"""
_ABSENT = """No kernel listens here. To begin:

  enter  start one
  q      leave

In a shell:  {starter}"""


def guide(snapshot: Snapshot, names: Sequence[str]) -> str:
    """Return what to say where there is nothing to show.

    Args:
        snapshot: what the kernel holds.
        names: the processes whose output is shown.
    """
    kernel = snapshot.kernel
    if kernel.connection is Connection.ABSENT:
        return _ABSENT.format(starter=clean_line(kernel.starter))
    if kernel.connection is Connection.REFUSED:
        return f"{clean_line(kernel.endpoint)} refused: {clean_line(kernel.reason)}"
    if kernel.connection is Connection.CONNECTING:
        return "connecting …"
    if not names:
        held = snapshot.processes or snapshot.sockets or snapshot.values
        return "No process is selected." if held else _BEGIN
    return _about(snapshot, names)


def _silent(info: ProcessInfo) -> bool:
    return info.get("bufsize") == 0 or (str(info.get("stdout")) == "0" == str(info.get("stderr")))


def _about(snapshot: Snapshot, names: Sequence[str]) -> str:
    infos = [snapshot.processes[name] for name in names if name in snapshot.processes]
    if not infos:
        return "The kernel does not hold it any more."
    if all(_silent(info) for info in infos):
        return "Its output is not captured: it was made with bufsize=0, or without stdout and stderr."
    return "No output yet."
