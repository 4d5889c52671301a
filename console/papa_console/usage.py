"""What a program says about itself: one table drives the page of ``--help`` and the manual page."""

from typing import NamedTuple

from papa_console.flags import Flag, flag_rows

Rows = tuple[tuple[str, str], ...]
_WIDTH = 100


class Usage(NamedTuple):
    """A program as its user sees it.

    Args:
        program: what is typed.
        summary: what it is for, in half a line.
        synopsis: what may follow its name, a line for each way to use it.
        about: paragraphs.
        flags: the options.
        examples: lines that can be typed, each with what it does.
        statuses: exit statuses, each with what it means.
        environment: variables that it reads, each with what for.
        files: files that it reads and writes, each with what for.
    """

    program: str
    summary: str
    synopsis: tuple[str, ...]
    about: tuple[str, ...]
    flags: tuple[Flag, ...]
    examples: Rows
    statuses: Rows
    environment: Rows
    files: Rows

    def page(self) -> str:
        """Return the page that ``--help`` prints."""
        import textwrap  # noqa: PLC0415 - for this page alone

        starts = ["Usage:", *["      "] * (len(self.synopsis) - 1)]
        lines = [f"{start} {self.program} {way}" for start, way in zip(starts, self.synopsis, strict=True)]
        for paragraph in self.about:
            lines += ["", *textwrap.wrap(paragraph, _WIDTH, break_on_hyphens=False)]
        lines += ["", *flag_rows(self.flags)]
        for title in ("Examples", "Environment", "Files", "Exit status"):
            rows: Rows = self.statuses if title == "Exit status" else getattr(self, title.lower())
            lines += ["", f"{title}:", *_table(rows)]
        return "\n".join(lines)


def _table(rows: Rows) -> list[str]:
    wide = max(len(left) for left, _ in rows) + 2
    return [f"  {left:<{wide}}{right}" for left, right in rows]
