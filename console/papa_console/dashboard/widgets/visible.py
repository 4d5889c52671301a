"""Characters that must not reach a terminal, each replaced by a visible one, so that columns keep their text. Pure."""

_C0 = {code: 0x2400 + code for code in range(0x20)}
_OTHERS = (
    (0x80, 0xA0), (0x2028, 0x202F), (0x2066, 0x2070), (0xD800, 0xE000), (0xFEFF, 0xFF00), (0xFFF9, 0xFFFC),
)  # fmt: skip
_VISIBLE = {**_C0, 0x7F: 0x2421, **{code: 0xFFFD for low, high in _OTHERS for code in range(low, high)}}


def visible(text: str) -> str:
    """Return ``text``, character by character, as a terminal may have it: for texts that are being edited."""
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)
