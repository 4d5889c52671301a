"""Four times the input costs about four times the work: counted in lines of Python that run, not in seconds."""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import FrameType
from typing import Any

import pytest

import papa_protocol
from fuzz.targets import TARGETS

_PROTOCOL = Path(papa_protocol.__file__).parent
# How input begins, and what it goes on with; # is a number of its own each time.
INPUTS = (
    (b"", b"x "),
    (b"", b"\\ "),
    (b"", b"\n"),
    (b"", b"\xff\xfa"),
    (b"", b"$(socket.a"),
    (b"", b"a=b\n"),
    (b"", b"endpoint #\n"),
    (b"", b"out:#:1:0\n\n"),
    (b"a ", b"k#=v "),
    (b"help ", b"# "),
    (b"make process a ", b"env.A#=1 "),
    (b"make process a sh ", b"$(socket.#.port) "),
    (b"list processes ", b"a# "),
)


def work(run: Callable[[bytes], None], data: bytes) -> int:
    """Return how many lines of the parsers run."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace if "papa" in frame.f_globals.get("__name__", "") else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run(data)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("target", TARGETS)
def test_work_grows_with_the_input_and_no_faster(target: str) -> None:
    for start, unit in INPUTS:
        short, long = (
            work(TARGETS[target], start + b"".join(unit.replace(b"#", b"%04d" % number) for number in range(size)))
            for size in (50, 200)
        )

        assert long < 5 * short, f"{start + unit!r}: {short} lines of Python, then {long}"


def patterns() -> Iterator[str | bytes]:
    """Return every regular expression of the parsers, as it is written."""
    for path in _PROTOCOL.glob("*.py"):
        module = sys.modules.get(f"papa_protocol.{path.stem}")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re."):
                yield eval(ast.unparse(node.args[0]), vars(module) if module else {})


def nested_repeats(parsed: Any, inside: bool = False) -> bool:
    """Whether something without end is repeated without end, which can take for ever to fail."""
    for operation, argument in parsed:
        endless = operation in (_constants.MAX_REPEAT, _constants.MIN_REPEAT) and argument[1] is _constants.MAXREPEAT
        if endless and inside:
            return True
        for part in _parts(argument):
            if nested_repeats(part, inside or endless):
                return True
    return False


def _parts(argument: Any) -> Iterator[Any]:
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for each in argument:
            yield from _parts(each)


def test_no_pattern_repeats_without_end_what_has_no_end_itself() -> None:
    found = list(patterns())

    assert len(found) >= 8
    assert [pattern for pattern in found if nested_repeats(_parser.parse(pattern))] == []
    assert nested_repeats(_parser.parse(r"(a+b?)*c"))
