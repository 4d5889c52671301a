"""What a line can become, from given names and this machine; keys and menus are in test_keys."""

import grp
import os
import pwd
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.repl.candidate import Candidate, common_start
from papa_console.repl.candidates import MOST, Known, complete, complete_line, wanted_value
from papa_console.repl.link import Link
from papa_console.repl.names import KINDS, Names, Picture
from papa_protocol.typed import split_typed
from papa_protocol.words import escape
from support.kernels import KernelProcess
from support.texts import TEXTS
from support.wire import Wire


def known(fetched: Mapping[str, str | None] | None = None, **kinds: Sequence[str]) -> Known:
    """Return names without facts."""
    pictured = {kind: Names({name: escape(name) for name in kinds.get(kind, ())}, sorted(kinds.get(kind, ())))
                for kind in KINDS}  # fmt: skip
    return Known(Picture(pictured, fetched or {}))


def texts(line: str, **kinds: Sequence[str]) -> list[str]:
    return [candidate.text for candidate in complete(line, known(None, **kinds))]


def applied(line: str, candidate: Candidate) -> str:
    return line[: candidate.start] + candidate.text


def test_up_to_two_hundred_names_are_offered_as_they_are() -> None:
    names = [f"a.{number:03}" for number in range(MOST)]

    assert texts("l v ", values=names) == names


def test_more_are_offered_by_their_next_segment() -> None:
    names = [f"{first}.{second}" for first in "abc" for second in range(100)] + ["alone", "b"]

    found = complete("r v ", known(values=names))

    assert [(c.text, c.help, c.space) for c in found] == [
        ("a.", "100 names", False),
        ("alone", "", True),
        ("b", "", True),
        ("b.", "100 names", False),
        ("c.", "100 names", False),
    ]


def test_the_pattern_is_offered_where_a_command_takes_one() -> None:
    names = [f"a.{number}.{part}" for number in range(20) for part in range(20)]

    assert texts("r v a.", values=names)[0] == "a.*"
    assert "a.*" not in texts("get a.", values=names)


def test_ten_thousand_names_without_dots_are_cut_at_the_bound() -> None:
    assert len(texts("l v ", values=[f"n{number}" for number in range(10_000)])) == MOST


def test_names_on_the_line_are_not_offered_again() -> None:
    assert texts("r v a ", values=["a", "b"]) == ["b"]


def test_a_name_inside_is_found_only_where_none_begins_so() -> None:
    assert texts("l v b", values=["ab", "bc"]) == ["bc"]
    assert texts("l v c", values=["ab", "BC"]) == ["BC"]


@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=5, unique=True))
def test_what_is_inserted_means_the_name(names: list[str]) -> None:
    found = complete("l v ", known(values=names))

    meant = [split_typed(applied("l v ", candidate))[-1].text for candidate in found]

    assert meant == sorted(names)


@given(TEXTS.filter(bool), st.data())
def test_a_beginning_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(name)))
    typed = escape(name[:cut]) if cut else ""

    found = complete("l v " + typed, known(values=[name]))

    assert [split_typed(applied("l v " + typed, c))[-1].text for c in found] == [name]


@given(st.lists(TEXTS.filter(bool).map(escape), min_size=1, max_size=4))
def test_a_common_start_is_one_and_cuts_no_escape(words: list[str]) -> None:
    shared = common_start(Candidate(word, 0) for word in words)

    assert all(word.startswith(shared) for word in words)
    assert (len(shared) - len(shared.rstrip("\\"))) % 2 == 0 or shared in words


def test_users_groups_and_interfaces_are_this_machines() -> None:
    assert texts("m p x uid=") == sorted(entry.pw_name for entry in pwd.getpwall())[:MOST]
    assert texts("m p x gid=") == sorted(entry.gr_name for entry in grp.getgrall())[:MOST]
    assert texts("m s x interface=") == [name for _, name in socket.if_nameindex()][:MOST]


def test_a_variable_that_was_given_is_not_offered_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPA_ONE", "1")
    monkeypatch.setenv("PAPA_TWO", "2")

    assert texts("m p x env.PAPA_") == ["env.PAPA_ONE=", "env.PAPA_TWO="]
    assert texts("m p x env.PAPA_ONE=1 env.PAPA_") == ["env.PAPA_TWO="]


def test_a_program_that_only_we_would_find_is_written_as_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "papa-tool").touch(mode=0o755)
    (tmp_path / "papa-text").touch(mode=0o644)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    assert f"{tmp_path}/papa-tool" in texts("m p x papa-t")
    assert texts(f"m p x env.PATH={tmp_path} papa-t") == ["papa-tool"]
    assert not any("papa-text" in text for text in texts("m p x papa-t"))


def test_files_are_escaped_and_hidden_ones_wait_for_a_dot(tmp_path: Path) -> None:
    for name in ("a b", ".hidden", "c"):
        (tmp_path / name).touch()

    assert texts(f"m p x sh {tmp_path}/") == [f"{tmp_path}/a\\ b", f"{tmp_path}/c"]
    assert texts(f"m p x sh {tmp_path}/.") == [f"{tmp_path}/.hidden"]


def test_folders_that_cannot_be_read_have_no_files() -> None:
    assert texts("m p x sh /nothing/there/") == []
    assert texts("m p x working_dir=/nothing/") == []


def test_a_placeholder_is_completed_inside_an_argument() -> None:
    assert texts("m p x sh --fd=$(socket.w", sockets=["web"]) == ["--fd=$(socket.web.fileno)"]
    assert texts("m p x sh $(socket.web.fileno)", sockets=["web"]) == []


def test_sockets_to_listen_on_are_completed_one_after_the_other() -> None:
    sockets = ["admin", "web", "web 2"]

    assert texts("m p x listen=", sockets=sockets) == ["admin", "web", r"web\ 2"]
    assert texts("m p x listen=web,", sockets=sockets) == ["web,admin", r"web,web\ 2"]
    assert texts("m p x listen=admin,web,w", sockets=sockets) == [r"admin,web,web\ 2"]
    assert texts("m p x listen=nope", sockets=sockets) == []


def test_the_current_value_is_offered_to_be_edited() -> None:
    found = complete("set motd ", known({"motd": "a b"}, values=["motd"]))

    assert [candidate.text for candidate in found] == ["a\\ b"]


@pytest.mark.parametrize(
    ("line", "name"), [("set a ", "a"), ("s a\\ b x", "a b"), ("set a", None), ("set a b ", None), ("get a ", None)]
)
def test_only_set_wants_a_value(line: str, name: str | None) -> None:
    assert wanted_value(line) == name


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("l", ["list"]),
        ("list ", ["sockets", "processes", "values"]),
        ("l p w", ["web", "worker"]),
        ("r s ", ["sock"]),
        ("m p x stderr=", ["1", "0", "stdout"]),
        ("m p x sh $", ["$(socket.sock.fileno)", "$(socket.sock.port)"]),
        ("set a ", ["the\\ text"]),
        (":cs", [":csv"]),
        ("exit-if", []),
        ("x y z", []),
    ],
)
def test_shells_get_the_same(line: str, found: list[str], kernel: KernelProcess, wire: Wire) -> None:
    for command in ("make socket sock", "make process web /bin/true", "make process worker /bin/true"):
        wire.command(command)
    wire.command("set a the\\ text")

    assert complete_line(line, Link(kernel.port)) == found


def test_shells_get_words_without_a_kernel() -> None:
    assert complete_line("l p", None) == ["processes"]
    assert complete_line("l p w", Link("/nothing/listens/here")) == []


def test_pids_and_file_numbers_are_completed_with_their_names() -> None:
    sockets = Names({"web": "web family=inet port=80 fileno=17"}, ["web"])
    processes = Names({"job": "job pid=412 running=True"}, ["job"])
    picture = Picture({"sockets": sockets, "processes": processes, "values": Names()})

    found = [complete(line, Known(picture)) for line in ("r s 1", "r p 4", "r p 5", "l v 4")]

    assert [[(c.text, c.help.split()[0]) for c in candidates] for candidates in found] == [
        [("17", "web")],
        [("412", "job")],
        [],
        [],
    ]
