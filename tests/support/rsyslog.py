"""The real rsyslogd, with a configuration, an input and a log file of its own."""

import socket
import subprocess
from contextlib import suppress
from pathlib import Path

from support.ports import free_port
from support.programs import need_program
from support.waiting import wait_for
from support.wire import TIMEOUT

# One thread reads, so that what a connection sent before it closed is written before what the next one sends.
_CONFIGURATION = """
global(workDirectory="{folder}")
{input}
template(name="message" type="string" string="%app-name% %syslogseverity-text% %msg%\\n")
action(type="omfile" file="{log}" template="message" flushOnTXEnd="on")
"""
_TCP = 'module(load="imtcp")\ninput(type="imtcp" address="127.0.0.1" port="{place}")'
_UNIX = 'module(load="imptcp" threads="1")\ninput(type="imptcp" path="{place}" unlink="on")'


class Rsyslog:
    """A receiver that can be stopped and started again; what it has received is in ``log``.

    Args:
        folder: for its files.
        path: the Unix socket where it listens; a TCP port of its own where None.
    """

    def __init__(self, folder: Path, path: Path | None) -> None:
        self.log = folder / "received"
        self._port = 0 if path else free_port()
        self._path = path
        self.place = str(path or f"127.0.0.1:{self._port}")
        self._configuration = folder / "rsyslog.conf"
        reads = _UNIX.format(place=path) if path else _TCP.format(place=self._port)
        self._configuration.write_text(_CONFIGURATION.format(folder=folder, log=self.log, input=reads))
        self.start()

    def start(self) -> None:
        """Start it, and return once it listens."""
        files = ["-f", str(self._configuration), "-i", str(self._configuration.with_suffix(".pid"))]
        self._process = subprocess.Popen([need_program("rsyslogd"), "-n", *files])
        wait_for(self._listens, "rsyslogd listens")

    def _listens(self) -> bool:
        with socket.socket(socket.AF_UNIX if self._path else socket.AF_INET) as probe, suppress(OSError):
            probe.connect(str(self._path) if self._path else ("127.0.0.1", self._port))
            return True
        return False

    def stop(self) -> None:
        """End it; it writes first what it has read."""
        self._process.terminate()
        self._process.wait(TIMEOUT)

    def received(self) -> list[str]:
        """Return the lines that it has written."""
        return self.log.read_text().splitlines() if self.log.exists() else []
