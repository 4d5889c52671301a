"""Settings files, which are TOML: what the REPL's and the dashboard's have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


class ConfigError(Exception):
    """What is wrong with a settings file, one message for each fault."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = messages


def load_settings(file: Path, read: Callable[[str], T], usual: T, *, named: bool) -> T:
    """Return what ``read`` makes of the text of a file, or ``usual`` where there is none.

    Args:
        file: the file.
        read: reads its text.
        usual: what holds without a file.
        named: whether the user has named the file, which must then be there.

    Raises:
        ConfigError: it cannot be read, or ``read`` finds faults; each message names the file.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not named:
            return usual
        raise ConfigError([f"{file}: there is no such file"]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{file}: {getattr(error, 'strerror', None) or error}"]) from None
    try:
        return read(text)
    except ConfigError as error:
        raise ConfigError([f"{file}: {message}" for message in error.messages]) from None


def parse_toml(text: str) -> dict[str, Any]:
    """Return what TOML holds.

    Raises:
        ConfigError: it is none.
    """
    import tomllib  # noqa: PLC0415 - most users have no such file, and it costs 5 ms

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"not TOML: {error}"]) from None
