"""What the console says where there is nothing yet: what it tells to type does what it says."""

import io

import pytest

from papa import Papa
from papa_console.dashboard.guide import guide
from papa_console.dashboard.held.snapshot import Connection, KernelState, Snapshot
from papa_console.dashboard.widgets.banner import sentence
from papa_console.dashboard.widgets.commanded import Ready, ready
from papa_console.repl.link import Link
from papa_console.repl.output import Output
from papa_console.repl.runner import Runner
from papa_console.repl.settings import Settings
from support.kernels import KernelProcess
from support.waiting import wait_for


def test_what_it_says_to_begin_with_can_be_typed_as_it_stands(kernel: KernelProcess) -> None:
    told = guide(Snapshot(KernelState("127.0.0.1:20202", Connection.UP)), ())
    lines = [line.split(":", 1)[1].strip() for line in told.split("\n") if line.strip().startswith(":")]
    error = io.StringIO()
    runner = Runner(Link(kernel.port, 5), Output(io.StringIO(), error), Settings())
    runner.prompt_width = len("papa> ")

    statuses = [runner.run_line(line.replace("8080", "0")) for line in lines]
    runner.link.close()

    assert (len(lines), statuses, error.getvalue()) == (3, [0, 0, 0], "")
    assert all(isinstance(ready(line), Ready) for line in lines)
    with Papa(kernel.port) as papa:
        wait_for(lambda: papa.list_processes("tick")["tick"]["position"], "it writes")
        assert papa.list_processes("tick")["tick"]["running"]
        assert (list(papa.list_sockets()), papa.get("greeting")) == (["web"], "hello")


@pytest.mark.parametrize(
    ("endpoint", "command"),
    [
        ("127.0.0.1:20202", "papa -p 20202"),
        ("/run/papa.sock", "papa -u /run/papa.sock"),
        ("/my home/papa", "papa -u '/my home/papa'"),
    ],
)
def test_where_no_kernel_listens_it_names_what_starts_one_there(endpoint: str, command: str) -> None:
    kernel = KernelState(endpoint, Connection.ABSENT)

    assert command in sentence(kernel, 0.0)
    assert command in guide(Snapshot(kernel), ())
