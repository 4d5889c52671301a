"""A process that does nothing: 156 bytes of machine code where that runs, else ``/bin/sleep``.

It sets an alarm of 1,000 s, so that none outlives a benchmark for long, and pauses. Thousands of it start in seconds.
"""

import functools
import platform
import struct
import subprocess
import tempfile
from pathlib import Path

BASE = 0x400000
HEADERS = 64 + 56
# alarm(1000): mov eax, 37; mov edi, 1000; syscall. For ever pause(): mov eax, 34; syscall; jmp to the second mov.
CODE = bytes.fromhex("b825000000 bfe8030000 0f05 b822000000 0f05 ebf7")


def _program() -> bytes:
    """Return an ELF file for x86-64 with one segment that holds everything."""
    size = HEADERS + len(CODE)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, BASE + HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 4096)
    return ident + header + segment + CODE


@functools.cache
def sleeper() -> str:
    """Return the command of a process that does nothing."""
    folder = tempfile.TemporaryDirectory(prefix="papa-speed-")
    _KEPT.append(folder)
    path = Path(folder.name, "sleeper")
    path.write_bytes(_program())
    path.chmod(0o755)
    return str(path) if _runs(path) else "/bin/sleep 1000"


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _runs(path: Path) -> bool:
    if platform.machine() != "x86_64":
        return False
    try:
        with subprocess.Popen([path]) as process:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                process.kill()
                return True
            return False
    except OSError:
        return False
