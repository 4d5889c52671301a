"""A private kernel that holds a small shop at work: what the dashboard's demonstration and pictures show.

It leaves nothing behind: at the end every process that the kernel holds is killed, and then the kernel ends. Should
this program itself be killed, the kernel sees the end of its standard input, and the programs see the kernel's.
"""

import itertools
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import papa
from papa_console.demo.programs import dice_of

PROGRAMS = Path(__file__).with_name("programs.py")
CHANGE_SECONDS = 4.0
_PATIENCE = 5.0
# name, program, words, bufsize
_PROCESSES: tuple[tuple[str, str, tuple[str, ...], str | None], ...] = (
    ("web.1", "web", ("$(socket.web.fileno)", "1"), None),
    ("web.2", "web", ("$(socket.web.fileno)", "2"), None),
    ("api.1", "web", ("$(socket.api.fileno)", "api-1"), None),
    ("api.2", "web", ("$(socket.api.fileno)", "api-2"), None),
    ("probe.web", "probe", ("$(socket.web.port)",), None),
    ("probe.api", "probe", ("$(socket.api.port)",), None),
    ("worker.mail", "mail", (), None),
    ("worker.thumbs", "thumbs", (), None),
    ("worker.legacy", "legacy", (), None),
    ("ingest", "ingest", (), "16m"),
    ("audit", "audit", (), "96k"),
    ("cron.nightly", "nightly", (), None),
    ("cron.backup", "backup", (), None),
    ("admin", "quiet", ("$(socket.admin.fileno)",), None),
    ("broker", "quiet", (), None),
)


class Workload:
    """The kernel and what it holds, for the time of a ``with`` block.

    Args:
        folder: where the kernel's socket is; None makes a folder of its own, which goes at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._own = folder is None
        self._folder = folder if folder is not None else Path(tempfile.mkdtemp(prefix="papa-demo-"))
        self._kernel: subprocess.Popen[bytes] | None = None
        self._over = threading.Event()
        self._changer = threading.Thread(target=self._change, name="papa-demo-values", daemon=True)

    @property
    def endpoint(self) -> str:
        """Where the kernel listens."""
        return str(self._folder / "papa.sock")

    @property
    def kernel_pid(self) -> int:
        """The kernel's PID."""
        assert self._kernel is not None
        return self._kernel.pid

    def __enter__(self) -> Self:
        """Start everything.

        Raises:
            papa.Error: the kernel did not start.
        """
        try:
            self._install()
            self._start_kernel()
            with papa.Papa(self.endpoint, start=False) as client:
                self._fill(client)
            self._changer.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End everything."""
        self._over.set()
        if self._changer.is_alive():
            self._changer.join()
        if self._kernel is not None:
            with suppress(papa.Error):
                self._kill_all()
            self._end_kernel(self._kernel)
        if self._own:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start_kernel(self) -> None:
        command = [sys.executable, "-m", "papa_kernel", "-u", self.endpoint, "--end-with-input"]
        log = self._folder / "papa.log"
        # a session of its own: Ctrl-C in the terminal is not for it
        self._kernel = subprocess.Popen(
            [*command, "--log-file", str(log)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        assert self._kernel.stdout is not None
        with self._kernel.stdout as said:
            line = said.readline().decode(errors="replace").strip()
        if " listens on " not in line:
            raise papa.CannotConnectError(f"The kernel of the demonstration did not start: {line}")

    def _install(self) -> None:
        """Write the program that everything is started with, so that command lines are short."""
        shop = self._folder / "shop"
        shop.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, "-IS", str(PROGRAMS)])} "$@"\n')
        shop.chmod(0o700)

    def _fill(self, client: papa.Papa) -> None:
        client.make_socket("web", backlog=512)
        client.make_socket("api", reuseport=True, backlog=128)
        client.make_socket("admin", path=str(self._folder / "admin.sock"), umask=0o077)
        client.make_socket("statsd", socket_type="dgram")
        for name, value in {
            "deploy.generation": "2",
            "deploy.revision": "8f31c2a",
            "deploy.by": "margaret",
            "config.web": _settings(dice_of("values"), 0),
            "config.features": json.dumps({"new_basket": True, "search": {"fuzzy": False, "limit": 50}}),
            "lock.migrations": "",
            "motd": "Winter sale: −20 % on lamps",
        }.items():
            client.set(name, value)
        for name, program, words, bufsize in _PROCESSES:
            client.make_process(
                name,
                str(self._folder / "shop"),
                [program, *words],
                env={"PATH": os.defpath, "KERNEL": str(self.kernel_pid)},
                working_dir="/",
                bufsize=bufsize,
            )

    def _change(self) -> None:
        """Change a value now and then, until everything ends."""
        dice = dice_of("values")
        try:
            with papa.Papa(self.endpoint, start=False) as client:
                for number in itertools.count(1):
                    if self._over.wait(CHANGE_SECONDS):
                        return
                    client.set("config.web", _settings(dice, number))
        except papa.Error:
            return  # the user of the demonstration has ended the kernel

    def wait_until_busy(self) -> None:
        """Return once every process has written something, and those that end have ended.

        Raises:
            papa.Error: they have not in 10 s.
        """
        deadline = time.monotonic() + 2 * _PATIENCE
        ends = {"worker.legacy", "cron.nightly", "cron.backup"}
        with papa.Papa(self.endpoint, start=False) as client:
            while time.monotonic() < deadline:
                held = client.list_processes()
                said = all(info["buffered"] for info in held.values())
                if said and ends.isdisjoint(name for name, info in held.items() if info["running"]):
                    return
                time.sleep(0.02)
        raise papa.Error("The demonstration did not come to life in 10 s")

    def _kill_all(self) -> None:
        """Kill what the kernel holds, and return when it has collected every end."""
        deadline = time.monotonic() + _PATIENCE
        with papa.Papa(self.endpoint, _PATIENCE, start=False) as client:
            while time.monotonic() < deadline:
                running = [info["pid"] for info in client.list_processes().values() if info["running"]]
                if not running:
                    return
                for pid in running:
                    with suppress(ProcessLookupError, PermissionError):
                        os.killpg(pid, signal.SIGKILL)
                time.sleep(0.01)

    @staticmethod
    def _end_kernel(kernel: "subprocess.Popen[bytes]") -> None:
        assert kernel.stdin is not None
        with suppress(BrokenPipeError):
            kernel.stdin.close()
        try:
            kernel.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            kernel.kill()
            kernel.wait()


def _settings(dice: random.Random, number: int) -> str:
    """Return the text of a value that is JSON, a little different each time."""
    settings = {
        "revision": 41 + number,
        "timeout": dice.choice((15, 30, 60)),
        "workers": {"web": 2, "mail": dice.randint(1, 4)},
        "origins": ["https://shop.example.org", "https://admin.example.org"],
    }
    return json.dumps(settings)
