"""The questions that are asked before something is done; each states its consequence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual.content import Content

from papa_console.dashboard.held.snapshot import Snapshot, state_of, unacknowledged
from papa_console.dashboard.screens.question import Choice, Question
from papa_console.text import clean_line, shorten
from papa_protocol.model import ProcessInfo, SocketInfo

REMOVE, SAVE, ACKNOWLEDGE, QUIT, START, RETRY = "remove", "save", "acknowledge", "quit", "start", "retry"
_LONGEST_VALUE = 200


def _name(name: str) -> Content:
    return Content.styled(clean_line(name), "bold")


def _names(names: Sequence[str]) -> str:
    """Return names as a sentence lists them."""
    shown = [clean_line(name) for name in names]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _remove(kind: str, names: Sequence[str], body: Sequence[Content]) -> Question:
    what = clean_line(names[0]) if len(names) == 1 else f"{len(names)} {kind}"
    choices = [Choice("r", "Remove it" if len(names) == 1 else "Remove them", REMOVE, dangerous=True)]
    return Question(f"Remove {what}?", body, choices)


def remove_processes(snapshot: Snapshot, names: Sequence[str]) -> Question:
    """Ask before processes are removed."""
    return _remove("processes", names, [_process(name, snapshot.processes.get(name, {})) for name in names])


def _process(name: str, info: ProcessInfo) -> Content:
    if not info.get("running"):
        return _name(name).append(f" ({state_of(info)}): its output and its exit status are forgotten.")
    waiting = unacknowledged(info)
    lost = f" {_bytes(waiting)} of it {'is' if waiting == 1 else 'are'} not acknowledged yet." if waiting else ""
    return _name(name).append(f" keeps running, pid {info.get('pid', '?')}; its output is discarded.{lost}")


def remove_sockets(snapshot: Snapshot, names: Sequence[str], users: Mapping[str, Sequence[str]]) -> Question:
    """Ask before sockets are removed; ``users`` has the processes that hold each."""
    body = [_socket(name, snapshot.sockets.get(name, {}), users.get(name, ())) for name in names]
    return _remove("sockets", names, body)


def _socket(name: str, info: SocketInfo, users: Sequence[str]) -> Content:
    path = info.get("path")
    where = f" ({clean_line(path)})" if path else f" (port {info.get('port', '?')})"
    freed = "the path is unlinked now" if path else "the port is free once the last has ended"
    if not users:
        return _name(name).append(f"{where}: no process holds it; {freed if path else 'the port is free at once'}.")
    keep = f"{_names(users)} {'keeps its copy' if len(users) == 1 else 'keep their copies'}"
    return _name(name).append(
        f"{where}: {keep}; {freed if path or len(users) > 1 else 'the port is free once it has ended'}."
    )


def remove_values(snapshot: Snapshot, names: Sequence[str]) -> Question:
    """Ask before values are removed."""
    return _remove("values", names, [_value(name, snapshot.values.get(name, "")) for name in names])


def _value(name: str, text: str) -> Content:
    shown = shorten(clean_line(text[:_LONGEST_VALUE]), 60) if text else "(empty)"
    return _name(name).append(" is forgotten: ").append(Content.styled(shown, "dim"))


@dataclass(frozen=True, slots=True)
class Release:
    """What acknowledging would release of one process.

    Args:
        name: the process.
        size: how many bytes.
        lines: how many lines.
        upto: the last line seen, for people: ``line 640 at 16:13:00``.
        watchers: how many others are attached and consume.
        foreign: whether the process was not made in this session.
        end: what became of it, where its end is acknowledged too: ``exited 3``; empty where it is not.
        identity: what tells the process from others of its name.
    """

    name: str
    size: int
    lines: int
    upto: str = ""
    watchers: int = 0
    foreign: bool = False
    end: str = ""
    identity: tuple[int, float] = (0, 0.0)


def acknowledge(releases: Sequence[Release]) -> Question:
    """Ask before output is acknowledged."""
    total = sum(release.size for release in releases)
    one = len(releases) == 1
    heading = f"Acknowledge {clean_line(releases[0].name) if one else f'{len(releases)} processes'}?"
    body = [_release(release) for release in releases]
    if not one:
        body.append(Content(f"In all {_bytes(total)} in {_lines(sum(release.lines for release in releases))}."))
    choices = [
        Choice("s", "Save to a file, then acknowledge", SAVE),
        Choice("a", "Acknowledge without saving", ACKNOWLEDGE, dangerous=True),
    ]
    return Question(heading, body, choices, default=SAVE, leave="Acknowledge nothing")


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


def _release(release: Release) -> Content:
    upto = f", up to {clean_line(release.upto)}," if release.upto else ""
    said = [f": the kernel forgets {_bytes(release.size)} in {_lines(release.lines)}{upto or ''}".rstrip(",") + "."]
    if release.watchers:
        others = "Another watcher is" if release.watchers == 1 else f"{release.watchers} other watchers are"
        said.append(f"{others} attached, and may not have had it.")
    if release.foreign:
        said.append("It was not made in this session: somebody else may be waiting for it.")
    if release.end:
        said.append(
            f"It has ended ({clean_line(release.end)}), and its end will be acknowledged: it leaves the kernel; "
            "this pane keeps its text and exit status."
        )
    return _name(release.name).append(" ".join(said))


def drain(names: Sequence[str], folder: str) -> Question:
    """Ask before output is saved and acknowledged by itself from now on."""
    body = [
        _listed(names).append(": each piece of output is saved, and acknowledged once it is on the disk."),
        Content(f"The files go to {clean_line(folder)}; of each process the newest four of 10m are kept."),
        Content("Whoever watches it meanwhile may get less. D again, or leaving, ends it."),
    ]
    return Question("Drain to a file?", body, [Choice("s", "Save and acknowledge from now on", SAVE)], default=SAVE)


def _listed(names: Sequence[str]) -> Content:
    return Content.styled(_names(names), "bold")


def quit_while_draining(files: Mapping[str, str]) -> Question:
    """Ask before leaving ends the saving of output; ``files`` has the file of each process."""
    body = [
        _name(name).append(" is saved to ").append(clean_line(path)).append(", line by line, and then acknowledged.")
        for name, path in files.items()
    ]
    body.append(Content("That ends when you leave. What is written afterwards stays in the kernel, up to its bufsize."))
    return Question("Leave while output is being saved?", body, [Choice("q", "Leave", QUIT)], leave="Stay")


def start_kernel(endpoint: str) -> Question:
    """Ask what to do where no kernel listens."""
    body = [
        Content("No kernel listens at ").append(_name(endpoint)).append("."),
        Content("One that is started here goes on in the background when you leave, until it is idle and told to end."),
    ]
    choices = [
        Choice("s", "Start one", START),
        Choice("t", "Try again", RETRY),
        Choice("q", "Quit", QUIT),
    ]
    return Question(f"No kernel at {clean_line(endpoint)}", body, choices, default=START, leave="Wait for one")
