"""papa as a service of a real systemd, whose machine this runs on: tests/systemd/machine.sh makes one."""

import signal
import subprocess
from pathlib import Path

from support.waiting import wait_for
from support.wire import TIMEOUT, Wire

PATH = "/run/papa/papa.sock"
_DROP_IN = Path("/etc/systemd/system/papa.service.d/test.conf")


def run(*words: str, fails: bool = False) -> str:
    """Run a command and return what it says; unless it may fail, it must not."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
    assert fails or not done.returncode, f"{' '.join(words)}: {done.stdout}{done.stderr}"
    return done.stdout


def version() -> int:
    """Return the version of systemd."""
    return int(run("systemctl", "--version").split()[1])


class Service:
    """papa.service and papa.socket, as they are in the sources."""

    def clear(self) -> None:
        """End papa and its processes, and have everything forgotten that was kept."""
        run("systemctl", "stop", "papa.socket", "papa.service")
        run("systemctl", "kill", "--signal=KILL", "papa.service", fails=True)
        run("systemctl", "clean", "--what=fdstore", "papa.service", fails=True)
        run("systemctl", "reset-failed")

    def set_up(self, *settings: str) -> None:
        """Add settings to the service."""
        _DROP_IN.parent.mkdir(exist_ok=True)
        _DROP_IN.write_text("\n".join(["[Service]", *settings, ""]))
        run("systemctl", "daemon-reload")

    def start(self, *settings: str) -> None:
        """Start papa with further settings of the service."""
        self.set_up(*settings)
        run("systemctl", "start", "papa.service")

    def show(self, key: str, unit: str = "papa.service") -> str:
        """Return what systemd knows of a unit."""
        return run("systemctl", "show", "--value", "--property", key, unit).strip()

    @property
    def main(self) -> int:
        """The PID of papa, or of its guardian."""
        return int(self.show("MainPID"))

    @property
    def state(self) -> str:
        return self.show("SubState")

    def journal(self) -> str:
        """Return what systemd and papa have logged of papa since the machine has started."""
        run("journalctl", "--sync")
        return run("journalctl", "--no-pager", "--output=cat", "--unit=papa.service", "--unit=papa.socket")

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send papa a signal."""
        run("systemctl", "kill", "--kill-who=main", f"--signal={signal.Signals(number).name}", "papa.service")

    def wait_for_another(self, pid: int) -> None:
        """Wait until systemd has started papa again, which had that PID."""
        wait_for(lambda: self.main not in (pid, 0) and self.state == "running", "papa runs again")

    def crash(self) -> None:
        """Kill papa, and wait until systemd has started it again."""
        pid = self.main
        self.kill()
        self.wait_for_another(pid)

    def connect(self) -> Wire:
        return Wire(PATH)
