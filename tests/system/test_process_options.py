"""What a process is started with: words, environment, identity, limits, streams."""

import os
import pwd
import resource
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from papa_protocol.words import Dialect, join_words
from support.kernels import KernelProcess
from support.proc import arguments, descriptors, environment, is_running
from support.waiting import wait_for
from support.watching import Seen, field_of, make, make_python, pid_of, watch_to_end
from support.wire import Wire

AWKWARD = ["", "a", "", " b ", "a\nb", "a\\", "b", "\\\\", "\t", "\r", '"', '""', '"q"', "\udcff", "> ", "é\U0001f600"]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may start processes as others")


def run(wire: Wire, script: str, options: str = "") -> Seen:
    make(wire, "y", script, options)
    return watch_to_end(wire, "y")["y"]


def test_arguments_arrive_byte_for_byte_in_dialect_2(wire: Wire) -> None:
    """D3."""
    wire.command("protocol 2")

    reply = wire.command(join_words(["make", "process", "y", "/bin/sh", "-c", "sleep 100; :", *AWKWARD], Dialect.V2))

    words = [os.fsencode(word) for word in AWKWARD]
    assert arguments(pid_of(reply)) == [b"/bin/sh", b"-c", b"sleep 100; :", *words]
    assert reply.encode("utf-8", "surrogateescape").endswith(join_words(AWKWARD, Dialect.V2))


def test_the_environment_arrives_byte_for_byte_in_dialect_2(wire: Wire) -> None:
    """D4."""
    wire.command("protocol 2")
    options = [f"env.V{number}={value}" for number, value in enumerate(AWKWARD)]

    reply = wire.command(join_words(["make", "process", "y", *options, "/bin/sleep", "100"], Dialect.V2))

    expected = [os.fsencode(f"V{number}={value}") for number, value in enumerate(AWKWARD)]
    assert sorted(environment(pid_of(reply))) == sorted(expected)


def test_bytes_arrive_unchanged_whatever_the_locale_of_the_kernel(start_kernel: Callable[..., KernelProcess]) -> None:
    """D3, D4."""
    latin = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    kernel = start_kernel(env=latin)

    with kernel.connect() as wire:
        reply = wire.command("make process y env.A=é /bin/sh -c sleep\\ 100;: é".encode() + b" \xff")

    assert arguments(pid_of(reply))[3:] == ["é".encode(), b"\xff"]
    assert environment(pid_of(reply)) == ["A=é".encode()]


def test_no_variables_are_set_but_those_that_are_passed(wire: Wire) -> None:
    """D4: an empty value was an IndexError."""
    bare = pid_of(wire.command("make process a /bin/sleep 100"))
    some = pid_of(wire.command("make process b env.EMPTY= env.Case=x=y /bin/sleep 100"))

    assert environment(bare) == []
    assert sorted(environment(some)) == [b"Case=x=y", b"EMPTY="]


def test_a_bare_name_is_looked_up_in_the_path_that_is_passed(wire: Wire, tmp_path: Path) -> None:
    script = tmp_path / "sleep"
    script.write_text("#!/bin/sh\nexec /bin/sleep 100\n")
    script.chmod(0o755)

    default = pid_of(wire.command("make process a sleep 100"))
    passed = pid_of(wire.command(f"make process b env.PATH=/no:{tmp_path} sleep"))

    assert arguments(default) == [b"sleep", b"100"]
    assert arguments(passed) in ([b"/bin/sh", os.fsencode(script)], [b"/bin/sleep", b"100"])


def test_shell_joins_the_words_into_one_line_of_the_shell(wire: Wire) -> None:
    reply = wire.command("make process y shell=1 env.A=1 echo $A | tr 1 2; exit 3")

    assert field_of(reply, "shell") == "True"
    seen = watch_to_end(wire, "y")["y"]
    assert (seen.out, seen.statuses) == (b"2\n", [3])


# glibc keeps these two signals to itself, and ignores them in what posix_spawn(3) starts.
OF_GLIBC = 1 << 31 | 1 << 32
# A process with limits of its own is started in another way than one without.
BOTH_WAYS = pytest.mark.parametrize("option", ["stdout=1", "rlimit.core=0"])


@BOTH_WAYS
def test_a_process_runs_in_its_working_dir(wire: Wire, tmp_path: Path, option: str) -> None:
    assert run(wire, "pwd", f"working_dir={tmp_path} {option}").out == f"{tmp_path}\n".encode()


@BOTH_WAYS
def test_an_executable_may_be_named_from_the_working_dir(wire: Wire, tmp_path: Path, option: str) -> None:
    (tmp_path / "here").symlink_to("/bin/echo")

    wire.command(f"make process y working_dir={tmp_path} {option} ./here found")

    assert watch_to_end(wire, "y")["y"].out == b"found\n"


@BOTH_WAYS
def test_a_folder_of_the_path_may_be_named_from_the_working_dir(wire: Wire, tmp_path: Path, option: str) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "here").symlink_to("/bin/echo")

    wire.command(f"make process y working_dir={tmp_path} env.PATH=/no:bin {option} here found")

    assert watch_to_end(wire, "y")["y"].out == b"found\n"


@BOTH_WAYS
def test_a_start_that_fails_names_the_word_that_was_wrong_and_leaves_nothing(
    kernel: KernelProcess, wire: Wire, tmp_path: Path, option: str
) -> None:
    script = tmp_path / "script"
    script.write_text("#!/none/such\n")
    script.chmod(0o755)
    before = descriptors(kernel.pid).keys()

    replies = [
        wire.command(f"make process y {option} {words}")
        for words in (f"working_dir={tmp_path}/none /bin/true", f"{tmp_path}/none", f"{script}", f"{tmp_path}")
    ]

    assert replies == [
        f"Error: working_dir: {tmp_path}/none: no such file or directory",
        f"Error: {tmp_path}/none: no such file or directory",
        f"Error: {script}: its interpreter does not exist",
        f"Error: {tmp_path}: a folder, not a program",
    ]
    assert descriptors(kernel.pid).keys() == before
    assert not Path(f"/proc/{kernel.pid}/task/{kernel.pid}/children").read_text()
    assert wire.command("list processes") == ""


def test_a_limit_that_the_system_does_not_grant_is_told(wire: Wire) -> None:
    beyond = int(Path("/proc/sys/fs/nr_open").read_text()) + 1

    reply = wire.command(f"make process y rlimit.nofile={beyond} /bin/true")

    assert reply == "Error: /bin/true: the system refuses to start it with these limits" or "is above" in reply


def test_a_working_dir_is_no_matter_for_the_kernel_even_where_its_own_is_gone(
    start_kernel: Callable[..., KernelProcess], tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    kernel = start_kernel(cwd=gone)
    gone.rmdir()

    with kernel.connect() as wire:
        seen = run(wire, "pwd", f"working_dir={tmp_path}")
        refused = wire.command(f"make process n working_dir={tmp_path}/none /bin/true")

    assert seen.out == f"{tmp_path}\n".encode()
    assert refused == f"Error: working_dir: {tmp_path}/none: no such file or directory"
    assert os.readlink(f"/proc/{kernel.pid}/cwd") == f"{gone} (deleted)"


def test_a_process_has_a_session_of_its_own_and_an_empty_input(wire: Wire) -> None:
    pid = pid_of(make(wire, "y", "cat && exec sleep 100"))

    assert os.getsid(pid) == os.getpgid(pid) == pid
    assert descriptors(pid)[0] == "/dev/null"
    assert is_running(pid)


@BOTH_WAYS
def test_signals_are_as_a_program_expects_them(wire: Wire, option: str) -> None:
    pid = pid_of(wire.command(f"make process y {option} /bin/sleep 100"))

    blocked, ignored = signal_masks(str(pid))

    # What the kernel itself was started with stays, as nohup(1) wants it; what Python ignores does not.
    inherited = signal_masks("self")[1]
    assert blocked == 0
    assert ignored & ~inherited & ~OF_GLIBC == 0
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        assert not ignored >> (number - 1) & 1


def signal_masks(pid: str) -> tuple[int, int]:
    """Return which signals a process blocks and ignores, as in /proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return int(fields["SigBlk"], 16), int(fields["SigIgn"], 16)


@pytest.mark.parametrize(
    ("text", "count"), [("4096", 4096), ("64k", 65536), ("2m", 2 << 20), ("1g", 1 << 30), ("0", 0)]
)
def test_sizes_have_units(wire: Wire, text: str, count: int) -> None:
    assert field_of(make(wire, "y", "exec sleep 100", f"bufsize={text}"), "bufsize") == str(count)
    assert field_of(make(wire, "z", "exec sleep 100", f"output={text}"), "bufsize") == str(count)


def test_a_megabyte_is_kept_by_default(wire: Wire) -> None:
    assert field_of(make(wire, "y", "exec sleep 100"), "bufsize") == str(1 << 20)


@pytest.mark.parametrize(("options", "out", "err"), [
    ("", b"out\n", b"err\n"),
    ("stdout=0", b"", b"err\n"),
    ("stderr=0", b"out\n", b""),
    ("stderr=stdout", b"out\nerr\n", b""),
    ("stdout=0 stderr=0", b"", b""),
    ("stdout=0 stderr=stdout", b"", b""),
    ("bufsize=0", b"", b""),
    ("bufsize=0 stderr=stdout", b"", b""),
])  # fmt: skip
def test_each_stream_goes_where_it_is_sent(wire: Wire, options: str, out: bytes, err: bytes) -> None:
    seen = run(wire, "echo out; echo err >&2; exit 6", options)

    assert (seen.out, seen.err, seen.statuses) == (out, err, [6])


@pytest.mark.parametrize(
    "options", ["stdout=0 stderr=stdout", "stdout=0 stderr=0", "bufsize=0", "bufsize=0 stderr=stdout"]
)
def test_what_is_not_captured_goes_to_dev_null(wire: Wire, options: str) -> None:
    """D37: stdout=0 stderr=stdout wrote to the kernel's own output."""
    pid = pid_of(make(wire, "y", "exec sleep 100", options))

    nulls = dict.fromkeys(range(3), "/dev/null")
    wait_for(lambda: descriptors(pid) == nulls, "it has nothing but /dev/null")


@needs_root
def test_a_user_brings_its_group_and_supplementary_groups(wire: Wire) -> None:
    row = make(wire, "y", "exec sleep 100", "uid=daemon")

    user = pwd.getpwnam("daemon")
    assert (field_of(row, "uid"), field_of(row, "gid")) == (str(user.pw_uid), str(user.pw_gid))
    assert identity(pid_of(row)) == (user.pw_uid, user.pw_gid, set(os.getgrouplist("daemon", user.pw_gid)))


@needs_root
@pytest.mark.parametrize(("options", "expected"), [
    ("gid=daemon", (0, 1, {1})),
    ("gid=12345", (0, 12345, {12345})),
    ("uid=54321", (54321, 0, set())),
    ("uid=54321 gid=12345", (54321, 12345, {12345})),
    ("uid=54321 gid=12345 rlimit.core=0", (54321, 12345, {12345})),
    ("uid=daemon gid=12345 rlimit.core=0", (1, 12345, {12345})),
])  # fmt: skip
def test_a_process_keeps_none_of_the_kernels_groups(
    start_kernel: Callable[..., KernelProcess], options: str, expected: tuple[int, int, set[int]]
) -> None:
    """D38."""
    kernel = start_kernel(before_exec=lambda: os.setgroups([10, 20]))

    with kernel.connect() as wire:
        row = make(wire, "y", "exec sleep 100", options)

    assert identity(pid_of(row)) == expected


def identity(pid: int) -> tuple[int, int, set[int]]:
    fields = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    uids, gids = set(fields["Uid"].split()), set(fields["Gid"].split())
    assert len(uids) == len(gids) == 1
    return int(uids.pop()), int(gids.pop()), {int(number) for number in fields["Groups"].split()}


@needs_root
def test_root_by_number_is_a_user_like_others(wire: Wire) -> None:
    """D38: uid=0 and gid=0 were ignored."""
    row = make(wire, "y", "exec sleep 100", "uid=0 gid=0")

    assert (field_of(row, "uid"), field_of(row, "gid")) == ("0", "0")


def test_limits_are_set_soft_and_hard(wire: Wire) -> None:
    script = (
        "import resource as r; print(*[r.getrlimit(getattr(r, 'RLIMIT_' + n)) for n in ('NOFILE', 'CORE', 'FSIZE')])"
    )
    make_python(wire, "y", script, "rlimit.nofile=64:128 rlimit.core=0 rlimit.fsize=1m")

    assert watch_to_end(wire, "y")["y"].out == b"(64, 128) (0, 0) (1048576, 1048576)\n"


def test_every_limit_of_the_platform_can_be_set(wire: Wire) -> None:
    names = [name[7:].lower() for name in dir(resource) if name.startswith("RLIMIT_") and name != "RLIMIT_OFILE"]
    options = " ".join(f"rlimit.{name}={_text(name)}" for name in names)

    assert run(wire, "exit 3", options).statuses == [3]


def _text(name: str) -> str:
    values = resource.getrlimit(getattr(resource, f"RLIMIT_{name.upper()}"))
    return ":".join("unlimited" if value == resource.RLIM_INFINITY else str(value) for value in values)


def test_the_kernels_raised_limit_of_descriptors_is_not_inherited(start_kernel: Callable[..., KernelProcess]) -> None:
    kernel = start_kernel(before_exec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, 2000)))

    with kernel.connect() as wire:
        seen = run(wire, "ulimit -Sn; ulimit -Hn")
        # More processes than the soft limit has room for.
        for number in range(150):
            make(wire, f"p.{number}", "exec sleep 100")
        late = run(wire, "ulimit -Sn; ulimit -Hn", "env.LATE=1")

    assert seen.out == late.out == b"200\n2000\n"
