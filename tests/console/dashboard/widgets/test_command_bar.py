"""The command bar, typed into."""

import asyncio
from collections.abc import Sequence

import pytest
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from papa.aio import AsyncPapa
from papa_console.dashboard.widgets.command_bar import MOST_LINES, CommandBar
from papa_console.dashboard.widgets.completion_list import CompletionList
from papa_protocol.model import ProcessInfo
from support.dialogs import Host, KernelRunner, Stage, snapshot
from support.kernels import KernelProcess

RUNNING: ProcessInfo = {"pid": 4211, "running": True, "started": 999_900.0, "args": "x", "argv": ["x"]}
HELD = snapshot({f"web.{number}": RUNNING for number in range(1, 12)} | {"job": RUNNING}, values={"motd": "hello"})


class Below(Static, can_focus=True):
    """Has the focus before the bar."""


class Bar(Host):
    """An application with a bar; what is submitted is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[tuple[list[str], str]] = []

    def compose(self) -> ComposeResult:
        yield Below("below")
        yield CommandBar()

    @property
    def bar(self) -> CommandBar:
        return self.query_one(CommandBar)

    @property
    def menu(self) -> CompletionList:
        return self.query_one(CompletionList)

    def open(self, history: Sequence[str] = ()) -> None:
        self.bar.open(lambda: HELD, history)

    def on_command_bar_submitted(self, event: CommandBar.Submitted) -> None:
        self.submitted.append((event.words, event.line))


async def opened(stage: Stage, app: Bar, history: Sequence[str] = ()) -> None:
    await stage.until(lambda: app.focused is not None, "something has the focus")
    app.open(history)
    await stage.until(lambda: app.bar.line.has_focus, "the bar has the focus")


async def holds(stage: Stage, app: Bar, text: str) -> None:
    await stage.until(lambda: app.bar.line.value == text, f"the line is {text!r}, not {app.bar.line.value!r}")


def test_a_blank_writes_command_words_out_and_backspace_takes_that_back() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("l p ")
            await holds(stage, app, "list processes ")
            await stage.press("backspace")
            await holds(stage, app, "list p")
            await stage.press("alt+space")
            await holds(stage, app, "list p ")

    asyncio.run(main())


def test_what_may_follow_is_shown_after_the_line_and_is_not_taken_by_the_cursor() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.shows("a command; tab completes, ? explains")
            await stage.type("l p ")
            await stage.shows(":list processes [NAME|PATTERN|PID…]")
            await stage.press("right")
            await holds(stage, app, "list processes ")

    asyncio.run(main())


def test_tab_completes_a_word_or_what_all_share_and_then_goes_through_the_list() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("rem")
            await stage.press("tab")
            await holds(stage, app, "remove ")
            await stage.type("p")
            await stage.press("tab")
            await holds(stage, app, "remove processes ")
            await stage.type("w")
            await stage.press("tab")
            await holds(stage, app, "remove processes web.")
            await stage.press("tab")
            await stage.shows("web.10", "1–8 of 11")

            await stage.press("tab", "tab", "shift+tab", "down", "enter")

            await holds(stage, app, "remove processes web.10 ")
            assert not app.menu.is_open
            assert app.submitted == []

    asyncio.run(main())


def test_the_only_candidate_is_taken() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("get m")
            await stage.press("tab")

            await holds(stage, app, "get motd ")

    asyncio.run(main())


def test_the_list_changes_while_typing_and_esc_closes_it_before_the_bar() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("l p web.")
            await stage.press("tab")
            await stage.until(lambda: len(app.menu.candidates) == 11, "all of them")
            await stage.type("1")
            await stage.until(lambda: len(app.menu.candidates) == 3, "those that begin so")
            await stage.press("escape")
            await stage.until(lambda: not app.menu.is_open, "the list is closed")
            assert app.bar.is_open
            await stage.press("escape")
            await stage.until(lambda: not app.bar.is_open, "the bar is closed")
            assert isinstance(app.focused, Below)

    asyncio.run(main())


def test_a_candidate_is_taken_by_a_click() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("get ")
            await stage.press("tab")
            await holds(stage, app, "get motd ")
            await stage.type("x")
            await stage.press(*["backspace"] * 10)
            await stage.type("l p web.")
            await stage.press("tab")
            await stage.until(lambda: app.menu.region.height > 1, "the list is there")

            await stage.click(app.menu, x=4, y=2)

            await holds(stage, app, "list processes web.11 ")

    asyncio.run(main())


def test_no_command_of_the_prompt_itself_is_offered() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.press("tab")
            await stage.until(lambda: app.menu.is_open, "the list is there")

            assert "list" in {candidate.text for candidate in app.menu.candidates}
            assert not any(candidate.text.startswith(":") for candidate in app.menu.candidates)

    asyncio.run(main())


def test_enter_hands_the_full_command_on_and_its_result_is_shown() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("l p job")
            await stage.press("enter")
            await stage.until(lambda: app.submitted, "it is handed on")
            assert app.submitted == [(["list", "processes", "job"], "list processes job")]

            app.bar.show_result(app.submitted[0][0], "job pid=4211 [bold]x[/bold] \x1b[2J")

            await stage.shows("> list processes job", r"job pid=4211 [bold]x[/bold] \x1b[2J")
            await holds(stage, app, "")
            await stage.press("escape")
            await stage.until(lambda: "4211" not in stage.text, "the result is gone")

    asyncio.run(main())


def test_an_error_of_the_kernel_is_shown_and_the_line_stays_to_be_mended() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("r p x")
            await stage.press("enter")
            await stage.until(lambda: app.submitted, "it is handed on")

            app.bar.show_error("There is no process x")

            await stage.shows("✗ There is no process x")
            assert app.bar.line.value == "remove processes x"
            assert app.bar.query_one("#result").has_class("-failed")

    asyncio.run(main())


def test_what_is_wrong_is_pointed_at_and_typing_takes_that_away() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("m s w port=x")
            await stage.press("enter")
            await stage.shows("^ port: expected a number from 0 to 65535")

            lines = stage.lines
            line = next(row for row in lines if "port=x" in row)
            caret = next(row for row in lines if "^ port" in row)
            assert line[caret.index("^")] == "x"
            assert app.submitted == []
            await stage.press("backspace")
            await stage.until(lambda: "^ port" not in stage.text, "it is gone")

    asyncio.run(main())


@pytest.mark.parametrize(
    ("typed", "why"), [("watch p x", "The console never consumes output"), ("q", "q leaves the console")]
)
def test_what_has_no_place_here_is_refused_with_a_sentence(typed: str, why: str) -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type(typed)
            await stage.press("enter")
            await stage.shows(why)

            assert app.submitted == []

    asyncio.run(main())


def test_an_empty_line_closes_the_bar() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.press("enter")

            await stage.until(lambda: not app.bar.is_open, "the bar is closed")
            await stage.until(lambda: isinstance(app.focused, Below), "the focus is back")

    asyncio.run(main())


def test_earlier_lines_come_back_those_that_begin_as_this_one() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app, ["list sockets", "info", "list values"])
            for key, text in (("up", "list values"), ("up", "info"), ("down", "list values"), ("down", "")):
                await stage.press(key)
                await holds(stage, app, text)
            await stage.type("list s")
            await stage.press("up")
            await holds(stage, app, "list sockets")
            await stage.press("up")
            await holds(stage, app, "list sockets")

    asyncio.run(main())


def test_a_line_that_was_carried_out_can_be_called_back() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("info")
            await stage.press("enter")
            await stage.until(lambda: app.submitted, "it is handed on")
            app.bar.show_result(["info"], "version 2")
            await holds(stage, app, "")

            await stage.press("up")

            await holds(stage, app, "info")

    asyncio.run(main())


def test_a_question_mark_explains_at_the_start_of_a_word_and_is_a_character_elsewhere() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            await stage.type("set x?")
            await holds(stage, app, "set x?")
            await stage.press("ctrl+u")
            await stage.type("m s w ?")
            await stage.shows("OPTION=VALUE", "family=")
            await holds(stage, app, "make socket w ")

    asyncio.run(main())


def test_a_long_result_scrolls_and_is_bounded() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            app.bar.show_result(["list", "values"], "\n".join(f"row {n}" for n in range(MOST_LINES + 5)))
            await stage.shows("row 0")
            await stage.press("pagedown")
            await stage.until(lambda: "row 0\n" not in stage.text, "it scrolled")
            app.bar.query_one("#result", VerticalScroll).scroll_end(animate=False)
            await stage.shows("… and 5 more lines")

    asyncio.run(main())


def test_names_are_those_of_the_kernel_at_that_moment(kernel: KernelProcess) -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage, AsyncPapa(kernel.path) as papa:
            runner = KernelRunner(papa)
            held = snapshot()
            app.bar.open(lambda: held, [])
            await stage.until(lambda: app.bar.line.has_focus, "the bar has the focus")
            await stage.type("m p sleeper sleep 1000")
            await stage.press("enter")
            await stage.until(lambda: app.submitted, "it is handed on")
            app.bar.show_result(app.submitted[0][0], await runner(app.submitted[0][0]))
            held = snapshot(await papa.list_processes())
            await holds(stage, app, "")

            await stage.type("tail p s")
            await stage.press("tab")

            await holds(stage, app, "tail processes sleeper ")

    asyncio.run(main())


def test_pasted_control_characters_reach_no_terminal() -> None:
    async def main() -> None:
        app = Bar()
        async with Stage(app) as stage:
            await opened(stage, app)
            app.bar.line.value = "set x \x1b]0;evil\x07\u202e"
            await stage.shows("evil")

            assert not {"\x1b", "\x07", "\u202e"} & set(stage.text)

    asyncio.run(main())


def test_a_focus_that_is_asked_for_while_the_bar_closes_is_kept() -> None:
    class Two(Bar):
        def compose(self) -> ComposeResult:
            yield from super().compose()
            yield Below("other", id="other")

    async def main() -> None:
        app = Two()
        async with Stage(app) as stage:
            await opened(stage, app)

            app.query_one("#other").focus()
            app.bar.close()

            await stage.until(lambda: app.query_one("#other").has_focus, "the other has the focus")

    asyncio.run(main())
