"""circusd, as its users run it, with a kernel of ours and the client that its environment holds."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from support.proc import is_running
from support.waiting import wait_for
from support.wire import TIMEOUT

# circus opens its sockets and looks for its processes before it reads papa_endpoint, so the default is set first.
_START = """
import sys, papa
papa.set_default_path(sys.argv.pop(1))
from circus.circusd import main
main()
"""


class Circus:
    """A circusd in a folder of the test's own.

    Args:
        environment: the bin folder whose python runs it.
        folder: where its configuration, sockets and logs are.
        kernel: the path of the kernel.
        sections: its configuration, without the section for circus itself.
    """

    def __init__(self, environment: Path, folder: Path, kernel: str, sections: str) -> None:
        self._environment = environment
        self._folder = folder
        self._kernel = kernel
        self._runs = 0
        self._endpoint = f"ipc://{folder}/control"
        (folder / "circus.ini").write_text(
            f"[circus]\nendpoint = {self._endpoint}\npubsub_endpoint = ipc://{folder}/events\n"
            f"papa_endpoint = ipc://{kernel}\nstatsd = false\ncheck_delay = 0.2\n\n{sections}"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start circusd and wait until it answers."""
        self._runs += 1
        with (self._folder / f"circusd-{self._runs}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [self._environment / "python", "-c", _START, self._kernel, self._folder / "circus.ini"],
                cwd=self._folder,
                # papa 1.0.6's client fails on a variable that is empty, and make leaves one.
                env={name: value for name, value in os.environ.items() if value},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_for(lambda: self.ask("status").get("status") == "ok", "circusd answers")

    @property
    def log(self) -> str:
        return "".join(path.read_text() for path in sorted(self._folder.glob("circusd-*.log")))

    def ask(self, *words: str) -> dict[str, Any]:
        """Return the answer to a command of circusctl."""
        program = [str(self._environment / "circusctl"), "--json", "--timeout", "30", "--endpoint", self._endpoint]
        done = subprocess.run([*program, *words], cwd=self._folder, capture_output=True, text=True, timeout=TIMEOUT)
        assert self._process is not None
        assert words[0] == "quit" or self._process.poll() is None, self.log
        answer: dict[str, Any] = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        return answer

    def pids(self, watcher: str, count: int) -> set[int]:
        """Return the PIDs of a watcher's processes, once there are ``count`` that run."""

        def running() -> set[int]:
            pids = {int(pid) for pid in self.ask("list", watcher).get("pids", [])}
            return pids if len(pids) == count and all(map(is_running, pids)) else set()

        return wait_for(running, f"circus runs {count} of {watcher}")

    def kill(self) -> None:
        """End circusd without a chance to tidy up."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def wait(self, timeout: float) -> int:
        assert self._process is not None
        return self._process.wait(timeout)

    def stop(self) -> None:
        """End it however the test went; its processes are the kernel's."""
        if self._process is not None and self._process.poll() is None:
            self.kill()
        for name in ("control", "events"):
            if (self._folder / name).exists():
                os.unlink(self._folder / name)
