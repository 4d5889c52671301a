"""Write what the wheel installs below ``share``, manual pages and completions: ``make share``.

``share.py --check`` writes nothing, names the files that are not what they should be, and fails if there are any.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from completion import SHELLS
from manual import date_of, page
from papa_console.repl.shells import script_for
from papa_kernel import VERSION
from programs import PROGRAMS, Program

SOURCES = Path(__file__).parent.parent
ROOT = SOURCES / "share"
_PLACES = {
    "bash": "bash-completion/completions/{}",
    "zsh": "zsh/site-functions/_{}",
    "fish": "fish/vendor_completions.d/{}.fish",
}


def _completion(program: Program, shell: str) -> str:
    return script_for(shell) if program.name == "papa-repl" else SHELLS[shell](program)


def wanted() -> Iterator[tuple[Path, str]]:
    """Yield each file with what belongs into it."""
    date = date_of(VERSION, (SOURCES / "CHANGELOG.md").read_text(encoding="utf-8"))
    for program in PROGRAMS:
        yield ROOT / "man/man1" / f"{program.name}.1", page(program, VERSION, date)
        for shell, place in _PLACES.items():
            yield ROOT / place.format(program.name), _completion(program, shell)


def main() -> int:
    """Write the files or check them; return the exit status."""
    texts = dict(wanted())
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    unknown = [path for path in ROOT.rglob("*") if path.is_file() and path not in texts]
    if "--check" in sys.argv:
        for path in [*stale, *unknown]:
            print(f"{path}: run `make share`")
        return 1 if stale or unknown else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
    for path in unknown:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
