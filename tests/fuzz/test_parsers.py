"""Any input at all: parsers keep their word, and what streams bring does not depend on how it was cut."""

import pytest
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from fuzz.amounts import EXAMPLES, SEED
from fuzz.fragments import FRAGMENTS, PARTS, STARTS
from fuzz.targets import TARGETS

PIECES = st.one_of(st.sampled_from(FRAGMENTS), st.binary(max_size=4), st.sampled_from([b" ", b"\n", b"=", b"\xff"]))
LINES = st.builds(bytes.__add__, st.sampled_from(STARTS), st.lists(st.sampled_from(PARTS), max_size=8).map(b"".join))
INPUTS = st.one_of(
    st.lists(PIECES, max_size=8).map(b"".join),
    st.lists(PIECES, max_size=8).map(b" ".join),
    st.binary(max_size=60),
    st.text(st.characters(exclude_categories=[]), max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
OF_COMMANDS = ("words", "options", "commands", "typed", "highlighting")


@pytest.mark.parametrize("target", TARGETS)
def test_a_parser_returns_or_raises_what_it_documents(target: str) -> None:
    @seed(SEED)
    @settings(max_examples=EXAMPLES)
    @given(LINES | INPUTS if target in OF_COMMANDS else INPUTS)
    @example(b"")
    def run(data: bytes) -> None:
        TARGETS[target](data)

    run()
