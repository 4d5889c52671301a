"""The catalogue of what users are told when something is wrong: a file of triggers, and the real thing to try them on.

A trigger begins with ``> `` for a line on the wire, ``$ `` for a line of a shell, ``>>> `` for an expression of Python;
what the user is told follows, up to an empty line. FOLDER and PORT stand for the kernel's own. After a change of
messages ``python -m support.catalogue``, run in ``tests``, writes the file anew: look at what has changed.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import papa
from support.kernels import KernelProcess
from support.wire import Wire

FILE = Path(__file__).parent.parent / "error_catalogue.txt"
_MODULES = {"papa": "papa_kernel", "papa-repl": "papa_console.repl", "papa-console": "papa_console.dashboard"}
_HELD = (
    "make socket web port=0",
    "make socket path path=FOLDER/held",
    "make process runs bufsize=1k /bin/sleep 60",
    "set key value",
)


class Entry(NamedTuple):
    """One way to go wrong, and what is said."""

    trigger: str
    told: str


def read(text: str) -> list[Entry]:
    """Return the entries of a catalogue."""
    blocks = [block for block in text.split("\n\n") if not block.startswith("#")]
    return [Entry(*block.strip("\n").partition("\n")[::2]) for block in blocks]


def write(text: str, stage: "Stage") -> str:
    """Return a catalogue with what is said now."""
    blocks = [block if block.startswith("#") else block.partition("\n")[0] for block in text.strip("\n").split("\n\n")]
    parts = [block if block.startswith("#") else f"{block}\n{stage.tell(block)}".strip("\n") for block in blocks]
    return "\n\n".join(parts) + "\n"


class Stage:
    """A kernel that holds something, and folders and programs to go wrong with."""

    def __init__(self) -> None:
        self._kernel = KernelProcess(["--max-values", "3", "--max-line", "4k"])
        self._folder = self._kernel.folder
        for name, module in _MODULES.items():
            self._write(name, f'#!/bin/sh\nexec "{sys.executable}" -m {module} "$@"\n')
        self._write("bad.toml", "edit = 'ed'\nnothing = 1\n")
        (self._folder / "open").mkdir()
        (self._folder / "open").chmod(0o777)
        for line in _HELD:
            assert not self.tell(f"> {line}").startswith("Error")

    def __enter__(self) -> Self:
        """Be a context."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the kernel and what it started."""
        with self._kernel.connect(unix=True) as wire:
            pid = int(re.findall(r"pid=(\d+)", wire.command("list processes runs"))[0])
        os.kill(pid, 9)
        self._kernel.stop()

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text)
        path.chmod(0o755)

    def tell(self, trigger: str) -> str:
        """Pull a trigger and return what is said."""
        mark, _, text = (
            trigger.replace("FOLDER", str(self._folder)).replace("PORT", str(self._kernel.port)).partition(" ")
        )
        said = {">": self._on_wire, "$": self._in_shell, ">>>": self._in_python}[mark](text)
        return said.replace(str(self._folder), "FOLDER").replace(str(self._kernel.port), "PORT").strip("\n")

    def _on_wire(self, line: str) -> str:
        with self._kernel.connect(unix=True) as wire:
            return self._reply(wire, line)

    @staticmethod
    def _reply(wire: Wire, line: str) -> str:
        *before, last = line.encode().decode("unicode_escape").split("\n")
        for one in before:
            wire.command(one)
        wire.send(f"{last}\n")
        told = b""
        while not told.endswith((b"\n> ", b"\n] ")):
            told += wire.receive()
        return told[:-3].decode()

    def _in_shell(self, line: str) -> str:
        env = {
            **os.environ,
            "PATH": f"{self._folder}:{os.defpath}",
            "PAPA_ENDPOINT": self._kernel.path,
            "TERM": "xterm",
        }
        done = subprocess.run(
            ["sh", "-c", line], cwd=self._folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
        said = re.sub(r"^usage:(.*\n)( .*\n)*", "", done.stdout + done.stderr)
        return f"{said}(exit status {done.returncode})"

    def _in_python(self, expression: str) -> str:
        with papa.Papa(self._kernel.path) as client:
            try:
                result = eval(expression, {"papa": papa, "client": client})
            except (papa.Error, ValueError, TypeError) as error:
                return f"{type(error).__module__}.{type(error).__name__}: {error}"
            return repr(result)


if __name__ == "__main__":
    with Stage() as stage:
        FILE.write_text(write(FILE.read_text(), stage))
