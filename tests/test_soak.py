"""The soak as CI runs it, for half a minute; and what it checks with does find what differs."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from papa_protocol.watch import Kind, Record
from soak.accounts import Account, DiffersError
from soak.plans import Plan

SECONDS = 30
PLAN = Plan(1, 6, 4, ending=3)
OUT, ERR = PLAN.content(Kind.OUT), PLAN.content(Kind.ERR)
# A kernel that loses the first byte of every hundredth piece of output.
CARELESS = """
import papa_kernel.output as output
add, count = output.Ring.add, [0]

def careless(ring, kind, data, now):
    count[0] += 1
    add(ring, kind, data if count[0] % 100 else data[1:], now)

output.Ring.add = careless
"""


def soak(*arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "soak", *arguments]
    return subprocess.run(command, cwd=Path(__file__).parent, env=env, capture_output=True, text=True, timeout=250)


def test_half_a_minute_of_everything_at_once_leaves_nothing_behind() -> None:
    """Half a minute, and the time that a busy machine takes to come to an end."""
    done = soak("--seconds", str(SECONDS))

    assert done.returncode == 0, done.stdout + done.stderr
    counts = dict(re.findall(r"^(\w+) +([\d,]+) +[\d.,]+$", done.stdout, re.MULTILINE))
    assert set(counts) == {
        "all", "churn", "crowd", "cuts", "doors", "herd", "overflow", "sharing", "slow", "texts", "upgrades",
    }  # fmt: skip
    assert "0" not in counts.values()


def test_a_kernel_that_loses_a_byte_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(CARELESS)

    done = soak("--seconds", "30", "--seed", "7", "churn", env={**os.environ, "PYTHONPATH": str(tmp_path)})

    assert done.returncode == 1
    assert re.search(r"actor churn-\d, seed 7/1/churn-\d, after \d+ actions: DiffersError: process churn", done.stderr)


def record(kind: Kind, data: bytes = b"", number: int = 0, position: int | None = None) -> Record:
    return Record(kind, "p", 0.0, data, number, position)


WHOLE = [record(Kind.OUT, OUT, 0, 6), record(Kind.ERR, ERR, 0, 10), record(Kind.CLOSED, b"", 3, 11)]
WRONG: dict[str, list[Record]] = {
    "a missing byte": [record(Kind.OUT, OUT[:5], 0, 5), record(Kind.ERR, ERR, 0, 10)],
    "a byte twice": [record(Kind.OUT, OUT[:4], 0, 4), record(Kind.OUT, OUT[3:], 0, 6)],
    "another byte": [record(Kind.OUT, b"??????", 0, 6)],
    "the other stream's": [record(Kind.ERR, OUT, 0, 6)],
    "another order": [record(Kind.OUT, OUT[3:], 0, 3), record(Kind.OUT, OUT[:3], 0, 6)],
    "a loss that is too small": [record(Kind.LOST, b"", 2, 2), record(Kind.CLOSED, b"", 3, 3)],
    "an end too early": [record(Kind.OUT, OUT, 0, 6), record(Kind.CLOSED, b"", 3, 7)],
    "another status": [*WHOLE[:2], record(Kind.CLOSED, b"", 4, 11)],
    "two ends": [*WHOLE, record(Kind.CLOSED, b"", 3, 12)],
}


def received(records: list[Record]) -> Account:
    account = Account("p", PLAN)
    for each in records:
        account.take(each)
    return account


@pytest.mark.parametrize("records", WRONG.values(), ids=WRONG)
def test_an_account_notices(records: list[Record]) -> None:
    with pytest.raises(DiffersError, match="process p"):
        received(records)


def test_an_account_is_content_with_what_was_written() -> None:
    assert received(WHOLE).here == (11, 6, 4, 0, True)


def test_an_account_is_content_with_a_loss_that_is_told() -> None:
    account = received([record(Kind.LOST, b"", 3, 3), record(Kind.OUT, OUT[3:], 0, 6), *WHOLE[1:]])

    assert account.bytes == 7


@pytest.mark.parametrize("comes", [lambda: WHOLE[0], lambda: WHOLE[1]], ids=["what was acknowledged", "a gap"])
def test_a_reader_that_comes_back_goes_on_where_it_acknowledged(comes: Callable[[], Record]) -> None:
    account = received([record(Kind.OUT, OUT[:3], 0, 3)])
    account.acknowledge()
    account.take(record(Kind.OUT, OUT[3:], 0, 6))
    account.begin()

    with pytest.raises(DiffersError, match="expected 3"):
        account.take(comes())
