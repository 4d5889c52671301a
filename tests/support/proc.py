"""What /proc tells of a process."""

import contextlib
import os
import socket
import struct
from pathlib import Path

from support.waiting import wait_for


def status_field(pid: int, key: str) -> int:
    """Return a number of /proc/PID/status."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0])
    raise AssertionError(f"no {key} in /proc/{pid}/status")


def resident(pid: int) -> int:
    """Return the resident memory of a process in bytes."""
    return status_field(pid, "VmRSS") * 1024


def most_resident(pid: int) -> int:
    """Return the most memory that was ever resident, in bytes."""
    return status_field(pid, "VmHWM") * 1024


def stat_fields(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may hold anything: the state first (proc_pid_stat)."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def state(pid: int) -> str:
    """Return the letter of a process' state, such as T for stopped."""
    return stat_fields(pid)[0]


def wake_ups(pid: int) -> int:
    """Return how often a process has been switched to after it had slept."""
    return status_field(pid, "voluntary_ctxt_switches")


def processor_seconds(pid: int) -> float:
    """Return how long a process has been busy."""
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def settled_wake_ups(pid: int) -> int:
    """Return how often a process has been switched to, once it has gone to sleep again.

    /proc/PID/stat calls asleep who is about to be, and may still be switched away from.
    """
    wait_for(lambda: not Path(f"/proc/{pid}/syscall").read_text().startswith("running"), f"{pid} sleeps")
    return wake_ups(pid)


def processor_nanoseconds(pid: int) -> int:
    """Return how long a process has been busy, exactly."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])


def sent_again_by(sock: socket.socket) -> int:
    """Return how many segments a TCP socket has had to send more than once (tcp(7), TCP_INFO: tcpi_total_retrans)."""
    (count,) = struct.unpack_from("I", sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104), 100)
    return int(count)


def unread(port: int) -> int:
    """Return how many bytes wait for whoever listens on a TCP port of this machine to read them (proc_net_tcp)."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(int(row[4].split(":")[1], 16) for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01")


def is_running(pid: int) -> bool:
    """Whether a process exists and has not ended."""
    try:
        return state(pid) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def running_with(word: str) -> list[int]:
    """Return the processes that run with a word among those of their command."""
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if is_running(pid) and word.encode() in _words(pid)]


def _words(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def environment(pid: int) -> list[bytes]:
    arguments(pid)
    return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")[:-1]


def arguments(pid: int) -> list[bytes]:
    """Return the words of a running program; the system shows none before its start is complete."""
    return wait_for(Path(f"/proc/{pid}/cmdline").read_bytes, f"{pid} has words").split(b"\0")[:-1]


def descriptors(pid: int) -> dict[int, str]:
    """Return what each descriptor of a process points to."""
    found = {}
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            found[int(entry.name)] = os.readlink(entry)
    return found
