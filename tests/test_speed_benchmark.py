"""The benchmark suite runs, and writes its table; what it finds is no matter here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.peers import PEERS

ROWS = ("pipelined.unix", "list.name", "start")


@pytest.mark.skipif(not (PEERS / "papa").exists(), reason="the environment .venv-peers is missing: run `make peers`")
def test_a_quick_run_writes_table_and_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.speed", "--quick", "--working-tree", "--results", str(tmp_path), *ROWS]

    done = subprocess.run(
        command, cwd=Path(__file__).parent, env=os.environ, capture_output=True, text=True, timeout=200
    )

    assert done.returncode == 0, done.stderr
    table = (tmp_path / "speed.txt").read_text()
    assert table in done.stdout
    document = json.loads((tmp_path / "speed.json").read_text())
    assert [row["key"] for row in document["rows"]] == [
        "pipelined.unix",
        "list.name.alone",
        "list.name",
        "start",
    ]
    assert all(row["columns"]["ours"]["median"] > 0 for row in document["rows"])
    assert all(row["columns"]["papa1"]["median"] > 0 for row in document["rows"])
