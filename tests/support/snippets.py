"""The commands and programs of a page, run as a reader pastes them.

A page's blocks of ``sh`` and ``python`` run one after the other in one shell, in an empty home folder, with a kernel
that is theirs alone; zsh takes them as at its prompt, where ``#`` begins no comment. A block of ``text`` that follows
one of them is what it prints, ``…`` standing for anything. A comment ``<!-- not run: REASON -->``
above a block leaves it out.

For what a page cannot name, the test puts other things in place: a free port for 8080, and for the default endpoint a
path, at which ``papa`` listens where it is given none. The programs of ``docs/examples`` are there, as the pages say to
save them.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import papa
from support.kernels import REPOSITORY
from support.ports import free_port
from support.waiting import wait_for
from support.wire import TIMEOUT

# Where a reader may type from.
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]

_BLOCK = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_BEGINS = "@@ block "
# The shells of readers, which read what is pasted from standard input and stop at the first command that fails.
SHELLS = {
    "bash": ("bash", "-e", "-s"),
    "zsh": ("zsh", "-f", "-e", "-i", "-o", "no_monitor", "-o", "no_prompt_sp", "-s"),
}
_PAPA = """#!/bin/sh
case "$*" in
    *-u*|*-p*|*--version*|*--help*) exec {papa} "$@" ;;
    *) exec {papa} -u "$PAPA_ENDPOINT" "$@" ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a page; ``reason`` says why it is not run."""

    language: str
    text: str
    line: int
    reason: str

    def script(self) -> str:
        """Return the lines of shell that run it."""
        if self.language == "python":
            return f"{shlex.quote(sys.executable)} - <<'END_OF_SNIPPET'\n{self.text}END_OF_SNIPPET\n"
        return self.text


def name_of(page: Path) -> str:
    """Return what a page is called in tests."""
    return str(page.relative_to(REPOSITORY))


def read_blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    return [
        Block(match["language"], match["text"], page.count("\n", 0, match.start("text")), match["reason"] or "")
        for match in _BLOCK.finditer(page)
    ]


def pairs(blocks: list[Block]) -> Iterator[tuple[Block, str | None]]:
    """Yield the blocks that run, each with what it has to print, where the page says so."""
    for block, following in zip_longest(blocks, blocks[1:]):
        if block.language in ("sh", "python") and not block.reason:
            yield block, following.text if following is not None and following.language == "text" else None


class Reader:
    """Somebody who pastes what is on a page, in a home folder and with a kernel of their own."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="papa-page-"))
        for example in (REPOSITORY / "docs" / "examples").iterdir():
            shutil.copy(example, self.home)
        self._endpoint = str(self.home / ".papa.sock")
        self._port = free_port()
        binaries = self.home / ".bin"
        binaries.mkdir()
        (binaries / "papa").write_text(_PAPA.format(papa=f"{shlex.quote(sys.executable)} -m papa_kernel"))
        (binaries / "papa").chmod(0o755)
        self._environment = {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PAPA_ENDPOINT": self._endpoint,
            "PATH": f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PROMPT": "",
            "PROMPT2": "",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "TERM": "dumb",
        }

    def paste(self, blocks: list[Block], shell: str, timeout: float = 3 * TIMEOUT) -> list[str]:
        """Run blocks in one shell, and return what each of them has printed."""
        script = "".join(f"echo; echo {_BEGINS}{block.line}\n{block.script()}" for block in blocks)
        (self.home / ".pasted").write_text(script.replace("8080", str(self._port)))
        with (self.home / ".pasted").open() as pasted, (self.home / ".printed").open("w+") as printed:
            process = subprocess.Popen(
                SHELLS[shell],
                cwd=self.home,
                env=self._environment,
                stdin=pasted,
                stdout=printed,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            status = _wait(process, timeout)
            printed.seek(0)
            text = printed.read().replace(str(self._port), "8080")
        assert status == 0, f"exit status {status} after\n{text}"
        return [part.partition("\n")[2].strip() for part in text.split(f"\n{_BEGINS}")[1:]]

    def leave(self) -> None:
        """End the kernels that a page has started here, and what they hold."""
        for path in [path for path in self.home.iterdir() if path.is_socket()]:
            with suppress(papa.CannotConnectError):
                _end_kernel(path)
        shutil.rmtree(self.home, ignore_errors=True)


def _end_kernel(path: Path) -> None:
    with papa.Papa(str(path), start=False) as client:
        for info in client.list_processes().values():
            if info["running"]:
                with suppress(ProcessLookupError):  # it has ended since
                    os.killpg(info["pid"], signal.SIGKILL)
        os.kill(client.info()["pid"], signal.SIGTERM)
        wait_for(lambda: not path.exists(), "the kernel has ended")


def _wait(shell: subprocess.Popen[bytes], timeout: float) -> int:
    """Return the exit status of a shell, and end it and what it started in the background; negative if it is late."""
    with suppress(subprocess.TimeoutExpired):
        shell.wait(timeout)
    with suppress(ProcessLookupError):
        os.killpg(shell.pid, signal.SIGKILL)
    return shell.wait()


def agrees(printed: str, expected: str) -> bool:
    """Whether a page says what was printed."""
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("…"))
    return re.fullmatch(pattern, printed, re.DOTALL) is not None
