"""Where the system lets papa have less than usual: no table of sockets to ask, next to no descriptors."""

import ctypes
import errno
import platform
import resource
import socket
import struct
from pathlib import Path

import pytest

from support.command import Papa, connected, finish

# The system call socket(2) by machine.
SOCKET = {"x86_64": 41, "aarch64": 198}.get(platform.machine())
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000
SET_SECCOMP, FILTER, NO_NEW_PRIVILEGES = 22, 2, 38


def without_netlink() -> None:
    """Have no socket of that family from now on, as RestrictAddressFamilies= of systemd does it (seccomp(2))."""
    steps = [
        (LOAD, 0, 0, 0), (IF_EQUAL, 0, 3, SOCKET), (LOAD, 0, 0, 16), (IF_EQUAL, 0, 1, socket.AF_NETLINK),
        (RETURN, 0, 0, FAIL | errno.EAFNOSUPPORT), (RETURN, 0, 0, ALLOW),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("HL", len(steps), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    assert libc.prctl(SET_SECCOMP, FILTER, program, 0, 0) == 0


def few_descriptors() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (9, 9))


needs_filter = pytest.mark.skipif(SOCKET is None, reason="the number of socket(2) on this machine is not known here")


@needs_filter
def test_a_path_needs_no_table_of_sockets(papa: Papa, tmp_path: Path) -> None:
    path = str(tmp_path / "papa")

    kernel = papa("-u", path, preexec_fn=without_netlink)

    with connected(path) as wire:
        assert wire.command("get a") == ""
        assert wire.command("exit-if-idle") == "Exiting papa!"
    assert finish(kernel)[0] == 0


@needs_filter
def test_a_port_without_a_table_of_sockets_is_refused_before_anybody_can_connect(papa: Papa) -> None:
    status, out, err = finish(papa("-p", "0", preexec_fn=without_netlink))

    assert (status, out) == (1, "")
    assert err.startswith("papa: 127.0.0.1:0: this system does not tell who connects over TCP: use a path (-u), or")


def test_what_keeps_a_kernel_from_starting_is_told_for_what_it_is(papa: Papa, tmp_path: Path) -> None:
    status, _, err = finish(papa("-u", str(tmp_path / "papa"), "--log-file", "/dev/null", preexec_fn=few_descriptors))

    assert (status, err) == (1, "papa: the kernel cannot start: too many open files\n")
