"""Every method of a papa client: papa 1.0.6's and ours, against its kernel and ours, gives alike results."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from support.kernels import REPOSITORY, KernelProcess
from support.peers import OURS, PEERS, OldKernel

PROGRAM = REPOSITORY / "tests" / "support" / "every_method.py"
CHANCE = {"pid", "port", "started", "fileno", "path"}
Results = dict[str, object]


def call_every_method(environment: Path, endpoint: str | int, folder: Path) -> Results:
    """Run the program, apart from the sources, with the client that ``environment`` holds."""
    done = subprocess.run(
        [environment / "python", PROGRAM, str(endpoint), str(folder)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    results: Results = json.loads(done.stdout)
    return results


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """What papa 1.0.6's client gets from its own kernel."""
    kernel = OldKernel()
    try:
        return call_every_method(PEERS, kernel.path, tmp_path_factory.mktemp("reference"))
    finally:
        kernel.stop()


def assert_alike(label: str, old: object, new: object, *, exact: bool) -> None:
    """Check a result: all keys of old must be there, with the same values but for those that chance decides.

    Where not ``exact``, numbers and flags may be themselves where the original left them as text.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        assert old.keys() <= new.keys(), label
        for key, value in old.items():
            assert_alike(f"{label}: {key}", type(value) if key in CHANCE else value,
                         type(new[key]) if key in CHANCE else new[key], exact=exact)  # fmt: skip
    elif exact or not isinstance(old, str):
        assert new == old, label
    else:
        assert str(int(new) if isinstance(new, bool) else new) == old, label


def assert_all_alike(old: Results, new: Results, *, exact: bool = False) -> None:
    assert list(new) == list(old)
    for label, result in old.items():
        assert_alike(label, result, new[label], exact=exact)


@pytest.mark.parametrize("endpoint", [lambda kernel: kernel.path, lambda kernel: kernel.port], ids=["path", "port"])
def test_papa_1_0_gets_from_our_kernel_what_its_own_gives(
    expected: Results, kernel: KernelProcess, tmp_path: Path, endpoint: Callable[[KernelProcess], str | int]
) -> None:
    assert_all_alike(expected, call_every_method(PEERS, endpoint(kernel), tmp_path), exact=True)

    assert kernel.wait() == 0  # idle, and asked to end


def test_our_client_gets_the_same_from_papa_1_0(expected: Results, old_kernel: OldKernel, tmp_path: Path) -> None:
    assert_all_alike(expected, call_every_method(OURS, old_kernel.path, tmp_path))


def test_our_client_gets_the_same_from_our_kernel(expected: Results, kernel: KernelProcess, tmp_path: Path) -> None:
    assert_all_alike(expected, call_every_method(OURS, kernel.path, tmp_path))

    assert kernel.wait() == 0


PRINT_ENVIRONMENT = r"""
import papa, sys

client = papa.Papa(sys.argv[1])
watcher = client.make_process(
    "p", "/usr/bin/printenv", ["A", "B"], env={"A": "ends in\\", "B": "\\"}, working_dir="/", watch_immediately=True
)
print(b"".join(output.data for output in watcher.read()[0]))
"""


@pytest.mark.parametrize("kind", ["kernel", "old_kernel"])
def test_a_value_that_papa_1_0_puts_between_quotes_for_its_backslash_arrives(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    path = request.getfixturevalue(kind).path

    done = subprocess.run(
        [PEERS / "python", "-c", PRINT_ENVIRONMENT, path], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )

    assert done.stdout == repr(b"ends in\\\n\\\n") + "\n", done.stderr
