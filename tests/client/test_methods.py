"""Every method of both clients and its results, against a kernel of ours."""

import inspect
import os
import socket
from pathlib import Path

import pytest

import papa
from papa.aio import AsyncPapa, AsyncTail, AsyncWatcher
from support.kernels import KernelProcess
from support.proc import arguments, environment
from support.waiting import wait_for
from support.wire import TIMEOUT

SLEEP = ("/bin/sleep", "100")


SETTERS = ["set_debug_mode", "set_default_connection_timeout", "set_default_path", "set_default_port"]


def public(cls: type) -> dict[str, list[str]]:
    """Return the parameters of what people call, by name."""
    members = inspect.getmembers(cls, inspect.isfunction)
    return {name: list(inspect.signature(member).parameters) for name, member in members if not name.startswith("_")}


@pytest.mark.parametrize(("blocking", "asynchronous", "only_blocking", "only_async"), [
    (papa.Papa, AsyncPapa, {"fileno", *SETTERS}, {"connect"}),
    (papa.Watcher, AsyncWatcher, {"fileno"}, set()),
    (papa.Tail, AsyncTail, {"fileno"}, set()),
])  # fmt: skip
def test_both_clients_have_the_same_methods_and_parameters(
    blocking: type, asynchronous: type, only_blocking: set[str], only_async: set[str]
) -> None:
    mine, others = public(blocking), public(asynchronous)

    assert mine.keys() - others.keys() == only_blocking
    assert others.keys() - mine.keys() == only_async
    for name in mine.keys() & others.keys():
        assert mine[name] == others[name], name


SIGNATURES = {
    "make_socket": "name host port family socket_type backlog path umask interface reuseport",
    "make_process": "name executable args env working_dir uid gid rlimits stdout stderr bufsize watch_immediately "
    "linger shell listen",
    "set": "name value",
    "acknowledge_processes": "name upto",
}


@pytest.mark.parametrize("method", SIGNATURES)
def test_parameters_have_the_names_and_the_order_of_papa_1_0(method: str) -> None:
    assert public(papa.Papa)[method] == ["self", *SIGNATURES[method].split()]


@pytest.mark.parametrize("setter", SETTERS)
def test_the_defaults_are_set_where_papa_1_0_sets_them_too(setter: str) -> None:
    assert getattr(papa.Papa, setter) is getattr(papa, setter)


def test_sockets_are_made_listed_and_removed_with_dicts_as_results(either: papa.Papa, tmp_path: Path) -> None:
    path = str(tmp_path / "s")

    made = either.make_socket("a.one", port=0, backlog=7)
    unix = either.make_socket("a.two", path=path, umask=0o77)
    six = either.make_socket("b", family=socket.AF_INET6, socket_type=socket.SOCK_DGRAM)

    assert type(made) is dict
    assert made == {"family": "inet", "type": "stream", "backlog": 7, "host": "127.0.0.1",
                    "port": made["port"], "fileno": made["fileno"]}  # fmt: skip
    assert (unix["family"], unix["path"], unix["umask"]) == ("unix", path, 0o77)
    assert (six["family"], six["type"], six["host"]) == ("inet6", "dgram", "::1")
    assert either.make_socket("a.one", port=made["port"], backlog=7) == made
    assert either.list_sockets() == {"a.one": made, "a.two": unix, "b": six}
    assert list(either.list_sockets("a.*", "nope")) == ["a.one", "a.two"]
    assert either.list_sockets(made["fileno"]) == {"a.one": made}
    assert either.remove_sockets("a.*", six["fileno"]) is True
    assert either.list_sockets() == {}
    assert not Path(path).exists()


@pytest.mark.parametrize(("options", "expected"), [
    ({"host": "127.0.0.1", "family": "inet", "socket_type": "stream"}, {"family": "inet", "type": "stream"}),
    ({"reuseport": True}, {"reuseport": True}),
    ({"reuseport": False}, {"backlog": 5}),
    ({"interface": "lo"}, {"interface": "lo", "host": "0.0.0.0"}),
    ({"umask": "0o22", "path": "{folder}/s"}, {"umask": 0o22}),
])  # fmt: skip
def test_each_parameter_of_a_socket_arrives(
    either: papa.Papa, tmp_path: Path, options: dict[str, object], expected: dict[str, object]
) -> None:
    filled = {key: value.format(folder=tmp_path) if key == "path" else value for key, value in options.items()}  # type: ignore[attr-defined]

    made = either.make_socket("s", **filled)  # type: ignore[arg-type]

    assert {key: dict(made)[key] for key in expected} == expected


def test_values_are_set_got_listed_cleared_and_removed(either: papa.Papa) -> None:
    assert either.set("a.one", "1") is None  # type: ignore[func-returns-value]
    either.set("a.two", 2)
    either.set("b", 0.5)

    assert either.get("a.one") == "1"
    assert either.get("nope") is None
    assert either.list_values() == {"a.one": "1", "a.two": "2", "b": "0.5"}
    assert either.list_values("a.*", "nope") == {"a.one": "1", "a.two": "2"}
    either.set("b")
    assert either.get("b") is None
    assert either.remove_values("a.*") is True
    assert either.list_values() == {}


def test_an_empty_value_differs_from_none(either: papa.Papa) -> None:
    """D1."""
    either.set("a", "")

    assert either.get("a") == ""
    assert either.list_values() == {"a": ""}


def test_processes_are_made_listed_and_removed_with_dicts_as_results(either: papa.Papa) -> None:
    made = either.make_process("p", *SLEEP)

    assert type(made) is dict
    assert made == {
        "pid": made["pid"], "running": True, "started": made["started"], "bufsize": 1048576, "buffered": 0,
        "dropped": 0, "position": 0, "args": "/bin/sleep 100", "argv": list(SLEEP),
    }  # fmt: skip
    assert either.make_process("p", *SLEEP) == made
    assert either.list_processes() == {"p": made}
    assert either.list_processes("nope", "q*") == {}
    assert either.list_processes(made["pid"]) == {"p": made}
    os.kill(made["pid"], 15)
    wait_for(lambda: not either.list_processes("p")["p"]["running"], "p has ended")
    assert either.list_processes("p")["p"]["status"] == -15
    assert either.remove_processes(made["pid"]) is True
    assert either.list_processes() == {}


SHOW = "ulimit -n; pwd; echo $A; echo err >&2"
OUTPUTS: dict[str, tuple[dict[str, object], bytes, bytes]] = {
    "working_dir": ({"working_dir": "/usr"}, b"/usr\n", b"err\n"),
    "rlimits": ({"rlimits": {"nofile": 77}}, b"77\n", b"err\n"),
    "two limits": ({"rlimits": {"nofile": (78, 99)}}, b"78\n", b"err\n"),
    "env": ({"env": {"A": "x  y"}}, b"x y\n", b"err\n"),
    "stdout=DEVNULL": ({"stdout": papa.DEVNULL}, b"", b"err\n"),
    "stderr=DEVNULL": ({"stderr": papa.DEVNULL}, b"\n", b""),
    "stderr=STDOUT": ({"stderr": papa.STDOUT}, b"err\n", b""),
    "PIPE": ({"stdout": papa.PIPE, "stderr": papa.PIPE}, b"\n", b"err\n"),
    "bufsize": ({"bufsize": "64k"}, b"\n", b"err\n"),
    "no bufsize": ({"bufsize": 0}, b"", b""),
    "linger": ({"linger": "eof"}, b"\n", b"err\n"),
    "uid and gid": ({"uid": os.getuid(), "gid": os.getgid()}, b"\n", b"err\n"),
}


@pytest.mark.parametrize("parameter", OUTPUTS)
def test_each_parameter_of_a_process_has_its_effect(either: papa.Papa, parameter: str) -> None:
    options, out, err = OUTPUTS[parameter]

    watcher = either.make_process("p", "/bin/sh", ["-c", SHOW], watch_immediately=True, **options)  # type: ignore[call-overload]
    batches = list(watcher)

    assert out in b"".join(record.data for batch in batches for record in batch[0])
    assert b"".join(record.data for batch in batches for record in batch[1]) == err
    if parameter in ("stdout=DEVNULL", "no bufsize"):
        assert not any(batch[0] for batch in batches)
    assert watcher.exit_code == {"p": 0}


WORDS: dict[str, tuple[tuple[object, ...], list[bytes]]] = {
    "a text is one argument": (("/bin/sleep", "100"), [b"/bin/sleep", b"100"]),
    "a sequence": (("/bin/sh", ("-c", "sleep 100; exit 0")), [b"/bin/sh", b"-c", b"sleep 100; exit 0"]),
    "no executable": ((None, ["/bin/sleep", "100"]), [b"/bin/sleep", b"100"]),
    "numbers": (("/bin/sleep", [100]), [b"/bin/sleep", b"100"]),
}


@pytest.mark.parametrize("form", WORDS)
def test_the_words_of_a_program_may_be_given_in_several_ways(either: papa.Papa, form: str) -> None:
    given, expected = WORDS[form]

    made = either.make_process("p", *given)  # type: ignore[call-overload]

    wait_for(lambda: arguments(made["pid"]) == expected, f"it runs {expected}")


def test_a_shell_runs_the_words_as_one_line(either: papa.Papa) -> None:
    with either.make_process("p", "echo one;", ["echo", "two"], shell=True, watch_immediately=True) as watcher:
        out = b"".join(record.data for batch in watcher for record in batch[0])

    assert out == b"one\ntwo\n"


def test_a_process_has_the_environment_it_is_given_and_nothing_else(either: papa.Papa) -> None:
    """D4."""
    full = either.make_process("full", *SLEEP, env={"A": "", "B": '"q"', "C": "a\nb", "D": "\udcff"})
    bare = either.make_process("bare", *SLEEP)

    expected = [b"A=", b'B="q"', b"C=a\nb", b"D=\xff"]
    wait_for(lambda: environment(full["pid"]) == expected, f"it has {expected}")
    wait_for(lambda: arguments(bare["pid"]), "it runs")
    assert environment(bare["pid"]) == []


def test_a_process_inherits_a_held_socket(either: papa.Papa) -> None:
    held = either.make_socket("web")
    script = "exec 3>&$1 && echo $2"

    with either.make_process(
        "p", "/bin/bash", ["-c", script, "x", "$(socket.web.fileno)", "$(socket.web.port)"], watch_immediately=True
    ) as watcher:
        out = b"".join(record.data for batch in watcher for record in batch[0])

    assert out == b"%d\n" % held["port"]


def test_info_tells_about_the_kernel(either: papa.Papa, kernel: KernelProcess) -> None:
    either.set("a", "1")

    info = either.info()

    assert type(info) is dict
    assert (info["pid"], info["values"], info["processes"]) == (kernel.pid, 1, 0)
    assert info["endpoints"] == [f"127.0.0.1:{kernel.port}", kernel.path]
    assert info["version"].startswith("2.")
    assert info["uptime"] >= 0


def test_exit_if_idle_ends_the_kernel_with_the_last_connection(either: papa.Papa, kernel: KernelProcess) -> None:
    either.set("a", "1")
    assert either.exit_if_idle() is False
    either.set("a")

    assert either.exit_if_idle() is True
    either.close()

    assert kernel.wait(TIMEOUT) == 0
