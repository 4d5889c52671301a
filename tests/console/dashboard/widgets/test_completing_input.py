"""A line whose candidates come late: keys that were typed ahead do what they would have done later."""

import asyncio
import gc
import threading
from collections.abc import Sequence

import pytest
from textual.app import ComposeResult

from papa_console.dashboard.widgets.completing_input import CompletingInput
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_console.repl.candidate import Candidate
from support.dialogs import Host, Stage
from support.wire import TIMEOUT

PATHS = ("/bin/", "/bin/echo", "/bin/sh", "/bin/sleep", "/boot/")


def paths(text: str) -> Sequence[Candidate]:
    """Return the paths one step on from a text."""
    found = (path for path in PATHS if path.startswith(text) and "/" not in path[len(text) :].rstrip("/"))
    return [Candidate(path, 0, space=not path.endswith("/")) for path in found if path != text]


class Shelf:
    """Where candidates come from: those for ``slow`` come when they are let go."""

    def __init__(self, slow: str) -> None:
        self.slow = slow
        self.asked: list[str] = []
        self.gate = threading.Event()

    def complete(self, text: str) -> Sequence[Candidate]:
        self.asked.append(text)
        if text == self.slow:
            assert self.gate.wait(TIMEOUT)
        return paths(text)


class Line(Host):
    """An application with a line and one below it."""

    def __init__(self, shelf: Shelf, value: str = "") -> None:
        super().__init__()
        self.submitted: list[str] = []
        self._shelf = shelf
        self._value = value

    def compose(self) -> ComposeResult:
        self.menu = CompletionList()
        self.line = CompletingInput(self.menu, self._shelf.complete, self._value)
        self.next = CompletingInput(self.menu, lambda _: ())
        yield from (self.line, self.next, self.menu)

    def on_input_submitted(self, event: CompletingInput.Submitted) -> None:
        self.submitted.append(event.value)


async def asked(stage: Stage, shelf: Shelf, times: int = 1) -> None:
    await stage.until(lambda: shelf.asked.count(shelf.slow) == times, f"asked {times} times for those of {shelf.slow}")


async def press_ahead(stage: Stage, key: str, shelf: Shelf) -> None:
    """Press a key before the candidates have come, which makes it wait for them."""
    pressing = asyncio.create_task(stage.press(key))
    await asked(stage, shelf, 2)
    shelf.gate.set()
    await pressing


async def typed_past_the_list(stage: Stage, app: Line, first: str, rest: str, shelf: Shelf) -> None:
    """Type a text whose list shows, and then one whose list is not there yet."""
    await stage.type(first)
    await stage.until(lambda: app.menu.is_open, "there is a list")
    await stage.type(rest)
    await asked(stage, shelf)


@pytest.mark.parametrize(
    ("first", "rest", "then"),
    [
        pytest.param("/bi", "n/sh", "/bin/sh ", id="a whole path is kept"),
        pytest.param("/bi", "n/sl", "/bin/sleep ", id="the only candidate is taken"),
        pytest.param("/bi", "n/s", "/bin/s", id="what all share is there"),
    ],
)
def test_tab_waits_for_the_candidates_of_the_text(first: str, rest: str, then: str) -> None:
    async def main() -> None:
        shelf = Shelf(first + rest)
        app = Line(shelf)
        async with Stage(app) as stage:
            await typed_past_the_list(stage, app, first, rest, shelf)
            await press_ahead(stage, "tab", shelf)

            await stage.until(lambda: app.line.value.strip() == then.strip(), f"the line is {then!r}")

    asyncio.run(main())


def test_a_candidate_of_an_earlier_text_is_not_taken_by_enter() -> None:
    async def main() -> None:
        shelf = Shelf("/bin/echo")
        app = Line(shelf)
        async with Stage(app) as stage:
            await stage.type("/b")
            await stage.until(lambda: len(app.menu.candidates) == 2, "there is a list")
            await stage.press("tab")
            await stage.until(lambda: app.menu.chosen is not None, "one is chosen")
            await stage.type("in/echo")
            await asked(stage, shelf)
            await stage.press("enter")

            await stage.until(lambda: app.submitted == ["/bin/echo"], f"the line is submitted, not {app.submitted}")
            shelf.gate.set()

    asyncio.run(main())


def test_a_candidate_for_another_place_in_the_line_is_not_taken() -> None:
    async def main() -> None:
        app = Line(Shelf("never"))
        async with Stage(app) as stage:
            await stage.type("/bin/s")
            await stage.until(lambda: len(app.menu.candidates) == 2, "there is a list")
            await stage.press("tab")
            await stage.until(lambda: app.menu.chosen is not None, "one is chosen")
            await stage.press("left", "left", "enter")

            await stage.until(lambda: app.submitted == ["/bin/s"], f"the line is submitted, not {app.submitted}")

    asyncio.run(main())


def test_escape_closes_a_list_that_was_still_being_looked_for() -> None:
    async def main() -> None:
        shelf = Shelf("/b")
        app = Line(shelf)
        async with Stage(app) as stage:
            await stage.type("/b")
            await asked(stage, shelf)
            await press_ahead(stage, "escape", shelf)
            await stage.type("i")

            await stage.until(lambda: app.line.value == "/bi" and app.menu.is_open, "the next text has its list")

    asyncio.run(main())


def test_files_that_do_not_answer_hold_no_key_up() -> None:
    async def main() -> None:
        shelf = Shelf("/b")
        app = Line(shelf)
        async with Stage(app) as stage:
            await stage.type("/b")
            await asked(stage, shelf)
            pressing = asyncio.create_task(stage.press("tab"))

            await stage.until(lambda: app.next.has_focus, "the next field has the focus")
            assert app.line.value == "/b"
            shelf.gate.set()
            await pressing

    asyncio.run(main())


def test_tab_leaves_a_text_alone_that_was_there_before() -> None:
    async def main() -> None:
        app = Line(Shelf("never"), "/b")
        async with Stage(app) as stage:
            await stage.until(lambda: app.line.has_focus, "the line has the focus")
            await stage.press("tab")

            await stage.until(lambda: app.next.has_focus, "the next field has the focus")
            assert app.line.value == "/b"
            assert not app.menu.is_open

    asyncio.run(main())


def test_what_is_not_looked_for_any_more_before_it_began_leaves_no_warning() -> None:
    async def main() -> None:
        app = Line(Shelf("nothing"))
        async with Stage(app) as stage:
            await stage.type("/b")
            await stage.until(lambda: app.menu.is_open, "there is a list")
            app.menu.close()

            app.line.action_offer()
            app.line.action_offer()

            await stage.until(lambda: app.menu.is_open, "there is a list again")
            gc.collect()  # a coroutine that nobody awaited warns when it goes, and a warning fails the test

    asyncio.run(main())


def test_a_list_gets_the_room_it_needs_where_another_was_laid_out_just_before_it() -> None:
    async def main() -> None:
        app = Line(Shelf("nothing"))
        async with Stage(app) as stage:
            app.menu.offer(paths("/bin/echo"[:-1]))
            app.screen._refresh_layout()
            app.menu.offer(paths("/bin/"))

            await stage.until(lambda: app.menu.size.height == 3, f"three rows, not {app.menu.size.height}")

    asyncio.run(main())
