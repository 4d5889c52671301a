"""The design page: its map of the kernel has each module, once."""

import re

from support.kernels import REPOSITORY


def test_the_map_has_every_module_of_the_kernel_once() -> None:
    page = (REPOSITORY / "docs" / "design.md").read_text()
    there = {path.stem for path in (REPOSITORY / "kernel" / "papa_kernel").glob("*.py")} - {"__init__", "__main__"}

    (table,) = re.findall(r"^\| module .*\n(?:\|.*\n)+", page, re.MULTILINE)
    named = [name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])]

    assert sorted(named) == sorted(there)
