"""Runs all targets under atheris, which sees what lines of the parsers an input reaches and goes on from there.

``python -m fuzz.guided FOLDER`` takes libFuzzer's options; FOLDER keeps the inputs that reached something new. The
first byte of an input chooses its target.
"""

import sys

import atheris

with atheris.instrument_imports(include=["papa", "papa_protocol"]):
    from fuzz.targets import TARGETS

_TARGETS = list(TARGETS.values())


def run(data: bytes) -> None:
    if data:
        _TARGETS[data[0] % len(_TARGETS)](data[1:])


if __name__ == "__main__":
    atheris.Setup(sys.argv, run)
    atheris.Fuzz()
