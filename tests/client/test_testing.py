"""papa.testing in the tests of a project that uses papa: pytest runs them, as its users do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.proc import is_running
from support.waiting import wait_for

TESTS = """
import os
import pathlib
import papa

FOLDER = pathlib.Path(__file__).parent

def test_one(kernel):
    kernel.client.set("a", "1")
    kernel.client.make_socket("web")
    made = kernel.client.make_process("p", "/bin/sh", ["-c", "sleep 1000 & exec sleep 1000"])
    removed = kernel.client.make_process("q", "/bin/sleep", "1000")
    kernel.client.remove_processes("q")
    pids = kernel.pid, made["pid"], removed["pid"]
    (FOLDER / "one").write_text(" ".join([os.path.dirname(kernel.path), *map(str, pids)]))

def test_two_finds_nothing_of_one(kernel):
    assert kernel.client.list_values() == kernel.client.list_sockets() == kernel.client.list_processes() == {}

def test_clients_find_it_by_themselves(kernel):
    with papa.Papa() as found, kernel.connect() as other:
        found.set("b", "2")
        assert other.get("b") == "2"

def test_it_may_be_gone_when_the_test_ends(kernel):
    os.kill(kernel.pid, 9)

def test_that_fails(kernel):
    kernel.client.set("c", "3")
    assert kernel.client.get("c") == "4"
"""
WAYS = {
    "as a plugin": ("conftest.py", 'pytest_plugins = ["papa.testing"]\n'),
    "imported": ("conftest.py", "from papa.testing import kernel\n"),
    "on the command line": ("pytest.ini", "[pytest]\naddopts = -p papa.testing\n"),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_test_gets_a_kernel_of_its_own_and_nothing_is_left(tmp_path: Path, way: str) -> None:
    name, text = WAYS[way]
    (tmp_path / name).write_text(text)
    (tmp_path / "test_users.py").write_text(TESTS)
    words = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    plain = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "PAPA"))}

    done = subprocess.run([*words, str(tmp_path)], cwd=tmp_path, env=plain, capture_output=True, text=True, timeout=240)

    assert "1 failed, 4 passed" in done.stdout, done.stdout + done.stderr
    assert "test_that_fails - AssertionError: assert '3' == '4'" in done.stdout
    folder, *pids = (tmp_path / "one").read_text().split()
    assert not os.path.exists(folder)
    for pid in pids:
        wait_for(lambda pid=pid: not is_running(int(pid)), f"{pid} has ended")  # type: ignore[misc]


def test_papa_itself_does_not_load_pytest() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, papa, papa.aio; print('pytest' in sys.modules)"],
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.stdout == "False\n"
