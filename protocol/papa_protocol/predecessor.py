"""Notices papa 1.0 where it is installed too: its package and ours are both imported as ``papa``.

Installed into one folder, the later of the two overwrites files of the other, and removing either takes them away.
papa 1.0 is known by a file that it alone has.
"""

from collections.abc import Callable, Iterable

_MARK = "server/__init__.py"
MEND = "'pip install --force-reinstall papa-kernel'"


def find_predecessor(folders: Iterable[str], exists: Callable[[str], bool]) -> str | None:
    """Return the folder of papa 1.0's package, None where it is not installed.

    Args:
        folders: where packages are looked for, as ``sys.path`` has them.
        exists: tells whether a path exists.
    """
    packages = (f"{folder or '.'}/papa" for folder in folders)
    return next((package for package in packages if exists(f"{package}/{_MARK}")), None)


def explain_predecessor(package: str) -> str:
    """Return what to tell the user whose papa 1.0 is in ``package``."""
    return (
        f"papa 1.0 is installed too, in {package}, and only one package can be imported as papa: run "
        f"'pip uninstall papa', then {MEND}, which brings back what that took"
    )
