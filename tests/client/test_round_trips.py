"""Every text that holds no NUL makes the journey to the kernel and back unchanged, in both clients."""

import sys
from collections.abc import Mapping, Sequence
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import papa
from papa_protocol.words import to_bytes
from support.texts import NASTY, TEXTS

# One kernel serves all examples of a test; each takes the place of the one before.
EXAMPLES = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
LONG = "0123456789 \\\n\u00e9" * 80_000
NAMES = TEXTS.filter(lambda name: name and not name.endswith("*"))
# What a process finds in its environment is set apart by NUL, and its names end at "=".
ENV_NAMES = st.text(st.characters(exclude_characters="\0=", exclude_categories=["Cs"]), min_size=1, max_size=8)
SHOW = """
import os, sys
words = [os.fsencode(word) for word in sys.argv[1:]]
pairs = [name + b"=" + value for name, value in os.environb.items()]
sys.stdout.buffer.write(b"\\0".join(words) + b"\\0\\0\\0" + b"\\0".join(sorted(pairs)))
"""


@EXAMPLES
@given(value=TEXTS)
def test_a_value_comes_back(either: papa.Papa, value: str) -> None:
    """D1, D2."""
    either.set("v", value)

    assert either.get("v") == value
    assert either.list_values("v") == {"v": value}


def test_awkward_values_come_back(either: papa.Papa) -> None:
    for number, value in enumerate(NASTY):
        either.set(f"v{number}", value)

    assert [either.get(f"v{number}") for number in range(len(NASTY))] == list(NASTY)
    assert list(either.list_values().values()) == [NASTY[int(name[1:])] for name in either.list_values()]


def test_a_megabyte_comes_back(either: papa.Papa) -> None:
    either.set("v", LONG)

    assert either.get("v") == LONG


@EXAMPLES
@given(name=NAMES)
def test_a_name_comes_back(either: papa.Papa, name: str) -> None:
    """D23, D24."""
    either.set(name, "1")
    either.make_socket(name, reuseport=True)
    try:
        assert either.list_values(name) == {name: "1"}
        assert list(either.list_sockets(name)) == [name]
    finally:
        either.remove_values(name)
        either.remove_sockets(name)


def show(client: papa.Papa, arguments: Sequence[str], env: Mapping[str, str]) -> tuple[list[bytes], list[bytes]]:
    """Return the arguments and the environment that a process of theirs really has."""
    out = b""
    words = ["-I", "-S", "-X", "utf8", "-c", SHOW, *arguments]
    with client.make_process("p", sys.executable, words, env=env, watch_immediately=True) as watcher:
        for batch in watcher:
            out += b"".join(record.data for record in batch[0])
    seen, _, pairs = out.partition(b"\0\0\0")
    return seen.split(b"\0"), [pair for pair in pairs.split(b"\0") if not pair.startswith(b"LC_CTYPE=")]


@settings(EXAMPLES, max_examples=15)
@given(
    arguments=st.lists(TEXTS.filter(bool), min_size=1, max_size=5), env=st.dictionaries(ENV_NAMES, TEXTS, max_size=4)
)
def test_arguments_and_environment_arrive(client: papa.Papa, arguments: list[str], env: dict[str, str]) -> None:
    """D3, D4."""
    literal = [word.replace("$(socket.", "$[socket.") for word in arguments]
    values = {name: value.replace("$(socket.", "$[socket.") for name, value in env.items()}

    seen, pairs = show(client, literal, values)

    assert seen == [to_bytes(word) for word in literal]
    assert pairs == sorted(to_bytes(f"{name}={value}") for name, value in values.items() if name != "LC_CTYPE")


def test_bytes_arrive_as_the_text_that_they_stand_for(client: papa.Papa) -> None:
    env = cast(dict[str, str], {b"A\xff": b"\xfe"})

    with client.make_process("p", "/usr/bin/printenv", [b"A\xff"], env, watch_immediately=True) as watcher:
        assert watcher.read()[0][0].data == b"\xfe\n"

    assert client.make_process("q", "/bin/echo", cast(str, b"x\xff"))["argv"] == ["/bin/echo", "x\udcff"]
    client.set("v", cast(str, b"\xff"))
    assert client.get("v") == "\udcff"


def test_an_empty_argument_arrives_in_its_place(either: papa.Papa) -> None:
    """D3."""
    made = either.make_process("p", "/bin/sh", ["-c", 'printf "<%s>" "$@"; sleep 100', "x", "a", "", "b\\", "c"])

    with either.tail_processes("p") as tail:
        out = b""
        while len(out) < 12:
            out += b"".join(record.data for record in tail.read()[0])

    assert out == b"<a><><b\\><c>"
    assert made["argv"][3:] == ["x", "a", "", "b\\", "c"]


@pytest.mark.parametrize("word", ["pid=1", "pid=abc", "running=False", "args=x", "x\ny pid=1", "> "])
def test_an_argument_is_never_taken_for_a_fact(either: papa.Papa, word: str) -> None:
    """D24."""
    made = either.make_process("p", "/bin/sh", ["-c", "exec sleep 100", word])

    listed = either.list_processes()

    assert list(listed) == ["p"]
    assert listed["p"]["pid"] == made["pid"] > 1
    assert listed["p"]["running"] is True
    assert listed["p"]["argv"][-1] == word


@pytest.mark.parametrize("name", ["a:b", "a b", "a\nb", "out:x:1:2", "\u00e9\udcff", '"', "] "])
def test_output_of_a_process_of_any_name_is_read(either: papa.Papa, name: str) -> None:
    """D23."""
    with either.make_process(name, "/bin/sh", ["-c", "echo hi; exit 3"], watch_immediately=True) as watcher:
        records = [record for batch in watcher for part in batch for record in part]

    assert {record.name for record in records} == {name}
    assert watcher.exit_code == {name: 3}
