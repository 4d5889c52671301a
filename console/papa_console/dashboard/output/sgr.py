"""Select Graphic Rendition: what the parameters of ``ESC [ … m`` make of a style."""

from collections.abc import Iterator
from functools import lru_cache

from rich.color import Color
from rich.style import Style

PLAIN = Style.null()
_LONGEST = 256  # nobody means a longer sequence

# Blinking is not wanted in a screen full of lines, and concealed text would hide something: both are left out.
_ON = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse", 9: "strike", 21: "underline"}
_OFF = {22: ("bold", "dim"), 23: ("italic",), 24: ("underline",), 27: ("reverse",), 29: ("strike",)}
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")
_EXTENDED = {38: "color", 48: "bgcolor", 58: ""}  # 58: the colour of underlines, which is read over


@lru_cache(4096)
def apply(style: Style, parameters: str) -> Style:
    """Return what ``style`` becomes after a sequence with ``parameters``, such as ``1;38;5;208``."""
    if len(parameters) > _LONGEST:
        return style
    looks: dict[str, bool | Color | None] = {name: getattr(style, name) for name in (*_ATTRIBUTES, "color", "bgcolor")}
    codes = iter(parameters.split(";"))
    for code in codes:
        if ":" in code:
            _apply_grouped(looks, code)
        else:
            _apply_code(looks, _number(code), codes)
    return Style(**{name: value for name, value in looks.items() if value}) or PLAIN  # type: ignore[arg-type]


def _number(text: str) -> int:
    return int(text or 0)


def _apply_code(looks: dict[str, bool | Color | None], code: int, rest: Iterator[str]) -> None:
    if code == 0:
        looks.clear()
    elif code in _ON:
        looks[_ON[code]] = True
    elif code in _OFF:
        looks.update(dict.fromkeys(_OFF[code]))
    elif code in _EXTENDED:
        _set(looks, _EXTENDED[code], _extended(rest))
    else:
        _apply_color(looks, code)


def _apply_color(looks: dict[str, bool | Color | None], code: int) -> None:
    base, number = code - code % 10, code % 10
    which = "color" if base in (30, 90) else "bgcolor"
    if base in (30, 40) and number == 9:
        looks[which] = None
    elif base in (30, 40, 90, 100) and number < 8:
        looks[which] = Color.from_ansi(number + (8 if base >= 90 else 0))


def _extended(rest: Iterator[str]) -> Color | None:
    """Read ``5;N`` or ``2;R;G;B``."""
    mode = next(rest, "")
    if mode == "5":
        return _indexed(next(rest, ""))
    if mode == "2":
        return _rgb([next(rest, ""), next(rest, ""), next(rest, "")])
    return None


def _apply_grouped(looks: dict[str, bool | Color | None], code: str) -> None:
    """Apply a code with subparameters: ``38:5:N``, ``38:2:R:G:B``, ``38:2:SPACE:R:G:B``, ``4:3``."""
    first, *more = code.split(":")
    number = _number(first)
    if number == 4:
        looks["underline"] = more != ["0"]
    elif number in _EXTENDED and more[0] == "5":
        _set(looks, _EXTENDED[number], _indexed(more[1] if len(more) > 1 else ""))
    elif number in _EXTENDED and more[0] == "2":
        _set(looks, _EXTENDED[number], _rgb(more[2:5] if len(more) > 4 else more[1:4]))


def _set(looks: dict[str, bool | Color | None], which: str, color: Color | None) -> None:
    if which and color is not None:
        looks[which] = color


def _indexed(text: str) -> Color | None:
    number = _number(text)
    return Color.from_ansi(number) if number < 256 else None


def _rgb(parts: list[str]) -> Color | None:
    numbers = [_number(part) for part in parts]
    return Color.from_rgb(*numbers) if len(numbers) == 3 and max(numbers) < 256 else None
