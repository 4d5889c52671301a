"""What each entry point loads, seen in a fresh interpreter: import contracts do not see packages' own __init__."""

import subprocess
import sys
from pathlib import Path

import pytest

import papa_protocol

CONSOLE = ["textual", "prompt_toolkit", "rich"]
# Each would take a tenth or more of the time to the first prompt.
SLOW = ["dataclasses", "inspect", "shutil", "tempfile", "importlib.metadata"]
# Less, but with what the kernel has in their place it starts a sixth earlier.
SPARED = ["typing", "argparse", "gettext", "textwrap", "json"]
UNUSED = ["asyncio", "multiprocessing", "concurrent.futures", "ctypes", *SLOW, *CONSOLE]
ENTRY_POINTS = {
    "papa_protocol": ["selectors", "socket", "subprocess", "threading", "logging", "signal", *UNUSED, *SPARED],
    "papa_kernel.__main__": ["subprocess", "threading", "logging", "traceback", *UNUSED, *SPARED],
    "papa": ["subprocess", "logging", "papa_kernel", *UNUSED],
    "papa.aio": ["multiprocessing", "papa_kernel", *CONSOLE],
    "papa_console.repl.script": ["subprocess", "logging", "papa_kernel", *UNUSED],
}
PROTOCOL = Path(papa_protocol.__file__).parent
MODULES = (
    "import importlib, sys\nfor module in sys.argv[1:]: importlib.import_module(module)\nprint(*sorted(sys.modules))\n"
)


def loaded(entry_point: str) -> set[str]:
    """Return the modules that are loaded once ``entry_point`` is, with every module of papa_protocol."""
    modules = [f"{entry_point}.{path.stem}" for path in PROTOCOL.glob("[a-z]*.py") if entry_point == PROTOCOL.name]
    command = [sys.executable, "-c", MODULES, entry_point, *modules]
    return set(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=60).stdout.split())


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_an_entry_point_loads_only_what_it_needs(entry_point: str) -> None:
    modules = loaded(entry_point)

    assert entry_point in modules
    assert not modules & set(ENTRY_POINTS[entry_point])


def test_every_module_of_the_protocol_was_looked_at() -> None:
    modules = loaded("papa_protocol")

    assert {"papa_protocol.words", "papa_protocol.command_table", "papa_protocol.telnet"} <= modules
    assert not [name for name in modules if name.split(".")[0] in ("papa", "papa_kernel", "papa_console")]
