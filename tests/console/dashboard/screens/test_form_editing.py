"""The fields of a form, edited: candidates, choices, lines, what is hidden."""

import asyncio

import pytest
from textual import events

from papa_console.dashboard.screens.editors import ChoiceEditor, PairLine
from papa_console.dashboard.screens.field_row import MoreLine
from papa_console.dashboard.screens.forms import form_for
from support.dialogs import NOTHING, Host, Stage, fill_in, go_to, never, snapshot


def test_candidates_come_while_typing_and_tab_takes_them() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(sockets={"web": {"port": 80, "fileno": 7}}), never, {"executable": "x"})
        async with Stage(Host(form), (100, 40)) as stage:
            await fill_in(stage, form, arguments="--bind $(")
            await stage.until(lambda: len(form.menu.candidates) == 2, "there are two")
            await stage.shows("$(socket.web.port)")

            await stage.press("tab")
            await stage.until(lambda: form.rows["arguments"].editor.text == "--bind $(socket.web.", "what they share")
            await stage.until(lambda: len(form.menu.candidates) == 2, "there are still two")
            await stage.press("tab", "enter")

            await stage.until(
                lambda: form.rows["arguments"].editor.text == "--bind $(socket.web.fileno)", "the first is taken"
            )
            assert stage.app.result is NOTHING

    asyncio.run(main())


def test_a_candidate_is_taken_by_a_click_and_esc_closes_the_list_first() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {})
        async with Stage(Host(form), (100, 40)) as stage:
            await fill_in(stage, form, rlimit="nof")
            await stage.until(lambda: form.menu.is_open, "the list is open")
            await stage.press("escape")
            await stage.until(lambda: not form.menu.is_open, "the list is closed")
            assert stage.app.result is NOTHING
            await stage.press("ctrl+@")
            await stage.until(lambda: form.menu.is_open and form.menu.region.height > 0, "the list is open again")

            await stage.click(form.menu, x=3)

            await stage.until(lambda: form.rows["rlimit"].editor.text == "nofile=", "the candidate is taken")

    asyncio.run(main())


def test_the_list_of_candidates_is_under_the_cursor_and_inside_the_screen() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {})
        async with Stage(Host(form)) as stage:
            await fill_in(stage, form, working_dir="/")
            await stage.until(lambda: form.menu.region.height > 1, "the list is there")

            assert form.region.contains_region(form.menu.region)
            assert form.menu.region.y == form.query_one("LineEditor:focus").region.y + 1

    asyncio.run(main())


def test_an_executable_that_is_complete_lets_tab_pass() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {})
        async with Stage(Host(form)) as stage:
            await fill_in(stage, form, executable="/bin/sh")
            await stage.until(lambda: form.menu.is_open, "there are programs that begin so")

            await stage.press("tab")

            await stage.until(lambda: form.focused is form.rows["arguments"].editor, "the next field has the focus")

    asyncio.run(main())


def test_choices_are_made_with_the_arrows_and_with_a_click() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"name": "x", "executable": "y", "shell": "1"})
        async with Stage(Host(form), (100, 40)) as stage:
            stderr = form.rows["stderr"].editor
            assert isinstance(stderr, ChoiceEditor)
            await go_to(stage, form, "shell")
            await stage.press("right")
            await go_to(stage, form, "stderr")
            await stage.press("right", "right", "right")
            await stage.shows("[stdout]", "send it where stdout goes", "> make process x stderr=stdout y")

            await stage.click(stderr, x=5)

            await stage.shows("> make process x stderr=0 y")

    asyncio.run(main())


def test_there_is_always_one_more_line_for_the_environment() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"name": "x", "executable": "y"})
        async with Stage(Host(form), (100, 40)) as stage:
            await fill_in(stage, form, env="A=1")
            lines = form.rows["env"].query(PairLine)
            await stage.until(lambda: len(lines) == 2, "there is another line")
            await stage.press("down")
            await stage.type("B=2")

            await stage.shows("> make process x env.A=1 env.B=2 y")

    asyncio.run(main())


def test_pasted_lines_become_lines_of_the_environment() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"name": "x", "executable": "y"})
        async with Stage(Host(form), (100, 40)) as stage:
            await go_to(stage, form, "env")
            assert form.focused is not None
            form.focused.post_message(events.Paste("A=1\nB=2\nC=3 4"))

            await stage.shows(r"> make process x env.A=1 env.B=2 env.C=3\ 4 y")

    asyncio.run(main())


@pytest.mark.parametrize("key", ["enter", "space", "click"])
def test_more_shows_and_hides_what_is_not_common(key: str) -> None:
    async def main() -> None:
        form = form_for("sockets", snapshot(), never, {})
        async with Stage(Host(form)) as stage:
            more = form.query_one(MoreLine)
            await stage.shows("▸ more: family type umask interface reuseport")

            if key == "click":
                await stage.click(more)
            else:
                more.focus()
                await stage.press(key)

            await stage.until(lambda: form.query_one("#others").display, "the others are shown")

    asyncio.run(main())


def test_each_field_says_what_it_is_about() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"gid": "0"})
        async with Stage(Host(form), (100, 40)) as stage:
            for name, row in form.rows.items():
                await go_to(stage, form, name)
                about = row.field.about[:60]
                await stage.shows(about)

    asyncio.run(main())
