"""Options are read by kind; what is wrong is named, with what is expected."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_protocol.command_table import PROCESS_OPTIONS, SOCKET_OPTIONS, UPTO_OPTION
from papa_protocol.errors import CommandError
from papa_protocol.options import UNLIMITED, Option, find_option, is_option_word, read_options
from support.texts import TEXTS

SOCKET_WORDS: list[tuple[str, str, Any]] = [
    ("family=inet6", "family", "inet6"),
    ("FAMILY=INET6", "family", "inet6"),
    ("type=dgram", "type", "dgram"),
    ("backlog=0", "backlog", 0),
    ("host=localhost", "host", "localhost"),
    ("port=65535", "port", 65535),
    ("path=/run/a=b.sock", "path", "/run/a=b.sock"),
    ("umask=0", "umask", 0),
    ("umask=077", "umask", 0o77),
    ("umask=0077", "umask", 0o77),
    ("umask=0o77", "umask", 0o77),
    ("umask=0O77", "umask", 0o77),
    ("umask=63", "umask", 63),
    ("umask=511", "umask", 0o777),
    ("interface=lo", "interface", "lo"),
    ("reuseport=1", "reuseport", True),
    ("reuseport=No", "reuseport", False),
]
PROCESS_WORDS: list[tuple[str, str, Any]] = [
    ("uid=root", "uid", "root"),
    ("gid=0", "gid", "0"),
    ("working_dir=/", "working_dir", "/"),
    ("bufsize=0", "bufsize", 0),
    ("bufsize=4096", "bufsize", 4096),
    ("bufsize=64k", "bufsize", 65536),
    ("bufsize=2M", "bufsize", 2 * 1024**2),
    ("bufsize=1gb", "bufsize", 1024**3),
    ("output=1m", "bufsize", 1024**2),
    ("stdout=0", "stdout", False),
    ("stderr=stdout", "stderr", "stdout"),
    ("shell=true", "shell", True),
    ("watch=1", "watch", True),
    ("linger=eof", "linger", "eof"),
    ("listen=web", "listen", ("web",)),
    ("listen=b,a.2,a 1", "listen", ("b", "a.2", "a 1")),
    ("env.A=", "env", {"A": ""}),
    ("env.A=b=c/d", "env", {"A": "b=c/d"}),
    ("ENV.lower=1", "env", {"lower": "1"}),
    ("env.a/b=1", "env", {"a/b": "1"}),
    ("rlimit.nofile=1024", "rlimits", {"nofile": (1024, 1024)}),
    ("rlimit.nofile=1k:2k", "rlimits", {"nofile": (1024, 2048)}),
    ("rlimit.core=0:unlimited", "rlimits", {"core": (0, UNLIMITED)}),
    ("rlimit.as=-1", "rlimits", {"as": (UNLIMITED, UNLIMITED)}),
    ("rlimit.as=infinity", "rlimits", {"as": (UNLIMITED, UNLIMITED)}),
]
GOOD: list[tuple[tuple[Option, ...], str, str, Any]] = [(SOCKET_OPTIONS, *row) for row in SOCKET_WORDS] + [
    (PROCESS_OPTIONS, *row) for row in PROCESS_WORDS
]
GOOD += [((UPTO_OPTION,), "upto=9223372036854775807", "upto", 2**63 - 1)]

BAD: dict[tuple[Option, ...], list[str]] = {
    SOCKET_OPTIONS: [
        "family=ipx", "type=", "backlog=-1", "backlog=2147483648", "host=", "port=65536", "port=", "port=http",
        "port=1_0", "port=٣", "port=+1", "port=1 ", "path=run/a", "path=", "umask=", "umask=08", "umask=0o",
        "umask=0o0o7", "umask=01000", "umask=512", "umask=777", "umask=-1", "umask=6_3", "umask=63 ", "umask=x",
        "interface=", "reuseport=2", "reuseport=",
    ],
    PROCESS_OPTIONS: [
        "uid=", "gid=", "working_dir=tmp", "bufsize=", "bufsize=-1", "bufsize=1.5m", "bufsize=1t", "bufsize=k",
        "bufsize=9223372036854775808", "output=lots", "stdout=2", "stderr=stderr", "shell=maybe", "linger=x",
        "listen=", "listen=a,", "listen=,a", "listen=a,b,a", "listen=a:b", "listen=a\tb", "listen=é",
        f"listen={'n' * 256}",
        "rlimit.nofile=", "rlimit.nofile=1:", "rlimit.nofile=:1", "rlimit.nofile=x", "rlimit.nofile=1:2:3",
        "rlimit.as=9223372036854775807k",
    ],
    (UPTO_OPTION,): ["upto=", "upto=-1", "upto=x", "upto=9223372036854775808"],
}  # fmt: skip


@pytest.mark.parametrize(("options", "word", "field", "value"), GOOD, ids=[row[1] for row in GOOD])
def test_a_good_value_is_read(options: tuple[Option, ...], word: str, field: str, value: Any) -> None:
    values, rest = read_options(options, [word])

    assert values == {field: value}
    assert type(values[field]) is type(value)
    assert rest == []


@pytest.mark.parametrize(("options", "word"), [(options, word) for options, words in BAD.items() for word in words])
def test_a_bad_value_is_named_with_its_key_and_what_is_expected(options: tuple[Option, ...], word: str) -> None:
    key, _, value = word.partition("=")
    option = find_option(options, key)
    assert option is not None

    with pytest.raises(CommandError) as caught:
        read_options(options, [word])

    assert str(caught.value) == f'{key}: expected {option.expected}, not "{value}"'


@pytest.mark.parametrize(
    ("word", "value"),
    [
        (r'"a\"', "a\\"),
        (r'"\"', "\\"),
        (r'"a b\"', "a b\\"),
        ('"a"', '"a"'),
        (r"a\"", r"a\""),
        (r"\"", r"\""),
        ('"', '"'),
    ],
)
def test_only_a_value_that_ends_in_a_backslash_is_wrapped_in_quotes(word: str, value: str) -> None:
    values, words = read_options(PROCESS_OPTIONS, [f"env.A={word}", "echo", f"env.A={word}"], wrapped=True)

    assert (values, words) == ({"env": {"A": value}}, ["echo", f"env.A={word}"])
    assert read_options(PROCESS_OPTIONS, [f"env.A={word}"]) == ({"env": {"A": word}}, [])


@given(TEXTS)
def test_an_environment_variable_may_have_any_value(text: str) -> None:
    values, _ = read_options(PROCESS_OPTIONS, [f"env.NAME={text}"])

    assert values == {"env": {"NAME": text}}


@given(st.sampled_from([*SOCKET_OPTIONS, *PROCESS_OPTIONS]), TEXTS)
def test_any_text_is_either_read_or_refused(option: Option, text: str) -> None:
    complaint = ""

    try:
        option.read_value(option.key, text)
    except CommandError as error:
        complaint = str(error)

    assert not complaint or complaint == f'{option.key}: expected {option.expected}, not "{text}"'


@pytest.mark.parametrize(
    ("words", "taken"),
    [
        ([], 0),
        (["/bin/ls"], 0),
        (["bufsize=1k", "ls", "stdout=0"], 1),
        (["bufsize=1k", "/opt/a=b/ls", "stdout=0"], 1),
        (["env.PATH=/bin:/usr/bin", "env.X=/", "shell=1", "ls"], 3),
    ],
)
def test_options_end_at_the_first_word_that_is_none(words: list[str], taken: int) -> None:
    _, rest = read_options(PROCESS_OPTIONS, words)

    assert rest == words[taken:]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["color=red"], 'Unknown option "color": expected one of uid=, gid=, working_dir='),
        (["=red"], 'Unknown option ""'),
        (["shell=1", "n=0; echo $n"], "; for a variable of the shell, begin with export n="),
        (["env.=1"], 'Unknown option "env."'),
        (["rlimit.=1"], 'Unknown option "rlimit."'),
        (["environ.A=1"], "env.NAME=, rlimit.NAME="),
        (["uid=a", "uid=b"], "uid: given twice; leave one out"),
        (["bufsize=1", "output=1"], "output: given twice; leave one out"),
        (["env.A=1", "env.B=1", "env.A=2"], "env.A: given twice; leave one out"),
    ],
)
def test_unknown_and_repeated_options_are_named(words: list[str], complaint: str) -> None:
    with pytest.raises(CommandError) as caught:
        read_options(PROCESS_OPTIONS, words)

    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("word", "expected"),
    [("a=b", True), ("a=", True), ("=", True), ("a", False), ("/a=b", False), ("a/b=c", False), ("env.a/b=c", True),
     ("a=/b", True), ("", False), ("export n=0; echo $n", False), ("while :; do n=$((n+1)); done", False),
     ("env.A B=c", True)],
)  # fmt: skip
def test_a_path_or_a_command_of_the_shell_with_an_equals_sign_is_no_option(word: str, expected: bool) -> None:
    assert is_option_word(word) is expected


def test_names_of_families_keep_their_case() -> None:
    values, _ = read_options(PROCESS_OPTIONS, ["env.Path=1", "env.PATH=2"])

    assert values == {"env": {"Path": "1", "PATH": "2"}}
