"""Characters that must not reach a terminal."""

import pytest

from papa_console.dashboard.widgets.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 日", "plain ü 日"),
        ("\x1b[31m\x07\n\t", "␛[31m␇␊␉"),
        ("\x7f\x9b", "␡\ufffd"),
        ("a\u202eb\u2066\ufeff", "a\ufffdb\ufffd\ufffd"),
        ("\udc80", "\ufffd"),
    ],
)
def test_each_is_replaced_by_one_that_can_be_seen(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert len(visible(text)) == len(text)
