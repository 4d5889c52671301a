"""Take the pictures of the README and of docs/ from the running programs: ``make screenshots``.

``take.py NAME…`` takes only those whose names begin so.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import dashboard
import papa
import recording
from terminal import Terminal

FOLDER = Path(__file__).parent
REPL = str(Path(sys.executable).parent / "papa-repl")
COLUMNS, ROWS = 100, 22
RECORDING = "deploy"
_TICK = """n=0
while :; do
    n=$((n + 1))
    echo "request $n served"
    [ $((n % 3)) = 0 ] && echo "slow query" >&2
    sleep 0.2
done"""


def fill(client: papa.Papa, folder: Path) -> None:
    """Give the kernel something to show."""
    client.make_socket("web", backlog=512)
    client.make_socket("metrics", path=f"{folder}/metrics.sock", umask=0o077)
    client.set("deploy.generation", 2)
    client.set("deploy.revision", "8f31c2a")
    for generation in (1, 2):
        client.make_process(f"web.{generation}", "/bin/sh", ["-c", "sleep 1000"])
    client.make_process("worker", "/bin/sleep", ["1000"])
    client.make_process("nightly", "/bin/sh", ["-c", "echo done; exit 3"])


def completing(terminal: Terminal) -> None:
    """Names of the right kind, with their facts."""
    terminal.type("l s\r")
    terminal.type("l p\r")
    terminal.wait_for(lambda lines: sum("worker" in line for line in lines) >= 1)
    terminal.type("w p \t")
    terminal.wait_for(lambda lines: sum("web.2" in line for line in lines) >= 2)


def hinting(terminal: Terminal) -> None:
    """A caret under a bad word, what may follow, and in grey what comes next."""
    terminal.type("m s api backlog=lots\r")
    terminal.wait_for(lambda lines: any("^~~~" in line for line in lines))
    terminal.type("m s admin ?")
    terminal.wait_for(lambda lines: any("reuseport" in line for line in lines))


def watching(terminal: Terminal) -> None:
    """Both streams of two processes, each batch acknowledged once it is shown."""
    with papa.Papa(start=False) as client:
        for name in ("api", "mail"):
            client.make_process(name, "/bin/sh", ["-c", _TICK], env={"PATH": os.defpath})
    terminal.type("w p api mail\r")
    terminal.wait_for(lambda lines: sum("!" in line for line in lines) >= 3)
    terminal.type("\x03")
    terminal.wait_for(lambda lines: any("acknowledged" in line for line in lines))


PICTURES: dict[str, Callable[[Terminal], None]] = {
    "repl-completing": completing,
    "repl-hinting": hinting,
    "repl-watching": watching,
}


def take(name: str, play: Callable[[Terminal], None], endpoint: str, state: str) -> None:
    """Take one picture of the REPL."""
    env = {**os.environ, "TERM": "xterm-256color", "XDG_STATE_HOME": state, "XDG_CONFIG_HOME": state}
    env.pop("NO_COLOR", None)
    terminal = Terminal([REPL, "-u", endpoint], COLUMNS, ROWS, env)
    try:
        terminal.wait_for(lambda lines: any(line.endswith(">") for line in lines))
        play(terminal)
        terminal.settle()
        terminal.save(FOLDER / f"{name}.svg", f"papa-repl — {COLUMNS}x{ROWS}")
    finally:
        terminal.close()


def take_repl(names: list[str]) -> None:
    """Take pictures of the REPL on a kernel of their own."""
    papa.set_debug_mode()
    folder = Path(tempfile.mkdtemp(prefix="papa-", dir="/tmp"))
    endpoint = str(folder / "papa.sock")
    papa.set_default_path(endpoint)
    with papa.Papa(endpoint) as client:
        fill(client, folder)
        for name in names:
            take(name, PICTURES[name], endpoint, str(folder))
            print(FOLDER / f"{name}.svg")
        pids = [info["pid"] for info in client.list_processes().values() if info["running"]]
        client.remove_sockets("*")
    for pid in pids:
        os.killpg(pid, 15)
    shutil.rmtree(folder)


def main() -> int:
    """Take all pictures, or those that were asked for."""
    wanted = tuple(sys.argv[1:]) or ("",)
    if names := [name for name in PICTURES if name.startswith(wanted)]:
        take_repl(names)
    for path in dashboard.take(lambda name: name.startswith(wanted), FOLDER):
        print(path)
    if RECORDING.startswith(wanted):
        recording.take(FOLDER / f"{RECORDING}.svg")
        print(FOLDER / f"{RECORDING}.svg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
