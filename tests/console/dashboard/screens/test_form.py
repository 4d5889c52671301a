"""Forms, filled in by hand and sent to a real kernel."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from papa.aio import AsyncPapa
from papa_console.dashboard.screens.editors import LineEditor, ProseEditor
from papa_console.dashboard.screens.form import Made
from papa_console.dashboard.screens.forms import form_for, form_like
from papa_protocol.model import ProcessInfo
from support.dialogs import NOTHING, Host, KernelRunner, Stage, fill_in, go_to, never, snapshot
from support.kernels import KernelProcess

LIKE: ProcessInfo = {
    "pid": 4211, "running": True, "args": "/bin/sleep 1000", "argv": ["/bin/sleep", "1000"], "linger": "eof",
}  # fmt: skip


def test_a_process_is_made_from_what_was_typed(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with AsyncPapa(kernel.path) as papa:
            runner = KernelRunner(papa)
            form = form_for("processes", snapshot(), runner, {})
            async with Stage(Host(form)) as stage:
                await fill_in(stage, form, name="job", executable="/bin/sleep", arguments="1000", env="A=1 2")

                await stage.press("enter")
                made = await stage.left()

                assert isinstance(made, Made)
                assert (made.kind, made.name) == ("processes", "job")
                assert made.words == ["make", "process", "job", "env.A=1 2", "/bin/sleep", "1000"]
                assert made.fields["arguments"] == "1000"
            environment = Path(f"/proc/{(await papa.list_processes())['job']['pid']}/environ").read_bytes()
            assert b"A=1 2\0" in environment

    asyncio.run(main())


def test_a_socket_is_made_from_what_was_typed(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with AsyncPapa(kernel.path) as papa:
            form = form_for("sockets", snapshot(), KernelRunner(papa), {"backlog": "7"})
            async with Stage(Host(form)) as stage:
                await fill_in(stage, form, name="web", host="127.0.0.1")

                await stage.press("enter")
                await stage.left()

            assert (await papa.list_sockets())["web"]["backlog"] == 7

    asyncio.run(main())


def test_a_value_of_several_lines_is_set(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with AsyncPapa(kernel.path) as papa:
            form = form_for("values", snapshot(), KernelRunner(papa), {"name": "motd"})
            async with Stage(Host(form)) as stage:
                await go_to(stage, form, "value")
                await stage.type("two words")
                await stage.press("ctrl+j")
                await stage.type("more \\")

                await stage.press("enter")
                await stage.left()

            assert await papa.get("motd") == "two words\nmore \\"

    asyncio.run(main())


def test_the_kernels_error_is_shown_and_all_that_was_typed_stays(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with AsyncPapa(kernel.path) as papa:
            form = form_for("processes", snapshot(), KernelRunner(papa), {})
            async with Stage(Host(form)) as stage:
                await fill_in(stage, form, name="job", executable="/nowhere/x")
                await stage.press("enter")

                await stage.shows("/nowhere/x: no such file or directory")

                assert stage.app.result is NOTHING
                assert form.rows["name"].editor.text == "job"
                await go_to(stage, form, "executable")
                await stage.press("ctrl+u")
                await stage.type("/bin/true")
                await stage.until(lambda: not form.query_one("#failure").display, "typing takes the error away")
                await stage.press("enter")
                assert (await stage.left()).name == "job"

    asyncio.run(main())


def test_another_process_is_made_like_one_that_there_is(kernel: KernelProcess) -> None:
    async def main() -> None:
        async with AsyncPapa(kernel.path) as papa:
            await papa.make_process("web.2", "/bin/sleep", ["1000"], linger="eof")
            held = snapshot(await papa.list_processes())
            runner = KernelRunner(papa)
            async with Stage(Host(form_like("web.2", held, runner, {}))) as stage:
                await stage.shows("The kernel does not tell a process' environment: give it again.")

                await stage.press("enter")
                made = await stage.left()

            assert made.name == "web.3"
            assert made.words == ["make", "process", "web.3", "linger=eof", "/bin/sleep", "1000"]

    asyncio.run(main())


def test_the_environment_of_the_last_time_is_taken_for_the_same_program() -> None:
    async def main() -> None:
        remembered = {"executable": "/bin/sleep", "env": "A=1\nB=2", "rlimit": "nofile=99", "bufsize": "5m"}
        form = form_like("web", snapshot({"web": LIKE}), never, remembered)
        async with Stage(Host(form), (100, 40)) as stage:
            await stage.shows("what is here is from the last time", "env.A=1 env.B=2", "rlimit.nofile=99")

            assert form.rows["bufsize"].editor.text == ""

    asyncio.run(main())


def test_esc_leaves_and_does_nothing() -> None:
    async def main() -> None:
        form = form_for("sockets", snapshot(), never, {"name": "web"})
        async with Stage(Host(form)) as stage:
            await stage.press("escape")

            assert await stage.left() is None

    asyncio.run(main())


def test_the_last_values_are_there_again_and_what_is_hidden_is_shown_where_it_holds_something() -> None:
    async def main() -> None:
        last = {"name": "w", "path": "/run/x.sock", "umask": "077", "type": "dgram"}
        async with Stage(Host(form_for("sockets", snapshot(), never, last)), (100, 40)) as stage:
            await stage.shows("> make socket w path=/run/x.sock type=dgram umask=077", "▾ more", "[dgram]")

    asyncio.run(main())


def test_what_is_wrong_is_told_under_its_field_while_typing() -> None:
    async def main() -> None:
        form = form_for("sockets", snapshot(), never, {})
        async with Stage(Host(form)) as stage:
            await fill_in(stage, form, port="80x")

            await stage.shows('port: expected a number from 0 to 65535, not "80x"')
            rows = stage.lines
            typed = next(n for n, row in enumerate(rows) if "80x" in row)
            assert "expected a number" in rows[typed + 1]
            await stage.press("backspace")
            await stage.until(lambda: "expected" not in stage.text.replace("a number from", ""), "it is right again")

    asyncio.run(main())


def test_enter_goes_to_the_field_that_is_missing_or_wrong_and_sends_nothing() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"name": "x", "executable": "y", "bufsize": "lots"})
        async with Stage(Host(form)) as stage:
            await stage.press("enter")
            await stage.until(lambda: form.focused is form.rows["bufsize"].editor, "the focus is at what is wrong")
            await stage.press("ctrl+u")
            form.rows["executable"].take_focus()
            await stage.press("ctrl+u", "enter")
            await stage.shows("executable: needed")
            assert form.focused is form.rows["executable"].editor

    asyncio.run(main())


def test_the_preview_is_the_command_that_is_sent() -> None:
    async def main() -> None:
        sent: list[list[str]] = []

        async def keep(words: Any) -> str:
            sent.append(list(words))
            return ""

        form = form_for("processes", snapshot(), keep, {})
        async with Stage(Host(form), (100, 40)) as stage:
            await fill_in(stage, form, name="a b", executable="/bin/sh", arguments=r"-c echo\ hi")
            await stage.shows(r"> make process a\ b /bin/sh -c echo\ hi")
            await stage.press("enter")
            await stage.left()

        assert sent == [["make", "process", "a b", "/bin/sh", "-c", "echo hi"]]

    asyncio.run(main())


def test_the_cursor_and_tab_go_from_field_to_field() -> None:
    async def main() -> None:
        form = form_for("sockets", snapshot(), never, {})
        async with Stage(Host(form)) as stage:
            for key, field in (("down", "host"), ("tab", "port"), ("up", "host"), ("shift+tab", "name")):
                await stage.press(key)
                await stage.until(lambda field=field: form.focused is form.rows[field].editor, field)  # type: ignore[misc]

    asyncio.run(main())


def test_enter_pressed_twice_makes_one() -> None:
    async def main() -> None:
        sent: list[object] = []
        answered = asyncio.Event()

        async def slow(words: object) -> str:
            sent.append(words)
            await answered.wait()
            return ""

        async with Stage(Host(form_for("sockets", snapshot(), slow, {"name": "w"}))) as stage:
            await stage.press("enter", "enter")
            answered.set()
            await stage.left()

        assert len(sent) == 1

    asyncio.run(main())


def test_what_came_from_outside_reaches_no_terminal_as_control() -> None:
    async def main() -> None:
        evil = "\x1b]0;x\x07[bold]\u202e"
        argv: ProcessInfo = {"pid": 1, "running": True, "args": evil, "argv": [evil, evil]}
        forms = [
            form_like(evil, snapshot({evil: argv}), never, {}),
            form_for("values", snapshot(), never, {"name": evil, "value": evil}),
            form_for("processes", snapshot(), never, {"name": "x", "executable": "y", "env": f"A={evil}", "uid": evil}),
        ]
        for form in forms:
            async with Stage(Host(form), (100, 40)) as stage:
                await stage.shows("[bold]")

                assert not {"\x1b", "\x07", "\u202e"} & set(stage.text)

    asyncio.run(main())


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
@pytest.mark.parametrize("kind", ["sockets", "processes", "values"])
def test_forms_fit_the_screen_and_keep_their_preview(kind: str, size: tuple[int, int]) -> None:
    async def main() -> None:
        last = {"name": "w", "executable": "x", "bufsize": "2m", "type": "dgram", "env": "A=1\nB=2\nC=3"}
        form = form_for(kind, snapshot(), never, last)
        async with Stage(Host(form), size) as stage:
            await stage.shows("w", "esc leave")
            frame = stage.region("Frame")

            assert form.region.contains_region(frame)
            assert frame.contains_region(stage.region("#preview-box"))
            assert 60 <= frame.width <= 100

    asyncio.run(main())


def test_a_field_that_has_the_focus_is_scrolled_into_sight() -> None:
    async def main() -> None:
        form = form_for("processes", snapshot(), never, {"bufsize": "2m"})
        async with Stage(Host(form), (60, 15)) as stage:
            await go_to(stage, form, "linger")

            await stage.until(lambda: "[exit]" in stage.text, "linger is on the screen")

    asyncio.run(main())


def test_every_editor_has_a_still_cursor() -> None:
    async def main() -> None:
        for kind in ("sockets", "processes", "values"):
            form = form_for(kind, snapshot(), never, {"bufsize": "1"})
            async with Stage(Host(form)) as stage:
                assert not any(line.cursor_blink for line in form.query(Input))
                assert not any(area.cursor_blink for area in form.query(ProseEditor))
                assert form.query(LineEditor) or stage

    asyncio.run(main())
