"""The keys of the prompt: command words are written out in place, Tab completes, ``?`` explains.

Only words of commands are ever written out, only at the end of the line, and never in pasted text before Enter.
Backspace right after takes it back.
"""

from collections.abc import Callable
from dataclasses import dataclass

from prompt_toolkit.buffer import Buffer, CompletionState
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.enums import DEFAULT_BUFFER
from prompt_toolkit.filters import Condition, completion_is_selected, emacs_insert_mode, has_focus, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from papa_console.repl.candidate import Candidate, common_start
from papa_console.repl.local import is_local
from papa_protocol.typed import expand, expand_last, full_word

_IN_LINE = has_focus(DEFAULT_BUFFER)
_TYPING = _IN_LINE & (emacs_insert_mode | vi_insert_mode)


@dataclass(frozen=True, slots=True)
class Expansion:
    """What a line was, and what it became."""

    before: str
    after: str


class CandidateCompleter(Completer):
    """Feeds candidates to prompt_toolkit's menu."""

    def __init__(self, complete: Callable[[str], list[Candidate]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:  # noqa: ARG002
        """Return the candidates for the word before the cursor."""
        text = document.text_before_cursor
        return [
            Completion(
                candidate.text,
                start_position=candidate.start - len(text),
                display=candidate.display or candidate.text,
                display_meta=candidate.help,
            )
            for candidate in self._complete(text)
        ]


class Keys:
    """The key bindings and what they remember between two keys.

    Args:
        complete: returns what the word at the end of a text can become.
        explain: shows what may follow a text, above the prompt.
        expand: when command words are written out: ``space``, ``enter`` or ``off``.
    """

    def __init__(
        self, complete: Callable[[str], list[Candidate]], explain: Callable[[str], None], expand: str = "space"
    ) -> None:
        self._complete = complete
        self._explain = explain
        self._expand = expand
        self._expansion: Expansion | None = None
        self._unanswered: str | None = None  # the text at which Tab found nothing yet
        self.completer = CandidateCompleter(complete)

    def bindings(self) -> KeyBindings:
        """Return the bindings."""
        keys = KeyBindings()
        can_revert, asks = Condition(self._can_revert), Condition(self._asks)
        add = keys.add
        add("space", filter=_TYPING)(self._space)
        add("c-space", filter=_TYPING)(_plain_space)
        add("escape", "space", filter=_TYPING)(_plain_space)
        add("backspace", filter=_TYPING & can_revert)(self._revert)
        add("tab", filter=_TYPING)(self._tab)
        add("enter", filter=_IN_LINE)(self._enter)
        add("enter", filter=_IN_LINE & completion_is_selected)(_close_menu)
        add("?", filter=_TYPING & asks)(self._ask)
        add("f1", filter=_IN_LINE)(self._ask)
        add("c-c", filter=_IN_LINE)(self._clear)
        add("<sigint>", filter=_IN_LINE)(self._clear)
        return keys

    def _can_revert(self) -> bool:
        from prompt_toolkit.application import get_app  # noqa: PLC0415 - as prompt_toolkit's own filters do

        done, document = self._expansion, get_app().current_buffer.document
        return done is not None and document.text == done.after and document.is_cursor_at_the_end

    @staticmethod
    def _asks() -> bool:
        from prompt_toolkit.application import get_app  # noqa: PLC0415 - as above

        document = get_app().current_buffer.document
        return document.is_cursor_at_the_end and (not document.text or document.text.endswith(" "))

    def _space(self, event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        longer = expand_last(buffer.text) if self._expand == "space" and _can_expand(buffer) else None
        if longer is None:
            _plain_space(event)
        else:
            self._put(buffer, longer + " ")

    def _put(self, buffer: Buffer, text: str) -> None:
        """Replace the line by its longer form, in a way that Backspace and undo take back."""
        self._expansion = Expansion(buffer.text, text)
        buffer.save_to_undo_stack()
        buffer.document = Document(text)

    def _revert(self, event: KeyPressEvent) -> None:
        assert self._expansion is not None
        event.current_buffer.document = Document(self._expansion.before)
        self._expansion = None

    def _enter(self, event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if self._expand != "off" and "\n" not in buffer.text and not is_local(buffer.text):
            longer = expand(buffer.text)
            if longer != buffer.text:
                buffer.document = Document(longer)
        self._expansion = None
        buffer.validate_and_handle()

    def _clear(self, event: KeyPressEvent) -> None:
        self._expansion = None
        event.current_buffer.reset()

    def _ask(self, event: KeyPressEvent) -> None:
        self._explain(event.current_buffer.document.text_before_cursor)

    def _tab(self, event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        if buffer.complete_state:
            buffer.complete_next()
        else:
            self._complete_line(buffer)

    def _complete_line(self, buffer: Buffer) -> None:
        self._unanswered = None
        text = buffer.document.text_before_cursor
        if self._expand != "off" and _can_expand(buffer) and full_word(text) is not None:
            self._put(buffer, expand(text) + " ")
            return
        candidates = self._complete(text)
        if not candidates:
            self._unanswered = text
            return
        inserted = _insert(buffer, text, candidates)
        if len(candidates) > 1 and not (inserted and self._is_answer(buffer)):
            buffer.start_completion(select_first=False)

    def _is_answer(self, buffer: Buffer) -> bool:
        """Whether what stands there now has nothing left to choose."""
        return not self._complete(buffer.document.text_before_cursor)

    def names_changed(self, buffer: Buffer) -> None:
        """Show fresh names in an open menu, or answer a Tab that found nothing."""
        document, state = buffer.document, buffer.complete_state
        if state is not None and state.complete_index is None:
            fresh = self.completer.get_completions(document, CompleteEvent())
            if fresh != state.completions:
                buffer.complete_state = CompletionState(document, fresh) if fresh else None
        elif state is None and self._unanswered is not None:
            waiting, self._unanswered = self._unanswered, None
            if waiting == document.text_before_cursor and self._complete(waiting):
                self._complete_line(buffer)


def _can_expand(buffer: Buffer) -> bool:
    text = buffer.text
    return buffer.document.is_cursor_at_the_end and "\n" not in text and not is_local(text)


def _plain_space(event: KeyPressEvent) -> None:
    event.current_buffer.insert_text(" ")


def _close_menu(event: KeyPressEvent) -> None:
    event.current_buffer.complete_state = None


def _insert(buffer: Buffer, text: str, candidates: list[Candidate]) -> bool:
    """Insert what all candidates share; return whether that changed the line."""
    start, shared = candidates[0].start, common_start(candidates)
    if len(candidates) == 1:
        followed = buffer.document.current_char == " "
        shared = candidates[0].text + " " * (candidates[0].space and not followed)
    elif not shared.startswith(text[start:]) or shared == text[start:]:
        return False
    buffer.delete_before_cursor(len(text) - start)
    buffer.insert_text(shared)
    return True
