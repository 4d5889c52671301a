"""The log: its levels, its lines, and the exceptions that it shows."""

import os
import re

import pytest

from papa_kernel.log import DEBUG, WARNING, Log


def logged(level: str, capfd: pytest.CaptureFixture[str]) -> list[str]:
    """Return the lines that a log of a level writes of a line of each."""
    log = Log()
    log.open(2, level)
    log.debug("a step %d", 1)
    log.info("100 %")
    log.warning("%s\udcff", "odd")
    return capfd.readouterr().err.splitlines()


def test_a_line_has_its_time_level_and_text(capfd: pytest.CaptureFixture[str]) -> None:
    lines = logged(DEBUG, capfd)

    assert [re.sub(r"^[-0-9]{10} [:0-9]{8},[0-9]{3} ", "", line) for line in lines] == [
        "DEBUG a step 1",
        "INFO 100 %",
        "WARNING odd\\udcff",
    ]


def test_what_is_below_the_level_is_not_written(capfd: pytest.CaptureFixture[str]) -> None:
    lines = logged(WARNING, capfd)

    assert len(lines) == 1


def test_an_exception_is_shown_with_where_it_is_and_what_it_came_from(capfd: pytest.CaptureFixture[str]) -> None:
    try:
        try:
            raise KeyError("first")
        except KeyError:
            raise ValueError("then") from None
    except ValueError:
        Log().exception("A bug in %s", "a test")

    shown = capfd.readouterr().err
    assert "ERROR A bug in a test\n" in shown
    assert shown.index("KeyError: 'first'") < shown.index("ValueError: then")
    assert f'File "{__file__}", line ' in shown


def test_a_log_that_cannot_be_written_is_no_reason_to_fail() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    log = Log()
    log.open(writing, DEBUG)

    log.debug("to nobody")

    os.close(writing)
