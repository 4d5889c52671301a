"""papa-console itself on a terminal: typed at by the names of keys, looked at on the screen and in raw bytes."""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from papa import Papa
from papa_protocol.model import ProcessInfo
from support.kernels import KernelProcess
from support.terminals import Terminal
from support.waiting import wait_for

CONSOLE = (sys.executable, "-m", "papa_console.dashboard")
KEYS = {
    "enter": "\r",
    "escape": "\x1b[27u",  # as newer terminals send it: an escape alone might begin the next key
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "space": " ",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "page_up": "\x1b[5~",
    "page_down": "\x1b[6~",
    "ctrl+c": "\x03",
    "ctrl+d": "\x04",
    "ctrl+e": "\x05",
    "ctrl+r": "\x12",
    "ctrl+s": "\x13",
    "ctrl+z": "\x1a",
}
# What a terminal is like before a program says otherwise: lines wrap and there is a cursor, and nothing else.
USUAL = {7, 25}
# A program asks whether it may mark where frames begin and end, is told so, and does it.
_ASKS, _ANSWER, _BEGIN, _END = b"\x1b[?2026$p", b"\x1b[?2026;2$y", b"\x1b[?2026h", b"\x1b[?2026l"
_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")
_KEYBOARD = re.compile(rb"\x1b\[([<>])[\d;]*u")


class Console(Terminal):
    """The program on a terminal of its own, which writes nothing into the user's home.

    Args:
        home: the folder that it takes for the user's; ``saved`` in its state has what it saves.
        arguments: those of the program.
        columns: the terminal's width.
        rows: the terminal's height.
        command: what is run; None is the program itself.
        environment: what is set beside what keeps it in ``home``.
    """

    def __init__(
        self,
        home: Path,
        arguments: Sequence[str] = (),
        columns: int = 120,
        rows: int = 40,
        *,
        command: Sequence[str] = CONSOLE,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.raw = bytearray()
        self._asked = self._drawn = self._searched = 0
        self.home = home
        home.mkdir(exist_ok=True)
        super().__init__([*command, *arguments], private(home) | dict(environment or {}), columns, rows)

    def _draw(self, data: bytes) -> None:
        """Draw whole frames only, so that no test sees the half of one."""
        self.raw += data
        while self._asked < self.raw.count(_ASKS):
            self._asked += 1
            os.write(self.program.child_fd, _ANSWER)
        begun, ended = self.raw.rfind(_BEGIN, self._searched), self.raw.rfind(_END, self._searched)
        upto = begun if begun > ended else len(self.raw)
        upto -= next((size for size in range(len(_BEGIN) - 1, 0, -1) if self.raw[:upto].endswith(_BEGIN[:size])), 0)
        whole = bytes(self.raw[self._drawn : upto])
        self._drawn = upto
        self._searched = max(upto - len(_BEGIN), 0)
        super()._draw(whole.replace(b"\x1b[<u", b""))  # the emulator would take that for a letter

    def press(self, *keys: str) -> None:
        """Press keys, each by its name, or type a text that is no name of a key."""
        for key in keys:
            self.type(KEYS.get(key, key))

    @property
    def pid(self) -> int:
        """The program's PID."""
        assert self.program.pid is not None
        return self.program.pid

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    def until_gone(self, text: str) -> list[str]:
        """Return the screen once ``text`` is not on it any more."""
        return self.until(lambda lines: not any(text in line for line in lines), f"lost {text!r}")

    def until_raw(self, data: bytes, start: int = 0) -> None:
        """Wait until the program has written ``data``, from a place in all that it has written."""
        wait_for(lambda: data in self.raw[start:], f"wrote {data!r}")

    @property
    def switched(self) -> set[int]:
        """The modes of the terminal that the program has left other than they usually are."""
        on = set(USUAL)
        for match in _MODE.finditer(self.raw):
            numbers = {int(number) for number in match[1].split(b";")}
            on = on | numbers if match[2] == b"h" else on - numbers
        return on ^ USUAL

    @property
    def keyboards(self) -> int:
        """How many ways of sending keys the program has left on the terminal's stack of them."""
        return sum(1 if match[1] == b">" else -1 for match in _KEYBOARD.finditer(self.raw))

    def save(self) -> Path:
        """Save the lines of the output that is shown, and return the file once it is whole."""
        before = len(self.saved)
        self.press("4", "s")
        wait_for(lambda: len(self.saved) > before, "there is a file")
        self.until_shown(" saved ")
        return self.saved[-1]

    @property
    def saved(self) -> list[Path]:
        """The files of output that it has saved, the oldest first."""
        return sorted((self.home / "state" / "papa" / "saved").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)


def private(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is read or written."""
    folders = {"HOME": home, "XDG_STATE_HOME": home / "state", "XDG_CONFIG_HOME": home / "config"}
    plain = dict.fromkeys(("NO_COLOR", "PAGER", "EDITOR", "VISUAL", "LESS", "PAPA_ENDPOINT"), "")
    return {**plain, **{key: str(folder) for key, folder in folders.items()}, "COLORTERM": "truecolor"}


def framed(lines: Sequence[str], title: str) -> str:
    """Return the words in the frame that has a title, wherever they are broken into lines."""
    top = next(number for number, line in enumerate(lines) if f"╭─ {title}" in line)
    left = lines[top].index(f"╭─ {title}")
    right = lines[top].index("╮", left)
    inside = [line[left + 1 : right] for line in lines[top + 1 :]]
    end = next(number for number, line in enumerate(inside) if "──" in line)
    return " ".join(" ".join(inside[:end]).split())


def make(kernel: KernelProcess, **scripts: str) -> None:
    """Have a kernel run scripts of /bin/sh, each under its name."""
    with Papa(kernel.path) as papa:
        for name, script in scripts.items():
            papa.make_process(name, "/bin/sh", ["-c", script])


def process(kernel: KernelProcess, name: str) -> ProcessInfo | None:
    """Return what a kernel says of a process, None where it does not hold it."""
    with Papa(kernel.path) as papa:
        return papa.list_processes().get(name)
