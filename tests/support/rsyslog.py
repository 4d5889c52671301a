"""A real rsyslog, which writes what it gets by RELP into a file."""

import subprocess
from pathlib import Path

from support.ports import free_port
from support.programs import need_program

# Without a queue, a message is in the file before rsyslog answers it.
_CONFIGURATION = """
global(workDirectory="{folder}")
main_queue(queue.type="Direct")
module(load="imrelp")
input(type="imrelp" address="127.0.0.1" port="{port}")
template(name="line" type="string" string="%pri% %timegenerated:::date-year% %app-name% %msg%\\n")
action(type="omfile" file="{folder}/log" template="line")
"""


class Rsyslog:
    """rsyslogd, which can be ended and started again.

    Args:
        folder: where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._log = folder / "log"
        self.place = f"127.0.0.1:{self._port}"
        (folder / "rsyslog.conf").write_text(_CONFIGURATION.format(folder=folder, port=self._port))
        self.start()

    def start(self) -> None:
        """Start it; it listens soon."""
        program = need_program("rsyslogd")
        words = [program, "-n", "-f", f"{self._folder}/rsyslog.conf", "-i", f"{self._folder}/rsyslog.pid"]
        self._process = subprocess.Popen(words)

    def stop(self) -> None:
        """End it in order."""
        self._process.terminate()
        self._process.wait()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        (self._folder / "rsyslog.pid").unlink()

    def lines(self) -> list[str]:
        """Return the whole lines of its file."""
        text = self._log.read_text() if self._log.exists() else ""
        return text[: text.rfind("\n") + 1].splitlines()
