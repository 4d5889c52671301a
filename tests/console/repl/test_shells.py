"""Completion in shells: the scripts are run by the shells themselves."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest

from support.kernels import KernelProcess
from support.papa_repl import environment, run_repl
from support.programs import need_program
from support.wire import TIMEOUT, Wire

# Calls the function that bash would call on Tab, with what bash would tell it.
_BASH = r"""
eval "$(papa-repl --shell-completion bash)"
COMP_LINE=$1 COMP_POINT=${#1} COMP_TYPE=9 COMP_KEY=9
IFS=' ' read -r -a words <<< "$1"
COMP_WORDS=()
for word in "${words[@]}"; do       # as bash cuts words: at = and : too
    while [[ $word =~ ^([^=:]*)([=:])(.*)$ ]]; do
        [[ -n ${BASH_REMATCH[1]} ]] && COMP_WORDS+=("${BASH_REMATCH[1]}")
        COMP_WORDS+=("${BASH_REMATCH[2]}")
        word=${BASH_REMATCH[3]}
    done
    [[ -n $word ]] && COMP_WORDS+=("$word")
done
[[ $1 == *' ' ]] && COMP_WORDS+=("")
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
_papa_repl papa-repl "${COMP_WORDS[COMP_CWORD]}" ""
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def programs(tmp_path: Path) -> str:
    """A PATH on which papa-repl is found first."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "papa-repl"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m papa_console.repl "$@"\n')
    script.chmod(0o755)
    return f"{folder}:/usr/bin:/bin"


def _complete(kernel: KernelProcess, programs: str, line: str) -> list[str]:
    done = subprocess.run(
        ["bash", "--norc", "-c", _BASH, "bash", line],
        capture_output=True, text=True, timeout=TIMEOUT,
        env=environment({"PATH": programs, "PAPA_ENDPOINT": kernel.path}),
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("papa-repl li", ["list"]),
        ("papa-repl l ", ["processes", "sockets", "values"]),
        ("papa-repl l v we", ["web.one", "web.two"]),
        ("papa-repl --json l v web.o", ["web.one"]),
        ("papa-repl --js", ["--json"]),
        ("papa-repl m p x buf", ["bufsize="]),
        ("papa-repl m p x stderr=", ["0", "1", "stdout"]),
        ("papa-repl m p x stderr=s", ["stdout"]),
        ("papa-repl l v nothing", []),
    ],
)
def test_bash_completes_commands_names_and_options(
    kernel: KernelProcess, wire: Wire, programs: str, line: str, expected: list[str]
) -> None:
    wire.command("set web.one 1")
    wire.command("set web.two 2")

    assert sorted(_complete(kernel, programs, line)) == expected


def test_bash_asks_the_kernel_that_the_options_name(
    kernel: KernelProcess, wire: Wire, programs: str, start_kernel: Callable[..., KernelProcess]
) -> None:
    wire.command("set only.here 1")
    other = start_kernel()

    assert _complete(other, programs, f"papa-repl -u {kernel.path} g o") == ["only.here"]


def test_without_a_kernel_commands_are_still_completed(tmp_path: Path) -> None:
    done = run_repl(str(tmp_path / "no.sock"), "--complete", "l p")

    assert (done.returncode, done.stdout, done.stderr) == (0, "processes\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_is_one_that_the_shell_can_read(shell: str, tmp_path: Path) -> None:
    script = run_repl(1, "--shell-completion", shell)

    assert script.returncode == 0
    assert "--complete" in script.stdout
    assert "@" not in script.stdout.replace("[@]", "").replace("(@", "").replace('"$@"', "")
    if shutil.which(shell) is not None:
        done = subprocess.run([shell, "-n"], input=script.stdout, capture_output=True, text=True, timeout=TIMEOUT)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("papa-repl l ", ["processes", "sockets", "values"]),
        ("papa-repl l v we", ["web.one", "web.two"]),
        ("papa-repl --js", ["--json"]),
        ("papa-repl make socket x family=inet", ["family=inet", "family=inet6"]),
    ],
)
def test_fish_completes(line: str, expected: list[str], kernel: KernelProcess, wire: Wire, programs: str) -> None:
    fish = need_program("fish")
    for name in ("web.one", "web.two"):
        wire.command(f"set {name} 1")

    done = subprocess.run(
        [fish, "--no-config", "-c", f'papa-repl --shell-completion fish | source; complete -C "{line}"'],
        capture_output=True, text=True, timeout=TIMEOUT,
        env=environment({"PATH": programs, "PAPA_ENDPOINT": kernel.path}),
    )  # fmt: skip

    assert sorted(done.stdout.split()) == expected


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("list pro", "list processes"), ("get we", "get web.one"), ("make socket x fam", "make socket x family=")],
)
def test_zsh_completes_at_its_prompt(
    typed: str, completed: str, kernel: KernelProcess, wire: Wire, programs: str, tmp_path: Path
) -> None:
    zsh = need_program("zsh")
    wire.command("set web.one 1")
    variables = environment({"PATH": programs, "PAPA_ENDPOINT": kernel.path, "HOME": str(tmp_path), "TERM": "dumb"})
    with pexpect.spawn(zsh, ["-f", "-i"], env=variables, dimensions=(24, 200), timeout=TIMEOUT) as shell:
        shell.sendline(f"autoload -Uz compinit; compinit -u -d {tmp_path}/dump")
        shell.sendline('eval "$(papa-repl --shell-completion zsh)"; echo rea""dy')
        shell.expect_exact("ready")

        shell.send(f"papa-repl {typed}\t")

        shell.expect_exact(completed.removeprefix(typed))
        shell.send("\x15exit\r")
        shell.expect(pexpect.EOF)
