"""Settings, colours, fresh names, carets and pastes at a prompt over a real kernel."""

import io
from pathlib import Path

import pytest
from prompt_toolkit.input import PipeInput
from prompt_toolkit.output import Output as ScreenOutput

from papa import Papa
from papa_console.repl.config import Config
from papa_console.repl.prompt import Prompt
from support.kernels import KernelProcess
from support.prompts import end, look_after, make_prompt
from support.screens import Screen, Typist, drive


@pytest.mark.parametrize(
    ("config", "keys", "line"),
    [
        (Config(expand="enter"), "l<Space>p<Space>", "papa> l p [NAME|PATTERN|PID…]"),
        (Config(expand="enter"), "l p<Enter>", "papa> list processes"),
        (Config(expand="enter"), "l<Tab>", "papa> list sockets|processes|values"),
        (Config(expand="off"), "l p<Enter>", "papa> l p"),
        (Config(expand="off"), "l<Space>p<Tab>", "papa> l processes [NAME|PATTERN|PID…]"),
        (Config(hint=False), "l", "papa> l"),
        (Config(suggest=False), "<History:list values>l", "papa> l  ⇢ list"),
        (Config(edit="vi"), "l x\x1b", "papa> list x"),
    ],
)
def test_settings_change_what_keys_do(
    config: Config, keys: str, line: str, holding: KernelProcess, tmp_path: Path
) -> None:
    look = look_after(holding.port, tmp_path / "history", keys, config)

    assert look.lines == [line]


def test_a_setting_opens_the_menu_while_typing(holding: KernelProcess, tmp_path: Path) -> None:
    look = look_after(holding.port, tmp_path / "history", "l p wo", Config(complete_while_typing=True), "worker.2")

    assert [line.split() for line in look.lines] == [
        ["papa>", "list", "processes", "wo"],
        ["worker.1", "pid", "N", "running", "T"],
        ["worker.2", "pid", "N", "running", "T"],
    ]


@pytest.mark.parametrize(
    ("keys", "word", "color"),
    [
        ("l p web", "web", "cyan"),
        ("l x ", "x", "red"),
        ("xyz", "xyz", "red"),
        ("get a b", "b", "red"),
        ("m p web bufsize=1m cat", "bufsize=", "green"),
        ("m p web bufsize=lots cat", "lots", "red"),
        ("m p web cat $(socket.web.port)", "$(socket.web.port)", "magenta"),
        (":json", ":json", "default"),
        (":nothing", ":nothing", "red"),
    ],
)
def test_words_are_coloured_by_what_they_are(
    keys: str, word: str, color: str, holding: KernelProcess, tmp_path: Path
) -> None:
    screen = look_after(holding.port, tmp_path / "history", keys, Config(hint=False)).screen

    row = screen.screen.display[0]
    at = row.index(word, len("papa "))
    assert {screen.screen.buffer[0][column].fg for column in range(at, at + len(word))} == {color}


def test_command_words_are_bold(holding: KernelProcess, tmp_path: Path) -> None:
    screen = look_after(holding.port, tmp_path / "history", "set web").screen

    at = screen.screen.display[0].index("set")
    assert [screen.screen.buffer[0][at + column].bold for column in range(4)] == [True, True, True, False]


def test_fresh_names_appear_in_an_open_menu(holding: KernelProcess, tmp_path: Path) -> None:
    screen = Screen(100, 24)
    made: list[Prompt] = []

    def make(pipe: PipeInput, output: ScreenOutput) -> Prompt:
        made.append(make_prompt(holding.port, tmp_path / "history", pipe, output))
        return made[0]

    async def act(prompt: Prompt, typist: Typist) -> None:
        prompt.names.refresh()
        await typist.until(lambda: bool(prompt.names.picture.kinds["processes"].names))
        await typist.type("l s \t")
        with Papa(holding.port) as papa:
            papa.make_socket("made.later", port=0)
        assert not any("made.later" in line for line in screen.lines)
        prompt.names.refresh()
        await typist.until(lambda: any("made.later" in line for line in screen.lines))

    drive(make, screen, act)

    end(made[0])
    with Papa(holding.port) as papa:
        papa.remove_sockets("made.later")


@pytest.mark.parametrize(
    ("line", "wrong", "message"),
    [
        ("make process web bufsize=lots /bin/true", "lots", "bufsize: expected a number of bytes"),
        ("list things", "things", 'Unknown word "things" after "list"'),
        ("get a b", "b", 'Unexpected word "b"'),
        ("set deploy.token …", "…", "the history does not keep this value: type it"),
        ("make process x env.DB_PASS=… /bin/true", "…", "the history does not keep this value: type it"),
    ],
)
def test_a_caret_stands_under_what_is_wrong(
    line: str, wrong: str, message: str, holding: KernelProcess, tmp_path: Path
) -> None:
    error = io.StringIO()
    prompt = make_prompt(holding.port, tmp_path / "history", None, None, error=error)

    prompt.run_text(line)

    end(prompt)
    column = len("papa 127.0.0.1:34567> ") + line.rindex(wrong)
    marked = f"{' ' * column}^{'~' * (len(wrong) - 1)}"
    assert error.getvalue().startswith((f"{marked} {message}", f"{marked}\n{message}"))


def test_what_is_wrong_is_broken_between_words(holding: KernelProcess, tmp_path: Path) -> None:
    error = io.StringIO()
    prompt = make_prompt(holding.port, tmp_path / "history", None, None, error=error)

    prompt.run_text("make process another rlimit.banana=1 /bin/true")

    end(prompt)
    assert error.getvalue().splitlines() == [
        'Error: Unknown limit "banana": expected one of as, core, cpu, data, fsize,',
        "memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending, stack",
    ]


def test_an_explanation_goes_on_in_a_second_line_and_no_further(holding: KernelProcess, tmp_path: Path) -> None:
    look = look_after(holding.port, tmp_path / "history", "make process web ?")

    at = next(number for number, line in enumerate(look.lines) if "linger=" in line)
    assert look.lines[at : at + 3] == [
        "  linger=          when to report the end: at the exit, or at the end of file, once nothing holds",
        "   its output open; exit or eof (default: exit)",
        "  listen=          pass on sockets as systemd does, from descriptor 3 on in this order; names of",
    ]


def test_pasted_lines_run_one_by_one(holding: KernelProcess, tmp_path: Path) -> None:
    shown, screen = io.StringIO(), Screen()
    prompt = make_prompt(holding.port, tmp_path / "history", None, screen.output(), out=shown)

    prompt.run_text("get motd\nget nothing\n\n  get deploy.rev\n")

    end(prompt)
    assert shown.getvalue().split("\n") == ["two words", "8f31c2a", ""]
    assert screen.lines == ["> get motd", "> get nothing", ">   get deploy.rev"]


def test_a_line_after_one_that_leaves_is_not_run(holding: KernelProcess, tmp_path: Path) -> None:
    shown, screen = io.StringIO(), Screen()
    prompt = make_prompt(holding.port, tmp_path / "history", None, screen.output(), out=shown)

    prompt.run_text("quit\nget motd")

    end(prompt)
    assert not shown.getvalue()
    assert prompt.runner.left
