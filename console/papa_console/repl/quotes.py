"""Quotes around several words, as a shell would take them: here they have no meaning, which is worth a remark. Pure."""

from collections.abc import Sequence

from papa_protocol.words import escape

_QUOTES = ("'", '"')


def remark_on_quotes(words: Sequence[str]) -> str:
    """Return what to say where quotes stand around several words, and nothing otherwise."""
    for first, word in enumerate(words):
        quote = word[:1]
        if quote not in _QUOTES or (len(word) > 1 and word.endswith(quote)):
            continue
        last = next((at for at in range(first + 1, len(words)) if words[at].endswith(quote)), None)
        if last is not None:
            inside = escape(" ".join(words[first : last + 1])[1:-1])
            return f"Quotes are part of the words here. A backslash keeps a space: {inside}"
    return ""
