"""The interactive prompt: reads lines with prompt_toolkit and hands them to the runner."""

import time
from dataclasses import replace
from functools import partial

from prompt_toolkit import PromptSession
from prompt_toolkit.application import run_in_terminal
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.enums import EditingMode
from prompt_toolkit.formatted_text import FormattedText, StyleAndTextTuples
from prompt_toolkit.input import Input
from prompt_toolkit.layout.processors import AfterInput
from prompt_toolkit.output import Output
from prompt_toolkit.shortcuts import print_formatted_text
from prompt_toolkit.styles import Style

from papa_console.masking import masked_value
from papa_console.repl.candidate import Candidate
from papa_console.repl.candidates import Known, complete, wanted_value
from papa_console.repl.config import Config, ConfigError, load_config
from papa_console.repl.cursor import remember_silent_terminal, spare_silent_terminals
from papa_console.repl.hints import explain, ghost
from papa_console.repl.history import FullHistory, HistoryFile, history_path
from papa_console.repl.keys import Keys
from papa_console.repl.lexer import STYLES, LineLexer
from papa_console.repl.names import FRESH_SECONDS, NameCache
from papa_console.repl.runner import USAGE, Runner
from papa_console.text import clean_line, fill, shorten, width

_ECHO = "> "


class Prompt:
    """One session at the prompt.

    Args:
        runner: runs what is typed.
        config: the settings.
        history: the history file.
        input: where keys come from; the terminal where None.
        output: where the screen is; the terminal where None.
    """

    def __init__(
        self,
        runner: Runner,
        config: Config,
        history: HistoryFile,
        input: Input | None = None,  # noqa: A002 - prompt_toolkit's word
        output: Output | None = None,
    ) -> None:
        self.runner = runner
        self._warnings: list[str] = []
        self.names = NameCache(runner.link)
        self.keys = Keys(self._complete, self._explain, config.expand)
        self._hints = config.hint
        self._style = Style.from_dict(STYLES)
        self.session: PromptSession[str] = PromptSession(
            message=self._message,
            completer=self.keys.completer,
            complete_while_typing=config.complete_while_typing,
            auto_suggest=AutoSuggestFromHistory() if config.suggest else None,
            history=FullHistory(history, runner.full_form, self._warnings.append),
            lexer=LineLexer(runner.settings.aliases),
            style=self._style,
            key_bindings=self.keys.bindings(),
            editing_mode=EditingMode.VI if config.edit == "vi" else EditingMode.EMACS,
            input_processors=[AfterInput(self._ghost, "class:ghost")],
            reserve_space_for_menu=config.menu_rows,
            enable_suspend=True,
            input=input,
            output=output,
        )
        self.session.app.renderer.cpr_not_supported_callback = None
        self.names.changed = self._names_changed

    def _message(self) -> StyleAndTextTuples:
        link = self.runner.link
        down: StyleAndTextTuples = [("", " "), ("class:down", "(down)")] if link.down else []
        return [("class:prompt", "papa "), ("class:endpoint", clean_line(link.label)), *down, ("class:prompt", "> ")]

    def _ghost(self) -> StyleAndTextTuples:
        """Return what may follow, where nothing else is shown after the cursor."""
        app, buffer = self.session.app, self.session.default_buffer
        taken = buffer.suggestion is not None and buffer.suggestion.text
        if not self._hints or app.is_done or taken or buffer.complete_state or not buffer.document.is_cursor_at_the_end:
            return []
        return [] if "\n" in buffer.text or app.layout.is_searching else [("", ghost(buffer.text))]

    def _known(self) -> Known:
        return Known(self.names.picture, time.time())

    def _complete(self, text: str) -> list[Candidate]:
        self.names.refresh(FRESH_SECONDS)
        if (name := wanted_value(text)) is not None:
            self.names.want_value(name)
        return complete(text, self._known())

    def _explain(self, text: str) -> None:
        rows = explain(text, self._known())
        app = self.session.app
        columns = app.output.get_size().columns
        wide = min(max(width(word) for word, _ in rows), columns // 2)
        lines = FormattedText()
        for word, about in rows:
            begin = f"  {word}{' ' * max(wide - width(word), 0)}  "
            for line in _in_two(about, max(columns - wide - 5, 1)):
                lines += [("", begin), ("class:note", line), ("", "\n")]
                begin = " " * (wide + 4)
        run_in_terminal(lambda: print_formatted_text(lines, output=app.output, style=self._style, end=""))

    def redraw(self) -> None:
        """Draw the prompt again; any thread may ask for that."""
        self.session.app.invalidate()

    def _names_changed(self) -> None:
        """Hand fresh names to the loop; called in the thread of the names."""
        loop = self.session.app.loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(self._show_names)
        except RuntimeError:
            return  # the loop has just been closed: a command runs

    def _show_names(self) -> None:
        self.keys.names_changed(self.session.default_buffer)
        self.redraw()

    def run(self) -> None:
        """Read and run lines until the user leaves."""
        while not self.runner.left:
            self._tell_warnings()
            self.names.forget_values()
            self.names.refresh()
            try:
                text = self.session.prompt()
            except KeyboardInterrupt:
                continue
            except EOFError:
                return
            self._tell_warnings()
            self.run_text(text)

    def _tell_warnings(self) -> None:
        while self._warnings:
            self.runner.output.note(self._warnings.pop(0))

    def run_text(self, text: str) -> None:
        """Run what was typed, or line by line what was pasted."""
        lines = [line for line in text.splitlines() if line.strip()]
        pasted = len(lines) > 1
        self.runner.prompt_width = len(_ECHO) if pasted else sum(width(piece[1]) for piece in self._message())
        try:
            for line in lines:
                if pasted:
                    print_formatted_text(f"{_ECHO}{clean_line(line)}", output=self.session.output)
                if not self.runner.left:
                    self._run_line(line)
        except KeyboardInterrupt:
            self.runner.output.note("interrupted")

    def _run_line(self, line: str) -> None:
        masked = masked_value(line)
        if masked is not None:
            caret = " " * (self.runner.prompt_width + width(line[: masked[0]])) + "^"
            self.runner.output.error(f"{caret} the history does not keep this value: type it")
            return
        self.runner.run_line(line)


def _in_two(text: str, columns: int) -> list[str]:
    """Return a text in two lines at most, broken between words, with an ellipsis where it goes on."""
    first, *rest = fill(text, columns)
    return [shorten(line, columns) for line in (first, *([" ".join(rest)] if rest else []))]


def run_prompt(runner: Runner, config_path: str | None, edit: str | None) -> int:
    """Read and run lines until the user leaves, and return the exit status.

    Args:
        runner: runs what is typed.
        config_path: the settings file; None takes the usual one.
        edit: the keys to edit with, ``vi`` or ``emacs``, instead of what the settings say.
    """
    try:
        config = load_config(config_path)
    except ConfigError as error:
        for message in error.messages:
            runner.output.error(message)
        return USAGE
    if edit is not None:
        config = replace(config, edit=edit)
    history = history_path()
    silent = history.with_name("silent-terminals")
    spare_silent_terminals(silent)
    prompt = Prompt(runner, config, HistoryFile(history))
    prompt.session.app.renderer.cpr_not_supported_callback = partial(remember_silent_terminal, silent)
    runner.link.reconnect_in_background(prompt.redraw)
    try:
        prompt.run()
    finally:
        prompt.names.close()
    return 0
