"""A recording of a shell as one animated SVG: the README's deploy, and papa killed and upgraded under it.

Time in it is the script's, not the clock's: a key takes as long as any other, and the machine's speed does not show.
Each row that was ever on the screen is drawn once, and shown while it was there; programs that do not animate, and
readers who asked for less motion, see the last picture.
"""

import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import papa
from terminal import Terminal, draw_rows, draw_window

_COLUMNS, _ROWS = 104, 30
_KEYS = 6  # at a time
_KEY_SECONDS = 0.02
_READ_SECONDS = 1.2
_LAST_SECONDS = 6.0
_PROMPT = "$ "
# What is typed before the recording begins, and in it.
_SETUP = (
    f"PS1='{_PROMPT}'",
    'papa() { command papa -u "$PAPA_ENDPOINT" "$@"; }',
    'echo \'def app(environ, start): start("200 OK", []); return [b"version 1\\n"]\' > shop.py',
    "clear",
)
_SCENE = (
    "papa --guard --daemonize",
    "papa-repl make socket web port=8080",
    "start() { papa-repl make process web.$1 working_dir=$PWD $(which gunicorn) \\",
    "    --bind 'fd://$(socket.web.fileno)' --pid $1.pid shop:app | cut -c 1-48; }",
    "start 1",
    "curl 127.0.0.1:8080",
    "(while sleep 0.05; do curl -sS 127.0.0.1:8080 >> answers; done) &  # from now on somebody always asks",
    "sed -i 's/version 1/version 2.0/' shop.py",
    "start 2                                            # the new one, beside the old one",
    "until curl -s 127.0.0.1:8080 | grep 2.0; do :; done",
    "kill $(cat 1.pid)                                  # the old one ends",
    "kill -9 $(papa-repl info | sed -n 's/^pid //p')    # papa crashes, too",
    "sleep 1; papa-repl upgrade                         # and is replaced while it runs",
    "papa-repl list processes | cut -c 1-48",
    "sort answers | uniq -c                             # each request was answered",
)


class _Recorder:
    """Takes down which rows are on a screen, and when."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self.seconds = 0.0
        self._frames: list[tuple[float, list[str]]] = []

    def look(self, seconds: float) -> None:
        """Take down what is on the screen now, for so many seconds."""
        self._frames.append((self.seconds, draw_rows(self._terminal.screen)))
        self.seconds += seconds

    def type(self, line: str) -> None:
        """Type a line, a few keys at a time, and wait for what it prints."""
        for start in range(0, len(line), _KEYS):
            self._terminal.type(line[start : start + _KEYS])
            self._terminal.settle()
            self.look(_KEYS * _KEY_SECONDS)
        self._terminal.type("\r")
        self._terminal.settle()
        self._terminal.wait_for(_is_done)
        self.look(_READ_SECONDS)

    def save(self, path: Path, title: str) -> None:
        """Write the recording."""
        shown = [piece for row in range(_ROWS) for piece in self._pieces(row)]
        rules = "\n".join(self._rule(number, *times) for number, (*times, _) in enumerate(shown))
        content = [f'<g class="p{number}">{svg}</g>' for number, (_, _, svg) in enumerate(shown)]
        still = "@media (prefers-reduced-motion: reduce) { g { animation: none !important; } }"
        path.write_text(draw_window(self._terminal.screen, title, [f"<style>\n{rules}\n{still}\n</style>", *content]))

    def _pieces(self, row: int) -> list[tuple[float, float, str]]:
        """Return what a row has shown: from when to when, and its SVG."""
        pieces: list[tuple[float, float, str]] = []
        for at, rows in self._frames:
            if pieces and pieces[-1][2] == rows[row]:
                pieces[-1] = (pieces[-1][0], self.seconds, rows[row])
                continue
            if pieces:
                pieces[-1] = (pieces[-1][0], at, pieces[-1][2])
            pieces.append((at, self.seconds, rows[row]))
        return [piece for piece in pieces if piece[2]]

    def _rule(self, number: int, begin: float, end: float) -> str:
        """Return the style of a piece: hidden but for its time, at the end as it is then."""
        last = "visible" if end >= self.seconds else "hidden"
        steps = f"0% {{ visibility: hidden; }} {100 * begin / self.seconds:.3f}% {{ visibility: visible; }}"
        if last == "hidden":
            steps += f" {100 * end / self.seconds:.3f}% {{ visibility: hidden; }}"
        animation = f"k{number} {self.seconds:.1f}s step-end infinite"
        return f".p{number} {{ visibility: {last}; animation: {animation}; }} @keyframes k{number} {{ {steps} }}"


def _is_done(lines: list[str]) -> bool:
    """Whether the shell asks for a line."""
    last = next((line for line in reversed(lines) if line), "")
    return last in (_PROMPT.strip(), ">")


def take(path: Path) -> None:
    """Record the scene."""
    folder = Path(tempfile.mkdtemp(prefix="papa-", dir="/tmp"))
    endpoint = str(folder / ".papa")
    # papa and gunicorn are those beside the Python that runs this, whether its environment is activated or not.
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    env = {**os.environ, "PATH": search, "TERM": "xterm-256color", "PAPA_ENDPOINT": endpoint}
    shell = ["/bin/bash", "-c", f"cd {folder}; exec bash --norc --noprofile --noediting"]
    terminal = Terminal(shell, _COLUMNS, _ROWS, env)
    try:
        _play(terminal, path)
    finally:
        terminal.close()
        _clean_up(endpoint)
        shutil.rmtree(folder)


def _play(terminal: Terminal, path: Path) -> None:
    recorder = _Recorder(terminal)
    for line in _SETUP:
        terminal.type(f"{line}\r")
        terminal.settle()
    terminal.wait_for(_is_done)
    recorder.look(_READ_SECONDS)
    for line in _SCENE:
        recorder.type(line)
    recorder.look(_LAST_SECONDS)
    recorder.save(path, f"bash — {_COLUMNS}x{_ROWS}")


def _clean_up(endpoint: str) -> None:
    with suppress(papa.CannotConnectError), papa.Papa(endpoint, start=False) as client:
        for info in client.list_processes().values():
            with suppress(ProcessLookupError):
                os.killpg(info["pid"], signal.SIGTERM)
        os.kill(client.info()["pid"], signal.SIGTERM)
