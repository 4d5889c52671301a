"""The parsers under a fuzzer that is guided by what its inputs reach."""

import os
import re
import subprocess
import sys
from binascii import crc32
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from fuzz.amounts import RUNS, SEED
from fuzz.fragments import EXAMPLES, FRAGMENTS, STARTS
from fuzz.targets import TARGETS
from support.kernels import REPOSITORY

_RUNS_PER_SECOND = 100


@pytest.fixture
def atheris() -> None:
    """Skip a test that needs atheris where it is not installed; in CI it must be."""
    if find_spec("atheris"):
        return
    missing = "atheris is not installed: pyproject.toml says where it can be"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def dictionary(folder: Path) -> Path:
    """Write the fragments as libFuzzer reads them."""
    path = folder / "fragments.dict"
    words = {"".join(f"\\x{byte:02x}" for byte in fragment) for fragment in (*FRAGMENTS, *STARTS) if fragment}
    path.write_text("".join(f'"{word}"\n' for word in sorted(words)))
    return path


def corpus(folder: Path) -> Path:
    """Write what fuzzing begins with: sensible input, for each target."""
    path = folder / "corpus"
    path.mkdir()
    for number, example in product(range(len(TARGETS)), EXAMPLES):
        (path / f"{number}-{crc32(example)}").write_bytes(bytes((number,)) + example)
    return path


@pytest.mark.usefixtures("atheris")
def test_no_input_that_reaches_something_new_makes_a_parser_break_its_word(tmp_path: Path) -> None:
    options = [f"-runs={RUNS}", f"-seed={SEED}", "-max_len=200", "-len_control=0", f"-dict={dictionary(tmp_path)}"]

    done = subprocess.run(
        [sys.executable, "-m", "fuzz.guided", str(corpus(tmp_path)), *options, f"-artifact_prefix={tmp_path}/"],
        capture_output=True,
        cwd=REPOSITORY / "tests",
        timeout=60 + RUNS / _RUNS_PER_SECOND,
    )

    said = done.stderr.decode(errors="replace")
    assert done.returncode == 0, said[-3000:]
    covered = re.search(rf"#{RUNS}\s+DONE\s+cov: (\d+)", said)
    assert covered, said[-3000:]
    print(f"seed {SEED}: {RUNS:,} inputs, {covered[1]} places reached")
