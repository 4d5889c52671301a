"""Completion scripts for shells: templates that call ``papa-repl --complete`` for everything but the options."""

from pathlib import Path

from papa_console.repl.arguments import FLAGS

# The values of these tell which kernel to ask.
_CONNECTING = frozenset({"--port", "--unix-socket", "--connect"})


def script_for(shell: str) -> str:
    """Return the completion script for ``bash``, ``zsh`` or ``fish``."""
    template = Path(__file__).with_name(f"papa-repl.{shell}").read_text(encoding="utf-8")
    connecting = [name for flag in FLAGS if _CONNECTING & set(flag.names) for name in flag.names]
    valued = [name for flag in FLAGS if flag.label for name in flag.names]
    names = [name for flag in FLAGS for name in flag.names]
    return (
        template.replace("@FLAGS@", " ".join(names))
        .replace("@VALUED@", " ".join(valued))
        .replace("@CONNECTING@", " ".join(connecting))
    )
