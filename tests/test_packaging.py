"""The wheel: what is in it, and that it needs nothing else."""

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pexpect
import pytest

from support.kernels import REPOSITORY
from support.peers import PEERS, require_peers
from support.wire import TIMEOUT

PACKAGES = ("papa", "papa_protocol", "papa_kernel", "papa_console")
PROGRAMS = ("papa", "papa-repl", "papa-console")
PROGRAM = """
import importlib.metadata, os, sys
import papa
assert papa.__file__.startswith(sys.prefix), papa.__file__
print("loaded", *(name for name in ("asyncio", "textual", "prompt_toolkit") if name in sys.modules))
print("installed", *sorted(found.name for found in importlib.metadata.distributions()))
papa.set_debug_mode()
with papa.Papa(sys.argv[1], 20) as client:
    with client.make_process("p", "/bin/echo", "hello", watch_immediately=True) as watcher:
        print("said", b"".join(record.data for batch in watcher for record in batch[0]).decode().strip())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    words = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*words, "--wheel-dir", folder, REPOSITORY], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and what it pulled in; without pip, which the tests' own stands in for."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    words = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "install", "--quiet"]
    done = subprocess.run([*words, "--disable-pip-version-check", wheel], capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    return folder


def bare() -> dict[str, str]:
    """An environment in which nothing leads to the sources."""
    return {"PATH": os.defpath}


def test_the_wheel_has_the_four_packages_and_says_that_they_are_typed(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {name.split("/")[0] for name in names if not re.match(r"[^/]*\.(dist-info|data)/", name)} <= set(PACKAGES)
    for package in ("papa", "papa_protocol", "papa_kernel"):
        assert f"{package}/py.typed" in names
        assert f"{package}/__init__.py" in names
    assert not [
        name for name in names if "test" in name.replace("papa/testing.py", "") or name.endswith((".pyc", ".pth"))
    ]


def test_the_wheel_brings_files_to_where_systemd_man_and_the_shells_look(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    brought = {name.partition(".data/data/")[2] for name in names if ".data/" in name}
    assert brought == {
        *(f"lib/systemd/system/papa.{kind}" for kind in ("service", "socket")),
        *(f"share/man/man1/{program}.1" for program in PROGRAMS),
        *(f"share/bash-completion/completions/{program}" for program in PROGRAMS),
        *(f"share/zsh/site-functions/_{program}" for program in PROGRAMS),
        *(f"share/fish/vendor_completions.d/{program}.fish" for program in PROGRAMS),
    }


def test_it_needs_nothing_else_and_the_client_and_its_kernel_run(environment: Path, tmp_path: Path) -> None:
    words = [str(environment / "bin" / "python"), "-c", PROGRAM, str(tmp_path / "s")]

    done = subprocess.run(words, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=240)

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["loaded", "installed papa-kernel", "said hello"]


def test_the_papa_command_runs(environment: Path, tmp_path: Path) -> None:
    words = [str(environment / "bin" / "papa"), "--version"]

    done = subprocess.run(words, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=240)

    assert done.stdout.startswith("papa 2.")
    assert done.returncode == 0


@pytest.mark.parametrize("words", [["papa-repl"], ["papa-console"], ["papa-console", "--screenshot", "now.svg"]])
def test_what_needs_more_packages_says_how_to_get_them(environment: Path, tmp_path: Path, words: list[str]) -> None:
    variables = {**bare(), "HOME": str(tmp_path), "TERM": "xterm"}
    program = str(environment / "bin" / words[0])

    with pexpect.spawn(
        program, words[1:], env=variables, cwd=str(tmp_path), timeout=TIMEOUT, encoding="utf-8"
    ) as terminal:
        terminal.expect(pexpect.EOF)
        said = terminal.before or ""

    assert re.fullmatch(r"papa-\w+: the \w+ needs \w+, which is not installed: pip install '.*' brings it\r\n", said)
    assert "'papa-kernel[console]'" in said
    assert terminal.exitstatus == 2


def test_a_command_needs_no_more_packages(environment: Path, tmp_path: Path) -> None:
    repl = [str(environment / "bin" / "papa-repl"), "-u", str(tmp_path / "s")]

    for words in (["--start", "set", "a", "1"], ["list", "values"], ["--table", "list", "values"]):
        subprocess.run([*repl, *words], env=bare(), timeout=240, check=True)
    once = [str(environment / "bin" / "papa-console"), "-u", str(tmp_path / "s"), "--once"]
    subprocess.run(once, env=bare(), timeout=240, check=True)
    done = subprocess.run(
        [*repl, "-c", "remove values a", "-c", "exit-if-idle"],
        env=bare(), capture_output=True, text=True, timeout=240, check=True,
    )  # fmt: skip

    assert done.stdout == "Exiting papa!\n"


@pytest.fixture
def mixed(wheel: Path, tmp_path: Path) -> Path:
    """An environment with the wheel, and with what papa 1.0 has in the folder of its package."""
    venv.create(tmp_path / "mixed", with_pip=False)
    python = tmp_path / "mixed" / "bin" / "python"
    words = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*words, wheel], capture_output=True, timeout=240, check=True)
    (package,) = (tmp_path / "mixed").glob("lib/python*/site-packages/papa")
    require_peers()
    (old,) = PEERS.parent.glob("lib/python*/site-packages/papa")
    shutil.copytree(old / "server", package / "server")
    return python.parent


def test_papa_1_in_the_same_folder_is_told_by_every_entry_point(mixed: Path, tmp_path: Path) -> None:
    lines: dict[str, list[str | Path]] = {
        "papa": [mixed / "papa", "-u", tmp_path / "s", "--daemonize"],
        "papa-repl": [mixed / "papa-repl", "-u", tmp_path / "s", "exit-if-idle"],
        "papa-console": [mixed / "papa-console", "--version"],
        "import papa": [mixed / "python", "-c", "import papa"],
    }

    done = {
        name: subprocess.run(words, cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=240)
        for name, words in lines.items()
    }

    for name, one in done.items():
        assert one.returncode == 0, (name, one.stderr)
        assert one.stderr.count("papa 1.0 is installed too, in ") == 1, (name, one.stderr)
        assert "'pip uninstall papa'" in one.stderr, name


@pytest.mark.parametrize("words", [["papa-repl", "info"], ["papa-console", "--once"]], ids=lambda words: words[0])
def test_a_program_whose_client_papa_1_has_overwritten_says_so_and_ends(
    mixed: Path, tmp_path: Path, words: list[str]
) -> None:
    (package,) = mixed.parent.glob("lib/python*/site-packages/papa")
    (old,) = PEERS.parent.glob("lib/python*/site-packages/papa")
    shutil.copytree(old, package, dirs_exist_ok=True)

    done = subprocess.run(
        [mixed / words[0], "-u", tmp_path / "s", *words[1:]],
        cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith(f"{words[0]}: papa 1.0 is installed too, in {package}, and ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["papa-repl", "info"], ["papa-console", "--once"]], ids=lambda words: words[0])
def test_a_program_whose_client_was_taken_away_with_papa_1_says_what_brings_it_back(
    mixed: Path, tmp_path: Path, words: list[str]
) -> None:
    (package,) = mixed.parent.glob("lib/python*/site-packages/papa")
    shutil.rmtree(package / "server")
    (package / "__init__.py").unlink()

    done = subprocess.run(
        [mixed / words[0], "-u", tmp_path / "s", *words[1:]],
        cwd=tmp_path, env=bare(), capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == (
        f"{words[0]}: {package}/__init__.py is missing, as 'pip uninstall papa' takes it away: run "
        "'pip install --force-reinstall papa-kernel'\n"
    )


def test_a_console_that_finds_papa_1_alone_says_so_instead_of_failing_somewhere(
    environment: Path, tmp_path: Path
) -> None:
    require_peers()
    (old,) = PEERS.parent.glob("lib/python*/site-packages")
    (tmp_path / "old").mkdir()
    shutil.copytree(old / "papa", tmp_path / "old" / "papa")

    done = subprocess.run(
        [environment / "bin" / "papa-repl", "info"], cwd=tmp_path, env={**bare(), "PYTHONPATH": str(tmp_path / "old")},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr.startswith(f"papa-repl: papa 1.0 is installed too, in {tmp_path}/old/papa, and ")
    assert "Traceback" not in done.stderr
