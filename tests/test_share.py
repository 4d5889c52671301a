"""Manual pages and completions: made from what the programs read, and used by the real man and the real shells."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from papa_console.dashboard.arguments import USAGE as CONSOLE
from papa_console.repl.arguments import USAGE as REPL
from papa_kernel import usage as kernel
from support.kernels import REPOSITORY, KernelProcess
from support.papa_repl import environment
from support.programs import need_program
from support.wire import TIMEOUT, Wire

SHARE = Path(REPOSITORY) / "share"
PAGES = ("papa", "papa-repl", "papa-console")
TOLD = {
    "papa": [*kernel.EXAMPLES, *kernel.STATUSES, *kernel.SIGNALS, *kernel.ENVIRONMENT],
    **{
        usage.program: [*usage.examples, *usage.statuses, *usage.environment, *usage.files] for usage in (REPL, CONSOLE)
    },
}
MODULES = {"papa": "papa_kernel", "papa-repl": "papa_console.repl", "papa-console": "papa_console.dashboard"}


def _squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A PATH on which the three programs are found first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, module in MODULES.items():
        script = folder / name
        script.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        script.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def test_the_files_are_what_the_programs_make_of_themselves_now() -> None:
    words = [sys.executable, "release/share.py", "--check"]

    done = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PAGES)
def test_help_and_the_manual_page_tell_examples_variables_and_exit_statuses(name: str) -> None:
    words = [sys.executable, "-m", MODULES[name], "--help"]
    man = [need_program("man"), "--no-hyphenation", "--no-justification", "-l", str(SHARE / f"man/man1/{name}.1")]
    variables = environment({"COLUMNS": "100", "MANWIDTH": "1000", "LC_ALL": "C.UTF-8"})

    helped = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60, check=True).stdout
    shown = subprocess.run(man, env=variables, capture_output=True, text=True, timeout=60, check=True).stdout

    for left, right in TOLD[name]:
        assert f"{left} {right}" in _squeezed(helped)
        assert f"{left} {right}" in _squeezed(shown)


@pytest.mark.parametrize("name", PAGES)
def test_groff_finds_nothing_wrong_in_a_page(name: str) -> None:
    words = [need_program("groff"), "-man", "-ww", "-z", "-Tutf8", "-Kutf8", str(SHARE / f"man/man1/{name}.1")]

    done = subprocess.run(words, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", PAGES)
def test_mandoc_finds_nothing_wrong_in_a_page(name: str) -> None:
    words = [need_program("mandoc"), "-Tlint", str(SHARE / f"man/man1/{name}.1")]

    done = subprocess.run(words, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("version", "date"),
    [("2.0.0", "2027-01-31"), ("1.9.0", "2026-12-24"), ("2.0.1.dev0", r"20\d\d-\d\d-\d\d")],
    ids=["newest", "older", "unreleased"],
)
def test_a_page_has_the_date_of_the_release(version: str, date: str) -> None:
    changelog = "## [Unreleased]\n\n## [2.0.0] - 2027-01-31\n\n## [1.9.0] - 2026-12-24\n"
    words = [sys.executable, "-c", "import sys, manual; print(manual.date_of(*sys.argv[1:]))", version, changelog]
    variables = {**os.environ, "PYTHONPATH": str(REPOSITORY / "release")}

    told = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60, check=True).stdout

    assert re.fullmatch(date, told.strip())


# What is typed, and what it has become after Tab.
TYPED = [
    ("papa --daem", "papa --daemonize "),
    ("papa --max-conn", "papa --max-connections"),
    ("papa --allow-user roo", "papa --allow-user root"),
    ("papa --allow-group daem", "papa --allow-group daemon"),
    ("papa -u /etc/nsswitch.c", "papa -u /etc/nsswitch.conf"),
    ("papa --log-file /etc/nsswitch.c", "papa --log-file /etc/nsswitch.conf"),
    ("papa-console --read", "papa-console --read-only "),
    ("papa-console --config /etc/nsswitch.c", "papa-console --config /etc/nsswitch.conf"),
    ("papa-repl --keep", "papa-repl --keep-going"),
    ("papa-repl get we", "papa-repl get web.one"),
]


def _becomes(shell: "pexpect.spawn[str]", typed: str, becomes: str) -> None:
    shell.send(f"{typed}\t")
    shell.expect_exact(becomes)
    shell.send("\x15exit\r")
    shell.expect(pexpect.EOF)


def _variables(programs: str, kernel: KernelProcess, home: Path) -> dict[str, str]:
    return environment({"PATH": programs, "PAPA_ENDPOINT": kernel.path, "HOME": str(home), "TERM": "dumb", "PS1": "$ "})


@pytest.fixture
def held(wire: Wire) -> None:
    """A value to complete."""
    wire.command("set web.one 1")


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("typed", "becomes"), TYPED)
def test_bash_completes(typed: str, becomes: str, programs: str, kernel: KernelProcess, tmp_path: Path) -> None:
    bash = need_program("bash")
    variables = _variables(programs, kernel, tmp_path)
    with pexpect.spawn(
        bash, ["--norc", "-i"], env=variables, dimensions=(24, 200), timeout=TIMEOUT, encoding="utf-8"
    ) as shell:
        file = SHARE / "bash-completion/completions" / typed.split(maxsplit=1)[0]
        shell.sendline(f'bind "set enable-bracketed-paste off"; . {file}; echo rea""dy')
        shell.expect_exact("ready")

        _becomes(shell, typed, becomes)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("typed", "becomes"), TYPED)
def test_zsh_completes_at_the_first_try(
    typed: str, becomes: str, programs: str, kernel: KernelProcess, tmp_path: Path
) -> None:
    zsh = need_program("zsh")
    variables = _variables(programs, kernel, tmp_path)
    with pexpect.spawn(
        zsh, ["-f", "-i"], env=variables, dimensions=(24, 200), timeout=TIMEOUT, encoding="utf-8"
    ) as shell:
        shell.sendline(
            f"fpath=({SHARE}/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -d {tmp_path}/dump"
        )
        shell.sendline('echo rea""dy')
        shell.expect_exact("ready")

        _becomes(shell, typed, becomes)


@pytest.mark.usefixtures("held")
@pytest.mark.parametrize(("typed", "becomes"), TYPED)
def test_fish_finds_its_completion_by_itself(
    typed: str, becomes: str, programs: str, kernel: KernelProcess, tmp_path: Path
) -> None:
    fish = need_program("fish")
    variables = {**_variables(programs, kernel, tmp_path), "XDG_DATA_DIRS": f"{SHARE}{os.pathsep}/usr/share"}

    words = [fish, "-c", f'complete -C "{typed}"']
    done = subprocess.run(words, env=variables, capture_output=True, text=True, timeout=60)

    whole = [" ".join([*typed.split()[:-1], line.split("\t")[0]]) for line in done.stdout.splitlines()]
    assert [line for line in whole if line.startswith(becomes.rstrip())]
