"""Everything that must hold of a release, tried on what would be uploaded: ``make release-check``.

The sdist and the wheel are built twice, in different folders, time zones and file modes, and must be the same to the
byte.
The wheel is installed into fresh environments, bare and with the console, and its programs are run there.
"""

import hashlib
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

from papa_kernel import VERSION

ROOT = Path(__file__).parent.parent
_PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What the programs need to know of where they run, and nothing that leads to these sources.
_BARE = {"PATH": os.defpath, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
_CLIENT = """
import sys, papa
with papa.Papa(sys.argv[1], 20) as client:
    client.set("release", "checked")
    assert client.get("release") == "checked"
    client.remove_values("release")
    assert client.exit_if_idle()
"""


class NotReadyError(Exception):
    """Something that must hold does not; the text says what."""


def _run(*words: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None, umask: int = -1) -> str:
    """Run a program and return what it says."""
    done = subprocess.run(words, cwd=cwd, env=env, umask=umask, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReadyError(f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def _say(text: str) -> None:
    print(text, flush=True)


def check_versions() -> None:
    """Check that every place names the same version, and that the changelog has a section for it."""
    if _PROJECT["version"] != VERSION:
        raise NotReadyError(f"pyproject.toml has version {_PROJECT['version']}, papa_kernel {VERSION}")
    sections = re.findall(r"^## (\[.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = r"\[Unreleased\]" if ".dev" in VERSION else rf"\[{re.escape(VERSION)}\] - \d{{4}}-\d\d-\d\d"
    if not sections or not re.fullmatch(wanted, sections[0]):
        raise NotReadyError(f"CHANGELOG.md begins with {sections[:1]}, not with {wanted}")
    _say(f"version {VERSION} everywhere")


def check_share() -> None:
    """Check that manual pages and completions are what the programs make of themselves."""
    _run(sys.executable, ROOT / "release" / "share.py", "--check")
    _say("manual pages and completions are up to date")


def _build(folder: Path, umask: int, zone: str) -> dict[str, Path]:
    """Build from a copy of what git has, in ``folder``; return the files by their names."""
    sources, built = folder / "sources", folder / "dist"
    _run("git", "clone", "--quiet", "--no-hardlinks", ROOT, sources, umask=umask)
    stamp = _run("git", "log", "-1", "--format=%ct", cwd=sources).strip()
    env = {**os.environ, "SOURCE_DATE_EPOCH": stamp, "TZ": zone}
    _run(sys.executable, "-m", "build", "--outdir", built, sources, env=env, umask=umask)
    return {path.name: path for path in sorted(built.iterdir())}


def build_twice(folder: Path) -> list[Path]:
    """Return the sdist and the wheel, which are the same whenever they are built."""
    first = _build(folder / "first", umask=0o022, zone="UTC")
    second = _build(folder / "somewhere" / "else", umask=0o077, zone="Asia/Tokyo")
    sums = [
        {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
        for files in (first, second)
    ]
    if sums[0] != sums[1]:
        raise NotReadyError(f"two builds differ: {sums[0]} and {sums[1]}")
    for name, digest in sums[0].items():
        _say(f"{name}, built twice: sha256 {digest}")
    return list(first.values())


def check_files(files: Sequence[Path]) -> None:
    """Check what an index would refuse, and what users look for in an sdist and a wheel."""
    _run(sys.executable, "-m", "twine", "check", "--strict", *files)
    sdist, wheel = sorted(files, key=lambda path: path.suffix)
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    wanted = set(_run("git", "ls-files", cwd=ROOT).splitlines())
    if missing := wanted - {"docs/screenshots"} - held:  # of that link its files are there
        raise NotReadyError(f"{sdist.name} lacks {', '.join(sorted(missing))}")
    names = zipfile.ZipFile(wheel).namelist()
    if not any(name.endswith("licenses/LICENSE") for name in names):
        raise NotReadyError(f"{wheel.name} lacks its licence")
    _say("twine finds nothing wrong; the sdist and the wheel are whole")


def _install(folder: Path, wanted: str) -> Path:
    """Install into a fresh environment; return the folder of its programs."""
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    _run(programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted)
    _run(programs / "python", "-m", "pip", "check", "--disable-pip-version-check")
    return programs


def _check_program(program: Path) -> None:
    told = _run(program, "--version", env=_BARE).split()
    if told != [program.name, VERSION]:
        raise NotReadyError(f"{program.name} --version says {told}")
    if "Exit status" not in _run(program, "--help", env=_BARE):
        raise NotReadyError(f"{program.name} --help names no exit statuses")


def check_bare(folder: Path, wheel: Path) -> None:
    """Check that the kernel and its client need nothing else."""
    programs = _install(folder, str(wheel))
    listed = _run(programs / "python", "-m", "pip", "list", "--format=freeze", "--disable-pip-version-check")
    others = {line.partition("=")[0] for line in listed.splitlines()} - {_PROJECT["name"], "pip", "setuptools"}
    if {other for other in others if " @ " not in other}:
        raise NotReadyError(f"the bare package pulls in {', '.join(sorted(others))}")
    _check_program(programs / "papa")
    with tempfile.TemporaryDirectory() as short:
        _run(programs / "python", "-c", _CLIENT, f"{short}/papa", env=_BARE)
    _say(f"{wheel.name} alone: needs nothing, runs")


def check_console(folder: Path, wheel: Path) -> None:
    """Check the programs of the extra against a kernel that the REPL starts."""
    programs = _install(folder, f"{wheel}[console]")
    for name in _PROJECT["scripts"]:
        _check_program(programs / name)
    with tempfile.TemporaryDirectory() as short:
        at = ("-u", f"{short}/papa")
        _run(programs / "papa-repl", *at, "--start", "set", "release", "checked", env=_BARE)
        if "checked" not in _run(programs / "papa-console", *at, "--once", env=_BARE):
            raise NotReadyError("papa-console --once does not show what the kernel holds")
        _run(programs / "papa-repl", *at, "remove", "values", "release", env=_BARE)
        _run(programs / "papa-repl", *at, "exit-if-idle", env=_BARE)
    _say(f"{wheel.name}[console]: its three programs run")


def main() -> int:
    """Check everything; return the exit status."""
    try:
        with tempfile.TemporaryDirectory(prefix="papa-release-") as name:
            folder = Path(name)
            check_versions()
            check_share()
            files = build_twice(folder)
            check_files(files)
            wheel = next(path for path in files if path.suffix == ".whl")
            check_bare(folder / "bare", wheel)
            check_console(folder / "console", wheel)
    except NotReadyError as wrong:
        _say(f"NOT READY: {wrong}")
        return 1
    _say("ready")
    return 0


if __name__ == "__main__":
    sys.exit(main())
