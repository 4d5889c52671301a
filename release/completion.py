"""Completion of options in bash, zsh and fish, for the programs that take nothing else.

What an option takes is told by its label: a file, a user, a group, one of some words, or what no shell can guess.
"""

from collections.abc import Callable, Sequence
from enum import Enum

from papa_console.flags import Flag
from programs import Program


class Kind(Enum):
    """What the value of an option is."""

    FILE = "file"
    USER = "user"
    GROUP = "group"
    CHOICE = "choice"
    OTHER = "other"


_KINDS = {"FILE": Kind.FILE, "PATH": Kind.FILE, "ENDPOINT": Kind.FILE, "USER": Kind.USER, "GROUP": Kind.GROUP}


def _kind(flag: Flag) -> Kind:
    return Kind.CHOICE if flag.choices else _KINDS.get(flag.label, Kind.OTHER)


_NOTE = "# Completion of {} for {}; made by `make share`.\n"

_BASH = """_{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
    COMPREPLY=()
    # bash cuts --name=value into three words.
    [[ $previous == = ]] && previous=${{COMP_WORDS[COMP_CWORD-2]}}
    [[ $current == = ]] && current=
    case $previous in
{cases}
    esac
    mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$current")
}}
complete -F _{function} {program}
"""
_BASH_WORDS = {Kind.FILE: "-f", Kind.USER: "-u", Kind.GROUP: "-g"}


def _bash_value(flag: Flag) -> str:
    kind = _kind(flag)
    wanted = f'-W "{" ".join(flag.choices)}"' if flag.choices else _BASH_WORDS.get(kind, "")
    fill = f'mapfile -t COMPREPLY < <(compgen {wanted} -- "$current"); ' if wanted else ""
    files = "compopt -o filenames 2>/dev/null; " if kind is Kind.FILE else ""
    return f"{fill}{files}return"


def _bash_cases(flags: Sequence[Flag]) -> str:
    by_value: dict[str, list[str]] = {}
    for flag in flags:
        if flag.label:
            by_value.setdefault(_bash_value(flag), []).extend(flag.names)
    return "\n".join(f"        {' | '.join(names)}) {value} ;;" for value, names in by_value.items())


def bash(program: Program) -> str:
    """Return the script for bash."""
    flags = program.usage.flags
    return _NOTE.format(program.name, "bash") + _BASH.format(
        function=program.name.replace("-", "_"),
        program=program.name,
        cases=_bash_cases(flags),
        names=" ".join(name for flag in flags for name in flag.names),
    )


_ZSH_ACTIONS = {Kind.FILE: "_files", Kind.USER: "_users", Kind.GROUP: "_groups"}


def _zsh_quoted(text: str) -> str:
    for character in "\\[]:":
        text = text.replace(character, f"\\{character}")
    return text.replace("'", "'\\''")


def _zsh_spec(flag: Flag) -> str:
    action = f"({' '.join(flag.choices)})" if flag.choices else _ZSH_ACTIONS.get(_kind(flag), " ")
    value = f":{flag.label}:{action}" if flag.label else ""
    marks = {name: ("=" if name.startswith("--") else "+") if flag.label else "" for name in flag.names}
    names = [name + mark for name, mark in marks.items()]
    several = "{" + ",".join(names) + "}" if len(names) > 1 else names[0]
    once = "*" if flag.several else f"({' '.join(flag.names)})"
    return f"'{once}'{several}'[{_zsh_quoted(flag.summary)}]{value}'"


def zsh(program: Program) -> str:
    """Return the function for zsh."""
    specs = [_zsh_spec(flag) for flag in program.usage.flags]
    note = _NOTE.format(program.name, "zsh")
    return f"#compdef {program.name}\n{note}_arguments -s \\\n    " + " \\\n    ".join(specs) + "\n"


_FISH_VALUES = {
    Kind.FILE: "-r -F",
    Kind.USER: "-x -a '(__fish_complete_users)'",
    Kind.GROUP: "-x -a '(__fish_complete_groups)'",
    Kind.OTHER: "-x",
}


def _fish_line(program: Program, flag: Flag) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names]
    value = f"-x -a '{' '.join(flag.choices)}'" if flag.choices else _FISH_VALUES[_kind(flag)] if flag.label else ""
    summary = flag.summary.replace("\\", "\\\\").replace("'", "\\'")
    return " ".join(filter(None, ["complete -c", program.name, *names, value, f"-d '{summary}'"]))


def fish(program: Program) -> str:
    """Return the script for fish."""
    lines = [f"complete -c {program.name} -f", *(_fish_line(program, flag) for flag in program.usage.flags)]
    return _NOTE.format(program.name, "fish") + "\n".join(lines) + "\n"


SHELLS: dict[str, Callable[[Program], str]] = {"bash": bash, "zsh": zsh, "fish": fish}
