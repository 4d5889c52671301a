"""Runs one line, whoever typed it: the prompt, a file, a pipe or the command line.

Nothing is sent that can be seen to be wrong: a line is checked against the command table first, and goes to the
kernel in full words. What happened is a status, which becomes the exit status of a script.
"""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from papa.errors import CannotConnectError, CommandFailedError, Error, LostConnectionError
from papa_console.repl.link import Link, may_have_run
from papa_console.repl.output import Output
from papa_console.repl.quotes import remark_on_quotes
from papa_console.repl.settings import Format, Settings
from papa_console.text import clean, fill, width
from papa_protocol.commands import Command
from papa_protocol.errors import CommandError
from papa_protocol.typed import TypedError, check, expand, full_word, split_typed
from papa_protocol.words import Dialect, join_words, to_text

DONE, SAID_NO, USAGE, CANNOT_CONNECT, LOST, INTERRUPTED = 0, 1, 2, 3, 4, 130
_LEAVE = ("quit", "q", "exit")
_DEEPEST_SOURCE = 16


class Where(NamedTuple):
    """The line of a file that is being run."""

    file: str
    line: int


class Problem(NamedTuple):
    """What went wrong, and where in the line: ``line[start:end]``; without ``end`` it is the line as a whole."""

    status: int
    message: str
    start: int = 0
    end: int = 0

    @property
    def source(self) -> str:
        """Whose words the message is."""
        return "kernel" if self.status == SAID_NO else "client"


class Runner:
    """Runs lines.

    Args:
        link: the connection for commands.
        output: where results and messages go.
        settings: what the session remembers.
    """

    def __init__(self, link: Link, output: Output, settings: Settings) -> None:
        self.link = link
        self.output = output
        self.settings = settings
        self.left = False
        self.prompt_width = 0  # the prompt sets it, so that a caret stands under what was typed
        self._where: Where | None = None
        self._depth = 0

    def run_line(self, line: str, where: Where | None = None) -> int:
        """Run a line and return its status: 0 done, 1 the kernel said no, 2 usage, 3 no kernel, 4 lost after sending.

        A blank line and a comment do nothing. ``left`` is set by the words that leave. Several lines are run one
        after another.

        Args:
            line: what was typed.
            where: the place in a file that it comes from.
        """
        if "\n" in line:
            return self._run_several(line.splitlines(), where)
        text = line.strip()
        if not text or text.startswith("#"):
            return DONE
        before, self._where = self._where, where
        try:
            return self._timed(line)
        finally:
            self._where = before

    def _timed(self, line: str) -> int:
        started = time.monotonic()
        try:
            return self._run(line)
        finally:
            if self.settings.timing:
                self.output.note(f"{(time.monotonic() - started) * 1000:.1f} ms")

    def _run_several(self, lines: Iterable[str], where: Where | None) -> int:
        statuses = [self.run_line(line, where) for line in lines if not self.left]
        return next(filter(None, statuses), DONE)

    def run_words(self, words: Sequence[str]) -> int:
        """Run a command given as words, which are not split again."""
        if words[0].startswith(":"):
            return self.run_line(" ".join(words))
        return self._timed(to_text(join_words(words, Dialect.V2)))

    def run_lines(self, lines: Iterable[str], file: str) -> int:
        """Run the lines of a file to its end or to the first error, and return the status of the first error."""
        first = DONE
        for number, line in enumerate(lines, 1):
            status = self.run_line(line.rstrip("\r\n"), Where(file, number))
            first = first or status
            if self.left or status == INTERRUPTED or (status and not self.settings.keep_going):
                break
        return first

    def run_file(self, path: str) -> int:
        """Run the lines of a file and return the status of the first error."""
        from pathlib import Path  # noqa: PLC0415 - 5 ms

        if self._depth == _DEEPEST_SOURCE:
            return self.refuse(f"{path}: files that run files, {_DEEPEST_SOURCE} deep")
        self._depth += 1
        try:
            with Path(path).expanduser().open(encoding="utf-8", errors="surrogateescape") as lines:
                return self.run_lines(lines, path)
        except OSError as error:
            return self.refuse(f"{path}: {error.strerror}")
        finally:
            self._depth -= 1

    def full_form(self, line: str) -> str:
        """Return a line as the history keeps it: aliases and abbreviated command words in full."""
        if line.lstrip().startswith(":"):
            from papa_console.repl.local import resolve_local, split_local  # noqa: PLC0415 - most lines are not local

            word, rest = split_local(line)
            try:
                return f"{resolve_local(word).word} {rest}".rstrip()
            except CommandError:
                return line.strip()
        return expand(self.expand_alias(line)).strip()

    def expand_alias(self, line: str) -> str:
        """Return a line with its first word replaced if that is an alias."""
        words = split_typed(line)
        if not words or words[0].raw not in self.settings.aliases:
            return line
        return line[: words[0].start] + self.settings.aliases[words[0].raw] + line[words[0].end :]

    def connect(self, endpoint: str) -> int:
        """Talk to another kernel from now on; nothing changes where none answers there."""
        before = self.link.endpoint
        try:
            self.link.move(endpoint)
        except Error as error:
            return self.refuse(str(error))
        try:
            self.link.connect()
        except Error as error:
            self.link.move(before)
            return self._fail("", Problem(CANNOT_CONNECT, str(error)))
        return DONE

    def refuse(self, message: str) -> int:
        """Say what is wrong with a line of which nothing was sent, and return the status for that."""
        return self._fail("", Problem(USAGE, message))

    def _run(self, line: str) -> int:
        typed = self.expand_alias(line)
        try:
            if typed.lstrip().startswith(":"):
                return self._run_local(typed)
            if [word.text.lower() for word in split_typed(typed)] in ([word] for word in _LEAVE):
                self.left = True
                return DONE
            command = check(typed)
            self._check_strict(typed)
            return self._carry_out(typed, command)
        except TypedError as error:
            return self._fail(typed, Problem(USAGE, str(error), error.start, error.end), echo=typed != line)
        except CommandError as error:
            return self._fail(typed, Problem(USAGE, str(error)))

    def _run_local(self, line: str) -> int:
        from papa_console.repl.local import resolve_local, split_local  # noqa: PLC0415 - most lines are not local

        word, rest = split_local(line)
        return resolve_local(word).run(self, rest)

    def _check_strict(self, line: str) -> None:
        if not self.settings.strict:
            return
        for word in split_typed(line)[:3]:
            full = full_word(line[: word.end])
            if full is not None and full != word.text:
                raise TypedError(f'"{word.text}" is an abbreviation of "{full}"', word.start, word.end)

    def _carry_out(self, line: str, command: Command) -> int:
        words = [word.text for word in split_typed(expand(line))]
        if self.prompt_width and (remark := remark_on_quotes(words)):
            self.output.note(remark)
        try:
            return self._send(command, words)
        except CommandFailedError as error:
            return self._fail(line, Problem(SAID_NO, str(error)))
        except CannotConnectError as error:
            return self._fail(line, Problem(CANNOT_CONNECT, str(error)))
        except LostConnectionError as error:
            return self._fail(line, Problem(LOST, str(error)))
        except Error as error:
            return self._fail(line, Problem(USAGE, str(error)))
        except KeyboardInterrupt:
            message = "interrupted" if command.reads_only else may_have_run(words, "interrupted")
            return self._fail(line, Problem(INTERRUPTED, message))

    def _send(self, command: Command, words: Sequence[str]) -> int:
        from papa_console.repl.render import Answer, render  # noqa: PLC0415 - a line that is refused needs none of it

        rest = words[len(command.words) :]
        if follows(command, rest):
            from papa_console.repl.foreground import follow  # noqa: PLC0415 - it needs signals and polls

            return follow(self, words)
        if command.words == ("quit",):
            self.left = True
            return DONE
        if command.words == ("protocol",) and rest[0] == "1":
            return self.refuse("papa-repl agrees with each kernel on the better dialect that both speak")
        text = self._reply(command, words)
        if command.words == ("exit-if-idle",) and text == "not idle":
            raise CommandFailedError("The kernel is not idle: it holds something, which 'info' counts")
        if command.words == ("get",) and not text:
            raise CommandFailedError(f"There is no value {rest[0]}")
        shown = render(Answer(command, text, self.link.dialect), self.settings.format, self.output)
        if shown is not None:
            self.output.result(shown)
        return DONE

    def _reply(self, command: Command, words: Sequence[str]) -> str:
        try:
            return self.link.run(words)
        except CannotConnectError:
            if command.words != ("help",):
                raise
        except CommandFailedError as error:
            if self.link.dialect is Dialect.V2 or not str(error).startswith("Unknown command"):
                raise
            raise CommandFailedError(f"{error}: the kernel is papa 1.0, which has none of that name") from None
        from papa_protocol.help import help_page  # noqa: PLC0415 - the kernel explains itself while it answers

        return help_page(words[1:])

    def _fail(self, line: str, problem: Problem, *, echo: bool = False) -> int:
        if self.settings.format is Format.JSON:
            self._fail_as_json(problem)
        elif self._where is not None:
            self.output.error(f"{self._where.file}:{self._where.line}:{problem.start + 1}: {problem.message}")
        elif problem.end:
            self._fail_with_caret(line, problem, echo=echo)
        else:
            self._say(f"Error: {problem.message}")
        return problem.status

    def _say(self, text: str) -> None:
        """Say what went wrong; at the prompt between words goes to the next line what the terminal would cut."""
        self.output.error("\n".join(fill(clean(text), self.output.columns)) if self.prompt_width else text)

    def _fail_as_json(self, problem: Problem) -> None:
        import json  # noqa: PLC0415 - 3 ms

        error: dict[str, object] = {"message": problem.message, "source": problem.source}
        error |= {"line": self._where.line if self._where else 1, "column": problem.start + 1}
        if self._where is not None:
            error["file"] = self._where.file
        self.output.result(json.dumps({"ok": False, "error": error}))

    def _fail_with_caret(self, line: str, problem: Problem, *, echo: bool) -> None:
        shown, before = clean(line), width(clean(line[: problem.start]))
        under = "^" + "~" * (width(clean(line[problem.start : problem.end])) - 1)
        indent = self.prompt_width
        if echo or not indent or indent + width(shown) >= self.output.columns:
            self.output.note(f"  {shown}")
            indent = 2
        marked = " " * (indent + before) + under
        fits = width(marked) + 1 + width(problem.message) < self.output.columns
        self._say(f"{marked} {problem.message}" if fits else f"{marked}\n{problem.message}")


def follows(command: Command, rest: Sequence[str]) -> bool:
    """Whether a command streams output instead of ending with a reply."""
    if command.words in (("watch", "processes"), ("tail", "processes")):
        return True
    if command.words != ("make", "process"):
        return False
    from papa_protocol.options import read_options  # noqa: PLC0415 - loaded with the command table

    return bool(read_options(command.options, rest[1:])[0].get("watch"))
