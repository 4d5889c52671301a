"""The columns of the list of processes. Pure."""

from papa_console.dashboard.held.snapshot import state_of
from papa_console.dashboard.widgets.columns import Cell, Column, Piece, tidy
from papa_console.dashboard.widgets.figures import (
    UNKNOWN,
    age,
    amount,
    bar,
    percentage,
    share,
    soon,
    sparkline,
)
from papa_console.dashboard.widgets.process_facts import ProcessFacts, has_failed
from papa_protocol.model import ProcessInfo

_FULLER = 0.8  # from here on a buffer is worth a look
_LITTLE = 0.01
_URGENT, _NEAR = 60.0, 600.0  # seconds before a loss
_AMOUNT, _PERCENT, _BADGE = 5, 4, 4
_BAR_LEAST = 3

_NOTHING: Cell = ()


def _figure(text: str, *, look: str = "", quiet: bool = False) -> Cell:
    return ((text, "muted" if quiet or text == UNKNOWN else look),)


def name(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return a name; in a tree, what it is called there."""
    if facts.tree is None or key not in facts.tree.nodes:
        return ((tidy(key), "name"),)
    node = facts.tree.nodes[key]
    sign = ("▾ " if key in facts.tree.opened else "▸ ") if node.members else "  "
    return (("  " * node.depth + sign, "muted"), (tidy(node.label), "name"))


def sign_of(info: ProcessInfo) -> Piece:
    """Return the sign of a state: running, ended well, failed."""
    if info.get("running"):
        return "●", "good"
    return ("✗", "bad") if has_failed(info) else ("○", "muted")


def state_texts(info: ProcessInfo) -> list[str]:
    """Return the state in words, the longest first, the shortest in few letters."""
    text = state_of(info)
    if text.startswith("killed by "):
        signal = text.removeprefix("killed by ")
        return [signal, signal.removeprefix("SIG").removeprefix("signal ")]
    if text.startswith("exited "):
        status = text.removeprefix("exited ")
        return [text, f"exit {status}", status]
    return [text, {"running": "run"}.get(text, text[:3])]


def state(facts: ProcessFacts, key: str, width: int) -> Cell:
    """Return the state of a process, or how many of a namespace run."""
    if facts.is_namespace(key):
        running, total = facts.running(key), len(facts.members(key))
        sign: Piece = ("✗", "bad") if facts.failed(key) else ("●", "good") if running else ("○", "muted")
        return (sign, (f" {running}/{total}", "" if running else "muted"))
    info = facts.info(key)
    texts = state_texts(info)
    text = next((text for text in texts if len(text) <= width - 2), texts[-1])
    sign = sign_of(info)
    return (sign, (f" {text}", "bad" if sign[1] == "bad" else "muted" if sign[1] == "muted" else ""))


def _state_order(facts: ProcessFacts, key: str) -> tuple[int, str]:
    info = facts.info(facts.members(key)[0])
    if facts.failed(key):
        return 0, "" if facts.is_namespace(key) else state_of(info)
    return (1, "") if facts.running(key) else (2, state_of(info))


def pid(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return the number of a process."""
    if facts.is_namespace(key):
        return _NOTHING
    info = facts.info(key)
    return _figure(str(info.get("pid", UNKNOWN)), quiet=not info.get("running"))


def _pid_order(facts: ProcessFacts, key: str) -> int | None:
    return facts.info(key).get("pid")


def age_of(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return for how long a process has run, or did."""
    return _NOTHING if facts.is_namespace(key) else _figure(age(facts.age(key)), quiet=not facts.running(key))


def cpu(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return the use of processors."""
    percent = facts.cpu(key)
    return _figure(percentage(percent), quiet=not percent or percent < 0.05)


def memory(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return the memory in use."""
    return _figure(amount(facts.memory(key)))


def rate(facts: ProcessFacts, key: str, width: int) -> Cell:
    """Return how much is written in a second."""
    bytes_per_second = facts.rate(key)
    unit = "/s" if bytes_per_second is not None and width >= _AMOUNT + 2 else ""
    return _figure(amount(bytes_per_second) + unit, quiet=(bytes_per_second or 0.0) < 0.5)


def spark(facts: ProcessFacts, key: str, width: int) -> Cell:
    """Return how much was written lately, as a curve."""
    return ((sparkline(facts.spark(key, width)).rjust(width), "spark"),)


def buffer(facts: ProcessFacts, key: str, width: int) -> Cell:
    """Return how full the buffer is, as a bar where there is room, and whether output is lost."""
    known = facts.buffer(key)
    if known is None:
        return _figure(UNKNOWN.rjust(width - _BADGE - 1))
    buffered, bufsize = known
    if not bufsize:
        return _figure("off".rjust(width - _BADGE - 1), quiet=True)
    losing, fraction = facts.losing(key), facts.fill(key) or 0.0
    little = fraction < _LITTLE and not losing
    look = "bad" if losing else "warn" if fraction >= _FULLER else "muted" if little else ""
    pieces: list[Piece] = [(share(buffered, bufsize).rjust(_PERCENT), look), (" ", ""), _badge(facts, key, losing)]
    room = width - _PERCENT - 1 - _BADGE - 1
    if room >= _BAR_LEAST:
        drawn = " " * room if little else bar(buffered / bufsize, room)
        pieces[:0] = [(drawn, "" if little else f"bar-{look}" if look else "bar"), (" ", "")]
    return pieces


def _badge(facts: ProcessFacts, key: str, losing: bool) -> Piece:
    if losing:
        return "LOSS", "alert"
    forecast = facts.forecast(key)
    if forecast is None:
        return " " * _BADGE, ""
    look = "bad" if forecast < _URGENT else "warn" if forecast < _NEAR else "muted"
    return f"!{soon(forecast)}".ljust(_BADGE), look


def waiting(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return how much is unacknowledged."""
    count = facts.unacknowledged(key)
    return _figure(amount(count), quiet=not count)


def dropped(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return how much was dropped."""
    count = facts.dropped(key)
    return _figure(amount(count), look="bad", quiet=not count)


def watchers(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return whether others read and acknowledge the output: w, or how many."""
    count = facts.watchers(key)
    return _NOTHING if not count else (("w" if count == 1 else f"w{min(count, 9)}", "accent"),)


def command(facts: ProcessFacts, key: str, _: int) -> Cell:
    """Return the command line, without the folder of the program."""
    program, space, rest = str(facts.info(key).get("args", "")).partition(" ")
    return _NOTHING if facts.is_namespace(key) else ((tidy(program.rpartition("/")[2] + space + rest), "muted"),)


COLUMNS: tuple[Column[ProcessFacts], ...] = (
    Column("name", "Name", name, lambda _, key: key, least=6, steady=True),
    Column("state", "State", state, _state_order, least=6, good=10, roomy=46),
    Column("pid", "PID", pid, _pid_order, least=7, rank=5, right=True),
    Column("age", "Age", age_of, ProcessFacts.age, least=6, rank=7, right=True, falling=True),
    Column("cpu", "CPU%", cpu, ProcessFacts.cpu, least=5, rank=4, right=True, falling=True),
    Column("memory", "Mem", memory, ProcessFacts.memory, least=5, rank=6, right=True, falling=True),
    Column("rate", "Rate", rate, ProcessFacts.rate, least=5, good=7, rank=2, right=True, falling=True),
    Column("spark", "Output", spark, least=6, good=8, most=24, rank=3),
    Column("buffer", "Buffer", buffer, ProcessFacts.fill, least=9, good=14, most=20, rank=1, falling=True),
    Column("unacknowledged", "Unack", waiting, ProcessFacts.unacknowledged, least=6, rank=8, right=True, falling=True),
    Column("dropped", "Drop", dropped, ProcessFacts.dropped, least=5, rank=9, right=True, falling=True),
    Column("watchers", "W", watchers, least=2, rank=10),
    Column("command", "Command", command, least=20, most=60, rank=11),
)
