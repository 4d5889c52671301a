"""Make again: the next free name, and the fields that make a process like one that there is."""

import pytest

from papa import Papa
from papa.requests import Request
from papa_console.dashboard.screens import fields
from papa_console.dashboard.screens.again import like_process, next_free_name
from papa_protocol.model import ProcessInfo
from support.kernels import KernelProcess


@pytest.mark.parametrize(
    ("name", "taken", "proposed"),
    [
        ("web.2", {"web.2"}, "web.3"),
        ("web.2", {"web.2", "web.3", "web.4"}, "web.5"),
        ("web", {"web"}, "web.2"),
        ("web", {"web", "web.2"}, "web.3"),
        ("job-09", set(), "job-10"),
        ("job-099", set(), "job-100"),
        ("w9", {"w9"}, "w10"),
        ("7", {"7"}, "8"),
        ("", set(), ".2"),
    ],
)
def test_the_name_proposed_is_the_next_that_is_free(name: str, taken: set[str], proposed: str) -> None:
    assert next_free_name(name, taken) == proposed


@pytest.mark.parametrize(
    ("info", "values"),
    [
        ({"args": "/bin/sleep 9"}, {"executable": "/bin/sleep", "arguments": "9"}),
        (
            {"argv": ["/bin/sh", "-c", "a b"], "args": "/bin/sh -c a b", "bufsize": 1024 * 1024, "pid": 3},
            {"executable": "/bin/sh", "arguments": r"-c a\ b"},
        ),
        ({"argv": ["x"], "uid": 0, "gid": 5}, {"executable": "x", "uid": "0", "gid": "5"}),
        ({"argv": ["x"], "bufsize": 2048}, {"executable": "x", "bufsize": "2048"}),
        ({"argv": ["x"], "shell": True}, {"executable": "x", "shell": "1"}),
        ({"argv": ["x"], "bufsize": 0}, {"executable": "x", "bufsize": "0"}),
    ],
)  # fmt: skip
def test_a_process_becomes_the_fields_that_make_another(info: ProcessInfo, values: dict[str, str]) -> None:
    assert like_process(info) == values


def test_what_a_kernel_lists_makes_the_same_process_again(kernel: KernelProcess) -> None:
    with Papa(kernel.path) as papa:
        papa.make_socket("web")
        papa.make_socket("admin")
        outputs = {"bufsize": "64k", "linger": "eof", "stdout": -3, "stderr": -2}
        asked = {"working_dir": "/", "listen": ["web", "admin"], **outputs}
        papa.make_process("job.1", "/bin/sh", ["-c", "sleep 1000", "a b"], **asked)  # type: ignore[call-overload]
        first = papa.list_processes()["job.1"]

        words = fields.words_of(fields.PROCESS, like_process(first) | {"name": "job.2"})
        papa._do(Request(tuple(words), lambda text, _: text))
        second = papa.list_processes()["job.2"]

    different = {"pid", "started"}
    assert {k: v for k, v in first.items() if k not in different} == {
        k: v for k, v in second.items() if k not in different
    }
