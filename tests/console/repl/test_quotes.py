"""What is said where somebody types quotes as if for a shell."""

import io
from pathlib import Path

import pytest

from papa_console.repl.link import Link
from papa_console.repl.output import Output
from papa_console.repl.quotes import remark_on_quotes
from papa_console.repl.runner import Runner
from papa_console.repl.settings import Settings
from support.kernels import KernelProcess


@pytest.mark.parametrize(
    ("line", "inside"),
    [
        ('make process x /bin/sh -c "echo a; echo b"', r"echo\ a;\ echo\ b"),
        ("set greeting 'hello world'", r"hello\ world"),
        ('set it " two words"', r"\ two\ words"),
    ],
)
def test_quotes_around_several_words_are_remarked_on(line: str, inside: str) -> None:
    assert remark_on_quotes(line.split(" ")).endswith(f": {inside}")


@pytest.mark.parametrize(
    "line", ['set a "one"', "set a it's fine", 'set json {"a": "b c"}', 'set a 5" or 6"', 'set a "', ""]
)
def test_other_quotes_are_nobodys_business(line: str) -> None:
    assert remark_on_quotes(line.split(" ")) == ""


@pytest.mark.parametrize(
    ("typed", "remark"),
    [(True, "Quotes are part of the words here. A backslash keeps a space: hello\\ world\n"), (False, "")],
)
def test_a_prompt_remarks_on_quotes_and_a_script_does_not(
    typed: bool, remark: str, kernel: KernelProcess, tmp_path: Path
) -> None:
    out, error = io.StringIO(), io.StringIO()
    runner = Runner(Link(kernel.port, 5), Output(out, error), Settings())
    runner.prompt_width = len("papa> ") if typed else 0

    runner.run_line('set motd "hello world"')
    runner.run_line("get motd")
    runner.link.close()

    assert error.getvalue() == remark
    assert out.getvalue() == '"hello world"\n'
