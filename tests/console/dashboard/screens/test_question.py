"""Questions: each choice by its key, by Enter and by a click; Esc does nothing."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from textual.content import Content

from papa_console.dashboard.screens import confirm
from papa_console.dashboard.screens.confirm import Release
from papa_console.dashboard.screens.question import Choice, ChoiceLine, Question
from papa_protocol.model import ProcessInfo
from support.dialogs import Host, Stage, snapshot

RUNNING: ProcessInfo = {"pid": 4211, "running": True, "buffered": 12345, "args": "web"}
ENDED: ProcessInfo = {"pid": 99, "running": False, "status": 3, "args": "job"}
HELD = snapshot(
    {"web.1": RUNNING, "web.2": RUNNING, "job": ENDED, "[red]x[/red]": ENDED},
    {"web": {"host": "127.0.0.1", "port": 8080}, "app": {"path": "/run/app.sock"}},
    {"deploy.rev": "8f31c2a", "empty": "", "evil": "\x1b]0;x\x07[bold]"},
)
RELEASE = Release("web.1", 12345, 640, "the line of 16:13:00")

QUESTIONS: dict[str, Callable[[], Question]] = {
    "remove a process": lambda: confirm.remove_processes(HELD, ["web.1"]),
    "remove processes": lambda: confirm.remove_processes(HELD, ["web.1", "job"]),
    "remove a socket": lambda: confirm.remove_sockets(HELD, ["web"], {"web": ["web.1"]}),
    "remove values": lambda: confirm.remove_values(HELD, ["deploy.rev", "evil"]),
    "acknowledge": lambda: confirm.acknowledge([RELEASE]),
    "quit while draining": lambda: confirm.quit_while_draining({"web.1": "/tmp/web.1.log"}),
    "start a kernel": lambda: confirm.start_kernel("127.0.0.1:20202"),
}
CHOICES = [(name, choice) for name, make in QUESTIONS.items() for choice in make().choices]
IDS = [f"{name}: {choice.label}" for name, choice in CHOICES]


def body(question: Question) -> str:
    return "\n".join(part.plain for part in question.body)


@pytest.mark.parametrize(("name", "choice"), CHOICES, ids=IDS)
def test_each_choice_is_made_by_its_key(name: str, choice: Choice) -> None:
    async def main() -> None:
        async with Stage(Host(QUESTIONS[name]())) as stage:
            await stage.press(choice.key)

            assert await stage.left() == choice.result

    asyncio.run(main())


@pytest.mark.parametrize(("name", "choice"), CHOICES, ids=IDS)
def test_each_choice_is_made_by_enter_where_it_has_the_focus_and_by_a_click(name: str, choice: Choice) -> None:
    async def choose(by_click: bool) -> object:
        question = QUESTIONS[name]()
        async with Stage(Host(question)) as stage:
            line = next(line for line in question.query(ChoiceLine) if line.choice is choice or line.choice == choice)
            if by_click:
                await stage.click(line, x=5)
            else:
                line.focus()
                await stage.until(lambda: line.has_focus, "it has the focus")
                await stage.press("enter")
            return await stage.left()

    assert asyncio.run(choose(by_click=True)) == choice.result
    assert asyncio.run(choose(by_click=False)) == choice.result


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("remove a process", None),
        ("remove a socket", None),
        ("remove values", None),
        ("acknowledge", confirm.SAVE),
        ("quit while draining", None),
        ("start a kernel", confirm.START),
    ],
)
def test_enter_never_does_what_cannot_be_undone(name: str, result: str | None) -> None:
    async def main() -> None:
        async with Stage(Host(QUESTIONS[name]())) as stage:
            await stage.press("enter")

            assert await stage.left() == result

    asyncio.run(main())


def test_the_arrows_move_from_choice_to_choice() -> None:
    async def main() -> None:
        async with Stage(Host(QUESTIONS["acknowledge"]())) as stage:
            await stage.press("down", "enter")

            assert await stage.left() == confirm.ACKNOWLEDGE

    asyncio.run(main())


@pytest.mark.parametrize(
    ("question", "sentences"),
    [
        (
            QUESTIONS["remove processes"](),
            [
                "web.1 keeps running, pid 4211; its output is discarded. 12,345 bytes of it are not acknowledged yet.",
                "job (exited 3): its output and its exit status are forgotten.",
            ],
        ),
        (
            confirm.remove_sockets(HELD, ["web"], {"web": ["web.1"]}),
            ["web (port 8080): web.1 keeps its copy; the port is free once it has ended."],
        ),
        (
            confirm.remove_sockets(HELD, ["web"], {"web": ["web.1", "web.2"]}),
            ["web.1 and web.2 keep their copies; the port is free once the last has ended."],
        ),
        (confirm.remove_sockets(HELD, ["web"], {}), ["no process holds it; the port is free at once."]),
        (
            confirm.remove_sockets(HELD, ["app"], {"app": ["web.1"]}),
            ["app (/run/app.sock): web.1 keeps its copy; the path is unlinked now."],
        ),
        (confirm.remove_sockets(HELD, ["app"], {}), ["no process holds it; the path is unlinked now."]),
        (confirm.remove_values(HELD, ["deploy.rev"]), ["deploy.rev is forgotten: 8f31c2a"]),
        (confirm.remove_values(HELD, ["empty"]), ["empty is forgotten: (empty)"]),
        (confirm.remove_values(HELD, ["evil"]), [r"evil is forgotten: \x1b]0;x\x07[bold]"]),
        (
            confirm.acknowledge([RELEASE]),
            ["web.1: the kernel forgets 12,345 bytes in 640 lines, up to the line of 16:13:00."],
        ),
        (
            confirm.acknowledge([Release("web.1", 1, 1, watchers=1)]),
            ["the kernel forgets 1 byte in 1 line. Another watcher is attached"],
        ),
        (
            confirm.acknowledge([Release("web.1", 9, 2, watchers=2, foreign=True, end="exited 3")]),
            [
                "2 other watchers are attached",
                "not made in this session",
                "It has ended (exited 3), and its end will be acknowledged: it leaves the kernel; this pane keeps its "
                "text and exit status.",
            ],
        ),
        (
            confirm.acknowledge([Release("a", 1000, 3), Release("b", 24, 1)]),
            ["a: the kernel forgets 1,000 bytes in 3 lines.", "In all 1,024 bytes in 4 lines."],
        ),
        (QUESTIONS["quit while draining"](), ["web.1 is saved to /tmp/web.1.log"]),
        (QUESTIONS["start a kernel"](), ["No kernel listens at 127.0.0.1:20202.", "goes on in the background"]),
    ],
)
def test_the_consequence_is_stated(question: Question, sentences: Sequence[str]) -> None:
    for sentence in sentences:
        assert sentence in body(question)


def test_what_is_long_scrolls_and_the_choices_stay_on_the_screen() -> None:
    async def main() -> None:
        question = Question("Long?", [Content(f"paragraph {n}") for n in range(40)], [Choice("y", "Yes", "yes")])
        async with Stage(Host(question)) as stage:
            await stage.shows("paragraph 0", "Yes", "Leave everything as it is")

            await stage.press("pagedown")

            await stage.until(lambda: "paragraph 0" not in stage.text, "the paragraphs scrolled")
            assert "Yes" in stage.text

    asyncio.run(main())


def test_names_are_shown_as_they_are() -> None:
    async def main() -> None:
        async with Stage(Host(confirm.remove_processes(HELD, ["[red]x[/red]"]))) as stage:
            await stage.shows("Remove [red]x[/red]?", "[red]x[/red] (exited 3)")

    asyncio.run(main())
