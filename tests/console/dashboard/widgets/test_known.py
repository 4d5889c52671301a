"""What completion knows, taken from a snapshot."""

from papa import Papa
from papa_console.dashboard.widgets.known import known
from papa_console.repl.candidates import complete
from support.dialogs import snapshot
from support.kernels import KernelProcess


def test_candidates_are_what_the_kernel_lists_with_their_facts(kernel: KernelProcess) -> None:
    with Papa(kernel.path) as papa:
        papa.make_process("na me", "/bin/sleep", ["1000"])
        papa.make_socket("web", port=0)
        papa.set("motd", "two words")
        port = papa.list_sockets()["web"]["port"]
        pid = papa.list_processes()["na me"]["pid"]
        held = known(snapshot(papa.list_processes(), papa.list_sockets(), papa.list_values()))

    def facts(line: str) -> list[tuple[str, str]]:
        return [(candidate.text, candidate.help.split(" -")[0]) for candidate in complete(line, held)]

    [(name, about)] = facts("tail processes n")
    assert (name, about.startswith(f"pid {pid} running")) == (r"na\ me", True)
    assert facts("remove sockets w")[0][1].startswith(f"127.0.0.1:{port} fd ")
    assert facts("get m") == [("motd", r"two\ words")]
    assert facts("set motd ") == [(r"two\ words", "the current value")]
    assert (r"$(socket.web.port)") in [text for text, _ in facts("make process x y $(")]


def test_a_row_of_a_papa_1_0_kernel_is_enough() -> None:
    held = known(snapshot({"old": {"pid": 7, "running": True, "started": 1.0, "args": "a b"}}))

    assert [candidate.text for candidate in complete("tail processes ", held)] == ["old"]


def test_rows_are_written_only_where_somebody_looks() -> None:
    held = known(snapshot(values={f"v.{number}": "x" * 1000 for number in range(10)}))

    rows = held.picture.kinds["values"].rows

    assert len(rows) == 10
    assert len(rows["v.1"]) < 100
    assert sorted(rows) == [f"v.{number}" for number in range(10)]
