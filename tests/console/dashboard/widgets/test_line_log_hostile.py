"""What a hostile process writes never reaches the terminal as control, nor as markup."""

import unicodedata

import pytest
from textual.pilot import Pilot

from papa_protocol.watch import Kind
from support.panes import PaneApp, on_pane

Test = Pilot[None]

HOSTILE = [
    b"\x1b[2J\x1b[1;1Hgone",
    b"\x1b]0;title\x07text",
    b"\x1b]52;c;aGVsbG8=\x1b\\text",
    b"\x1bPpayload\x1b\\text",
    b"\x1b[31",
    b"\x1b",
    b"\x9b2Jtext",
    "\u009b2Jtext".encode(),
    b"bell\x07 back\x08\x08 nul\x00 del\x7f vt\x0b ff\x0c",
    b"progress 1%\rprogress 2%\r",
    "\u202eoverride \u2066isolate\u2069 \u200bzero".encode(),
    b"\xff\xfe\xc3 invalid",
    "lone surrogate \udcff".encode("utf-8", "surrogatepass"),
    "\u2028line separator\u2029".encode(),
    b"[bold red]markup[/] [@click=app.quit]here[/]",
    b"tab\tand\ttab",
    "e\u0301 combining \U0001f468\u200d\U0001f469 family".encode(),
    bytes(range(256)).replace(b"\n", b""),
    b"x" * 70_000,
    b"\x1b[31m" * 20_000,
]


def dangerous(text: str) -> list[str]:
    return [character for character in text if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]


@pytest.mark.parametrize("keys", [(), ("w",), ("t",), ("l",), ("slash", "t", "enter")])
def test_no_control_character_reaches_the_strips(keys: tuple[str, ...]) -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        for line in HOSTILE:
            app.write(line)
            app.write(line, name="\x1b[31mna\nme", kind=Kind.ERR)
        app.pane.title_facts = "state \x1b[2J"
        app.pane.set_status("status \x07")
        await app.press(*keys, "g")
        await app.until(lambda: "paused" in app.rows[0])

        shown = []
        while not app.pane.lines.port.following:
            shown += app.rows
            shown += [app.pane.lines.render_line(y).text for y in range(app.pane.lines.size.height)]
            await app.change("pagedown", lambda: (app.pane.lines.port.top, app.pane.lines.port.following))

        assert len(shown) > 40
        assert [text for text in shown if dangerous(text)] == []
        assert "xxxx" in "".join(shown)

    on_pane(test, ("web.1", "\x1b[31mna\nme"))


def test_markup_is_shown_as_it_is() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write("[bold]text[/bold]", name="[red]name[/red]")

        await app.until(lambda: app.text[0] == "[bold]text[/bold]")

        assert "[red]name[/red]" in app.rows[0]

    on_pane(test, ("[red]name[/red]",))


def test_what_is_copied_has_no_control_characters_either() -> None:
    async def test(app: PaneApp, pilot: Test) -> None:
        app.write(*HOSTILE[:10])
        await app.until(lambda: app.text[0] == "gone")

        await app.press("Y")
        await app.until(lambda: app.copied)

        assert dangerous(app.copied[0].text.replace("\n", "")) == []

    on_pane(test)
