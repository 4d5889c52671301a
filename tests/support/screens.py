"""A prompt in this process, driven by keys, whose screen can be looked at: no terminal, no fixed waits.

Keys go into a pipe and the output into a pyte screen, so the same code runs as on a terminal.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pyte
from prompt_toolkit.application import create_app_session
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output

from papa_console.repl.prompt import Prompt
from support.wire import TIMEOUT

_CALM_TURNS = 8


class Screen:
    """What prompt_toolkit takes for a file, and pyte for a stream."""

    encoding = "utf-8"

    def __init__(self, columns: int = 80, rows: int = 12) -> None:
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str) -> None:
        self._stream.feed(text)

    def flush(self) -> None:
        pass

    def fileno(self) -> int:
        return 1

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, without trailing blanks and blank lines at the end."""
        lines = [line.rstrip() for line in self.screen.display]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def output(self) -> Output:
        size = Size(rows=self.screen.lines, columns=self.screen.columns)
        return Vt100_Output(
            self,  # type: ignore[arg-type] # a part of TextIO
            lambda: size,
            term="xterm",
            default_color_depth=ColorDepth.DEPTH_4_BIT,
            enable_cpr=False,
        )


class Typist:
    """Types into a prompt and waits until it has drawn all of it."""

    def __init__(self, prompt: Prompt, pipe: PipeInput) -> None:
        self._prompt = prompt
        self._pipe = pipe

    def _state(self) -> tuple[object, ...]:
        session = self._prompt.session
        buffer: Buffer = session.default_buffer
        return session.app.render_counter, buffer.text, buffer.cursor_position, bool(buffer.complete_state)

    async def settle(self) -> None:
        """Wait until nothing has been drawn for some turns of the loop."""
        last, calm = self._state(), 0
        while calm < _CALM_TURNS:
            await asyncio.sleep(0.002)
            now = self._state()
            calm = calm + 1 if now == last else 0
            last = now

    async def type(self, keys: str) -> None:
        self._pipe.send_text(keys)
        await self.settle()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that another thread does."""
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                await asyncio.sleep(0.002)
        await self.settle()


def drive(
    make_prompt: Callable[[PipeInput, Output], Prompt],
    screen: Screen,
    act: Callable[[Prompt, Typist], Coroutine[Any, Any, None]],
) -> str | None:
    """Show a prompt, let ``act`` type, and return the line that was accepted, None where none was."""

    async def run() -> str | None:
        with create_pipe_input() as pipe, create_app_session(input=pipe, output=screen.output()) as app_session:
            prompt = make_prompt(pipe, app_session.output)
            typist = Typist(prompt, pipe)
            line = asyncio.ensure_future(prompt.session.prompt_async())
            await typist.settle()
            await act(prompt, typist)
            if line.done():
                return line.result()
            line.cancel()
            await asyncio.gather(line, return_exceptions=True)
            return None

    return asyncio.run(run())


def presses(keys: Sequence[str]) -> Callable[[Prompt, Typist], Coroutine[Any, Any, None]]:
    """Return what types keys one after another, each once all before it is on the screen."""

    async def act(_: Prompt, typist: Typist) -> None:
        for key in keys:
            await typist.type(key)

    return act
