"""What each entry point loads, seen in a fresh interpreter: import contracts do not see packages' own __init__."""

import json
import subprocess
import sys

import pytest

CONSOLE = ["textual", "prompt_toolkit", "rich"]
ENTRY_POINTS = {
    "papa_protocol": ["asyncio", "selectors", "socket", "subprocess", "threading", "logging", "signal", *CONSOLE],
    "papa_kernel.__main__": ["asyncio", "multiprocessing", "concurrent.futures", "ctypes", *CONSOLE],
    "papa": ["asyncio", "multiprocessing", "concurrent.futures", "ctypes", "papa_kernel", *CONSOLE],
    "papa.aio": ["multiprocessing", "papa_kernel", *CONSOLE],
}
MODULES = (
    "import importlib, json, pkgutil, sys\n"
    "package = importlib.import_module(sys.argv[1])\n"
    "found = pkgutil.iter_modules(package.__path__) if sys.argv[1] == 'papa_protocol' else ()\n"
    "for module in found: importlib.import_module(f'{package.__name__}.{module.name}')\n"
    "print(json.dumps(sorted(sys.modules)))\n"
)


def loaded(entry_point: str) -> set[str]:
    """Return the modules that are loaded once ``entry_point`` is, with every module of papa_protocol."""
    done = subprocess.run([sys.executable, "-c", MODULES, entry_point], stdout=subprocess.PIPE, check=True, timeout=60)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_an_entry_point_loads_only_what_it_needs(entry_point: str) -> None:
    modules = loaded(entry_point)

    assert entry_point in modules
    assert not modules & set(ENTRY_POINTS[entry_point])


def test_every_module_of_the_protocol_was_looked_at() -> None:
    modules = loaded("papa_protocol")

    assert {"papa_protocol.words", "papa_protocol.command_table", "papa_protocol.telnet"} <= modules
    assert not [name for name in modules if name.split(".")[0] in ("papa", "papa_kernel", "papa_console")]
