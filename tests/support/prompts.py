"""A prompt over a real kernel, the keys that a table names, and what is then on its screen."""

import io
import re
from dataclasses import dataclass
from pathlib import Path

from prompt_toolkit.input import PipeInput
from prompt_toolkit.output import Output as ScreenOutput

from papa_console.repl.config import Config
from papa_console.repl.history import HistoryFile
from papa_console.repl.link import Link
from papa_console.repl.output import Output
from papa_console.repl.prompt import Prompt
from papa_console.repl.runner import Runner
from papa_console.repl.settings import Settings
from support.screens import Screen, Typist, drive

KEYS = {
    "Space": " ",
    "Tab": "\t",
    "STab": "\x1b[Z",
    "BS": "\x7f",
    "Enter": "\r",
    "Undo": "\x1f",
    "CSpace": "\x00",
    "ASpace": "\x1b ",
    "Left": "\x1b[D",
    "Right": "\x1b[C",
    "Up": "\x1b[A",
    "F1": "\x1bOP",
    "CC": "\x03",
    "CR": "\x12",
    "CD": "\x04",
}
PROMPT = re.compile(r"papa 127\.0\.0\.1:\d{5}( \(down\))?> ?")
# The whole prompt is so much wider than the `papa> ` of the table.
WIDER = len("papa 127.0.0.1:34567> ") - len("papa> ")


def make_prompt(
    port: int,
    history: Path,
    pipe: PipeInput | None,
    output: ScreenOutput | None,
    config: Config | None = None,
    **streams: io.StringIO,
) -> Prompt:
    shown = Output(streams.get("out", io.StringIO()), streams.get("error", io.StringIO()))
    runner = Runner(Link(port, 5), shown, Settings())
    return Prompt(runner, config or Config(), HistoryFile(history), pipe, output)


def plain(line: str) -> str:
    """Return a line of the screen as the table writes it: with a short prompt, without chance numbers."""
    shown = PROMPT.sub(lambda match: f"papa{match[1] or ''}> ", line)
    if shown == line and line.startswith(" " * WIDER):
        shown = line[WIDER:]
    shown = re.sub(r"pid \d+ running \S+", "pid N running T", shown)
    shown = re.sub(r"127\.0\.0\.1:\d+ fd \d+", "127.0.0.1:P fd F", shown)
    return re.sub(r"/tmp/papa-test-\w+/(\S+) fd \d+", r"/run/\1 fd F", shown).rstrip()


async def press(prompt: Prompt, typist: Typist, keys: str) -> None:
    """Type what a row of the table says."""
    for key, text in re.findall(r"<(\w+(?::[^>]*)?)>|([^<]+)", keys):
        word, _, argument = key.partition(":")
        match word:
            case "":
                await typist.type(text)
            case "Paste":
                await typist.type(f"\x1b[200~{argument.replace('{lf}', chr(10))}\x1b[201~")
            case "Down":
                prompt.runner.link._down = True
            case _:
                await typist.type(KEYS[word])
        if word == "Tab":
            await typist.until(lambda: prompt.keys._unanswered is None or not is_asking(prompt))


def is_asking(prompt: Prompt) -> bool:
    """Whether the text of a value is still to come."""
    wanted = prompt.names._wanted_value
    return wanted is not None and wanted not in prompt.names.picture.values


@dataclass(frozen=True, slots=True)
class Look:
    """What could be seen: the lines in short form, the line that was accepted, the screen itself."""

    lines: list[str]
    accepted: str | None
    screen: Screen


def look_after(port: int, history: Path, keys: str, config: Config | None = None, expected: str = "") -> Look:
    """Type keys into a new prompt, wait for ``expected`` if need be, and look."""
    screen, made, shown = Screen(100, 24), [], list[str]()

    def make(pipe: PipeInput, output: ScreenOutput) -> Prompt:
        made.append(make_prompt(port, history, pipe, output, config))
        for line in re.findall("<History:([^>]*)>", keys):
            made[0].session.history.append_string(line)
        return made[0]

    async def act(prompt: Prompt, typist: Typist) -> None:
        prompt.names.refresh()
        await typist.until(lambda: bool(prompt.names.picture.kinds["processes"].names))
        await press(prompt, typist, re.sub("<History:[^>]*>", "", keys))
        await typist.until(lambda: not expected or any(expected in line for line in screen.lines))
        shown.extend(plain(line) for line in screen.lines if line)

    accepted = drive(make, screen, act)
    end(made[0])
    return Look(shown, accepted, screen)


def end(prompt: Prompt) -> None:
    prompt.names.close()
    prompt.runner.link.close()
