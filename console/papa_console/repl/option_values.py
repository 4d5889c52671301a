"""Candidates from this machine: values of options, programs, files."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from papa_console.repl import environment
from papa_console.repl.candidate import Candidate
from papa_protocol.options import Option
from papa_protocol.typed import Place
from papa_protocol.words import escape

_MEANINGS = {
    "stdout=0": "discard",
    "stdout=1": "capture (default)",
    "stderr=0": "discard",
    "stderr=1": "capture (default)",
    "stderr=stdout": "send it where stdout goes",
    "linger=exit": "report the end at the exit (default)",
    "linger=eof": "report it once nothing holds the output open",
    "shell=0": "run the words as they are (default)",
    "shell=1": "run them as one line of /bin/sh",
    "reuseport=0": "one socket for all (default)",
    "reuseport=1": "each process gets one of its own",
}
_SUGGESTED = {
    "bufsize": (("0", "record nothing"), ("64k", ""), ("1m", "default"), ("2m", ""), ("16m", "")),
    "output": (("0", "record nothing"), ("64k", ""), ("1m", "default"), ("2m", ""), ("16m", "")),
    # Written in decimal, which papa 1.0 kernels read as well.
    "umask": (("18", "octal 022"), ("23", "octal 027"), ("63", "octal 077")),
    "backlog": (("5", "default"), ("128", ""), ("1024", "")),
    "port": (("0", "the system chooses (default)"),),
    "host": (("127.0.0.1", "default"), ("0.0.0.0", "all of IPv4"), ("::1", "IPv6 loopback"), ("::", "all of IPv6")),  # noqa: S104
}


def _choose(rows: Iterable[tuple[str, str]], typed: str, start: int) -> Iterator[Candidate]:
    for text, about in rows:
        if text.startswith(typed):
            yield Candidate(escape(text), start, about, text)


def values(option: Option, key: str, place: Place) -> Iterable[Candidate]:
    """Return what can stand after ``key=``."""
    typed, start = place.typed, place.start
    if option.key in _PATHS:
        return _PATHS[option.key](typed or "/", start)
    if option.key in _LISTED:
        return _choose(_LISTED[option.key](), typed, start)
    if option.is_family:
        return _choose(_family_values(key), typed, start)
    if option.choices:
        return _choose(((c, _meaning(option, c)) for c in option.choices), typed.lower(), start)
    return _choose(_SUGGESTED.get(option.key, ()), typed, start)


def _family_values(key: str) -> Iterator[tuple[str, str]]:
    family, _, name = key.partition(".")
    ours = environment.variables() if family == "env" else environment.limits()
    for known, value in ours:
        if known.lower() == name.lower() and value:
            yield value, "as here"
    if family == "rlimit":
        yield "unlimited", ""


def _meaning(option: Option, choice: str) -> str:
    meaning = _MEANINGS.get(f"{option.key}={choice}", "")
    return meaning or ("default" if option.default == choice else "")


def family_keys(option: Option, typed: str, start: int, given: set[str]) -> list[Candidate]:
    """Return the keys of a family, ``env.NAME=``, whose names begin with ``typed``, which is in lower case."""
    rows = environment.variables() if option.key == "env." else environment.limits()
    return [
        Candidate(f"{option.key}{name}=", start, value[:40], space=False)
        for name, value in rows
        if name.lower().startswith(typed) and f"{option.key}{name}".lower() not in given
    ]


def paths(
    typed: str, start: int, *, base: str = "", programs_only: bool = False, folders_only: bool = False
) -> Iterator[Candidate]:
    """Return the files that a path can become; a folder goes on."""
    found = environment.files(typed, base=base, programs_only=programs_only, folders_only=folders_only)
    for path in found:
        display = path.rstrip("/").rpartition("/")[2] + "/" * path.endswith("/")
        yield Candidate(escape(path), start, display=display, space=not path.endswith("/"))


_PATHS: Mapping[str, Callable[[str, int], Iterable[Candidate]]] = {
    "working_dir": partial(paths, folders_only=True),
    "path": paths,
}
_LISTED = {"uid": environment.users, "gid": environment.groups, "interface": environment.interfaces}


def executables(place: Place) -> Iterator[Candidate]:
    """Return the programs that a word can become.

    A bare name means to the kernel what it finds in the PATH that is passed, else in /bin:/usr/bin; one that only
    our own PATH has is written as a path.
    """
    if "/" in place.typed:
        yield from paths(place.typed, place.start, base=working_dir(place), programs_only=True)
        return
    passed = next((word[9:] for word in place.words if word.startswith("env.PATH=")), environment.KERNEL_PATH)
    theirs = dict(environment.programs(passed))
    ours = dict(environment.programs(os.environ.get("PATH", "")))
    for name, path in sorted((ours | theirs).items()):
        if name.startswith(place.typed):
            yield Candidate(escape(name if name in theirs else path), place.start, path, name)


def program_files(place: Place) -> Iterator[Candidate]:
    """Return the files that an argument of a program can become."""
    if "$" not in place.typed and not place.typed.startswith("-"):
        yield from paths(place.typed, place.start, base=working_dir(place))


def working_dir(place: Place) -> str:
    """Return the directory that the line makes the program run in, an empty text where it says none."""
    return next((w.removeprefix("working_dir=") for w in place.words[1:] if w.startswith("working_dir=/")), "")
