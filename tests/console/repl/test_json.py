"""Results as JSON documents, one a line, and as CSV."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.kernels import KernelProcess
from support.papa_repl import run_repl
from support.watching import make, wait_until_ended
from support.wire import Wire


def _documents(kernel: KernelProcess, *arguments: str, stdin: str = "") -> list[Any]:
    done = run_repl(kernel.port, "--json", *arguments, stdin=stdin)
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_processes_are_objects_with_numbers_and_words(kernel: KernelProcess, wire: Wire) -> None:
    make(wire, "web", "exit 7")
    wait_until_ended(wire, "web")

    (document,) = _documents(kernel, "l", "p")

    (row,) = document["result"]
    assert (document["ok"], document["command"]) == (True, "list processes")
    assert next(iter(row)) == "name"
    assert (row["name"], row["running"], row["status"]) == ("web", False, 7)
    assert isinstance(row["pid"], int)
    assert isinstance(row["started"], float)
    assert row["argv"] == ["/bin/sh", "-c", "exit 7"]


RESULTS: dict[str, Callable[[Any], bool]] = {
    "list sockets": lambda result: result == [],
    "list values": lambda result: result == [{"name": "a", "value": "two words"}],
    "get a": lambda result: result == "two words",
    "set b 1": lambda result: result is None,
    "make socket s port=0": lambda result: result["name"] == "s" and result["port"] > 0,
    "make process p /bin/true": lambda result: result["name"] == "p" and result["running"] is True,
    "info": lambda result: result["values"] == 1 and len(result["endpoints"]) == 2,
    "help get": lambda result: "Usage: get NAME" in result,
    "remove values a": lambda result: result is None,
}


@pytest.mark.parametrize("line", RESULTS)
def test_each_command_has_a_result(kernel: KernelProcess, wire: Wire, line: str) -> None:
    wire.command("set a two words")

    (document,) = _documents(kernel, "-c", line)

    assert document["ok"] is True
    assert line.startswith(document["command"])
    assert RESULTS[line](document["result"]), document


@pytest.mark.parametrize(
    ("line", "source", "column", "message"),
    [
        ("get missing", "kernel", 1, "There is no value missing"),
        ("remove sockets x", "kernel", 1, "There is no socket x"),
        ("exit-if-idle", "kernel", 1, "The kernel is not idle"),
        ("make process x bufsize=lots /bin/true", "client", 24, "bufsize: expected a number of bytes"),
        ("bogus", "client", 1, 'Unknown command "bogus"'),
    ],
)
def test_errors_are_documents_that_say_whose_and_where(
    kernel: KernelProcess, wire: Wire, line: str, source: str, column: int, message: str
) -> None:
    wire.command("set held 1")

    (document,) = _documents(kernel, "-c", line)

    error = document["error"]
    assert (document["ok"], error["source"], error["line"], error["column"]) == (False, source, 1, column)
    assert error["message"].startswith(message)


def test_errors_in_a_file_tell_its_line(kernel: KernelProcess, tmp_path: Path) -> None:
    script = tmp_path / "s.papa"
    script.write_text("list values\n\nget x\n")

    first, second = _documents(kernel, "-f", str(script))

    assert first["result"] == []
    assert second["error"] == {
        "message": "There is no value x", "source": "kernel", "line": 3, "column": 1, "file": str(script),
    }  # fmt: skip


def test_without_a_kernel_the_error_is_a_document_too(tmp_path: Path) -> None:
    done = run_repl(str(tmp_path / "no.sock"), "--json", "info")

    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["source"] == "client"


@pytest.mark.parametrize("value", ["", "a\nb", '"', "\u00e9\U0001f600", "\udcff", "\x1b[2J", "\\", "> "])
def test_every_value_makes_the_journey(kernel: KernelProcess, value: str) -> None:
    run_repl(kernel.port, "set", "v", value)

    (document,) = _documents(kernel, "get", "v")

    assert document["result"] == value


def test_csv_has_a_line_of_names_first(kernel: KernelProcess, wire: Wire) -> None:
    wire.command("set a x,y")
    wire.command("set b 2")

    done = run_repl(kernel.port, "--csv", "list", "values")
    empty = run_repl(kernel.port, "--csv", "list", "processes")

    assert done.stdout == 'name,value\na,"x,y"\nb,2\n'
    assert empty.stdout == "name\n"


def test_the_format_can_be_changed_between_lines(kernel: KernelProcess) -> None:
    script = "set a 1\n:json\nget a\n:json\nget a\n:csv\nlist values\n:raw\nset b two\\ words\nget b\n"

    done = run_repl(kernel.port, stdin=script)

    assert done.stdout == '{"ok": true, "command": "get", "result": "1"}\n1\nname,value\na,1\ntwo\\ words\n'
