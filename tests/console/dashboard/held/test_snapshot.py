"""What a row of a process means, in words and numbers."""

import os
import signal

import pytest

import papa
from papa_console.dashboard.held.snapshot import acknowledged_position, state_of, unacknowledged
from papa_protocol.model import ProcessInfo
from support.kernels import KernelProcess
from support.waiting import wait_for


@pytest.mark.parametrize(
    ("info", "state"),
    [
        ({"running": True}, "running"),
        ({"running": False, "status": 0}, "exited 0"),
        ({"running": False, "status": 3}, "exited 3"),
        ({"running": False, "status": -15}, "killed by SIGTERM"),
        ({"running": False, "status": -63}, "killed by signal 63"),
        ({"running": False}, "ended"),
        ({}, "ended"),
    ],
)
def test_a_state_is_told_in_words(info: ProcessInfo, state: str) -> None:
    assert state_of(info) == state


def test_a_kernel_that_does_not_say_has_nothing_unacknowledged() -> None:
    info: ProcessInfo = {"pid": 1, "running": True, "started": 1.0, "args": "x"}

    assert (unacknowledged(info), acknowledged_position(info)) == (0, None)


@pytest.mark.parametrize("acknowledged", [0, 3, 10])
@pytest.mark.parametrize("ends", [False, True])
def test_the_acknowledged_position_is_the_one_that_was_acknowledged(
    kernel: KernelProcess, acknowledged: int, ends: bool
) -> None:
    with papa.Papa(kernel.path) as client:
        pid = client.make_process("p", "/bin/sh", ["-c", "echo 123456789; exec sleep 1000"])["pid"]
        wait_for(lambda: client.list_processes()["p"]["position"] == 10, "it has written")
        if ends:
            os.kill(pid, signal.SIGKILL)
            wait_for(lambda: "status" in client.list_processes()["p"], "it has ended")

        client.acknowledge_processes("p", acknowledged)

        info = client.list_processes()["p"]
        assert acknowledged_position(info) == acknowledged
        assert unacknowledged(info) == 10 - acknowledged
