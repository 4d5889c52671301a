"""How grave a line is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papa_console.dashboard.output.severity import Severity, errors, severity

LEVELS = [
    (b"2024-05-05 12:00:00,123 ERROR worker: no route", Severity.ERROR),
    (b"ERROR: no route", Severity.ERROR),
    (b"[error] no route", Severity.ERROR),
    (b"Error: no route", Severity.ERROR),
    (b"error: no route", Severity.ERROR),
    (b"npm ERR! code", Severity.ERROR),
    (b"time=12 level=error msg=x", Severity.ERROR),
    (b'{"time": 12, "level": "error"}', Severity.ERROR),
    (b'{"level":50,"time":1}', Severity.ERROR),
    (b'{"severity":"ERROR"}', Severity.ERROR),
    (b"[E] no route", Severity.ERROR),
    (b"[E 2024-05-05 12:00:00] no route", Severity.ERROR),
    (b"E0312 12:00:00.000000    1 main.go:1] no route", Severity.ERROR),
    (b"E/ActivityManager( 123): no route", Severity.ERROR),
    (b"Traceback (most recent call last):", Severity.ERROR),
    (b"ValueError: no route", Severity.ERROR),
    (b"json.decoder.JSONDecodeError: Expecting value", Severity.ERROR),
    (b"java.lang.RuntimeException: no route", Severity.ERROR),
    (b"KeyError", Severity.ERROR),
    (b"KeyError\r", Severity.ERROR),
    (b"INFO 50%\rERROR no route", Severity.ERROR),
    (b"Exception: no route", Severity.ERROR),
    (b"\x1b[31mERROR\x1b[0m no route", Severity.ERROR),
    (b"\x1b[1;31m[error]\x1b[0m no route", Severity.ERROR),
    (b"CRITICAL no route", Severity.CRITICAL),
    (b"level=fatal msg=x", Severity.CRITICAL),
    (b"F0312 12:00:00.000000    1 main.go:1] no route", Severity.CRITICAL),
    (b"panic: runtime error: index out of range", Severity.CRITICAL),
    (b"thread 'main' panicked at src/main.rs:2:5:", Severity.CRITICAL),
    (b"<emerg> no route", Severity.CRITICAL),
    (b"WARN no route", Severity.WARNING),
    (b"warning: unused variable", Severity.WARNING),
    (b"[W] no route", Severity.WARNING),
    (b"W0312 12:00:00.000000    1 main.go:1] no route", Severity.WARNING),
    (b"INFO 0 errors, error rate 0", Severity.INFO),
    (b"INFO: error: quoted", Severity.INFO),
    (b"lvl=info msg=ERROR", Severity.INFO),
    (b"[notice] no route", Severity.INFO),
    (b"DEBUG no route", Severity.DEBUG),
    (b'"level":20', Severity.DEBUG),
    (b"TRACE no route", Severity.TRACE),
    (b"0 errors found", Severity.NONE),
    (b"no error here", Severity.NONE),
    (b"GET /error HTTP/1.1", Severity.NONE),
    (b"ERROR_CODE=0 TERRORS", Severity.NONE),
    (b"the level 50 of E0312", Severity.NONE),
    (b"", Severity.NONE),
    (b"\xff\xfe\x00", Severity.NONE),
    (b"x" * 300 + b" ERROR", Severity.NONE),
]


@pytest.mark.parametrize(("line", "expected"), LEVELS)
def test_a_line_tells_its_level(line: bytes, expected: Severity) -> None:
    assert severity(line) is expected


def test_errors_are_picked_out_of_many_lines() -> None:
    lines = [line for line, _ in LEVELS]

    assert errors(lines) == [index for index, (_, level) in enumerate(LEVELS) if level >= Severity.ERROR]


PARTS = st.sampled_from(
    [
        b"ERROR",
        b"error",
        b"[E]",
        b"E0312 ",
        b"level=",
        b'"level":',
        b"50",
        b":",
        b" ",
        b"\x1b[1m",
        b"Fatal",
        b"info",
        b"x",
    ]
)


@given(st.lists(st.lists(PARTS, max_size=6).map(b"".join), max_size=6))
def test_the_quick_look_misses_no_error(lines: list[bytes]) -> None:
    assert errors(lines) == [index for index, line in enumerate(lines) if severity(line) >= Severity.ERROR]


@given(st.binary(max_size=300))
def test_any_line_has_a_level(line: bytes) -> None:
    assert isinstance(severity(line), Severity)
