"""Sockets made, handed to processes and removed, which answer meanwhile."""

import os
import signal
import socket
import sys
from pathlib import Path
from typing import ClassVar

from papa.client import Papa
from papa_protocol.model import SocketInfo
from papa_protocol.watch import Kind
from soak import answerer
from soak.accounts import expect
from soak.actor import Actor
from soak.stage import PATIENCE
from support.waiting import wait_for


class Doors(Actor):
    """Lets processes take turns at one socket: whoever knocks is answered, and each answer is counted."""

    kind: ClassVar[str] = "doors"

    def act(self) -> None:
        name = self.new_name()
        with self.stage.papa(self.random) as papa:
            info = self._make(papa, name)
            knocks = self._knock_early(info)
            for turn in range(self.random.randint(1, 3)):
                expect(self._make_again(papa, name, info), info, f"the socket {name} made again")
                self._serve(papa, name, f"{name}.{turn}", info, knocks)
                knocks = []
            papa.remove_sockets(name)
            expect(papa.list_sockets(name), {}, "a socket that was removed")
            # A program that is just being started has every descriptor of the kernel until execve(2) is done.
            wait_for(lambda: not self._is_open(info), f"nobody answers at {name} after all have gone", PATIENCE)

    def _make(self, papa: Papa, name: str) -> SocketInfo:
        if self.chance(0.5):
            return papa.make_socket(name, path=str(self.stage.kernel.folder / f"{name}.sock"), backlog=64)
        return papa.make_socket(name, "127.0.0.1", backlog=64)

    def _make_again(self, papa: Papa, name: str, info: SocketInfo) -> SocketInfo:
        return papa.make_socket(name, info.get("host"), info.get("port"), path=info.get("path"), backlog=64)

    def _connect(self, info: SocketInfo) -> socket.socket:
        family = socket.AF_UNIX if "path" in info else socket.AF_INET
        client = socket.socket(family)
        client.settimeout(PATIENCE)
        client.connect(info["path"] if "path" in info else (info["host"], info["port"]))
        return client

    def _is_open(self, info: SocketInfo) -> bool:
        try:
            self._connect(info).close()
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        return True

    def _knock_early(self, info: SocketInfo) -> list[socket.socket]:
        """Connect before anybody answers: the socket listens already."""
        return [self._connect(info) for _ in range(self.random.randint(0, 3))]

    def _serve(self, papa: Papa, name: str, process: str, info: SocketInfo, knocks: list[socket.socket]) -> None:
        """Let one process answer for a while, then end it and see what it has counted."""
        words = [sys.executable, "-I", "-S", str(Path(answerer.__file__)), f"$(socket.{name}.fileno)", process]
        pid = papa.make_process(process, args=words)["pid"]
        knocks += [self._connect(info) for _ in range(self.random.randint(1, 5))]
        for knock in knocks:
            with knock, knock.makefile("rb") as answer:
                expect(answer.read(), f"{process}\n".encode(), f"the answer at {name}")
        os.kill(pid, signal.SIGTERM)
        self._check_count(papa, process, len(knocks))

    def _check_count(self, papa: Papa, process: str, count: int) -> None:
        output, statuses = b"", []
        with papa.watch_processes(process) as watcher:
            while watcher:
                for record in watcher.read_records():
                    output += record.data
                    statuses += [record.number] * (record.kind is Kind.CLOSED)
        expect(statuses, [0], f"the exit statuses of {process}")
        expect(output, f"{count}\n".encode(), f"the count of answers of {process}")
        self.bytes += len(output)
