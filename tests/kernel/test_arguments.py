"""The arguments of ``papa``: what is read without argparse means what argparse says that it means."""

import random

import pytest

from papa_kernel.arguments import LIMIT_OPTIONS, OPTIONS, Option, read_plainly
from papa_kernel.parser import parse_all

ALL = (*OPTIONS, *LIMIT_OPTIONS)
NAMES = [name for option in ALL for name in option.names]
VALUES = ["7", "0", "/tmp/papa", "root", "64k", "log", "", "-1", "-d", "--", "banana", "65536", "a b"]


def value_for(key: str) -> str:
    return {"unix_socket": "/tmp/papa", "allow_user": "root", "allow_group": "root"}.get(key, "7")


@pytest.mark.parametrize("option", ALL, ids=lambda option: option.key)
def test_every_option_is_read_as_argparse_reads_it(option: Option) -> None:
    for name in option.names:
        words = [name, value_for(option.key)] if option.read else [name]

        assert read_plainly(words) == parse_all(words)
        assert read_plainly(words * 2) == parse_all(words * 2)


def test_no_arguments_are_read_as_argparse_reads_them() -> None:
    assert read_plainly([]) == parse_all([])


def test_whatever_is_read_is_what_argparse_reads() -> None:
    chance = random.Random(7)
    compared = 0
    while compared < 200:
        words = [word for _ in range(chance.randrange(4)) for word in (chance.choice(NAMES), chance.choice(VALUES))]
        words = [word for word in words if chance.random() < 0.8]

        found = read_plainly(words)

        if found is not None:
            assert found == parse_all(words), words
            compared += 1


@pytest.mark.parametrize(
    "words",
    ["--port=7", "-p7", "--por 7", "-p", "-p banana", "-p -1", "-u relative", "--allow-user nosuchuser", "--max-line 0",
     "--help", "-h", "--version", "banana", "-- -d", "--debug=1", "--allow-group nosuchgroup", "--resume x"],
)  # fmt: skip
def test_every_other_spelling_and_every_mistake_is_left_to_argparse(words: str) -> None:
    assert read_plainly(words.split()) is None


def test_another_spelling_is_understood() -> None:
    assert parse_all(["--por=7", "--log-file=log"]) == read_plainly(["-p", "7", "--log-file", "log"])


def test_the_defaults_are_nobody_s_to_change() -> None:
    read_plainly([]).allow_user.append(0)  # type: ignore[union-attr]

    assert read_plainly([]).allow_user == []  # type: ignore[union-attr]
