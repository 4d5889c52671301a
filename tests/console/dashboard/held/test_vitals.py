"""Vitals: processor and memory of the very processes that the kernel started."""

import asyncio
import os
import resource
import signal
import time

import papa
from papa_console.dashboard.held.vitals import Vitals
from support.kernels import KernelProcess
from support.proc import resident

BUSY = "while :; do :; done"


def test_a_busy_process_uses_the_processor_and_a_sleeping_one_does_not(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("busy", "/bin/sh", ["-c", BUSY])
            client.make_process("idle", "/bin/sleep", ["1000"])
            vitals = Vitals()
            vitals.want(client.list_processes())

            await vitals.sample()
            first = vitals.readings
            while not (busy := vitals.readings["busy"].cpu):
                await vitals.sample()

            assert [reading.cpu for reading in first.values()] == [None, None]
            assert busy > 0
            assert vitals.readings["idle"].cpu == 0
            idle = client.list_processes()["idle"]["pid"]
            assert vitals.readings["idle"].memory == resident(idle)

    asyncio.run(main())


def test_a_process_that_has_gone_and_one_that_never_was_have_none(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            pid = client.make_process("gone", "/bin/sleep", ["1000"])["pid"]
            client.make_process("here", "/bin/sleep", ["1000"])
            processes = client.list_processes()
            vitals = Vitals()
            vitals.want({**processes, "never": {"pid": 2**22 + 1, "running": True, "started": time.time()}})
            await vitals.sample()
            before = set(vitals.readings)
            os.kill(pid, signal.SIGKILL)
            while client.list_processes()["gone"]["running"]:
                await asyncio.sleep(0.005)

            await vitals.sample()

            assert before == {"gone", "here"}
            assert set(vitals.readings) == {"here"}

    asyncio.run(main())


def test_a_pid_that_belongs_to_another_process_does_not_count(kernel: KernelProcess) -> None:
    async def main() -> None:
        vitals = Vitals()
        vitals.want({
            "younger": {"pid": os.getpid(), "running": True, "started": time.time() - 1e6},
            "kernel": {"pid": kernel.pid, "running": True, "started": time.time()},
            "ended": {"pid": kernel.pid, "running": False, "started": time.time()},
            "unknown": {"running": True},
        })  # fmt: skip

        await vitals.sample()

        assert set(vitals.readings) == {"kernel"}

    asyncio.run(main())


def test_nothing_wanted_is_nothing_measured() -> None:
    vitals = Vitals()

    asyncio.run(vitals.sample())

    assert vitals.readings == {}


def test_without_a_descriptor_nothing_is_measured_and_nothing_ends(kernel: KernelProcess) -> None:
    async def main() -> None:
        with papa.Papa(kernel.path) as client:
            client.make_process("here", "/bin/sleep", ["1000"])
            vitals = Vitals()
            vitals.want(client.list_processes())
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
            try:
                await vitals.sample()
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            without = dict(vitals.readings)
            await vitals.sample()

            assert without == {}
            assert list(vitals.readings) == ["here"]

    asyncio.run(main())
